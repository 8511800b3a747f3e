"""Routes of drivers: hours left, one with log and clocks, and whether one can still take a load."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from fastapi.concurrency import run_in_threadpool

from crossdock.operate.fleet import (
    DriverHours,
    Trip,
    coverage_of,
    hours_of,
    load_trip,
    places,
    roster,
    what_if,
)
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.tower import fleet_shapes as shapes
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.fleet_readings import FleetReadings
from crossdock.platform.server.tower.fleet_rows import driver_detail, driver_row, what_if_answer
from crossdock.platform.server.tower.paths import DRIVER, ID
from crossdock.platform.server.tower.views import View, Viewed

_AHEAD = dt.timedelta(days=14)
_GONE = ("departed", "arrived", "cancelled")

Filter = Annotated[str | None, Query(max_length=200)]


def fleet_router() -> APIRouter:
    """The routes; the hours of a fleet are worked out once for all who ask at about that time."""
    router = APIRouter(prefix="/v1/drivers", tags=["drivers"])
    readings = FleetReadings()

    @router.get("", responses={200: {"model": shapes.DriverPage}})
    async def list_drivers(
        view: Viewed,
        q: Annotated[str | None, Query(max_length=200, description="Part of an id.")] = None,
        facility: Annotated[str | None, Query(max_length=200, description="Home.")] = None,
        kind: Filter = None,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> Response:
        """Drivers by the hours that the law leaves them, the fewest first.

        Who works comes before who rests; last those of whom no hours are known, or to whom the
        rules do not apply.
        """
        scope = f"drivers {q} {facility} {kind}{view.mark}"
        after = position_of(cursor, scope, (int, int))
        at, start = _from_cursor(view, after)
        found = await run_in_threadpool(readings.of, view, at, q, facility, kind)
        rows = [driver_row(each) for each in found[start : start + limit + 1]]
        mark = int(at.timestamp())
        items, following = page_of(rows, limit, scope, lambda _: (mark, start + limit))
        return json({"at": at, "items": items, "next_cursor": following})

    @router.post(f"/{{driver_id:{ID}}}/what-if", responses={200: {"model": shapes.WhatIfAnswer}})
    async def ask_what_if(
        view: Viewed, driver_id: str, asked: Annotated[shapes.WhatIfAsked, Body()]
    ) -> Response:
        """Whether the driver can still take a load, or so many hours; nothing is kept.

        Until it begins the driver works as planned and rests where nothing is planned. The pauses
        that are due are part of it, longer rests only as the load's own duty has them.
        """
        return json(await run_in_threadpool(_judged, view, driver_id, asked))

    @router.get(f"/{{driver_id:{DRIVER}}}", responses={200: {"model": shapes.DriverDetail}})
    async def show_driver(view: Viewed, driver_id: str) -> Response:
        """One driver: clocks, what gives hours back, findings, the log of 8 days, what comes."""
        return json(await run_in_threadpool(_detail, view, driver_id))

    return router


def _from_cursor(view: View, after: tuple[str | int, ...] | None) -> tuple[dt.datetime, int]:
    """The instant of the first page, so that all pages are of one, and where this one begins."""
    now = view.at.replace(microsecond=0)
    if after is None:
        return now, 0
    at_s, start = int(after[0]), int(after[1])
    if not 0 <= at_s <= now.timestamp() or start < 0:
        said = "is not a cursor of this list; use next_cursor of the page before as it is"
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"cursor {said}", errors=[("query.cursor", said)]
        )
    return dt.datetime.fromtimestamp(at_s, dt.UTC), start


def _hours(view: View, driver_id: str) -> DriverHours:
    means = view.ground.means
    drivers = roster(view.present, view.plan, means, driver_ids=[driver_id])
    if not drivers:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no driver {driver_id!r}")
    return hours_of(view.present, view.plan, means, drivers, view.at.replace(microsecond=0))[0]


def _detail(view: View, driver_id: str) -> dict[str, Any]:
    hours = _hours(view, driver_id)
    return driver_detail(hours, places(view.present, view.plan, hours))


def _judged(view: View, driver_id: str, asked: shapes.WhatIfAsked) -> dict[str, Any]:
    hours = _hours(view, driver_id)
    if asked.load_id is None:
        trip = Trip(round(asked.drive_h * 3600), round(asked.work_h * 3600))
        from_s = _start_s(view, asked.from_)
        coverage = hours.driver.coverage
        found = what_if(hours, trip, hours.at_s if from_s is None else from_s, coverage)
        return what_if_answer(hours, found, None)
    if asked.drive_h or asked.work_h:
        said = "is for a trip without load_id: a load has its own hours"
        raise _faulty("body.drive_h", said)
    load = load_trip(view.present, view.plan, view.at, asked.load_id, driver_id)
    if load.state in _GONE:
        raise RefusedError(
            HTTPStatus.CONFLICT, f"load {asked.load_id!r} cannot be taken any more: {load.state}"
        )
    begins_s = hours.at_s if load.begins_s is None else load.begins_s
    from_s = _start_s(view, asked.from_)
    starts_s = max(hours.at_s, begins_s) if from_s is None else from_s
    types = [load.trip.vehicle_type] if load.trip.vehicle_type else []
    coverage = coverage_of(view.ground.means.network, types)
    answer = what_if_answer(hours, what_if(hours, load.trip, starts_s, coverage), None)
    answer["late_s"] = None if load.begins_s is None else max(0, starts_s - load.begins_s)
    if load.assumption is not None:
        text = f"no duty is planned for the load: judged by {load.assumption}"
        answer["reasons"].append({"text": text, "citation": None})
    return answer


def _start_s(view: View, start: dt.datetime | None) -> int | None:
    if start is None:
        return None
    if start < view.at.replace(microsecond=0):
        raise _faulty("body.from", f"is past: it is {view.at.isoformat()} here")
    if start > view.at + _AHEAD:
        raise _faulty("body.from", f"is more than {_AHEAD.days} days ahead")
    return int(start.timestamp())


def _faulty(field: str, said: str) -> RefusedError:
    name = field.rpartition(".")[2]
    return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} {said}", errors=[(field, said)])
