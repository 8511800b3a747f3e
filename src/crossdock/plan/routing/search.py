"""The kernel's iterated local search, with its best solution at hand at every moment."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyvrp import (
    CostEvaluator,
    IteratedLocalSearch,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    RandomNumberGenerator,
    Solution,
)
from pyvrp.exceptions import PenaltyBoundWarning, ScalingWarning
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from crossdock.plan.routing.budget import Meter
from crossdock.plan.routing.kernel import Kernel
from crossdock.plan.routing.pace import THOROUGH, Pace
from crossdock.plan.routing.pool import RoutePool
from crossdock.plan.routing.solution import Sequences

_POOLED_EVERY = 20
"""Iterations from one solution whose routes are kept to the next: more would slow the search."""
_MOST_PENALTY = PenaltyParams().max_penalty
_OUTWEIGHS = 600
"""How many median legs the mean load of a stop is worth, at most: as for the set X in PyVRP."""
_NO_OVERFLOW = 1e9


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    best
        The best feasible solution; None if there was none.
    interrupted
        Whether the user stopped it.
    seen
        Routes of solutions on the way, where they are asked for.
    """

    best: Solution | None
    interrupted: bool
    seen: RoutePool


def search(
    kernel: Kernel,
    meter: Meter,
    seed: int,
    on_best: Callable[[float], None],
    *,
    start: Sequences | None = None,
    give_up_at: float = 1.0,
    until: float = 1.0,
    pooled: bool = False,
    pace: Pace = THOROUGH,
) -> Found:
    """Search until the budget of ``meter`` is spent, or the user interrupts.

    Parameters
    ----------
    on_best
        Called with the cost of every feasible solution that is better than all before.
    start
        Routes to begin with; they need be neither feasible nor complete.
    give_up_at
        Share of the budget after which a search that found nothing feasible ends.
    until
        Share after which any search ends.
    pooled
        Whether routes on the way are kept.
    pace
        How wide one iteration looks.
    """
    watch = _Watch(kernel, meter, on_best, give_up_at, until)
    watch.pooled = pooled
    interrupted = False
    with warnings.catch_warnings():
        # Said where penalties grow on a problem without solution, which `Found.best` says better.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        warnings.simplefilter("ignore", ScalingWarning)
        try:
            _run(kernel, watch, seed, start, pace)
        except KeyboardInterrupt:
            interrupted = True
    return Found(watch.best, interrupted, watch.seen)


def _run(kernel: Kernel, watch: _Watch, seed: int, start: Sequences | None, pace: Pace) -> None:
    data = kernel.data
    generator = RandomNumberGenerator(seed=seed % 2**32)
    neighbours = compute_neighbours(data, NeighbourhoodParams(num_neighbours=pace.neighbours))
    perturbation = PerturbationParams(max_perturbations=pace.perturbations)
    local = LocalSearch(data, generator, neighbours, PerturbationManager(perturbation))
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    penalties = _penalties(kernel)
    if start is None:
        first = local(
            Solution.make_random(data, generator), penalties.max_cost_evaluator(), exhaustive=True
        )
    else:
        first = kernel.solution(start)
        if not first.is_complete():
            # PyVRP takes what is left out for a saving: it would go back to this one forever.
            first = local(first, penalties.max_cost_evaluator(), exhaustive=True)
    watch.see(first)
    search = IteratedLocalSearch(
        data,
        penalties,
        local,
        first,
        IteratedLocalSearchParams(history_length=pace.history, callbacks=watch),
    )
    search.run(watch.stop, collect_stats=False)


def _penalties(kernel: Kernel) -> PenaltyManager:
    """Penalties that outweigh what a violation saves.

    PyVRP's own bounds suit distances of hundreds. Where a leg costs millions of units, as in
    thousandths of a mile at 41 a mile, a load too many would be cheaper than any vehicle.
    """
    data, rows = kernel.data, kernel.problem.nodes
    dearest = max((kind.unit_distance_cost for kind in data.vehicle_types()), default=1)
    arcs = np.asarray(data.distance_matrix(0), dtype=np.int64)
    leg = float(np.median(arcs[arcs < kernel.forbidden] if kernel.forbidden else arcs)) * dearest
    amounts = np.maximum(rows.delivery, rows.pickup) + np.abs(rows.carried)
    mean_load = float(amounts.mean(axis=0).min()) if len(rows) else 1.0
    worth = leg / max(mean_load, 1.0)
    most = min(max(_MOST_PENALTY, _OUTWEIGHS * worth), _NO_OVERFLOW)
    usual = (PenaltyParams().min_penalty + _MOST_PENALTY) / 2
    by_load = [max(usual, most / 2)] * data.num_load_dimensions
    return PenaltyManager((by_load, usual, usual), PenaltyParams(max_penalty=most))


class _Watch(IteratedLocalSearchCallbacks):
    """Keeps the best solution where an interruption cannot lose it."""

    def __init__(
        self,
        kernel: Kernel,
        meter: Meter,
        on_best: Callable[[float], None],
        give_up_at: float,
        until: float,
    ) -> None:
        self._kernel, self._meter = kernel, meter
        self._on_best, self._give_up_at, self._until = on_best, give_up_at, until
        self._least = float("inf")
        self.best: Solution | None = None
        self.pooled, self.seen = False, RoutePool()

    def see(self, solution: Solution) -> None:
        """Keep ``solution`` if it is feasible and the best so far."""
        if not solution.is_feasible():
            return
        cost = self._kernel.cost(solution)
        if cost < self._least:
            self._least, self.best = cost, solution
            if self.pooled:
                self.seen.add(self._kernel.pooled(solution))
            self._on_best(cost)

    def on_best(self, best: Solution) -> None:
        """Called by the search at every improvement."""
        self.see(best)

    def on_iteration(
        self,
        current: Solution,
        candidate: Solution,
        best: Solution,
        cost_evaluator: CostEvaluator,
    ) -> None:
        """Called by the search after every iteration."""
        self._meter.iterations += 1
        if self.pooled and self._meter.iterations % _POOLED_EVERY == 0:
            self.seen.add(self._kernel.pooled(candidate))

    def stop(self, best_cost: int) -> bool:
        """Whether to end: PyVRP's stopping criterion."""
        spent = self._meter.spent()
        return spent >= (self._until if self.best is not None else self._give_up_at)
