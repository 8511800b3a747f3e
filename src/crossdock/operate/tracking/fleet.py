"""Vehicles and drivers: where they are, what they carry, what they do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl

from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.tracking.state import TrackingState

VEHICLE_STATES: Schema = {
    "vehicle_id": pl.String,
    "at": INSTANT,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "load_id": pl.String,
    "route_id": pl.String,
    "down": pl.Boolean,
    "down_since": INSTANT,
    "down_reason": pl.String,
}
"""``at``: event time of the newest coordinates. A vehicle whose newest event of a load or route is
its end carries none."""

DUTY_SEGMENTS: Schema = {
    "driver_id": pl.String,
    "activity": pl.String,
    "starts_at": INSTANT,
    "ends_at": INSTANT,
    "load_id": pl.String,
    "route_id": pl.String,
}
"""Contiguous within a driver; ``ends_at`` of the last is null: it lasts."""

DRIVER_STATES: Schema = {
    "driver_id": pl.String,
    "activity": pl.String,
    "since": INSTANT,
    "load_id": pl.String,
    "route_id": pl.String,
}
"""What was told last of each driver; hours left: `crossdock.operate.duty_logs`."""

_ENDS = ("load_arrived", "load_cancelled", "route_returned")


def vehicle_states(state: TrackingState) -> pl.DataFrame:
    """`VEHICLE_STATES`, sorted by vehicle."""
    fixes = state.fixes.whole.select("vehicle_id", "at", "latitude", "longitude")
    over = pl.col("kind").is_in(_ENDS)
    errands = state.errands.whole.select(
        "vehicle_id",
        load_id=pl.when(~over).then("load_id"),
        route_id=pl.when(~over).then("route_id"),
    )
    is_down = pl.col("kind") == "vehicle_down"
    conditions = state.conditions.whole.select(
        "vehicle_id",
        down=is_down,
        down_since=pl.when(is_down).then("at"),
        down_reason=pl.when(is_down).then("reason"),
    )
    known = pl.concat([part.select("vehicle_id") for part in (fixes, errands, conditions)]).unique()
    rows = (
        known.join(fixes, on="vehicle_id", how="left")
        .join(errands, on="vehicle_id", how="left")
        .join(conditions, on="vehicle_id", how="left")
        .with_columns(pl.col("down").fill_null(value=False))
    )
    return conform(rows, VEHICLE_STATES).sort("vehicle_id")


def duty_segments(state: TrackingState, until: dt.datetime | None = None) -> pl.DataFrame:
    """`DUTY_SEGMENTS` of every driver, as far as events up to ``until`` tell; in time order.

    Of changes at one instant the one with the greatest source and id counts.
    """
    changes = state.duties.whole
    if until is not None:
        changes = changes.filter(pl.col("at") <= until)
    rows = (
        changes.sort("driver_id", "at", "source", "source_event_id")
        .unique(subset=["driver_id", "at"], keep="last", maintain_order=True)
        .with_columns(
            starts_at="at",
            ends_at=pl.when(pl.col("driver_id") == pl.col("driver_id").shift(-1)).then(
                pl.col("at").shift(-1)
            ),
        )
    )
    return conform(rows, DUTY_SEGMENTS)


def driver_states(state: TrackingState, at: dt.datetime) -> pl.DataFrame:
    """`DRIVER_STATES` at the instant ``at``, sorted by driver."""
    newest = duty_segments(state, at).unique("driver_id", keep="last", maintain_order=True)
    return conform(newest.with_columns(since="starts_at"), DRIVER_STATES).sort("driver_id")


DutyRow = tuple[str, dt.datetime, dt.datetime | None, str | None, str | None]
"""Activity, start, end, load, route of a duty segment."""


def by_driver(segments: pl.DataFrame) -> Iterator[tuple[str, list[DutyRow]]]:
    """Each driver with the rows of its `DUTY_SEGMENTS`."""
    driver, rows = "", list[DutyRow]()
    for driver_id, *row in segments.iter_rows():
        if driver_id != driver and rows:
            yield driver, rows
            rows = []
        driver = driver_id
        rows.append((row[0], row[1], row[2], row[3], row[4]))
    if rows:
        yield driver, rows
