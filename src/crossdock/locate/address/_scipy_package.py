"""Typed door to SciPy's nearest-neighbour tree."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree


def distance_to_neighbour(
    points: NDArray[np.float64], neighbours: NDArray[np.float64], rank: int
) -> NDArray[np.float64]:
    """Distance from each point, shape (n, d), to its ``rank``-th nearest neighbour, from 1."""
    distances, _ = KDTree(neighbours).query(points, k=[rank])
    return np.asarray(distances, dtype=np.float64)[:, 0]
