"""Routes that are improved in parts: how they are grouped, and what comes back of each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossdock.plan.routing.clusters import ClusterKind, RoutePlaces, clusters
from crossdock.plan.routing.parts import Numbering, Part, Way, part_of
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import schedule
from crossdock.plan.routing.solution import Sequences

TARGETS = (200, 300, 450)
"""Stops of a part; which, is drawn by lot."""
_ROUTES_A_PART = 6
"""Long routes need larger parts, or too few of them meet."""
_SWEEPS_EVERY = 3
_HAIR = 1e-9


class PartedPlan:
    """The routes so far, what each costs, and what none serves."""

    def __init__(self, problem: Problem, routes: Sequences) -> None:
        self._problem = problem
        self.routes: list[Way] = [(kind, list(nodes)) for kind, nodes in routes if nodes]
        self._costs = [self._cost(each) for each in self.routes]
        self._lost = 10.0 * (1.0 + sum(self._costs))
        self._idle = _idle(problem, self.routes)

    @property
    def cost(self) -> float:
        """Of all routes, and of the prizes of what none serves."""
        return sum(self._costs) + self._prizes(self._idle)

    def groups(
        self, number: int, random: np.random.Generator, target: int | None = None
    ) -> list[list[int]]:
        """Routes that are improved together in a round.

        Parameters
        ----------
        target
            About how many stops they have; by default drawn by lot, and more for long routes.
        """
        places = RoutePlaces.of(self._problem, self.routes)
        kind = (
            ClusterKind.SWEEP if number % _SWEEPS_EVERY == _SWEEPS_EVERY - 1 else ClusterKind.NEAR
        )
        if target is None:
            target = TARGETS[int(random.integers(len(TARGETS)))]
            target = max(target, int(_ROUTES_A_PART * places.size.mean()))
        return clusters(places, kind, target, random)

    def parts(
        self, groups: Sequence[Sequence[int]], random: np.random.Generator
    ) -> list[tuple[Part, Numbering]]:
        """A problem for each group, with the jobs that lie next to it and no route serves."""
        idle = self._idle_by_group(groups)
        spare = self._spare_by_group(len(groups), random)
        return [
            part_of(
                self._problem,
                [self.routes[route] for route in group],
                idle[place],
                spare[place],
                int(random.integers(1 << 31)),
            )
            for place, group in enumerate(groups)
        ]

    def take_over(self, group: Sequence[int], numbering: Numbering, found: Sequence[Way]) -> None:
        """Put ``found`` in the place of the group's routes where that is cheaper and whole."""
        jobs = len(self._problem.jobs) + len(self._problem.shipments)
        before = list(group)
        was = {node for route in before for node in self.routes[route][1]}
        now = {node for _, nodes in found for node in nodes}
        stops = {node for node in numbering.nodes if node < jobs}
        left, left_before = sorted(stops - now), sorted(stops - was)
        rows = self._problem.nodes
        if any(rows.required[node] and node in was for node in left):
            return
        costs = [self._cost(each) for each in found]
        gains = sum(self._costs[route] for route in before) + self._prizes(left_before)
        if sum(costs) + self._prizes(left) >= gains - _HAIR:
            return
        for route in before:
            self.routes[route], self._costs[route] = (self.routes[route][0], []), 0.0
        self.routes += [(kind, list(nodes)) for kind, nodes in found]
        self._costs += costs
        self._idle = sorted((set(self._idle) - stops) | set(left))

    def tidy(self) -> None:
        """Forget the routes that were replaced."""
        kept = [at for at, (_, nodes) in enumerate(self.routes) if nodes]
        self.routes = [self.routes[at] for at in kept]
        self._costs = [self._costs[at] for at in kept]

    def _cost(self, route: Way) -> float:
        timed = schedule(self._problem, *route)
        return float("inf") if timed.faults else timed.route.cost

    def _prizes(self, nodes: Sequence[int]) -> float:
        """What leaving ``nodes`` out costs: of what is required, more than any plan."""
        rows = self._problem.nodes
        return float(sum(self._lost if rows.required[node] else rows.prize[node] for node in nodes))

    def _idle_by_group(self, groups: Sequence[Sequence[int]]) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in groups]
        if not self._idle:
            return found
        points, rows = self._problem.metric.points(), self._problem.nodes
        stops = [
            [node for route in group for node in self.routes[route][1] if node >= 0]
            for group in groups
        ]
        centres = np.array([points[rows.place[own]].mean(axis=0) for own in stops])
        for node in self._idle:
            far = ((centres - points[rows.place[node]]) ** 2).sum(axis=1)
            found[int(far.argmin())].append(node)
        return found

    def _spare_by_group(self, groups: int, random: np.random.Generator) -> list[dict[int, int]]:
        """Free vehicles: one of each unlimited kind for every group, the others dealt out."""
        spare: list[dict[int, int]] = [{} for _ in range(groups)]
        for kind, vehicle in enumerate(self._problem.vehicles):
            if vehicle.count is None:
                lucky = list(range(groups))
            else:
                free = vehicle.count - sum(used == kind for used, _ in self.routes)
                lucky = random.permutation(groups)[: max(free, 0)].tolist()
            for group in lucky:
                spare[group][kind] = 1
        return spare


def _idle(problem: Problem, routes: Sequences) -> list[int]:
    """Jobs and shipments that no route serves; one of each group of which none is served.

    The others of a group stay out: two parts might serve two of them.
    """
    served = {node for _, nodes in routes for node in nodes}
    done = {problem.jobs[node].group for node in served if 0 <= node < len(problem.jobs)}
    left: list[int] = []
    for node in range(len(problem.jobs) + len(problem.shipments)):
        group = problem.jobs[node].group if node < len(problem.jobs) else None
        if node not in served and (group is None or group not in done):
            left.append(node)
            done.add(group)
    return left
