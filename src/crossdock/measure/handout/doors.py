"""A load sheet a departure: door, trailer, and what goes in first."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.handout.paper import Paper, file_stem, local_texts, neutral_csv, sheet
from crossdock.model.network import Network

LOADING = dt.timedelta(minutes=90)
CLOSES_BEFORE = dt.timedelta(minutes=15)
"""A door is loaded from 90 minutes before the departure and closed 15 before it (assumptions)."""


def door_sheets(tables: Tables, network: Network) -> Iterator[Paper]:
    """``door_sheets/<load>.csv``, a row a parcel in load order, and a printable page."""
    loads = assign_doors(table(tables, "loads"), network)
    riding = _in_load_order(tables, loads, network)
    by_load = {str(key[0]): part for key, part in riding.group_by("load_id")}
    empty = riding.clear()
    told = local_texts(loads, ["loading_at", "closes_at", "departs_at"], network, place="from")
    told = local_texts(told, ["arrives_at"], network, place="to")
    names = dict(network["facilities"].select("facility_id", "name").iter_rows())
    for load in told.sort("load_id").to_dicts():
        parcels = by_load.get(load["load_id"], empty).sort("load_order", "parcel_id")
        stem = f"door_sheets/{file_stem(load['load_id'])}"
        yield Paper(f"{stem}.csv", neutral_csv(_rows(load, parcels)))
        page = sheet("door_sheet.html.j2", load=load, groups=_groups(parcels), names=names)
        yield Paper(f"{stem}.html", page)


def assign_doors(loads: pl.DataFrame, network: Network) -> pl.DataFrame:
    """``loads`` with ``door``, ``loading_at`` and ``closes_at``.

    In the order of departure each load gets the lowest door of its facility that is free for its
    loading time, else the one that is free first, and is loaded from then on. A facility without
    ``doors`` has as many as needed.
    """
    doors: Mapping[str, int | None] = dict(
        network["facilities"].select("facility_id", "doors").iter_rows()
    )
    ordered = loads.sort("from", "departs_at", "load_id")
    assigned: list[tuple[int, dt.datetime]] = []
    for (place,), departures in ordered.group_by("from", maintain_order=True):
        assigned += _doors_of_a_facility(departures["departs_at"].to_list(), doors.get(str(place)))
    return ordered.with_columns(
        pl.Series("door", [door for door, _ in assigned], dtype=pl.Int64),
        pl.Series("loading_at", [at for _, at in assigned], dtype=ordered.schema["departs_at"]),
        (pl.col("departs_at") - CLOSES_BEFORE).alias("closes_at"),
    )


def _doors_of_a_facility(
    departures: list[dt.datetime], doors: int | None
) -> list[tuple[int, dt.datetime]]:
    busy: list[tuple[dt.datetime, int]] = []
    free: list[int] = []
    opened = 0
    assigned: list[tuple[int, dt.datetime]] = []
    for departs in departures:
        starts = departs - LOADING
        while busy and busy[0][0] <= starts:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            door = heapq.heappop(free)
        elif doors is None or opened < doors:
            opened += 1
            door = opened
        else:
            starts, door = heapq.heappop(busy)
        heapq.heappush(busy, (departs, door))
        assigned.append((door, starts))
    return assigned


def _in_load_order(tables: Tables, loads: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Parcels by load with what each meets next; what leaves last at the far end goes in first."""
    legs = table(tables, "legs").sort("parcel_id", "seq")
    tours = table(tables, "tours").select("route_id", tour_at="departs_at")
    routed = (
        table(tables, "routes")
        .join(tours, on="route_id")
        .select("parcel_id", "tour_at", "route_id")
    )
    handed = table(tables, "handoffs").select(
        "parcel_id", "handoff_at", partner=pl.col("carrier_id")
    )
    parcels = table(tables, "parcels").select(
        "parcel_id", "destination_facility_id", "volume_m3", "weight_kg"
    )
    facing = legs.with_columns(
        next_load=pl.col("load_id").shift(-1).over("parcel_id"),
        next_at=pl.col("departs_at").shift(-1).over("parcel_id"),
    )
    for table_of_ends in (parcels, routed, handed):
        facing = facing.join(table_of_ends, on="parcel_id", how="left", maintain_order="left")
    onward = facing.with_columns(
        onward_at=pl.coalesce("next_at", "tour_at", "handoff_at"),
        onward=pl.when(pl.col("next_load").is_not_null())
        .then(pl.format("load {}", "next_load"))
        .when(pl.col("route_id").is_not_null())
        .then(pl.lit("own delivery"))
        .when(pl.col("partner").is_not_null())
        .then(pl.format("handoff {}", "partner"))
        .otherwise(pl.lit("hold at station")),
    ).filter(pl.col("load_id").is_in(loads["load_id"].implode()))
    last_first = pl.struct("onward_at", "destination_facility_id", "onward")
    ranked = onward.with_columns(
        load_order=last_first.rank("dense", descending=True).over("load_id").cast(pl.Int64)
    )
    return local_texts(ranked, ["onward_at"], network, place="to").select(
        "load_id",
        "load_order",
        "parcel_id",
        "destination_facility_id",
        "onward",
        "onward_at",
        "volume_m3",
        "weight_kg",
    )


def _rows(load: dict[str, Any], parcels: pl.DataFrame) -> pl.DataFrame:
    told = (
        "load_id",
        "from",
        "to",
        "door",
        "vehicle_type",
        "carrier_id",
        "closes_at",
        "departs_at",
    )
    return parcels.select(*(pl.lit(load[name]).alias(name) for name in told), pl.exclude("load_id"))


def _groups(parcels: pl.DataFrame) -> list[dict[str, Any]]:
    return (
        parcels.group_by(
            "load_order",
            "destination_facility_id",
            "onward",
            "onward_at",
            maintain_order=True,
        )
        .agg(
            parcels=pl.len(),
            volume_m3=pl.col("volume_m3").sum(),
            weight_kg=pl.col("weight_kg").sum(),
        )
        .to_dicts()
    )
