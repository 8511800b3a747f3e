"""Typed door to SciPy's shortest paths."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def shortest_miles(u: Ints, v: Ints, miles: Floats, first: int, count: int) -> Floats:
    """Miles between ``count`` nodes from ``first`` on; roads run both ways, the shorter counts."""
    order = np.argsort(miles, kind="stable")
    _, kept = np.unique(np.stack([u, v])[:, order], axis=1, return_index=True)
    shortest = order[kept]
    size = first + count
    graph = coo_matrix((miles[shortest], (u[shortest], v[shortest])), shape=(size, size)).tocsr()
    ends = np.arange(first, size)
    return np.asarray(dijkstra(graph, directed=False, indices=ends)[:, ends], dtype=np.float64)
