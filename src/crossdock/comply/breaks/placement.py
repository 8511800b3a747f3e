"""Where the breaks of a delivery tour fall: always between two stops, spread over the shift.

The meal falls near the middle of the shift, each rest near the middle of its half. How many there
are is in `crossdock.comply.breaks.rules`; under a rule set of hours of service the tour is also
held against its limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crossdock.comply.breaks.rules import (
    MEAL_OVER_S,
    MEAL_S,
    MEAL_WITHIN_S,
    REST_S,
    breaks_for_work,
    breaks_s,
    rests_needed,
)
from crossdock.comply.hos import DRIVING, OFF_DUTY, ON_DUTY, DutyLog, RuleSet
from crossdock.comply.hos.planning import PlanStop, check_route, limits_of

_CANDIDATES = (0, 1, 2, 4, 7, 12, 20, 33, 54)
"""Which gaps are tried, counted from the best: near ones densely, far ones sparsely."""


@dataclass(frozen=True)
class Itinerary:
    """A tour before its breaks: ``n`` stops and ``n + 1`` legs; whole seconds.

    Attributes
    ----------
    drive_s
        Driving time of each leg, the last one home.
    service_s
        Parking and handling at each stop.
    opens_s, closes_s
        Arrival not before; service done by.
    leaves_from_s, back_by_s, max_duty_s
        Earliest start, latest return, longest time from start to return.
    hours
        Hours of service that bind the driver, who is rested; None: the vehicle is outside of them.
    """

    drive_s: Sequence[int]
    service_s: Sequence[int]
    opens_s: Sequence[int]
    closes_s: Sequence[int]
    leaves_from_s: int
    back_by_s: int
    max_duty_s: int
    hours: RuleSet | None = None


@dataclass(frozen=True)
class Break:
    """``kind`` meal or rest; ``gap`` k: after stop ``k - 1``, before the drive of leg ``k``."""

    kind: str
    gap: int
    starts_s: int
    ends_s: int


@dataclass(frozen=True)
class Timeline:
    """When everything of a tour happens; whole seconds."""

    departs_s: int
    returns_s: int
    arrives_s: tuple[int, ...]
    leaves_s: tuple[int, ...]
    breaks: tuple[Break, ...]
    waits_s: int
    late_stop: int | None
    """First stop that is done after its close, if any."""

    @property
    def duty_s(self) -> int:
        """Gate out to gate in."""
        return self.returns_s - self.departs_s

    @property
    def paid_s(self) -> int:
        """Duty without the meal."""
        return self.duty_s - sum(b.ends_s - b.starts_s for b in self.breaks if b.kind == "meal")


def place_breaks(itinerary: Itinerary) -> Timeline | None:
    """Legal timeline of ``itinerary`` with its breaks, or None where none was found.

    The start is put off as far as that only saves waiting.
    """
    if itinerary.hours is not None and _cannot_be_legal(itinerary, itinerary.hours):
        return None
    for departs_s in _departures(itinerary):
        plain = follow(itinerary, departs_s, ())
        if plain.late_stop is not None or _is_too_long(itinerary, plain):
            continue
        rests, meal = breaks_for_work(plain.duty_s)
        for gaps in _gap_choices(plain, rests, meal):
            timeline = follow(itinerary, departs_s, gaps)
            if is_legal(itinerary, timeline):
                return timeline
    return None


def _cannot_be_legal(itinerary: Itinerary, hours: RuleSet) -> bool:
    """Whether no rests and pauses at all bring the driver home in time, by the hours of service."""
    drive_s = itinerary.drive_s
    if sum(drive_s) <= hours.drive_before_interruption_s:
        return False  # within the longest duty nothing else can bind
    first_s = itinerary.leaves_from_s
    stops = [
        PlanStop(drive, service, ((max(opens - first_s, 0), max(closes - service - first_s, 0)),))
        for drive, service, opens, closes in zip(
            drive_s[:-1], itinerary.service_s, itinerary.opens_s, itinerary.closes_s, strict=True
        )
        if closes - service >= max(opens, first_s)
    ]
    if len(stops) < len(itinerary.service_s):
        return True
    home = PlanStop(drive_s[-1], 0, ((0, max(itinerary.back_by_s - first_s, 0)),))
    return check_route([*stops, home], limits_of(hours)) < 0


def _is_too_long(itinerary: Itinerary, plain: Timeline) -> bool:
    """Whether no placement can help: even breaks that use up all waiting burst duty or shift."""
    least_s = plain.duty_s + max(breaks_s(plain.duty_s) - plain.waits_s, 0)
    too_late = plain.departs_s + least_s > itinerary.back_by_s
    return too_late or least_s > itinerary.max_duty_s


def is_legal(itinerary: Itinerary, timeline: Timeline) -> bool:
    """Every window, shift, duty and break rule holds."""
    meals = [b for b in timeline.breaks if b.kind == "meal"]
    rests = len(timeline.breaks) - len(meals)
    meal_in_time = all(m.starts_s - timeline.departs_s <= MEAL_WITHIN_S for m in meals)
    return (
        timeline.late_stop is None
        and timeline.departs_s >= itinerary.leaves_from_s
        and timeline.returns_s <= itinerary.back_by_s
        and timeline.duty_s <= itinerary.max_duty_s
        and (bool(meals) or timeline.duty_s <= MEAL_OVER_S)
        and meal_in_time
        and rests >= rests_needed(timeline.paid_s)
        and (itinerary.hours is None or _within_hours(itinerary, timeline, itinerary.hours))
    )


def _within_hours(itinerary: Itinerary, timeline: Timeline, hours: RuleSet) -> bool:
    """Whether no leg is driven beyond the driving, the window or the 30 minutes (49 CFR 395.3)."""
    log = DutyLog(timeline.departs_s, hours)
    pending = list(timeline.breaks)
    for leg, drive_s in enumerate(itinerary.drive_s):
        while pending and pending[0].gap == leg:
            pause = pending.pop(0)
            log.add(OFF_DUTY, pause.ends_s - pause.starts_s)
        if drive_s > log.drive_now_s:
            return False
        log.add(DRIVING, drive_s)
        if leg < len(timeline.leaves_s):
            log.add(ON_DUTY, timeline.leaves_s[leg] - log.now_s)
    return True


def follow(itinerary: Itinerary, departs_s: int, gaps: Sequence[tuple[int, str]]) -> Timeline:
    """Drive ``itinerary`` from ``departs_s`` with breaks in ``gaps`` (sorted gap, kind)."""
    clock, waits, late = departs_s, 0, None
    arrives: list[int] = []
    leaves: list[int] = []
    breaks: list[Break] = []
    pending = list(gaps)
    count = len(itinerary.service_s)
    for leg, drive in enumerate(itinerary.drive_s):
        while pending and pending[0][0] == leg:
            kind = pending.pop(0)[1]
            length = MEAL_S if kind == "meal" else REST_S
            breaks.append(Break(kind, leg, clock, clock + length))
            clock += length
        clock += drive
        if leg == count:
            break
        wait = max(itinerary.opens_s[leg] - clock, 0)
        waits += wait
        arrives.append(clock + wait)
        clock += wait + itinerary.service_s[leg]
        leaves.append(clock)
        if late is None and clock > itinerary.closes_s[leg]:
            late = leg
    return Timeline(departs_s, clock, tuple(arrives), tuple(leaves), tuple(breaks), waits, late)


def _departures(itinerary: Itinerary) -> list[int]:
    """Starts to try: the latest that loses nothing first, then earlier ones."""
    first = itinerary.leaves_from_s
    plain = follow(itinerary, first, ())
    if plain.waits_s == 0 or plain.late_stop is not None:
        return [first]
    slack = plain.waits_s
    waited, clock = 0, first
    for stop, arrives in enumerate(plain.arrives_s):
        waited += arrives - (clock + itinerary.drive_s[stop])
        clock = plain.leaves_s[stop]
        slack = min(slack, waited + itinerary.closes_s[stop] - clock)
    slack = max(slack, 0)
    return list(dict.fromkeys([first + slack, first + slack // 2, first]))


def _gap_choices(plain: Timeline, rests: int, meal: bool) -> Iterator[tuple[tuple[int, str], ...]]:
    """Gaps of the breaks, the most even spread first."""
    count = len(plain.leaves_s)
    start, end = plain.departs_s, plain.returns_s
    ends = plain.leaves_s  # the instant at which gap k begins, before any break, is ends[k - 1]

    def nearest(target: float, latest: float) -> list[int]:
        allowed = [gap for gap in range(1, count + 1) if ends[gap - 1] <= latest]
        allowed.sort(key=lambda gap: (abs(ends[gap - 1] - target), gap))
        return [allowed[i] for i in _CANDIDATES if i < len(allowed)]

    if not rests and not meal:
        yield ()
        return
    if not meal:
        for gap in nearest((start + end) / 2, end):
            yield ((gap, "rest"),)
        return
    for early_rests in (1, 0):
        latest = start + MEAL_WITHIN_S - early_rests * REST_S
        for meal_gap in nearest(min((start + end) / 2, latest), latest):
            middle = ends[meal_gap - 1]
            after = [gap for gap in nearest((middle + end) / 2, end) if gap >= meal_gap]
            early = [gap for gap in nearest((start + middle) / 2, middle) if gap <= meal_gap]
            for first in early if early_rests else after:
                for second in after:
                    taken = [(first, "rest"), (second, "rest"), (meal_gap, "meal")]
                    if first <= second:
                        yield tuple(sorted(taken, key=lambda each: (each[0], each[1] == "rest")))
