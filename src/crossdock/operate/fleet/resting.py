"""From when work is legal again, if the driver rests until then."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Sequence

from crossdock.comply.hos import (
    Clocks,
    RuleSet,
    Segment,
    Timeline,
    Violation,
    audit,
    clocks,
)
from crossdock.operate.duty_logs import rested_until

_MOST_DAYS = 9
"""Longer than any cycle that plans are judged by."""
_MOST_TRIES = 60

Work = Callable[[Timeline], Sequence[Segment]]
"""What is to be done after a log, from its end on."""


def gone_on(log: Timeline, segments: Sequence[Segment]) -> Timeline:
    """The log with what comes after it; what lies between is rest."""
    return Timeline.of(
        [*log.segments, *segments],
        timezone=log.timezone,
        prior_on_duty_s=log.prior_on_duty_s,
        gaps_are_rest=True,
    )


def legal_again_s(log: Timeline, found: Clocks, rules: RuleSet) -> int | None:
    """From when any driving is legal, after rest from the end of a log on; ``found`` is there."""
    at_s = found.at_s
    for rule, left_s in found.left:
        if left_s:
            continue
        gains = [each.at_s for each in found.changes if each.rule == rule and not each.in_berth]
        at_s = max(at_s, min(gains, default=at_s))
    # No limit gives hours back before; but one midnight need not be enough.
    for later_s in (at_s, *(each for each in _turns(log, found) if each > at_s)):
        if clocks(rested_until(log, later_s), later_s, rules).drive_now_s:
            return later_s
    return None


def earliest_s(log: Timeline, from_s: int, work: Work, rules: RuleSet) -> int | None:
    """The first start, not before ``from_s``, with which work is legal after rest until then.

    None: there is none in the days that a cycle counts. The log ends by ``from_s``.

    Notes
    -----
    Hours come back when a rest is long enough, and at midnights. So these instants are tried, and
    for driving that a later midnight would make legal, the start that brings it there.
    """
    tried = {from_s}
    at_rest = rested_until(log, from_s)
    waiting = [from_s, *_turns(at_rest, clocks(at_rest, from_s, rules))]
    heapq.heapify(waiting)
    for _ in range(_MOST_TRIES):
        if not waiting:
            break
        start_s = heapq.heappop(waiting)
        broken = violations(rested_until(log, start_s), work, rules)
        if not broken:
            return start_s
        first_s = max(start_s, broken[0].start_s)
        later_s = start_s + _midnights(log, first_s, 1)[0] - first_s
        if later_s not in tried and later_s <= from_s + _MOST_DAYS * 86_400:
            tried.add(later_s)
            heapq.heappush(waiting, later_s)
    return None


def violations(log: Timeline, work: Work, rules: RuleSet) -> list[Violation]:
    """What of work after a log is illegal."""
    start_s = log.ends_s
    segments = work(log)
    whole = gone_on(log, segments)
    return [each for each in audit(whole, rules) if each.end_s > start_s]


def _turns(log: Timeline, found: Clocks) -> list[int]:
    """The instants to come at which rest gives hours back; ``found`` is at the end of the log."""
    turns = {each.at_s for each in found.changes if not each.in_berth}
    turns |= set(_midnights(log, found.at_s, _MOST_DAYS))
    return sorted(each for each in turns if each > found.at_s)


def _midnights(log: Timeline, after_s: int, count: int) -> list[int]:
    day = dt.datetime.fromtimestamp(after_s, log.zone).date()
    return [
        int(dt.datetime.combine(day + dt.timedelta(days=each), dt.time(), log.zone).timestamp())
        for each in range(1, count + 1)
    ]
