"""How many hours the law leaves each driver at an instant, and how sure that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crossdock.comply.hos import DRIVING, RESTING, Clocks, RuleSet, Timeline, clocks
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.commands import Means
from crossdock.operate.duty_logs import KnownLog, Piece, known_logs
from crossdock.operate.fleet.resting import legal_again_s
from crossdock.operate.fleet.roster import Driver
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

SHORT_S = 2 * SECONDS_PER_HOUR
"""So little driving left is told apart while a driver works."""


class Standing(StrEnum):
    """Where a driver stands; the first of these that is so."""

    NOT_REGULATED = "not_regulated"
    UNKNOWN = "unknown"
    IN_VIOLATION = "in_violation"
    """Drives without an hour left."""
    RESTED = "rested"
    """Rests, and may drive."""
    RESTING = "resting"
    """Rests, and may not drive yet."""
    OUT_OF_HOURS = "out_of_hours"
    """Works, and may not drive."""
    SHORT = "short"
    """Works with less than `SHORT_S` of driving left."""
    WORKING = "working"


@dataclass(frozen=True)
class DriverHours:
    """A driver at an instant.

    Attributes
    ----------
    clocks
        None: nothing is known of the driver's time, or the rules are not for the driver.
    legal_again_s
        From when the driver, who may not drive now, may drive after resting from now on; None:
        not within the days that a cycle counts, or the driver may drive.
    """

    driver: Driver
    log: KnownLog
    at_s: int
    standing: Standing
    clocks: Clocks | None
    legal_again_s: int | None

    @property
    def counted_from_s(self) -> int | None:
        """Where the log begins; before it the driver counts as rested."""
        return self.log.past[0].start_s if self.log.past else None

    @property
    def now(self) -> Piece | None:
        """What the driver does."""
        return self.log.past[-1] if self.log.past else None

    @property
    def since_s(self) -> int | None:
        """Since when the driver has the status."""
        if self.now is None:
            return None
        start_s = self.now.start_s
        for piece in reversed(self.log.past):
            if piece.activity != self.now.activity:
                break
            start_s = piece.start_s
        return start_s

    @property
    def drives_until_s(self) -> int | None:
        """Until when the driver may go on, driving from now on without a break."""
        if self.clocks is None or self.clocks.drive_now_s == 0:
            return None
        return self.at_s + self.clocks.drive_now_s

    @property
    def next_duty(self) -> Piece | None:
        """The first planned work that is still to begin."""
        return next(
            (
                each
                for each in self.log.planned
                if each.start_s > self.at_s and each.activity not in RESTING
            ),
            None,
        )

    @property
    def urgency(self) -> tuple[int, int]:
        """The fewest hours first; then who is resting; then of whom no hours are known."""
        if self.clocks is None:
            return (2 if self.standing is Standing.UNKNOWN else 3), 0
        if self.standing in (Standing.RESTED, Standing.RESTING):
            return 1, self.clocks.drive_now_s
        return 0, self.clocks.drive_now_s


def hours_of(
    present: Present, plan: PlanView, means: Means, drivers: Sequence[Driver], at: dt.datetime
) -> list[DriverHours]:
    """The drivers as they stand at ``at``, in the order in which they are given."""
    logs = known_logs(present, plan, means.network, [each.driver_id for each in drivers], at)
    return [_hours(each, logs[each.driver_id], int(at.timestamp())) for each in drivers]


def is_cycle_whole(rules: RuleSet, counted_from_s: int, at_s: int) -> bool:
    """Whether a log reaches back over every day that the cycle counts."""
    return counted_from_s <= at_s - rules.cycle.days * 24 * SECONDS_PER_HOUR


def _hours(driver: Driver, known: KnownLog, at_s: int) -> DriverHours:
    if not driver.is_regulated:
        return DriverHours(driver, known, at_s, Standing.NOT_REGULATED, None, None)
    if not known.past:
        return DriverHours(driver, known, at_s, Standing.UNKNOWN, None, None)
    log = known.timeline(driver.timezone)
    found = clocks(log, at_s, driver.rules)
    again_s = None if found.drive_now_s else legal_again_s(log, found, driver.rules)
    standing = _standing(log, found)
    return DriverHours(driver, known, at_s, standing, found, again_s)


def _standing(log: Timeline, found: Clocks) -> Standing:
    activity, left_s = log.segments[-1].activity, found.drive_now_s
    if activity in RESTING:
        return Standing.RESTED if left_s else Standing.RESTING
    if not left_s:
        return Standing.IN_VIOLATION if activity == DRIVING else Standing.OUT_OF_HOURS
    return Standing.SHORT if left_s < SHORT_S else Standing.WORKING
