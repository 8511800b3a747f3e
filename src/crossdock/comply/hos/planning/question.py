"""What is asked of a plan: the stops in their order, the clocks at its start, and what may be used.

Instants are whole seconds from the start of the plan, which is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from crossdock.comply.hos.rules import Limit, Measure, RuleSet, Since
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import zone_of
from crossdock.model.errors import InvalidValueError
from crossdock.model.units import SECONDS_PER_HOUR

FAR_S = 1 << 40
"""Later than anything in a plan: the end of a window that does not close."""
_LONGEST_S = 366 * 24 * SECONDS_PER_HOUR

BERTH_SPLITS_S = tuple(hours * SECONDS_PER_HOUR for hours in (2, 3, 7, 8))
"""Lengths of the rests of the two usual splits: 7/3 and 8/2, either first."""


@dataclass(frozen=True)
class PlanStop:
    """One stop of the sequence.

    Attributes
    ----------
    drive_s
        Driving from the stop before it, or from the place where the plan starts.
    service_s
        On duty at the stop, in one piece.
    windows
        Instants in which the service may start, both ends included, in order and apart.
    """

    drive_s: int
    service_s: int
    windows: tuple[tuple[int, int], ...] = ((0, FAR_S),)

    def __post_init__(self) -> None:
        for name, length_s in (("drive_s", self.drive_s), ("service_s", self.service_s)):
            if not 0 <= length_s <= _LONGEST_S:
                raise InvalidValueError(
                    f"{name} of a stop is {length_s}",
                    remedy="give whole seconds from 0 to a year",
                )
        if not self.windows:
            raise InvalidValueError(
                "a stop has no window", remedy="leave `windows` out where any time will do"
            )
        for opens_s, closes_s in self.windows:
            if not 0 <= opens_s <= closes_s:
                raise InvalidValueError(
                    f"a window is open from {opens_s} to {closes_s}",
                    remedy="give its opening and then its closing, in seconds from the start",
                )
        if any(later[0] <= earlier[1] for earlier, later in pairwise(self.windows)):
            raise InvalidValueError(
                "the windows of a stop overlap or are out of order",
                remedy="sort them and join those that touch",
            )


@dataclass(frozen=True)
class PlanClocks:
    """A driver's clocks at the start of a plan, as used seconds; fresh by default.

    Each is taken as told; they need not come from one log.

    Attributes
    ----------
    driving_s
        Driven since the last reset.
    window_s
        Passed since the first work after it; None: the window has not begun.
    since_break_s
        Driven since the last interruption.
    resting_s
        Consecutive rest up to now: a rest that starts at once has so much behind it.
    not_driving_s
        Consecutive time without driving up to now, where it is more than ``resting_s``.
    on_duty_by_day_s
        On-duty seconds of the calendar days up to today, oldest first, today's so far the last;
        None: the 60 or 70 hours are not judged.
    at_s
        UTC second of the start of the plan; read with ``on_duty_by_day_s``.
    timezone
        Of the home terminal, whose midnights bound the days (49 CFR 395.8(d)).
    """

    driving_s: int = 0
    window_s: int | None = None
    since_break_s: int = 0
    resting_s: int = 0
    not_driving_s: int = 0
    on_duty_by_day_s: tuple[int, ...] | None = None
    at_s: int = 0
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        zone_of(self.timezone)
        used = {
            "driving_s": self.driving_s,
            "window_s": self.window_s or 0,
            "since_break_s": self.since_break_s,
            "resting_s": self.resting_s,
            "not_driving_s": self.not_driving_s,
        }
        for name, used_s in used.items():
            if not 0 <= used_s <= _LONGEST_S:
                raise InvalidValueError(
                    f"{name} of the clocks is {used_s}",
                    remedy="give the seconds that are used, 0 for none",
                )
        if self.window_s is not None and self.window_s < self.driving_s:
            raise InvalidValueError(
                f"window_s is {self.window_s}, less than the {self.driving_s} seconds driven in it",
                remedy="count the window from the first work after the last reset",
            )
        if any(worked_s < 0 for worked_s in self.on_duty_by_day_s or ()):
            raise InvalidValueError(
                "on_duty_by_day_s holds a negative day", remedy="give 0 for a day off"
            )


FRESH = PlanClocks()


@dataclass(frozen=True)
class Relay:
    """Another driver takes the vehicle over when a stop is served.

    Attributes
    ----------
    after_stop
        Place of the stop in the sequence, from 0.
    clocks
        Of the driver who takes over, as they are at ``ready_s``.
    ready_s
        From when on this driver may work; resting until then and while waiting for the vehicle.
    """

    after_stop: int
    clocks: PlanClocks = FRESH
    ready_s: int = 0


@dataclass(frozen=True)
class PlanOptions:
    """What a plan may use.

    Attributes
    ----------
    rules
        A rule set of 11 h, 14 h and 30 min form (see `limits_of`).
    splits
        Sleeper-berth splits of 7 and 3, or 8 and 2 hours (49 CFR 395.1(g)(1)(ii)).
    buffer_s
        Kept free on the driving, window, interruption and cycle limits, as a policy of the carrier.
    partner
        Clocks of the second driver of a team; None: one driver.
    relays
        Where the driver changes.
    """

    rules: RuleSet = US_70_8
    splits: bool = False
    buffer_s: int = 0
    partner: PlanClocks | None = None
    relays: tuple[Relay, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.buffer_s < 0:
            raise InvalidValueError(
                f"buffer_s is {self.buffer_s}", remedy="give the seconds to keep free, 0 for none"
            )
        if self.partner is not None and (self.splits or self.relays):
            raise InvalidValueError(
                "a plan for a team takes neither splits nor relays",
                remedy="plan a team alone, or one driver with splits or relays",
            )
        if len({relay.after_stop for relay in self.relays}) < len(self.relays):
            raise InvalidValueError(
                "two relays are after the same stop", remedy="name each stop once"
            )


@dataclass(frozen=True)
class PlanLimits:
    """The numbers that bind one driver in a plan, in seconds."""

    driving_s: int
    window_s: int
    drive_before_pause_s: int
    pause_s: int
    reset_s: int
    cycle_s: int
    cycle_days: int
    restart_s: int


def limits_of(rules: RuleSet, buffer_s: int = 0) -> PlanLimits:
    """The limits of a rule set, each less ``buffer_s``.

    Raises
    ------
    InvalidValueError
        The rule set has a limit of another form, such as Canada's hours of a day.
    """
    strange = [limit.rule for limit in rules.limits if not _is_known(limit)]
    if strange or rules.daily_rest is not None:
        raise InvalidValueError(
            f"plans cannot be made for {rules.name}: it has {', '.join(strange) or 'a daily rest'}",
            remedy="use a rule set such as US_70_8 or US_60_7",
        )
    cycles = [limit for limit in rules.limits if limit.since == Since.DAY]
    cycle = cycles[0] if cycles else None
    limits = PlanLimits(
        driving_s=rules.driving_s - buffer_s,
        window_s=rules.window_s - buffer_s,
        drive_before_pause_s=min(rules.drive_before_interruption_s, rules.driving_s) - buffer_s,
        pause_s=rules.interruption_s,
        reset_s=rules.reset_s,
        cycle_s=(cycle.limit_s if cycle else FAR_S) - buffer_s,
        cycle_days=cycle.days if cycle else 0,
        restart_s=cycle.reset_s if cycle else 0,
    )
    if limits.drive_before_pause_s <= 0:
        raise InvalidValueError(
            f"buffer_s of {buffer_s} leaves no driving", remedy="keep less than 8 hours free"
        )
    return limits


def check_relays(stops: Sequence[PlanStop], relays: Sequence[Relay]) -> None:
    """Refuse a relay that is at no stop.

    Raises
    ------
    InvalidValueError
        It is after the last stop, or before the first.
    """
    for relay in relays:
        if not 0 <= relay.after_stop < len(stops) - 1:
            raise InvalidValueError(
                f"a relay is after stop {relay.after_stop} of {len(stops)}",
                remedy=f"name a stop from 0 to {len(stops) - 2}: somebody must drive on from it",
            )


def _is_known(limit: Limit) -> bool:
    return (limit.measure, limit.since) in {
        (Measure.DRIVING, Since.REST),
        (Measure.ELAPSED, Since.REST),
        (Measure.DRIVING, Since.PAUSE),
    } or (limit.measure == Measure.ON_DUTY and limit.since == Since.DAY and limit.days > 1)
