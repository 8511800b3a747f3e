"""The drivers of a delivery day, and the hours that a driver and a vehicle have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.comply.hos import Segment, logged_segments
from crossdock.model import Network
from crossdock.plan.lastmile.vehicles import Vehicle

HIRED_USD_H = 32.0
"""Hourly cost of a driver whom no file names."""

_SHIFT = (dt.time(8), dt.time(20, 30))  # † where no file says
_MIDNIGHT = dt.time(0)


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver; None where the file says nothing."""

    driver_id: str
    shift_start: dt.time | None
    shift_end: dt.time | None
    max_h: float | None
    cost_usd_h: float | None
    hos_ruleset: str | None = None
    logged: tuple[Segment, ...] = ()

    @property
    def longest_duty_s(self) -> int | None:
        """Whole seconds of ``max_h``."""
        return None if self.max_h is None else int(self.max_h * 3600)


def listed_drivers(network: Network, kind: str) -> Mapping[tuple[str, str], list[Driver]] | None:
    """Drivers of ``kind`` by carrier and domicile, by id; None where the file has none."""
    listed = network["drivers"].filter(pl.col("kind") == kind).sort("driver_id")
    if listed.is_empty():
        return None
    logs = logged_segments(network["duty_log"])
    crews: dict[tuple[str, str], list[Driver]] = {}
    for carrier_id, facility_id, driver_id, *terms in listed.select(
        "carrier_id",
        "domicile_facility_id",
        "driver_id",
        "shift_start",
        "shift_end",
        "max_h",
        "cost_usd_h",
        "hos_ruleset",
    ).iter_rows():
        driver = Driver(driver_id, *terms, logged=tuple(logs.get(driver_id, ())))
        crews.setdefault((carrier_id, facility_id), []).append(driver)
    return crews


def hired_drivers(facility_id: str, carrier_id: str, count: int) -> list[Driver]:
    """Drivers whom no file names."""
    return [
        Driver(f"{facility_id}-{carrier_id}-driver-{number:04d}", None, None, None, HIRED_USD_H)
        for number in range(1, count + 1)
    ]


def shift(
    driver: Driver, vehicle: Vehicle, date: dt.date, zone: ZoneInfo
) -> tuple[dt.datetime, dt.datetime]:
    """Shift of the driver within the hours of the vehicle; one that ends earlier ends next day."""
    starts_at, ends_at = _span(
        driver.shift_start or _SHIFT[0], driver.shift_end or _SHIFT[1], date, zone
    )
    open_from, open_to = _span(
        vehicle.available_from or _MIDNIGHT, vehicle.available_to or _MIDNIGHT, date, zone
    )
    return max(starts_at, open_from), min(ends_at, open_to)


def _span(
    begins: dt.time, ends: dt.time, date: dt.date, zone: ZoneInfo
) -> tuple[dt.datetime, dt.datetime]:
    """UTC instants of two local times; the second is next day's where it is not the later one."""
    end_date = date + dt.timedelta(days=int(ends <= begins))
    return _instant(date, begins, zone), _instant(end_date, ends, zone)


def _instant(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(date, time, zone).astimezone(dt.UTC)
