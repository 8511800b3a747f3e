"""Rich problems: what the kernel cannot say goes to a search of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crossdock.plan.routing.budget import Meter
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences

if TYPE_CHECKING:
    from crossdock.plan.routing.ruin import FoundRich

_TIMED_S, _HOURS_S, _EXPLAINED_S = 0.0001, 0.0004, 0.001
"""A stop, one of a vehicle with hours, an optional stop: what judging the plan takes."""


def search_rich(
    problem: Problem,
    meter: Meter,
    seed: int,
    on_progress: Callable[[float], None],
    start: Sequences = (),
    *,
    pooled: bool = False,
) -> FoundRich:
    """The best routes found within the budget of ``meter``.

    Raises
    ------
    InvalidValueError
        The problem is too large for one search, or contradicts itself.
    """
    from crossdock.plan.routing.ruin import searched  # noqa: PLC0415 compiled: slow to import

    return searched(problem, meter, seed, on_progress, start, pooled=pooled)


def judging_s(problem: Problem) -> float:
    """About how long timing the plan and explaining what it leaves out takes."""
    rows = problem.nodes
    a_stop = _HOURS_S if any(kind.hos_rules for kind in problem.vehicles) else _TIMED_S
    return a_stop * len(rows) + _EXPLAINED_S * int((~rows.required).sum())
