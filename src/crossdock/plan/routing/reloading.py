"""Places of a stop on a route, in order of the way that they cost, also with one more reload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import route_legs
from crossdock.plan.routing.solution import reload_at


def detours(problem: Problem, places: Ints, gaps: Ints, by: Sequence[int]) -> Floats:
    """What it costs in distance to go by some places, one after the other, in each gap.

    Parameters
    ----------
    places
        As of `route_legs`; gap ``i`` follows the ``i``-th of them.
    """
    metric = problem.metric
    count = len(gaps)
    before = places[gaps]
    detour = metric.lengths(before, np.full(count, by[0]))
    between = np.array(by, dtype=np.int64)
    detour = detour + metric.lengths(between[:-1], between[1:]).sum()
    inner = gaps + 1 < len(places)  # behind the last stop of an open route there is nothing
    after = places[gaps[inner] + 1]
    home = metric.lengths(np.full(len(after), by[-1]), after)
    detour[inner] += home - metric.lengths(before[inner], after)
    return detour


def with_a_reload(
    problem: Problem, vehicle: int, nodes: Sequence[int], moved: Sequence[int], first: int = 0
) -> list[tuple[float, tuple[int, ...], int]]:
    """Detours, longer routes and depots of a vehicle that may reload once more, shortest first.

    Parameters
    ----------
    moved
        Stops that come one straight after the other, the reload before, between or after them.
    first
        Gap before which nothing goes.
    """
    kind = problem.vehicles[vehicle]
    reloads = sum(node < 0 for node in nodes)
    if kind.max_reloads is not None and reloads >= kind.max_reloads:
        return []
    places, here = route_legs(problem, kind, nodes), problem.nodes.place
    gaps = np.arange(first, len(nodes) + 1)
    return sorted(
        (float(detour), (*nodes[:gap], *chain, *nodes[gap:]), depot)
        for depot in sorted({problem.depot_index[each] for each in kind.reload_depots})
        for chain in _chains(moved, depot)
        for gap, detour in zip(
            gaps.tolist(),
            detours(
                problem, places, gaps,
                [int(here[each] if each >= 0 else problem.depot_places[depot]) for each in chain],
            ),
            strict=True,
        )
    )  # fmt: skip


def _chains(moved: Sequence[int], depot: int) -> Iterator[tuple[int, ...]]:
    for at in range(len(moved) + 1):
        yield (*moved[:at], reload_at(depot), *moved[at:])
