"""Speeds by the hour of the week: roads are slower when everybody is on them.

Within an hour a speed holds; who is on the way when it changes goes on at the new speed (Ichoua,
Gendreau and Potvin 2003, "Vehicle dispatching with time-dependent travel times", European Journal
of Operational Research 144(2)). So who leaves later never arrives earlier.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossdock.locate.roads.streets.road_graph import RoadClass
from crossdock.model.errors import InvalidValueError
from crossdock.model.network import normalised_days, runs_on_weekday
from crossdock.model.units import SECONDS_PER_HOUR

Floats = NDArray[np.float64]

DAYS, HOURS = 7, 24
WEEK_S = DAYS * HOURS * SECONDS_PER_HOUR
SLOWEST, FASTEST = 0.05, 2.0
"""What a factor of speeds can be."""
COLUMNS = ("road_class", "days", "from_hour", "to_hour", "speed_factor")
"""Of a table of factors: see `traffic_of`."""
_EPOCH_WEEKDAY_S = 3 * 24 * SECONDS_PER_HOUR  # 1 January 1970 was a Thursday
_QUARTER_S = 900
_ALL = "*"


@dataclass(frozen=True, eq=False)
class WeekSpeeds:
    """How fast one kind of road goes in each hour of a local week, against no traffic.

    Parameters
    ----------
    factor
        Speed over that without traffic, (168,), from Monday 00:00 on.
    """

    factor: Floats

    def __post_init__(self) -> None:
        if self.factor.shape != (DAYS * HOURS,):
            raise InvalidValueError(
                f"factors of a week have the shape {self.factor.shape}",
                remedy=f"give {DAYS * HOURS}, one an hour",
            )
        wrong = self.factor[~((self.factor >= SLOWEST) & (self.factor <= FASTEST))]
        if len(wrong):
            raise InvalidValueError(
                f"a factor of speeds is {wrong[0]}",
                remedy=f"give numbers from {SLOWEST} to {FASTEST}",
            )

    @property
    def slowest(self) -> float:
        """Of the week: free-flow time over this is the longest that a leg can take."""
        return float(self.factor.min())

    @property
    def fastest(self) -> float:
        """Of the week: free-flow time over this is the shortest that a leg can take."""
        return float(self.factor.max())

    def travel_s(self, departs_s: ArrayLike, free_flow_s: ArrayLike) -> Floats:
        """Seconds that legs take, by when they begin.

        Parameters
        ----------
        departs_s
            Seconds since a local Monday 00:00; any week.
        free_flow_s
            Seconds without traffic. Both broadcast together.
        """
        departs, needed = np.broadcast_arrays(
            np.asarray(departs_s, dtype=np.float64), np.asarray(free_flow_s, dtype=np.float64)
        )
        of_week = departs % WEEK_S
        hour = np.minimum((of_week // SECONDS_PER_HOUR).astype(np.int64), DAYS * HOURS - 1)
        driven = self._driven[hour] + self.factor[hour] * (of_week - hour * SECONDS_PER_HOUR)
        more_weeks, rest = np.divmod(driven + needed, self._driven[-1])
        last = np.searchsorted(self._driven, rest, side="right") - 1
        last = np.minimum(last, DAYS * HOURS - 1)
        ends = last * SECONDS_PER_HOUR + (rest - self._driven[last]) / self.factor[last]
        # By difference within the week: absolute seconds would lose their last digits.
        return np.where(needed == 0, 0.0, more_weeks * WEEK_S + ends - of_week)

    @cached_property
    def _driven(self) -> Floats:
        """Free-flow seconds that are driven by the beginning of each hour, and in all."""
        return np.concatenate([[0.0], np.cumsum(self.factor * SECONDS_PER_HOUR)])


@dataclass(frozen=True, eq=False)
class Traffic:
    """Factors of speed by class of road and hour of the local week.

    Parameters
    ----------
    factor
        (classes, 168), classes as in `RoadClass`.
    """

    factor: Floats

    def __post_init__(self) -> None:
        if self.factor.shape != (len(RoadClass), DAYS * HOURS):
            raise InvalidValueError(
                f"factors of traffic have the shape {self.factor.shape}",
                remedy=f"give {len(RoadClass)} classes of {DAYS * HOURS} hours",
            )
        for road_class in RoadClass:
            self.of_class(road_class)

    def of_class(self, road_class: RoadClass) -> WeekSpeeds:
        """The week of one class of roads."""
        return WeekSpeeds(self.factor[road_class])

    def at(self, weekday: int, hour: int) -> Floats:
        """Factors by class in one hour, for `VehicleRoads.with_speeds`; Monday is 0."""
        return self.factor[:, weekday * HOURS + hour]

    def blend(self, shares: ArrayLike) -> WeekSpeeds:
        """The week of ways that lead over several classes.

        Times are exact where the classes alternate all along the way; else an approximation.

        Parameters
        ----------
        shares
            Of each class in the free-flow seconds of a way.
        """
        parts = np.asarray(shares, dtype=np.float64)
        if parts.shape != (len(RoadClass),) or not (parts >= 0).all() or not parts.sum() > 0:
            raise InvalidValueError(
                "shares of classes of roads are none",
                remedy=f"give {len(RoadClass)} numbers that are not negative, one above 0",
            )
        return WeekSpeeds(1.0 / ((parts / parts.sum()) @ (1.0 / self.factor)))


def traffic_of(rows: Iterable[Mapping[str, str]]) -> Traffic:
    """Traffic from a table; where several rows speak of an hour, the last; where none, 1.

    Parameters
    ----------
    rows
        Cells by `COLUMNS`: ``road_class``, one of `RoadClass` in small letters or ``*`` for all;
        ``days``, a mask as in network files (``MTWTF--``); ``from_hour``, 0 to 23; ``to_hour``,
        the hour at which it ends, up to 24; ``speed_factor``, the speed over that without traffic,
        0.05 to 2.

    Raises
    ------
    InvalidValueError
        A cell cannot be; the row and the column are named.
    """
    factor = np.ones((len(RoadClass), DAYS, HOURS))
    for number, row in enumerate(rows, start=1):
        classes = _classes(row, number)
        begin, end = _number(row, number, "from_hour"), _number(row, number, "to_hour")
        if not (begin == int(begin) and end == int(end) and 0 <= begin < end <= HOURS):
            _refuse(
                number, "from_hour", f"{begin:g} to {end:g}", "whole hours from 0 to 24, in order"
            )
        speed = _number(row, number, "speed_factor")
        if not SLOWEST <= speed <= FASTEST:
            _refuse(number, "speed_factor", f"{speed:g}", f"a number from {SLOWEST} to {FASTEST}")
        for day in _days(row, number):
            factor[classes, day, int(begin) : int(end)] = speed
    return Traffic(factor.reshape(len(RoadClass), DAYS * HOURS))


def _classes(row: Mapping[str, str], number: int) -> list[int]:
    said = row.get("road_class", "").strip()
    names = {each.name.lower(): int(each) for each in RoadClass}
    if said == _ALL:
        return list(names.values())
    if said not in names:
        _refuse(number, "road_class", said, f"one of {', '.join(names)}, or * for all")
    return [names[said]]


def _days(row: Mapping[str, str], number: int) -> list[int]:
    said = row.get("days", "")
    try:
        mask = normalised_days(said)
    except InvalidValueError as error:
        raise InvalidValueError(f"row {number}: days: {error}", remedy=error.remedy) from error
    return [day for day in range(DAYS) if runs_on_weekday(mask, day)]


def _number(row: Mapping[str, str], number: int, column: str) -> float:
    said = row.get(column, "").strip()
    try:
        value = float(said)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        _refuse(number, column, said, "a number")
    return value


def _refuse(number: int, column: str, value: str, remedy: str) -> NoReturn:
    raise InvalidValueError(f"row {number}: {column} is {value!r}", remedy=f"give {remedy}")


USUAL_ROWS: tuple[Mapping[str, str], ...] = tuple(
    dict(zip(COLUMNS, row.split(), strict=True))
    for row in (
        "* MTWTFSU 0 6 1.05",
        "* MTWTF-- 6 9 0.85",
        "motorway MTWTF-- 7 9 0.70",
        "trunk MTWTF-- 7 9 0.75",
        "* MTWTF-- 9 15 0.95",
        "* MTWTF-- 15 19 0.82",
        "motorway MTWTF-- 16 18 0.65",
        "trunk MTWTF-- 16 18 0.70",
        "* -----SU 11 18 0.92",
        "* MTWTFSU 22 24 1.05",
    )
)
"""A plain week of a US metro area (assumption †): better is what your vans were seen to do."""


def usual_traffic() -> Traffic:
    """Traffic of `USUAL_ROWS`."""
    return traffic_of(USUAL_ROWS)


def local_week_s(instants_s: ArrayLike, timezone: str) -> Floats:
    """Seconds since the local Monday 00:00 of UTC instants, by the clock on the wall.

    Parameters
    ----------
    instants_s
        Seconds since 1970 UTC.
    timezone
        IANA name.

    Notes
    -----
    A leg on which clocks change is timed as if they did not.
    """
    instants = np.asarray(instants_s, dtype=np.float64)
    zone = ZoneInfo(timezone)
    # Clocks change on the quarter hour.
    quarters, which = np.unique(instants // _QUARTER_S, return_inverse=True)
    offsets = np.array(
        [_offset_s(int(quarter) * _QUARTER_S, zone) for quarter in quarters.tolist()]
    )
    return (instants + offsets[which.reshape(instants.shape)] + _EPOCH_WEEKDAY_S) % WEEK_S


def _offset_s(instant_s: int, zone: ZoneInfo) -> float:
    offset = dt.datetime.fromtimestamp(instant_s, zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
