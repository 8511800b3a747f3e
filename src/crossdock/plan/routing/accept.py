"""The last word on a plan: routes are timed anew, priced in true units, and refused if at fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.plan.routing.explain import unassigned_of
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import schedule
from crossdock.plan.routing.solution import Route, Sequences, Solution


@dataclass(frozen=True)
class Kept:
    """Routes that keep every limit, and what none of them serves.

    Attributes
    ----------
    sequences, routes
        The same routes bare and timed.
    free
        Vehicles left by type.
    left
        Jobs and shipments, by number.
    cost
        Of the routes, of the longest one, and the prizes of optional jobs that are left out.
    complete
        Whether everything required and pinned is served.
    """

    sequences: Sequences
    routes: tuple[Route, ...]
    free: Mapping[int, int]
    left: tuple[int, ...]
    cost: float
    complete: bool


@dataclass(frozen=True)
class SearchedRoutes:
    """Where a search ended, what it took, and whether the user stopped it."""

    plan: Kept
    iterations: int
    interrupted: bool


def kept(problem: Problem, sequences: Sequences) -> Kept:
    """Those of bare routes that may be driven: the stops of others are left out."""
    free = {
        index: len(problem.nodes) if kind.count is None else kind.count
        for index, kind in enumerate(problem.vehicles)
    }
    ways: list[tuple[int, list[int]]] = []
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
        ways.append((vehicle, list(nodes)))
        routes.append(timed.route)
    left = left_by(problem, ways)
    longest = max((route.ends - route.starts for route in routes), default=0.0)
    pins = all(served.issuperset(pin.nodes) for pin in problem.ties.pins)
    return Kept(
        sequences=ways,
        routes=tuple(routes),
        free=free,
        left=tuple(left),
        cost=sum(route.cost for route in routes)
        + _prizes(problem, left)
        + problem.longest_cost * longest,
        complete=pins and not any(problem.nodes.required[node] for node in left),
    )


def accepted(
    problem: Problem, sequences: Sequences, iterations: int = 0, *, interrupted: bool = False
) -> Solution:
    """The plan of bare routes, with the reason of everything that it leaves out."""
    return explained(problem, kept(problem, sequences), iterations, interrupted=interrupted)


def explained(
    problem: Problem,
    found: Kept,
    iterations: int,
    *,
    interrupted: bool,
    within_s: float | None = None,
) -> Solution:
    """A plan with the reason of everything that it leaves out.

    Parameters
    ----------
    within_s
        What the reasons may take; a stop for which there is no time left says so.
    """
    return Solution(
        routes=found.routes,
        sequences=found.sequences,
        unassigned=unassigned_of(problem, found.sequences, found.free, found.left, within_s),
        cost=found.cost,
        complete=found.complete,
        iterations=iterations,
        interrupted=interrupted,
    )


def left_by(problem: Problem, sequences: Sequences) -> list[int]:
    """Jobs and shipments that routes leave out; of a group only where none is served."""
    served = {node for _, nodes in sequences for node in nodes}
    jobs = len(problem.jobs)
    groups = {problem.jobs[node].group for node in served if 0 <= node < jobs} - {None}
    return [
        node
        for node in range(jobs + len(problem.shipments))
        if node not in served and (node >= jobs or problem.jobs[node].group not in groups)
    ]


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
