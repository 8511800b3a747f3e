"""Which driving of a log breaks the law, to the second, and by which reading of its rests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crossdock.comply.hos.days import DaySums, daily_rest_lacking
from crossdock.comply.hos.reliefs import Relief, ReliefKind, checked, kinds_of, relieved
from crossdock.comply.hos.rules import Limit, RuleSet, Since
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.splits import (
    EGREGIOUS_S,
    NOMINAL_S,
    Pair,
    Way,
    best,
    settled,
    ways,
)
from crossdock.comply.hos.timeline import DRIVING, Segment, Timeline
from crossdock.comply.hos.tours import Rest, Tour, resolved, tours

_FAR_S = 1 << 40


@dataclass(frozen=True)
class Policy:
    """Readings of the law where it leaves room.

    Attributes
    ----------
    reset_may_begin_pair
        A full reset with enough time in the berth may be the first rest of a pair, so that the
        second is outside of the window.
    """

    reset_may_begin_pair: bool = False


STRICT = Policy()


@dataclass(frozen=True)
class Violation:
    """Driving over ``[start_s, end_s)`` (UTC seconds) that a rule forbids.

    Attributes
    ----------
    pairing
        The rests of its tour that were paired when it was judged, each pair as two rests.
    """

    rule: str
    start_s: int
    end_s: int
    citation: str
    pairing: tuple[Pair, ...] = ()

    @property
    def severity(self) -> str:
        """``nominal`` below 15 minutes, ``egregious`` beyond 3 hours, else ``violation``."""
        length_s = self.end_s - self.start_s
        if length_s < NOMINAL_S:
            return "nominal"
        return "egregious" if length_s > EGREGIOUS_S else "violation"


def audit(
    log: Timeline,
    rules: RuleSet = US_70_8,
    *,
    reliefs: Sequence[Relief] = (),
    policy: Policy = STRICT,
) -> list[Violation]:
    """Every maximal interval of driving in violation, by rule; an empty list is a legal log.

    Nothing is assumed after the log. A day that lacks rest (`DailyRest`) is told as a whole.

    Raises
    ------
    InvalidValueError
        A relief is of an unknown kind.
    """
    segments = resolved(log, rules)
    claimed = checked(reliefs)
    found = [
        *_since_rest(segments, rules, claimed, policy),
        *_since_pause(segments, rules, claimed),
        *_over_days(log, segments, rules, claimed),
    ]
    if rules.daily_rest is not None:
        rest = rules.daily_rest
        found += [
            Violation(rest.rule, start_s, end_s, rest.citation)
            for start_s, end_s in daily_rest_lacking(log, segments, rest, rules.reset_s)
        ]
    return sorted(_merged(found), key=lambda each: (each.start_s, each.rule))


def audit_sides(
    log: Timeline,
    sides: Sequence[tuple[int, RuleSet]],
    *,
    reliefs: Sequence[Relief] = (),
    policy: Policy = STRICT,
) -> list[Violation]:
    """A log that crosses a border: the whole of it counts, judged by the side the truck is on.

    Parameters
    ----------
    sides
        From which instant (UTC seconds) which rules hold, in time order; the first holds before
        it too.
    """
    spans = [
        (-_FAR_S if place == 0 else from_s, until_s, rules)
        for place, ((from_s, rules), (until_s, _)) in enumerate(
            pairwise([*sides, (_FAR_S, US_70_8)])
        )
    ]
    found: list[Violation] = []
    for from_s, until_s, rules in spans:
        for each in audit(log, rules, reliefs=reliefs, policy=policy):
            start_s, end_s = max(each.start_s, from_s), min(each.end_s, until_s)
            if start_s < end_s:
                found.append(Violation(each.rule, start_s, end_s, each.citation, each.pairing))
    return sorted(_merged(found), key=lambda each: (each.start_s, each.rule))


def tours_of(segments: Sequence[Segment], rules: RuleSet, reset_s: int) -> list[Tour]:
    """The tours between rests of ``reset_s``, cut at rests that may be paired."""
    least_s = reset_s
    if rules.split is not None and reset_s == rules.reset_s:
        least_s = rules.split.least_s
        if rules.window_pause is not None:
            least_s = min(least_s, rules.window_pause.least_s)
    return tours(segments, reset_s=reset_s, least_s=least_s)


def ways_of(
    tour: Tour, before: Rest | None, limits: Sequence[Limit], rules: RuleSet, policy: Policy
) -> list[Way]:
    """The pairings of a tour; ``before`` is the reset before it."""
    split = rules.split if limits and limits[0].reset_s == rules.reset_s else None
    may_begin = policy.reset_may_begin_pair and split is not None and before is not None
    begins = before if may_begin and before is not None else None
    return ways(tour, limits, split, pause=rules.window_pause, reset=begins)


def _since_rest(
    segments: Sequence[Segment], rules: RuleSet, reliefs: Sequence[Relief], policy: Policy
) -> Iterable[Violation]:
    for reset_s, limits in rules.rest_groups:
        found = tours_of(segments, rules, reset_s)
        for tour, before, kinds in _with_reliefs(found, reliefs):
            own = relieved(limits, kinds)
            if not own:
                continue
            way = best(settled(ways_of(tour, before, own, rules, policy)), own)
            for limit, start_s, end_s in way.broken:
                yield Violation(limit.rule, start_s, end_s, limit.citation, way.pairs)


def _since_pause(
    segments: Sequence[Segment], rules: RuleSet, reliefs: Sequence[Relief]
) -> Iterable[Violation]:
    limits = [limit for limit in rules.limits if limit.since is Since.PAUSE]
    if not limits:
        return
    lifted = [
        (tour.start_s, ends_s)
        for tour, ends_s, kinds in _reliefs_by_tour(segments, rules, reliefs)
        if any(kind.lifts_pause or kind.lifts_all for kind in kinds)
    ]
    for limit in limits:
        for start_s, end_s in broken_since_pause(segments, limit):
            if not any(from_s <= start_s < until_s for from_s, until_s in lifted):
                yield Violation(limit.rule, start_s, end_s, limit.citation)


def broken_since_pause(segments: Sequence[Segment], limit: Limit) -> Iterable[tuple[int, int]]:
    """Driving without the pause that was due."""
    driven_s = still_s = 0
    for activity, start_s, end_s in segments:
        if activity != DRIVING:
            still_s += end_s - start_s
            continue
        if still_s >= limit.reset_s:
            driven_s = 0
        still_s = 0
        at_s = max(start_s, start_s + limit.limit_s - driven_s)
        if at_s < end_s:
            yield at_s, end_s
        driven_s += end_s - start_s


def _over_days(
    log: Timeline, segments: Sequence[Segment], rules: RuleSet, reliefs: Sequence[Relief]
) -> Iterable[Violation]:
    limits = [limit for limit in rules.limits if limit.since is Since.DAY]
    lifted = [
        (tour.start_s, ends_s)
        for tour, ends_s, kinds in _reliefs_by_tour(segments, rules, reliefs)
        if any(kind.lifts_all for kind in kinds)
    ]
    for limit in limits:
        sums = DaySums(limit, log)
        for segment in segments:
            for _, start_s, end_s in sums.add(segment):
                if not any(from_s <= start_s < until_s for from_s, until_s in lifted):
                    yield Violation(limit.rule, start_s, end_s, limit.citation)


def _reliefs_by_tour(
    segments: Sequence[Segment], rules: RuleSet, reliefs: Sequence[Relief]
) -> list[tuple[Tour, int, list[ReliefKind]]]:
    if not reliefs:
        return []
    found = tours_of(segments, rules, rules.reset_s)
    return [
        (tour, ends_s, kinds)
        for (tour, _, kinds), ends_s in zip(
            _with_reliefs(found, reliefs), _ends(found), strict=True
        )
    ]


def _with_reliefs(
    found: Sequence[Tour], reliefs: Sequence[Relief]
) -> Iterable[tuple[Tour, Rest | None, list[ReliefKind]]]:
    before: Rest | None = None
    for tour, ends_s in zip(found, _ends(found), strict=True):
        yield tour, before, kinds_of(tour, ends_s, reliefs) if reliefs else []
        before = tour.closing


def _ends(found: Sequence[Tour]) -> list[int]:
    """Where each tour ends: with the start of the next."""
    return [*(tour.start_s for tour in found[1:]), _FAR_S][: len(found)]


def _merged(violations: Iterable[Violation]) -> list[Violation]:
    """With those of a rule that adjoin as one."""
    merged: list[Violation] = []
    for found in sorted(violations, key=lambda each: (each.rule, each.start_s)):
        last = merged[-1] if merged else None
        if last and last.rule == found.rule and last.end_s >= found.start_s:
            end_s = max(last.end_s, found.end_s)
            merged[-1] = Violation(last.rule, last.start_s, end_s, last.citation, last.pairing)
        else:
            merged.append(found)
    return merged
