"""What a search on strings looks at all the time, as columns: places, loads, who is near whom."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from crossdock.model.compiled import compiled
from crossdock.plan.routing.metric import UNITS, Floats, Ints, Metric, PlanarMetric, Rounding

Small = NDArray[np.int32]

_NEAR, _NEXT = 100, 20
"""Stops around which to ruin, and next to which to recreate."""
_AS_IT_IS, _NEAREST, _CUT = 0, 1, 2
_WAYS = {
    Rounding.EXACT: _AS_IT_IS,
    Rounding.ROUND: _NEAREST,
    Rounding.DIMACS: _CUT,
    Rounding.TRUNC: _CUT,
}


class Ground(NamedTuple):
    """Stops numbered from 0, and the depot, which is the last row of ``points`` and ``lengths``.

    Attributes
    ----------
    points
        Positions, (stops + 1, 2).
    lengths
        Distances of all pairs where they are not straight lines; else of the shape (0, 0).
    rounding, units
        How a straight line is rounded, and the whole numbers to one unit of length.
    demand
        (stops, dimensions).
    near, away
        Nearest stops of each stop, the nearest first, and the distances of the first of them.
    """

    points: Floats
    lengths: Floats
    rounding: int
    units: float
    demand: Ints
    near: Small
    away: Floats


def ground_of(metric: Metric, places: Ints, depot: int, demand: Ints) -> Ground:
    """The ground of the stops at ``places``.

    Distances must be the same in both directions. A metric other than the plane's is asked for all
    pairs at once.
    """
    every = np.append(places, depot)
    points = metric.points()[every]
    count = min(_NEAR, len(places) - 1)
    if isinstance(metric, PlanarMetric):
        rounding, units = _WAYS[metric.rounding], float(UNITS[metric.rounding])
        lengths = np.zeros((0, 0))
        near = KDTree(points[:-1]).query(points[:-1], k=count + 1)[1].reshape(len(places), -1)
    else:
        rounding, units = _AS_IT_IS, 1.0
        lengths = metric.matrix(every, every).distance / metric.distance_units
        near = np.argsort(lengths[:-1, :-1], axis=1, kind="stable")[:, : count + 1]
    near = _without_itself(near)
    following = near[:, :_NEXT]
    away = metric.lengths(np.repeat(places, following.shape[1]), places[following.ravel()])
    return Ground(
        np.ascontiguousarray(points, dtype=np.float64), lengths, rounding, units,
        demand, near.astype(np.int32), away.reshape(following.shape),
    )  # fmt: skip


@compiled
def length(ground: Ground, one: int, other: int) -> float:
    """Distance of two rows of ``points``."""
    if ground.lengths.shape[0] > 0:
        return ground.lengths[one, other]
    across = ground.points[one, 0] - ground.points[other, 0]
    along = ground.points[one, 1] - ground.points[other, 1]
    straight = math.sqrt(across * across + along * along)
    if ground.rounding == _NEAREST:
        return math.floor(straight + 0.5)
    if ground.rounding == _CUT:
        return math.floor(straight * ground.units) / ground.units
    return straight


def _without_itself(near: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows without their own number; where many share a place it may not be among them."""
    own = near == np.arange(len(near))[:, None]
    own[~own.any(axis=1), -1] = True
    return near[~own].reshape(len(near), -1)
