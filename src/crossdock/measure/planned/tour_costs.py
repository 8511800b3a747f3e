"""What tours cost, by what it is paid for."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

COST_KINDS = ("fixed_usd", "distance_usd", "time_usd", "stops_usd", "parcels_usd", "fuel_usd")
"""``parcels_usd`` holds what fills a tour up to the least that its carrier charges too."""

_DAY = ["vehicle_id", "delivery_date"]
_PRICES = ("fixed_usd_day", "cost_usd_mile", "cost_usd_h", "usd_stop", "fuel_pct")


def tour_costs(tables: Tables, tours: pl.DataFrame) -> pl.DataFrame:
    """``route_id`` and `COST_KINDS` of each of ``tours``; they sum to its cost.

    Of a vehicle that is not in the day's fleet all of it is ``parcels_usd``.
    """
    prices = (
        table(tables, "fleet")
        .select(*_DAY, *_PRICES)
        .unique(_DAY, keep="first", maintain_order=True)
        .with_columns(pl.col(_PRICES).fill_null(0.0))
    )
    priced = tours.join(prices, on=_DAY, how="left", maintain_order="left").with_columns(
        pl.col(_PRICES).fill_null(0.0)
    )
    before_fuel = pl.col("cost_usd") / (1.0 + pl.col("fuel_pct") / 100.0)
    split = priced.with_columns(
        fixed_usd=pl.col("fixed_usd_day"),
        distance_usd=pl.col("cost_usd_mile") * pl.col("distance_m") / METERS_PER_MILE,
        time_usd=pl.col("cost_usd_h") * pl.col("paid_s") / SECONDS_PER_HOUR,
        stops_usd=pl.col("usd_stop") * pl.col("stops"),
        fuel_usd=pl.col("cost_usd") - before_fuel,
    )
    rest = before_fuel - pl.sum_horizontal("fixed_usd", "distance_usd", "time_usd", "stops_usd")
    return split.with_columns(
        parcels_usd=pl.when(rest.abs() < 5e-7).then(0.0).otherwise(rest)
    ).select("route_id", *COST_KINDS)
