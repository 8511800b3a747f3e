"""Where a job could still go: every gap of every route, cheapest first, judged by the arbiter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.reloading import with_a_reload
from crossdock.plan.routing.schedule import incompatible, route_legs, schedule, stop_of
from crossdock.plan.routing.solution import Fault

_MOST_TRIES = 25
_MOST_TRIES_IN_VAIN = 3
"""Of gaps that cannot be: they only tell the reason."""
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Insertion:
    """A job put into a gap of a route, or alone on a vehicle.

    Attributes
    ----------
    route
        Index of the route; None for a vehicle that is not used yet.
    cost
        What it adds.
    moved_at
        Where in ``nodes`` it, or the pickup of a shipment, stands.
    faults
        Limits that the route then breaks; ``count`` where no vehicle is left.
    reload
        Index of the depot where the vehicle reloads once more for it.
    """

    route: int | None
    vehicle: int
    nodes: tuple[int, ...]
    cost: float
    faults: tuple[Fault, ...]
    moved_at: int = 0
    reload: int | None = None


@dataclass(frozen=True, eq=False)
class Gaps:
    """All gaps between two stops of all routes, as columns.

    Attributes
    ----------
    leaves
        Earliest departure from the stop before the gap.
    begins_by
        Latest arrival at the stop after it, for the rest of the route to be on time.
    room
        Of the route by capacity dimension, where all it does is deliver; else unlimited.
    """

    route: Ints
    position: Ints
    before: Ints
    after: Ints
    leaves: Floats
    begins_by: Floats
    room: Floats

    @classmethod
    def of(cls, problem: Problem, sequences: Sequence[tuple[int, Sequence[int]]]) -> Gaps:
        """Gaps of bare routes; an open route has none behind its last stop."""
        columns = [_gaps(problem, at, *route) for at, route in enumerate(sequences)]
        if not columns:
            none, no_time = np.zeros(0, dtype=np.int64), np.zeros(0)
            no_room = np.zeros((0, len(problem.dimensions)))
            return cls(none, none, none, none, no_time, no_time, no_room)
        parts = [np.concatenate(column) for column in zip(*columns, strict=True)]
        return cls(*parts)


def insertions(
    problem: Problem,
    sequences: Sequence[tuple[int, Sequence[int]]],
    free: Mapping[int, int],
    job: int,
    gaps: Gaps,
    costs: Sequence[float],
) -> list[Insertion]:
    """Ways to serve ``job`` that were tried: the cheapest gaps it might fit in, and new routes.

    Parameters
    ----------
    free
        Vehicles left by type.
    gaps, costs
        `Gaps.of` the routes and the cost of each.
    """
    tried: list[Insertion] = []
    for gap in _promising(problem, sequences, gaps, job):
        at, where = int(gaps.route[gap]), int(gaps.position[gap])
        vehicle, nodes = sequences[at]
        longer = (*nodes[:where], job, *nodes[where:])
        timed = schedule(problem, vehicle, longer)
        cost = timed.route.cost - costs[at]
        tried.append(Insertion(at, vehicle, longer, cost, timed.faults))
        if not timed.faults:
            break
    if all(way.faults for way in tried):
        tried += reload_insertions(problem, sequences, (job,), costs)
    for vehicle, kind in enumerate(problem.vehicles):
        if incompatible(problem.jobs[job], kind):
            continue
        timed = schedule(problem, vehicle, [job])
        none_left = () if free[vehicle] else (Fault("count", kind.id, 1.0),)
        faults = (*timed.faults, *none_left)
        tried.append(Insertion(None, vehicle, (job,), timed.route.cost, faults))
    return tried


def reload_insertions(
    problem: Problem,
    sequences: Sequence[tuple[int, Sequence[int]]],
    moved: Sequence[int],
    costs: Sequence[float],
) -> list[Insertion]:
    """A job, or a whole shipment, on routes that reload once more for it: the first that may be."""
    stop = stop_of(problem, moved[0])
    places = [
        (detour * problem.vehicles[vehicle].distance_cost, at, longer, depot)
        for at, (vehicle, nodes) in enumerate(sequences)
        if not incompatible(stop, problem.vehicles[vehicle])
        for detour, longer, depot in with_a_reload(problem, vehicle, nodes, moved)
    ]
    places.sort()
    tried: list[Insertion] = []
    for _, at, longer, depot in places[:_MOST_TRIES]:
        timed = schedule(problem, sequences[at][0], longer)
        cost = timed.route.cost - costs[at]
        where = longer.index(moved[0])
        tried.append(Insertion(at, sequences[at][0], longer, cost, timed.faults, where, depot))
        if not timed.faults:
            break
    return tried


def _promising(
    problem: Problem, sequences: Sequence[tuple[int, Sequence[int]]], gaps: Gaps, job: int
) -> Iterator[int]:
    """Gaps by the distance they cost; first those that load and windows do not rule out."""
    count = len(gaps.route)
    if not count:
        return iter(())
    rows, metric = problem.nodes, problem.metric
    here = np.full(count, rows.place[job])
    detour = metric.lengths(gaps.before, here)
    detour = detour + metric.lengths(here, gaps.after) - metric.lengths(gaps.before, gaps.after)
    rate = np.array([problem.vehicles[vehicle].distance_cost for vehicle, _ in sequences])
    begins = np.maximum(gaps.leaves + _least(problem, gaps.before, here), rows.opens[job])
    done = begins + rows.service[job] + _least(problem, here, gaps.after)
    fits = (begins <= rows.closes[job] + _HAIR) & (done <= gaps.begins_by + _HAIR)
    fits &= (gaps.room >= rows.delivery[job]).all(axis=1)
    may = [not incompatible(problem.jobs[job], kind) for kind in problem.vehicles]
    fit_kind = np.array([may[vehicle] for vehicle, _ in sequences])[gaps.route]
    order = np.lexsort((detour * rate[gaps.route], ~fits))
    order = order[fit_kind[order]]
    fitting = order[fits[order]][:_MOST_TRIES]
    others = order[~fits[order]][:_MOST_TRIES_IN_VAIN]
    return iter([*fitting.tolist(), *others.tolist()])


def _gaps(
    problem: Problem, at: int, vehicle: int, nodes: Sequence[int]
) -> tuple[Ints, Ints, Ints, Ints, Floats, Floats, Floats]:
    rows, kind = problem.nodes, problem.vehicles[vehicle]
    places = route_legs(problem, kind, nodes)
    times = _least(problem, places[:-1], places[1:]).tolist()
    leaves, begins_by = [kind.shift_starts], [kind.shift_ends]
    for node, leg in zip(nodes, times, strict=False):
        opens, service = (rows.opens[node], rows.service[node]) if node >= 0 else (0.0, 0.0)
        leaves.append(max(leaves[-1] + leg, opens) + service)
    backwards = list(zip(reversed(nodes), reversed(times[1:]), strict=False))
    if len(places) == len(nodes) + 1:  # an open route: nothing after the last stop
        backwards = list(zip(reversed(nodes), [0.0, *reversed(times[1:])], strict=False))
    for node, leg in backwards:
        closes, service = (rows.closes[node], rows.service[node]) if node >= 0 else (np.inf, 0.0)
        begins_by.append(min(begins_by[-1] - leg - service, closes))
    count = len(places) - 1
    room = np.full(len(problem.dimensions), np.inf)
    chosen = np.array([node for node in nodes if node >= 0], dtype=np.int64)
    if len(chosen) == len(nodes) and not (rows.pickup[chosen].any() or rows.carried[chosen].any()):
        limits = np.array([np.inf if most is None else most for most in kind.capacity])
        room = limits - rows.delivery[chosen].sum(axis=0)
    return (
        np.full(count, at),
        np.arange(count),
        places[:-1],
        places[1:],
        np.array(leaves[:count]),
        np.array(begins_by[::-1][:count] if len(begins_by) > count else begins_by[::-1]),
        np.tile(room, (count, 1)),
    )


def _least(problem: Problem, start: Ints, end: Ints) -> Floats:
    """What legs take at least, whatever the hour."""
    times = problem.metric.times(start, end)
    return times if problem.speeds is None else times / problem.speeds.fastest
