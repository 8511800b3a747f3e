"""How a load's drivers really drive: the plan's duty at today's speed, with the rests of the law.

What is planned at the wheel between two pieces of work takes longer or shorter, and `Crew` drives
it with the interruptions and rests that today's hours ask for; those of the plan do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

import polars as pl

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    SLEEPER,
    Crew,
    Cycle,
    DutyLog,
    DutyUsed,
    Segment,
)
from crossdock.simulate.twin.laws import DriverLaw
from crossdock.simulate.twin.scene import seconds


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
    used
        At the end of the last load.
    worked
        Periods on duty that the cycle counts.
    works_on
        The duty goes on with another load; else the driver is off from then on.
    """

    used: DutyUsed
    worked: tuple[tuple[int, int], ...] = ()
    works_on: bool = False

    @property
    def at(self) -> int:
        """Instant up to which they are counted."""
        return self.used.now_s


@dataclass(frozen=True)
class Drive:
    """How a load was driven, and what its drivers have used of their hours at its end."""

    arrives_at: int
    duties: tuple[DutyChange, ...]
    hours: Mapping[str, Hours] = field(default_factory=dict[str, Hours])


@dataclass(frozen=True)
class Breakdown:
    """The vehicle stands from ``at`` on for ``lasts_s``; its driver is on duty beside it."""

    at: int
    lasts_s: int


_NOTHING_USED: Mapping[str, Hours] = MappingProxyType({})
_PLAIN_LAW: Mapping[str, DriverLaw] = MappingProxyType({})


def drive_load(
    duties: pl.DataFrame | None,
    *,
    planned: tuple[int, int],
    departs: int,
    factor: float,
    used: Mapping[str, Hours] = _NOTHING_USED,
    going_on: frozenset[str] = frozenset(),
    laws: Mapping[str, DriverLaw] = _PLAIN_LAW,
    breakdown: Breakdown | None = None,
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
    laws
        Rules, home and past of drivers; property and 70 hours in 8 days for who is not there.
    breakdown
        At an instant of the drive as it is without it.
    """
    if duties is None or duties.is_empty():
        lost = 0 if breakdown is None else breakdown.lasts_s
        return Drive(int(departs + (planned[1] - planned[0]) * factor) + lost, ())
    cuts = sorted(
        {*seconds(duties["starts_at"]).tolist(), *seconds(duties["ends_at"]).tolist(), *planned}
    )
    now = departs - (planned[0] - cuts[0])
    way = _Way(_drivers(duties, now, used, laws), now, breakdown)
    arrives = now
    for begins, ends in pairwise(cuts):
        way.live_through(begins, ends, factor if begins < planned[1] else 1.0)
        if ends == planned[1]:
            arrives = way.arrive()
    way.arrive()
    way.sign_off(going_on)
    return Drive(arrives, tuple(way.changes), way.hours(going_on))


@dataclass
class _Driver:
    """One seat: its planned segments, and its log."""

    driver_id: str
    segments: list[tuple[str, int, int]]
    log: DutyLog
    status: str

    def activity(self, at: int) -> str:
        """Planned activity at a planned instant; off duty outside of the duty."""
        for activity, starts, ends in self.segments:
            if starts <= at < ends:
                return activity
        return OFF_DUTY


def _drivers(
    duties: pl.DataFrame, now: int, used: Mapping[str, Hours], laws: Mapping[str, DriverLaw]
) -> list[_Driver]:
    drivers: list[_Driver] = []
    for (driver_id,), rows in duties.group_by("driver_id", maintain_order=True):
        name = str(driver_id)
        before, law = used.get(name), laws.get(name, DriverLaw())
        cycle = Cycle(law.rules, law.timezone, law.worked if before is None else before.worked)
        if before is None and law.worked:
            cycle.add(Segment(OFF_DUTY, law.worked[-1][1], now))
        log = DutyLog(now if before is None else before.used, law.rules, cycle)
        status = "" if before is None else ON_DUTY if before.works_on else OFF_DUTY
        log.add(status, now - log.now_s)
        segments = zip(
            rows["activity"].to_list(),
            seconds(rows["starts_at"]).tolist(),
            seconds(rows["ends_at"]).tolist(),
            strict=True,
        )
        drivers.append(_Driver(name, list(segments), log, status))
    return drivers


class _Way:
    """The drivers of one vehicle, who live through its time together."""

    def __init__(self, drivers: Sequence[_Driver], now: int, breakdown: Breakdown | None) -> None:
        self.now = now
        self.changes: list[DutyChange] = []
        self._drivers = drivers
        self._breakdown = breakdown
        self._at_wheel: tuple[_Driver, ...] = ()  # who is to drive, the first one first
        self._to_drive_s = 0
        self._rest_s = 0  # planned after that driving: what it is for, the next stretch shows
        self._doing: dict[str, str] = {}

    def live_through(self, begins: int, ends: int, factor: float) -> None:
        """A planned stretch in which nobody's activity changes."""
        doing = {driver.driver_id: driver.activity(begins) for driver in self._drivers}
        wheel = next((each for each in self._drivers if doing[each.driver_id] == DRIVING), None)
        if wheel is not None:
            berth = [each for each in self._drivers if doing[each.driver_id] == SLEEPER]
            crew = (wheel, *berth)
            if {each.driver_id for each in crew} != {each.driver_id for each in self._at_wheel}:
                self.arrive()
                self._at_wheel, self._doing = crew, doing
            self._rest_s = 0
            self._to_drive_s += round((ends - begins) * factor)
        elif self._at_wheel and all(activity in RESTING for activity in doing.values()):
            self._rest_s += ends - begins
        else:
            self.arrive()
            self._pass(doing, ends - begins)

    def arrive(self) -> int:
        """Drive what is to be driven, and rest what is planned after it; returns when."""
        if self._at_wheel:
            self._drive(self._at_wheel, self._to_drive_s, self._doing)
            resting = {driver.driver_id: OFF_DUTY for driver in self._drivers}
            self._pass(resting, self._rest_s)
        self._at_wheel, self._to_drive_s, self._rest_s = (), 0, 0
        return self.now

    def sign_off(self, going_on: frozenset[str]) -> None:
        """The duty ends of all who do not go on with another load."""
        for driver in self._drivers:
            if driver.driver_id not in going_on:
                self._tell(driver, OFF_DUTY, self.now)

    def hours(self, going_on: frozenset[str]) -> dict[str, Hours]:
        """What each driver has used."""
        return {
            driver.driver_id: Hours(
                driver.log.used,
                tuple(driver.log.cycle.worked) if driver.log.cycle else (),
                driver.driver_id in going_on,
            )
            for driver in self._drivers
        }

    def _drive(self, team: tuple[_Driver, ...], drive_s: int, doing: Mapping[str, str]) -> None:
        crew = Crew([driver.log for driver in team])
        known = [len(driver.log.segments) for driver in team]
        left_s = drive_s
        broken = self._breakdown
        if broken is not None:
            left_s = crew.drive(drive_s, until_s=broken.at)
            if left_s:
                crew.work(broken.lasts_s)
                self._breakdown = None
        crew.drive(left_s)
        for driver, count in zip(team, known, strict=True):
            for activity, start_s, _ in driver.log.segments[count:]:
                self._tell(driver, activity, start_s)
        aside = [driver for driver in self._drivers if driver not in team]
        for driver in aside:
            self._tell(driver, doing[driver.driver_id], self.now)
            driver.log.add(doing[driver.driver_id], crew.now_s - self.now)
        self.now = crew.now_s

    def _pass(self, doing: Mapping[str, str], length_s: int) -> None:
        if length_s <= 0:
            return
        for driver in self._drivers:
            self._tell(driver, doing[driver.driver_id], self.now)
            driver.log.add(doing[driver.driver_id], length_s)
        self.now += length_s

    def _tell(self, driver: _Driver, activity: str, at: int) -> None:
        if activity != driver.status and (driver.status or activity != OFF_DUTY):
            self.changes.append(DutyChange(driver.driver_id, activity, at))
            driver.status = activity
