"""The last word on a plan: routes are timed anew, priced in true units, and refused if at fault."""

from __future__ import annotations

from crossdock.plan.routing.explain import unassigned_of
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import schedule
from crossdock.plan.routing.solution import Route, Sequences, Solution


def accepted(
    problem: Problem, sequences: Sequences, iterations: int = 0, *, interrupted: bool = False
) -> Solution:
    """The plan of bare routes.

    A route that breaks a limit is not driven: its stops are unassigned.
    """
    free = {
        index: len(problem.nodes) if kind.count is None else kind.count
        for index, kind in enumerate(problem.vehicles)
    }
    kept: list[tuple[int, list[int]]] = []
    routes: list[Route] = []
    served: set[int] = set()
    groups: set[str] = set()
    for vehicle, nodes in sequences:
        timed = schedule(problem, vehicle, nodes)
        visits = {node for node in nodes if node >= 0}
        joined = [
            group
            for node in visits
            if node < len(problem.jobs) and (group := problem.jobs[node].group) is not None
        ]
        again = served & visits or groups.intersection(joined) or len(set(joined)) < len(joined)
        if timed.faults or not visits or free[vehicle] == 0 or again:
            continue
        free[vehicle] -= 1
        served |= visits
        groups.update(joined)
        kept.append((vehicle, list(nodes)))
        routes.append(timed.route)
    left = [
        node
        for node in range(len(problem.jobs) + len(problem.shipments))
        if node not in served
        and (node >= len(problem.jobs) or problem.jobs[node].group not in groups)
    ]
    unassigned = unassigned_of(problem, kept, free, left)
    longest = max((route.ends - route.starts for route in routes), default=0.0)
    pins = all(served.issuperset(pin.nodes) for pin in problem.ties.pins)
    return Solution(
        routes=tuple(routes),
        sequences=kept,
        unassigned=unassigned,
        cost=sum(route.cost for route in routes)
        + _prizes(problem, left)
        + problem.longest_cost * longest,
        complete=pins and not any(each.required for each in unassigned),
        iterations=iterations,
        interrupted=interrupted,
    )


def _prizes(problem: Problem, left: list[int]) -> float:
    """Prizes of optional stops that are left out; of a group once."""
    total, counted = 0.0, set[str]()
    for node in left:
        if problem.nodes.required[node]:
            continue
        group = problem.jobs[node].group if node < len(problem.jobs) else None
        if group is not None:
            if group in counted:
                continue
            counted.add(group)
        total += float(problem.nodes.prize[node])
    return total
