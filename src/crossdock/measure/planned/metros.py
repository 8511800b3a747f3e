"""Metros of a plan: what each facility sends out and what that costs."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.model.network import Network
from crossdock.model.units import SECONDS_PER_HOUR

_PLACE = ("facility_id", "name", "latitude", "longitude", "timezone")
_COUNTS = ("routes", "stops", "parcels", "handed_over", "originating")


def plan_metros(tables: Tables, network: Network) -> pl.DataFrame:
    """One row a facility that the plan touches, by id.

    Returns
    -------
    polars.DataFrame
        ``facility_id, name, latitude, longitude, timezone``; ``routes, stops, parcels`` of its
        routes, ``delivery_dates, cost_usd, usd_per_parcel, stops_per_hour`` (gate out to gate in),
        ``distance_m, paid_s, first_departs_at, last_returns_at``; ``handed_over``: parcels that it
        gives to a partner; ``originating``: parcels that start there.
    """
    tours = (
        table(tables, "tours")
        .group_by("facility_id")
        .agg(
            pl.len().cast(pl.Int64).alias("routes"),
            pl.col("stops", "parcels", "cost_usd", "distance_m", "paid_s").sum(),
            delivery_dates=pl.col("delivery_date").drop_nulls().unique().sort(),
            road_h=(pl.col("returns_at") - pl.col("departs_at")).dt.total_seconds().sum()
            / SECONDS_PER_HOUR,
            first_departs_at=pl.col("departs_at").min(),
            last_returns_at=pl.col("returns_at").max(),
        )
    )
    handed = _counted(table(tables, "handoffs"), "facility_id", "handed_over")
    starting = _counted(table(tables, "parcels"), "origin_facility_id", "originating")
    places = network["facilities"].select(_PLACE)
    return (
        _touched(tables)
        .join(places, on="facility_id", how="left")
        .join(tours, on="facility_id", how="left")
        .join(handed, on="facility_id", how="left")
        .join(starting, on="facility_id", how="left")
        .with_columns(
            pl.col(_COUNTS).fill_null(0),
            pl.col("delivery_dates").fill_null([]),
            pl.col("name").fill_null(pl.col("facility_id")),
            usd_per_parcel=_ratio("cost_usd", "parcels"),
            stops_per_hour=_ratio("stops", "road_h"),
        )
        .drop("road_h")
        .sort("facility_id")
    )


def _touched(tables: Tables) -> pl.DataFrame:
    """Facilities where anything of the plan starts, ends or goes through."""
    named = [
        ("loads", "from"),
        ("loads", "to"),
        ("tours", "facility_id"),
        ("handoffs", "facility_id"),
        ("parcels", "origin_facility_id"),
        ("parcels", "destination_facility_id"),
    ]
    ids = [table(tables, name)[column].rename("facility_id") for name, column in named]
    return pl.concat(ids).drop_nulls().unique().to_frame()


def _counted(rows: pl.DataFrame, facility: str, name: str) -> pl.DataFrame:
    return rows.group_by(facility_id=facility).agg(pl.len().cast(pl.Int64).alias(name))


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))
