"""Whether a driver may take a trip: the log that is known, and the duty that is planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.hos.audit import Violation, audit
from crossdock.comply.hos.clocks import Clocks, clocks
from crossdock.comply.hos.reliefs import Relief
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, Timeline
from crossdock.model.errors import InvalidValueError
from crossdock.model.units import SECONDS_PER_HOUR


@dataclass(frozen=True)
class TripHours:
    """What the hours of service say of a trip; `crossdock.comply.dispatch` takes it as it is.

    Attributes
    ----------
    reason
        One plain sentence.
    citation
        Of the rule that decides.
    holds_until
        Latest departure with which the answer is sure to hold; None where it is no.
    violations
        Driving of the trip that would be against the law.
    after
        The clocks at the end of its last drive.
    """

    allowed: bool
    reason: str
    citation: str
    holds_until: dt.datetime | None
    violations: tuple[Violation, ...]
    after: Clocks


def trip_hours(
    log: Timeline,
    duty: Sequence[tuple[str, int, int]],
    rules: RuleSet = US_70_8,
    *,
    reliefs: Sequence[Relief] = (),
) -> TripHours:
    """Judge a planned duty after a log.

    Parameters
    ----------
    log
        Up to now; between it and the duty the driver is off duty.
    duty
        Status, start and end in UTC seconds.

    Raises
    ------
    InvalidValueError
        The duty has no driving, begins before the log ends, or is no log itself.
    """
    planned = Timeline.of(duty, timezone=log.timezone).segments
    drives = [segment for segment in planned if segment.activity == DRIVING]
    if not drives:
        raise InvalidValueError(
            "the planned duty has no driving", remedy="give its segments, at least one of D"
        )
    whole = Timeline.of(
        [*log.segments, *planned],
        timezone=log.timezone,
        prior_on_duty_s=log.prior_on_duty_s,
        gaps_are_rest=True,
    )
    starts_s = planned[0].start_s
    broken = tuple(each for each in audit(whole, rules, reliefs=reliefs) if each.end_s > starts_s)
    after = clocks(whole, drives[-1].end_s, rules, reliefs=reliefs)
    if broken:
        first = min(broken, key=lambda each: each.start_s)
        hours = sum(each.end_s - each.start_s for each in broken) / SECONDS_PER_HOUR
        at = dt.datetime.fromtimestamp(first.start_s, log.zone)
        return TripHours(
            allowed=False,
            reason=f"{hours:.2f} h of its driving are against the law, from {at:%Y-%m-%d %H:%M} "
            f"home-terminal time on ({first.rule})",
            citation=first.citation,
            holds_until=None,
            violations=broken,
            after=after,
        )
    return TripHours(
        allowed=True,
        reason=f"it is legal and leaves {after.drive_now_s / SECONDS_PER_HOUR:.2f} h to drive",
        citation=_binding(after, rules),
        # While one waits the clock of the window runs, and no other.
        holds_until=dt.datetime.fromtimestamp(starts_s + after.window_s, dt.UTC),
        violations=(),
        after=after,
    )


def _binding(after: Clocks, rules: RuleSet) -> str:
    """The rule that leaves least."""
    rule, _ = min(after.left, key=lambda each: each[1])
    return next(limit.citation for limit in rules.limits if limit.rule == rule)
