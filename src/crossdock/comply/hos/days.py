"""Sums over calendar days of the home terminal: cycles, and limits of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crossdock.comply.hos.rules import DailyRest, Limit, Measure
from crossdock.comply.hos.splits import Broken
from crossdock.comply.hos.timeline import DRIVING, RESTING, Segment, Timeline, midnight_s

_NEVER_S = 1 << 40
_ONE_DAY = dt.timedelta(days=1)


class UsedOverDays(NamedTuple):
    """What is used of a limit over days, and what the next midnight gives back of it."""

    used_s: int
    midnight_s: int
    oldest_day_s: int


def used_over_days(
    limit: Limit, log: Timeline, segments: Sequence[Segment], now_s: int
) -> UsedOverDays:
    """What a limit over days has added up at the end of a log: from the end, as far as it counts.

    Parameters
    ----------
    segments
        Of the log, up to ``now_s``; the passenger seat as rest or work.
    """
    day = dt.datetime.fromtimestamp(now_s, log.zone).date()
    oldest = day - _ONE_DAY * (limit.days - 1)
    from_s = midnight_s(oldest, log.zone)
    oldest_ends_s = midnight_s(oldest + _ONE_DAY, log.zone)
    drives_only = limit.measure is Measure.DRIVING
    restart_s = limit.reset_s or _NEVER_S
    used_s = oldest_day_s = rested_s = 0
    for activity, start_s, end_s in reversed(segments):
        if activity in RESTING:
            rested_s += end_s - start_s
            if rested_s >= restart_s:
                return UsedOverDays(used_s, midnight_s(day + _ONE_DAY, log.zone), oldest_day_s)
            continue
        rested_s = 0
        if drives_only and activity != DRIVING:
            continue
        if start_s >= oldest_ends_s:
            used_s += end_s - start_s
        elif end_s > from_s:
            used_s += end_s - max(start_s, from_s)
            oldest_day_s += min(end_s, oldest_ends_s) - max(start_s, from_s)
        else:
            break
    if not drives_only and log.prior_on_duty_s and from_s < log.starts_s:
        first = dt.datetime.fromtimestamp(log.starts_s, log.zone).date()
        for back, worked_s in enumerate(reversed(log.prior_on_duty_s), start=1):
            prior = first - _ONE_DAY * back
            used_s += worked_s if prior >= oldest else 0
            oldest_day_s += worked_s if prior == oldest else 0
    return UsedOverDays(used_s, midnight_s(day + _ONE_DAY, log.zone), oldest_day_s)


@dataclass
class DaySums:
    """What a limit over days has added up, segment by segment.

    Attributes
    ----------
    limit
        Over one or several days.
    by_day_s
        Seconds of each day's ordinal, since the last restart.
    """

    limit: Limit
    log: Timeline
    by_day_s: dict[int, int] = field(default_factory=dict[int, int])
    resting_s: int = 0
    _day: int = 0
    _ends_s: int = 0

    def __post_init__(self) -> None:
        """Begin with the days before the log."""
        if not self.log.segments:
            return
        self._turn_to(self.log.starts_s)
        if self.limit.measure is Measure.ON_DUTY:
            prior = self.log.prior_on_duty_s
            for back, worked_s in enumerate(reversed(prior), start=1):
                self.by_day_s[self._day - back] = worked_s

    def add(self, segment: Segment) -> list[Broken]:
        """Go on with a segment; returns the driving of it that the limit forbids."""
        activity, start_s, end_s = segment
        if activity in RESTING:
            self.resting_s += end_s - start_s
            if self.limit.reset_s and self.resting_s >= self.limit.reset_s:
                self.by_day_s.clear()
            return []
        self.resting_s = 0
        if activity != DRIVING and self.limit.measure is Measure.DRIVING:
            return []
        broken: list[Broken] = []
        while start_s < end_s:
            if start_s >= self._ends_s:
                self._turn_to(start_s)
            until_s = min(end_s, self._ends_s)
            at_s = start_s + self.left_s()
            if activity == DRIVING and at_s < until_s:
                if broken and broken[-1].end_s == at_s:
                    broken[-1] = broken[-1]._replace(end_s=until_s)
                else:
                    broken.append(Broken(self.limit, at_s, until_s))
            self.by_day_s[self._day] = self.by_day_s.get(self._day, 0) + until_s - start_s
            start_s = until_s
        return broken

    def left_s(self) -> int:
        """What the limit leaves on the day that was turned to."""
        oldest = self._day - self.limit.days
        used_s = sum(worked for day, worked in self.by_day_s.items() if oldest < day <= self._day)
        return max(0, self.limit.limit_s - used_s)

    def _turn_to(self, at_s: int) -> None:
        day = dt.datetime.fromtimestamp(at_s, self.log.zone).date()
        self._day = day.toordinal()
        self._ends_s = midnight_s(day + _ONE_DAY, self.log.zone)


def daily_rest_lacking(
    log: Timeline, segments: Sequence[Segment], rule: DailyRest, long_s: int
) -> list[tuple[int, int]]:
    """The days with driving, whole in the log, that lack rest: first second and end of each.

    Parameters
    ----------
    long_s
        The rest that resets a tour: of a longer one so much is the day's long rest.
    """
    rests = _rests(segments)
    lacking: list[tuple[int, int]] = []
    for _, start_s, end_s in log.days():
        whole = log.starts_s <= start_s and end_s <= log.ends_s
        drives = any(
            segment.activity == DRIVING and segment.start_s < end_s and start_s < segment.end_s
            for segment in segments
        )
        if not (whole and drives):
            continue
        pieces = [
            (min(to_s, end_s) - max(from_s, start_s), to_s - from_s)
            for from_s, to_s in rests
            if from_s < end_s and start_s < to_s
        ]
        total_s = sum(within_s for within_s, _ in pieces)
        counted_s = sum(within_s for within_s, _ in pieces if within_s >= rule.piece_s)
        has_long = any(length_s >= long_s for _, length_s in pieces)
        of_long_s = max(
            (min(within_s, long_s) for within_s, length_s in pieces if length_s >= long_s),
            default=0,
        )
        if total_s < rule.total_s or (has_long and counted_s - of_long_s < rule.beside_s):
            lacking.append((start_s, end_s))
    return lacking


def _rests(segments: Sequence[Segment]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for activity, start_s, end_s in segments:
        if activity not in RESTING:
            continue
        if runs and runs[-1][1] == start_s:
            runs[-1] = (runs[-1][0], end_s)
        else:
            runs.append((start_s, end_s))
    return runs
