"""Recreate: each stop goes where it costs least next to its neighbours, blinking now and then.

Christiaens and Vanden Berghe (2020), section 4.3. Places are sought only next to near neighbours,
so that a step takes the same time in a tour of ten stops and of two hundred.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.routing.draws import Words, uniform
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.strings.ground import Ground, length
from crossdock.plan.routing.strings.ruin import Taken
from crossdock.plan.routing.strings.tours import NOWHERE, Tours, put_in

_BLINK = 0.01
_BY_LOT, _BY_DEMAND, _FAR_FIRST, _WEIGHTS = 4, 8, 10, 11


class Fleet(NamedTuple):
    """Vehicles that are alike.

    Attributes
    ----------
    capacity
        By dimension.
    vehicles
        How many there are.
    fixed_length
        What using one more costs, as a length.
    """

    capacity: Ints
    vehicles: int
    fixed_length: float


@compiled
def recreate(
    ground: Ground, tours: Tours, fleet: Fleet, taken: Taken, order: Floats, state: Words
) -> float:
    """Put back what is taken out; how much longer the tours now are, infinite if it does not fit.

    Stops that were put back before one did not fit stay where they are.
    """
    _sort(ground, taken, order, state)
    cost = 0.0
    for place in range(taken.size[0]):
        stop = taken.stop[int(order[place, 1])]
        added, tour, before = _best_place(ground, tours, fleet, stop, state)
        if tour == NOWHERE:
            return np.inf
        put_in(ground, tours, stop, tour, before)
        cost += added
    return cost


@compiled
def _sort(ground: Ground, taken: Taken, order: Floats, state: Words) -> None:
    """Rows of ``taken`` in the order of insertion, into the second column of ``order``."""
    way = uniform(state) * _WEIGHTS
    depot = len(ground.demand)
    for row in range(taken.size[0]):
        stop = taken.stop[row]
        if way < _BY_LOT:
            key = uniform(state)
        elif way < _BY_DEMAND:
            key = -float(ground.demand[stop, 0])
        else:
            key = length(ground, stop, depot)
            if way < _FAR_FIRST:
                key = -key
        place = row
        while place > 0 and order[place - 1, 0] > key:
            order[place, 0], order[place, 1] = order[place - 1, 0], order[place - 1, 1]
            place -= 1
        order[place, 0], order[place, 1] = key, row


@compiled
def _best_place(
    ground: Ground, tours: Tours, fleet: Fleet, stop: int, state: Words
) -> tuple[float, int, int]:
    """Least length that ``stop`` adds, in which tour, behind which stop or the depot's row."""
    depot = len(tours.tour)
    best, best_tour, best_before = np.inf, NOWHERE, depot
    to_depot = length(ground, stop, depot)
    for rank in range(ground.away.shape[1]):
        other = int(ground.near[stop, rank])
        tour = int(tours.tour[other])
        if tour == NOWHERE or uniform(state) < _BLINK:
            continue
        if _too_heavy(ground, tours, fleet, stop, tour):
            continue
        away, before, after = (
            ground.away[stop, rank],
            int(tours.before[other]),
            int(tours.after[other]),
        )
        added = away + length(ground, before, stop) - length(ground, before, other)
        if added < best:
            best, best_tour, best_before = added, tour, before
        added = away + length(ground, stop, after) - length(ground, other, after)
        if added < best:
            best, best_tour, best_before = added, tour, other
    alone = 2.0 * to_depot + fleet.fixed_length
    if alone < best:
        tour = _unused(tours, fleet)
        if tour != NOWHERE:
            best, best_tour, best_before = alone, tour, depot
    return best, best_tour, best_before


@compiled
def _too_heavy(ground: Ground, tours: Tours, fleet: Fleet, stop: int, tour: int) -> bool:
    for dimension in range(ground.demand.shape[1]):
        if tours.load[tour, dimension] + ground.demand[stop, dimension] > fleet.capacity[dimension]:
            return True
    return False


@compiled
def _unused(tours: Tours, fleet: Fleet) -> int:
    """An empty tour, if another vehicle may go out."""
    used, found = 0, NOWHERE
    for tour in range(len(tours.size)):
        if tours.size[tour] > 0:
            used += 1
        elif found == NOWHERE:
            found = tour
    return found if used < fleet.vehicles else NOWHERE
