"""A facility-day of two plans side by side: differences only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.planned.tour_costs import COST_KINDS, tour_costs

SAME_WITHIN = dt.timedelta(minutes=1)
"""Arrivals that differ by less are the same."""

_SUMS = ("stops", "parcels", "distance_m", "paid_s", "cost_usd", *COST_KINDS)


@dataclass(frozen=True)
class DayChanges:
    """What differs between ``was`` and ``now``.

    Attributes
    ----------
    totals
        ``was`` and ``now`` of each sum by ``name``: ``routes, stops, parcels, distance_m, paid_s,
        cost_usd``, each kind of cost, and ``late_parcels``: delivered after what the service says.
    routes
        Vehicles whose tour differs, the largest difference in cost first: of both ``route_id,
        stops, distance_m, departs_at, returns_at, cost_usd`` (null: it stays in).
    parcels
        By order: on another vehicle, or reached at another time, or on the routes of one plan
        only; ``vehicle_id, arrives_at, late`` of both, ``what``: moved, retimed, added, gone.
    """

    totals: pl.DataFrame
    routes: pl.DataFrame
    parcels: pl.DataFrame


def day_changes(was: Tables, now: Tables, facility_id: str, date: dt.date) -> DayChanges:
    """Compare the routes of a facility on a date in two plans, or in two editions of one."""
    sides = [_side(tables, facility_id, date) for tables in (was, now)]
    totals = sides[0][2].join(sides[1][2], on="name", suffix="_now", maintain_order="left")
    return DayChanges(
        totals.select("name", was="value", now="value_now"),
        _routes(sides[0][0], sides[1][0]),
        _parcels(sides[0][1], sides[1][1]),
    )


def _side(
    tables: Tables, facility_id: str, date: dt.date
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    here = (pl.col("facility_id") == facility_id) & (pl.col("delivery_date") == date)
    tours = table(tables, "tours").filter(here)
    tours = tours.join(tour_costs(tables, tours), on="route_id", maintain_order="left")
    known = pl.concat([table(tables, name) for name in ("parcels", "background_parcels")])
    parcels = (
        table(tables, "routes")
        .join(tours, on="route_id", how="semi")
        .select("parcel_id", "vehicle_id", "arrives_at", "departs_at")
        .join(known.select("parcel_id", "order_id", "service_due_at"), on="parcel_id")
        .with_columns(late=(pl.col("departs_at") > pl.col("service_due_at")).fill_null(False))
    )
    totals = pl.DataFrame(
        {
            "name": ["routes", *_SUMS, "late_parcels"],
            "value": [
                float(tours.height),
                *(float(tours[name].sum()) for name in _SUMS),
                float(parcels["late"].sum()),
            ],
        }
    )
    return tours, parcels, totals


def _routes(was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    shown = ("route_id", "stops", "distance_m", "departs_at", "returns_at", "cost_usd")
    both = (
        was.select("vehicle_id", *(pl.col(name).alias(f"was_{name}") for name in shown))
        .join(
            now.select("vehicle_id", *(pl.col(name).alias(f"now_{name}") for name in shown)),
            on="vehicle_id",
            how="full",
            coalesce=True,
        )
        .with_columns(
            difference_usd=pl.col("now_cost_usd").fill_null(0.0)
            - pl.col("was_cost_usd").fill_null(0.0)
        )
    )
    same = [
        pl.col(f"was_{name}").eq_missing(pl.col(f"now_{name}"))
        for name in ("stops", "distance_m", "departs_at", "returns_at", "cost_usd")
    ]
    return both.filter(~pl.all_horizontal(same)).sort(
        pl.col("difference_usd").abs(), "vehicle_id", descending=[True, False]
    )


def _parcels(was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    shown = ("vehicle_id", "arrives_at", "late")
    both = was.select(
        "order_id", "parcel_id", *(pl.col(name).alias(f"was_{name}") for name in shown)
    ).join(
        now.select(
            "order_id",
            pl.col("parcel_id").alias("now_parcel_id"),
            *(pl.col(name).alias(f"now_{name}") for name in shown),
        ),
        on="order_id",
        how="full",
        coalesce=True,
    )
    apart = (pl.col("now_arrives_at") - pl.col("was_arrives_at")).abs()
    what = (
        pl.when(pl.col("was_vehicle_id").is_null())
        .then(pl.lit("added"))
        .when(pl.col("now_vehicle_id").is_null())
        .then(pl.lit("gone"))
        .when(pl.col("was_vehicle_id") != pl.col("now_vehicle_id"))
        .then(pl.lit("moved"))
        .when(apart >= SAME_WITHIN)
        .then(pl.lit("retimed"))
    )
    return (
        both.with_columns(
            parcel_id=pl.coalesce("now_parcel_id", "parcel_id"), what=what, apart=apart
        )
        .filter(pl.col("what").is_not_null())
        .sort(
            pl.col("what") == "retimed", "apart", "order_id",
            descending=[False, True, False], nulls_last=True,
        )
        .drop("now_parcel_id", "apart")
    )  # fmt: skip
