"""Typed door to SciPy: which parts of a graph hang together, and which marks are near."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components
from scipy.spatial import KDTree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def main_part(
    tail: Ints, head: Ints, length_m: Floats, states: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """States from which the longest strongly connected part is reached, and those it reaches."""
    ones = np.ones(len(tail), dtype=np.int8)
    forth = csr_array((ones, (tail, head)), shape=(states, states))
    back = csr_array((ones, (head, tail)), shape=(states, states))
    _, part = connected_components(forth, directed=True, connection="strong")
    within = part[tail] == part[head]
    longest = np.bincount(part[tail[within]], weights=length_m[within], minlength=1).argmax()
    member = int(np.flatnonzero(part == longest)[0])
    found: list[NDArray[np.bool_]] = []
    for matrix in (back, forth):
        reached = np.zeros(states, dtype=np.bool_)
        reached[breadth_first_order(matrix, member, return_predecessors=False)] = True
        found.append(reached)
    return found[0], found[1]


class Marks:
    """Points in space that are looked for by nearness.

    Parameters
    ----------
    places
        (marks, 3).
    """

    def __init__(self, places: Floats) -> None:
        self._tree = KDTree(places)

    def around(self, here: Floats, more: float) -> tuple[Ints, Ints]:
        """Marks not much farther from each point than the nearest: ``more`` and a thousandth.

        Returns
        -------
        tuple
            Points, sorted, and the marks that go with them.
        """
        nearest, _ = self._tree.query(here)
        found = self._tree.query_ball_point(here, np.asarray(nearest) * 1.001 + more)
        point = np.repeat(np.arange(len(here)), [len(marks) for marks in found])
        return point, np.concatenate([np.asarray(marks, dtype=np.int64) for marks in found])
