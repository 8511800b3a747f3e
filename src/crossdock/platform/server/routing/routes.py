"""``/v1/routes``: plan a problem in the background, watch the search, explain, compare."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from crossdock.platform.server.idempotency import Idempotency, KeyNeeded
from crossdock.platform.server.object_body import Told
from crossdock.platform.server.principal import PLAN, READ, Principal, Require
from crossdock.platform.server.routing.asking import (
    MOST_ITERATIONS,
    MOST_SECONDS,
    RouteDesk,
    compared,
    explained,
)
from crossdock.platform.store.database.route_plans import StoredRoutePlan

_JSON, _EVENTS = "application/json", "text/event-stream"
_ENDED = ("done", "dead", "cancelled")
_LOOKS_EVERY_S = 0.5
_LONGEST_S = 3_600.0
_OBJECT = {"type": "object"}


class RoutePlanAccepted(BaseModel):
    """Routes are being planned by a job; cancel it at ``/v1/jobs/{job_id}/cancel``."""

    plan_id: str
    job_id: str


class RoutePlanProgress(BaseModel):
    """How far a plan is: ``trace`` is seconds and cost in USD at each improvement."""

    plan_id: str
    job_id: str
    state: Literal["waiting", "running", "done", "failed", "dead", "cancelled"]
    stage: str
    share_done: float
    error: str | None
    trace: list[list[float]]
    created_at: dt.datetime
    created_by: str


class RoutePlanAnswer(RoutePlanProgress):
    """A plan as of `crossdock route plan`, once it is made."""

    plan: dict[str, Any] | None


def _body(required: list[str], **properties: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties,
              "additionalProperties": False}  # fmt: skip
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema}}}}


_PLAN_BODY = _body(
    ["problem"],
    problem=_OBJECT,
    seconds={"type": "number", "minimum": 0.1, "maximum": MOST_SECONDS},
    iterations={"type": "integer", "minimum": 0, "maximum": MOST_ITERATIONS},
    seed={"type": "integer", "minimum": 0, "maximum": 2**31},
    skip_bad={"type": "boolean"},
    start=_OBJECT,
    plan=_OBJECT,
    events=_OBJECT,
)
_EXPLAIN_BODY = _body(["problem", "plan"], problem=_OBJECT, plan=_OBJECT, stop={"type": "string"})
_DIFF_BODY = _body(
    ["was", "now"],
    was=_OBJECT,
    now=_OBJECT,
    tolerance_s={"type": "number", "minimum": 0, "maximum": 1e9},
)


def routing_router(desk: RouteDesk, idempotency: Idempotency, require: Require) -> APIRouter:
    """The routes of route plans."""
    router = APIRouter(prefix="/v1/routes", tags=["routes"])
    reader, planner = Depends(require(READ)), Depends(require(PLAN))

    @router.post(
        "/plans",
        status_code=HTTPStatus.ACCEPTED,
        response_model=RoutePlanAccepted,
        openapi_extra=_PLAN_BODY,
    )
    def ask_for_routes(*, principal: Principal = planner, told: Told, key: KeyNeeded) -> Response:
        """Have a problem planned; with `plan` and `events` the rest of a day is planned again.

        The documents are those of `crossdock route plan`; a problem with faults is refused, each
        of them in `errors`. 10 seconds unless `seconds` or `iterations` say otherwise.
        """

        def ask(token: str) -> Response:
            plan_id, job_id = desk.ask(principal, told, token)
            return JSONResponse(
                {"plan_id": plan_id, "job_id": job_id},
                HTTPStatus.ACCEPTED,
                {"Location": f"/v1/routes/plans/{plan_id}"},
            )

        return idempotency.answer(key, principal, ask)

    @router.get("/plans/{route_plan_id}")
    def read_routes(route_plan_id: str, principal: Principal = reader) -> RoutePlanAnswer:
        """A plan, and how the search for it goes."""
        found = desk.read(principal.tenant, route_plan_id)
        plan = desk.plan(principal.tenant, route_plan_id) if found.state == "done" else None
        return RoutePlanAnswer(**_progress(found).model_dump(), plan=plan)

    @router.get(
        "/plans/{route_plan_id}/stream",
        response_class=StreamingResponse,
        responses={200: {"content": {_EVENTS: {}}}},
    )
    async def watch_routes(route_plan_id: str, principal: Principal = reader) -> Response:
        """The search as it goes, as server-sent events `progress`, until it has ended."""
        first = await run_in_threadpool(desk.read, principal.tenant, route_plan_id)
        stream = _watched(desk, principal.tenant, first)
        return StreamingResponse(stream, media_type=_EVENTS, headers={"Cache-Control": "no-store"})

    @router.post("/explain", openapi_extra=_EXPLAIN_BODY, response_class=Response,
                 dependencies=[reader])  # fmt: skip
    def explain_routes(told: Told) -> Response:
        """What each route costs and what binds it; with `stop` why that stop is where it is."""
        return _answered(explained(told))

    @router.post("/diff", openapi_extra=_DIFF_BODY, response_class=Response,
                 dependencies=[reader])  # fmt: skip
    def compare_routes(told: Told) -> Response:
        """Where the plan `now` differs from `was`: stops, routes, times, costs by kind."""
        return _answered(compared(told))

    return router


async def _watched(desk: RouteDesk, tenant: str, first: StoredRoutePlan) -> AsyncIterator[str]:
    found, before = first, ""
    passed_s = 0.0
    while True:
        told = _progress(found).model_dump(mode="json")
        text = json.dumps(told)
        if text != before:
            yield f"event: progress\ndata: {text}\n\n"
            before = text
        if found.state in _ENDED or passed_s >= _LONGEST_S:
            return
        await asyncio.sleep(_LOOKS_EVERY_S)
        passed_s += _LOOKS_EVERY_S
        found = await run_in_threadpool(desk.read, tenant, found.plan_id)


def _progress(found: StoredRoutePlan) -> RoutePlanProgress:
    return RoutePlanProgress.model_validate(
        {
            **{name: getattr(found, name) for name in RoutePlanProgress.model_fields},
            "trace": [list(each) for each in found.trace],
        }
    )


def _answered(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type=_JSON)
