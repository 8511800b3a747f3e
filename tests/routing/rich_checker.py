"""An independent judge of rich plans: relations, pins, territories, fairness, priorities, hours.

Routes, loads and windows are `routing.checker`'s business; a driver's day is rebuilt second by
second and judged by `routing.driver_law`, and by the audit of `crossdock.comply`, which the planner
does not use.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Any

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    Segment,
    Timeline,
    audit,
    ruleset,
)
from routing.checker import (
    TINY,
    Case,
    Stop,
    Verdict,
    case_of_problem,
    check,
    routes_of_solution,
)
from routing.driver_law import Before, Span, faults_of_day


def check_rich(problem: Any, solution: Any) -> Verdict:
    """Cost and faults of a plan in memory; the data of ``problem`` are read, nothing is called."""
    case = case_of_problem(problem)
    kinds = {kind.id: kind for kind in problem.vehicles}
    with_hours = {name for name, kind in kinds.items() if kind.hos_rules}
    for name in with_hours:
        # Their days have breaks, which the other judge does not know: timed below.
        case.vehicles[name] = replace(case.vehicles[name], time_rate=0.0, overtime_rate=0.0)
    routes = routes_of_solution(solution)
    base = check(case, routes)
    faults, cost = list(base.faults), base.cost
    for route in solution.routes:
        kind = kinds[route.vehicle_type]
        stops = [visit.id for visit in route.visits]
        faults += _relations(problem, stops)
        faults += _pins(problem, route.vehicle_type, stops)
        cost += problem.territory_cost * _off_territory(problem, kind, stops)
        if kind.hos_rules:
            faults += _day(case, kind, route)
            lasts = route.ends - route.starts
            cost += kind.duration_cost * lasts
            cost += kind.overtime_cost * max(lasts - kind.regular_duration, 0.0)
        elif route.breaks:
            faults.append(f"{route.vehicle_type} has breaks without rules")
    served = {visit for _, visits in routes for visit in visits}
    faults += [
        f"pin of {pin.vehicle_type} is left out"
        for pin in problem.pinned
        if not served.issuperset(pin.stops)
    ]
    cost += problem.longest_cost * max((r.ends - r.starts for r in solution.routes), default=0.0)
    return Verdict(cost, faults)


_SPANS = {DRIVING: "driving", ON_DUTY: "work"}


def _relations(problem: Any, stops: list[str]) -> list[str]:
    found: list[str] = []
    for relation in problem.relations:
        places = [stops.index(stop) for stop in relation.stops if stop in stops]
        if not places:
            continue
        kind = str(relation.kind)
        if len(places) < len(relation.stops):
            found.append(f"{kind}: {relation.stops} is torn apart")
        elif kind == "order" and places != sorted(places):
            found.append(f"order: {relation.stops} are at {places}")
        elif kind == "sequence" and any(b - a != 1 for a, b in pairwise(places)):
            found.append(f"sequence: {relation.stops} are at {places}")
    return found


def _pins(problem: Any, vehicle: str, stops: list[str]) -> list[str]:
    found: list[str] = []
    for pin in problem.pinned:
        if set(stops) & set(pin.stops):
            begins = stops[: len(pin.stops)] == list(pin.stops)
            if vehicle != pin.vehicle_type or not begins:
                found.append(f"pin: {vehicle} goes {stops}, not first {pin.stops}")
    return found


def _off_territory(problem: Any, kind: Any, stops: list[str]) -> int:
    areas = {job.id: job.territory for job in problem.jobs}
    named = [areas.get(stop) for stop in stops]
    return sum(kind.territory is not None and a is not None and a != kind.territory for a in named)


def _day(case: Case, kind: Any, route: Any) -> list[str]:
    """A driver's day as it was told: whether it adds up, and what the law says of it."""
    segments, faults = _segments(case, kind, route)
    used = kind.hours_used
    before = None if used is None else Before(
        used.on_duty_since, used.driven, used.driven_since_pause, used.meals, used.rests
    )  # fmt: skip
    kinds = {(round(each.starts), round(each.ends)): each.kind for each in route.breaks}
    day = [
        Span(_SPANS.get(what) or kinds.get((starts, ends), "pause"), starts, ends)
        for what, starts, ends in segments
    ]
    faults += [f"hours: {each}" for each in faults_of_day(kind.hos_rules, day, before)]
    if kind.hos_rules == "MEALS_AND_RESTS":
        return faults
    log = Timeline.of(_before(kind, route) + segments, gaps_are_rest=True)
    return faults + [
        f"hours: {each.rule} from {each.start_s}" for each in audit(log, ruleset(kind.hos_rules))
    ]


def _before(kind: Any, route: Any) -> list[Segment]:
    """A log that leaves the driver as ``hours_used`` says, a pause between its two drives."""
    used = kind.hours_used
    if used is None:
        return []
    first, since = round(used.driven - used.driven_since_pause), round(used.driven_since_pause)
    begun, starts = round(used.on_duty_since), round(route.starts)
    return [
        Segment(DRIVING, begun, begun + first),
        Segment(ON_DUTY, begun + first, starts - since),
        Segment(DRIVING, starts - since, starts),
    ]


def _segments(case: Case, kind: Any, route: Any) -> tuple[list[Segment], list[str]]:
    vehicle, faults = case.vehicles[kind.id], list[str]()
    found: list[Segment] = []
    place, clock = vehicle.start, route.starts
    loaded = clock + case.loading.get(vehicle.start, 0.0) * (kind.start_depot is not None)
    clock = _append(found, ON_DUTY, clock, loaded)
    pending = list(route.breaks)
    for at, visit in enumerate(route.visits):
        stop = case.stops.get(visit.id) or _reload(case, visit.id, route.visits[at + 1 :])
        clock = _breaks(found, pending, clock)
        drive = case.duration(place, stop.place)
        clock = _append(found, DRIVING, clock, clock + drive)
        if abs(clock - visit.arrives) > TINY:
            faults.append(f"times: {visit.id} is reached at {clock}, not {visit.arrives}")
        ready = clock + (stop.parking if stop.place != place else 0.0)
        if visit.begins < ready - TINY or not any(
            a - TINY <= visit.begins <= b + TINY for a, b in stop.windows
        ):
            faults.append(f"times: {visit.id} begins at {visit.begins}")
        clock = _append(found, ON_DUTY, clock, visit.begins + stop.service)
        place = stop.place
    if vehicle.end is not None:
        clock = _breaks(found, pending, clock)
        clock = _append(found, DRIVING, clock, clock + case.duration(place, vehicle.end))
    if pending:
        faults.append(f"times: {pending} are nowhere between two stops")
    if clock > route.ends + TINY or route.ends > vehicle.closes + TINY:
        faults.append(f"times: ends at {clock}, not {route.ends}")
    if route.ends - route.starts > vehicle.max_duration + TINY:
        faults.append(f"times: lasts {route.ends - route.starts}")
    _append(found, ON_DUTY, clock, route.ends)
    return found, faults


def _reload(case: Case, depot: str, ahead: Any) -> Stop:
    """A reload as a stop: it begins once all that is delivered until the next one is released."""
    place = case.depots[depot]
    opens, closes = case.hours.get(place, (0.0, math.inf))
    tour = list(takewhile(lambda visit: visit.id in case.stops, ahead))
    released = max((case.stops[visit.id].release for visit in tour), default=0.0)
    return Stop(place, windows=[(max(opens, released), closes)], service=case.loading[place])


def _breaks(found: list[Segment], pending: list[Any], clock: float) -> float:
    while pending and abs(pending[0].starts - clock) <= TINY:
        taken = pending.pop(0)
        clock = _append(found, OFF_DUTY, clock, taken.ends)
    return clock


def _append(found: list[Segment], activity: str, starts: float, ends: float) -> float:
    """Whole seconds: the problems of these tests have no others."""
    if round(ends) > round(starts):
        found.append(Segment(activity, round(starts), round(ends)))
    return ends


def rank_vector(problem: Any, served: set[str]) -> tuple[int, ...]:
    """What is left out by rank: required stops by priority, then optional ones above 0."""
    keys: list[tuple[int, int]] = []
    left: list[tuple[int, int]] = []
    done_groups = {job.group for job in problem.jobs if job.id in served and job.group}
    seen: set[str] = set()
    for stop in (*problem.jobs, *problem.shipments):
        if not stop.required and stop.priority <= 0:
            continue
        key = (2 if stop.required else 1, stop.priority)
        keys.append(key)
        own = stop.id if hasattr(stop, "group") else stop.pickup.id
        group = getattr(stop, "group", None)
        if own in served or (group and (group in done_groups or group in seen)):
            continue
        if group:
            seen.add(group)
        left.append(key)
    return tuple(left.count(key) for key in sorted(set(keys), reverse=True))
