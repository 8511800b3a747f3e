"""A plan for other programs and for drivers: CSV of stops, GeoJSON of routes, manifests as PDF."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from crossdock.model import UsageError
from crossdock.platform.routing.documents.plan_shape import (
    PlanBreak,
    PlanRoute,
    PlanSpot,
    PlanStop,
    RoutePlan,
)
from crossdock.platform.routing.documents.problem_shape import WindowRow
from crossdock.platform.routing.documents.units import span
from crossdock.platform.routing.documents.writing import instant_text

if TYPE_CHECKING:
    from crossdock.platform.routing.documents.pdf_pages import Pdf

_COLUMNS = (
    "vehicle", "vehicle_type", "sequence", "stop", "kind", "name", "address", "lat", "lon",
    "arrives_at", "begins_at", "departs_at", "waits_s", "distance_m",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plan_csv(plan: RoutePlan) -> str:
    """A row a stop, in the order in which it is driven; loads after it by dimension.

    Texts that a spreadsheet would take for a formula begin with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    loads = [f"load_{name}" for name in plan.dimensions]
    writer.writerow([*_COLUMNS, *map(_cell, loads), "note"])
    for route in plan.routes:
        for number, stop in enumerate(route.stops, start=1):
            values: list[object] = [
                route.vehicle, route.vehicle_type, number, stop.id, stop.kind, stop.name,
                stop.address, stop.lat, stop.lon, instant_text(stop.arrives_at),
                instant_text(stop.begins_at), instant_text(stop.departs_at), stop.waits_s,
                stop.distance_m, *(stop.load.get(name, 0) for name in plan.dimensions), stop.note,
            ]  # fmt: skip
            writer.writerow([_cell(value) for value in values])
    return out.getvalue()


def plan_geojson(plan: RoutePlan) -> bytes:
    """A line a route and a point a stop (RFC 7946); straight between stops.

    Places without latitude and longitude are left out.
    """
    features: list[dict[str, Any]] = []
    for route in plan.routes:
        spots: list[PlanSpot | PlanStop | None] = [route.start, *route.stops, route.end]
        line = [point for spot in spots if spot is not None for point in [_point(spot)] if point]
        if len(line) > 1:
            told = {
                "vehicle": route.vehicle,
                "starts_at": instant_text(route.starts_at),
                "ends_at": instant_text(route.ends_at),
                "distance_m": route.distance_m,
                "cost_usd": route.cost_usd,
            }
            features.append(_feature("LineString", line, told))
        for number, stop in enumerate(route.stops, start=1):
            point = _point(stop)
            if point:
                told = {
                    "vehicle": route.vehicle,
                    "sequence": number,
                    "stop": stop.id,
                    "kind": stop.kind,
                    "name": stop.name,
                    "begins_at": instant_text(stop.begins_at),
                }
                features.append(_feature("Point", point, told))
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def plan_pdf(plan: RoutePlan, timezone: str = "UTC") -> bytes:
    """What each driver takes along, a page or more each.

    Names are in their own letters, Chinese, Japanese, Korean, Greek and Cyrillic too; of what is in
    no font, the bare letter or ``?``. The same plan is the same bytes.

    Parameters
    ----------
    timezone
        IANA name of the zone in which times are told.

    Raises
    ------
    UsageError
        There is no such zone.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"there is no time zone {timezone!r}", remedy="give one as America/Chicago"
        ) from error
    # Imported when it is asked for: ReportLab is slow to load.
    from crossdock.platform.routing.documents.pdf_pages import Pdf  # noqa: PLC0415

    pdf = Pdf()
    for route in plan.routes:
        _Manifest(pdf, plan, zone).route(route)
    if not plan.routes:
        pdf.begin("No routes", plan.name)
    return pdf.content()


class _Manifest:
    def __init__(self, pdf: Pdf, plan: RoutePlan, zone: ZoneInfo) -> None:
        self._pdf, self._plan, self._zone = pdf, plan, zone

    def route(self, route: PlanRoute) -> None:
        day = f"{route.starts_at.astimezone(self._zone):%Y-%m-%d}, times of {self._zone.key}"
        title, below = f"{route.vehicle} {route.name}", f"{self._plan.name}   {day}"
        self._pdf.begin(title.strip(), below.strip())
        stops = sum(stop.kind != "reload" for stop in route.stops)
        self._pdf.line(
            f"{stops} stops, {route.distance_m / 1000:,.1f} km, {span(route.duration_s)}: "
            f"leaves {self._clock(route.starts_at)}, back {self._clock(route.ends_at)}"
        )
        self._pdf.line(f"On board at the start: {_amounts(route.load_at_start) or 'nothing'}")
        self._pdf.gap()
        breaks = list(route.breaks)
        for number, stop in enumerate(route.stops, start=1):
            while breaks and breaks[0].starts_at <= stop.arrives_at:
                self._break(breaks.pop(0))
            self._stop(number, stop)
        for rest in breaks:
            self._break(rest)

    def _break(self, rest: PlanBreak) -> None:
        told = f"{self._clock(rest.starts_at)} to {self._clock(rest.ends_at)}"
        self._pdf.line(f"{rest.kind}: {told}", bold=True)
        self._pdf.gap()

    def _stop(self, number: int, stop: PlanStop) -> None:
        what = "Reload" if stop.kind == "reload" else stop.name
        named = (f"{number}.", self._clock(stop.begins_at), stop.id, what)
        told = [stop.address, self._windows(stop.windows or [])]
        told += [f"deliver {_amounts(stop.delivery)}" if stop.delivery else ""]
        told += [f"collect {_amounts(stop.pickup)}" if stop.pickup else ""]
        lines = [", ".join(filter(None, told)), f"Note: {stop.note}" if stop.note else ""]
        self._pdf.block(" ".join(filter(None, named)), [line for line in lines if line])

    def _windows(self, windows: list[WindowRow]) -> str:
        return " or ".join(map(self._window, windows))

    def _window(self, window: WindowRow) -> str:
        opens, closes = window.opens_at, window.closes_at
        told = [f"from {self._clock(opens)}" if opens else ""]
        told += [f"until {self._clock(closes)}" if closes else ""]
        return " ".join(filter(None, told))

    def _clock(self, instant: dt.datetime) -> str:
        return f"{instant.astimezone(self._zone):%H:%M}"


def _amounts(told: Mapping[str, float]) -> str:
    return ", ".join(f"{value:g} {name}" for name, value in told.items() if value)


def _point(spot: PlanSpot | PlanStop) -> list[float]:
    return [] if spot.lat is None or spot.lon is None else [spot.lon, spot.lat]


def _feature(kind: str, coordinates: object, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": dict(told),
    }


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
