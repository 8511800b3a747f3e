"""First routes for any number of stops, without a matrix: savings between near neighbours.

Clarke and Wright (1964), "Scheduling of vehicles from a central depot to a number of delivery
points", Operations Research 12(4). Time and memory grow with the stops, not with their square.
Time is kept by the segments of Vidal, Crainic, Gendreau and Prins (2013), "A hybrid genetic
algorithm with adaptive diversity management for a large class of vehicle routing problems with
time-windows", Computers & Operations Research 40(1): of each route forwards and backwards, so that
joins may turn it round as long as one of the two keeps all windows.
"""

from __future__ import annotations

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.near import near_pairs
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible
from crossdock.plan.routing.solution import Sequences
from crossdock.plan.routing.vehicles import VehicleType

_NEIGHBOURS = 60
_ALL_PAIRS_UP_TO = 1000
_HUGE = 1e15

# Columns of the state of a route: two segments, forwards and backwards, and what both share.
# A segment is duration, earliest and latest begin at its first stop, and whether it is in time.
_IN_TIME, _SEGMENT = 3, 4
_LENGTH, _RELEASE, _STOPS = 8, 9, 10


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
                f"{what} cannot be planned with {len(problem.nodes):,} stops yet",
                remedy="plan parts of up to 1,500 stops",
            )


def _cheapest_first(problem: Problem) -> list[int]:
    """Vehicle types by the cost of a stop of a full typical route."""
    rows, points = problem.nodes, problem.metric.points()
    demand = np.maximum(rows.delivery.mean(axis=0), 1e-9)
    spread = np.abs(points - points.mean(axis=0)).mean() if len(points) else 0.0
    service = float((rows.service + rows.parking).mean()) if len(rows) else 0.0
    every = np.arange(len(rows), dtype=np.int64)

    def cost_a_stop(kind: VehicleType) -> float:
        limits = [
            limit / each
            for limit, each in zip(kind.capacity, demand.tolist(), strict=True)
            if limit is not None
        ]
        ends = _Ends.of(problem, kind, every)
        stem = float((ends.out + ends.back - rows.parking).mean()) if len(rows) else 0.0
        lasts = min(kind.max_duration, kind.shift_ends - kind.shift_starts)
        if service > 0 and lasts < ANY_TIME:
            limits.append((lasts - stem) / service)
        stops = max(min([*limits, float(len(rows))]), 1.0)
        route = kind.fixed_cost + kind.distance_cost * 4 * float(spread)
        return (route + kind.duration_cost * stem) / stops + kind.duration_cost * service

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
    limits = [_HUGE if limit is None else float(limit) for limit in kind.capacity]
    bounds = np.array(
        [
            min(kind.shift_ends, _HUGE),
            min(kind.max_duration, _HUGE),
            min(kind.max_distance, _HUGE),
            max(kind.shift_starts, 0.0),
            float(len(rows) if kind.max_stops is None else kind.max_stops),
        ]
    )
    segment = [rows.service[chosen], rows.opens[chosen], np.minimum(rows.closes[chosen], _HUGE)]
    one = np.ones(count)
    state = np.column_stack([*segment, one, *segment, one, np.zeros(count), ends.release, one])
    load = rows.delivery[chosen].astype(np.float64)
    after = np.full(count, -1, dtype=np.int64)
    before = np.full(count, -1, dtype=np.int64)
    route = np.arange(count, dtype=np.int64)
    first, last = np.arange(count, dtype=np.int64), np.arange(count, dtype=np.int64)
    either_way = _either_way(problem, chosen)

    def merge(start: Ints, end: Ints) -> None:
        if not either_way:
            start, end = np.concatenate([start, end]), np.concatenate([end, start])
        place = rows.place[chosen]
        lot, parking, times_of = problem.lots[place], rows.parking[chosen], problem.metric.times
        lengths = problem.metric.lengths(place[start], place[end])
        apart = lot[start] != lot[end]
        times = times_of(place[start], place[end]) + np.where(apart, parking[end], 0.0)
        backwards = times_of(place[end], place[start]) + np.where(apart, parking[start], 0.0)
        shorter = ends.back_length[start] + ends.out_length[end] - lengths
        sooner = ends.back[start] + ends.out[end] - times
        saved = shorter * kind.distance_cost + sooner * kind.duration_cost
        useful = np.flatnonzero(saved + kind.fixed_cost > 0)
        order = useful[np.lexsort((end[useful], start[useful], -saved[useful]))]
        _merge_pairs(
            start[order],
            end[order],
            lengths[order],
            times[order],
            backwards[order],
            either_way,
            after,
            before,
            route,
            first,
            last,
            state,
            load,
            np.column_stack([ends.out, ends.back, ends.out_length, ends.back_length]),
            np.array(limits),
            bounds,
        )

    merge(*near_pairs(problem.metric, rows.place[chosen], _NEIGHBOURS))
    loose = np.flatnonzero((after < 0) | (before < 0))
    if len(loose) <= _ALL_PAIRS_UP_TO:
        one_end, other = np.triu_indices(len(loose), 1)
        merge(loose[one_end], loose[other])
    ways = [
        way if state[_root(route, way[0]), _IN_TIME] else way[::-1] for way in _walk(after, before)
    ]
    return [chosen[way].tolist() for way in ways]


def _either_way(problem: Problem, chosen: Ints) -> bool:
    """Whether a route is as long backwards, so that joins may turn one round."""
    some = problem.nodes.place[chosen[:200]]
    other = some[::-1].copy()
    there, back = problem.metric.lengths(some, other), problem.metric.lengths(other, some)
    return bool((there == back).all())


@compiled
def _merge_pairs(
    start: Ints,
    end: Ints,
    lengths: Floats,
    times: Floats,
    backwards: Floats,
    either_way: bool,
    after: Ints,
    before: Ints,
    route: Ints,
    first: Ints,
    last: Ints,
    state: Floats,
    load: Floats,
    ends: Floats,
    limits: Floats,
    bounds: Floats,
) -> None:
    """Join routes along pairs, in their order, where every limit allows; in place."""
    joined = np.zeros(2 * _SEGMENT)
    for pair in range(len(start)):
        i, j = start[pair], end[pair]
        r, s = _root(route, i), _root(route, j)
        if r == s:
            continue
        turn_r, turn_s = last[r] != i, first[s] != j
        if turn_r and first[r] != i:
            continue
        if turn_s and last[s] != j:
            continue
        if (turn_r or turn_s) and not either_way:
            continue
        over = state[r, _STOPS] + state[s, _STOPS] > bounds[4] or _too_heavy(load, r, s, limits)
        head = last[r] if turn_r else first[r]
        tail = first[s] if turn_s else last[s]
        length = state[r, _LENGTH] + lengths[pair] + state[s, _LENGTH]
        if over or ends[head, 2] + length + ends[tail, 3] > bounds[2]:
            continue
        release = max(state[r, _RELEASE], state[s, _RELEASE])
        of_r, of_s = _SEGMENT * int(turn_r), _SEGMENT * int(turn_s)
        _join(state, r, of_r, s, of_s, times[pair], joined, 0)
        _hold(joined, 0, release, head, tail, ends, bounds)
        if either_way:
            _join(state, s, _SEGMENT - of_s, r, _SEGMENT - of_r, backwards[pair], joined, _SEGMENT)
            _hold(joined, _SEGMENT, release, tail, head, ends, bounds)
        if not (joined[_IN_TIME] or joined[_SEGMENT + _IN_TIME]):
            continue
        if turn_r:
            _turn(first[r], after, before)
            first[r], last[r] = last[r], first[r]
        if turn_s:
            _turn(first[s], after, before)
            first[s], last[s] = last[s], first[s]
        after[i], before[j] = j, i
        last[r] = last[s]
        route[s] = r
        for column in range(len(joined)):
            state[r, column] = joined[column]
        state[r, _LENGTH], state[r, _RELEASE] = length, release
        state[r, _STOPS] += state[s, _STOPS]
        load[r] += load[s]


@compiled
def _join(
    state: Floats, r: int, of_r: int, s: int, of_s: int, time: float, joined: Floats, at: int
) -> None:
    """The segment of one route and then the other; not in time where they cannot both be."""
    delta = state[r, of_r] + time
    wait = max(state[s, of_s + 1] - delta - state[r, of_r + 2], 0.0)
    in_time = state[r, of_r + 1] + delta <= state[s, of_s + 2]
    both = state[r, of_r + _IN_TIME] > 0 and state[s, of_s + _IN_TIME] > 0
    joined[at] = delta + state[s, of_s] + wait
    joined[at + 1] = max(state[s, of_s + 1] - delta, state[r, of_r + 1]) - wait
    joined[at + 2] = min(state[s, of_s + 2] - delta, state[r, of_r + 2])
    joined[at + _IN_TIME] = 1.0 if in_time and both else 0.0


@compiled
def _hold(
    joined: Floats, at: int, release: float, head: int, tail: int, ends: Floats, bounds: Floats
) -> None:
    """Hold a segment against shift and longest duration, with the ways out and back."""
    duration = joined[at]
    begins = max(joined[at + 1], max(release, bounds[3]) + ends[head, 0])
    late = begins > joined[at + 2] or begins + duration + ends[tail, 1] > bounds[0]
    if late or ends[head, 0] + duration + ends[tail, 1] > bounds[1]:
        joined[at + _IN_TIME] = 0.0


@compiled
def _too_heavy(load: Floats, r: int, s: int, limits: Floats) -> bool:
    """Whether the two routes together carry more than a vehicle may."""
    return bool((load[r] + load[s] > limits).any())


@compiled
def _root(route: Ints, stop: int) -> int:
    """Root of the union-find tree, with path halving."""
    while route[stop] != stop:
        route[stop] = route[route[stop]]
        stop = route[stop]
    return stop


@compiled
def _turn(stop: int, after: Ints, before: Ints) -> None:
    """Reverse the route that begins at ``stop``."""
    while stop != -1:
        following = after[stop]
        after[stop], before[stop] = before[stop], following
        stop = following


def _walk(after: Ints, before: Ints) -> list[list[int]]:
    following: list[int] = after.tolist()
    routes: list[list[int]] = []
    for head in np.flatnonzero(before < 0).tolist():
        stop, found = head, list[int]()
        while stop != -1:
            found.append(stop)
            stop = following[stop]
        routes.append(found)
    return routes
