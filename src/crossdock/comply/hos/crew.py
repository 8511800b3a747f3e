"""A vehicle's crew, one driver or a team of two, driving as early as the law allows."""

from __future__ import annotations

from crossdock.comply.hos.log import DutyLog
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, OFF_DUTY, ON_DUTY, SLEEPER, Segment


class Crew:
    """Builds the logs of a vehicle's drivers task by task; every log covers the same time.

    Parameters
    ----------
    start_s
        When the first task begins; every driver is rested until then.
    seats
        1 (solo) or 2 (team).
    """

    def __init__(self, start_s: int, seats: int = 1, rules: RuleSet = US_70_8) -> None:
        self.logs = [DutyLog(start_s, rules) for _ in range(seats)]
        self._at_wheel = 0
        self.worked_s = 0
        """On-duty time of the vehicle: driving and other work, counted once for a team."""

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

    def drive(self, drive_s: int) -> None:
        """Drive ``drive_s`` in all, with each interruption, change and rest that it needs."""
        left_s = drive_s
        while left_s > 0:
            stretch_s = min(left_s, self.logs[self._at_wheel].drive_now_s)
            if stretch_s > 0:
                self._pass(DRIVING, stretch_s)
                self.worked_s += stretch_s
                left_s -= stretch_s
            else:
                self._pause()

    def segments(self) -> list[tuple[Segment, ...]]:
        """Segments of each seat."""
        return [tuple(log.segments) for log in self.logs]

    def _pause(self) -> None:
        driver = self.logs[self._at_wheel]
        partner = self.logs[1 - self._at_wheel] if len(self.logs) > 1 else None
        if partner is not None and (
            partner.fresh or (driver.driving_left_s == 0 and partner.drive_now_s > 0)
        ):
            self._at_wheel = 1 - self._at_wheel
        elif driver.driving_left_s > 0:
            self._pass(OFF_DUTY, driver.until_interrupted_s)
        else:
            self._pass(SLEEPER, min(log.until_reset_s for log in self.logs))

    def _pass(self, activity: str, duration_s: int) -> None:
        # A partner of a moving or working vehicle lies in the berth: the passenger seat would be
        # on duty beyond 3 hours (395.1(g)(1)(i)(D)).
        aside = OFF_DUTY if activity == OFF_DUTY else SLEEPER
        for seat, log in enumerate(self.logs):
            log.add(activity if seat == self._at_wheel else aside, duration_s)


def drive_schedule(
    drive_s: int, *, start_s: int, team: bool = False, rules: RuleSet = US_70_8
) -> list[tuple[Segment, ...]]:
    """Earliest legal way to drive ``drive_s`` from ``start_s`` on, by rested drivers.

    Returns
    -------
    list[tuple[Segment, ...]]
        Segments of each seat (one, or two for a team), contiguous from ``start_s`` to arrival.
    """
    crew = Crew(start_s, 2 if team else 1, rules)
    crew.drive(drive_s)
    return crew.segments()
