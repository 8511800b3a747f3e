"""A problem as whole numbers in files: what a peer's own process reads, without any of our code.

Locations are numbered as the rows of `Nodes`, then the depots; amounts, times and costs are whole
in the units of the metric's matrices, as `crossdock.plan.routing` hands them to its own kernel:
distances to the nearest unit, durations never too short.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from crossdock.plan.routing import (
    ANY_TIME,
    Backhauls,
    MatrixMetric,
    PlanarMetric,
    Problem,
    Rounding,
    VehicleType,
)
from crossdock.platform.routing import Instance

_HAIR = 1e-6


def features(problem: Problem) -> frozenset[str]:
    """What a solver must know to plan ``problem``, beyond one depot, one load and one vehicle."""
    rows, kinds = problem.nodes, problem.vehicles
    windows = bool(rows.opens.any() or np.isfinite(rows.closes).any())
    told = {
        "time windows": windows or any(kind.shift_ends < ANY_TIME for kind in kinds),
        "shipments": bool(problem.shipments),
        "pickups": bool(rows.pickup.any()),
        "backhauls last": any(kind.backhauls is Backhauls.LAST for kind in kinds),
        "reloads": any(kind.reload_depots for kind in kinds),
        "release times": bool(rows.release.any()),
        "prizes": bool((rows.prize > 0).any()),
        "groups": any(job.group is not None for job in problem.jobs),
        "vehicles of stops": any(job.allowed_vehicles is not None for job in problem.jobs),
        "longest duration": any(kind.max_duration < ANY_TIME for kind in kinds),
        "longest distance": any(kind.max_distance < ANY_TIME for kind in kinds),
    }
    return frozenset(name for name, needed in told.items() if needed) | _of_the_product(problem)


def _of_the_product(problem: Problem) -> frozenset[str]:
    """What only problems of the product can say, and these files not."""
    plain = VehicleType("")
    fields = ("duration_cost", "overtime_cost", "latest_start", "max_stops", "on_board")
    odd = {name for kind in problem.vehicles for name in fields if _differs(kind, plain, name)}
    if any(kind.start_depot is None or kind.end_depot is None for kind in problem.vehicles):
        odd.add("open routes")
    if problem.nodes.several_windows.any():
        odd.add("several windows")
    if problem.nodes.parking.any() or any(depot.loading for depot in problem.depots):
        odd.add("parking or loading")
    return frozenset(odd)


def _differs(kind: VehicleType, plain: VehicleType, name: str) -> bool:
    return bool(getattr(kind, name) != getattr(plain, name))


def write_whole(instance: Instance, path: Path, folder: Path, *, matrices: bool) -> None:
    """Write ``model.json`` and, if ``matrices``, ``distance.npy`` and ``duration.npy``."""
    problem = instance.problem
    document = _Whole(problem).document()
    document["path"] = str(path.resolve())
    document["rounding"] = rounding_of(problem)
    document["is_vrplib"] = _is_vrplib(path)
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    if matrices:
        place = np.concatenate([problem.nodes.place, problem.depot_places])
        legs = problem.metric.matrix(place, place)
        np.save(folder / "distance.npy", legs.distance)
        np.save(folder / "duration.npy", legs.duration)


def rounding_of(problem: Problem) -> str:
    """The convention of the distances: as of ``--round``, or ``none`` where they are given."""
    metric = problem.metric
    if isinstance(metric, PlanarMetric):
        return str(metric.rounding)
    whole = isinstance(metric, MatrixMetric) and metric.units == 1
    return "none" if whole else str(Rounding.EXACT)


def _is_vrplib(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return "DIMENSION" in lines.read(4096)


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < _HAIR


class _Whole:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._time = problem.metric.duration_units
        rates = {kind.distance_cost for kind in problem.vehicles}
        finest = (units for units in (1, 10, 100) if all(_is_whole(r * units) for r in rates))
        self._rate_units = next(finest, 1000)
        self._cost = problem.metric.distance_units * self._rate_units

    def document(self) -> dict[str, Any]:
        rows, problem = self._problem.nodes, self._problem
        stops = [*problem.jobs, *problem.shipments, *problem.shipments]
        allowed = [
            None if stop.allowed_vehicles is None else sorted(stop.allowed_vehicles)
            for stop in stops
        ]
        index = {kind.id: at for at, kind in enumerate(problem.vehicles)}
        return {
            "jobs": rows.jobs,
            "shipments": rows.shipments,
            "delivery": rows.delivery.tolist(),
            "pickup": rows.pickup.tolist(),
            "carried": rows.carried.tolist(),
            "service": [self._up(value) for value in rows.service.tolist()],
            "opens": [self._up(value) for value in rows.opens.tolist()],
            "closes": [self._down(value) for value in rows.closes.tolist()],
            "prize": [round(value * self._cost) for value in rows.prize.tolist()],
            "required": rows.required.tolist(),
            "group": [job.group for job in problem.jobs],
            "allowed": [each and [index[name] for name in each] for each in allowed],
            "xy": problem.metric.points()[np.r_[rows.place, problem.depot_places]].tolist(),
            "vehicles": [self._vehicle(kind) for kind in problem.vehicles],
        }

    def _vehicle(self, kind: VehicleType) -> dict[str, Any]:
        problem, nodes = self._problem, len(self._problem.nodes)
        depots = problem.depot_index
        start = None if kind.start_depot is None else depots[kind.start_depot]
        end = None if kind.end_depot is None else depots[kind.end_depot]
        opens, closes = kind.shift_starts, kind.shift_ends
        for at in (start, end):
            if at is not None:
                closes = min(closes, problem.depots[at].closes)
        if start is not None:
            opens = max(opens, problem.depots[start].opens)
        reach = math.inf
        if kind.max_distance < math.inf:
            reach = math.floor(kind.max_distance * problem.metric.distance_units + _HAIR)
        return {
            "id": kind.id,
            "count": self._count(kind),
            "capacity": kind.capacity,
            "start": None if start is None else nodes + start,
            "end": None if end is None else nodes + end,
            "opens": self._up(opens),
            "closes": self._down(closes),
            "fixed_cost": round(kind.fixed_cost * self._cost),
            "rate": round(kind.distance_cost * self._rate_units),
            "max_duration": self._down(kind.max_duration),
            "max_distance": None if reach == math.inf else reach,
            "backhauls_last": kind.backhauls is Backhauls.LAST,
        }

    def _count(self, kind: VehicleType) -> int:
        """Vehicles to tell of; of an unlimited fleet what their loads need, and some more."""
        rows = self._problem.nodes
        stops = rows.jobs + rows.shipments
        if kind.count is not None:
            return min(kind.count, stops)
        loads = np.maximum(rows.delivery.sum(0), rows.pickup.sum(0))
        limits = [limit or math.inf for limit in kind.capacity]
        need = max((load / limit for load, limit in zip(loads, limits, strict=True)), default=1.0)
        timed = np.isfinite(rows.closes).any() or kind.max_duration < ANY_TIME
        return min(math.ceil(need * (2.0 if timed else 1.1)) + (20 if timed else 5), stops)

    def _up(self, time: float) -> int:
        return math.ceil(time * self._time - _HAIR)

    def _down(self, time: float) -> int | None:
        return None if time == ANY_TIME else math.floor(time * self._time + _HAIR)
