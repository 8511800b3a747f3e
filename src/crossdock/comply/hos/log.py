"""A duty log under construction: one driver's segments and the clocks that they leave."""

from __future__ import annotations

from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, RESTING, Segment


class DutyLog:
    """Segments of a rested driver from ``start_s`` on, with the clocks of 49 CFR 395.3.

    The cycle is not kept here: it depends on the days before (see `crossdock.comply.hos.audit`).
    """

    def __init__(self, start_s: int, rules: RuleSet = US_70_8) -> None:
        self.rules = rules
        self.now_s = start_s
        self.segments: list[Segment] = []
        self.driven_s = 0
        self.driven_since_interruption_s = 0
        self.window_opened_s: int | None = None
        self._resting_s = 0
        self._not_driving_s = 0

    def add(self, activity: str, duration_s: int) -> None:
        """Append ``duration_s`` of ``activity``; nothing is appended for zero."""
        if duration_s <= 0:
            return
        if activity not in RESTING and self.window_opened_s is None:
            self.window_opened_s = self.now_s
        self.segments.append(Segment(activity, self.now_s, self.now_s + duration_s))
        self.now_s += duration_s
        if activity == DRIVING:
            self.driven_s += duration_s
            self.driven_since_interruption_s += duration_s
            self._resting_s = self._not_driving_s = 0
            return
        self._not_driving_s += duration_s
        self._resting_s = self._resting_s + duration_s if activity in RESTING else 0
        if self._not_driving_s >= self.rules.interruption_s:
            self.driven_since_interruption_s = 0
        if self._resting_s >= self.rules.reset_s:
            self.driven_s = 0
            self.window_opened_s = None

    @property
    def driving_left_s(self) -> int:
        """Driving that the 11 h and 14 h limits leave, whatever the 30 minutes say."""
        rules = self.rules
        opened_s = self.now_s if self.window_opened_s is None else self.window_opened_s
        return max(
            0,
            min(rules.driving_s - self.driven_s, opened_s + rules.window_s - self.now_s),
        )

    @property
    def drive_now_s(self) -> int:
        """Unbroken driving that is legal from now on."""
        before_s = self.rules.drive_before_interruption_s - self.driven_since_interruption_s
        return max(0, min(self.driving_left_s, before_s))

    @property
    def fresh(self) -> bool:
        """Whether nothing of the 11 h and 14 h is used."""
        return self.window_opened_s is None

    @property
    def until_reset_s(self) -> int:
        """Rest still to take until the clocks start anew."""
        return max(0, self.rules.reset_s - self._resting_s)

    @property
    def until_interrupted_s(self) -> int:
        """Time without driving still to pass until 8 more hours may be driven."""
        return max(0, self.rules.interruption_s - self._not_driving_s)
