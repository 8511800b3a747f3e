"""What each option costs from the origin to the door, lateness priced."""

from __future__ import annotations

import datetime as dt
from typing import cast

import polars as pl

from crossdock.model import Network
from crossdock.model.prices import LATE_USD_PARCEL_DAY
from crossdock.plan.delivery.groups import GROUP, OPTION
from crossdock.plan.delivery.rates import delivery_rates, facility_zip3
from crossdock.plan.lastmile import FleetYard, estimate_stop_costs

_ROUGH_FILL = 0.6
_FACILITY_HANDLING_USD = 0.4


def with_costs(
    network: Network,
    inducted: pl.DataFrame,
    options: pl.DataFrame,
    offers: pl.DataFrame,
    zips: pl.DataFrame,
) -> pl.DataFrame:
    """Cost of each option: to the door, handling at its facility, a rough line-haul, lateness.

    Adds ``delivery_usd`` (null: nobody sells it), ``linehaul_usd``, ``handling_usd`` and
    ``score_usd``.
    """
    delivery = pl.concat(
        [_own_costs(network, options), _bought_costs(network, inducted, options, zips)]
    )
    per_m3 = (
        offers.group_by("from_facility_id", "to_facility_id", maintain_order=True)
        .agg(
            usd_m3=(pl.col("cost_usd") / (pl.col("units_per_vehicle") * pl.col("unit_m3"))).min()
            / _ROUGH_FILL
        )
        .rename({"from_facility_id": "origin_facility_id", "to_facility_id": "facility_id"})
    )
    handling = network["facilities"].select(
        "facility_id", handling_usd=pl.col("handling_usd_parcel").fill_null(_FACILITY_HANDLING_USD)
    )
    moved = pl.col("facility_id") != pl.col("origin_facility_id")
    return (
        options.join(
            delivery, on=[*GROUP, *OPTION], how="left", nulls_equal=True, maintain_order="left"
        )
        .join(per_m3, on=["origin_facility_id", "facility_id"], how="left", maintain_order="left")
        .join(handling, on="facility_id", how="left", maintain_order="left")
        .with_columns(
            linehaul_usd=pl.when(moved)
            .then(pl.col("usd_m3").fill_null(0.0) * pl.col("volume_m3"))
            .otherwise(0.0),
            handling_usd=pl.when(moved)
            .then(pl.col("handling_usd") * pl.col("parcels"))
            .otherwise(0.0),
        )
        .with_columns(
            score_usd=pl.col("delivery_usd")
            + pl.col("linehaul_usd")
            + pl.col("handling_usd")
            + LATE_USD_PARCEL_DAY * pl.col("late_days") * pl.col("parcels")
        )
        .drop("usd_m3")
    )


def _own_costs(network: Network, options: pl.DataFrame) -> pl.DataFrame:
    """Delivery cost of own options: stops of a facility's day are estimated together."""
    own = options.filter((pl.col("mode") == "own") & pl.col("usual_date").is_not_null())
    places = network["facilities"].select("facility_id", "latitude", "longitude")
    at = {facility: (latitude, longitude) for facility, latitude, longitude in places.iter_rows()}
    yard = FleetYard(network, "own")
    keys = [*GROUP, *OPTION]
    frames = [options.head(0).select(*keys, delivery_usd=pl.lit(0.0))]
    for (facility, carrier, date), day in own.group_by(
        "facility_id", "carrier_id", "usual_date", maintain_order=True
    ):
        by_zip = day.group_by("zip5", maintain_order=True).agg(
            pl.col("latitude", "longitude").first(),
            pl.col("stops", "parcels", "volume_m3").sum(),
        )
        fleet = yard.fleet(
            str(facility),
            cast("dt.date", date),
            parcels=int(by_zip["parcels"].sum()),
            volume_m3=float(by_zip["volume_m3"].sum()),
            carrier_id=str(carrier),
        )
        if fleet.is_empty():
            continue
        costs = by_zip.select("zip5").with_columns(
            estimate_stop_costs(by_zip, *at[str(facility)], fleet)
        )
        frames.append(
            day.join(costs, on="zip5", maintain_order="left").select(
                *keys, delivery_usd=pl.col("usd_stop") * pl.col("stops")
            )
        )
    return pl.concat(frames)


def _bought_costs(
    network: Network, inducted: pl.DataFrame, options: pl.DataFrame, zips: pl.DataFrame
) -> pl.DataFrame:
    """Delivery cost of the options of crowd, 3PL and USPS, summed over the group's parcels."""
    asked = (
        inducted.select(*GROUP, "weight_kg", "volume_m3")
        .join(
            options.filter(pl.col("mode") != "own").select(*GROUP, *OPTION, "distance_miles"),
            on=GROUP,
            maintain_order="left",
        )
        .join(facility_zip3(network, zips), on="facility_id", maintain_order="left")
    )
    return (
        asked.with_columns(delivery_rates(network, asked).alias("parcel_usd"))
        .group_by(*GROUP, *OPTION, maintain_order=True)
        .agg(
            delivery_usd=pl.when(pl.col("parcel_usd").is_null().any())
            .then(None)
            .otherwise(pl.col("parcel_usd").sum())
        )
    )
