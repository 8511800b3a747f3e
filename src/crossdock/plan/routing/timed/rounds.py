"""Rounds of a search with constant times, each with those of the plan before, judged by the hour.

The kernels know constant times alone. So a problem with speeds by time is searched with times that
stand for them, the plan is timed exactly by the arbiter and put right, and its departures give the
times of the next round. Of all plans that were put right the best is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from crossdock.model import Engine
from crossdock.plan.routing.accept import Kept, SearchedRoutes, kept
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.ranks import Ranks
from crossdock.plan.routing.solution import Sequences
from crossdock.plan.routing.timed.constant import Departures, constant_problem
from crossdock.plan.routing.timed.repair import repaired

_FIRST_SHARE = 0.3
"""Of the budget, for the first round; the others have the same each."""
_MOST_ROUNDS, _LEAST_ROUNDS = 10, 3
_ITERATIONS_A_ROUND, _SECONDS_A_ROUND = 20, 0.5
"""At least, where that leaves more rounds than the fewest."""
_ROUNDS_UP_TO = 1500
"""Stops of a problem with many rounds: above, each begins with parts of its own."""
_SECONDS_KEPT = 0.97
"""Of a round: what follows is the repair."""


class Search(Protocol):
    """`crossdock.plan.routing.solve.search_routes`."""

    def __call__(
        self,
        problem: Problem,
        budget: Budget,
        seed: int = 0,
        on_progress: Callable[[float], None] | None = None,
        *,
        start: Sequences = (),
        engine: Engine | None = None,
        workers: int = 1,
    ) -> SearchedRoutes:
        """See there."""
        ...


def search_by_hour(
    problem: Problem,
    budget: Budget,
    seed: int,
    on_progress: Callable[[float], None],
    search: Search,
    *,
    start: Sequences = (),
    engine: Engine | None = None,
    workers: int = 1,
) -> SearchedRoutes:
    """The best routes found of a problem with speeds by time; each keeps every limit by them.

    Parameters
    ----------
    search
        For constant times.
    """
    meter = Meter(budget)
    plans = _Plans(problem, on_progress)
    departures, interrupted = Departures.guessed(problem), False
    if start:
        departures = plans.judge(departures, start, meter)
    rounds = _rounds(problem, budget)
    for turn in range(rounds):
        share = 1 / (rounds - turn) if turn else _FIRST_SHARE
        # What fits at no other times is planned for the slowest: in time so, it is in time.
        slowest = turn == rounds - 1 and not plans.complete
        times = departures.at_worst(problem) if slowest else departures
        constant = constant_problem(problem, times)
        found = search(
            constant, _share(meter, share), seed + turn, start=plans.sequences, engine=engine,
            workers=workers,
        )  # fmt: skip
        meter.iterations += found.iterations
        departures = plans.judge(departures, found.plan.sequences, meter)
        interrupted = found.interrupted
        if interrupted or meter.spent() >= 1.0:
            break
    return SearchedRoutes(plans.best, meter.iterations, interrupted)


class _Plans:
    """The best plan so far by the arbiter."""

    def __init__(self, problem: Problem, tell: Callable[[float], None]) -> None:
        self._problem, self._tell = problem, tell
        self._best: Kept | None = None
        self._ranks = Ranks.of(problem)
        self._told = math.inf

    @property
    def complete(self) -> bool:
        """Whether everything required is served."""
        return self._best is not None and self._best.complete

    @property
    def sequences(self) -> Sequences:
        """Bare routes of the best plan."""
        return () if self._best is None else self._best.sequences

    @property
    def best(self) -> Kept:
        """The best plan; before any, one without routes."""
        return kept(self._problem, ()) if self._best is None else self._best

    def judge(self, departures: Departures, routes: Sequences, meter: Meter) -> Departures:
        """Put ``routes`` right, keep them if they are best, and see when they leave where."""
        problem = self._problem

        def is_over() -> bool:
            left_s = meter.left_s()
            return left_s is not None and left_s <= 0

        ways, late = repaired(problem, routes, is_over=is_over)
        plan = kept(problem, ways)
        if self._best is None or self._rank(plan) < self._rank(self._best):
            self._best = plan
        best = self._best
        if plan.complete and plan.cost < self._told:
            self._told = plan.cost
            self._tell(plan.cost)
        seen = zip((nodes for _, nodes in best.sequences), best.routes, strict=True)
        return departures.seen_in(problem, seen).slower(problem, late)

    def _rank(self, plan: Kept) -> tuple[object, ...]:
        """Smaller is better: what ranks highest first, then cost."""
        return (not plan.complete, self._ranks.left(plan.left), plan.cost)


def _rounds(problem: Problem, budget: Budget) -> int:
    """How many rounds: the shorter they are, the nearer the times of a round are to its plan's."""
    if len(problem.nodes) > _ROUNDS_UP_TO:
        return _LEAST_ROUNDS
    most = _MOST_ROUNDS
    if budget.iterations is not None:
        most = min(most, budget.iterations // _ITERATIONS_A_ROUND)
    if budget.seconds is not None:
        most = min(most, int(budget.seconds / _SECONDS_A_ROUND))
    return max(most, _LEAST_ROUNDS)


def _share(meter: Meter, share: float) -> Budget:
    left_s, left = meter.left_s(), meter.left_iterations()
    return Budget(
        seconds=None if left_s is None else left_s * share * _SECONDS_KEPT,
        iterations=None if left is None else math.ceil(left * share),
    )
