"""Which rests of a tour are paired: the pairing that breaks the law least (49 CFR 395.1(g)(1)).

A pair takes both its rests out of the window. Once the second is complete, driving and window
count from the end of the first. The second of a pair may be the first of the next, without end.
Of several possible pairings the one with the fewest violations counts (egregious, then ordinary,
then nominal, then the least driving in violation), then the one that leaves most hours (FMCSA FAQ
of 2020, Q4).

Every pairing is tried, but what another is as good as in all that may follow is left at once, so
that a tour of many rests costs little more than one of few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crossdock.comply.hos.rules import Limit, Measure, Split, WindowPause
from crossdock.comply.hos.tours import Rest, Tour, Work

NOMINAL_S = 15 * 60
EGREGIOUS_S = 3 * 3_600
"""Driving in violation below the first is nominal, beyond the second egregious (FMCSA FAQ Q4)."""

Pair = tuple[Rest, Rest]


class Used(NamedTuple):
    """What is used of the limits of a tour."""

    driven_s: int = 0
    on_duty_s: int = 0
    elapsed_s: int = 0

    def after(self, work: Work) -> Used:
        """With a stretch of work."""
        return Used(
            self.driven_s + work.driven_s,
            self.on_duty_s + work.on_duty_s,
            self.elapsed_s + work.length_s,
        )

    def of(self, measure: Measure) -> int:
        """What is used of a measure."""
        return self[_PLACES[measure]]


_PLACES = {Measure.DRIVING: 0, Measure.ON_DUTY: 1, Measure.ELAPSED: 2}


class Broken(NamedTuple):
    """Driving over ``[start_s, end_s)`` that a limit forbids."""

    limit: Limit
    start_s: int
    end_s: int


class Cost(NamedTuple):
    """What a pairing breaks; less is better."""

    egregious: int = 0
    ordinary: int = 0
    nominal: int = 0
    seconds: int = 0

    def plus(self, broken: Sequence[Broken]) -> Cost:
        """With more."""
        egregious, ordinary, nominal, seconds = self
        for each in broken:
            length_s = each.end_s - each.start_s
            seconds += length_s
            egregious += length_s > EGREGIOUS_S
            nominal += length_s < NOMINAL_S
            ordinary += NOMINAL_S <= length_s <= EGREGIOUS_S
        return Cost(egregious, ordinary, nominal, seconds)


class Half(NamedTuple):
    """The first rest of a pair to come, and what was used since its end.

    ``owed``: it is taken out of the window on the promise of a second.
    """

    rest: Rest
    used: Used
    owed: bool


class Way(NamedTuple):
    """A pairing of the rests so far, and the clocks that it leaves."""

    cost: Cost
    used: Used
    half: Half | None = None
    pairs: tuple[Pair, ...] = ()
    broken: tuple[Broken, ...] = ()
    paused: bool = False


def ways(
    tour: Tour,
    limits: Sequence[Limit],
    split: Split | None,
    *,
    pause: WindowPause | None = None,
    reset: Rest | None = None,
) -> list[Way]:
    """Every pairing of a tour that is worth having, at the end of the tour.

    Parameters
    ----------
    limits
        At most one of each measure.
    split
        None: rests are not paired.
    pause
        One rest of this length may be left out of the window without a pair.
    reset
        The reset before the tour, where it may be the first of a pair.

    Returns
    -------
    list[Way]
        Some may owe the second rest of their last pair; `settled` are those that do not.
    """
    half = Half(reset, Used(), owed=False) if reset is not None else None
    now = [Way(Cost(), Used(), half)]
    for place, work in enumerate(tour.works):
        now = [_worked(way, work, limits) for way in now]
        if place < len(tour.rests):
            rest = tour.rests[place]
            now = _worth_having([then for way in now for then in _rested(way, rest, split, pause)])
    if tour.closing is not None and split is not None:
        closing = tour.closing
        now = [_closed(way, closing, split) for way in now]
    return now


def settled(found: Sequence[Way]) -> list[Way]:
    """The ways that owe nothing."""
    return [way for way in found if way.half is None or not way.half.owed]


def best(found: Sequence[Way], limits: Sequence[Limit]) -> Way:
    """The way with the fewest violations, then the one that leaves most hours."""

    def left(way: Way) -> tuple[int, int]:
        over = [limit.limit_s - way.used.of(limit.measure) for limit in limits]
        return min(over), sum(over)

    def rank(way: Way) -> tuple[Cost, int, int, int]:
        least, together = left(way)
        return way.cost, -least, -together, len(way.pairs)

    return min(found, key=rank)


def pairs_with(one: Rest, other: Rest, split: Split) -> bool:
    """Whether two rests stand for a reset together."""
    return (
        one.length_s >= split.least_s
        and other.length_s >= split.least_s
        and max(one.berth_s, other.berth_s) >= split.berth_s
        and one.length_s + other.length_s >= split.together_s
    )


def _worked(way: Way, work: Work, limits: Sequence[Limit]) -> Way:
    broken = _broken(work, way.used, limits)
    half = way.half
    if half is not None:
        half = Half(half.rest, half.used.after(work), half.owed)
    cost = way.cost.plus(broken) if broken else way.cost
    return Way(cost, way.used.after(work), half, way.pairs, way.broken + tuple(broken), way.paused)


def _broken(work: Work, used: Used, limits: Sequence[Limit]) -> list[Broken]:
    """Driving of a stretch of work that limits forbid, after what was used before it."""
    if not work.drives:
        return []
    found: list[Broken] = []
    last = work.drives[-1]
    for limit in limits:
        left_s = limit.limit_s - used.of(limit.measure)
        if limit.measure is Measure.DRIVING:
            if work.driven_s <= left_s:
                continue
            reached = (drive.start_s + left_s - drive.driven_s for drive in work.drives)
        elif limit.measure is Measure.ON_DUTY:
            if last.on_duty_s + last.end_s - last.start_s <= left_s:
                continue
            reached = (drive.start_s + left_s - drive.on_duty_s for drive in work.drives)
        else:
            if last.end_s - work.start_s <= left_s:
                continue
            reached = (work.start_s + left_s for _ in work.drives)
        found += [
            Broken(limit, max(drive.start_s, at_s), drive.end_s)
            for drive, at_s in zip(work.drives, reached, strict=True)
            if at_s < drive.end_s
        ]
    return found


def _rested(way: Way, rest: Rest, split: Split | None, pause: WindowPause | None) -> Iterator[Way]:
    """What a rest can be: nothing but time, the second of a pair, the first of one, the pause."""
    cost, used, half, pairs, broken, paused = way
    length = Used(elapsed_s=rest.length_s)
    counted = Used(used.driven_s, used.on_duty_s, used.elapsed_s + length.elapsed_s)
    after = half
    if half is not None:
        since = half.used
        after = half._replace(
            used=Used(since.driven_s, since.on_duty_s, since.elapsed_s + length.elapsed_s)
        )
    yield Way(cost, counted, after, pairs, broken, paused)
    if split is not None and rest.length_s >= split.least_s:
        if half is not None and pairs_with(half.rest, rest, split):
            pair = (half.rest, rest)
            yield Way(
                cost, half.used, Half(rest, Used(), owed=False), (*pairs, pair), broken, paused
            )
        if half is None or not half.owed:
            yield Way(cost, used, Half(rest, Used(), owed=True), pairs, broken, paused)
    if pause is not None and not paused and pause.least_s <= rest.length_s <= pause.most_s:
        yield Way(cost, used, half, pairs, broken, paused=True)


def _closed(way: Way, closing: Rest, split: Split) -> Way:
    """A reset may be the second of a pair; it empties everything in any case."""
    half = way.half
    if half is None or not half.owed or not pairs_with(half.rest, closing, split):
        return way
    pair = (half.rest, closing)
    return way._replace(half=half._replace(owed=False), pairs=(*way.pairs, pair))


def _worth_having(found: Sequence[Way]) -> list[Way]:
    """The ways that no other is as good as, whatever follows.

    With less used a later drive breaks a limit later or not at all, so a way that broke no more,
    used no more of any limit and has the same half-open pair is never the worse one.
    """
    if len(found) == 1:
        return list(found)
    kept: list[Way] = []
    for way in sorted(found, key=_rank):
        if not any(_is_as_good(other, way) for other in kept):
            kept.append(way)
    return kept


def _rank(way: Way) -> tuple[Cost, Used, int]:
    return way.cost, way.used, len(way.pairs)


def _is_as_good(one: Way, other: Way) -> bool:
    return (
        one.half == other.half
        and one.cost <= other.cost
        and one.paused <= other.paused
        and one.used.driven_s <= other.used.driven_s
        and one.used.on_duty_s <= other.used.on_duty_s
        and one.used.elapsed_s <= other.used.elapsed_s
    )
