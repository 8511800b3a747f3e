"""The loads of a facility: what the plan says, what was decided since, what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, load_progress

OVERDUE = dt.timedelta(hours=24)
"""A load that should have left is shown for so long: after it, nobody tells of it any more."""
BEFORE = dt.timedelta(hours=1)

_PLANNED = ("load_id", "from", "to", "kind", "departs_at", "arrives_at", "carrier_id",
            "vehicle_type", "units", "driver_mode", "driver_ids", "parcels",
            "volume_m3")  # fmt: skip


def facility_loads(
    present: Present, plan: PlanView, facility_id: str, at: dt.datetime
) -> pl.DataFrame:
    """Every load that leaves or comes to a facility, planned or bought later, by departure.

    ``leaves_at`` and ``comes_at`` are what happened, else what is expected: a hold or a delay that
    was told moves both, and what is overdue is not expected before ``at``.
    """
    calls = present.folded.load_calls
    here = (pl.col("from") == facility_id) | (pl.col("to") == facility_id)
    planned = plan.loads.filter(here).select(
        *_PLANNED,
        space_m3=pl.when(pl.col("cube_share") > 0).then(pl.col("volume_m3") / pl.col("cube_share")),
        added=pl.lit(value=False),
    )
    added = (
        calls.added()
        .filter(here & pl.col("departs_at").is_not_null())
        .join(planned, on="load_id", how="anti")
        .with_columns(added=pl.lit(value=True))
    )
    loads = pl.concat([planned, added], how="diagonal")
    return _followed(
        loads.join(_progress(present, loads["load_id"]), on="load_id", how="left")
        .join(calls.holds(), on="load_id", how="left")
        .with_columns(
            pl.col("scanned_out", "scanned_in", "parcels").fill_null(0),
            cancelled=pl.col("cancelled").fill_null(value=False)
            | (
                pl.col("load_id").is_in(calls.called_off().implode())
                & pl.col("departed_at").is_null()
            ),
        ),
        at,
    ).sort("departs_at", "load_id")


def leaving(
    loads: pl.DataFrame, facility_id: str, at: dt.datetime, until: dt.datetime
) -> pl.DataFrame:
    """Those that leave until then, left in the last hour, or should have left and did not."""
    waits = pl.col("state").is_in(["planned", "held"])
    window = pl.lit(at - BEFORE), pl.lit(until)
    return loads.filter(
        (pl.col("from") == facility_id)
        & (
            pl.col("leaves_at").is_between(*window)
            | pl.col("departs_at").is_between(*window)
            | (waits & pl.col("departs_at").is_between(at - OVERDUE, until))
        )
    )


def coming(
    loads: pl.DataFrame, facility_id: str, at: dt.datetime, until: dt.datetime
) -> pl.DataFrame:
    """Those that come until then, came in the last hour, or should have come and did not."""
    out = pl.col("arrived_at").is_null()
    return loads.filter(
        (pl.col("to") == facility_id)
        & (pl.col("state") != "cancelled")
        & (
            pl.col("comes_at").is_between(at - BEFORE, until)
            | (out & pl.col("arrives_at").is_between(at - OVERDUE, until))
        )
    )


def _progress(present: Present, load_ids: pl.Series) -> pl.DataFrame:
    tracking = present.folded.tracking
    some = replace(
        tracking,
        load_events=tracking.load_events.of("load_id", load_ids),
        steps=tracking.steps.of("load_id", load_ids),
    )
    return load_progress(some).select(
        "load_id", "departed_at", "arrived_at", "expected_at", "cancelled", "scanned_out",
        "scanned_in",
    )  # fmt: skip


def _followed(loads: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """``state``, and when each load leaves and comes."""
    # A delay is told as a new arrival; before the departure it moves that by as much.
    delay = (pl.col("expected_at") - pl.col("arrives_at")).clip(lower_bound=dt.timedelta())
    after_departure = pl.col("held_until") > pl.col("departs_at")
    state = (
        pl.when(pl.col("departed_at").is_not_null())
        .then(pl.lit("departed"))
        .when("cancelled")
        .then(pl.lit("cancelled"))
        .when(after_departure & (pl.col("held_until") > at))
        .then(pl.lit("held"))
        .otherwise(pl.lit("planned"))
    )
    due = pl.max_horizontal(
        "departs_at",
        pl.when(after_departure).then("held_until"),
        pl.col("departs_at") + delay,
    )
    return (
        loads.with_columns(state=state, due_at=due)
        .with_columns(leaves_at=pl.coalesce("departed_at", "due_at"))
        .with_columns(
            # What has not left cannot come as if it had.
            behind=(
                pl.when(pl.col("departed_at").is_null())
                .then(pl.max_horizontal("leaves_at", pl.lit(at)))
                .otherwise("leaves_at")
                - pl.col("departs_at")
            ).clip(lower_bound=dt.timedelta())
        )
        .with_columns(
            comes_at=pl.coalesce(
                "arrived_at",
                pl.max_horizontal(pl.col("arrives_at") + pl.col("behind"), "expected_at"),
            )
        )
        .drop("due_at", "behind")
    )
