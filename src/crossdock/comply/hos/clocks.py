"""How long a driver may still drive, and when that changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crossdock.comply.hos.audit import STRICT, Policy, tours_of, ways_of
from crossdock.comply.hos.days import used_over_days
from crossdock.comply.hos.reliefs import Relief, ReliefKind, checked, kinds_of, relieved
from crossdock.comply.hos.rules import Limit, Measure, RuleSet, Since, Split
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.splits import Half, Pair, Used, Way, best, settled
from crossdock.comply.hos.timeline import DRIVING, RESTING, SLEEPER, Segment, Timeline
from crossdock.comply.hos.tours import Rest, Tour, last_reset, resolved
from crossdock.model.errors import InvalidValueError

_NONE_LEFT = 0


class Change(NamedTuple):
    """An instant at which clocks grow, if the driver does what ``what`` says until then.

    ``what``: ``midnight`` (a day drops out of a cycle; nothing to do), ``reset``, ``pause``,
    ``restart`` (rest from now on, or go on with the rest under way), ``split`` (rest until then,
    in the berth where ``in_berth`` says so). ``gains_s``: what the clock ``rule`` grows by.
    """

    what: str
    at_s: int
    rule: str
    gains_s: int
    in_berth: bool = False


@dataclass(frozen=True)
class SplitClocks:
    """The clocks if the driver's last long rest becomes the first of a pair.

    Attributes
    ----------
    rest
        That rest.
    owed_s, in_berth
        The second rest: how long it must be, and whether in the sleeper berth.
    by_s
        It must be begun by then, or driving ends.
    """

    driving_s: int
    window_s: int
    drive_now_s: int
    rest: Rest
    owed_s: int
    in_berth: bool
    by_s: int


@dataclass(frozen=True)
class Clocks:
    """Seconds left at an instant (UTC seconds); 0 where a limit is passed.

    Attributes
    ----------
    driving_s, window_s, cycle_s
        The least that a limit of driving, of the window and of a sum over days leaves.
    until_break_s
        Driving left before a pause; None: none is ever due.
    drive_now_s
        The longest unbroken driving from now on; nothing is counted that midnight would give back.
    left
        Every limit of the rules with what it leaves.
    pairing
        The rests that were paired.
    if_split
        None: no rest could be paired, or it would change nothing.
    changes
        What gives hours back, soonest first.
    """

    at_s: int
    driving_s: int
    window_s: int
    until_break_s: int | None
    cycle_s: int
    drive_now_s: int
    left: tuple[tuple[str, int], ...]
    pairing: tuple[Pair, ...]
    if_split: SplitClocks | None
    changes: tuple[Change, ...]


@dataclass
class _Reading:
    """What is found on the way."""

    left: list[tuple[Limit, int]]
    changes: list[Change]
    pairing: tuple[Pair, ...] = ()
    if_split: SplitClocks | None = None


def clocks(
    log: Timeline,
    at_s: int | None = None,
    rules: RuleSet = US_70_8,
    *,
    reliefs: Sequence[Relief] = (),
    policy: Policy = STRICT,
) -> Clocks:
    """The clocks of a driver at an instant of a log; nothing after it is known.

    Parameters
    ----------
    at_s
        None: at the end of the log.

    Raises
    ------
    InvalidValueError
        The log does not reach the instant, or a relief is of an unknown kind.
    """
    now_s = log.ends_s if at_s is None else at_s
    if log.segments and not log.starts_s <= now_s <= log.ends_s:
        raise InvalidValueError(
            f"the log runs from {log.starts_s} to {log.ends_s}, the clocks are asked for at "
            f"{now_s}",
            remedy="let the log go on to that instant, with the status that the driver has",
        )
    known = log if now_s == log.ends_s else log.cut(now_s)
    segments = resolved(known, rules)
    claimed = checked(reliefs)
    read = _Reading([], [])
    kinds: list[ReliefKind] = []
    for reset_s, limits in rules.rest_groups:
        kinds = (
            _read_tour(read, segments, now_s, (reset_s, limits), rules, claimed, policy) or kinds
        )
    _read_pauses(read, segments, now_s, rules, kinds)
    _read_days(read, log, segments, now_s, rules)
    return _told(read, now_s, rules)


def _told(read: _Reading, now_s: int, rules: RuleSet) -> Clocks:
    driving: list[int] = []
    window: list[int] = []
    pause: list[int] = []
    cycle: list[int] = []
    beside: list[int] = []
    for limit, left_s in read.left:
        if _is_window(limit, rules):
            window.append(left_s)
            continue
        beside.append(left_s)
        if limit.measure is not Measure.DRIVING:
            cycle.append(left_s)
        elif limit.since is Since.PAUSE:
            pause.append(left_s)
        else:
            driving.append(left_s)
    drive_now_s = min((*window, *beside), default=_NONE_LEFT)
    if_split = read.if_split
    if if_split is not None:
        now = min([if_split.window_s, *beside])
        if_split = SplitClocks(
            if_split.driving_s, if_split.window_s, now, if_split.rest, if_split.owed_s,
            if_split.in_berth, if_split.by_s,
        )  # fmt: skip
    return Clocks(
        at_s=now_s,
        driving_s=min(driving, default=drive_now_s),
        window_s=min(window, default=drive_now_s),
        until_break_s=min(pause) if pause else None,
        cycle_s=min(cycle, default=drive_now_s),
        drive_now_s=drive_now_s,
        left=tuple((limit.rule, s) for limit, s in read.left),
        pairing=read.pairing,
        if_split=if_split,
        changes=tuple(sorted(read.changes, key=lambda each: (each.at_s, each.rule))),
    )


def _is_window(limit: Limit, rules: RuleSet) -> bool:
    return (
        limit.measure is not Measure.DRIVING
        and limit.since is Since.REST
        and limit.reset_s == rules.reset_s
    )


def _read_tour(
    read: _Reading,
    segments: Sequence[Segment],
    now_s: int,
    group: tuple[int, tuple[Limit, ...]],
    rules: RuleSet,
    reliefs: Sequence[Relief],
    policy: Policy,
) -> list[ReliefKind]:
    """The limits since a rest; returns what is claimed for the tour under way."""
    reset_s, limits = group
    begins, before = last_reset(segments, reset_s)
    found = tours_of(segments[begins:], rules, reset_s)
    tour = found[-1] if found and found[-1].closing is None else None
    if tour is None:
        read.left += [(limit, limit.limit_s) for limit in limits]
        return []
    kinds = kinds_of(tour, now_s + 1, reliefs) if reliefs else []
    own = relieved(limits, kinds)
    if not own:
        return kinds
    every = ways_of(tour, before, own, rules, policy)
    way = best(settled(every), own)
    left = [(limit, max(0, limit.limit_s - way.used.of(limit.measure))) for limit in own]
    read.left += left
    rested_s = _rested_s(segments)
    reset_at_s = now_s - rested_s + reset_s
    read.changes += [
        Change("reset", reset_at_s, limit.rule, limit.limit_s - s) for limit, s in left
    ]
    if rules.split is not None and reset_s == rules.reset_s:
        read.pairing = way.pairs
        _read_split(read, tour, every, way, own, rules.split, segments, now_s)
    return kinds


def _read_split(
    read: _Reading,
    tour: Tour,
    every: Sequence[Way],
    strict: Way,
    limits: Sequence[Limit],
    split: Split,
    segments: Sequence[Segment],
    now_s: int,
) -> None:
    """What the last long rest would give as the first of a pair, and what a pair would give."""
    half = strict.half
    if half is not None and not half.owed:
        _read_split_end(read, half, limits, strict.used, split, segments, now_s)
    if not tour.rests or (half is not None and half.rest == tour.rests[-1]):
        return  # the last rest is the second of a pair: it is out of the window already
    rest = tour.rests[-1]
    owing = [way for way in every if way.half is not None and way.half.owed
             and way.half.rest == rest]  # fmt: skip
    if not owing:
        return
    way = best(owing, limits)
    if way.used == strict.used:
        return
    left = {limit.measure: max(0, limit.limit_s - way.used.of(limit.measure)) for limit in limits}
    window_s = left.get(Measure.ELAPSED, left.get(Measure.ON_DUTY, _NONE_LEFT))
    driving_s = left.get(Measure.DRIVING, window_s)
    owed_s, in_berth = owed_after(rest, split)
    read.if_split = SplitClocks(
        driving_s, window_s, min(driving_s, window_s), rest, owed_s, in_berth, now_s + window_s
    )
    half = way.half
    assert half is not None
    _read_split_end(read, half, limits, strict.used, split, segments, now_s)


def _read_split_end(
    read: _Reading,
    half: Half,
    limits: Sequence[Limit],
    used: Used,
    split: Split,
    segments: Sequence[Segment],
    now_s: int,
) -> None:
    """When the second rest of a pair would be over, the one under way counted."""
    owed_s, in_berth = owed_after(half.rest, split)
    under_way_s = _rested_s(segments, in_berth=in_berth)
    if half.rest.end_s == now_s:  # it is the rest under way itself
        return
    at_s = now_s - under_way_s + owed_s
    read.changes += [
        Change("split", at_s, limit.rule, gained_s, in_berth)
        for limit in limits
        if (gained_s := used.of(limit.measure) - half.used.of(limit.measure)) > 0
    ]


def owed_after(rest: Rest, split: Split) -> tuple[int, bool]:
    """Length of the second rest of a pair after a first, and whether it must be in the berth."""
    in_berth = rest.berth_s < split.berth_s
    least_s = split.berth_s if in_berth else split.least_s
    return max(least_s, split.together_s - rest.length_s), in_berth


def _rested_s(segments: Sequence[Segment], *, in_berth: bool = False) -> int:
    """Rest up to the end of a log; only that in the berth without a break, where asked for."""
    kinds = frozenset({SLEEPER}) if in_berth else RESTING
    rested_s = 0
    for activity, start_s, end_s in reversed(segments):
        if activity not in kinds:
            break
        rested_s += end_s - start_s
    return rested_s


def _read_pauses(
    read: _Reading,
    segments: Sequence[Segment],
    now_s: int,
    rules: RuleSet,
    kinds: Sequence[ReliefKind],
) -> None:
    if any(kind.lifts_pause or kind.lifts_all for kind in kinds):
        return
    for limit in rules.limits:
        if limit.since is not Since.PAUSE:
            continue
        driven_s = still_s = 0
        latest = True
        still_now_s = 0
        for activity, start_s, end_s in reversed(segments):
            if activity == DRIVING:
                if latest:
                    still_now_s, latest = still_s, False
                driven_s += end_s - start_s
                still_s = 0
            else:
                still_s += end_s - start_s
                if still_s >= limit.reset_s:
                    break
        left_s = max(0, limit.limit_s - driven_s)
        read.left.append((limit, left_s))
        if driven_s:
            at_s = now_s - still_now_s + limit.reset_s
            read.changes.append(Change("pause", at_s, limit.rule, limit.limit_s - left_s))


def _read_days(
    read: _Reading, log: Timeline, segments: Sequence[Segment], now_s: int, rules: RuleSet
) -> None:
    for limit in rules.limits:
        if limit.since is not Since.DAY:
            continue
        if not log.segments:
            read.left.append((limit, limit.limit_s))
            continue
        used = used_over_days(limit, log, segments, now_s)
        left_s = max(0, limit.limit_s - used.used_s)
        read.left.append((limit, left_s))
        if used.oldest_day_s:
            read.changes.append(Change("midnight", used.midnight_s, limit.rule, used.oldest_day_s))
        if limit.reset_s and left_s < limit.limit_s:
            at_s = now_s - _rested_s(segments) + limit.reset_s
            read.changes.append(Change("restart", at_s, limit.rule, limit.limit_s - left_s))
