"""A driver who looks at the clock every minute: routes by speeds of the hour, as naive as can be.

Shares nothing with the planner but the problem. Speeds are asked for minute by minute, so they may
change at whole minutes only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from crossdock.plan.routing import Job, Problem, Route, Solution, VehicleType, Window

SpeedAt = Callable[[float], float]
MINUTE = 60.0


def speed_of(problem: Problem) -> SpeedAt:
    """Factor of speed at an instant, by looking through all pieces."""
    assert problem.speeds is not None
    pieces = list(zip(problem.speeds.since, problem.speeds.factor, strict=True))

    def at(clock: float) -> float:
        found = pieces[0][1]
        for since, factor in pieces:
            if since <= clock:
                found = factor
        return found

    return at


def drive(clock: float, usual: float, speed_at: SpeedAt) -> float:
    """When a leg ends: minute by minute at the speed of that minute."""
    left = usual
    while left > 0:
        tick = (np.floor(clock / MINUTE) + 1) * MINUTE
        speed = speed_at(clock)
        if (tick - clock) * speed >= left:
            return clock + left / speed
        left -= (tick - clock) * speed
        clock = tick
    return clock


@dataclass
class Driven:
    """What came of a route."""

    arrives: list[float] = field(default_factory=list[float])
    begins: list[float] = field(default_factory=list[float])
    departs: list[float] = field(default_factory=list[float])
    ends: float = 0.0
    driving: float = 0.0
    late: list[str] = field(default_factory=list[str])


def driven(
    problem: Problem,
    kind: VehicleType,
    stops: Sequence[str],
    starts: float,
    speed_at: SpeedAt,
    breaks: Sequence[tuple[float, float]] = (),
) -> Driven:
    """Drive to ``stops`` (jobs, or ends of shipments, by id) from ``starts`` on.

    Parameters
    ----------
    breaks
        Begin and length; each is taken before the first leg that would begin at or after it.
    """
    found = Driven()
    ends = {end.id: end for ship in problem.shipments for end in (ship.pickup, ship.delivery)}
    calls: dict[str, Job] = {job.id: job for job in problem.jobs}
    depots = {depot.id: depot for depot in problem.depots}
    here = kind.start_place if kind.start_depot is None else depots[kind.start_depot].place
    clock = starts + (0.0 if kind.start_depot is None else depots[kind.start_depot].loading)
    waiting = sorted(breaks)

    def leg(there: int) -> float:
        nonlocal clock
        while waiting and waiting[0][0] <= clock + 1e-6:
            clock += waiting.pop(0)[1]
        usual = float(problem.metric.times(np.array([here]), np.array([there]))[0])
        arrives = drive(clock, usual, speed_at)
        found.driving += arrives - clock
        return arrives

    for stop in stops:
        call = calls.get(stop) or ends[stop]
        arrives = leg(call.place)
        ready = arrives + (call.parking if call.place != here else 0.0)
        begins = _begins(call.windows, ready)
        if begins is None:
            found.late.append(stop)
            begins = ready
        here, clock = call.place, begins + call.service
        found.arrives.append(arrives)
        found.begins.append(begins)
        found.departs.append(clock)
    home = kind.end_place if kind.end_depot is None else depots[kind.end_depot].place
    found.ends = clock if home is None else leg(home)
    return found


def _begins(windows: Sequence[Window], ready: float) -> float | None:
    for each in windows:
        if ready <= each.closes + 1e-6:
            return max(ready, each.opens)
    return None


def faults_of(problem: Problem, route: Route, speed_at: SpeedAt) -> list[str]:
    """What a route breaks, and where it is not told as it was driven."""
    kind = next(each for each in problem.vehicles if each.id == route.vehicle_type)
    breaks = [(each.starts, each.ends - each.starts) for each in route.breaks]
    stops = [visit.id for visit in route.visits]
    came = driven(problem, kind, stops, route.starts, speed_at, breaks)
    found = [f"{stop} is late" for stop in came.late]
    for at, visit in enumerate(route.visits):
        told = (visit.arrives, visit.begins, visit.departs)
        true = (came.arrives[at], came.begins[at], came.departs[at])
        if max(abs(a - b) for a, b in zip(told, true, strict=True)) > 1e-3:
            found.append(f"{visit.id} is told {told}, driven {true}")
    lasts = came.ends - route.starts
    if abs(came.ends - route.ends) > 1e-3:
        found.append(f"the end is told {route.ends}, driven {came.ends}")
    for what, value, most in (
        ("shift", came.ends, kind.shift_ends),
        ("start", route.starts, kind.latest_start),
        ("duration", lasts, kind.max_duration),
    ):
        if value > most + 1e-3:
            found.append(f"{what} is {value}, more than {most}")
    cost = kind.fixed_cost + kind.distance_cost * route.distance + kind.duration_cost * lasts
    cost += kind.overtime_cost * max(lasts - kind.regular_duration, 0.0)
    if abs(cost - route.cost) > 1e-4:
        found.append(f"the cost is told {route.cost}, is {cost}")
    return found


def faults_in(problem: Problem, plan: Solution) -> list[str]:
    """What all routes of a plan break."""
    speed_at = speed_of(problem)
    return [fault for route in plan.routes for fault in faults_of(problem, route, speed_at)]
