"""A tour as a strip of time: driving, service, breaks and waiting, end to end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from crossdock.model.tables import INSTANT, Schema
from crossdock.plan.lastmile.day import whole_seconds

TOUR_SEGMENTS: Schema = {
    "route_id": pl.String(),
    "kind": pl.String(),
    "starts_at": INSTANT,
    "ends_at": INSTANT,
    "sequence": pl.Int64(),
    "parcels": pl.Int64(),
}
"""``kind``: drive, service, break (its own kind is not told here) or wait, contiguous from the
departure of a tour to its return. ``sequence``: the stop that is served, or that the drive or the
wait leads to; null on the way home and of a break. ``parcels``: of a service."""

_Segment = tuple[str, dt.datetime, dt.datetime, int | None, int | None]
_Span = tuple[dt.datetime, dt.datetime]


def tour_segments(tours: pl.DataFrame, routes: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """What a driver does when, of each of ``tours``.

    Between two stops there are the breaks at their times, then the drive, which takes what its
    distance takes; what is left before the next arrival is waiting for that stop to open.

    Parameters
    ----------
    tours
        Schema ``TOURS``.
    routes
        Schema ``ROUTES``; rows of other tours are left out.
    breaks
        Schema ``BREAKS``.

    Returns
    -------
    polars.DataFrame
        `TOUR_SEGMENTS`, in the order of ``tours`` and of time.
    """
    stops = _stops(routes.join(tours, on="route_id", how="semi"))
    pauses = _pauses(breaks.join(tours, on="route_id", how="semi"))
    rows = [
        (tour["route_id"], *segment)
        for tour in tours.iter_rows(named=True)
        for segment in _segments(
            tour, stops.get(tour["route_id"], []), pauses.get(tour["route_id"], [])
        )
    ]
    return pl.DataFrame(rows, schema=pl.Schema(TOUR_SEGMENTS), orient="row")


def _stops(routes: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    by_stop = (
        routes.group_by("route_id", "sequence")
        .agg(
            pl.col("arrives_at", "departs_at").first(),
            pl.col("distance_m").sum(),
            parcels=pl.len().cast(pl.Int64),
        )
        .sort("route_id", "sequence")
        .with_columns(drive_s=_drive_s(pl.col("distance_m")))
    )
    return {
        str(key[0]): part.to_dicts()
        for key, part in by_stop.group_by("route_id", maintain_order=True)
    }


def _drive_s(distance_m: pl.Expr) -> pl.Expr:
    return distance_m.map_batches(
        lambda metres: pl.Series(whole_seconds(metres.to_numpy())), return_dtype=pl.Int64
    )


def _pauses(breaks: pl.DataFrame) -> dict[str, list[_Span]]:
    pauses: dict[str, list[_Span]] = {}
    ordered = breaks.sort("route_id", "starts_at").select("route_id", "starts_at", "ends_at")
    for route_id, starts_at, ends_at in ordered.iter_rows():
        pauses.setdefault(route_id, []).append((starts_at, ends_at))
    return pauses


def _segments(
    tour: dict[str, Any], stops: Sequence[dict[str, Any]], pauses: Sequence[_Span]
) -> Iterator[_Segment]:
    pending, clock = list(pauses), tour["departs_at"]
    if clock is None:
        return
    for stop in stops:
        yield from _way(clock, stop["arrives_at"], stop["drive_s"], pending, stop["sequence"])
        number, parcels = stop["sequence"], stop["parcels"]
        yield "service", stop["arrives_at"], stop["departs_at"], number, parcels
        clock = stop["departs_at"]
    if tour["returns_at"] is not None:
        home_s = int(whole_seconds(np.array([tour["return_distance_m"] or 0.0]))[0])
        yield from _way(clock, tour["returns_at"], home_s, pending, None)


def _way(
    clock: dt.datetime,
    arrives_at: dt.datetime,
    drive_s: int,
    pending: list[_Span],
    sequence: int | None,
) -> Iterator[_Segment]:
    """Breaks, drive and wait from ``clock`` to ``arrives_at``; takes its breaks off ``pending``."""
    left = dt.timedelta(seconds=drive_s)
    while pending and pending[0][0] < arrives_at:
        starts_at, ends_at = pending.pop(0)
        if starts_at > clock:
            yield "drive", clock, starts_at, sequence, None
            left -= starts_at - clock
        yield "break", starts_at, ends_at, None, None
        clock = ends_at
    # The way home has no opening to wait for.
    driven_at = arrives_at if sequence is None else min(clock + left, arrives_at)
    if driven_at > clock:
        yield "drive", clock, driven_at, sequence, None
    if arrives_at > max(driven_at, clock):
        yield "wait", max(driven_at, clock), arrives_at, sequence, None
