"""A log as tours: the work between two resets, cut at the rests that could be half of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.timeline import (
    DRIVING,
    ON_DUTY,
    PASSENGER,
    RESTING,
    SLEEPER,
    Segment,
    Timeline,
)

_SEAT_REST = "OFF"
_ACTIVITY = itemgetter(0)


class Rest(NamedTuple):
    """Consecutive rest, in UTC seconds.

    ``berth_s`` is the longest unbroken time in the sleeper berth within it.
    """

    start_s: int
    end_s: int
    berth_s: int

    @property
    def length_s(self) -> int:
        """How long it is."""
        return self.end_s - self.start_s


class Drive(NamedTuple):
    """Driving within a stretch of work, and what was driven and worked in it before."""

    start_s: int
    end_s: int
    driven_s: int
    on_duty_s: int


@dataclass
class Work:
    """What lies between two long rests; shorter rests are in it."""

    start_s: int
    end_s: int
    driven_s: int = 0
    on_duty_s: int = 0
    drives: list[Drive] = field(default_factory=list[Drive])

    @property
    def length_s(self) -> int:
        """From its first work to the rest after it."""
        return self.end_s - self.start_s

    def add(self, segment: Segment) -> None:
        """Let it go on with a segment of work."""
        activity, start_s, end_s = segment
        if activity == DRIVING:
            self.drives.append(Drive(start_s, end_s, self.driven_s, self.on_duty_s))
            self.driven_s += end_s - start_s
        self.on_duty_s += end_s - start_s
        self.end_s = end_s


@dataclass
class Tour:
    """Work and rests by turns between two resets.

    Attributes
    ----------
    works
        At least one.
    rests
        The one after each work; after the last only where the log ends in a rest.
    closing
        The reset that ends the tour; None: it goes on.
    """

    works: list[Work]
    rests: list[Rest]
    closing: Rest | None = None

    @property
    def start_s(self) -> int:
        """When it was begun."""
        return self.works[0].start_s


def tours(segments: Sequence[Segment], *, reset_s: int, least_s: int) -> list[Tour]:
    """The tours of a log whose segments are driving, work and rest.

    Before the log the driver is rested.

    Parameters
    ----------
    reset_s
        Rest that ends a tour.
    least_s
        Shorter rests are part of the work around them.
    """
    found: list[Tour] = []
    tour: Tour | None = None
    start_s = end_s = berth_s = 0
    resting = False
    for segment in segments:
        activity, began_s, until_s = segment
        if activity in RESTING:
            if not resting:
                start_s, berth_s, resting = began_s, 0, True
            end_s = until_s
            if activity == SLEEPER:
                berth_s = max(berth_s, until_s - began_s)
            continue
        if resting and tour is not None:
            tour = _after_rest(tour, Rest(start_s, end_s, berth_s), reset_s, least_s)
        resting = False
        if tour is None:
            tour = Tour([], [])
            found.append(tour)
        if len(tour.works) == len(tour.rests):
            tour.works.append(Work(began_s, began_s))
        tour.works[-1].add(segment)
    if resting and tour is not None:
        _after_rest(tour, Rest(start_s, end_s, berth_s), reset_s, least_s)
    return found


def last_reset(segments: Sequence[Segment], reset_s: int) -> tuple[int, Rest | None]:
    """The last rest of ``reset_s`` that work follows, and the place of that work.

    Found from the end: what was before it does not matter to who wants to know what is left now.
    """
    rested_s = 0
    end = len(segments)
    for place in range(len(segments) - 1, -1, -1):
        activity, start_s, end_s = segments[place]
        if activity not in RESTING:
            rested_s, end = 0, place
            continue
        rested_s += end_s - start_s
        if rested_s >= reset_s and end < len(segments):
            begins = place
            while begins and segments[begins - 1].activity in RESTING:
                begins -= 1
            return end, _rest_of(segments[begins:end])
    return 0, None


def _rest_of(segments: Sequence[Segment]) -> Rest:
    berths = [each.end_s - each.start_s for each in segments if each.activity == SLEEPER]
    return Rest(segments[0].start_s, segments[-1].end_s, max(berths, default=0))


def resolved(log: Timeline, rules: RuleSet) -> Sequence[Segment]:
    """The segments of a log with each time in the passenger seat as rest or as work."""
    segments = log.segments
    if PASSENGER not in map(_ACTIVITY, segments):
        return segments
    left = dict.fromkeys(range(len(segments)), rules.passenger_s)
    told: list[Segment] = []
    for place, segment in enumerate(segments):
        if segment.activity != PASSENGER:
            told.append(segment)
            continue
        told += _seated(segment, place, segments, left, rules)
    return Timeline.of(told).segments


def _seated(
    segment: Segment,
    place: int,
    segments: Sequence[Segment],
    left: dict[int, int],
    rules: RuleSet,
) -> list[Segment]:
    """Time in the passenger seat: rest as far as it adjoins enough time in the berth."""
    length_s = segment.end_s - segment.start_s
    before, after = place - 1, place + 1
    if before >= 0 and _is_berth(segments[before], rules):
        rest_s = min(length_s, left[before])
        left[before] -= rest_s
        cut_s = segment.start_s + rest_s
        parts = [(_SEAT_REST, segment.start_s, cut_s), (ON_DUTY, cut_s, segment.end_s)]
    elif after < len(segments) and _is_berth(segments[after], rules):
        rest_s = min(length_s, left[after])
        left[after] -= rest_s
        cut_s = segment.end_s - rest_s
        parts = [(ON_DUTY, segment.start_s, cut_s), (_SEAT_REST, cut_s, segment.end_s)]
    else:
        parts = [(ON_DUTY, segment.start_s, segment.end_s)]
    return [Segment(*part) for part in parts if part[1] < part[2]]


def _is_berth(segment: Segment, rules: RuleSet) -> bool:
    length_s = segment.end_s - segment.start_s
    return segment.activity == SLEEPER and length_s >= rules.passenger_berth_s


def _after_rest(tour: Tour, rest: Rest, reset_s: int, least_s: int) -> Tour | None:
    if rest.length_s >= reset_s:
        tour.closing = rest
        return None
    if rest.length_s >= least_s:
        tour.rests.append(rest)
    else:
        tour.works[-1].end_s = rest.end_s
    return tour
