"""Ruin and recreate under simulated annealing, a stretch of steps at a time."""

from __future__ import annotations

import math

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.routing.draws import Words, uniform
from crossdock.plan.routing.metric import Floats
from crossdock.plan.routing.strings.ground import Ground
from crossdock.plan.routing.strings.recreate import Fleet, recreate
from crossdock.plan.routing.strings.ruin import MOST_TAKEN, Taken, ruin
from crossdock.plan.routing.strings.tours import NOWHERE, Tours, copy_into, put_in, take_out, used


@compiled
def anneal(
    ground: Ground,
    fleet: Fleet,
    tours: Tours,
    best: Tours,
    taken: Taken,
    gains: Floats,
    steps: int,
    hot: float,
    cold: float,
    state: Words,
) -> None:
    """Take ``steps``, cooling from ``hot`` to ``cold``; in place.

    Parameters
    ----------
    tours, best
        Where the search is, and the shortest it has seen.
    gains
        Length of ``tours`` and of ``best`` against the beginning.
    """
    order = np.zeros((MOST_TAKEN, 2), dtype=np.float64)
    mean_count = len(tours.tour) / used(tours)
    cooling = (cold / hot) ** (1.0 / max(steps, 1))
    temperature = hot
    for _ in range(steps):
        change = ruin(ground, tours, taken, mean_count, state)
        change += recreate(ground, tours, fleet, taken, order, state)
        if change < -temperature * math.log(1.0 - uniform(state)):
            gains[0] += change
            if gains[0] < gains[1] - 1e-9:
                gains[1] = gains[0]
                copy_into(tours, best)
        else:
            _undo(ground, tours, taken)
        temperature *= cooling


@compiled
def _undo(ground: Ground, tours: Tours, taken: Taken) -> None:
    """Everything that was taken out goes back to where it was."""
    for place in range(taken.size[0]):
        stop = int(taken.stop[place])
        if tours.tour[stop] != NOWHERE:
            take_out(ground, tours, stop)
    for row in range(taken.size[0] - 1, -1, -1):
        put_in(ground, tours, int(taken.stop[row]), int(taken.tour[row]), int(taken.before[row]))
