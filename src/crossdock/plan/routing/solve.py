"""From a problem to a plan within a budget, and from routes to better routes."""

from __future__ import annotations

from collections.abc import Callable

from crossdock.plan.routing.accept import accepted
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.kernel import Kernel
from crossdock.plan.routing.kernel_rules import refuse_unsupported
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.search import Found, search
from crossdock.plan.routing.solution import Sequences, Solution

OnProgress = Callable[[float], None]
"""Told the cost of every feasible plan that is better than all before."""

MOST_STOPS = 1500
"""Of one search: its matrices grow with the square."""

_TIMED_S, _EXPLAINED_S = 0.0001, 0.001
"""A stop, an optional stop."""

_HOPE = 0.5
"""Share of the budget after which required jobs may be left out, if they never all fitted."""


def solve(
    problem: Problem, budget: Budget, seed: int = 0, on_progress: OnProgress | None = None
) -> Solution:
    """The best plan found within ``budget``; every route of it keeps every limit.

    Parameters
    ----------
    on_progress
        Called in this process while the search runs.

    Returns
    -------
    Solution
        With everything required served, where such a plan was found (``complete``).

    Raises
    ------
    InvalidValueError
        The problem has a feature that cannot be planned yet.
    """
    meter = Meter(budget, _judging_s(problem))
    tell = on_progress or _tell_nobody
    if len(problem.nodes) > MOST_STOPS:
        return _first_plan(problem, tell)
    kernel = Kernel.of(problem)
    found = search(kernel, meter, seed, tell, give_up_at=_HOPE)
    if found.best is None:
        kernel, found = _leave_out(problem, meter, seed, found.interrupted)
    sequences: Sequences = []
    if found.best is not None:
        sequences = kernel.sequences(found.best)
    return accepted(problem, sequences, meter.iterations, interrupted=found.interrupted)


def improve(part: Problem, routes: Sequences, budget: Budget, seed: int = 0) -> Sequences:
    """Routes of ``part`` that are no dearer than ``routes``; these if none better was found.

    Plain data in and out, so that it may run in another process.
    """
    kernel = Kernel.of(part)
    found = search(kernel, Meter(budget), seed, _tell_nobody, start=routes)
    return routes if found.best is None else kernel.sequences(found.best)


def _judging_s(problem: Problem) -> float:
    """About how long timing the plan and explaining what it leaves out takes."""
    rows = problem.nodes
    return _TIMED_S * len(rows) + _EXPLAINED_S * int((~rows.required).sum())


def _first_plan(problem: Problem, tell: OnProgress) -> Solution:
    """Savings routes alone, as long as nothing improves routes of more stops in parts."""
    from crossdock.plan.routing.savings import (  # noqa: PLC0415 compiled: slow to import
        first_routes,
    )

    refuse_unsupported(problem)
    try:
        sequences, interrupted = first_routes(problem), False
    except KeyboardInterrupt:
        sequences, interrupted = list[tuple[int, list[int]]](), True
    plan = accepted(problem, sequences, interrupted=interrupted)
    if plan.complete:
        tell(plan.cost)
    return plan


def _leave_out(
    problem: Problem, meter: Meter, seed: int, interrupted: bool
) -> tuple[Kernel, Found]:
    kernel = Kernel.of(problem, all_optional=True)
    if interrupted:
        return kernel, Found(None, interrupted=True)
    return kernel, search(kernel, meter, seed, _tell_nobody, start=[])


def _tell_nobody(_: float) -> None: ...
