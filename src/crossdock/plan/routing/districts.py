"""First routes of what savings do not know: the map cut into districts, each a problem of its own.

For shipments, pickups, alternatives, several windows and open routes of more stops than one search
takes. Districts are cut along lines drawn by lot; limited vehicles go where most stops wait.
"""

from __future__ import annotations

import numpy as np

from crossdock.model import stream
from crossdock.plan.routing.cut import cut
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.parts import Numbering, Part, part_of
from crossdock.plan.routing.problem import Problem

_STOPS = 400


def districts_of(problem: Problem, seed: int) -> list[tuple[Part, Numbering]]:
    """Every job and shipment in one part without routes; jobs of a group are in the same."""
    units, centres, sizes = _units(problem)
    random = stream(seed, "districts")
    count = max(1, round(int(sizes.sum()) / _STOPS))
    groups = cut(centres, sizes, count, random)
    stops = np.array([int(sizes[group].sum()) for group in groups], dtype=np.int64)
    vehicles = _dealt(problem, stops)
    parts: list[tuple[Part, Numbering]] = []
    for at, group in enumerate(groups):
        chosen: list[int] = group.tolist()
        nodes = [node for unit in chosen for node in units[unit]]
        parts.append(part_of(problem, [], nodes, vehicles[at], int(random.integers(1 << 31))))
    return parts


def _units(problem: Problem) -> tuple[list[list[int]], Floats, Ints]:
    """Requests that stay together, where they are, and how many stops each has."""
    jobs, ships = len(problem.jobs), len(problem.shipments)
    groups: dict[str, list[int]] = {}
    units: list[list[int]] = []
    for node in range(jobs + ships):
        group = problem.jobs[node].group if node < jobs else None
        if group is None:
            units.append([node])
        elif group in groups:
            groups[group].append(node)
        else:
            groups[group] = [node]
            units.append(groups[group])
    points = problem.metric.points()[problem.nodes.place]
    stops = [[*unit, *(node + ships for node in unit if node >= jobs)] for unit in units]
    centres = np.array([points[own].mean(axis=0) for own in stops])
    return units, centres, np.array([len(own) for own in stops], dtype=np.int64)


def _dealt(problem: Problem, stops: Ints) -> list[dict[int, int]]:
    """Vehicles of each kind for each district."""
    dealt: list[dict[int, int]] = [{} for _ in stops]
    held = np.zeros(len(stops))
    unlimited = int(stops.sum())
    for kind, vehicle in enumerate(problem.vehicles):
        for at in range(len(stops) if vehicle.count is None else min(vehicle.count, unlimited)):
            if vehicle.count is None:
                dealt[at][kind] = int(stops[at])
                continue
            neediest = int(np.argmax(stops / (1.0 + held)))
            held[neediest] += 1
            dealt[neediest][kind] = dealt[neediest].get(kind, 0) + 1
    return dealt
