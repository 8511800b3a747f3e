"""A manifest a route: stop by stop, with address, time, parcels, breaks and instructions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.handout.paper import Paper, file_stem, local_texts, neutral_csv, sheet
from crossdock.model.network import Network
from crossdock.model.units import METERS_PER_MILE

ORDER_TEXTS = ("recipient", "line1", "line2", "city", "state", "zip5", "phone", "instructions")


def driver_manifests(tables: Tables, orders: pl.DataFrame, network: Network) -> Iterator[Paper]:
    """``manifests/<route>.csv``, a row a stop and a break in the order of time, and a page."""
    lines = pl.concat([_stops(tables, orders), _breaks(tables)], how="diagonal").sort(
        "route_id", "at", "kind"
    )
    told = local_texts(
        lines, ["arrives_at", "departs_at", "deliver_by"], network, place="facility_id"
    )
    by_route = {str(key[0]): part for key, part in told.group_by("route_id", maintain_order=True)}
    tours = local_texts(
        table(tables, "tours"), ["departs_at", "returns_at"], network, place="facility_id"
    ).sort("route_id")
    places = network["facilities"].select("facility_id", "name", "address").to_dicts()
    stations = {place["facility_id"]: place for place in places}
    nothing = told.clear()
    for tour in tours.to_dicts():
        rows = by_route.get(tour["route_id"], nothing)
        stem = f"manifests/{file_stem(tour['route_id'])}"
        yield Paper(f"{stem}.csv", neutral_csv(_rows(tour, rows)))
        yield Paper(
            f"{stem}.html",
            sheet(
                "manifest.html.j2",
                tour=tour,
                lines=rows.to_dicts(),
                station=stations.get(tour["facility_id"], {}),
                miles=(tour["distance_m"] or 0.0) / METERS_PER_MILE,
            ),
        )


def order_texts(tables: Tables, orders: pl.DataFrame) -> pl.DataFrame:
    """``parcel_id`` and the texts of its order; what the file does not give is null."""
    columns = [
        pl.col(name).cast(pl.String)
        if name in orders.columns
        else pl.lit(None, pl.String).alias(name)
        for name in ORDER_TEXTS
    ]
    known = orders.select("order_id", *columns).unique("order_id", keep="first")
    parcels = table(tables, "parcels").select("parcel_id", "order_id")
    return parcels.join(known, on="order_id", how="left", maintain_order="left").drop("order_id")


def _stops(tables: Tables, orders: pl.DataFrame) -> pl.DataFrame:
    parcels = table(tables, "parcels").select("parcel_id", "promised_at")
    rows = (
        table(tables, "routes")
        .join(parcels, on="parcel_id", how="left")
        .join(order_texts(tables, orders), on="parcel_id", how="left")
        .sort("route_id", "sequence", "parcel_id")
    )
    together = [
        pl.col(name).drop_nulls().unique(maintain_order=True).str.join("; ").alias(name)
        for name in ("recipient", "phone", "instructions")
    ]
    first = [pl.col(name).first() for name in ("line1", "line2", "city", "state", "zip5")]
    return (
        rows.group_by("route_id", "sequence", maintain_order=True)
        .agg(
            pl.col("facility_id").first(),
            pl.col("arrives_at").min(),
            pl.col("departs_at").max(),
            pl.col("distance_m").sum(),
            pl.col("promised_at").min().alias("deliver_by"),
            pl.len().cast(pl.Int64).alias("parcels"),
            pl.col("parcel_id").str.join("; ").alias("parcel_ids"),
            *together,
            *first,
        )
        .with_columns(kind=pl.lit("stop"), at=pl.col("arrives_at"))
        .with_columns(miles=(pl.col("distance_m") / METERS_PER_MILE).round(1))
    )


def _breaks(tables: Tables) -> pl.DataFrame:
    tours = table(tables, "tours").select("route_id", "facility_id")
    return (
        table(tables, "breaks")
        .join(tours, on="route_id")
        .select(
            "route_id",
            "facility_id",
            "kind",
            arrives_at="starts_at",
            departs_at="ends_at",
            at="starts_at",
        )
    )


def _rows(tour: dict[str, Any], lines: pl.DataFrame) -> pl.DataFrame:
    told = ("route_id", "facility_id", "vehicle_id", "driver_id", "carrier_id")
    return lines.select(
        *(pl.lit(tour[name]).alias(name) for name in told),
        "kind",
        "sequence",
        "arrives_at",
        "departs_at",
        "deliver_by",
        "recipient",
        "line1",
        "line2",
        "city",
        "state",
        "zip5",
        "parcels",
        "parcel_ids",
        "instructions",
        "phone",
        "miles",
    )
