"""Where the pieces of a log began, as far as the loads say: a duty event tells no place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from crossdock.comply.hos import DRIVING
from crossdock.operate.duty_logs import PLANNED, Piece
from crossdock.operate.fleet.hours import DriverHours
from crossdock.operate.loads_now import loads_now
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

_ABOUT_S = 900
"""So much before a load is told to be there its driver may say that the driving is over."""


def places(present: Present, plan: PlanView, hours: DriverHours) -> dict[Piece, str]:
    """The facility at which each piece of the log and of the planned duties began.

    A piece of which nothing is known is left out: where a truck stopped on the way, say.
    """
    pieces = [*hours.log.past, *hours.log.planned]
    ids = pl.Series([each.load_id for each in pieces if each.load_id], dtype=pl.String).unique()
    at = dt.datetime.fromtimestamp(hours.at_s, dt.UTC)
    rows = loads_now(present, plan, at, load_ids=ids).select(
        "load_id", "from", "to", pl.col("arrived_at").dt.epoch("s")
    )
    loads = {load_id: (start, end, there_s) for load_id, start, end, there_s in rows.iter_rows()}
    first, last = _drives(pieces)
    found: dict[Piece, str] = {}
    for place, piece in enumerate(pieces):
        before = pieces[place - 1] if place else None
        _, came_to, there_s = loads.get((before and before.load_id) or "", (None, None, None))
        leaves, _, _ = loads.get(piece.load_id or "", (None, None, None))
        if before is not None and last.get(before.load_id) == place - 1:
            is_there = there_s is not None and there_s <= piece.start_s + _ABOUT_S
            where = came_to if is_there or before.source == PLANNED else None
        else:
            where = leaves if first.get(piece.load_id, place) >= place else None
        if where is not None:
            found[piece] = where
    return found


def _drives(pieces: Sequence[Piece]) -> tuple[dict[str | None, int], dict[str | None, int]]:
    """The places in a log of the first and the last driving of each load."""
    first: dict[str | None, int] = {}
    last: dict[str | None, int] = {}
    for place, piece in enumerate(pieces):
        if piece.activity == DRIVING and piece.load_id is not None:
            first.setdefault(piece.load_id, place)
            last[piece.load_id] = place
    return first, last
