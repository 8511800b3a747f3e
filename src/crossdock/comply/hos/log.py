"""A duty log under construction: one driver's segments and the clocks that they leave."""

from __future__ import annotations

from typing import NamedTuple

from crossdock.comply.hos.cycle import Cycle
from crossdock.comply.hos.planning import PlanClocks
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, RESTING, Segment


class DutyUsed(NamedTuple):
    """What a driver has used of the clocks of 49 CFR 395.3 at ``now_s``.

    Attributes
    ----------
    driven_s, driven_since_interruption_s
        Driving since the last reset, and since the last interruption.
    window_opened_s
        First work after the last reset; None: rested.
    resting_s, not_driving_s
        Consecutive rest, and consecutive time off the wheel, up to now.
    """

    now_s: int
    driven_s: int = 0
    driven_since_interruption_s: int = 0
    window_opened_s: int | None = None
    resting_s: int = 0
    not_driving_s: int = 0


class DutyLog:
    """Segments of a driver, rested at ``start_s``, with the clocks of 49 CFR 395.3.

    Splits are not known here: a rest shorter than a reset gives back no more than the 30 minutes.

    Parameters
    ----------
    start_s
        A driver rested until then, or what one has used by then.
    cycle
        The 60 or 70 hours, which depend on the days before; None: they are not kept.
    """

    def __init__(
        self, start_s: int | DutyUsed, rules: RuleSet = US_70_8, cycle: Cycle | None = None
    ) -> None:
        self.rules = rules
        self.cycle = cycle
        self.segments: list[Segment] = []
        self.used = DutyUsed(start_s) if isinstance(start_s, int) else start_s

    def add(self, activity: str, duration_s: int) -> None:
        """Append ``duration_s`` of ``activity``; nothing is appended for zero."""
        if duration_s <= 0:
            return
        used, now_s = self.used, self.used.now_s + duration_s
        segment = Segment(activity, used.now_s, now_s)
        self.segments.append(segment)
        if self.cycle is not None:
            self.cycle.add(segment)
        opened_s = used.window_opened_s
        if activity not in RESTING and opened_s is None:
            opened_s = used.now_s
        if activity == DRIVING:
            self.used = DutyUsed(
                now_s,
                used.driven_s + duration_s,
                used.driven_since_interruption_s + duration_s,
                opened_s,
            )
            return
        not_driving_s = used.not_driving_s + duration_s
        resting_s = used.resting_s + duration_s if activity in RESTING else 0
        interrupted = not_driving_s >= self.rules.interruption_s
        reset = resting_s >= self.rules.reset_s
        self.used = DutyUsed(
            now_s,
            0 if reset else used.driven_s,
            0 if interrupted else used.driven_since_interruption_s,
            None if reset else opened_s,
            resting_s,
            not_driving_s,
        )

    @property
    def now_s(self) -> int:
        """End of the last segment."""
        return self.used.now_s

    @property
    def window_opened_s(self) -> int | None:
        """First work after the last reset; None: rested."""
        return self.used.window_opened_s

    @property
    def driving_left_s(self) -> int:
        """Driving that the limits of a duty and the cycle leave, whatever the 30 minutes say."""
        cycle_s = self._of_duty_s if self.cycle is None else self.cycle.left_s(self.now_s)
        return min(self._of_duty_s, cycle_s)

    @property
    def drive_now_s(self) -> int:
        """Unbroken driving that is legal from now on."""
        return max(0, min(self.driving_left_s, self._before_interruption_s))

    @property
    def until_driving_s(self) -> int:
        """Rest after which some driving is legal: 0 where it is now.

        Meanwhile another limit may run out: ask again then.
        """
        wait_s = 0
        if self._of_duty_s == 0:
            wait_s = self.until_reset_s
        elif self._before_interruption_s <= 0:
            wait_s = self.until_interrupted_s
        if self.cycle is not None:
            wait_s = max(wait_s, self.cycle.again_s(self.now_s) - self.now_s)
        return wait_s

    @property
    def _of_duty_s(self) -> int:
        rules, used = self.rules, self.used
        opened_s = used.now_s if used.window_opened_s is None else used.window_opened_s
        window_s = opened_s + rules.window_s - used.now_s
        return max(0, min(rules.driving_s - used.driven_s, window_s))

    @property
    def _before_interruption_s(self) -> int:
        return self.rules.drive_before_interruption_s - self.used.driven_since_interruption_s

    @property
    def fresh(self) -> bool:
        """Whether nothing of the 11 h and 14 h is used."""
        return self.used.window_opened_s is None

    @property
    def until_reset_s(self) -> int:
        """Rest still to take until the clocks start anew."""
        return max(0, self.rules.reset_s - self.used.resting_s)

    @property
    def until_interrupted_s(self) -> int:
        """Time without driving still to pass until 8 more hours may be driven."""
        return max(0, self.rules.interruption_s - self.used.not_driving_s)

    @property
    def plan_clocks(self) -> PlanClocks:
        """The clocks as a plan takes them that starts now."""
        used = self.used
        return PlanClocks(
            driving_s=used.driven_s,
            window_s=None if used.window_opened_s is None else used.now_s - used.window_opened_s,
            since_break_s=used.driven_since_interruption_s,
            resting_s=used.resting_s,
            not_driving_s=used.not_driving_s,
        )
