"""Large problems in parts: groups of near routes, improved side by side, round after round.

Every round all routes are grouped anew (`clusters`), each group is a small problem of its own with
the vehicles of its routes, and the kernel improves it from where it stands. A group's routes are
taken over only where they are cheaper, so the plan never becomes dearer. The groups of a round are
disjoint: their order and the number of workers change nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from crossdock.model import Engine, InterruptedRunError, stream
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.clusters import ClusterChoice
from crossdock.plan.routing.improve import improved
from crossdock.plan.routing.parted_plan import PartedPlan
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences

_ROUNDS = 6
"""Rounds that a time budget is cut into: more mix better, fewer search deeper."""
_ROUTES_A_PART = 6
"""Long routes need larger parts, or too few of them meet."""
_LEAST_S = 0.5
_ITERATIONS_A_PART = 400


@dataclass(frozen=True)
class Decomposed:
    """Where the rounds ended."""

    routes: Sequences
    interrupted: bool


def improve_in_parts(
    problem: Problem,
    routes: Sequences,
    meter: Meter,
    engine: Engine,
    seed: int = 0,
    *,
    workers: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> Decomposed:
    """Routes no dearer than ``routes``, which must keep every limit.

    Parameters
    ----------
    workers
        How many parts run at once: what is left of a time budget is shared among the parts of a
        round so that it ends in time. Under an iteration budget it changes nothing.
    on_progress
        Told the cost after each round.
    """
    plan = PartedPlan(problem, routes)
    choice, number = ClusterChoice(), 0
    while meter.spent() < 1.0 and plan.routes:
        random = stream(seed, "parts", number)
        pair, before = choice.draw(random), plan.cost
        kind, target = pair[0], max(pair[1], int(_ROUTES_A_PART * plan.stops_a_route))
        groups = _affordable(plan.groups(kind, target, random), meter, workers)
        budget = _budget_a_part(meter, len(groups), workers, _ROUNDS - number)
        if budget is None:
            break
        parts = plan.parts(groups, random)
        try:
            answers = engine.map(
                partial(improved, budget=budget, until_s=_ends_s(budget, len(groups), workers)),
                [part for part, _ in parts],
                label="routes",
            )
        except (InterruptedRunError, KeyboardInterrupt):
            return Decomposed(plan.routes, interrupted=True)
        for group, (_, numbering), found in zip(groups, parts, answers, strict=True):
            plan.take_over(group, numbering, numbering.back(found))
        plan.tidy()
        choice.learn(pair, before - plan.cost)
        if budget.iterations is not None:
            meter.iterations += budget.iterations * len(groups)
        if on_progress is not None:
            on_progress(plan.cost)
        number += 1
    return Decomposed(plan.routes, interrupted=False)


def _affordable(groups: list[list[int]], meter: Meter, workers: int) -> list[list[int]]:
    """As many groups as the time that is left gives a useful while."""
    left_s = meter.left_s()
    if left_s is None:
        return groups
    return groups[: workers * max(1, int(left_s / _LEAST_S))]


def _budget_a_part(meter: Meter, parts: int, workers: int, rounds_left: int) -> Budget | None:
    left_s, left = meter.left_s(), meter.left_iterations()
    if left_s is None:
        assert left is not None
        each = min(_ITERATIONS_A_PART, left // parts)
        return Budget(iterations=each) if each else None
    turns = -(-parts // workers)
    each_s = max(left_s / max(rounds_left, 1) / turns, min(_LEAST_S, left_s / turns))
    return Budget(seconds=each_s) if each_s >= _LEAST_S / 5 else None


def _ends_s(budget: Budget, parts: int, workers: int) -> float | None:
    """When the round ends by the clock."""
    return None if budget.seconds is None else time.time() + budget.seconds * -(-parts // workers)
