"""A facility-day as a document of routes, so that one exporter writes both."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.platform.server.plans.editing.days import OpenDay
from crossdock.platform.server.plans.editing.told import Told, told_routes

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "pdf": "application/pdf",
}


def day_document(day: OpenDay, kind: str) -> tuple[bytes, str]:
    """Content and media type of a facility-day as csv, geojson or pdf."""
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 a server starts without
        plan_csv,
        plan_geojson,
        plan_pdf,
        read_plan,
    )

    plan = read_plan(_plan(day), "plan")
    if kind == "csv":
        return plan_csv(plan).encode(), KINDS[kind]
    if kind == "geojson":
        return plan_geojson(plan), KINDS[kind]
    return plan_pdf(plan, day.standing[0].problem.timezone), KINDS[kind]


def _plan(day: OpenDay) -> Told:
    routes = told_routes(day)
    doors = _doors(day)
    place = day.standing[0].problem
    depot = {"depot": day.key.facility_id, "lat": place.latitude, "lon": place.longitude}
    starts_at = min(route["departs_at"] for route in routes)
    breaks = _breaks(day)
    told = [_route(each, depot, doors, breaks.get(each["route_id"], [])) for each in routes]
    return {
        "version": 1,
        "name": f"{day.key.facility_id} {day.key.delivery_date}",
        "starts_at": starts_at.isoformat(),
        "dimensions": ["parcels", "m3", "kg"],
        "complete": True,
        "seed": 0,
        "iterations": 0,
        "wall_s": 0.0,
        "totals": {
            "routes": len(routes),
            "stops": sum(route["stops"] for route in routes),
            "unassigned": 0,
            "distance_m": sum(route["distance_m"] for route in routes),
            "duration_s": sum(each["duration_s"] for each in told),
            "cost_usd": sum(route["cost_usd"] for route in routes),
            "costs": {name: sum(each["costs"][name] for each in told) for name in told[0]["costs"]},
        },
        "routes": told,
        "unassigned": [],
    }


def _doors(day: OpenDay) -> dict[str, dict[str, Any]]:
    """Recipient, address, volume and weight by parcel."""
    names = ("parcels", "background_parcels")
    tables = day.records.tables
    known = pl.concat([tables[name] for name in names if name in tables])
    orders = [
        day.records.orders,
        *(tables[name] for name in ("background_orders",) if name in tables),
    ]
    columns = ("order_id", "recipient", "line1", "line2", "city", "state")
    addresses = pl.concat([each.select(columns) for each in orders]).unique(
        "order_id", keep="first"
    )
    routes = tables["routes"].filter(
        (pl.col("facility_id") == day.key.facility_id)
        & (pl.col("delivery_date") == day.key.delivery_date)
    )
    rows = (
        routes.select("parcel_id", "departs_at")
        .join(known.select("parcel_id", "order_id", "volume_m3", "weight_kg"), on="parcel_id")
        .join(addresses, on="order_id", how="left")
    )
    return {row["parcel_id"]: row for row in rows.to_dicts()}


def _breaks(day: OpenDay) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    taken = day.records.tables["breaks"].sort("route_id", "starts_at")
    for route_id, kind, starts_at, ends_at in taken.select(
        "route_id", "kind", "starts_at", "ends_at"
    ).iter_rows():
        told = {
            "kind": kind, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()
        }  # fmt: skip
        found.setdefault(route_id, []).append(told)
    return found


def _route(route: Told, depot: Told, doors: dict[str, dict[str, Any]], breaks: list[Told]) -> Told:
    loads = {visit["stop_id"]: _load(visit["parcel_ids"], doors) for visit in route["visits"]}
    left = {name: sum(load[name] for load in loads.values()) for name in ("parcels", "m3", "kg")}
    at_start = _rounded(left)
    stops: list[Told] = []
    for visit in route["visits"]:
        load = loads[visit["stop_id"]]
        left = {name: left[name] - load[name] for name in left}
        stops.append(_stop(visit, load, left, doors))
    costs = route["costs"]
    return {
        "vehicle": route["vehicle_id"],
        "vehicle_type": route["vehicle_type"] or "",
        "name": f"{route['route_id']} {route['driver_id'] or ''}".strip(),
        "start": depot,
        "end": depot,
        "starts_at": route["departs_at"].isoformat(),
        "ends_at": route["returns_at"].isoformat(),
        "distance_m": route["distance_m"],
        "duration_s": (route["returns_at"] - route["departs_at"]).total_seconds(),
        "cost_usd": route["cost_usd"],
        "costs": {
            # What is charged by stop, parcel and fuel has no kind of its own there.
            "fixed_usd": sum(
                costs[name] for name in ("fixed_usd", "stops_usd", "parcels_usd", "fuel_usd")
            ),
            "distance_usd": costs["distance_usd"],
            "duration_usd": costs["time_usd"],
        },
        "slack_s": max(route["slack_s"], 0),
        "load_at_start": at_start,
        "stops": stops,
        "breaks": breaks,
    }


def _stop(
    visit: Told, load: dict[str, float], left: dict[str, float], doors: dict[str, dict[str, Any]]
) -> Told:
    door = doors[visit["parcel_ids"][0]]
    names: dict[str, None] = {}
    for parcel in visit["parcel_ids"]:
        if doors[parcel]["recipient"]:
            names[doors[parcel]["recipient"]] = None
    street = " ".join(filter(None, (door["line1"], door["line2"])))
    window = {name: visit[name].isoformat() for name in ("opens_at", "closes_at") if visit[name]}
    return {
        "id": visit["stop_id"],
        "kind": "delivery",
        "lat": visit["latitude"],
        "lon": visit["longitude"],
        "arrives_at": visit["arrives_at"].isoformat(),
        "begins_at": visit["arrives_at"].isoformat(),
        "departs_at": visit["departs_at"].isoformat(),
        "distance_m": visit["distance_m"],
        "load": _rounded(left),
        "delivery": _rounded(load),
        "parcels": len(visit["parcel_ids"]),
        "windows": [window] if window else None,
        "name": ", ".join(names),
        "address": ", ".join(filter(None, (street, door["city"], door["state"]))),
        "note": "" if len(visit["parcel_ids"]) == 1 else ", ".join(visit["parcel_ids"]),
    }


def _load(parcels: list[str], doors: dict[str, dict[str, Any]]) -> dict[str, float]:
    return {
        "parcels": len(parcels),
        "m3": sum(doors[parcel]["volume_m3"] for parcel in parcels),
        "kg": sum(doors[parcel]["weight_kg"] for parcel in parcels),
    }


def _rounded(load: dict[str, float]) -> dict[str, float]:
    return {name: abs(round(value, 4)) for name, value in load.items()}
