"""Breaks of a route: the earliest end with all that a driver's hours ask for, in compiled code.

A label is how many meals and rests are behind: of two ways to the same label the earlier one is
kept. Breaks fall after a stop, before the drive to the next one; a pause is taken only where the
next drive would otherwise be illegal. Both the search and the arbiter ask here, so that they agree.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from crossdock.model.compiled import compiled, inner
from crossdock.plan.routing.metric import Floats

HAIR = 1e-6
NEVER = 1e15
RESTS = 3
LABELS = 2 * RESTS
"""Meals 0 or 1, rests 0 to 2; the label is ``RESTS * meals + rests``."""

# Columns of a row of hours.
BOUND, DRIVING, WINDOW, UNTIL_PAUSE, PAUSE, DUTY = range(6)
SINCE, DRIVEN, SINCE_PAUSE, MEALS_DONE, RESTS_DONE, UNDER_WAY = range(6, 12)
MEAL_S, MEAL_WITHIN, MEAL_OVER, REST_S, REST_FROM, SECOND_REST_FROM = range(12, 18)
HOURS = 18


class Legs(NamedTuple):
    """A route while it is timed, an entry a call: its start, its stops, its end.

    Attributes
    ----------
    drive, park, serve
        The way to the call, parking there, service.
    first, last
        Rows of the windows of the call; the second is behind the last one.
    begins
        Of service, once timed.
    pause
        Breaks before the drive to the call.
    """

    drive: Any
    park: Any
    serve: Any
    first: Any
    last: Any
    begins: Any
    pause: Any


class Labels(NamedTuple):
    """By call and label: ready to drive on, driving since a pause; and the way there.

    Of ways that are ready at once, the one whose breaks are spread best is kept: the meal near the
    middle of the duty, a rest near the middle of each half; ``uneven`` is how far off they are.
    """

    clock: Any
    since: Any
    uneven: Any
    came: Any
    paused: Any


def no_legs(calls: int) -> Legs:
    """Room for a route of so many calls."""
    floats = [np.zeros(calls) for _ in range(5)]
    ints = [np.zeros(calls, dtype=np.int64) for _ in range(2)]
    return Legs(floats[0], floats[1], floats[2], ints[0], ints[1], floats[3], floats[4])


def no_labels(calls: int) -> Labels:
    """Room for the labels of a route of so many calls."""
    shape = (calls, LABELS)
    return Labels(
        np.full(shape, NEVER),
        np.zeros(shape),
        np.zeros(shape),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape),
    )


@inner
def window_of(opens: Floats, closes: Floats, first: int, last: int, ready: float) -> float:
    """When service begins that could begin at ``ready``; `NEVER` where every window is missed."""
    for row in range(first, last):
        if closes[row] >= ready - HAIR:
            return max(ready, opens[row])
    return NEVER


@inner
def run(legs: Legs, calls: int, opens: Floats, closes: Floats, clock: float) -> float:
    """Begins of all calls for a start at ``clock``; the end, or `NEVER` if a window is missed."""
    for k in range(calls):
        ready = clock + legs.pause[k] + legs.drive[k] + legs.park[k]
        begins = window_of(opens, closes, legs.first[k], legs.last[k], ready)
        if begins >= NEVER:
            return NEVER
        legs.begins[k] = begins
        clock = begins + legs.serve[k]
    return clock


@inner
def latest_start(legs: Legs, calls: int, opens: Floats, closes: Floats) -> float:
    """The latest start with which the route, timed in ``begins``, ends as early as it does."""
    latest = legs.begins[calls - 1]
    for k in range(calls - 2, -1, -1):
        bound = latest - legs.park[k + 1] - legs.drive[k + 1] - legs.pause[k + 1] - legs.serve[k]
        latest = legs.begins[k]
        for row in range(legs.first[k], legs.last[k]):
            if opens[row] <= bound:
                latest = max(latest, min(bound, closes[row]))
    return latest


@inner
def with_least_breaks(work: float, hours: Floats) -> float:
    """How long a duty is at least in which so long is worked, from its begin to its end."""
    untouched = hours[UNDER_WAY] == 0 and hours[MEALS_DONE] == 0 and hours[RESTS_DONE] == 0
    if hours[BOUND] == 0 or not untouched:
        return work
    rests = int(work >= hours[REST_FROM]) + int(work >= hours[SECOND_REST_FROM])
    meals = int(work > hours[MEAL_OVER] + HAIR)
    return work + meals * hours[MEAL_S] + rests * hours[REST_S]


@compiled
def with_breaks(
    legs: Legs, calls: int, opens: Floats, closes: Floats, starts_by: float, hours: Floats,
    labels: Labels,
) -> tuple[float, float, int]:  # fmt: skip
    """Start, end and last label of the route with breaks, whose plain times are in ``begins``.

    The end is `NEVER` where no placement is legal. ``pause`` and ``labels`` are those of the
    answer.
    """
    for k in range(calls):
        legs.pause[k] = 0.0
    earliest = legs.begins[0]
    latest = max(earliest, min(latest_start(legs, calls, opens, closes), starts_by))
    start, end, label = latest, NEVER, 0
    for share in range(3):
        tried = latest - (latest - earliest) * share / 2
        if share and latest - earliest < HAIR:
            break
        found = _label_of(legs, calls, opens, closes, tried, hours, labels)
        if found >= 0 and labels.clock[calls - 1, found] < end - HAIR:
            start, end, label = tried, labels.clock[calls - 1, found], found
    if end >= NEVER:
        return start, end, label
    label = _label_of(legs, calls, opens, closes, start, hours, labels)
    _pauses(legs, calls, labels, label, hours)
    # The breaks may have left waiting, which a later start saves.
    run(legs, calls, opens, closes, start)
    later = min(latest_start(legs, calls, opens, closes), starts_by)
    if later > start + HAIR:
        found = _label_of(legs, calls, opens, closes, later, hours, labels)
        if found >= 0 and labels.clock[calls - 1, found] <= end + HAIR:
            start, end, label = later, labels.clock[calls - 1, found], found
        else:
            label = _label_of(legs, calls, opens, closes, start, hours, labels)
        _pauses(legs, calls, labels, label, hours)
    run(legs, calls, opens, closes, start)
    return start, end, label


@inner
def _label_of(
    legs: Legs, calls: int, opens: Floats, closes: Floats, start: float, hours: Floats,
    labels: Labels,
) -> int:  # fmt: skip
    """Label the route that starts at ``start``; its best legal last label, or -1."""
    duty = hours[SINCE] if hours[UNDER_WAY] else start
    driven = hours[DRIVEN]
    for k in range(1, calls):
        driven += legs.drive[k]
    if driven > hours[DRIVING] + HAIR:
        return -1
    for label in range(LABELS):
        labels.clock[0, label] = NEVER
    first = int(hours[MEALS_DONE]) * RESTS + int(hours[RESTS_DONE])
    leaves = start + legs.serve[0]
    fresh = legs.serve[0] if hours[UNDER_WAY] else NEVER
    lasts = legs.begins[calls - 1] - duty + hours[MEAL_S] + 2 * hours[REST_S]
    _take_breaks(legs, 0, first, leaves, hours[SINCE_PAUSE], 0.0, fresh, duty, lasts, hours, labels)
    for k in range(1, calls):
        for label in range(LABELS):
            labels.clock[k, label] = NEVER
        for label in range(LABELS):
            clock = labels.clock[k - 1, label]
            if clock >= NEVER:
                continue
            arrives = clock + legs.drive[k]
            if legs.drive[k] > 0 and arrives > duty + hours[WINDOW] + HAIR:
                continue
            begins = window_of(opens, closes, legs.first[k], legs.last[k], arrives + legs.park[k])
            if begins >= NEVER:
                continue
            done = begins + legs.serve[k]
            since = labels.since[k - 1, label] + legs.drive[k]
            if k < calls - 1:
                stay = done - arrives
                uneven = labels.uneven[k - 1, label]
                _take_breaks(legs, k, label, done, since, uneven, stay, duty, lasts, hours, labels)
            elif done < labels.clock[k, label]:
                labels.clock[k, label], labels.came[k, label] = done, label
    return _legal(labels, calls - 1, duty, hours)


@inner
def _take_breaks(
    legs: Legs, k: int, label: int, done: float, since: float, uneven: float, stay: float,
    duty: float, lasts: float, hours: Floats, labels: Labels,
) -> None:  # fmt: skip
    """All labels to which breaks after call ``k`` lead; a fresh start (``stay`` forever) has none.

    ``lasts`` is about how long the duty is.
    """
    idle = stay >= NEVER
    for meal in range(1 if idle or label >= RESTS else 2):
        if meal and done > duty + hours[MEAL_WITHIN] + HAIR:
            continue
        for rest in range(1 if idle else RESTS - label % RESTS):
            off = meal * hours[MEAL_S] + rest * hours[REST_S]
            run_on, pause = since, 0.0
            if not idle and hours[PAUSE] > 0 and stay + off >= hours[PAUSE] - HAIR:
                run_on = 0.0
            ahead = legs.drive[k + 1]
            if run_on + ahead > hours[UNTIL_PAUSE] + HAIR:
                if ahead > hours[UNTIL_PAUSE] + HAIR or idle:
                    continue
                pause, run_on = hours[PAUSE] - stay - off, 0.0
            to, ready = label + meal * RESTS + rest, done + off + pause
            off_by = uneven + _unevenness(label % RESTS, meal, rest, done - duty, lasts)
            known = labels.clock[k, to]
            if ready < known - HAIR or (ready < known + HAIR and off_by < labels.uneven[k, to]):
                labels.clock[k, to], labels.since[k, to] = ready, run_on
                labels.uneven[k, to] = off_by
                labels.came[k, to], labels.paused[k, to] = label, pause


@inner
def _unevenness(rests: int, meal: int, rest: int, into: float, lasts: float) -> float:
    """How far from their best times breaks are that are taken so far into the duty."""
    total = meal * abs(into - lasts / 2)
    for each in range(rests, rests + rest):
        total += abs(into - lasts * (1 + 2 * each) / 4)
    return total


@inner
def _legal(labels: Labels, k: int, duty: float, hours: Floats) -> int:
    """The label that ends earliest with all breaks that its duty asks for; -1 if none has."""
    found, end = -1, NEVER
    for label in range(LABELS):
        lasts = labels.clock[k, label] - duty
        if labels.clock[k, label] >= NEVER or lasts > hours[DUTY] + HAIR:
            continue
        meals, rests = label // RESTS, label % RESTS
        paid = math.ceil(lasts - meals * hours[MEAL_S] - HAIR)
        if lasts > hours[MEAL_OVER] + HAIR and meals == 0:
            continue
        needed = int(paid >= hours[REST_FROM]) + int(paid >= hours[SECOND_REST_FROM])
        if rests >= needed and labels.clock[k, label] < end - HAIR:
            found, end = label, labels.clock[k, label]
    return found


@inner
def _pauses(legs: Legs, calls: int, labels: Labels, label: int, hours: Floats) -> None:
    """Breaks before each leg, by the labels that lead to ``label``."""
    for k in range(calls - 1, 0, -1):
        before = labels.came[k - 1, label]
        meals = label // RESTS - before // RESTS
        rests = label % RESTS - before % RESTS
        off = meals * hours[MEAL_S] + rests * hours[REST_S]
        legs.pause[k] = off + labels.paused[k - 1, label]
        label = before
