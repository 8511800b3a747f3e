"""Loads as they are now: what the plan says, what was decided since, what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.load_calls import LoadCalls
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, TrackingState, load_progress

LOADS_NOW: Schema = {
    "load_id": pl.String,
    "kind": pl.String,
    "from": pl.String,
    "to": pl.String,
    "state": pl.String,
    "added": pl.Boolean,
    "departs_at": INSTANT,
    "arrives_at": INSTANT,
    "due_at": INSTANT,
    "expected_departs_at": INSTANT,
    "expected_arrives_at": INSTANT,
    "held_until": INSTANT,
    "held_by": pl.String,
    "held_at": INSTANT,
    "departed_at": INSTANT,
    "arrived_at": INSTANT,
    "expected_at": INSTANT,
    "carrier_id": pl.String,
    "vehicle_type": pl.String,
    "vehicle_id": pl.String,
    "units": pl.Int64,
    "driver_mode": pl.String,
    "driver_ids": pl.String,
    "parcels": pl.Int64,
    "scanned_out": pl.Int64,
    "scanned_in": pl.Int64,
    "volume_m3": pl.Float64,
    "space_m3": pl.Float64,
    "miles": pl.Float64,
    "cost_usd": pl.Float64,
    "returns_load_id": pl.String,
}
"""``state``: planned, held, departed, arrived or cancelled. ``departs_at``, ``arrives_at``: as
planned; ``due_at``: departure as planned, held or told to be late; ``expected_*``: as it looks
now, of what happened the instant itself; ``expected_at``: arrival as an event told it. ``to``:
where it goes now, also after it was diverted. ``added``: beyond the plan. ``space_m3``: usable."""

_FOLLOWED = (
    "vehicle_id", "departed_at", "arrived_at", "expected_at", "cancelled", "scanned_out",
    "scanned_in",
)  # fmt: skip


def loads_now(
    present: Present,
    plan: PlanView,
    at: dt.datetime,
    *,
    facility_id: str | None = None,
    load_ids: pl.Series | None = None,
) -> pl.DataFrame:
    """`LOADS_NOW` of every load of the plan, of events and of commands, sorted by load.

    Parameters
    ----------
    facility_id
        Only loads that leave or come here, or would by the plan; those that no plan and no
        decision names are left out.
    load_ids
        Only these of the plan and of decisions.

    Notes
    -----
    A load that should have left and of which nothing was heard is expected to leave now; one that
    left late takes the planned time on the road, or comes when an event told, whichever is later.
    """
    calls, tracking = present.folded.load_calls, present.folded.tracking
    rows, diverted = _planned_and_added(plan, calls), calls.diverted()
    if facility_id is not None:
        there = diverted.filter(pl.col("diverted_to") == facility_id)["load_id"]
        rows = rows.filter(
            (pl.col("from") == facility_id)
            | (pl.col("to") == facility_id)
            | pl.col("load_id").is_in(there.implode())
        )
    if load_ids is not None:
        rows = rows.filter(pl.col("load_id").is_in(load_ids.implode()))
    if facility_id is not None or load_ids is not None:
        tracking = _of_loads(tracking, rows["load_id"])
    followed = load_progress(tracking).select("load_id", *_FOLLOWED, sent="from", aim="to")
    off = pl.col("load_id").is_in(calls.called_off().implode())
    whole = (
        rows.join(followed, on="load_id", how="full", coalesce=True)
        .join(calls.holds(), on="load_id", how="left")
        .join(diverted, on="load_id", how="left")
        .with_columns(cancelled=pl.col("cancelled").fill_null(value=False) | off)
    )
    return conform(_as_it_looks(whole, at), LOADS_NOW).sort("load_id")


def _planned_and_added(plan: PlanView, calls: LoadCalls) -> pl.DataFrame:
    planned = plan.loads.unique("load_id", keep="first", maintain_order=True)
    space = pl.col("volume_m3") / pl.col("cube_share")
    return pl.concat(
        [
            planned.select(
                pl.exclude("actual_departs_at", "actual_arrives_at"),
                space_m3=pl.when(pl.col("cube_share") > 0).then(space),
                added=pl.lit(value=False),
            ),
            calls.added()
            .join(planned, on="load_id", how="anti")
            .with_columns(added=pl.lit(value=True)),
        ],
        how="diagonal",
    )


def _of_loads(tracking: TrackingState, load_ids: pl.Series) -> TrackingState:
    return replace(
        tracking,
        load_events=tracking.load_events.of("load_id", load_ids),
        steps=tracking.steps.of("load_id", load_ids),
    )


def _as_it_looks(rows: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """``state``, and when each load leaves and comes."""
    now = pl.lit(at, INSTANT)
    left = pl.col("departed_at").is_not_null() | pl.col("arrived_at").is_not_null()
    off = ~left & pl.col("cancelled")
    held = pl.col("held_until") > pl.col("departs_at")
    state = (
        pl.when(pl.col("arrived_at").is_not_null())
        .then(pl.lit("arrived"))
        .when(left)
        .then(pl.lit("departed"))
        .when(off)
        .then(pl.lit("cancelled"))
        .when(held & (pl.col("held_until") > now))
        .then(pl.lit("held"))
        .otherwise(pl.lit("planned"))
    )
    # A delay is told as a new arrival; before the departure it moves that by as much.
    delay = (pl.col("expected_at") - pl.col("arrives_at")).clip(lower_bound=dt.timedelta())
    due = pl.when(pl.col("departs_at").is_not_null()).then(
        pl.max_horizontal(
            "departs_at", pl.when(held).then("held_until"), pl.col("departs_at") + delay
        )
    )
    on_the_road = pl.col("arrives_at") - pl.col("departs_at")
    waits = pl.when(pl.col("due_at").is_not_null()).then(pl.max_horizontal("due_at", now))
    comes = pl.coalesce(
        "diverted_arrives_at",
        pl.max_horizontal(pl.col("expected_departs_at") + on_the_road, "expected_at"),
    )
    return (
        rows.with_columns(
            pl.coalesce("from", "sent").alias("from"),
            pl.coalesce("diverted_to", "to", "aim").alias("to"),
            added=pl.col("added").fill_null(value=True),
            state=state,
            due_at=due,
        )
        .with_columns(
            expected_departs_at=pl.coalesce(
                "departed_at", pl.when(off).then("departs_at").otherwise(waits)
            )
        )
        .with_columns(
            expected_arrives_at=pl.coalesce(
                "arrived_at",
                pl.when(off).then("arrives_at"),
                pl.when(comes.is_not_null()).then(pl.max_horizontal(comes, now)),
            )
        )
    )
