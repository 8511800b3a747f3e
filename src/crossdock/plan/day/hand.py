"""Parcels that are in the network already, as the day's planner takes them."""

from __future__ import annotations

import polars as pl

from crossdock.plan.sortation import first_waves


def at_hand(background: pl.DataFrame, waves: pl.DataFrame) -> pl.DataFrame:
    """Parcels under way in the next wave of where they are; those that none takes are left out."""
    waved = background.with_columns(
        first_waves(waves, background["origin_facility_id"], background["available_at"]).alias(
            "origin_wave_index"
        ),
        pickup_m=pl.lit(0.0),
    )
    return waved.filter(pl.col("origin_wave_index") >= 0)
