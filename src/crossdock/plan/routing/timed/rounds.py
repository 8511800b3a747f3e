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
from crossdock.plan.routing.accept import accepted
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences, Solution
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


class Solve(Protocol):
    """`crossdock.plan.routing.solve.solve`."""

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
    ) -> Solution:
        """See there."""
        ...


def solve_by_hour(
    problem: Problem,
    budget: Budget,
    seed: int,
    on_progress: Callable[[float], None],
    solve: Solve,
    *,
    start: Sequences = (),
    engine: Engine | None = None,
    workers: int = 1,
) -> Solution:
    """The best plan found of a problem with speeds by time; every route keeps every limit by them.

    Parameters
    ----------
    solve
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
        found = solve(
            constant, _share(meter, share), seed + turn, start=plans.sequences, engine=engine,
            workers=workers,
        )  # fmt: skip
        meter.iterations += found.iterations
        departures = plans.judge(departures, found.sequences, meter)
        interrupted = found.interrupted
        if interrupted or meter.spent() >= 1.0:
            break
    return plans.best(meter.iterations, interrupted=interrupted)


class _Plans:
    """The best plan so far by the arbiter."""

    def __init__(self, problem: Problem, tell: Callable[[float], None]) -> None:
        self._problem, self._tell = problem, tell
        self._best: Solution | None = None
        self._told = math.inf

    @property
    def complete(self) -> bool:
        """Whether everything required is served."""
        return self._best is not None and self._best.complete

    @property
    def sequences(self) -> Sequences:
        """Bare routes of the best plan."""
        return () if self._best is None else self._best.sequences

    def judge(self, departures: Departures, routes: Sequences, meter: Meter) -> Departures:
        """Put ``routes`` right, keep them if they are best, and see when they leave where."""
        problem = self._problem

        def is_over() -> bool:
            left_s = meter.left_s()
            return left_s is not None and left_s <= 0

        ways, late = repaired(problem, routes, is_over=is_over)
        plan = accepted(problem, ways)
        if self._best is None or _rank(problem, plan) < _rank(problem, self._best):
            self._best = plan
        best = self._best
        if plan.complete and plan.cost < self._told:
            self._told = plan.cost
            self._tell(plan.cost)
        seen = zip((nodes for _, nodes in best.sequences), best.routes, strict=True)
        return departures.seen_in(problem, seen).slower(problem, late)

    def best(self, iterations: int, *, interrupted: bool) -> Solution:
        """The best plan, with what it took."""
        sequences = self.sequences
        return accepted(self._problem, sequences, iterations, interrupted=interrupted)


def _rank(problem: Problem, plan: Solution) -> tuple[object, ...]:
    """Smaller is better: what is required first, then by priority, then cost."""
    left = {each.id: each.required for each in plan.unassigned}
    by_priority: dict[int, int] = {}
    for stop in (*problem.jobs, *problem.shipments):
        if stop.priority > 0:
            by_priority.setdefault(stop.priority, 0)
            by_priority[stop.priority] += stop.id in left
    counts = tuple(by_priority[each] for each in sorted(by_priority, reverse=True))
    return (not plan.complete, sum(left.values()), counts, plan.cost)


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
