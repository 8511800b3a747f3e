"""First routes for any number of stops, without a matrix: savings between near neighbours.

Clarke and Wright (1964), "Scheduling of vehicles from a central depot to a number of delivery
points", Operations Research 12(4). Time and memory grow with the stops, not with their square.
Where stops have windows, routes are only joined end to start, and in time by the segments of Vidal,
Crainic, Gendreau and Prins (2013), "A hybrid genetic algorithm with adaptive diversity management
for a large class of vehicle routing problems with time-windows", Computers & Operations Research
40(1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.near import near_pairs
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible
from crossdock.plan.routing.solution import Sequences
from crossdock.plan.routing.vehicles import VehicleType

_NEIGHBOURS = 30
_ALL_PAIRS_UP_TO = 1000


def first_routes(problem: Problem) -> Sequences:
    """Routes of one depot each, cheapest vehicles first, within the number of each.

    Raises
    ------
    InvalidValueError
        The problem has more than deliveries from and back to depots.
    """
    _refuse_others(problem)
    left = np.arange(len(problem.jobs), dtype=np.int64)
    sequences: list[tuple[int, list[int]]] = []
    for vehicle in _cheapest_first(problem):
        kind = problem.vehicles[vehicle]
        merged = _merged(problem, kind, _servable(problem, kind, left))
        merged.sort(key=lambda route: (-len(route), route[0]))
        kept = merged if kind.count is None else merged[: kind.count]
        sequences += [(vehicle, route) for route in kept]
        taken = np.zeros(len(problem.jobs), dtype=np.bool_)
        taken[[job for route in kept for job in route]] = True
        left = left[~taken[left]]
    return sequences


def _refuse_others(problem: Problem) -> None:
    faults = [
        ("shipments", bool(problem.shipments)),
        ("pickups", bool(problem.nodes.pickup.any())),
        ("groups", any(job.group is not None for job in problem.jobs)),
        ("jobs of several windows", bool(problem.nodes.several_windows.any())),
        (
            "routes that start or end elsewhere than at a depot",
            any(None in (kind.start_depot, kind.end_depot) for kind in problem.vehicles),
        ),
    ]
    for what, there in faults:
        if there:
            raise InvalidValueError(
                f"savings do not know {what}", remedy="have the whole searched, or its districts"
            )


def _cheapest_first(problem: Problem) -> list[int]:
    """Vehicle types by the cost of a stop of a full typical route."""
    rows, points = problem.nodes, problem.metric.points()
    demand = np.maximum(rows.delivery.mean(axis=0), 1e-9)
    spread = np.abs(points - points.mean(axis=0)).mean() if len(points) else 0.0

    def cost_a_stop(kind: VehicleType) -> float:
        limits = [
            limit / each
            for limit, each in zip(kind.capacity, demand.tolist(), strict=True)
            if limit is not None
        ]
        stops = max(min([*limits, float(len(rows))]), 1.0)
        return (kind.fixed_cost + kind.distance_cost * 4 * float(spread)) / stops

    costs = [cost_a_stop(kind) for kind in problem.vehicles]
    return sorted(range(len(costs)), key=lambda index: (costs[index], index))


def _servable(problem: Problem, kind: VehicleType, chosen: Ints) -> Ints:
    """Jobs of ``chosen`` that a vehicle of ``kind`` can serve alone."""
    ends = _Ends.of(problem, kind, chosen)
    rows = problem.nodes
    begins = np.maximum(rows.opens[chosen], np.maximum(kind.shift_starts, ends.release) + ends.out)
    done = begins + rows.service[chosen] + ends.back
    fits = (
        (begins <= rows.closes[chosen])
        & (done <= kind.shift_ends)
        & (ends.out + rows.service[chosen] + ends.back <= kind.max_duration)
        & (ends.out_length + ends.back_length <= kind.max_distance)
    )
    for at, limit in enumerate(kind.capacity):
        if limit is not None:
            fits &= rows.delivery[chosen, at] <= limit
    may = [not incompatible(problem.jobs[job], kind) for job in map(int, chosen)]
    return chosen[fits & np.array(may, dtype=np.bool_)]


class _Ends:
    """The ways out to jobs and back, with loading and parking."""

    def __init__(self, out: Floats, back: Floats, out_length: Floats, back_length: Floats) -> None:
        self.out, self.back = out, back
        self.out_length, self.back_length = out_length, back_length
        self.release = np.zeros_like(out)

    @classmethod
    def of(cls, problem: Problem, kind: VehicleType, chosen: Ints) -> _Ends:
        rows, index, metric = problem.nodes, problem.depot_index, problem.metric
        assert kind.start_depot is not None  # as `_refuse_others` has seen
        assert kind.end_depot is not None
        depot = problem.depots[index[kind.start_depot]]
        place = rows.place[chosen]
        start = np.full(len(chosen), depot.place)
        end = np.full(len(chosen), problem.depots[index[kind.end_depot]].place)
        found = cls(
            metric.times(start, place) + rows.parking[chosen] + depot.loading,
            metric.times(place, end),
            metric.lengths(start, place),
            metric.lengths(place, end),
        )
        found.release = np.maximum(rows.release[chosen], depot.opens)
        return found


def _merged(problem: Problem, kind: VehicleType, chosen: Ints) -> list[list[int]]:
    """Routes of ``chosen``, joined along near pairs and then along any ends left."""
    count = len(chosen)
    if not count:
        return []
    rows = problem.nodes
    ends = _Ends.of(problem, kind, chosen)
    joiner = _Joiner(problem, kind, chosen, ends, either_way=_either_way(problem, chosen))
    _join(joiner, *near_pairs(problem.metric, rows.place[chosen], _NEIGHBOURS))
    loose = joiner.loose()
    if len(loose) <= _ALL_PAIRS_UP_TO:
        one, other = np.triu_indices(len(loose), 1)
        _join(joiner, loose[one], loose[other])
    return [[int(chosen[stop]) for stop in route] for route in joiner.routes()]


def _join(joiner: _Joiner, start: Ints, end: Ints) -> None:
    """Join routes along pairs, the largest saving first."""
    if not joiner.either_way:
        start, end = np.concatenate([start, end]), np.concatenate([end, start])
    possible = joiner.may_join(start, end)
    start, end = start[possible], end[possible]
    problem, kind, ends = joiner.problem, joiner.kind, joiner.ends
    place = problem.nodes.place[joiner.chosen]
    lengths = problem.metric.lengths(place[start], place[end])
    times = problem.metric.times(place[start], place[end])
    parking = problem.nodes.parking[joiner.chosen]
    times = times + np.where(place[start] == place[end], 0.0, parking[end])
    saved = ends.back_length[start] + ends.out_length[end] - lengths
    useful = np.flatnonzero(saved * kind.distance_cost + kind.fixed_cost > 0)
    order = useful[np.lexsort((end[useful], start[useful], -saved[useful]))]
    joiner.join(start[order], end[order], lengths[order], times[order])


def _either_way(problem: Problem, chosen: Ints) -> bool:
    """Whether a route costs and lasts the same backwards, so that joins may turn one round."""
    rows = problem.nodes
    timeless = not rows.opens[chosen].any() and bool(np.isinf(rows.closes[chosen]).all())
    some = rows.place[chosen[:200]]
    other = some[::-1].copy()
    there, back = problem.metric.lengths(some, other), problem.metric.lengths(other, some)
    return timeless and not rows.parking[chosen].any() and bool((there == back).all())


class _Joiner:
    """Routes that are joined end to end, every limit kept.

    Plain lists, not a compiled kernel: nearly all pairs are refused at the first look, and loading
    compiled code takes longer than joining ten thousand stops.
    """

    def __init__(
        self, problem: Problem, kind: VehicleType, chosen: Ints, ends: _Ends, *, either_way: bool
    ) -> None:
        self.problem, self.kind, self.chosen, self.ends = problem, kind, chosen, ends
        self.either_way = either_way
        rows, count = problem.nodes, len(chosen)
        self._after, self._before, self._route = [-1] * count, [-1] * count, list(range(count))
        self._first, self._last = list(range(count)), list(range(count))
        self._loads: list[tuple[list[int], float]] = [
            (rows.delivery[chosen, at].tolist(), limit)
            for at, limit in enumerate(kind.capacity)
            if limit is not None
        ]
        if kind.max_stops is not None:
            self._loads.append(([1] * count, kind.max_stops))
        # By route: duration, earliest and latest begin at its first stop, length, release.
        self._duration: list[float] = rows.service[chosen].tolist()
        self._earliest: list[float] = rows.opens[chosen].tolist()
        self._latest: list[float] = rows.closes[chosen].tolist()
        self._length = [0.0] * count
        self._release: list[float] = np.maximum(ends.release, kind.shift_starts).tolist()
        self._out: list[float] = ends.out.tolist()
        self._back: list[float] = ends.back.tolist()
        self._out_length: list[float] = ends.out_length.tolist()
        self._back_length: list[float] = ends.back_length.tolist()

    def loose(self) -> Ints:
        """Stops at the ends of routes."""
        return np.flatnonzero((np.array(self._after) < 0) | (np.array(self._before) < 0))

    def may_join(self, start: Ints, end: Ints) -> NDArray[np.bool_]:
        """Pairs of two routes that are light enough as they are now: routes only grow."""
        root = np.array([self._root(stop) for stop in range(len(self._route))], dtype=np.int64)
        r, s = root[start], root[end]
        fit = r != s
        for load, limit in self._loads:
            column = np.array(load)
            fit &= column[r] + column[s] <= limit
        return fit

    def routes(self) -> list[list[int]]:
        """Positions in ``chosen``, by route."""
        found: list[list[int]] = []
        for head, earlier in enumerate(self._before):
            if earlier < 0:
                stop, route = head, list[int]()
                while stop != -1:
                    route.append(stop)
                    stop = self._after[stop]
                found.append(route)
        return found

    def join(self, start: Ints, end: Ints, lengths: Floats, times: Floats) -> None:
        """Join routes along pairs, in their order, where every limit allows."""
        after, before, either_way = self._after, self._before, self.either_way
        columns = (start.tolist(), end.tolist(), lengths.tolist(), times.tolist())
        for i, j, length, time in zip(*columns, strict=True):
            if after[i] >= 0 and not (either_way and before[i] < 0):
                continue
            if before[j] >= 0 and not (either_way and after[j] < 0):
                continue
            r, s = self._root(i), self._root(j)
            if r == s:
                continue
            for load, limit in self._loads:
                if load[r] + load[s] > limit:
                    break
            else:
                self._join_ends(r, s, i, j, length, time)

    def _join_ends(self, r: int, s: int, i: int, j: int, length: float, time: float) -> None:
        turn_r, turn_s = self._last[r] != i, self._first[s] != j
        head = self._last[r] if turn_r else self._first[r]
        tail = self._first[s] if turn_s else self._last[s]
        kind = self.kind
        length += self._length[r] + self._length[s]
        if self._out_length[head] + length + self._back_length[tail] > kind.max_distance:
            return
        delta = self._duration[r] + time
        if self._earliest[r] + delta > self._latest[s]:
            return
        wait = max(self._earliest[s] - delta - self._latest[r], 0.0)
        duration = delta + self._duration[s] + wait
        earliest = max(self._earliest[s] - delta, self._earliest[r]) - wait
        latest = min(self._latest[s] - delta, self._latest[r])
        release = max(self._release[r], self._release[s])
        begins = max(earliest, release + self._out[head])
        if begins > latest or begins + duration + self._back[tail] > kind.shift_ends:
            return
        if self._out[head] + duration + self._back[tail] > kind.max_duration:
            return
        if turn_r:
            self._turn(r)
        if turn_s:
            self._turn(s)
        self._after[i], self._before[j] = j, i
        self._last[r], self._route[s] = self._last[s], r
        self._duration[r], self._earliest[r], self._latest[r] = duration, earliest, latest
        self._length[r], self._release[r] = length, release
        for load, _ in self._loads:
            load[r] += load[s]

    def _root(self, stop: int) -> int:
        """Root of the union-find tree, with path halving."""
        route = self._route
        while route[stop] != stop:
            route[stop] = route[route[stop]]
            stop = route[stop]
        return stop

    def _turn(self, route: int) -> None:
        """Have a route run the other way."""
        after, before, stop = self._after, self._before, self._first[route]
        self._first[route], self._last[route] = self._last[route], stop
        while stop != -1:
            following = after[stop]
            after[stop], before[stop] = before[stop], following
            stop = following
