"""``/v1/plans``: ask for a plan, watch it being made, read it, release it."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from crossdock.model.tables import RUN_TABLES
from crossdock.platform.server.idempotency import Idempotency, KeyNeeded
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.plans.asked import PlanAsked, PlanSummary, ReleaseAsked
from crossdock.platform.server.plans.plans import Plans
from crossdock.platform.server.principal import PLAN, READ, Principal, Require
from crossdock.platform.server.rows import json_rows, page_model, row_model
from crossdock.platform.store.database.plans import StoredPlan

_FacilityId = Annotated[str | None, Query(max_length=100, description="A facility id.")]


class PlanAccepted(BaseModel):
    """A plan is being made by a job."""

    plan_id: str
    job_id: str


class PlanBrief(BaseModel):
    """A plan and how far its job is; failed: the job is dead or cancelled."""

    plan_id: str
    state: Literal["planning", "draft", "released", "failed"]
    job_id: str
    stage: str
    share_done: float
    error: str | None
    created_at: dt.datetime
    created_by: str
    released_at: dt.datetime | None
    released_by: str | None


class PlanAnswer(PlanBrief):
    """A plan with its figures, once it is made."""

    summary: PlanSummary | None


class PlanPage(BaseModel):
    """Some plans, the newest first."""

    items: list[PlanBrief]
    next_cursor: str | None


class OverriddenFault(BaseModel):
    """A fault that a plan went out with, and who answers for it."""

    gate: str
    subject: str
    what: str
    by: str
    reason: str


class PlanReleased(BaseModel):
    """A released plan.

    ``orders`` is how many it carries; ``not_checked`` what the gates could not check for want of
    data, a sentence each.
    """

    plan_id: str
    state: Literal["released"]
    released_at: dt.datetime
    released_by: str
    orders: int
    not_checked: list[str]
    overridden: list[OverriddenFault] = []


_LOADS_PAGE = page_model("LoadsPage", row_model("LoadRow", RUN_TABLES["loads"]))
_ROUTES_PAGE = page_model("RoutesPage", row_model("RouteRow", RUN_TABLES["routes"]))


def plans_router(plans: Plans, idempotency: Idempotency, require: Require) -> APIRouter:
    """The routes of plans."""
    router = APIRouter(prefix="/v1/plans", tags=["plans"])
    reader, planner = Depends(require(READ)), Depends(require(PLAN))

    @router.post("", status_code=HTTPStatus.ACCEPTED, response_model=PlanAccepted)
    def ask_for_plan(
        *,
        principal: Principal = planner,
        key: KeyNeeded,
        asked: Annotated[PlanAsked | None, Body()] = None,
    ) -> Response:
        """Have the open orders planned; the job tells how far it is."""

        def ask(token: str) -> Response:
            plan_id, job_id = plans.ask(principal, asked or PlanAsked(), token)
            return JSONResponse(
                {"plan_id": plan_id, "job_id": job_id},
                HTTPStatus.ACCEPTED,
                {"Location": f"/v1/plans/{plan_id}"},
            )

        return idempotency.answer(key, principal, ask)

    @router.get("")
    def list_plans(
        principal: Principal = reader,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> PlanPage:
        """Plans of the tenant, the newest first."""
        last = position_of(cursor, "plans", (int, str))
        found = plans.of_tenant(
            principal.tenant,
            before=None if last is None else (int(last[0]), str(last[1])),
            limit=limit + 1,
        )
        items, following = page_of(found, limit, "plans", lambda plan: plan.position)
        return PlanPage(
            items=[PlanBrief.model_validate(plan, from_attributes=True) for plan in items],
            next_cursor=following,
        )

    @router.get("/{plan_id}")
    def read_plan(plan_id: str, principal: Principal = reader) -> PlanAnswer:
        """One plan, and how far its job is."""
        plan = plans.read(principal.tenant, plan_id)
        return PlanAnswer.model_validate(plan, from_attributes=True)

    @router.get("/{plan_id}/loads", response_model=_LOADS_PAGE)
    def read_loads(
        plan_id: str,
        principal: Principal = reader,
        origin: Annotated[_FacilityId, Query(alias="from")] = None,
        destination: Annotated[_FacilityId, Query(alias="to")] = None,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Loads of a plan by the time they leave."""
        loads = plans.records(principal.tenant, plan_id).tables["loads"]
        asked = {"from": origin, "to": destination}
        order = ("departs_at", "load_id")
        return _rows(loads, asked, order, f"loads {plan_id}", cursor, limit)

    @router.get("/{plan_id}/routes", response_model=_ROUTES_PAGE)
    def read_routes(
        plan_id: str,
        principal: Principal = reader,
        facility_id: _FacilityId = None,
        route_id: Annotated[str | None, Query(max_length=100)] = None,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Stops of a plan's routes in the order in which they are driven, a row a parcel."""
        routes = plans.records(principal.tenant, plan_id).tables["routes"]
        asked = {"facility_id": facility_id, "route_id": route_id}
        order = ("facility_id", "route_id", "sequence", "parcel_id")
        return _rows(routes, asked, order, f"routes {plan_id}", cursor, limit)

    @router.post("/{plan_id}/release", response_model=PlanReleased)
    def release_plan(
        plan_id: str,
        asked: ReleaseAsked | None = None,
        *,
        principal: Principal = planner,
        key: KeyNeeded,
    ) -> Response:
        """Release a draft that passes every gate: it carries its orders, and the tower follows it.

        409 names the closed `gates` and their `faults`. Of hours, documents and meals a fault can
        be overridden, with a reason; who releases answers for it by name.
        """
        overrides = () if asked is None else asked.overrides

        def release(_: str) -> Response:
            released = _released(plans.release(principal, plan_id, overrides))
            return JSONResponse(released.model_dump(mode="json"))

        return idempotency.answer(key, principal, release)

    return router


def _rows(
    table: pl.DataFrame,
    asked: dict[str, str | None],
    order: tuple[str, ...],
    place: str,
    cursor: str | None,
    limit: int,
) -> Response:
    """A page of a table; a plan does not change, so a place in it is a number."""
    scope = f"{place} {asked}"
    last = position_of(cursor, scope, (int,))
    start = 0 if last is None else min(max(0, int(last[0]) + 1), table.height)
    wanted = [pl.col(name) == value for name, value in asked.items() if value is not None]
    found = (
        table.lazy()
        .filter(*wanted)
        .sort(order)
        .with_row_index("position")
        .slice(start, limit + 1)
        .collect()
    )
    positions, following = page_of(
        found["position"].to_list(), limit, scope, lambda position: (position,)
    )
    items: list[dict[str, Any]] = json_rows(found.head(len(positions)).drop("position"))
    return JSONResponse({"items": items, "next_cursor": following})


def _released(plan: StoredPlan) -> PlanReleased:
    record = (plan.summary or {})["release"]
    return PlanReleased.model_validate(
        {
            "plan_id": plan.plan_id,
            "state": plan.state,
            "released_at": plan.released_at,
            "released_by": plan.released_by,
            **record,
        }
    )
