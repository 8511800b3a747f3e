"""Can this driver still take that: allowed or not, what binds, what is left, when it is legal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.coverage import Coverage
from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    RESTING,
    Clocks,
    Limit,
    RuleSet,
    Segment,
    Timeline,
    Violation,
    audit,
    clocks,
)
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.duty_logs import Piece, rested_until
from crossdock.operate.fleet.hours import DriverHours
from crossdock.operate.fleet.resting import earliest_s, gone_on
from crossdock.operate.fleet.trips import Trip

_RESTED_S = 24 * SECONDS_PER_HOUR


@dataclass(frozen=True)
class Binding:
    """The limit that decides.

    Attributes
    ----------
    left_s
        What it leaves at the tightest moment of the trip; negative: driving beyond it.
    at_s
        When it is reached; None: it is not.
    """

    limit: Limit
    left_s: int
    at_s: int | None


@dataclass(frozen=True)
class WhatIf:
    """The answer.

    Attributes
    ----------
    allowed
        None: nothing is known of the driver's hours; the rest of the answer is for one who is
        rested.
    coverage
        Of the trip's vehicle.
    before, after
        The clocks where the trip begins and ends; None: the rules are not for it.
    broken
        What of the trip is illegal.
    legal_from_s
        The first start with which all of it is legal, after rest until then; None: no start is.
    completes_s
        When it would be over at the earliest with every rest that the law asks for, if its
        driver is free for it from the asked start on.
    clashes
        Planned work of the driver that begins before the trip is over.
    spoiled
        What would become illegal of the driver's later planned duties.
    """

    trip: Trip
    segments: tuple[Segment, ...]
    starts_s: int
    ends_s: int
    allowed: bool | None
    coverage: Coverage
    before: Clocks | None
    after: Clocks | None
    binding: Binding | None
    broken: tuple[Violation, ...]
    legal_from_s: int | None
    completes_s: int | None
    clashes: tuple[Piece, ...]
    spoiled: tuple[Violation, ...]


def what_if(hours: DriverHours, trip: Trip, from_s: int, coverage: Coverage) -> WhatIf:
    """Judge a trip that would begin at ``from_s``.

    Until then the driver works as planned, and rests where nothing is planned.

    Parameters
    ----------
    from_s
        Not before the instant of ``hours``.
    coverage
        Of the vehicle of the trip.
    """
    rules = hours.driver.rules
    planned = [each for each in hours.log.planned if not _is_of(each, trip)]
    log = _until(hours, planned, from_s)
    segments = tuple(trip.after(log, rules))
    ends_s = segments[-1].end_s if segments else from_s
    clashes = tuple(
        each
        for each in planned
        if each.start_s < ends_s and each.end_s > from_s and each.activity not in RESTING
    )
    if coverage.regulated is False:
        return WhatIf(
            trip, segments, from_s, ends_s, True, coverage, None, None, None, (), from_s, ends_s,
            clashes, (),
        )  # fmt: skip
    whole = gone_on(log, segments)
    broken = tuple(each for each in audit(whole, rules) if each.end_s > from_s)
    legal_from_s = from_s
    completes_s: int | None = ends_s
    if broken:
        legal_from_s = earliest_s(log, from_s, lambda rested: trip.after(rested, rules), rules)
        completes_s = trip.completes_s(log, rules)
    return WhatIf(
        trip,
        segments,
        from_s,
        ends_s,
        None if not hours.log.past else not broken,
        coverage,
        clocks(log, from_s, rules),
        clocks(whole, ends_s, rules),
        _binding(whole, from_s, broken, rules),
        broken,
        legal_from_s,
        completes_s,
        clashes,
        () if broken or clashes else _spoiled(log, whole, planned, rules),
    )


def _until(hours: DriverHours, planned: Sequence[Piece], from_s: int) -> Timeline:
    """The driver's log up to an instant to come; one of whom nothing is known is rested."""
    zone = hours.driver.timezone
    if not hours.log.past:
        return Timeline.of([(OFF_DUTY, from_s - _RESTED_S, from_s)], timezone=zone)
    coming = [
        Segment(each.activity, each.start_s, min(each.end_s, from_s))
        for each in planned
        if each.start_s < from_s
    ]
    return rested_until(gone_on(hours.log.timeline(zone), coming), from_s)


def _is_of(piece: Piece, trip: Trip) -> bool:
    return trip.load_id is not None and piece.load_id == trip.load_id


def _binding(
    whole: Timeline, from_s: int, broken: Sequence[Violation], rules: RuleSet
) -> Binding | None:
    """The limit that breaks first; of a legal trip the one that comes nearest to it."""
    limits = {limit.rule: limit for limit in rules.limits}
    if broken:
        first = broken[0]
        over_s = sum(
            each.end_s - max(each.start_s, from_s) for each in broken if each.rule == first.rule
        )
        return Binding(limits[first.rule], -over_s, max(first.start_s, from_s))
    nearest: Binding | None = None
    for activity, _, end_s in whole.segments:
        if activity != DRIVING or end_s <= from_s:  # between drives nothing comes nearer
            continue
        for rule, left_s in clocks(whole, end_s, rules).left:
            if nearest is None or left_s < nearest.left_s:
                nearest = Binding(limits[rule], left_s, None)
    return nearest


def _spoiled(
    before: Timeline, after: Timeline, planned: Sequence[Piece], rules: RuleSet
) -> tuple[Violation, ...]:
    """Violations of later planned duties that are there with the trip and not without it."""
    later = [Segment(*each[:3]) for each in planned if each.start_s >= after.ends_s]
    if not later:
        return ()
    planned_so = audit(gone_on(before, later), rules)
    anyway = {(each.rule, each.start_s, each.end_s) for each in planned_so}
    return tuple(
        each
        for each in audit(gone_on(after, later), rules)
        if each.end_s > after.ends_s and (each.rule, each.start_s, each.end_s) not in anyway
    )
