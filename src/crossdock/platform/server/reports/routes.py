"""``/v1/reports``: what happened to a released plan so far, as data and as a page to keep."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import msgspec
from fastapi import APIRouter, Depends
from fastapi.responses import Response

from crossdock.platform.server.principal import READ, Principal, Require
from crossdock.platform.server.reports.reports import Report, Reports
from crossdock.platform.server.reports.shapes import PlanReport
from crossdock.platform.server.tower import Desks

_CATCHES_UP_S = 2.0
_NO_PLAIN_NAME = re.compile(r"[^A-Za-z0-9._-]")
_AN_HTML_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}


def reports_router(reports: Reports, desks: Desks, require: Require) -> APIRouter:
    """The routes of reports; 409 while the plan is not released."""
    router = APIRouter(prefix="/v1/reports", tags=["reports"])
    reader = Depends(require(READ))

    async def report_of(principal: Principal, plan_id: str) -> Report:
        desk = await desks.of(principal.tenant)
        await desk.caught_up(_CATCHES_UP_S)
        return await reports.of(desk, plan_id)

    @router.get("/{plan_id}", responses={200: {"model": PlanReport}})
    async def read_report(plan_id: str, principal: Principal = reader) -> Response:
        """What happened to a released plan so far, beside what was planned.

        Figures are of the instant ``at``, which is up to a minute ago.
        """
        report = await report_of(principal, plan_id)
        return Response(msgspec.json.encode(report.record), media_type="application/json")

    @router.get("/{plan_id}/document", response_class=Response, responses=_AN_HTML_PAGE)
    async def read_document(plan_id: str, principal: Principal = reader) -> Response:
        """The same as one self-contained page, to be saved and sent on."""
        report = await report_of(principal, plan_id)
        page = await asyncio.to_thread(report.measured.document)
        name = _NO_PLAIN_NAME.sub("-", plan_id)
        return Response(
            page,
            media_type="text/html; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="report-{name}.html"',
                # It has scripts of its own: opened all the same, they are nobody's here.
                "Content-Security-Policy": "sandbox",
            },
        )

    return router
