"""One group of routes as a problem of its own, and its answer back in the numbers of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossdock.plan.routing.pace import THOROUGH, Pace
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences

Way = tuple[int, list[int]]
"""A bare route: vehicle type and nodes."""


@dataclass(frozen=True)
class Part:
    """What a worker gets: a problem, its routes by the part's own numbers, a seed, a pace."""

    problem: Problem
    routes: Sequences
    seed: int
    pace: Pace = THOROUGH


@dataclass(frozen=True)
class Numbering:
    """Nodes and vehicle types of a part in the numbers of the whole."""

    nodes: tuple[int, ...]
    kinds: tuple[int, ...]

    def back(self, routes: Sequences) -> list[Way]:
        """Routes of the part as routes of the whole."""
        return [
            (self.kinds[kind], [self.nodes[node] if node >= 0 else node for node in nodes])
            for kind, nodes in routes
        ]


def part_of(
    whole: Problem, routes: Sequence[Way], idle: Sequence[int], spare: dict[int, int], seed: int
) -> tuple[Part, Numbering]:
    """Some routes of ``whole`` and some jobs that no route serves.

    Parameters
    ----------
    idle
        Jobs and shipments, by node, that the part may serve too.
    spare
        Vehicles of each type that are free for the part, beside those of its routes.
    """
    jobs_here = len(whole.jobs)
    ships_here = len(whole.shipments)
    present = [node for _, nodes in routes for node in nodes if node >= 0] + list(idle)
    jobs = [node for node in present if node < jobs_here]
    shipments = [node - jobs_here for node in present if 0 <= node - jobs_here < ships_here]
    used: dict[int, int] = {}
    for kind, _ in routes:
        used[kind] = used.get(kind, 0) + 1
    kinds = sorted({*used, *(kind for kind, free in spare.items() if free)})
    vehicles = [
        replace(whole.vehicles[kind], count=used.get(kind, 0) + spare.get(kind, 0))
        for kind in kinds
    ]
    nodes = (
        *jobs,
        *(jobs_here + ship for ship in shipments),
        *(jobs_here + ships_here + ship for ship in shipments),
    )
    number = {node: index for index, node in enumerate(nodes)}
    here = {kind: index for index, kind in enumerate(kinds)}
    own = [
        (here[kind], [number[node] if node >= 0 else node for node in way]) for kind, way in routes
    ]
    part = Part(whole.part(jobs, vehicles, shipments), own, seed)
    return part, Numbering(nodes, tuple(kinds))
