"""Routes that are improved in parts: how they are grouped, and what comes back of each group."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from crossdock.plan.routing.clusters import ClusterKind, RoutePlaces, clusters
from crossdock.plan.routing.parts import Numbering, Part, Way, part_of
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.ranks import Ranks
from crossdock.plan.routing.schedule import schedule
from crossdock.plan.routing.solution import Sequences
from crossdock.plan.routing.units import Unit, stops_of, units_of

_HAIR = 1e-9


class PartedPlan:
    """The routes so far, what each costs, and what none serves."""

    def __init__(self, problem: Problem, routes: Sequences) -> None:
        self._problem = problem
        self.routes: list[Way] = [(kind, list(nodes)) for kind, nodes in routes if nodes]
        timed = [self._timed(each) for each in self.routes]
        self._costs, self._lasts = [cost for cost, _ in timed], [lasts for _, lasts in timed]
        self._ranks = Ranks.of(problem)
        self._idle = _idle(problem, self.routes)

    @property
    def cost(self) -> float:
        """Of all routes, of the longest, and of the prizes of what none serves."""
        longest = self._problem.longest_cost * max(self._lasts, default=0.0)
        return sum(self._costs) + longest + self._prizes(self._idle)

    def groups(
        self, kind: ClusterKind, target: int, random: np.random.Generator
    ) -> list[list[int]]:
        """Routes that are improved together in a round: of about ``target`` stops each."""
        return clusters(RoutePlaces.of(self._problem, self.routes), kind, target, random)

    @property
    def stops_a_route(self) -> float:
        """On average, at least one."""
        return max(sum(len(nodes) for _, nodes in self.routes) / max(len(self.routes), 1), 1.0)

    def parts(
        self, groups: Sequence[Sequence[int]], random: np.random.Generator
    ) -> list[tuple[Part, Numbering]]:
        """A problem for each group, with the jobs that lie next to it and no route serves."""
        idle = self._idle_by_group(groups)
        spare = self._spare_by_group(groups, idle, random)
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
        """Put ``found`` in the place of the group's routes where it is better.

        It is where it leaves less of the highest rank, or as much and is cheaper.
        """
        jobs = len(self._problem.jobs) + len(self._problem.shipments)
        was = {node for route in group for node in self.routes[route][1]}
        now = {node for _, nodes in found for node in nodes}
        stops = {node for node in numbering.nodes if node < jobs}
        left, left_before = sorted(stops - now), sorted(stops - was)
        ranks, ranks_before = self._ranks.left(left), self._ranks.left(left_before)
        if ranks > ranks_before:
            return
        timed = [self._timed(each) for each in found]
        costs, lasts = [cost for cost, _ in timed], [lasts for _, lasts in timed]
        more = sum(costs) + self._prizes(left) + self._longest(group, lasts)
        less = sum(self._costs[route] for route in group) + self._prizes(left_before)
        less += self._longest(group, [self._lasts[route] for route in group])
        if more == float("inf") or (ranks == ranks_before and more >= less - _HAIR):
            return
        for route in group:
            self.routes[route] = (self.routes[route][0], [])
            self._costs[route] = self._lasts[route] = 0.0
        self.routes += [(kind, list(nodes)) for kind, nodes in found]
        self._costs += costs
        self._lasts += lasts
        self._idle = sorted((set(self._idle) - stops) | set(left))

    def tidy(self) -> None:
        """Forget the routes that were replaced."""
        kept = [at for at, (_, nodes) in enumerate(self.routes) if nodes]
        self.routes = [self.routes[at] for at in kept]
        self._costs = [self._costs[at] for at in kept]
        self._lasts = [self._lasts[at] for at in kept]

    def _timed(self, route: Way) -> tuple[float, float]:
        """What a route costs, if it may be driven, and how long it lasts."""
        timed = schedule(self._problem, *route)
        cost = float("inf") if timed.faults else timed.route.cost
        return cost, timed.route.ends - timed.route.starts

    def _longest(self, group: Sequence[int], lasts: Sequence[float]) -> float:
        """What the longest route costs where those of ``group`` last so long."""
        if self._problem.longest_cost == 0:
            return 0.0
        own = set(group)
        others = (each for route, each in enumerate(self._lasts) if route not in own)
        return self._problem.longest_cost * max((*others, *lasts), default=0.0)

    def _prizes(self, nodes: Sequence[int]) -> float:
        """What leaving ``nodes`` out costs, where it may be."""
        rows = self._problem.nodes
        return float(sum(rows.prize[node] for node in nodes if not rows.required[node]))

    @cached_property
    def _units(self) -> list[Unit]:
        """Those that a part may serve: what is pinned waits for its own vehicle."""
        pinned = {node for pin in self._problem.ties.pins for node in pin.nodes}
        return [
            unit
            for unit in units_of(self._problem)
            if pinned.isdisjoint(stops_of(self._problem, unit))
        ]

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
        idle = set(self._idle)
        for unit in self._units:
            own = [request for request in unit if request in idle]
            if own:
                middle = points[rows.place[own]].mean(axis=0)
                found[int(((centres - middle) ** 2).sum(axis=1).argmin())] += own
        return found

    def _spare_by_group(
        self,
        groups: Sequence[Sequence[int]],
        idle: Sequence[Sequence[int]],
        random: np.random.Generator,
    ) -> list[dict[int, int]]:
        """Free vehicles: one of each unlimited kind for every group, the others dealt out.

        First to groups next to which stops wait, the more the more; then one each by lot.
        """
        spare: list[dict[int, int]] = [{} for _ in groups]
        waiting = np.array([float(len(own)) for own in idle])
        held = np.array([1.0 + len(group) for group in groups])
        for kind, vehicle in enumerate(self._problem.vehicles):
            if vehicle.count is None:
                for own in spare:
                    own[kind] = 1
                continue
            free = max(vehicle.count - sum(used == kind for used, _ in self.routes), 0)
            lucky = random.permutation(len(groups)).tolist()
            for turn in range(free):
                if waiting.any():
                    group = int(np.argmax(waiting / held))
                elif turn < len(lucky):
                    group = lucky[turn]
                else:
                    break
                held[group] += 1
                waiting[group] = max(waiting[group] - self.stops_a_route, 0.0)
                spare[group][kind] = spare[group].get(kind, 0) + 1
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
