"""Routes of facilities and their boards."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from crossdock.operate.board import Board, board
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.tower import board_shapes as shapes
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.facilities import known_facilities
from crossdock.platform.server.tower.paths import ID
from crossdock.platform.server.tower.views import Looked, View, Viewed

board_router = APIRouter(prefix="/v1", tags=["board"])

LONGEST_H = 24.0
_SHOWN = list(shapes.Facility.model_fields)
_QUEUE = list(shapes.Queue.model_fields)
_NOTHING = {name: None if name.startswith("oldest") else 0 for name in _QUEUE}


@board_router.get("/facilities", responses={200: {"model": shapes.Facilities}})
async def list_facilities(view: Looked) -> Response:
    """Every facility of the released plans, and those that hold a parcel."""
    rows = known_facilities(view.present, view.ground).select(_SHOWN)
    return json({"at": view.at, "items": rows.to_dicts()})


@board_router.get(
    f"/facilities/{{facility_id:{ID}}}/board", responses={200: {"model": shapes.BoardOfFacility}}
)
async def show_board(
    view: Viewed,
    facility_id: str,
    hours: Annotated[
        float, Query(ge=1, le=LONGEST_H, description="How far ahead; the last hour is shown too.")
    ] = 6.0,
) -> Response:
    """What leaves and comes in the next hours: doors, fill, who is not ready, hold or go."""
    told = await run_in_threadpool(_board, view, facility_id, hours)
    if told is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no facility {facility_id!r}")
    return json(told)


def _board(view: View, facility_id: str, hours: float) -> dict[str, Any] | None:
    known = known_facilities(view.present, view.ground).filter(pl.col("facility_id") == facility_id)
    if known.is_empty():
        return None
    found = board(
        view.present, view.plan, view.ground.means.network, facility_id, view.at, hours=hours
    )
    return {
        "at": view.at,
        "hours": hours,
        "facility": known.select(_SHOWN).row(0, named=True),
        "queue": _queue(found),
        "waves": found.waves.to_dicts(),
        "departures": found.departures.with_columns(
            pl.col("drivers").fill_null(pl.lit([], dtype=found.departures.schema["drivers"]))
        ).to_dicts(),
        "arrivals": found.arrivals.to_dicts(),
    }


def _queue(found: Board) -> dict[str, Any]:
    return _NOTHING if found.queue is None else {name: found.queue[name] for name in _QUEUE}
