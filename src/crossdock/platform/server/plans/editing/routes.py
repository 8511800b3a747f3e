"""``/v1/plans/{plan_id}/days/...``: the routes of a facility on a date, read and changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response

from crossdock.platform.server.idempotency import Idempotency, KeyNeeded
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.plans.editing import shapes
from crossdock.platform.server.plans.editing.days import DayKey
from crossdock.platform.server.plans.editing.desk import PlanEditing, told_edit
from crossdock.platform.server.plans.editing.documents import day_document
from crossdock.platform.server.principal import PLAN, READ, Principal, Require

MOST_PARCELS = 2_000

_Metro = Annotated[str, Path(max_length=100, description="A facility that sends out routes.")]
_Date = Annotated[str, Path(max_length=20, description="Of delivery, as 2026-12-01.")]
_Number = Annotated[str, Path(max_length=20, description="Of the edit.")]
_JSON = "application/json"
_Format = Literal["csv", "geojson", "pdf"]


def plan_editing_router(
    editing: PlanEditing, idempotency: Idempotency, require: Require
) -> APIRouter:
    """The routes; 404 where the tenant has no such plan, facility or day."""
    router = APIRouter(prefix="/v1/plans", tags=["plans"])
    reader, planner = Depends(require(READ)), Depends(require(PLAN))
    day_path = "/{plan_id}/days/{metro_id}/{delivery_date}"

    @router.get(day_path, responses={200: {"model": shapes.FacilityDay}})
    def read_day(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        principal: Principal = reader,
    ) -> Response:
        """Its routes with their strips of time, stops and costs, and the vehicles left over."""
        content = editing.told(_key(principal, plan_id, metro_id, delivery_date))
        return Response(content, media_type=_JSON)

    @router.post(day_path + "/preview", responses={200: {"model": shapes.MovePreview}})
    def preview_move(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        asked: shapes.PreviewAsked,
        principal: Principal = reader,
    ) -> Response:
        """Stops weighed on every vehicle: whether each can take them, at what cost, who is late.

        Nothing is changed. 409 where the day is at another version.
        """
        key = _key(principal, plan_id, metro_id, delivery_date)
        return _answered(editing.weigh(key, asked))

    @router.post(day_path + "/moves", response_model=shapes.EditMade)
    def move_stops(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        asked: shapes.MoveAsked,
        *,
        principal: Principal = planner,
        key: KeyNeeded,
    ) -> Response:
        """Have stops served by another vehicle, as a new version of the draft.

        409 where it cannot be, with the `refusals`, or where somebody changed the day.
        """
        day = _key(principal, plan_id, metro_id, delivery_date)
        return idempotency.answer(
            key, principal, _once(lambda: editing.move(principal, day, asked))
        )

    @router.post(day_path + "/locks", response_model=shapes.EditMade)
    def lock_routes(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        asked: shapes.LockAsked,
        *,
        principal: Principal = planner,
        key: KeyNeeded,
    ) -> Response:
        """Lock routes, or stops on their vehicle, or free them."""
        day = _key(principal, plan_id, metro_id, delivery_date)
        return idempotency.answer(
            key, principal, _once(lambda: editing.lock(principal, day, asked))
        )

    @router.post(
        day_path + "/optimise",
        status_code=HTTPStatus.ACCEPTED,
        response_model=shapes.OptimiseAccepted,
    )
    def optimise_day(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        asked: shapes.OptimiseAsked,
        *,
        principal: Principal = planner,
        key: KeyNeeded,
    ) -> Response:
        """Have what is not locked planned anew by a job, from what stands, and never dearer.

        Locked routes stay as they are, locked stops on their vehicle.
        """
        day = _key(principal, plan_id, metro_id, delivery_date)

        def ask(token: str) -> Response:
            job_id = editing.optimise(principal, day, asked, token)
            return JSONResponse(
                {"job_id": job_id}, HTTPStatus.ACCEPTED, {"Location": f"/v1/jobs/{job_id}"}
            )

        return idempotency.answer(key, principal, ask)

    @router.post(day_path + "/optimise/{job_id}/end", response_model=shapes.OptimiseAccepted)
    def end_search(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        job_id: str,
        *,
        principal: Principal = planner,
        key: KeyNeeded,
    ) -> Response:
        """Have the search end now and keep the best that it has found.

        To discard that, cancel the job. One that waits is cancelled; one that has ended stays.
        """
        day = _key(principal, plan_id, metro_id, delivery_date)

        def end() -> dict[str, Any]:
            editing.end_search(day, job_id)
            return {"job_id": job_id}

        return idempotency.answer(key, principal, _once(end))

    @router.get(day_path + "/changes", responses={200: {"model": shapes.DayComparison}})
    def compare_day(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        principal: Principal = reader,
        against: Annotated[str | None, Query(max_length=100, description="Another plan.")] = None,
        at: Annotated[int | None, Query(ge=0, description="As it was after this edit.")] = None,
    ) -> Response:
        """Differences from another plan, or from this one as it was; by default as it was made."""
        day = _key(principal, plan_id, metro_id, delivery_date)
        return _answered(editing.compare(day, against, at, MOST_PARCELS))

    @router.get(
        day_path + "/export",
        response_class=Response,
        responses={
            200: {"content": {kind: {} for kind in ("text/csv", "application/geo+json",
                                                    "application/pdf")}}
        },
    )  # fmt: skip
    def export_day(
        plan_id: str,
        metro_id: _Metro,
        delivery_date: _Date,
        principal: Principal = reader,
        as_: Annotated[_Format, Query(alias="format")] = "csv",
    ) -> Response:
        """Stops as CSV, routes as GeoJSON, or what each driver takes along as PDF."""
        day = editing.open(_key(principal, plan_id, metro_id, delivery_date))
        content, kind = day_document(day, as_)
        name = f"{metro_id}-{delivery_date}.{as_}".replace('"', "").replace("\\", "")
        told = f'attachment; filename="{name}"' if name.isascii() else "attachment"
        return Response(content, media_type=kind, headers={"Content-Disposition": told})

    @router.get("/{plan_id}/edits", responses={200: {"model": shapes.EditPage}})
    def read_edits(
        plan_id: str,
        principal: Principal = reader,
        facility_id: Annotated[str | None, Query(max_length=100)] = None,
        delivery_date: dt.date | None = None,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Who changed what on a draft and when, the newest first; of one facility-day with both."""
        of = None if facility_id is None or delivery_date is None else (facility_id, delivery_date)
        edits = editing.history(principal.tenant, plan_id, of)
        scope = f"edits {plan_id} {of}"
        last = position_of(cursor, scope, (int,))
        if last is not None:
            edits = [edit for edit in edits if edit.number < int(last[0])]
        items, following = page_of(edits[: limit + 1], limit, scope, lambda edit: (edit.number,))
        return _answered({"items": [told_edit(each) for each in items], "next_cursor": following})

    @router.post("/{plan_id}/edits/{edit_number}/undo", response_model=shapes.EditMade)
    def undo_edit(
        plan_id: str,
        edit_number: _Number,
        *,
        principal: Principal = planner,
        key: KeyNeeded,
    ) -> Response:
        """Take an edit back, by one more edit; 409 where its routes were changed again since."""
        return idempotency.answer(
            key, principal, _once(lambda: editing.undo(principal, plan_id, _number(edit_number)))
        )

    return router


def _key(principal: Principal, plan_id: str, metro_id: str, date: str) -> DayKey:
    """What is no date is a day that the plan does not have."""
    try:
        found = dt.date.fromisoformat(date)
    except ValueError:
        found = dt.date.min
    return DayKey(principal.tenant, plan_id, metro_id, found)


def _number(told: str) -> int:
    """What is no number is one that no edit has."""
    return int(told) if told.isascii() and told.isdigit() else 0


def _once(work: Callable[[], dict[str, Any]]) -> Callable[[str], Response]:
    return lambda _: _answered(work())


def _answered(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type=_JSON)
