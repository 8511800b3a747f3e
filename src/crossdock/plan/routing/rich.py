"""Rich problems: what the kernel cannot say goes to our own search, from start to end."""

from __future__ import annotations

from collections.abc import Callable

from crossdock.plan.routing.accept import accepted
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences, Solution

_TIMED_S, _HOURS_S, _EXPLAINED_S = 0.0001, 0.0004, 0.001
"""A stop, one of a vehicle with hours, an optional stop: what judging the plan takes."""


def solve_rich(
    problem: Problem,
    budget: Budget,
    seed: int,
    on_progress: Callable[[float], None],
    start: Sequences = (),
) -> Solution:
    """The best plan of a rich problem found within ``budget``.

    Raises
    ------
    InvalidValueError
        The problem is too large for our own search, or contradicts itself.
    """
    meter = Meter(budget, judging_s(problem))
    routes, interrupted = _search(problem, meter, seed, on_progress, start)
    return accepted(problem, routes, meter.iterations, interrupted=interrupted)


def judging_s(problem: Problem) -> float:
    """About how long timing the plan and explaining what it leaves out takes."""
    rows = problem.nodes
    a_stop = _HOURS_S if any(kind.hos_rules for kind in problem.vehicles) else _TIMED_S
    return a_stop * len(rows) + _EXPLAINED_S * int((~rows.required).sum())


def _search(
    problem: Problem,
    meter: Meter,
    seed: int,
    on_progress: Callable[[float], None],
    start: Sequences,
) -> tuple[Sequences, bool]:
    from crossdock.plan.routing.ruin import searched  # noqa: PLC0415 compiled: slow to import

    return searched(problem, meter, seed, on_progress, start)
