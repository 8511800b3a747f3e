"""All distances and durations of a small problem, and the arcs that a vehicle may not drive."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible, stop_of
from crossdock.plan.routing.vehicles import Backhauls, VehicleType

Bools = NDArray[np.bool_]
_NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Where:
    """Locations of the kernel: the nodes, the depots, other starts and ends.

    Attributes
    ----------
    place
        Of each location in the metric; -1 for the end of an open route.
    depots
        Location of each depot of the problem.
    positions
        Locations of further starts and ends, which the kernel takes for depots as well.
    starts, ends
        Depot of the kernel by vehicle type.
    """

    place: Ints
    points: Floats
    depots: tuple[int, ...]
    positions: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem) -> Where:
        """Locations of ``problem``."""
        nodes, depots = len(problem.nodes), len(problem.depots)
        further: dict[int, int] = {}

        def depot_of(depot: str | None, place: int | None) -> int:
            if depot is not None:
                return problem.depot_index[depot]
            at = _NOWHERE if place is None else place
            return depots + further.setdefault(at, len(further))

        starts = tuple(depot_of(each.start_depot, each.start_place) for each in problem.vehicles)
        ends = tuple(depot_of(each.end_depot, each.end_place) for each in problem.vehicles)
        place = np.concatenate(
            [problem.nodes.place, problem.depot_places, np.array([*further], dtype=np.int64)]
        )
        all_points = problem.metric.points()
        points = np.where(place[:, None] == _NOWHERE, 0.0, all_points[place])
        return cls(
            place=place,
            points=points,
            depots=tuple(range(nodes, nodes + depots)),
            positions=tuple(range(nodes + depots, len(place))),
            starts=starts,
            ends=ends,
        )


@dataclass(frozen=True, eq=False)
class Matrices:
    """Whole numbers between locations.

    Attributes
    ----------
    distance
        By profile.
    profile
        By vehicle type.
    restricted
        Whether a profile has arcs that may not be driven.
    forbidden
        Length of such an arc, more than that of any route; 0 where there are none.
    """

    distance: tuple[Any, ...]
    duration: Any
    profile: tuple[int, ...]
    restricted: tuple[bool, ...]
    forbidden: int


def matrices_of(problem: Problem, where: Where) -> Matrices:
    """Matrices of all profiles that the vehicle types of ``problem`` need."""
    place, rows = where.place, problem.nodes
    legs = problem.metric.matrix(place, place)
    nowhere = place == _NOWHERE
    distance, duration = legs.distance.copy(), legs.duration.copy()
    distance[:, nowhere] = distance[nowhere, :] = 0
    duration[:, nowhere] = duration[nowhere, :] = 0
    if rows.parking.any():
        parking = np.zeros(len(place), dtype=np.int64)
        units = problem.metric.duration_units
        parking[: len(rows)] = np.ceil(rows.parking * units - 1e-6).astype(np.int64)
        lot = problem.lots[place]  # nobody leaves nowhere, whatever its number
        duration += np.where(lot[:, None] == lot[None, :], 0, parking[None, :])
    forbidden = _above_any_route(problem, distance, duration)
    profiles: dict[bytes, int] = {}
    matrices: list[Ints] = []
    restricted: list[bool] = []
    profile: list[int] = []
    for kind in problem.vehicles:
        barred = _barred(problem, kind, len(place))
        key = b"" if barred is None else np.packbits(barred).tobytes()
        if key not in profiles:
            profiles[key] = len(matrices)
            restricted.append(barred is not None)
            matrices.append(distance if barred is None else np.where(barred, forbidden, distance))
        profile.append(profiles[key])
    return Matrices(
        distance=tuple(matrices),
        duration=duration,
        profile=tuple(profile),
        restricted=tuple(restricted),
        forbidden=forbidden if any(restricted) else 0,
    )


def _above_any_route(problem: Problem, distance: Ints, duration: Ints) -> int:
    """A length that no route has, as small as that can be said.

    The search multiplies lengths with penalties as floating numbers: with far larger ones than
    true arcs, a gain is lost in the rounding, and its local search may go round in circles.
    """
    units = problem.metric.duration_units
    longest = int(distance.max(initial=0)) * 2 + 1
    by_stops = longest * (2 * len(distance) + 2)
    lasts = max(min(kind.max_duration, kind.shift_ends - kind.shift_starts)
                for kind in problem.vehicles)  # fmt: skip
    if lasts >= ANY_TIME or bool((duration < distance).any()):
        return by_stops
    return min(by_stops, math.ceil(lasts * units) + longest)


def _barred(problem: Problem, kind: VehicleType, locations: int) -> Bools | None:
    """Arcs that vehicles of ``kind`` may not drive; None if they may drive all."""
    rows = problem.nodes
    barred = np.zeros((locations, locations), dtype=np.bool_)
    stops = [node for node in range(len(rows)) if incompatible(stop_of(problem, node), kind)]
    barred[stops, :] = True
    barred[:, stops] = True
    if kind.backhauls is Backhauls.LAST:
        collects = np.zeros(locations, dtype=np.bool_)
        delivers = np.zeros(locations, dtype=np.bool_)
        collects[: len(rows)] = rows.pickup.any(axis=1)
        delivers[: len(rows)] = rows.delivery.any(axis=1)
        barred[np.ix_(collects, delivers)] = True
        barred[len(rows) :, collects] = True
    np.fill_diagonal(barred, False)
    return barred if barred.any() else None
