"""What no part had room for goes where a route of another part has some."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crossdock.plan.routing.accept import Kept
from crossdock.plan.routing.explain_stop import shipment_insertions
from crossdock.plan.routing.insert import Gaps, Insertion, insertions
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.ranks import Ranks
from crossdock.plan.routing.solution import Sequences

_MOST = 200
"""Requests that are tried: where more are left, it is vehicles that are missing."""


def called_last(problem: Problem, plan: Kept, is_over: Callable[[], bool]) -> Sequences:
    """The routes of ``plan`` with each job and shipment that fits into one, and is worth it.

    Parameters
    ----------
    is_over
        Whether there is no time left for another.
    """
    routes = [(kind, tuple(nodes)) for kind, nodes in plan.sequences]
    costs = [route.cost for route in plan.routes]
    free, groups = dict(plan.free), set[str]()
    ranks, rows = Ranks.of(problem), problem.nodes
    order = sorted(plan.left, key=lambda each: (ranks.of_request(each), -float(rows.prize[each])))
    for request in order[:_MOST]:
        if is_over():
            break
        group = problem.jobs[request].group if request < len(problem.jobs) else None
        if group in groups:
            continue
        found = [way for way in _ways(problem, routes, free, request, costs) if not way.faults]
        best = min(found, key=lambda way: way.cost, default=None)
        if best is None or (ranks.is_by_prize(request) and best.cost >= rows.prize[request]):
            continue
        if group is not None:
            groups.add(group)
        if best.route is None:
            routes.append((best.vehicle, best.nodes))
            costs.append(best.cost)
            free[best.vehicle] -= 1
        else:
            routes[best.route] = (best.vehicle, best.nodes)
            costs[best.route] += best.cost
    return routes


def _ways(
    problem: Problem,
    routes: Sequence[tuple[int, tuple[int, ...]]],
    free: dict[int, int],
    request: int,
    costs: Sequence[float],
) -> list[Insertion]:
    if request >= len(problem.jobs):
        return shipment_insertions(problem, routes, free, request, costs)
    return insertions(problem, routes, free, request, Gaps.of(problem, routes), costs)
