"""A small stable ranking for compiled loops (numba's own sorts take seconds to compile)."""

from __future__ import annotations

from crossdock.model.compiled import compiled
from crossdock.plan.linehaul.ladder import FloatArray, IntArray


@compiled
def rank(keys: FloatArray, count: int, order: IntArray) -> None:
    """Places of the first ``count`` keys in ascending order, equal keys as they came, in ``order``.

    Shell sort; the original place breaks ties, which makes it stable.
    """
    for place in range(count):
        order[place] = place
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for place in range(gap, count):
            moved = order[place]
            hole = place
            while hole >= gap:
                other = order[hole - gap]
                if keys[other] < keys[moved] or (keys[other] == keys[moved] and other < moved):
                    break
                order[hole] = other
                hole -= gap
            order[hole] = moved
        gap //= 3
