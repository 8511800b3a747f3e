"""The frames that make a board."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from crossdock.model.tables import INSTANT, Schema

ON_DUTY: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "driver_id": pl.String,
    "activity": pl.String,
    "driving_left_h": pl.Float64,
    "drive_now_h": pl.Float64,
    "to_drive_h": pl.Float64,
}
"""A driver of a load. ``activity`` and the hours left are null where nothing is known of the
driver's time. ``driving_left_h``: by every limit but that of a pause, ``drive_now_h``: by that too;
``to_drive_h``: planned driving up to the first rest of 10 hours."""

ADVICE: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "action": pl.String,
    "hold_min": pl.Int64,
    "saves": pl.Int64,
    "reason": pl.String,
}
"""``action``: hold, go, or none where there is nothing left to decide. ``hold_min``: minutes beyond
the time at which the load would leave now; ``saves``: parcels that are ready by then."""

DEPARTURES: Schema = {
    "load_id": pl.String,
    "kind": pl.String,
    "to": pl.String,
    "state": pl.String,
    "added": pl.Boolean,
    "door": pl.Int64,
    "departs_at": INSTANT,
    "leaves_at": INSTANT,
    "held_until": INSTANT,
    "held_by": pl.String,
    "departed_at": INSTANT,
    "late_s": pl.Int64,
    "arrives_at": INSTANT,
    "comes_at": INSTANT,
    "cutoff_at": INSTANT,
    "slack_s": pl.Int64,
    "carrier_id": pl.String,
    "vehicle_type": pl.String,
    "units": pl.Int64,
    "driver_mode": pl.String,
    "drivers": pl.List(pl.Struct(ON_DUTY)),
    "planned": pl.Int64,
    "loaded": pl.Int64,
    "ready": pl.Int64,
    "in_sort": pl.Int64,
    "to_come": pl.Int64,
    "stopped": pl.Int64,
    "gone": pl.Int64,
    "planned_m3": pl.Float64,
    "now_m3": pl.Float64,
    "space_m3": pl.Float64,
    "planned_share": pl.Float64,
    "now_share": pl.Float64,
    "advice": pl.Struct(ADVICE),
}
"""``state``: planned, held, departed, cancelled. ``leaves_at``: when it left or is expected to;
``late_s``: of that against the plan. ``comes_at``: expected at ``to``; ``cutoff_at``: of the wave
there that the planned arrival meets; ``slack_s``: what is left to it.

Of the ``planned`` parcels: ``loaded`` (all that ride, planned or not, once it left), ``ready``
(sorted, at the dock), ``in_sort``, ``to_come`` (not here yet), ``stopped`` (held, damaged and the
like), ``gone`` (another way, or over). ``*_m3``, ``*_share``: what is loaded or ready, and what was
planned, of the usable space.

``door`` is assigned by the tower, since a plan names none: a trailer takes its door two hours
before its planned departure, and each takes the first door that is free. Who runs the building may
do otherwise."""

ARRIVALS: Schema = {
    "load_id": pl.String,
    "kind": pl.String,
    "from": pl.String,
    "state": pl.String,
    "arrives_at": INSTANT,
    "comes_at": INSTANT,
    "arrived_at": INSTANT,
    "late_s": pl.Int64,
    "cutoff_at": INSTANT,
    "slack_s": pl.Int64,
    "parcels": pl.Int64,
    "carrier_id": pl.String,
    "vehicle_type": pl.String,
}
"""``state``: planned, held, rolling, arrived. ``comes_at``: when it came or is expected to;
``parcels``: that were scanned on it, else that are planned on it; ``cutoff_at``: of the wave that
the planned arrival meets."""

BOARD_WAVES: Schema = {
    "wave": pl.String,
    "state": pl.String,
    "inbound_cutoff_at": INSTANT,
    "starts_at": INSTANT,
    "ends_at": INSTANT,
    "ready_at": INSTANT,
    "capacity_parcels": pl.Float64,
    "waiting": pl.Int64,
    "left": pl.Int64,
}
"""``state``: planned, sorting (it began), ended. ``waiting``: parcels here that it is to sort;
``left``: that it did not, once it ended."""
