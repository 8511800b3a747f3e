"""Tours as chains of stops in columns: a stop is taken out or put in without touching the others.

All functions are compiled. The depot's row stands for both ends of every tour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.routing.metric import Ints
from crossdock.plan.routing.strings.ground import Ground, Small, length

NOWHERE = -1


class Tours(NamedTuple):
    """Who follows whom.

    Attributes
    ----------
    before, after
        By stop; the depot's row where a tour begins or ends.
    tour
        By stop; `NOWHERE` while it is taken out.
    first, size
        By tour: its first stop, and how many it has.
    load
        By tour and dimension.
    """

    before: Small
    after: Small
    tour: Small
    first: Small
    size: Small
    load: Ints


def tours_of(routes: Sequence[Sequence[int]], demand: Ints, room: int) -> Tours:
    """Columns of ``routes``, with ``room`` for so many tours."""
    stops, depot = len(demand), len(demand)
    tours = Tours(
        before=np.full(stops, depot, dtype=np.int32),
        after=np.full(stops, depot, dtype=np.int32),
        tour=np.full(stops, NOWHERE, dtype=np.int32),
        first=np.full(room, depot, dtype=np.int32),
        size=np.zeros(room, dtype=np.int32),
        load=np.zeros((room, demand.shape[1]), dtype=np.int64),
    )
    for number, route in enumerate(routes):
        own = np.asarray(route, dtype=np.int32)
        tours.tour[own] = number
        tours.before[own[1:]] = own[:-1]
        tours.after[own[:-1]] = own[1:]
        tours.first[number], tours.size[number] = own[0], len(own)
        tours.load[number] = demand[own].sum(axis=0)
    return tours


def routes_of(tours: Tours) -> list[list[int]]:
    """The routes that are not empty."""
    after, depot = tours.after.tolist(), len(tours.after)
    routes: list[list[int]] = []
    for number in np.flatnonzero(tours.size).tolist():
        stop, found = int(tours.first[number]), list[int]()
        while stop != depot:
            found.append(stop)
            stop = after[stop]
        routes.append(found)
    return routes


@compiled
def take_out(ground: Ground, tours: Tours, stop: int) -> float:
    """Take ``stop`` out of its tour; how much longer the tour now is (mostly negative)."""
    depot = len(tours.tour)
    tour, before, after = tours.tour[stop], tours.before[stop], tours.after[stop]
    if before == depot:
        tours.first[tour] = after
    else:
        tours.after[before] = after
    if after != depot:
        tours.before[after] = before
    tours.tour[stop] = NOWHERE
    tours.size[tour] -= 1
    for dimension in range(ground.demand.shape[1]):
        tours.load[tour, dimension] -= ground.demand[stop, dimension]
    gap = 0.0 if before == after else length(ground, before, after)
    return gap - length(ground, before, stop) - length(ground, stop, after)


@compiled
def put_in(ground: Ground, tours: Tours, stop: int, tour: int, before: int) -> None:
    """Put ``stop`` behind ``before`` in ``tour``; behind the depot's row it comes first."""
    depot = len(tours.tour)
    if before == depot:
        after = tours.first[tour]
        tours.first[tour] = stop
    else:
        after = tours.after[before]
        tours.after[before] = stop
    if after != depot:
        tours.before[after] = stop
    tours.before[stop], tours.after[stop], tours.tour[stop] = before, after, tour
    tours.size[tour] += 1
    for dimension in range(ground.demand.shape[1]):
        tours.load[tour, dimension] += ground.demand[stop, dimension]


@compiled
def copy_into(tours: Tours, kept: Tours) -> None:
    """Make ``kept`` the same as ``tours``."""
    # Plain loops: slices take seconds to compile.
    for stop in range(len(tours.tour)):
        kept.before[stop] = tours.before[stop]
        kept.after[stop] = tours.after[stop]
        kept.tour[stop] = tours.tour[stop]
    for tour in range(len(tours.size)):
        kept.first[tour] = tours.first[tour]
        kept.size[tour] = tours.size[tour]
        for dimension in range(tours.load.shape[1]):
            kept.load[tour, dimension] = tours.load[tour, dimension]


@compiled
def used(tours: Tours) -> int:
    """Tours that are not empty; at least 1."""
    found = 0
    for tour in range(len(tours.size)):
        if tours.size[tour] > 0:
            found += 1
    return max(found, 1)
