"""First routes of what savings do not know: the map cut into districts, each a problem of its own.

For problems of more stops than one search takes. Districts are cut along lines drawn by lot; a
vehicle goes where its pins are, others of a limited kind go where most stops wait.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial import KDTree

from crossdock.model import stream
from crossdock.plan.routing.cut import cut
from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Ints
from crossdock.plan.routing.parts import Numbering, Part, part_of
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.units import Unit, request_of, stops_of, units_of
from crossdock.plan.routing.vehicles import VehicleType

_STOPS = 400
_LEAST_DAY = 0.1
"""Of a shift that the way there and back leaves, at least."""


def districts_of(problem: Problem, seed: int) -> list[tuple[Part, Numbering]]:
    """Every job and shipment in one part without routes; what must stay together is in the same."""
    units = units_of(problem)
    points = problem.metric.points()[problem.nodes.place]
    stops = [stops_of(problem, unit) for unit in units]
    centres = np.array([points[own].mean(axis=0) for own in stops])
    sizes = np.array([len(own) for own in stops], dtype=np.int64)
    random = stream(seed, "districts")
    count = max(1, round(int(sizes.sum()) / _STOPS))
    groups: list[list[int]] = [group.tolist() for group in cut(centres, sizes, count, random)]
    districts = [[request for unit in group for request in units[unit]] for group in groups]
    nodes = [np.array(stops_of(problem, own), dtype=np.int64) for own in districts]
    vehicles = _dealt(problem, nodes, _pinned(problem, districts))
    return [
        part_of(problem, [], own, vehicles[at], int(random.integers(1 << 31)))
        for at, own in enumerate(districts)
    ]


def _pinned(problem: Problem, districts: Sequence[Unit]) -> list[dict[int, int]]:
    """Vehicles of each kind that a district has pins of."""
    district = {request: at for at, own in enumerate(districts) for request in own}
    number = {kind.id: index for index, kind in enumerate(problem.vehicles)}
    found: list[dict[int, int]] = [{} for _ in districts]
    for pin in problem.ties.pins:
        own, kind = found[district[request_of(problem, pin.nodes[0])]], number[pin.vehicle_type]
        own[kind] = own.get(kind, 0) + 1
    return found


def _dealt(
    problem: Problem, stops: Sequence[Ints], pinned: Sequence[Mapping[int, int]]
) -> list[dict[int, int]]:
    """Vehicles of each kind for each district, by its nodes."""
    dealt = [dict(own) for own in pinned]
    held = np.array([float(sum(own.values())) for own in pinned])
    unlimited = sum(len(own) for own in stops)
    for kind, vehicle in enumerate(problem.vehicles):
        if vehicle.count is None:
            for own, nodes in zip(dealt, stops, strict=True):
                own[kind] = len(nodes)
            continue
        need = np.array([_days_of(problem, vehicle, nodes) for nodes in stops])
        free = min(vehicle.count, unlimited) - sum(own.get(kind, 0) for own in pinned)
        for _ in range(free):
            neediest = int(np.argmax(need / (1.0 + held)))
            held[neediest] += 1
            dealt[neediest][kind] = dealt[neediest].get(kind, 0) + 1
    return dealt


def _days_of(problem: Problem, vehicle: VehicleType, nodes: Ints) -> float:
    """About how many days of a vehicle serving these nodes takes: what matters are proportions.

    A day is what the shift leaves after the way there and back; a stop takes its service and the
    way from the one next to it. Where days have no end, they are as long for all.
    """
    day = min(vehicle.shift_ends - vehicle.shift_starts, vehicle.max_duration)
    if day >= ANY_TIME:
        return float(len(nodes))
    rows, metric = problem.nodes, problem.metric
    places = rows.place[nodes]
    start = vehicle.start_place
    if vehicle.start_depot is not None:
        start = int(problem.depot_places[problem.depot_index[vehicle.start_depot]])
    stem = 0.0 if start is None else float(metric.times(np.full(len(places), start), places).mean())
    ways = 2 if vehicle.end_depot is not None or vehicle.end_place is not None else 1
    points = metric.points()[places]
    next_to = KDTree(points).query(points, k=min(2, len(points)))[1].reshape(len(points), -1)[:, -1]
    hop = float(metric.times(places, places[next_to]).mean())
    each = hop + float((rows.service[nodes] + rows.parking[nodes]).mean())
    return len(nodes) * each / max(day - ways * stem, _LEAST_DAY * day)
