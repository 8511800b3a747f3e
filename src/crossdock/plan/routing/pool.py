"""The best plan that routes of many plans make up: set partitioning over a pool of routes.

Foster and Ryan (1976), "An integer programming approach to the vehicle scheduling problem",
Operational Research Quarterly 27(2). What one search found here and another found there comes
together, which neither would have found for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.model.mixed import MixedProgram, solve_mixed
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences

_MOST_ROUTES = 5_000
_NODES, _GAP = 200, 1e-6
_GUARD_S = 120.0


@dataclass(frozen=True)
class PooledRoute:
    """A route that keeps every limit for itself, and what it costs without prizes."""

    kind: int
    nodes: tuple[int, ...]
    cost: float


class RoutePool:
    """Routes by kind of vehicle and the stops they serve, each at its cheapest."""

    def __init__(self) -> None:
        self._routes: dict[tuple[int, frozenset[int]], PooledRoute] = {}

    def __len__(self) -> int:
        return len(self._routes)

    def add(self, routes: Iterable[PooledRoute]) -> None:
        """Keep those that are new or cheaper, as long as there is room."""
        for route in routes:
            key = (route.kind, frozenset(route.nodes))
            known = self._routes.get(key)
            if known is None:
                if len(self._routes) < _MOST_ROUTES:
                    self._routes[key] = route
            elif route.cost < known.cost:
                self._routes[key] = route

    def routes(self) -> list[PooledRoute]:
        """All of them, in the order in which they came."""
        return list(self._routes.values())


def recombined(
    problem: Problem, pool: RoutePool, start: Sequences, guard_s: float | None = None
) -> Sequences:
    """The cheapest plan of routes of ``pool``, which is ``start`` if none is found.

    Parameters
    ----------
    start
        Routes of a whole plan, all of them in the pool.
    guard_s
        Seconds at most; None where the answer must not depend on the clock.
    """
    routes = pool.routes()
    chosen = _positions(routes, start)
    if len(chosen) < len(start) or len(routes) == len(start):
        return start
    program = _program(problem, routes, chosen)
    answer = solve_mixed(
        program, nodes=_NODES, relative_gap=_GAP, guard_s=_GUARD_S if guard_s is None else guard_s
    )
    return [
        (routes[at].kind, list(routes[at].nodes))
        for at in np.flatnonzero(answer.point[: len(routes)] > 0.5).tolist()
    ]


def _positions(routes: Sequence[PooledRoute], start: Sequences) -> list[int]:
    """Where routes that serve what those of ``start`` serve are in the pool."""
    number = {(route.kind, frozenset(route.nodes)): at for at, route in enumerate(routes)}
    keys = [(kind, frozenset(nodes)) for kind, nodes in start]
    return [number[key] for key in keys if key in number]


def _program(
    problem: Problem, routes: Sequence[PooledRoute], chosen: Sequence[int]
) -> MixedProgram:
    """A column a route, then one for each request that may be left out; a row a request."""
    row_of, prize = _requests(problem)
    optional = [row for row, lost in enumerate(prize) if lost is not None]
    rows = [[row_of[node] for node in route.nodes if node in row_of] for route in routes]
    rows += [[row] for row in optional]
    counted = [kind for kind, each in enumerate(problem.vehicles) if each.count is not None]
    for route, own in zip(routes, rows, strict=False):
        if problem.vehicles[route.kind].count is not None:
            own.append(len(prize) + counted.index(route.kind))
    column = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    row = np.concatenate([np.array(own, dtype=np.int64) for own in rows])
    order = np.argsort(row, kind="stable")
    height = len(prize) + len(counted)
    most = [float(problem.vehicles[kind].count or 0) for kind in counted]
    start = np.zeros(len(rows))
    start[list(chosen)] = 1.0
    served = {each for at in chosen for each in rows[at]}
    start[len(routes) :] = [float(row not in served) for row in optional]
    costs = [route.cost for route in routes] + [prize[row] or 0.0 for row in optional]
    return MixedProgram(
        cost=np.array(costs, dtype=np.float64),
        high=np.ones(len(rows)),
        integer=np.ones(len(rows), dtype=np.int64),
        row_low=np.array([1.0] * len(prize) + [0.0] * len(counted)),
        row_high=np.array([1.0] * len(prize) + most),
        row_start=np.searchsorted(row[order], np.arange(height + 1)).astype(np.int64),
        column=column[order],
        value=np.ones(len(row)),
        start=start,
    )


def _requests(problem: Problem) -> tuple[dict[int, int], list[float | None]]:
    """Row of each job and each pickup of a shipment, and what leaving a row out costs, if it may.

    Jobs of a group share a row.
    """
    rows, row_of, prize = problem.nodes, dict[int, int](), list[float | None]()
    groups: dict[str, int] = {}
    for node in range(len(problem.jobs) + len(problem.shipments)):
        group = problem.jobs[node].group if node < len(problem.jobs) else None
        if group is not None and group in groups:
            row_of[node] = groups[group]
            continue
        if group is not None:
            groups[group] = len(prize)
        row_of[node] = len(prize)
        prize.append(None if rows.required[node] else float(rows.prize[node]))
    return row_of, prize
