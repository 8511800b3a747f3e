"""The loads of a facility: which of them its board shows."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.operate.loads_now import loads_now
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

OVERDUE = dt.timedelta(hours=24)
"""A load that should have left is shown for so long: after it, nobody tells of it any more."""
BEFORE = dt.timedelta(hours=1)


def facility_loads(
    present: Present, plan: PlanView, facility_id: str, at: dt.datetime
) -> pl.DataFrame:
    """Every load (`LOADS_NOW`) that leaves or comes to a facility at a known time, by departure.

    ``leaves_at`` and ``comes_at`` are what happened, else what is due: a hold or a delay that was
    told moves both, and what is overdue does not come before ``at``.
    """
    loads = loads_now(present, plan, at, facility_id=facility_id)
    return (
        loads.filter(pl.col("departs_at").is_not_null())
        .with_columns(
            pl.col("scanned_out", "scanned_in", "parcels").fill_null(0),
            leaves_at=pl.coalesce("departed_at", "due_at"),
            comes_at="expected_arrives_at",
        )
        .sort("departs_at", "load_id")
    )


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
    came = pl.col("arrived_at") >= at - BEFORE
    meant = pl.max_horizontal("arrives_at", "expected_at", "due_at")
    comes = pl.col("arrived_at").is_null() & (meant >= at - OVERDUE)
    return loads.filter(
        (pl.col("to") == facility_id)
        & (pl.col("state") != "cancelled")
        & (came | (comes & pl.min_horizontal("arrives_at", "comes_at").le(until)))
    )
