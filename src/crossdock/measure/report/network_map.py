"""Line-haul on the map: facilities by role, flows by volume and ladder step."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from crossdock.measure.frames import EMPTY_KINDS, LADDER, LADDER_NAMES, ladder_steps
from crossdock.measure.report import figures
from crossdock.measure.report.page import Page
from crossdock.measure.report.projection import MAP_HEIGHT, MAP_WIDTH, albers, on_map

BEND = 0.14
"""How far a flow bends to the right of its way, as a share of its length."""
THINNEST, THICKEST = 0.8, 8.0
FEW_PLACES = 14
"""Up to as many facilities every one is named; above, hubs and origins."""


def map_content(page: Page) -> dict[str, Any]:
    """Outline, flows, empty returns, facilities and legend."""
    places = _places(page)
    loads = ladder_steps(page.table("loads"), page.network).filter(
        pl.col("from").is_in(list(places)) & pl.col("to").is_in(list(places))
    )
    freight = loads.filter(~pl.col("kind").is_in(EMPTY_KINDS))
    flows = _flows(freight, places, page.names)
    used = {flow["step"] for flow in flows}
    return {
        "width": MAP_WIDTH,
        "height": MAP_HEIGHT,
        "states": _outline(),
        "flows": flows,
        "empties": _empties(loads.filter(pl.col("kind").is_in(EMPTY_KINDS)), places),
        "places": _marks(page, places),
        "steps": [
            {"step": step, "name": LADDER_NAMES.get(step, "Other")}
            for step in (*LADDER, "other")
            if step in used
        ],
    }


@cache
def _outline() -> list[str]:
    """Paths of the states (source and licence are in the file)."""
    asset = files("crossdock.measure.report").joinpath("assets/us_states.json")
    return list(json.loads(asset.read_text(encoding="utf-8"))["states"].values())


def _places(page: Page) -> dict[str, tuple[float, float]]:
    located = page.network["facilities"].drop_nulls(["latitude", "longitude"])
    points = {
        place: albers(latitude, longitude)
        for place, latitude, longitude in located.select(
            "facility_id", "latitude", "longitude"
        ).iter_rows()
    }
    return {place: point for place, point in points.items() if on_map(*point)}


def _flows(
    freight: pl.DataFrame, places: dict[str, tuple[float, float]], names: dict[str, str]
) -> list[dict[str, Any]]:
    """One flow a lane and step, the largest first so that small ones lie on top."""
    by_lane = (
        freight.with_columns(pl.col("step").fill_null("other"))
        .group_by("from", "to", "step")
        .agg(
            loads=pl.len(),
            parcels=pl.col("parcels").sum(),
            volume_m3=pl.col("volume_m3").sum(),
            cost_usd=pl.col("cost_usd").sum(),
            room=(pl.col("volume_m3") / pl.col("cube_share"))
            .filter(pl.col("cube_share") > 0)
            .sum(),
        )
        .sort("volume_m3", "from", "to", "step", descending=[True, False, False, False])
    )
    largest = max(by_lane["volume_m3"].to_list(), default=0.0) or 1.0
    return [
        {
            "path": _arc(places[row["from"]], places[row["to"]]),
            "step": row["step"],
            "lane": f"{row['from']}-{row['to']}",
            "width": round(THINNEST + (THICKEST - THINNEST) * row["volume_m3"] / largest, 1),
            "detail": _detail(row, names),
        }
        for row in by_lane.to_dicts()
    ]


def _detail(row: dict[str, Any], names: dict[str, str]) -> str:
    fill = row["volume_m3"] / row["room"] if row["room"] else None
    each = row["cost_usd"] / row["parcels"] if row["parcels"] else None
    return (
        f"{names[row['from']]} to {names[row['to']]}: "
        f"{row['loads']} by {LADDER_NAMES.get(row['step'], 'other means').lower()}, "
        f"{figures.count(row['parcels'])} parcels, {figures.number(row['volume_m3'])} m³, "
        f"fill {figures.share(fill, 0)}, {figures.usd(row['cost_usd'], 0)} "
        f"({figures.usd(each)} a parcel)"
    )


def _empties(empties: pl.DataFrame, places: dict[str, tuple[float, float]]) -> list[dict[str, str]]:
    lanes = empties.select("from", "to").unique().sort("from", "to")
    return [{"path": _arc(places[start], places[end])} for start, end in lanes.iter_rows()]


def _arc(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    middle_x = (x1 + x2) / 2 - BEND * (y2 - y1)
    middle_y = (y1 + y2) / 2 + BEND * (x2 - x1)
    return f"M{x1:g},{y1:g}Q{middle_x:.1f},{middle_y:.1f} {x2:g},{y2:g}"


def _marks(page: Page, places: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    """Facilities with the shape of their first role: hub, origin or station."""
    arriving = page.table("parcels").group_by("destination_facility_id").len()
    leaving = page.table("parcels").group_by("origin_facility_id").len()
    arrivals: dict[str, int] = dict(arriving.iter_rows())
    departures: dict[str, int] = dict(leaving.iter_rows())
    rows = page.network["facilities"].filter(pl.col("facility_id").is_in(list(places)))
    marks = [_mark(row, places, arrivals, departures) for row in rows.to_dicts()]
    for mark in marks:
        mark["labelled"] = len(marks) <= FEW_PLACES or mark["role"] in ("origin", "hub")
    return marks


def _mark(
    row: dict[str, Any],
    places: dict[str, tuple[float, float]],
    arrivals: dict[str, int],
    departures: dict[str, int],
) -> dict[str, Any]:
    place = row["facility_id"]
    roles: list[str] = row["roles"] or []
    role = (
        "origin"
        if "origin_station" in roles
        else "hub"
        if "hub" in roles
        else "station"
        if "destination_station" in roles
        else "partner"
    )
    x, y = places[place]
    counts = f"{departures.get(place, 0):,} parcels start, {arrivals.get(place, 0):,} end here"
    return {
        "x": x,
        "y": y,
        "id": place,
        "role": role,
        "detail": f"{row['name'] or place} ({', '.join(roles).replace('_', ' ')}): {counts}",
    }
