"""Solve the problem of a file under a time limit, and tell what came of it as a document."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.plan.routing import (
    Budget,
    Relaxation,
    Rounding,
    Route,
    Solution,
    Unassigned,
    solve,
)
from crossdock.platform.engine import LocalEngine
from crossdock.platform.routing.instance import Instance
from crossdock.platform.routing.reading import read_instance
from crossdock.platform.routing.trace import Trace

_LEAST_S = 0.05


@dataclass(frozen=True)
class Solved:
    """What a run came to.

    Attributes
    ----------
    document
        As `solution_document` spells it.
    """

    instance: Instance
    solution: Solution
    document: dict[str, Any]


def solve_file(
    path: Path,
    seconds: float,
    seed: int,
    rounding: Rounding | None = None,
    on_progress: Callable[[float, float], None] | None = None,
    *,
    workers: int = 1,
    began_s: float | None = None,
) -> Solved:
    """Read ``path`` and plan it within ``seconds`` of wall clock, reading included.

    Parameters
    ----------
    rounding
        Of straight-line distances; None for what the literature uses for the kind.
    on_progress
        Told seconds and cost at every improvement.
    workers
        Processes that search side by side.
    began_s
        From when the seconds count, by `time.perf_counter`; None: from now.
    """
    trace = Trace(time.perf_counter() if began_s is None else began_s, on_progress)
    with LocalEngine(workers, imports=["crossdock.plan.routing"]) as engine:
        instance = read_instance(path, rounding)
        left_s = max(seconds - trace.passed_s(), _LEAST_S)
        solution = solve(
            instance.problem, Budget(seconds=left_s), seed, trace.add,
            engine=engine, workers=workers,
        )  # fmt: skip
    document = solution_document(instance, solution, trace.found, trace.passed_s())
    return Solved(instance, solution, document)


def solution_document(
    instance: Instance,
    solution: Solution,
    found: Sequence[tuple[float, float]],
    wall_s: float,
) -> dict[str, Any]:
    """A solution as JSON says it.

    Parameters
    ----------
    found
        Seconds and cost at each improvement, as the search saw it: under `Rounding.EXACT` up to
        its thousandths. No entry of ``trace`` is below ``cost``, the last is it.
    """
    cost = _tidy(solution.cost)
    alike = len(instance.problem.vehicles) == 1
    trace = [[round(at, 3), max(_tidy(value), cost)] for at, value in found]
    if not trace or trace[-1][1] != cost:
        trace.append([round(wall_s, 3), cost])
    if not solution.complete:
        found, trace = (), trace[-1:]
    used = os.times()
    return {
        "instance": instance.name,
        "cost": cost,
        "routes": [_route(instance, route, alike=alike) for route in solution.routes],
        "unassigned": [_unassigned(instance, each) for each in solution.unassigned],
        "wall_s": round(wall_s, 3),
        "cpu_s": round(used.user + used.system + used.children_user + used.children_system, 3),
        "peak_mb": round(_peak_mb(), 1),
        "first_feasible_s": round(found[0][0], 3) if found else None,
        "trace": trace,
        "complete": solution.complete,
        "iterations": solution.iterations,
    }


def _route(instance: Instance, route: Route, *, alike: bool) -> dict[str, Any]:
    return {
        "vehicle_type": None if alike else _id(instance, route.vehicle_type),
        "depot_start": _id(instance, route.start_depot),
        "depot_end": _id(instance, route.end_depot),
        "visits": [_id(instance, visit.id) for visit in route.visits],
        "begins": [_tidy(visit.begins) for visit in route.visits],
        "starts": _tidy(route.starts),
        "ends": _tidy(route.ends),
        "distance": _tidy(route.distance),
        "cost": _tidy(route.cost),
    }


def _unassigned(instance: Instance, left: Unassigned) -> dict[str, Any]:
    return {
        "id": _id(instance, left.id),
        "reason": left.reason,
        "cheapest_relaxation": _relaxation(instance, left.cheapest_relaxation),
        "required": left.required,
    }


def _relaxation(instance: Instance, told: Relaxation | None) -> dict[str, Any] | None:
    if told is None:
        return None
    of = _id(instance, told.of)
    return {"limit": told.limit, "of": of, "by": _tidy(told.by), "cost": _tidy(told.cost)}


def _id(instance: Instance, name: str | None) -> int | str | None:
    return int(name) if instance.numbered and name is not None and name.isdigit() else name


def _tidy(value: float) -> float:
    """Without the dust of sums of tenths."""
    return round(value, 6)


def _peak_mb() -> float:
    """Largest resident memory of this process so far, in 10^6 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
