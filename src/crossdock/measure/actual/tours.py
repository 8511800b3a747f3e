"""Routes as they were driven, and what they cost by the prices of their vehicles.

A driven route costs what the plan's formula says of its real miles, paid hours, stops and parcels:
own vehicles by mile, paid hour and, once on each day used, ``fixed_usd_day``; others by their
rates, at least the minimum, plus fuel. A planned route that was not driven costs ``fixed_usd_day``
alone: the vehicle had been called. Where another route of that own vehicle and day was driven,
that one pays for the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from crossdock.measure.actual.log import DayLog, instants
from crossdock.measure.actual.places import local_date
from crossdock.model.network import Network
from crossdock.model.tables import FLEET, TOURS, conform
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.plan.lastmile import last_mile_fleet

PRICES = (
    "fixed_usd_day", "cost_usd_mile", "cost_usd_h", "usd_stop", "usd_parcel", "minimum_usd",
    "fuel_pct",
)  # fmt: skip


def route_heads(planned: pl.DataFrame, log: DayLog, timezones: Mapping[str, str]) -> pl.DataFrame:
    """Every route, the plan's and those formed beyond it, with what was told of it.

    Returns
    -------
    polars.DataFrame
        The columns of ``TOURS`` that say who and where, ``planned``, and ``left_at``, ``back_at``,
        ``told_paid_s``, ``told_distance_m``: null where nobody told.
    """
    told = log.routes
    first = {
        kind: told.filter(pl.col("kind") == kind).unique(
            "route_id", keep="first", maintain_order=True
        )
        for kind in ("route_added", "route_departed", "route_returned")
    }
    beyond = (
        pl.concat([first["route_added"], first["route_departed"]])
        .unique("route_id", keep="first", maintain_order=True)
        .join(planned, on="route_id", how="anti", maintain_order="left")
        .with_columns(departs_at=pl.coalesce(instants("departs_at"), "at"), planned=pl.lit(False))
    )
    dated = beyond.with_columns(
        delivery_date=local_date("departs_at", beyond["facility_id"], timezones)
    ).sort("route_id")
    heads = [name for name in TOURS if name in _WHO]
    every = pl.concat(
        [
            planned.select(*heads, planned=pl.lit(True)),
            dated.select(*heads, "planned"),
        ]
    )
    left = first["route_departed"].select("route_id", left_at="at")
    back = first["route_returned"].select(
        "route_id",
        back_at="at",
        told_paid_s=pl.col("paid_s").cast(pl.Float64, strict=False),
        told_distance_m=pl.col("distance_m").cast(pl.Float64, strict=False),
    )
    return every.join(left, on="route_id", how="left", maintain_order="left").join(
        back, on="route_id", how="left", maintain_order="left"
    )


_WHO = (
    "route_id", "facility_id", "delivery_date", "vehicle_id", "vehicle_type", "driver_id",
    "carrier_id", "departs_at",
)  # fmt: skip


def tours_as_driven(
    heads: pl.DataFrame,
    planned: pl.DataFrame,
    fleet: pl.DataFrame,
    attempts: pl.DataFrame,
    parcels: pl.DataFrame,
    network: Network,
) -> pl.DataFrame:
    """``TOURS`` of what was driven, the plan's routes first.

    A route that was not driven has no times, no stops and no miles. ``stops`` and ``parcels`` are
    those at whose door the driver was. A route that left and never told its return has the plan's
    hours and miles (none where it had no plan).

    Parameters
    ----------
    heads
        `route_heads`.
    attempts
        ``parcel_id, route_id, sequence`` of each attempt.
    parcels
        ``parcel_id, volume_m3, weight_kg``.
    """
    served = _served(attempts, parcels)
    usual = planned.select("route_id", usual_s="paid_s", usual_m="distance_m")
    driven = pl.col("left_at").is_not_null() | pl.col("stops").is_not_null()
    amounts = (
        heads.join(served, on="route_id", how="left", maintain_order="left")
        .join(usual, on="route_id", how="left", maintain_order="left")
        .with_columns(driven=driven)
        .with_columns(
            pl.col("stops", "parcels").fill_null(0),
            pl.col("volume_m3", "weight_kg").fill_null(0.0),
            paid_s=_if_driven(pl.coalesce("told_paid_s", "usual_s", pl.lit(0.0))),
            distance_m=_if_driven(pl.coalesce("told_distance_m", "usual_m", pl.lit(0.0))),
        )
    )
    priced = _with_prices(amounts, fleet, network)
    own = network["carriers"].filter(pl.col("kind") == "own")["carrier_id"]
    charged = _charged(priced.with_columns(own=pl.col("carrier_id").is_in(own.implode())))
    return conform(
        charged.with_columns(
            departs_at=pl.col("left_at"),
            returns_at=pl.col("back_at"),
            paid_s=pl.col("paid_s").round().cast(pl.Int64),
            return_distance_m=pl.lit(None, pl.Float64),
        ),
        TOURS,
    )


def _if_driven(amount: pl.Expr) -> pl.Expr:
    return pl.when("driven").then(amount).otherwise(0.0)


def _served(attempts: pl.DataFrame, parcels: pl.DataFrame) -> pl.DataFrame:
    """Stops and parcels at whose door each route was."""
    return (
        attempts.filter(pl.col("route_id").is_not_null())
        .unique(["route_id", "parcel_id"], keep="first", maintain_order=True)
        .join(
            parcels.select("parcel_id", "volume_m3", "weight_kg"),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
        .sort("route_id", "sequence", "parcel_id")
        .group_by("route_id", maintain_order=True)
        .agg(
            stops=pl.col("sequence").n_unique().cast(pl.Int64),
            parcels=pl.len().cast(pl.Int64),
            volume_m3=pl.col("volume_m3").sum(),
            weight_kg=pl.col("weight_kg").sum(),
        )
    )


def _charged(tours: pl.DataFrame) -> pl.DataFrame:
    """``tours`` with ``cost_usd``; the first driven route of an own vehicle's day pays the day."""
    day = ["vehicle_id", "delivery_date"]
    ordered = tours.with_row_index("row").sort(
        pl.col("driven").not_(), pl.coalesce("left_at", "departs_at"), "route_id"
    )
    pays_day = ~pl.col("own") | (pl.int_range(pl.len()).over(day) == 0)
    fixed = pl.when(pays_day).then(pl.col("fixed_usd_day")).otherwise(0.0)
    by_use = (
        pl.col("cost_usd_mile") * pl.col("distance_m") / METERS_PER_MILE
        + pl.col("cost_usd_h") * pl.col("paid_s") / SECONDS_PER_HOUR
        + pl.col("usd_stop") * pl.col("stops")
        + pl.col("usd_parcel") * pl.col("parcels")
    )
    least = pl.when("driven").then(pl.col("minimum_usd")).otherwise(0.0)
    fuel = 1 + pl.col("fuel_pct") / 100
    cost = pl.max_horizontal(fixed + by_use, least) * fuel
    return ordered.with_columns(cost_usd=cost).sort("row").drop("row")


def _with_prices(tours: pl.DataFrame, fleet: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Prices of the vehicle on that day, on another, of its like at the station, or anywhere."""
    known = pl.concat([fleet, _called_beyond(tours, fleet, network)])
    found = tours.with_columns(pl.lit(None, pl.Float64).alias(price) for price in PRICES)
    for key in _ALIKE:
        rows = known.unique(list(key), keep="first", maintain_order=True).select(*key, *PRICES)
        found = found.join(
            rows, on=list(key), how="left", maintain_order="left", suffix="_found"
        ).with_columns(pl.coalesce(price, f"{price}_found").alias(price) for price in PRICES)
        found = found.drop(f"{price}_found" for price in PRICES)
    return found.with_columns(pl.col(PRICES).fill_null(0.0))


_ALIKE: Sequence[tuple[str, ...]] = (
    ("vehicle_id", "delivery_date"),
    ("vehicle_id",),
    ("facility_id", "carrier_id", "vehicle_type"),
    ("carrier_id", "vehicle_type"),
)


def _called_beyond(tours: pl.DataFrame, fleet: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Vehicles of routes whose like the plan's fleet does not have, from the network's files."""
    alike = ["carrier_id", "vehicle_type"]
    unknown = (
        tours.join(fleet, on=alike, how="anti")
        .join(fleet, on="vehicle_id", how="anti")
        .filter(pl.col("facility_id").is_not_null(), pl.col("carrier_id").is_not_null())
        .unique(["facility_id", *alike], keep="first", maintain_order=True)
    )
    kinds: dict[str, str] = dict(network["carriers"].select("carrier_id", "kind").iter_rows())
    rows = [
        _fleet_of(network, row, kinds[row["carrier_id"]])
        for row in unknown.iter_rows(named=True)
        if row["carrier_id"] in kinds
    ]
    return pl.concat([conform(pl.DataFrame(), FLEET), *rows])


def _fleet_of(network: Network, route: Mapping[str, Any], kind: str) -> pl.DataFrame:
    date: dt.date = route["delivery_date"]
    return last_mile_fleet(
        network, route["facility_id"], date, kind, parcels=1, carrier_id=route["carrier_id"]
    )
