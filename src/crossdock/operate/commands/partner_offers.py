"""What a partner asks for bringing parcels to the door from where they are."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.locate.roads import great_circle_m
from crossdock.locate.zips import zip_table
from crossdock.model import Network
from crossdock.model.units import METERS_PER_MILE
from crossdock.plan.delivery import coverage_options, delivery_rates, facility_zip3
from crossdock.predict.eta import partner_days


def partner_offers(
    network: Network, placed: pl.DataFrame, carrier_id: str, date: dt.date
) -> pl.DataFrame:
    """The parcels that a partner covers from where they are: ``parcel_id, usd, partner_days``.

    Where it covers a ZIP in several ways the cheapest counts; ``usd`` is null without a rate.

    Parameters
    ----------
    placed
        `GOODS` with the ``facility_id`` that holds them.
    """
    held = network.on(date)
    options = coverage_options(held, placed["zip5"]).filter(
        pl.col("carrier_id") == carrier_id, pl.col("mode") != "own"
    )
    asked = (
        placed.join(options, on=["zip5", "facility_id"])
        .join(
            held["facilities"].select("facility_id", here="latitude", there="longitude"),
            on="facility_id",
        )
        .drop_nulls(["here", "there", "latitude", "longitude"])
    )
    if asked.is_empty():
        return pl.DataFrame(
            schema={"parcel_id": pl.String, "usd": pl.Float64, "partner_days": pl.Int64}
        )
    metres = great_circle_m(asked["here"], asked["there"], asked["latitude"], asked["longitude"])
    asked = asked.with_columns(distance_miles=pl.Series(metres / METERS_PER_MILE)).join(
        facility_zip3(held, zip_table()), on="facility_id", how="left", maintain_order="left"
    )
    days = partner_days(pl.col("mode"), pl.col("entry_level"), pl.col("distance_miles"))
    return (
        asked.with_columns(delivery_rates(held, asked).alias("usd"), partner_days=days)
        .sort("parcel_id", "usd", nulls_last=True)
        .unique("parcel_id", keep="first", maintain_order=True)
        .select("parcel_id", "usd", "partner_days")
    )
