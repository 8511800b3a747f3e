"""How a load's drivers really drive: the plan's duty at today's speed, with the rests of the law.

Every driving segment of the plan takes longer or shorter; a driver who would pass 11 h at the
wheel, 14 h since coming on duty or 8 h without half an hour off (49 CFR 395.3) stops and rests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from crossdock.simulate.twin.scene import seconds

_HOUR = 3600
DRIVING_S, WINDOW_S, UNBROKEN_S = 11 * _HOUR, 14 * _HOUR, 8 * _HOUR
REST_S, BREAK_S = 10 * _HOUR, _HOUR // 2
_SPLIT_REST_S = 7 * _HOUR
"""A berth period of a team that ends a shift together with its other rests (395.1(g))."""


@dataclass(frozen=True)
class DutyChange:
    """A driver's status from an instant on."""

    driver_id: str
    activity: str
    at: int


@dataclass(frozen=True)
class Hours:
    """What of the law's hours a driver has used.

    Attributes
    ----------
    at
        Instant up to which they are counted.
    driven_s, unbroken_s, idle_s
        Driving since the last rest, without a break, and off duty since the last work.
    on_since
        When the driver came on duty after the last rest; None while rested.
    works_on
        The duty goes on with another load; else the driver is off from ``at`` on.
    """

    at: int
    driven_s: float
    unbroken_s: float
    idle_s: float
    on_since: float | None
    works_on: bool


@dataclass(frozen=True)
class Drive:
    """How a load was driven, and what its drivers have used of their hours at its end."""

    arrives_at: int
    duties: tuple[DutyChange, ...]
    hours: Mapping[str, Hours] = field(default_factory=dict[str, Hours])


@dataclass
class _Driver:
    """One seat: its planned segments and what of the law's hours is used."""

    driver_id: str
    segments: list[tuple[str, int, int]]
    rest_s: int
    driven_s: float = 0.0
    unbroken_s: float = 0.0
    on_since: float | None = None
    idle_s: float = 0.0
    status: str = ""

    def activity(self, at: int) -> str:
        """Planned activity at a planned instant; off duty outside of the duty."""
        for activity, starts, ends in self.segments:
            if starts <= at < ends:
                return activity
        return "OFF"

    def take_up(self, hours: Hours, begins: float) -> None:
        """Begin with what was used before, and the time since."""
        self.driven_s, self.unbroken_s = hours.driven_s, hours.unbroken_s
        self.on_since, self.idle_s = hours.on_since, hours.idle_s
        self.status = "ON" if hours.works_on else "OFF"
        if begins > hours.at:
            self.spend(self.status, begins - hours.at, float(hours.at))

    def hours(self, at: float, *, works_on: bool) -> Hours:
        """What is used at an instant."""
        return Hours(int(at), self.driven_s, self.unbroken_s, self.idle_s, self.on_since, works_on)

    def spend(self, activity: str, length: float, at: float) -> None:
        """Count a stretch of time against the hours."""
        if activity == "D":
            self.driven_s += length
            self.unbroken_s += length
            self.idle_s = 0.0
        elif activity == "ON":
            self.unbroken_s = 0.0 if length >= BREAK_S else self.unbroken_s
            self.idle_s = 0.0
        else:
            self.idle_s += length
            if self.idle_s >= BREAK_S:
                self.unbroken_s = 0.0
            if self.idle_s >= self.rest_s:
                self.driven_s, self.on_since = 0.0, None
        if activity in ("D", "ON") and self.on_since is None:
            self.on_since = at

    def left(self, at: float) -> tuple[float, float]:
        """Seconds at the wheel before a rest, and before a break."""
        window = WINDOW_S - (at - self.on_since) if self.on_since is not None else WINDOW_S
        return min(DRIVING_S - self.driven_s, window), UNBROKEN_S - self.unbroken_s


def drive_load(
    duties: pl.DataFrame | None,
    *,
    planned: tuple[int, int],
    departs: int,
    factor: float,
    used: Mapping[str, Hours] | None = None,
    going_on: frozenset[str] = frozenset(),
) -> Drive:
    """Drive a load whose drivers were planned.

    Parameters
    ----------
    duties
        Rows of ``DUTIES`` of the load; None where nobody planned one: the time scales as it is.
    planned
        Planned departure and arrival, seconds since the epoch.
    departs
        Actual departure.
    factor
        Driving time over the planned one.
    used
        Hours that drivers have used before.
    going_on
        Drivers whose duty goes on with another load: they stay on duty at the end of this one.
    """
    if duties is None or duties.is_empty():
        return Drive(int(departs + (planned[1] - planned[0]) * factor), ())
    drivers = _drivers(duties)
    changes: list[DutyChange] = []
    cuts = sorted(
        {at for driver in drivers for _, *ends in driver.segments for at in ends} | set(planned)
    )
    now = arrives = float(departs - (planned[0] - cuts[0]))
    for driver in drivers:
        if used and driver.driver_id in used:
            driver.take_up(used[driver.driver_id], now)
    for begins, ends in pairwise(cuts):
        now = _stretch(drivers, begins, ends, now, factor if begins < planned[1] else 1.0, changes)
        if ends == planned[1]:
            arrives = now
    for driver in drivers:
        if driver.status != "OFF" and driver.driver_id not in going_on:
            changes.append(DutyChange(driver.driver_id, "OFF", int(now)))
    hours = {
        driver.driver_id: driver.hours(now, works_on=driver.driver_id in going_on)
        for driver in drivers
    }
    return Drive(int(arrives), tuple(changes), hours)


def _drivers(duties: pl.DataFrame) -> list[_Driver]:
    berths = (duties["activity"] == "SB").any()
    return [
        _Driver(
            str(key[0]),
            list(
                zip(
                    rows["activity"].to_list(),
                    seconds(rows["starts_at"]).tolist(),
                    seconds(rows["ends_at"]).tolist(),
                    strict=True,
                )
            ),
            _SPLIT_REST_S if berths else REST_S,
        )
        for key, rows in duties.group_by("driver_id", maintain_order=True)
    ]


def _stretch(
    drivers: list[_Driver],
    begins: int,
    ends: int,
    now: float,
    factor: float,
    changes: list[DutyChange],
) -> float:
    """Live through a planned stretch in which nobody's activity changes; returns its end."""
    doing = {driver.driver_id: driver.activity(begins) for driver in drivers}
    wheel = next((driver for driver in drivers if doing[driver.driver_id] == "D"), None)
    if wheel is None:
        _pass(drivers, doing, ends - begins, now, changes)
        return now + ends - begins
    needed = (ends - begins) * factor
    while needed > 1.0:
        rest, pause = wheel.left(now)
        if rest <= 1.0 or pause <= 1.0:
            idle = wheel.rest_s if rest <= 1.0 else BREAK_S
            _pass(drivers, {**doing, wheel.driver_id: "OFF"}, idle, now, changes)
            now += idle
            continue
        length = min(needed, rest, pause)
        _pass(drivers, doing, length, now, changes)
        now += length
        needed -= length
    return now


def _pass(
    drivers: list[_Driver],
    doing: dict[str, str],
    length: float,
    now: float,
    changes: list[DutyChange],
) -> None:
    for driver in drivers:
        activity = doing[driver.driver_id]
        if activity != driver.status and (driver.status or activity not in ("OFF",)):
            changes.append(DutyChange(driver.driver_id, activity, int(now)))
            driver.status = activity
        driver.spend(activity, length, now)
