"""The plain problem: alike vehicles of one depot bring goods, whenever, as short as can be."""

from __future__ import annotations

import numpy as np

from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible
from crossdock.plan.routing.vehicles import VehicleType

_LEAST_STOPS = 2


def is_plain(problem: Problem) -> bool:
    """Whether load is all that limits a route, distance all it costs, and both ways are as long."""
    return (
        len(problem.vehicles) == 1
        and len(problem.jobs) >= _LEAST_STOPS
        and not problem.shipments
        and not problem.relations
        and _plain_vehicle(problem.vehicles[0])
        and _plain_jobs(problem)
        and _same_both_ways(problem)
    )


def _plain_vehicle(kind: VehicleType) -> bool:
    return (
        kind.start_depot is not None
        and kind.start_depot == kind.end_depot
        and kind.distance_cost > 0
        and kind.duration_cost == 0
        and kind.overtime_cost == 0
        and min(kind.shift_ends, kind.max_duration, kind.max_distance) == ANY_TIME
        and not any(kind.on_board)
        and not kind.hos_rules
        and not kind.reload_depots
    )


def _plain_jobs(problem: Problem) -> bool:
    rows, kind = problem.nodes, problem.vehicles[0]
    depot = problem.depots[problem.depot_index[kind.start_depot or ""]]
    limits = [np.inf if most is None else most for most in kind.capacity]
    return (
        not rows.pickup.any()
        and bool(rows.required.all())
        and not rows.opens.any()
        and bool(np.isinf(rows.closes).all())
        and not rows.several_windows.any()
        and depot.closes == ANY_TIME
        and bool((rows.delivery <= limits).all())
        and all(job.group is None and not incompatible(job, kind) for job in problem.jobs)
    )


def _same_both_ways(problem: Problem) -> bool:
    """Of a sample; straight lines always are."""
    some: Ints = problem.nodes.place[:300]
    other = some[::-1].copy()
    there: Floats = problem.metric.lengths(some, other)
    return bool((there == problem.metric.lengths(other, some)).all())
