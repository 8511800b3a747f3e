"""Ruin: strings of stops next to each other are taken out of tours that lie side by side.

Christiaens and Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2), sections 4.1 and 4.2, with its constants.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.routing.draws import Words, below, uniform
from crossdock.plan.routing.strings.ground import Ground, Small
from crossdock.plan.routing.strings.tours import NOWHERE, Tours, take_out

LONGEST_STRING = 10
MEAN_TAKEN = 10
MOST_TAKEN = 4 * MEAN_TAKEN
_SPLIT = 0.5
_LONGER_MIDDLE = 0.01
_MOST_TOURS = 4 * MEAN_TAKEN


class Taken(NamedTuple):
    """What one ruin took out, in order, and where each stop was.

    Attributes
    ----------
    stop, before, tour
        The first ``size[0]`` are meant.
    tours
        Tours that it touched.
    """

    size: Small
    stop: Small
    before: Small
    tour: Small
    tours: Small


def nothing_taken() -> Taken:
    """Room for what a ruin takes out."""

    def column(size: int) -> Small:
        return np.zeros(size, dtype=np.int32)

    return Taken(
        column(1), column(MOST_TAKEN), column(MOST_TAKEN), column(MOST_TAKEN), column(_MOST_TOURS)
    )


@compiled
def ruin(ground: Ground, tours: Tours, taken: Taken, mean_count: float, state: Words) -> float:
    """Take strings out around a stop drawn by lot; how much longer the tours now are."""
    taken.size[0] = 0
    longest = min(float(LONGEST_STRING), mean_count)
    most_strings = 4.0 * MEAN_TAKEN / (1.0 + longest) - 1.0
    strings = int(1.0 + uniform(state) * most_strings)
    centre = below(state, len(tours.tour))
    gain = _ruin_tour_of(ground, tours, taken, centre, 0, longest, state)
    touched = 1
    for rank in range(ground.near.shape[1]):
        if touched >= strings:
            break
        stop = int(ground.near[centre, rank])
        tour = int(tours.tour[stop])
        if tour == NOWHERE or _among(taken.tours, touched, tour):
            continue
        gain += _ruin_tour_of(ground, tours, taken, stop, touched, longest, state)
        touched += 1
    return gain


@compiled
def _among(tours: Small, count: int, tour: int) -> bool:
    for place in range(count):  # noqa: SIM110 a loop compiles in no time
        if tours[place] == tour:
            return True
    return False


@compiled
def _ruin_tour_of(
    ground: Ground,
    tours: Tours,
    taken: Taken,
    stop: int,
    touched: int,
    longest: float,
    state: Words,
) -> float:
    """Take a string with ``stop`` in it out of its tour, sometimes sparing some in its middle."""
    tour = tours.tour[stop]
    taken.tours[touched] = tour
    count = tours.size[tour]
    taking = int(1.0 + uniform(state) * min(float(count), longest))
    taking = min(taking, MOST_TAKEN - taken.size[0])
    spared = 0
    if 1 < taking < count and uniform(state) < _SPLIT:
        spared = 1
        while taking + spared < count and uniform(state) < _LONGER_MIDDLE:
            spared += 1
    at = _begin_of_string(tours, stop, taking + spared, state)
    spare_from = taking
    if spared > 0:
        spare_from = 1 + below(state, taking - 1)
    gain, depot = 0.0, len(tours.tour)
    for place in range(taking + spared):
        if at == depot:
            break
        following = tours.after[at]
        if not spare_from <= place < spare_from + spared:
            row = taken.size[0]
            taken.stop[row], taken.before[row], taken.tour[row] = at, tours.before[at], tour
            taken.size[0] += 1
            gain += take_out(ground, tours, at)
        at = following
    return gain


@compiled
def _begin_of_string(tours: Tours, stop: int, size: int, state: Words) -> int:
    """First stop of a string of ``size`` around ``stop``, wherever it fits in the tour."""
    depot = len(tours.tour)
    behind, at = 0, tours.after[stop]
    while behind < size - 1 and at != depot:
        behind += 1
        at = tours.after[at]
    ahead, at = 0, tours.before[stop]
    while ahead < size - 1 and at != depot:
        ahead += 1
        at = tours.before[at]
    least = max(0, size - 1 - behind)
    steps = least + below(state, ahead - least + 1) if ahead >= least else ahead
    at = stop
    for _ in range(steps):
        at = tours.before[at]
    return at
