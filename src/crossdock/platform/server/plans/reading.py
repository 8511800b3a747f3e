"""``/v1/plans/{plan_id}/lanes``, ``/departures``, ``/metros``, ``/tours``: a plan, looked into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import polars as pl
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.plans import shapes
from crossdock.platform.server.plans.packing import PlanRecords
from crossdock.platform.server.plans.plans import Plans
from crossdock.platform.server.principal import READ, Principal, Require
from crossdock.platform.server.problems import RefusedError

MOST_TOURS, USUAL_TOURS = 200, 50
"""A tour brings its stops and segments along."""

_NOT_FOUND = 404
_AnyFacility = Annotated[str | None, Query(max_length=100, description="A facility id.")]
_TourLimit = Annotated[
    int, Query(ge=1, le=MOST_TOURS, description=f"Most items of the page, 1 to {MOST_TOURS:,}.")
]
_Item = TypeVar("_Item")


def plan_reading_router(plans: Plans, require: Require) -> APIRouter:
    """The routes that look into a plan; 404 while it is not made."""
    router = APIRouter(prefix="/v1/plans", tags=["plans"])
    reader = Depends(require(READ))

    @router.get("/{plan_id}/lanes", responses={200: {"model": shapes.PlanLanePage}})
    def read_lanes(
        plan_id: str,
        principal: Principal = reader,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Lanes of a plan by their ends: what moves, how full, at what cost, and why so."""
        from crossdock.measure.planned import plan_lanes  # noqa: PLC0415

        records = plans.records(principal.tenant, plan_id)
        lanes = plan_lanes(records.tables, records.network)
        return _page(lanes.to_dicts(), f"lanes {plan_id}", cursor, limit)

    @router.get("/{plan_id}/departures", responses={200: {"model": shapes.LaneDepartures}})
    def read_departures(
        plan_id: str,
        principal: Principal = reader,
        origin: Annotated[_AnyFacility, Query(alias="from")] = None,
        destination: Annotated[_AnyFacility, Query(alias="to")] = None,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Departures by time, each with its cut-off, its carrier and its reasons.

        `cutoffs`: inbound cut-offs around them where they end, if `to` is asked for.
        """
        from crossdock.measure.planned import (  # noqa: PLC0415
            lane_cutoffs,
            lane_departures,
            load_decisions,
        )

        records = plans.records(principal.tenant, plan_id)
        _check_facilities(records, origin, destination)
        found = lane_departures(records.tables, records.network, origin, destination)
        cutoffs: list[dt.datetime] = []
        if destination is not None and found.height:
            first, last = found["departs_at"].min(), found["arrives_at"].max()
            assert isinstance(first, dt.datetime)
            assert isinstance(last, dt.datetime)
            cutoffs = lane_cutoffs(records.tables, destination, first, last)

        def with_reasons(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
            ids = [row["load_id"] for row in rows]
            about = found.filter(pl.col("load_id").is_in(ids))
            reasons = load_decisions(records.tables, about)
            return [{**row, "decisions": reasons[row["load_id"]]} for row in rows]

        scope = f"departures {plan_id} {origin} {destination}"
        return _page(
            found.to_dicts(), scope, cursor, limit, {"cutoffs": cutoffs}, shown=with_reasons
        )

    @router.get("/{plan_id}/metros", responses={200: {"model": shapes.PlanMetroPage}})
    def read_metros(
        plan_id: str,
        principal: Principal = reader,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Facilities that the plan touches, with what each sends out to doors."""
        from crossdock.measure.planned import plan_metros  # noqa: PLC0415

        records = plans.records(principal.tenant, plan_id)
        metros = plan_metros(records.tables, records.network)
        return _page(metros.to_dicts(), f"metros {plan_id}", cursor, limit)

    @router.get("/{plan_id}/tours", responses={200: {"model": shapes.PlanTourPage}})
    def read_tours(
        plan_id: str,
        principal: Principal = reader,
        facility_id: _AnyFacility = None,
        cursor: CursorText = None,
        limit: _TourLimit = USUAL_TOURS,
    ) -> Response:
        """Tours by facility and departure, each as a strip of time and with its stops."""
        from crossdock.measure.planned import plan_tours  # noqa: PLC0415

        records = plans.records(principal.tenant, plan_id)
        _check_facilities(records, facility_id)
        tours = plan_tours(records.tables, facility_id)
        return _page(
            tours["route_id"].to_list(),
            f"tours {plan_id} {facility_id}",
            cursor,
            limit,
            shown=lambda some: _with_times(
                records, tours.filter(pl.col("route_id").is_in(list(some)))
            ),
        )

    return router


def _check_facilities(records: PlanRecords, *asked: str | None) -> None:
    known = set(records.network["facilities"]["facility_id"])
    for facility_id in asked:
        if facility_id is not None and facility_id not in known:
            raise RefusedError(_NOT_FOUND, f"the plan has no facility {facility_id!r}")


def _with_times(records: PlanRecords, tours: pl.DataFrame) -> list[dict[str, Any]]:
    from crossdock.measure.planned import tour_stops  # noqa: PLC0415
    from crossdock.plan.lastmile import tour_segments  # noqa: PLC0415

    routes, breaks = records.tables["routes"], records.tables["breaks"]
    segments = _by_route(tour_segments(tours, routes, breaks))
    visits = _by_route(tour_stops(records.tables, tours))
    return [
        {
            **tour,
            "segments": segments.get(tour["route_id"], []),
            "visits": visits.get(tour["route_id"], []),
        }
        for tour in tours.to_dicts()
    ]


def _by_route(rows: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    return {
        str(key[0]): part.drop("route_id").to_dicts()
        for key, part in rows.group_by("route_id", maintain_order=True)
    }


def _page(
    found: Sequence[_Item],
    scope: str,
    cursor: str | None,
    limit: int,
    more: dict[str, Any] | None = None,
    shown: Callable[[Sequence[_Item]], Sequence[object]] = list,
) -> Response:
    """A page of rows; a plan does not change, so a place among them is a number."""
    last = position_of(cursor, scope, (int,))
    start = 0 if last is None else min(max(0, int(last[0])), len(found))
    some = found[start : start + limit + 1]
    items, following = page_of(some, limit, scope, lambda _: (start + limit,))
    content = {"items": shown(items), **(more or {}), "next_cursor": following}
    return Response(msgspec.json.encode(content), media_type="application/json")
