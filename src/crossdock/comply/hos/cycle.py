"""The 60 or 70 hours of a driver whose log is under construction (49 CFR 395.3(b), (c))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Self
from zoneinfo import ZoneInfo

from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.timeline import OFF_DUTY, RESTING, Segment, midnight_s, zone_of

_ONE_DAY = dt.timedelta(days=1)


class Cycle:
    """What is on duty in the days that count, since the last restart.

    Parameters
    ----------
    rules
        With a cycle over several days.
    timezone
        Of the home terminal, whose midnights bound the days.
    worked
        Periods on duty of the days before, in order: start and end in UTC seconds.
    """

    def __init__(
        self, rules: RuleSet, timezone: str, worked: Iterable[tuple[int, int]] = ()
    ) -> None:
        self.worked = list(worked)
        self._limit = rules.cycle
        self._zone: ZoneInfo = zone_of(timezone)

    @classmethod
    def after(
        cls, segments: Iterable[Segment], rules: RuleSet, timezone: str, until_s: int
    ) -> Self:
        """The cycle at ``until_s`` of a driver who rests wherever the log has a gap."""
        cycle, end_s = cls(rules, timezone), 0
        for segment in segments:
            cycle.add(Segment(OFF_DUTY, end_s, segment.start_s))
            cycle.add(segment)
            end_s = segment.end_s
        cycle.add(Segment(OFF_DUTY, end_s, until_s))
        return cycle

    def add(self, segment: Segment) -> None:
        """Go on with a segment."""
        activity, start_s, end_s = segment
        restart_s = self._limit.reset_s
        if activity in RESTING:
            if restart_s and self.worked and end_s - self.worked[-1][1] >= restart_s:
                self.worked.clear()
        elif self.worked and self.worked[-1][1] == start_s:
            self.worked[-1] = (self.worked[-1][0], end_s)
        else:
            self.worked.append((start_s, end_s))

    def left_s(self, at_s: int) -> int:
        """On-duty time that the cycle leaves at an instant, not before the last segment's end."""
        oldest = self._day(at_s) - _ONE_DAY * (self._limit.days - 1)
        from_s = midnight_s(oldest, self._zone)
        used_s = sum(
            end_s - max(start_s, from_s) for start_s, end_s in self.worked if end_s > from_s
        )
        return max(0, self._limit.limit_s - used_s)

    def again_s(self, at_s: int) -> int:
        """From when it leaves something, if the driver rests from ``at_s`` on."""
        return next(each for each in self._gains(at_s) if self.left_s(each) > 0 or self._over(each))

    def _gains(self, at_s: int) -> Iterator[int]:
        yield at_s
        today = self._day(at_s)
        midnights = [
            midnight_s(today + _ONE_DAY * days, self._zone)
            for days in range(1, self._limit.days + 1)
        ]
        if self._limit.reset_s:
            midnights.append(self.worked[-1][1] + self._limit.reset_s)
        yield from sorted(midnights)

    def _over(self, at_s: int) -> bool:
        """Whether a rest up to an instant is a restart."""
        restart_s = self._limit.reset_s
        return bool(restart_s) and at_s - self.worked[-1][1] >= restart_s

    def _day(self, at_s: int) -> dt.date:
        return dt.datetime.fromtimestamp(at_s, self._zone).date()
