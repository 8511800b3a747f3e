"""Strings on whatever `Engine` there is: parts annealed side by side, cut anew every round.

One temperature falls over all rounds. A round cuts the routes into parts that lie together, each is
searched on its own for a while, and where they ended the next round goes on; the cheapest plan of
each round is kept beside. Parts are disjoint, their number depends on the size alone under an
iteration budget: the answer is then the same for any number of workers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from crossdock.model import Engine, InterruptedRunError, stream
from crossdock.plan.routing.budget import Meter
from crossdock.plan.routing.cut import cut
from crossdock.plan.routing.decompose import Decomposed
from crossdock.plan.routing.metric import Ints, PlanarMetric
from crossdock.plan.routing.near import mean_step
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences
from crossdock.plan.routing.strings.part import (
    STEPS_AN_ITERATION,
    Searched,
    StringPart,
    searched,
)

_HOT, _COLD = 1.2, 0.01
"""Temperatures in steps to the nearest stop times the root of the stops a route: the longer routes
are, the more a bad link may cost for a better one elsewhere."""
_ROUNDS, _ROUNDS_OF_THE_WHOLE = 20, 6
_LEAST_ROUND_S = 0.4
_APART_FROM = 600
"""Stops; fewer are searched as a whole, several times side by side."""
_SEARCHES_OF_THE_WHOLE = 2
_STOPS_A_PART = 3000
"""Under an iteration budget."""
_MOST_STOPS_OF_ALL_PAIRS = 3000
"""In a part whose metric must be asked for all pairs: the square of it is kept in memory."""
_NO_LIMIT = 1 << 60


def improve_by_strings(
    problem: Problem,
    routes: Sequences,
    meter: Meter,
    engine: Engine,
    seed: int = 0,
    *,
    workers: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> Decomposed:
    """Routes no dearer than ``routes``, of a problem that `is_plain`.

    Parameters
    ----------
    workers
        How many parts run at once. Under an iteration budget it changes nothing.
    on_progress
        Told the cost after each round that found something better.
    """
    plan = _Plan(problem, [np.array(nodes, dtype=np.int64) for _, nodes in routes])
    interrupted = False
    while (share := meter.spent()) < 1.0:
        turn = _Turn.of(plan, meter, share, workers)
        if turn is None:
            break
        random = stream(seed, "strings", str(plan.rounds))
        groups = plan.groups(turn, random)
        parts = [plan.part(group, turn, len(groups), random) for group in groups]
        until_s = None if turn.seconds is None else time.time() + turn.seconds * turn.relays
        try:
            found = engine.map(partial(searched, until_s=until_s), parts, label="routes")
        except (InterruptedRunError, KeyboardInterrupt):
            interrupted = True
            break
        better = plan.take_over(groups, found, apart=turn.apart)
        if better and on_progress is not None:
            on_progress(plan.best_cost)
        if turn.steps is not None:
            meter.iterations += turn.steps // STEPS_AN_ITERATION
    return Decomposed([(0, nodes.tolist()) for nodes in plan.best], interrupted=interrupted)


@dataclass(frozen=True)
class _Turn:
    """What one round may spend.

    Attributes
    ----------
    searches, apart
        How many there are, and whether each is of a part; else all are of the whole.
    relays
        Searches of a worker, one after the other.
    steps, seconds
        Of all parts together, or of the whole each time; of each search.
    share, share_after
        Of the whole budget, spent before and after it.
    """

    searches: int
    apart: bool
    relays: int
    steps: int | None
    seconds: float | None
    share: float
    share_after: float

    @classmethod
    def of(cls, plan: _Plan, meter: Meter, share: float, workers: int) -> _Turn | None:
        left_s, left = meter.left_s(), meter.left_iterations()
        apart = plan.stops >= _APART_FROM
        turns = max((_ROUNDS if apart else _ROUNDS_OF_THE_WHOLE) - plan.rounds, 1)
        if left_s is None:
            assert left is not None
            each = math.ceil(left / turns)
            after = share + (1.0 - share) * each / left
            searches = plan.parts() if apart else _SEARCHES_OF_THE_WHOLE
            return cls(searches, apart, 1, each * STEPS_AN_ITERATION, None, share, after)
        if left_s < _LEAST_ROUND_S / 4:
            return None
        relays = -(-plan.least_parts() // workers)
        round_s = min(max(left_s / turns, _LEAST_ROUND_S), left_s)
        after = share + (1.0 - share) * round_s / left_s
        return cls(relays * workers, apart, relays, None, round_s / relays, share, after)


class _Plan:
    """Where the search is, and the cheapest plan of any round."""

    def __init__(self, problem: Problem, routes: list[Ints]) -> None:
        self._problem = problem
        self._kind = problem.vehicles[0]
        self._depot = problem.depots[problem.depot_index[self._kind.start_depot or ""]].place
        self._demand, self._capacity = _loads(problem)
        self._points = problem.metric.points()
        self.now: list[Ints] = routes
        self.best: list[Ints] = routes
        self.best_cost = self._cost(routes)
        self._step = mean_step(problem.metric, problem.nodes.place)
        self.rounds = 0

    @property
    def stops(self) -> int:
        """How many there are."""
        return len(self._demand)

    def least_parts(self) -> int:
        """Parts that memory asks for."""
        if isinstance(self._problem.metric, PlanarMetric):
            return 1
        return -(-self.stops // _MOST_STOPS_OF_ALL_PAIRS)

    def parts(self) -> int:
        """Parts that give several workers something to do, whatever their number."""
        return max(self.least_parts(), 2, self.stops // _STOPS_A_PART)

    def groups(self, turn: _Turn, random: np.random.Generator) -> list[Ints]:
        """The routes of each search."""
        if not turn.apart:
            return [np.arange(len(self.now))] * turn.searches
        rows = self._problem.nodes
        centres = np.array([self._points[rows.place[own]].mean(axis=0) for own in self.now])
        sizes = np.array([len(own) for own in self.now])
        return cut(centres, sizes, turn.searches, random)

    def part(
        self, group: Ints, turn: _Turn, groups: int, random: np.random.Generator
    ) -> StringPart:
        """The routes of ``group`` as a part."""
        stops = self._stops(group)
        number = np.zeros(len(self._demand), dtype=np.int64)
        number[stops] = np.arange(len(stops))
        places = np.append(self._problem.nodes.place[stops], self._depot)
        share = len(stops) / len(self._demand)
        return StringPart(
            metric=self._problem.metric.part(places),
            demand=self._demand[stops],
            routes=[number[self.now[route]] for route in group.tolist()],
            capacity=self._capacity,
            spare=self._spare(groups if turn.apart else 1, len(stops)),
            fixed_length=self._kind.fixed_cost / self._kind.distance_cost,
            hot=self._warmth(turn.share),
            cold=self._warmth(turn.share_after),
            seed=int(random.integers(1 << 62)),
            steps=None if turn.steps is None else max(1, round(turn.steps * share)),
            seconds=turn.seconds,
        )

    def take_over(self, groups: Sequence[Ints], found: Sequence[Searched], *, apart: bool) -> bool:
        """Go on from where the search ended; whether there is a cheaper plan than before.

        Parameters
        ----------
        apart
            Whether the groups make up one plan together; else each is one of its own.
        """
        answers = list(zip([self._stops(group) for group in groups], found, strict=True))
        plans = [answers] if apart else [[answer] for answer in answers]
        nows = [_joined([(names, part.now) for names, part in plan]) for plan in plans]
        bests = [_joined([(names, part.best) for names, part in plan]) for plan in plans]
        self.now = min(nows, key=self._cost)
        self.rounds += 1
        best = min(bests, key=self._cost)
        cost = self._cost(best)
        if cost >= self.best_cost:
            return False
        self.best, self.best_cost = best, cost
        return True

    def _stops(self, group: Ints) -> Ints:
        routes: list[int] = group.tolist()
        return np.concatenate([self.now[route] for route in routes])

    def _spare(self, parts: int, stops: int) -> int:
        if self._kind.count is None:
            return stops
        return (self._kind.count - len(self.now)) // parts

    def _warmth(self, share: float) -> float:
        base = self._step * math.sqrt(len(self._demand) / max(len(self.now), 1))
        return max(base * _HOT * (_COLD / _HOT) ** share, 1e-9)

    def _cost(self, routes: Sequence[Ints]) -> float:
        start, end = _legs(routes, self._problem.nodes.place, self._depot)
        length = float(self._problem.metric.lengths(start, end).sum())
        return length * self._kind.distance_cost + self._kind.fixed_cost * len(routes)


def _joined(answers: Sequence[tuple[Ints, Sequence[Ints]]]) -> list[Ints]:
    """Routes of several parts by the numbers of the whole."""
    return [names[nodes] for names, routes in answers for nodes in routes]


def _legs(routes: Sequence[Ints], place: Ints, depot: int) -> tuple[Ints, Ints]:
    """Start and end of every leg."""
    home = np.array([depot], dtype=np.int64)
    there = [np.concatenate([home, place[nodes], home]) for nodes in routes]
    none = [np.zeros(0, dtype=np.int64)]
    return (
        np.concatenate(none + [legs[:-1] for legs in there]),
        np.concatenate(none + [legs[1:] for legs in there]),
    )


def _loads(problem: Problem) -> tuple[Ints, Ints]:
    """Demand by dimension that is limited, stops being one of them, and the limits."""
    kind, demand = problem.vehicles[0], problem.nodes.delivery
    limits = [_NO_LIMIT if limit is None else limit for limit in kind.capacity]
    if kind.max_stops is not None:
        demand = np.column_stack([demand, np.ones(len(demand), dtype=np.int64)])
        limits.append(kind.max_stops)
    return np.ascontiguousarray(demand), np.array(limits, dtype=np.int64)
