"""When each parcel is at its destination facility, ready for the street, and how surely."""

from __future__ import annotations

import numpy as np
import polars as pl

from crossdock.predict.eta import probability_within


def at_destination(
    consignments: pl.DataFrame, legs: pl.DataFrame, waves: pl.DataFrame, dated: pl.DataFrame
) -> pl.DataFrame:
    """Wave that sorts each parcel at its destination.

    Parameters
    ----------
    consignments
        ``parcel_id, origin_wave_index, destination_facility_id``; parcels without legs start at
        their destination.
    dated
        ``wave_index, delivery_date``.

    Returns
    -------
    polars.DataFrame
        ``parcel_id, wave_index, ready_at, delivery_date`` in the order of ``consignments``; nulls
        where no wave of the calendar is late enough.
    """
    ready = waves.select("wave_index", origin_ready_at="ready_at")
    last = legs.group_by("parcel_id", maintain_order=True).agg(
        arrives_at=pl.col("arrives_at").max()
    )
    present = (
        consignments.select("parcel_id", "origin_wave_index", "destination_facility_id")
        .join(last, on="parcel_id", how="left", maintain_order="left")
        .join(ready, left_on="origin_wave_index", right_on="wave_index", maintain_order="left")
        .with_columns(present_at=pl.coalesce("arrives_at", "origin_ready_at"))
        .with_row_index("position")
    )
    sorted_in = (
        present.sort("present_at")
        .join_asof(
            waves.select(
                "wave_index",
                "ready_at",
                "inbound_cutoff_at",
                destination_facility_id="facility_id",
            ).sort("inbound_cutoff_at"),
            left_on="present_at",
            right_on="inbound_cutoff_at",
            by="destination_facility_id",
            strategy="forward",
            check_sortedness=False,
        )
        .sort("position")
    )
    return sorted_in.join(
        dated.select("wave_index", "delivery_date"),
        on="wave_index",
        how="left",
        maintain_order="left",
    ).select("parcel_id", "wave_index", "ready_at", "delivery_date")


def connection_probability(
    legs: pl.DataFrame, loads: pl.DataFrame, waves: pl.DataFrame
) -> pl.DataFrame:
    """Probability that all legs of a parcel make the wave they are planned for.

    A leg makes it if its transit, skewed by the lane's p50 and p90, ends by the inbound cut-off
    that the plan relies on; legs are taken as independent.

    Returns
    -------
    polars.DataFrame
        ``parcel_id, p_connect``; parcels without legs are not in it.
    """
    cutoffs = waves.select("facility_id", "inbound_cutoff_at").sort("inbound_cutoff_at")
    rolling = (
        loads.filter(pl.col("parcels") > 0)
        .sort("arrives_at")
        .join_asof(
            cutoffs,
            left_on="arrives_at",
            right_on="inbound_cutoff_at",
            by_left="to",
            by_right="facility_id",
            strategy="forward",
            check_sortedness=False,
        )
        .with_columns(
            allowed_h=(pl.col("inbound_cutoff_at") - pl.col("departs_at")).dt.total_seconds()
            / 3600.0
        )
    )
    probability = probability_within(
        rolling["transit_h_p50"].to_numpy(),
        rolling["transit_h_p90"].to_numpy(),
        rolling["allowed_h"].fill_null(1e6).to_numpy(),
    )
    made = rolling.select("load_id", p=pl.Series(np.clip(probability, 0.0, 1.0)))
    return (
        legs.select("parcel_id", "load_id")
        .join(made, on="load_id", maintain_order="left")
        .group_by("parcel_id", maintain_order=True)
        .agg(p_connect=pl.col("p").product())
    )
