"""The search of one part."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from crossdock.plan.routing.draws import seeded
from crossdock.plan.routing.metric import Ints
from crossdock.plan.routing.strings.anneal import anneal
from crossdock.plan.routing.strings.ground import ground_of
from crossdock.plan.routing.strings.part import Searched, StringPart
from crossdock.plan.routing.strings.recreate import Fleet
from crossdock.plan.routing.strings.ruin import nothing_taken
from crossdock.plan.routing.strings.tours import routes_of, tours_of

_STEPS_AT_ONCE = 1000


def search_part(part: StringPart, until_s: float | None) -> Searched:
    """Anneal a part for its steps or seconds.

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
