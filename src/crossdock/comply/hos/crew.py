"""A vehicle's crew driving by the law: one driver as early as it allows, or a team of two.

A team changes over by a plain rule, which is legal; it may arrive half an hour after the earliest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from crossdock.comply.hos.log import DutyLog
from crossdock.comply.hos.planning import PlanStop, check_route, limits_of
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, OFF_DUTY, ON_DUTY, SLEEPER, Segment


class Crew:
    """Builds the logs of a vehicle's drivers task by task; every log covers the same time.

    Parameters
    ----------
    logs
        Of one driver, or of the two of a team; they end at the same instant.
    at_wheel
        Place of the driver who begins.
    """

    def __init__(self, logs: Sequence[DutyLog], at_wheel: int = 0) -> None:
        self.logs = list(logs)
        self._at_wheel = at_wheel
        self.worked_s = 0
        """On-duty time of the vehicle: driving and other work, counted once for a team."""

    @classmethod
    def rested(cls, start_s: int, seats: int = 1, rules: RuleSet = US_70_8) -> Self:
        """A crew of which everybody is rested until the first task begins."""
        return cls([DutyLog(start_s, rules) for _ in range(seats)])

    @property
    def now_s(self) -> int:
        """End of the last task."""
        return self.logs[0].now_s

    def work(self, duration_s: int) -> None:
        """On-duty work of the driver at the wheel; a partner rests."""
        self._pass(ON_DUTY, duration_s)
        self.worked_s += max(0, duration_s)

    def wait_until(self, instant_s: int) -> None:
        """Wait for dispatch: rest where it is long enough for a reset, else on duty (395.2)."""
        duration_s = instant_s - self.now_s
        if duration_s >= self.logs[0].rules.reset_s:
            self._pass(OFF_DUTY, duration_s)
        else:
            self.work(duration_s)

    def rest(self, duration_s: int) -> None:
        """All drivers are off duty."""
        self._pass(OFF_DUTY, duration_s)

    def drive(self, drive_s: int, *, until_s: int | None = None) -> int:
        """Drive ``drive_s`` in all, with each interruption, change and rest that it needs.

        Parameters
        ----------
        until_s
            Stop there, or at the end of the rest in which it falls.

        Returns
        -------
        int
            Driving that is left.
        """
        left_s = drive_s
        while left_s > 0 and (until_s is None or self.now_s < until_s):
            stretch_s = min(left_s, self.logs[self._at_wheel].drive_now_s)
            if until_s is not None:
                stretch_s = min(stretch_s, until_s - self.now_s)
            if stretch_s > 0:
                self._pass(DRIVING, stretch_s)
                self.worked_s += stretch_s
                left_s -= stretch_s
            else:
                self._pause(left_s)
        return left_s

    def segments(self) -> list[tuple[Segment, ...]]:
        """Segments of each seat."""
        return [tuple(log.segments) for log in self.logs]

    def _pause(self, left_s: int) -> None:
        """What lets the vehicle go on: a change at the wheel, 30 minutes, or a rest."""
        driver = self.logs[self._at_wheel]
        partner = self.logs[1 - self._at_wheel] if len(self.logs) > 1 else None
        if (
            partner is not None
            and partner.drive_now_s > 0
            and (partner.fresh or driver.driving_left_s == 0)
        ):
            self._at_wheel = 1 - self._at_wheel
        elif driver.driving_left_s > 0 and (
            partner is not None or self._interruption_pays(driver, left_s)
        ):
            self._pass(OFF_DUTY, driver.until_interrupted_s)
        else:
            self._pass(SLEEPER, min(_rest_s(log) for log in self.logs))

    def _interruption_pays(self, driver: DutyLog, left_s: int) -> bool:
        """Whether 30 minutes now bring ``left_s`` of driving to its end as early as a rest would.

        16 h are driven as 8, ten of rest, and 8: an interruption would be half an hour lost.
        A team rolls on.
        """
        if len(self.logs) > 1:
            return True
        paused = DutyLog(driver.used, driver.rules)
        paused.add(OFF_DUTY, driver.until_interrupted_s)
        driven_s = min(left_s, paused.drive_now_s)
        paused.add(DRIVING, driven_s)
        if driven_s == left_s:
            return True
        limits = limits_of(driver.rules)
        then_s = check_route([PlanStop(left_s - driven_s, 0)], limits, paused.plan_clocks)
        at_once_s = check_route([PlanStop(left_s, 0)], limits, driver.plan_clocks)
        return paused.now_s - driver.now_s + then_s <= at_once_s

    def _pass(self, activity: str, duration_s: int) -> None:
        # A partner of a moving or working vehicle lies in the berth: the passenger seat would be
        # on duty beyond 3 hours (395.1(g)(1)(i)(D)).
        aside = OFF_DUTY if activity == OFF_DUTY else SLEEPER
        for seat, log in enumerate(self.logs):
            log.add(activity if seat == self._at_wheel else aside, duration_s)


def _rest_s(log: DutyLog) -> int:
    """Rest that gives a driver hours; where some are left still, a reset."""
    return log.until_reset_s if log.driving_left_s else log.until_driving_s
