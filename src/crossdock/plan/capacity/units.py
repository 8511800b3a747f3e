"""Usable space of vehicle types, and how many of them make one vehicle."""

from __future__ import annotations

import polars as pl

PUP_MAX_NOMINAL_M3 = 65.0
"""A trailer up to this size is a pup: two on one tractor."""

DEFAULT_STOW_FACTOR = 0.70
NO_LIMIT_KG = 1e6


def vehicle_units(vehicle_types: pl.DataFrame) -> pl.DataFrame:
    """Vehicle types that carry parcels, with ``unit_m3, unit_kg`` and ``units_per_vehicle``."""
    pup = (pl.col("class") == "trailer") & (pl.col("nominal_m3") <= PUP_MAX_NOMINAL_M3)
    return vehicle_types.filter(
        pl.col("nominal_m3") > 0, pl.col("class") != "tractor"
    ).with_columns(
        unit_m3=pl.col("nominal_m3") * pl.col("stow_factor").fill_null(DEFAULT_STOW_FACTOR),
        unit_kg=pl.col("payload_kg").fill_null(NO_LIMIT_KG),
        units_per_vehicle=pl.when(pup).then(2).otherwise(1).cast(pl.Int64),
    )
