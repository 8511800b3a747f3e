"""What a parcel costs from a facility to the door when somebody else brings it."""

from __future__ import annotations

import polars as pl

from crossdock.locate.roads import nearest_place
from crossdock.model import Network
from crossdock.plan.capacity import parcel_rates


def delivery_rates(network: Network, parcels: pl.DataFrame) -> pl.Series:
    """Price of each parcel under its coverage row; null where its carrier sells nothing for it.

    Crowd is priced by last-mile rates; USPS and 3PL by injection rates, and by last-mile rates
    where the carrier has none for injection.

    Parameters
    ----------
    parcels
        ``carrier_id, mode`` (coverage mode), ``entry_level, facility_id, zip5, distance_miles,
        weight_kg, volume_m3``; origin ZIP is taken from ``facility_zip3``.
    """
    asked = parcels.select(
        "carrier_id",
        "entry_level",
        "distance_miles",
        "weight_kg",
        "volume_m3",
        coverage_mode="mode",
        origin_zip3="facility_zip3",
        dest_zip3=pl.col("zip5").str.slice(0, 3),
    )
    injected = parcel_rates(network, asked.with_columns(mode=pl.lit("injection")))
    lastmile = parcel_rates(network, asked.with_columns(mode=pl.lit("lastmile")))
    by_crowd = asked["coverage_mode"] == "crowd"
    return pl.DataFrame({"injected": injected, "lastmile": lastmile, "crowd": by_crowd}).select(
        usd=pl.when("crowd").then("lastmile").otherwise(pl.coalesce("injected", "lastmile"))
    )["usd"]


def facility_zip3(network: Network, zips: pl.DataFrame) -> pl.DataFrame:
    """Three-digit ZIP area of each facility, by the nearest ZIP centre: for rate zones."""
    facilities = network["facilities"]
    placed = zips.drop_nulls(["latitude", "longitude"])
    nearest = placed["zip5"].gather(
        nearest_place(
            facilities["latitude"].to_numpy(),
            facilities["longitude"].to_numpy(),
            placed["latitude"].to_numpy(),
            placed["longitude"].to_numpy(),
        )
    )
    return facilities.select("facility_id").with_columns(facility_zip3=nearest.str.slice(0, 3))
