"""The best plan of a search so far, and what it has to beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from crossdock.plan.routing.accept import Kept, kept, left_by
from crossdock.plan.routing.pool import PooledRoute, RoutePool
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.ranks import Ranks
from crossdock.plan.routing.solution import Sequences


@dataclass
class BestPlan:
    """The best routes so far.

    Attributes
    ----------
    on_progress
        Told the cost of every whole plan that is better than all before.
    routes
        They keep every limit, but for those to begin with.
    rich
        Whether our own search takes the problem.
    cost
        Infinite until everything required is served.
    interrupted
        Whether the user stopped the search.
    pool
        Routes of whole plans, and those that searches saw on their way.
    standing
        Of the routes: whether something required is left out, how much by rank, their cost, their
        visits (a reload that costs nothing is one too many).
    told
        The least cost that was told.
    judged
        The routes, where they were timed.
    """

    problem: Problem
    on_progress: Callable[[float], None]
    routes: Sequences
    rich: bool
    cost: float = float("inf")
    interrupted: bool = False
    pool: RoutePool = field(default_factory=RoutePool)
    standing: tuple[bool, tuple[int, ...], float, int] | None = None
    told: float = float("inf")
    judged: Kept | None = None

    def offer(self, routes: Sequences) -> None:
        """Take ``routes`` if they are better."""
        plan = kept(self.problem, routes)
        if not self.take(plan.sequences, plan.cost, complete=plan.complete):
            return
        self.judged = plan
        if plan.complete:
            costs = [route.cost for route in plan.routes]
            self.pool.add(
                PooledRoute(kind, tuple(nodes), cost)
                for (kind, nodes), cost in zip(plan.sequences, costs, strict=True)
            )

    def take(self, routes: Sequences, cost: float, *, complete: bool) -> bool:
        """Take routes that keep every limit if they are better; whether they are."""
        left = self._ranks.left(left_by(self.problem, routes))
        visits = sum(len(nodes) for _, nodes in routes)
        standing = (not complete, left, cost, visits)
        if self.standing is not None and standing >= self.standing:
            return False
        self.routes, self.standing, self.judged = routes, standing, None
        if complete:
            self.cost = cost
            self.tell(cost)
        return True

    def tell(self, cost: float) -> None:
        """Tell the cost of a whole plan where it is the least so far."""
        if cost < self.told:
            self.told = cost
            self.on_progress(cost)

    @cached_property
    def _ranks(self) -> Ranks:
        return Ranks.of(self.problem)
