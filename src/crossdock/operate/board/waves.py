"""The sort waves of a facility, and who waits for each."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.operate.board.loads import BEFORE
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, sorting

_MATCHES = dt.timedelta(hours=6)
"""A wave that begins or ends within so long of its plan is that wave."""


def waves(
    present: Present,
    plan: PlanView,
    facility_id: str,
    here: pl.DataFrame,
    at: dt.datetime,
    until: dt.datetime,
) -> pl.DataFrame:
    """`BOARD_WAVES` that take parcels or sort until then, or ended in the last hour.

    Parameters
    ----------
    here
        `PARCEL_STATUS` of the parcels that the facility holds.
    """
    planned = plan.waves.filter(pl.col("facility_id") == facility_id).sort("inbound_cutoff_at")
    told = present.folded.tracking.facility_events.whole.filter(
        (pl.col("facility_id") == facility_id) & (pl.col("at") <= at)
    )
    opens = pl.coalesce("starts_at", "inbound_cutoff_at")
    shown = planned.filter(
        (opens <= until) & (pl.coalesce("ready_at", "ends_at") >= at - BEFORE)
    ).unique(["wave", "inbound_cutoff_at"], keep="first", maintain_order=True)
    state = (
        pl.when(pl.col("ended_at").is_not_null())
        .then(pl.lit("ended"))
        .when(pl.col("began_at").is_not_null())
        .then(pl.lit("sorting"))
        .otherwise(pl.lit("planned"))
    )
    began = _nearest(shown, told, "wave_started", "starts_at", "began_at")
    ended = _nearest(shown, told, "wave_ended", "ends_at", "ended_at")
    return (
        shown.join(began.drop("left"), on=["wave", "inbound_cutoff_at"], how="left")
        .join(ended, on=["wave", "inbound_cutoff_at"], how="left")
        .join(_waiting(present, plan, here), on="inbound_cutoff_at", how="left")
        .with_columns(state=state, waiting=pl.col("waiting").fill_null(0))
        .sort("inbound_cutoff_at")
    )


def _nearest(
    shown: pl.DataFrame, told: pl.DataFrame, kind: str, planned: str, name: str
) -> pl.DataFrame:
    """The event of each planned wave: of that name, the nearest in time."""
    events = told.filter((pl.col("kind") == kind) & pl.col("wave").is_not_null()).select(
        "wave", "left", pl.col("at").alias(name)
    )
    return (
        shown.select("wave", "inbound_cutoff_at", planned)
        .join(events, on="wave")
        .with_columns(off=(pl.col(name) - pl.col(planned)).abs())
        .filter(pl.col("off") <= _MATCHES)
        .sort("off")
        .unique(["wave", "inbound_cutoff_at"], keep="first", maintain_order=True)
        .select("wave", "inbound_cutoff_at", name, "left")
    )


def _waiting(present: Present, plan: PlanView, here: pl.DataFrame) -> pl.DataFrame:
    """How many parcels wait here for the wave of each cut-off."""
    arrivals = here.filter(~pl.col("terminal")).select(
        facility_id="custody_id", came_at="custody_since"
    )
    return (
        sorting(present.folded.tracking, plan, arrivals)
        .filter(~pl.col("sorted") & pl.col("cutoff_at").is_not_null())
        .group_by(inbound_cutoff_at="cutoff_at")
        .agg(waiting=pl.len().cast(pl.Int64))
    )
