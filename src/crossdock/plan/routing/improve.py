"""From routes to better routes: the kernel on a problem that is small enough for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.kernel import Kernel
from crossdock.plan.routing.kernel_rules import is_rich
from crossdock.plan.routing.pace import THOROUGH, Pace
from crossdock.plan.routing.parts import Part
from crossdock.plan.routing.pool import PooledRoute
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.search import search
from crossdock.plan.routing.solution import Sequences


def improve(
    part: Problem,
    routes: Sequences,
    budget: Budget,
    seed: int = 0,
    on_progress: Callable[[float], None] | None = None,
    pace: Pace = THOROUGH,
) -> Sequences:
    """Routes of ``part`` that are no dearer than ``routes``; these if none better was found.

    Plain data in and out, so that it may run in another process. Where ``routes`` leave out what
    is required, so may the answer, if not all of it fits. Without any routes the search begins
    anywhere.

    Raises
    ------
    KeyboardInterrupt
        The user stopped it.
    """
    meter = Meter(budget)
    if is_rich(part):
        return _improved_rich(part, routes, meter, seed, on_progress or _tell_nobody)
    tell = on_progress or _tell_nobody
    return _improved_by_kernel(part, routes, meter, seed, tell, pace=pace).routes


@dataclass(frozen=True)
class Lane:
    """Where a search of the whole ended, and routes that it saw on its way."""

    routes: Sequences
    seen: Sequence[PooledRoute] = ()


def _improved_by_kernel(
    part: Problem,
    routes: Sequences,
    meter: Meter,
    seed: int,
    on_progress: Callable[[float], None],
    *,
    pooled: bool = False,
    pace: Pace = THOROUGH,
) -> Lane:
    served = {node for _, nodes in routes for node in nodes}
    stops = range(len(part.jobs) + len(part.shipments))
    short = bool(routes) and any(part.nodes.required[node] and node not in served for node in stops)
    kernel = Kernel.of(part, all_optional=short)
    found = search(kernel, meter, seed, on_progress, start=routes or None, pooled=pooled, pace=pace)
    if found.interrupted:
        raise KeyboardInterrupt
    best = routes if found.best is None else kernel.sequences(found.best)
    return Lane(best, found.seen.routes())


def _improved_rich(
    part: Problem, routes: Sequences, meter: Meter, seed: int, on_progress: Callable[[float], None]
) -> Sequences:
    from crossdock.plan.routing.ruin import searched  # noqa: PLC0415 compiled: slow to import

    found, interrupted = searched(part, meter, seed, on_progress, routes)
    if interrupted:
        raise KeyboardInterrupt
    return found


def improved(part: Part, budget: Budget, until_s: float | None = None) -> Sequences:
    """Better routes of a part, for an engine.

    Parameters
    ----------
    until_s
        Of the clock (`time.time`): a worker that begins late ends no later.
    """
    left = _until(budget, until_s)
    if left.seconds == 0:
        return part.routes
    return [(kind, list(nodes)) for kind, nodes in improve(
        part.problem, part.routes, left, part.seed, pace=part.pace
    )]  # fmt: skip


def searched_lane(part: Part, budget: Budget, until_s: float | None = None) -> Lane:
    """The same of a whole that the kernel can keep, with the routes seen on the way."""
    left = _until(budget, until_s)
    if left.seconds == 0:
        return Lane(part.routes)
    return _improved_by_kernel(
        part.problem, part.routes, Meter(left), part.seed, _tell_nobody, pooled=True
    )


def _until(budget: Budget, until_s: float | None) -> Budget:
    if until_s is None or budget.seconds is None:
        return budget
    return replace(budget, seconds=max(0.0, min(budget.seconds, until_s - time.time())))


def _tell_nobody(_: float) -> None: ...
