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

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.joining import Joiner, RouteEnds
from crossdock.plan.routing.metric import Ints
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
    service = float((rows.service + rows.parking).mean()) if len(rows) else 0.0
    every = np.arange(len(rows), dtype=np.int64)

    def cost_a_stop(kind: VehicleType) -> float:
        limits = [
            limit / each
            for limit, each in zip(kind.capacity, demand.tolist(), strict=True)
            if limit is not None
        ]
        ends = _ends_of(problem, kind, every)
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
    ends = _ends_of(problem, kind, chosen)
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


def _ends_of(problem: Problem, kind: VehicleType, chosen: Ints) -> RouteEnds:
    rows, index, metric = problem.nodes, problem.depot_index, problem.metric
    assert kind.start_depot is not None  # as `_refuse_others` has seen
    assert kind.end_depot is not None
    depot = problem.depots[index[kind.start_depot]]
    place = rows.place[chosen]
    start = np.full(len(chosen), depot.place)
    end = np.full(len(chosen), problem.depots[index[kind.end_depot]].place)
    return RouteEnds(
        metric.times(start, place) + rows.parking[chosen] + depot.loading,
        metric.times(place, end),
        metric.lengths(start, place),
        metric.lengths(place, end),
        np.maximum(rows.release[chosen], depot.opens),
    )


def _merged(problem: Problem, kind: VehicleType, chosen: Ints) -> list[list[int]]:
    """Routes of ``chosen``, joined along near pairs and then along any ends left."""
    if not len(chosen):
        return []
    rows, metric = problem.nodes, problem.metric
    ends = _ends_of(problem, kind, chosen)
    either_way = _either_way(problem, chosen)
    joiner = Joiner(rows, kind, chosen, ends, either_way=either_way)
    place, parking = rows.place[chosen], rows.parking[chosen]
    lot = problem.lots[place]

    def join(start: Ints, end: Ints) -> None:
        if not either_way:
            start, end = np.concatenate([start, end]), np.concatenate([end, start])
        possible = joiner.may_join(start, end)
        start, end = start[possible], end[possible]
        lengths = metric.lengths(place[start], place[end])
        apart = lot[start] != lot[end]
        times = metric.times(place[start], place[end]) + np.where(apart, parking[end], 0.0)
        backwards = metric.times(place[end], place[start]) + np.where(apart, parking[start], 0.0)
        shorter = ends.back_length[start] + ends.out_length[end] - lengths
        sooner = ends.back[start] + ends.out[end] - times
        saved = shorter * kind.distance_cost + sooner * kind.duration_cost
        useful = np.flatnonzero(saved + kind.fixed_cost > 0)
        order = useful[np.lexsort((end[useful], start[useful], -saved[useful]))]
        joiner.join(start[order], end[order], lengths[order], times[order], backwards[order])

    join(*near_pairs(metric, place, _NEIGHBOURS))
    loose = joiner.loose()
    if len(loose) <= _ALL_PAIRS_UP_TO:
        one, other = np.triu_indices(len(loose), 1)
        join(loose[one], loose[other])
    return [chosen[route].tolist() for route in joiner.routes()]


def _either_way(problem: Problem, chosen: Ints) -> bool:
    """Whether a route is as long backwards, so that joins may turn one round."""
    some = problem.nodes.place[chosen[:200]]
    other = some[::-1].copy()
    there, back = problem.metric.lengths(some, other), problem.metric.lengths(other, some)
    return bool((there == back).all())
