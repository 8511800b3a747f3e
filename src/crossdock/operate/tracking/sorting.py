"""Which parcels of a facility are sorted, and when the others will be."""

from __future__ import annotations

import polars as pl

from crossdock.operate.tracking.plan import PlanView
from crossdock.operate.tracking.state import TrackingState


def sorting(state: TrackingState, plan: PlanView, arrivals: pl.DataFrame) -> pl.DataFrame:
    """``arrivals`` with ``sorted``, ``cutoff_at`` and ``ready_at``, in their order.

    A parcel goes into the first planned wave whose inbound cut-off is not before it came, and is
    sorted once a wave ended at its facility since that one began. Where the plan knows no such
    wave, any wave that ended after it came has taken it.

    Parameters
    ----------
    arrivals
        With ``facility_id`` and ``came_at``; of parcels that are still to come, when they will.

    Returns
    -------
    polars.DataFrame
        ``cutoff_at``: of the wave; ``ready_at``: when its parcels can leave, as planned; both null
        without such a wave.
    """
    waves = plan.waves.select(
        "facility_id",
        cutoff_at="inbound_cutoff_at",
        begins_at=pl.coalesce("starts_at", "inbound_cutoff_at"),
        ready_at=pl.coalesce("ready_at", "ends_at"),
    )
    ended = (
        state.facility_events.whole.filter(pl.col("kind") == "wave_ended")
        .group_by("facility_id")
        .agg(ended_at=pl.col("at").max())
    )
    since = pl.max_horizontal("begins_at", "came_at")  # leaves nulls out
    return (
        arrivals.with_row_index("_place")
        .sort("came_at")
        .join_asof(
            waves.filter(pl.col("cutoff_at").is_not_null()).sort("cutoff_at"),
            left_on="came_at",
            right_on="cutoff_at",
            by="facility_id",
            strategy="forward",
            check_sortedness=False,
            coalesce=False,
        )
        .join(ended, on="facility_id", how="left")
        .with_columns(sorted=(pl.col("ended_at") >= since).fill_null(value=False))
        .sort("_place")
        .select(*arrivals.columns, "sorted", "ready_at", "cutoff_at")
    )
