"""What collecting a parcel from its merchant costs: a ledger row, never a leg."""

from __future__ import annotations

import polars as pl

from crossdock.model import Network
from crossdock.model.units import METERS_PER_MILE
from crossdock.plan.capacity import parcel_rates

ASSUMED_USD_PARCEL = 0.35
"""Taken where no carrier has a pick-up rate (assumption)."""


def pickup_costs(network: Network, parcels: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Pick-up cost of each parcel, by the cheapest carrier that sells pick-up.

    Parameters
    ----------
    parcels
        ``parcel_id, ship_from_zip, origin_facility_id, pickup_m, weight_kg, volume_m3``.

    Returns
    -------
    tuple
        ``parcel_id, cost_usd`` in row order, and the assumption made, if any.
    """
    sellers = (
        network["rates"]
        .filter(pl.col("mode") == "pickup")["carrier_id"]
        .unique(maintain_order=True)
        .to_list()
    )
    asked = parcels.select(
        "weight_kg",
        "volume_m3",
        mode=pl.lit("pickup"),
        entry_level=pl.lit(None, pl.String),
        origin_zip3=pl.col("ship_from_zip").str.slice(0, 3),
        dest_zip3=pl.col("ship_from_zip").str.slice(0, 3),
        distance_miles=pl.col("pickup_m") / METERS_PER_MILE,
        to="origin_facility_id",
    )
    prices = [
        parcel_rates(network, asked.with_columns(carrier_id=pl.lit(carrier))).alias(carrier)
        for carrier in sellers
    ]
    cheapest = (
        pl.DataFrame(prices).select(usd=pl.min_horizontal(sellers))["usd"]
        if prices
        else pl.Series("usd", [None] * parcels.height, dtype=pl.Float64)
    )
    notes = (
        (f"pick-up has no rate: ${ASSUMED_USD_PARCEL:.2f} a parcel is assumed",)
        if cheapest.null_count()
        else ()
    )
    return (
        parcels.select("parcel_id").with_columns(cost_usd=cheapest.fill_null(ASSUMED_USD_PARCEL)),
        notes,
    )
