"""One part of a large problem: what a worker is sent, and what it sends back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.plan.routing.draws import seeded
from crossdock.plan.routing.metric import Ints, Metric
from crossdock.plan.routing.strings.anneal import anneal
from crossdock.plan.routing.strings.ground import ground_of
from crossdock.plan.routing.strings.recreate import Fleet
from crossdock.plan.routing.strings.ruin import nothing_taken
from crossdock.plan.routing.strings.tours import routes_of, tours_of

STEPS_AN_ITERATION = 100
"""A step takes some ten microseconds, an iteration of other searches a millisecond."""
_STEPS_AT_ONCE = 1000
_LEAST_WARMTH = 1e-9


@dataclass(frozen=True)
class StringPart:
    """Routes to be searched for a while, numbers of stops being the part's own.

    Attributes
    ----------
    metric, demand
        Of the stops in the order of their numbers; the depot is the last place of the metric.
    routes
        Stops of each.
    spare
        Vehicles that may be used beside one a route.
    hot, cold
        Temperatures at the beginning and at the end, in units of length.
    steps, seconds
        How long: one of them is given.
    """

    metric: Metric
    demand: Ints
    routes: Sequence[Ints]
    capacity: Ints
    spare: int
    fixed_length: float
    hot: float
    cold: float
    seed: int
    steps: int | None
    seconds: float | None


@dataclass(frozen=True)
class Searched:
    """Where a part's search ended, and the shortest routes on its way."""

    now: Sequence[Ints]
    best: Sequence[Ints]
    steps: int


def searched(part: StringPart, until_s: float | None = None) -> Searched:
    """Anneal a part, for an engine.

    Parameters
    ----------
    until_s
        Of the clock (`time.time`): a worker that begins late ends no later.
    """
    began_s = time.time()
    ends_s = np.inf if part.seconds is None else began_s + part.seconds
    if part.seconds is not None and until_s is not None:
        ends_s = min(ends_s, until_s)
    stops = len(part.demand)
    if ends_s <= began_s or stops < 2:
        return Searched(part.routes, part.routes, 0)
    places = np.arange(stops, dtype=np.int64)
    ground = ground_of(part.metric, places, stops, part.demand)
    room = len(part.routes) + min(part.spare, stops)
    fleet = Fleet(part.capacity, len(part.routes) + part.spare, part.fixed_length)
    tours, best = (
        tours_of([nodes.tolist() for nodes in part.routes], part.demand, room) for _ in range(2)
    )
    taken, gains, state = nothing_taken(), np.zeros(2), seeded(part.seed)
    done = 0
    while True:
        share = (
            done / part.steps if part.steps is not None
            else (time.time() - began_s) / (ends_s - began_s)
        )  # fmt: skip
        if share >= 1.0:
            break
        warmth = part.hot * (part.cold / part.hot) ** share
        steps = _STEPS_AT_ONCE if part.steps is None else min(_STEPS_AT_ONCE, part.steps - done)
        anneal(ground, fleet, tours, best, taken, gains, steps, warmth, warmth, state)
        done += steps
    return Searched(_columns(routes_of(tours)), _columns(routes_of(best)), done)


def _columns(routes: Sequence[Sequence[int]]) -> list[Ints]:
    return [np.array(route, dtype=np.int64) for route in routes]
