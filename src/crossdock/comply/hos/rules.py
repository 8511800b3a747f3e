"""Hours-of-service rules as dated data: what is measured, since when, and how much of it is legal.

A rule set is a list of limits of one form. A limit bars driving once its measure has reached so
much since something emptied it: enough consecutive rest, a pause without driving, or a midnight of
the home terminal. Other countries are other lists; `crossdock.comply.hos.rulesets` has them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property


class Measure(StrEnum):
    """What a limit adds up."""

    DRIVING = "driving"
    ON_DUTY = "on_duty"
    ELAPSED = "elapsed"
    """All time since the first work, rest included."""


class Since(StrEnum):
    """What empties a limit."""

    REST = "rest"
    """``reset_s`` of consecutive rest."""
    PAUSE = "pause"
    """``reset_s`` in a row without driving, on duty or not."""
    DAY = "day"
    """Days pass: the sum is over the ``days`` calendar days of the home terminal up to now; and
    ``reset_s`` of consecutive rest empty it, where that is not 0."""


@dataclass(frozen=True)
class Limit:
    """Driving is barred while ``measure`` since ``since`` is ``limit_s`` or more.

    Attributes
    ----------
    rule
        Short name, such as ``driving_11h``.
    limit_s, reset_s
        Seconds.
    days
        Of a sum over days.
    citation
        Where it is written.
    """

    rule: str
    measure: Measure
    limit_s: int
    since: Since
    reset_s: int
    citation: str
    days: int = 1


@dataclass(frozen=True)
class Split:
    """Two rests that stand for one reset (49 CFR 395.1(g)(1)(ii)).

    Attributes
    ----------
    berth_s
        Consecutive time in the sleeper berth that one of the two needs.
    least_s
        Length of each.
    together_s
        Length of both together.
    """

    berth_s: int
    least_s: int
    together_s: int
    citation: str


@dataclass(frozen=True)
class WindowPause:
    """One off-duty period in a tour that the window does not count (pilot, 90 FR 44872)."""

    least_s: int
    most_s: int
    citation: str


@dataclass(frozen=True)
class DailyRest:
    """Rest that each day needs beside the long one (SOR/2005-313 s. 14).

    Attributes
    ----------
    total_s
        Rest in a day.
    beside_s, piece_s
        So much of it outside of the long rest, in pieces of at least ``piece_s``.
    """

    rule: str
    total_s: int
    beside_s: int
    piece_s: int
    citation: str


@dataclass(frozen=True)
class RuleSet:
    """The limits of a driver of a property-carrying commercial vehicle.

    Attributes
    ----------
    limits
        In the order in which they are told.
    split
        How two rests make a reset; None: they do not.
    window_pause
        For drivers enrolled in a pilot alone.
    daily_rest
        What a day needs, where the law says so.
    passenger_s, passenger_berth_s
        Time in the passenger seat of a moving team vehicle that is rest, beside so much in the
        berth (49 CFR 395.1(g)(1)(i)(D), 395.2).
    effective_from, effective_to
        First and last day on which it reads like this.
    compared_with
        The text that its numbers were compared with; empty: not compared with the official text.
    """

    name: str
    limits: tuple[Limit, ...]
    effective_from: dt.date
    effective_to: dt.date | None = None
    split: Split | None = None
    window_pause: WindowPause | None = None
    daily_rest: DailyRest | None = None
    passenger_s: int = 0
    passenger_berth_s: int = 0
    compared_with: str = ""

    def without(self, *rules: str) -> RuleSet:
        """The same without some limits."""
        return replace(self, limits=tuple(each for each in self.limits if each.rule not in rules))

    @cached_property
    def rest_groups(self) -> tuple[tuple[int, tuple[Limit, ...]], ...]:
        """The limits since a rest, by the length of that rest."""
        since_rest = [limit for limit in self.limits if limit.since is Since.REST]
        lengths = sorted({limit.reset_s for limit in since_rest})
        return tuple(
            (reset_s, tuple(limit for limit in since_rest if limit.reset_s == reset_s))
            for reset_s in lengths
        )

    def limit(self, measure: Measure, since: Since) -> Limit | None:
        """The first limit on a measure since something; None: there is none."""
        return next(
            (each for each in self.limits if each.measure == measure and each.since == since), None
        )

    @cached_property
    def driving_s(self) -> int:
        """Driving allowed between two resets."""
        return self._needed(Measure.DRIVING, Since.REST).limit_s

    @cached_property
    def window_s(self) -> int:
        """Time from the first work after a reset until driving must stop."""
        window = self.limit(Measure.ELAPSED, Since.REST) or self.limit(Measure.ON_DUTY, Since.REST)
        return window.limit_s if window else 1 << 40

    @cached_property
    def reset_s(self) -> int:
        """Consecutive rest that starts everything but the cycle anew."""
        return self._needed(Measure.DRIVING, Since.REST).reset_s

    @cached_property
    def drive_before_interruption_s(self) -> int:
        """Driving allowed before a pause; as much as between resets where no pause is asked for."""
        pause = self.limit(Measure.DRIVING, Since.PAUSE)
        return pause.limit_s if pause else self.driving_s

    @cached_property
    def interruption_s(self) -> int:
        """The pause without driving."""
        pause = self.limit(Measure.DRIVING, Since.PAUSE)
        return pause.reset_s if pause else 0

    @cached_property
    def cycle(self) -> Limit:
        """On-duty time over the most days."""
        return max(
            (each for each in self.limits if each.measure == Measure.ON_DUTY and each.days > 1),
            key=lambda each: each.days,
        )

    @cached_property
    def cycle_s(self) -> int:
        """On-duty time in the days of the cycle at which driving is barred."""
        return self.cycle.limit_s

    @cached_property
    def cycle_days(self) -> int:
        """Days of the cycle."""
        return self.cycle.days

    @cached_property
    def restart_s(self) -> int:
        """Consecutive rest that empties the cycle."""
        return self.cycle.reset_s

    def _needed(self, measure: Measure, since: Since) -> Limit:
        found = self.limit(measure, since)
        assert found is not None, f"{self.name} has no limit of {measure} since {since}"
        return found
