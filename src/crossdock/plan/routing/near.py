"""Who is near whom: the pairs of places between which a saving may be worth its while."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from crossdock.plan.routing.metric import Ints, MatrixMetric, Metric


def near_pairs(metric: Metric, places: Ints, count: int) -> tuple[Ints, Ints]:
    """Positions in ``places`` of neighbours, each pair once, the smaller first.

    Parameters
    ----------
    count
        Neighbours of each place.
    """
    wanted = min(count + 1, len(places))
    if isinstance(metric, MatrixMetric):
        asked = metric.distance[np.ix_(places, places)]
        found = np.argpartition(asked, wanted - 1, axis=1)[:, :wanted]
    else:
        points = metric.points()[places]
        found = KDTree(points).query(points, k=wanted)[1]
    near = np.asarray(found, dtype=np.int64).reshape(len(places), wanted)
    one = np.repeat(np.arange(len(places), dtype=np.int64), wanted)
    other = near.ravel()
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    pairs = np.sort((smaller * len(places) + larger)[one != other])  # np.unique is slower
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return pairs // len(places), pairs % len(places)


def mean_step(metric: Metric, places: Ints) -> float:
    """Mean distance from a place to the one that is nearest to it in the plane."""
    points = metric.points()[places]
    near = np.asarray(KDTree(points).query(points, k=2)[1], dtype=np.int64)
    return float(metric.lengths(places, places[near[:, 1]]).mean())
