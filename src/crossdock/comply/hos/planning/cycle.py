"""The 60 or 70 hours of a plan: which instants leave driving, and how much."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass

from crossdock.comply.hos.planning.question import PlanClocks, PlanLimits
from crossdock.comply.hos.timeline import midnight_s, zone_of


@dataclass(frozen=True)
class CycleClock:
    """On-duty time of the days before the plan, as it leaves the sum midnight by midnight.

    The work of the plan itself stays in the sum until a restart: exact for plans that end within
    the days of the cycle, careful for longer ones.

    Attributes
    ----------
    begins_s
        Instants of the plan from which on ``carried_s`` holds, the first at or before 0.
    carried_s
        On-duty seconds of earlier days that count then.
    """

    limit_s: int
    restart_s: int
    begins_s: tuple[int, ...]
    carried_s: tuple[int, ...]

    def carried_at(self, at_s: int) -> int:
        """On-duty seconds of the days before the plan that count at an instant."""
        return self.carried_s[max(0, bisect_right(self.begins_s, at_s) - 1)]

    def room_s(self, at_s: int, worked_s: int, *, restarted: bool) -> int:
        """Unbroken driving that the cycle leaves from an instant on."""
        if restarted:
            return max(0, self.limit_s - worked_s)
        at, room = at_s, 0
        for day in range(max(0, bisect_right(self.begins_s, at_s) - 1), len(self.begins_s)):
            left = max(0, self.limit_s - self.carried_s[day] - worked_s - room)
            last = day + 1 == len(self.begins_s)
            if last or at + left < self.begins_s[day + 1]:
                return room + left
            room += self.begins_s[day + 1] - at
            at = self.begins_s[day + 1]
        return room

    def opens_s(self, after_s: int, worked_s: int) -> int | None:
        """The next midnight after an instant at which there is room again; None: never."""
        return next(
            (
                begins_s
                for begins_s, carried_s in zip(self.begins_s, self.carried_s, strict=True)
                if begins_s > after_s and carried_s + worked_s < self.limit_s
            ),
            None,
        )


def cycle_of(clocks: PlanClocks, limits: PlanLimits) -> CycleClock | None:
    """The cycle of a driver whose days are told; None where it is not judged."""
    told = clocks.on_duty_by_day_s
    if told is None or limits.cycle_days == 0:
        return None
    zone = zone_of(clocks.timezone)
    today = dt.datetime.fromtimestamp(clocks.at_s, zone).date()
    begins = [
        midnight_s(today + dt.timedelta(days=days), zone) - clocks.at_s
        for days in range(limits.cycle_days + 1)
    ]
    carried = [
        sum(told[max(0, len(told) - limits.cycle_days + days) :])
        for days in range(limits.cycle_days)
    ]
    return CycleClock(
        limits.cycle_s, limits.restart_s, (min(0, begins[0]), *begins[1:]), (*carried, 0)
    )
