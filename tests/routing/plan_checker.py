"""PLAN.json against PROBLEM.json, by the independent judge: what it says is summed up anew.

Reads the two documents as plain JSON; shares neither code nor arithmetic with the planner.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

from routing.checker import INF, TINY, Case, Stop, Vehicle, check, walk
from routing.driver_law import Before, Span, faults_of_day

EARTH_M = 6_371_008.8


def seconds(problem: dict[str, Any], text: str | None, default: float) -> float:
    if text is None:
        return default
    zero = dt.datetime.fromisoformat(problem["starts_at"])
    return (dt.datetime.fromisoformat(text) - zero).total_seconds()


def place_of(thing: dict[str, Any]) -> Any:
    return thing["place"] if thing.get("place") is not None else (thing["lat"], thing["lon"])


def metric_of(problem: dict[str, Any]):
    told = problem.get("distances", {})
    factor = told.get("speed_factor", 1.0)
    if told.get("kind") == "matrix":
        index = {place["id"]: at for at, place in enumerate(problem["places"])}
        metres, lasts = told["distance_m"], told["duration_s"]
        return (
            lambda a, b: float(round(metres[index[a]][index[b]])),
            lambda a, b: math.ceil(lasts[index[a]][index[b]] / factor - 1e-9),
        )
    named = {place["id"]: (place["lat"], place["lon"]) for place in problem.get("places", ())}

    def distance(a: Any, b: Any) -> float:
        (lat, lon), (lat_2, lon_2) = (
            [math.radians(each) for each in named.get(spot, spot)] for spot in (a, b)
        )
        half = math.sin((lat_2 - lat) / 2) ** 2
        half += math.cos(lat) * math.cos(lat_2) * math.sin((lon_2 - lon) / 2) ** 2
        return float(round(2 * EARTH_M * math.asin(math.sqrt(half)) * told.get("circuity", 1.35)))

    speed = told.get("speed_m_s", 8.0) * factor
    return distance, lambda a, b: math.ceil(distance(a, b) / speed)


def dimensions_of(problem: dict[str, Any]) -> list[str]:
    told = problem.get("dimensions") or [
        name for vehicle in problem["vehicles"] for name in vehicle.get("capacity", {})
    ]
    return list(dict.fromkeys(told)) or ["load"]


def case_of(problem: dict[str, Any]) -> Case:
    """What a problem document asks."""
    names = dimensions_of(problem)
    depots = {depot["id"]: place_of(depot) for depot in problem.get("depots", ())}

    def amounts(told: dict[str, float] | None) -> tuple[float, ...]:
        return tuple((told or {}).get(name, 0) for name in names)

    def windows(row: dict[str, Any]) -> tuple[tuple[float, float], ...]:
        return tuple(
            (
                max(seconds(problem, each.get("opens_at"), 0.0), 0.0),
                seconds(problem, each.get("closes_at"), INF),
            )
            for each in row.get("windows") or [{}]
        )

    def spot(told: dict[str, Any] | None) -> Any:
        if told is None:
            return None
        return depots[told["depot"]] if told.get("depot") else place_of(told)

    def wanted(row: dict[str, Any]) -> dict[str, Any]:
        paid = row.get("prize_usd")
        must = row.get("required")
        only = row.get("allowed_vehicles")
        return {
            "prize": paid or 0.0,
            "required": paid is None if must is None else must,
            "needs": frozenset(row.get("skills", ())),
            "only": None if only is None else frozenset(only),
            "never": frozenset(row.get("excluded_vehicles", ())),
        }

    stops = {
        row["id"]: Stop(
            place=place_of(row),
            delivery=amounts(row.get("delivery")),
            pickup=amounts(row.get("pickup")),
            windows=windows(row),
            service=row.get("service_s", 0)
            + row.get("parcels", 0) * row.get("service_per_parcel_s", 0),
            parking=row.get("parking_s", 0),
            release=max(seconds(problem, row.get("release_at"), 0.0), 0.0),
            group=row.get("group"),
            **wanted(row),
        )
        for row in problem.get("jobs", ())
    }
    for row in problem.get("shipments", ()):
        ids = [row[end].get("id") or f"{row['id']}/{end}" for end in ("pickup", "delivery")]
        for end, name, other, sign in (
            ("pickup", ids[0], ids[1], 1),
            ("delivery", ids[1], ids[0], -1),
        ):
            told = row[end]
            stops[name] = Stop(
                place=place_of(told),
                delivery=amounts({}),
                pickup=amounts({}),
                windows=windows(told),
                service=told.get("service_s", 0),
                parking=told.get("parking_s", 0),
                pair=other,
                takes=tuple(sign * each for each in amounts(row.get("amount"))),
                **wanted(row),
            )
    vehicles = {}
    for row in problem["vehicles"]:
        costs = row.get("costs", {"usd_per_km": 1.0})
        start = spot(row["start"])
        end = row.get("end", row["start"] if row["start"].get("depot") else None)
        opens = max(seconds(problem, row.get("shift_starts_at"), 0.0), 0.0)
        vehicles[row["id"]] = Vehicle(
            count=INF if row.get("count", 1) is None else row.get("count", 1),
            capacity=[row.get("capacity", {}).get(name, INF) for name in names],
            start=start,
            end=spot(end),
            opens=opens,
            closes=seconds(problem, row.get("shift_ends_at"), INF),
            latest_start=max(seconds(problem, row.get("latest_start_at"), INF), opens),
            fixed=costs.get("fixed_usd", 0),
            rate=costs.get("usd_per_km", 0) / 1000,
            time_rate=costs.get("usd_per_h", 0) / 3600,
            regular=row.get("regular_duration_s") or INF,
            overtime_rate=costs.get("overtime_usd_per_h", 0) / 3600,
            max_duration=row.get("max_duration_s") or INF,
            max_distance=row.get("max_distance_m") or INF,
            max_stops=row.get("max_stops") or INF,
            reloads=frozenset(row.get("reload_depots", ())),
            max_reloads=INF if row.get("max_reloads") is None else row["max_reloads"],
            deliveries_first=row.get("backhauls") == "last",
            skills=frozenset(row.get("skills", ())),
            on_board=amounts(row.get("on_board")) if row.get("on_board") else None,
        )
    distance, duration = metric_of(problem)
    return Case(
        stops,
        vehicles,
        distance,
        duration,
        depots,
        hours={
            depots[row["id"]]: (
                max(seconds(problem, row.get("opens_at"), 0.0), 0.0),
                seconds(problem, row.get("closes_at"), INF),
            )
            for row in problem.get("depots", ())
        },
        loading={depots[row["id"]]: row.get("loading_s", 0) for row in problem.get("depots", ())},
        slack=1e-3,
    )


def judged(problem: dict[str, Any], plan: dict[str, Any]) -> list[str]:
    """What is wrong with a plan: routes, times, loads, distances, costs, sums, slack."""
    case = case_of(problem)
    routes = [
        (route["vehicle_type"], [stop["id"] for stop in route["stops"]]) for route in plan["routes"]
    ]
    # Days with breaks last as long as they are told to, which is judged route by route.
    rates = {name: vehicle for name, vehicle in case.vehicles.items() if name in ruled(problem)}
    for name, vehicle in rates.items():
        case.vehicles[name] = replace(vehicle, time_rate=0.0, overtime_rate=0.0)
    verdict = check(case, routes)
    for route in plan["routes"]:
        if route["vehicle_type"] in rates:
            verdict = replace(verdict, cost=verdict.cost + _time_usd(rates, route))
    case.vehicles.update(rates)
    verdict = replace(verdict, cost=verdict.cost + _fairness_usd(problem, plan))
    missing = {each["id"] for each in plan["unassigned"] if each["required"]}
    faults = [
        each
        for each in verdict.faults
        if not (each.endswith("is left out") and _named(each, missing))
    ]
    if missing and plan["complete"]:
        faults.append(f"complete, but without {missing}")
    totals = plan["totals"]
    faults += _differs("cost", totals["cost_usd"], verdict.cost)
    faults += _differs("costs", sum(totals["costs"].values()), totals["cost_usd"])
    for name in ("distance_m", "duration_s"):
        faults += _differs(name, totals[name], sum(route[name] for route in plan["routes"]))
    if len({route["vehicle"] for route in plan["routes"]}) != len(plan["routes"]):
        faults.append("two routes of one vehicle")
    for route in plan["routes"]:
        faults += [f"{route['vehicle']}: {each}" for each in _route(problem, case, route)]
    costs = [cost for _, cost in plan["trace"]]
    if costs != sorted(costs, reverse=True) or costs[-1] != totals["cost_usd"]:
        faults.append(f"trace {costs}")
    return faults


def ruled(problem: dict[str, Any]) -> set[str]:
    """Vehicles whose drivers have rules."""
    return {row["id"] for row in problem["vehicles"] if row.get("hos_rules")}


def _time_usd(vehicles: dict[str, Vehicle], route: dict[str, Any]) -> float:
    vehicle, lasts = vehicles[route["vehicle_type"]], route["duration_s"]
    over = max(lasts - vehicle.regular, 0.0)
    return vehicle.time_rate * lasts + (vehicle.overtime_rate * over if over else 0.0)


def _off_territory_usd(problem: dict[str, Any], route: dict[str, Any]) -> float:
    """Of stops that a vehicle of another territory serves."""
    areas = {job["id"]: job.get("territory") for job in problem["jobs"]}
    own = {row["id"]: row.get("territory") for row in problem["vehicles"]}[route["vehicle_type"]]
    named = [areas.get(stop["id"]) for stop in route["stops"]]
    off = sum(own is not None and area is not None and area != own for area in named)
    return problem.get("territory_usd", 0.0) * off


def _fairness_usd(problem: dict[str, Any], plan: dict[str, Any]) -> float:
    """Of territories, and of the longest route."""
    longest_s = max((route["duration_s"] for route in plan["routes"]), default=0.0)
    longest = problem.get("longest_usd_per_h", 0.0) * longest_s / 3600
    return longest + sum(_off_territory_usd(problem, route) for route in plan["routes"])


def _named(fault: str, missing: set[str]) -> bool:
    stop = fault.removeprefix("coverage: ").removesuffix(" is left out")
    return stop in missing or stop.rpartition("/")[0] in missing or fault.startswith("group")


def _route(problem: dict[str, Any], case: Case, route: dict[str, Any]) -> list[str]:
    vehicle = case.vehicles[route["vehicle_type"]]
    walked = walk(case, route["vehicle_type"], [stop["id"] for stop in route["stops"]])
    rules = route["vehicle_type"] in ruled(problem)
    lasts = route["duration_s"] if rules else walked.lasts
    usd = walked.cost()
    if rules:
        bare = replace(vehicle, time_rate=0.0, overtime_rate=0.0)
        walked.vehicle = bare
        usd = walked.cost() + _time_usd(case.vehicles, route)
        walked.vehicle = vehicle
    usd += _off_territory_usd(problem, route)
    faults = _differs("cost", route["cost_usd"], usd)
    faults += _differs("costs", sum(route["costs"].values()), route["cost_usd"])
    faults += _differs("distance", route["distance_m"], walked.length)
    faults += _differs("duration", route["duration_s"], lasts)
    if lasts > vehicle.max_duration + 2e-3:
        faults.append(f"lasts {lasts}")
    faults += _differs("binding", 0.0, 0.0 if route["binding"] is not None or not _limited(
        vehicle, case, route) else 1.0)  # fmt: skip
    faults += _times(problem, case, route)
    faults += _loads(problem, case, route)
    starts = seconds(problem, route["starts_at"], 0.0)
    slack = route["slack_s"]
    if slack is not None:
        ends, missed = walked.end_from(starts + slack)
        if missed or ends > vehicle.closes + TINY:
            faults.append(f"slack {slack} is too much: {missed or 'the shift'}")
        ends, missed = walked.end_from(starts + slack + 2)
        if (
            not rules
            and not missed
            and ends <= vehicle.closes
            and len(case.stops)
            and not _several(case, route)
        ):
            faults.append(f"slack {slack} is too little")
    return faults


def _several(case: Case, route: dict[str, Any]) -> bool:
    """A later window of the same stop may take what the planned one does not."""
    return any(
        len(case.stops[stop["id"]].windows) > 1
        for stop in route["stops"]
        if stop["kind"] != "reload"
    )


def _limited(vehicle: Vehicle, case: Case, route: dict[str, Any]) -> bool:
    return any(each < INF for each in (*vehicle.capacity, vehicle.closes, vehicle.max_duration))


def _times(problem: dict[str, Any], case: Case, route: dict[str, Any]) -> list[str]:
    faults: list[str] = []
    vehicle = case.vehicles[route["vehicle_type"]]

    def told(row: dict[str, Any], *names: str) -> list[float]:
        return [seconds(problem, row[name], 0.0) for name in names]

    starts, ends = told(route, "starts_at", "ends_at")
    clock = starts + case.loading.get(vehicle.start if route["start"].get("depot") else None, 0.0)
    day, here = [Span("work", starts, clock)], vehicle.start
    pending = [(each["kind"], *told(each, "starts_at", "ends_at")) for each in route["breaks"]]
    for stop in route["stops"]:
        reload = stop["kind"] == "reload"
        there = case.depots[stop["id"]] if reload else case.stops[stop["id"]].place
        arrives, begins, departs = told(stop, "arrives_at", "begins_at", "departs_at")
        clock = _taken(day, pending, clock)
        faults += _differs(f"arrival at {stop['id']}", arrives, clock + case.duration(here, there))
        faults += _differs(f"leg to {stop['id']}", stop["distance_m"], case.distance(here, there))
        if not reload:
            row = case.stops[stop["id"]]
            parking = row.parking if here != there else 0.0
            faults += _differs(
                f"begin at {stop['id']}", begins, arrives + parking + stop["waits_s"]
            )
            faults += _differs(f"departure from {stop['id']}", departs, begins + row.service)
            if not any(opens - 1e-3 <= begins <= closes + 1e-3 for opens, closes in row.windows):
                faults.append(f"{stop['id']} outside of its windows")
        day += [Span("driving", clock, arrives), Span("work", arrives, departs)]
        clock, here = departs, there
    if vehicle.end is not None:
        clock = _taken(day, pending, clock)
        home = clock + case.duration(here, vehicle.end)
        day.append(Span("driving", clock, home))
        clock = max(home, case.hours.get(vehicle.end, (0.0, INF))[0])
        day.append(Span("work", home, clock))
    if pending:
        faults.append(f"breaks that are not between two stops: {pending}")
    faults += _differs("end", ends, clock)
    if ends > vehicle.closes + 2e-3:
        faults.append(f"ends at {ends}")
    return faults + _unlawful(problem, route, day)


def _taken(day: list[Span], pending: list[Any], clock: float) -> float:
    """Take the breaks that begin now."""
    while pending and abs(pending[0][1] - clock) <= 2e-3:
        kind, begins, ends = pending.pop(0)
        day.append(Span(kind, begins, ends))
        clock = ends
    return clock


def _unlawful(problem: dict[str, Any], route: dict[str, Any], day: list[Span]) -> list[str]:
    (row,) = [each for each in problem["vehicles"] if each["id"] == route["vehicle_type"]]
    if not row.get("hos_rules"):
        return [f"breaks without rules: {route['breaks']}"] if route["breaks"] else []
    used, before = row.get("hours_used"), None
    if used is not None:
        before = Before(
            seconds(problem, used["on_duty_since_at"], 0.0), used.get("driven_s", 0.0),
            used.get("driven_since_pause_s", 0.0), used.get("meals", 0), used.get("rests", 0),
        )  # fmt: skip
    return faults_of_day(row["hos_rules"], day, before)


def _loads(problem: dict[str, Any], case: Case, route: dict[str, Any]) -> list[str]:
    names, faults = dimensions_of(problem), list[str]()
    told = [route["load_at_start"], *(stop["load"] for stop in route["stops"])]
    for (before, after), stop in zip(pairwise(told), route["stops"], strict=True):
        if stop["kind"] == "reload":
            continue
        row = case.stops[stop["id"]]
        for at, name in enumerate(names):
            change = (row.takes[at] if row.takes else 0) - row.delivery[at] + row.pickup[at]
            faults += _differs(f"load after {stop['id']}", after[name], before[name] + change)
    if any(value < -1e-9 for load in told for value in load.values()):
        faults.append("a load below nothing")
    return faults


def _differs(what: str, told: float, true: float) -> list[str]:
    return [] if abs(told - true) <= 2e-3 + 1e-6 * abs(true) else [f"{what}: {told}, not {true}"]
