"""The last mile of each metro and day: routes on a map, and their hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.measure.frames import table
from crossdock.measure.report.page import Page
from crossdock.measure.report.plane import HEIGHT, WIDTH, MetroPlane
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

HUES = 6
DAY_STARTS_H, DAY_ENDS_H = 6.0, 22.0
"""The hours that the strip of a route shows, local time."""


@dataclass(frozen=True)
class _Metro:
    """What the routes of a facility and day share."""

    zone: str
    plane: MetroPlane
    stops: Mapping[str, pl.DataFrame]
    pauses: Mapping[str, list[dict[str, Any]]]
    fills: Mapping[str, float | None]


def lastmile_content(page: Page) -> dict[str, Any]:
    """A view a facility and delivery day, the busiest first."""
    tours = page.table("tours").sort("route_id")
    stops, pauses = _stops(page), _pauses(page)
    fills = _fills(page, tours)
    views: list[dict[str, Any]] = []
    for (place, date), part in tours.group_by("facility_id", "delivery_date", maintain_order=True):
        zone = page.network.timezones.get(str(place), "UTC")
        parts = [stops[each] for each in part["route_id"] if each in stops]
        plane = MetroPlane.around(page, str(place), parts)
        view = _view(page, part, _Metro(zone, plane, stops, pauses, fills))
        views.append(view | {"facility_id": str(place), "date": date})
    views.sort(key=lambda view: (-view["stops"], view["facility_id"], str(view["date"])))
    for number, view in enumerate(views):
        view["key"] = f"metro-{number}"
    return {"views": views, "width": int(WIDTH), "height": int(HEIGHT)}


def _stops(page: Page) -> dict[str, pl.DataFrame]:
    rows = (
        page.table("routes")
        .drop_nulls(["latitude", "longitude"])
        .unique(["route_id", "sequence"], keep="first", maintain_order=True)
        .sort("route_id", "sequence")
        .select("route_id", "latitude", "longitude")
    )
    return {str(key[0]): part for key, part in rows.group_by("route_id", maintain_order=True)}


def _pauses(page: Page) -> dict[str, list[dict[str, Any]]]:
    pauses: dict[str, list[dict[str, Any]]] = {}
    for row in page.table("breaks").sort("route_id", "starts_at").to_dicts():
        pauses.setdefault(row["route_id"], []).append(row)
    return pauses


def _view(page: Page, tours: pl.DataFrame, metro: _Metro) -> dict[str, Any]:
    place = str(tours["facility_id"][0])
    return {
        "name": page.names.get(place, place),
        "zone": metro.zone,
        "stops": int(tours["stops"].sum()),
        "parcels": int(tours["parcels"].sum()),
        "cost_usd": float(tours["cost_usd"].sum()),
        "station": metro.plane.station,
        "scale": metro.plane.scale_bar(),
        "routes": [_route(row, number, metro) for number, row in enumerate(tours.to_dicts())],
    }


def _route(row: dict[str, Any], number: int, metro: _Metro) -> dict[str, Any]:
    route_id = row["route_id"]
    seconds = (row["returns_at"] - row["departs_at"]).total_seconds()
    points = metro.plane.points(metro.stops.get(route_id))
    pauses = metro.pauses.get(route_id, [])
    return row | {
        "hue": number % HUES,
        "line": metro.plane.tour(points),
        "dots": "".join(f"M{x},{y}h0" for x, y in points),
        "miles": row["distance_m"] / METERS_PER_MILE,
        "hours": seconds / SECONDS_PER_HOUR,
        "stops_per_h": row["stops"] / (seconds / SECONDS_PER_HOUR) if seconds else None,
        "fill": metro.fills.get(route_id),
        "breaks": pauses,
        "strip": _strip(row["departs_at"], row["returns_at"], metro.zone),
        "pauses": [_strip(pause["starts_at"], pause["ends_at"], metro.zone) for pause in pauses],
    }


def _fills(page: Page, tours: pl.DataFrame) -> dict[str, float | None]:
    day = ["vehicle_id", "delivery_date"]
    room = table(page.tables, "fleet").select(*day, "capacity_m3").unique(day, keep="first")
    filled = tours.join(room, on=day, how="left").select(
        "route_id",
        pl.when(pl.col("capacity_m3") > 0).then(pl.col("volume_m3") / pl.col("capacity_m3")),
    )
    return dict(filled.iter_rows())


def _strip(starts: dt.datetime, ends: dt.datetime, zone: str) -> dict[str, float]:
    """Left edge and width on the day's strip, per cent."""
    local = starts.astimezone(ZoneInfo(zone))
    begins_h = local.hour + local.minute / 60
    lasts_h = (ends - starts).total_seconds() / SECONDS_PER_HOUR
    span = DAY_ENDS_H - DAY_STARTS_H
    left = min(max((begins_h - DAY_STARTS_H) / span, 0.0), 1.0)
    return {
        "left": round(100 * left, 2),
        "width": round(100 * min(lasts_h / span, 1.0 - left), 2),
    }
