"""An independent judge of routes: it shares neither code nor arithmetic with the planner.

Instances are read by `vrplib` (Li-Lim by the few lines below); distances are `math.sqrt`, times a
walk along the route, the least duration a bisection over the departure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import vrplib

INF = math.inf
TINY = 1e-5


@dataclass
class Stop:
    """A client, or an end of a shipment (``pair`` names the other one)."""

    place: Any
    delivery: Sequence[float] = (0,)
    pickup: Sequence[float] = (0,)
    windows: Sequence[tuple[float, float]] = ((0.0, INF),)
    service: float = 0.0
    parking: float = 0.0
    release: float = 0.0
    prize: float = 0.0
    required: bool = True
    group: Any = None
    pair: Any = None
    takes: Sequence[float] | None = None  # load change at an end of a shipment
    needs: frozenset[str] = frozenset()
    only: frozenset[Any] | None = None
    never: frozenset[Any] = frozenset()


@dataclass
class Vehicle:
    """Vehicles that are alike; ``start`` and ``end`` are places, an ``end`` of None is open."""

    count: float
    capacity: Sequence[float]
    start: Any
    end: Any
    opens: float = 0.0
    closes: float = INF
    latest_start: float = INF
    fixed: float = 0.0
    rate: float = 1.0
    time_rate: float = 0.0
    regular: float = INF
    overtime_rate: float = 0.0
    max_duration: float = INF
    max_distance: float = INF
    max_stops: float = INF
    reloads: frozenset[Any] = frozenset()
    max_reloads: float = INF
    deliveries_first: bool = False
    skills: frozenset[str] = frozenset()
    on_board: Sequence[float] | None = None


@dataclass
class Case:
    """What an instance asks."""

    stops: dict[Any, Stop]
    vehicles: dict[Any, Vehicle]
    distance: Callable[[Any, Any], float]
    duration: Callable[[Any, Any], float]
    depots: dict[Any, Any]  # id -> place
    hours: dict[Any, tuple[float, float]] = field(default_factory=dict)  # place -> open
    loading: dict[Any, float] = field(default_factory=dict)  # place -> duration
    slack: float = TINY


@dataclass
class Verdict:
    cost: float
    faults: list[str]


def check(case: Case, routes: Sequence[tuple[Any, Sequence[Any]]]) -> Verdict:
    """Cost and faults of routes, each the id of a vehicle and the ids it visits."""
    faults: list[str] = []
    cost = 0.0
    for number, (vehicle, visits) in enumerate(routes, start=1):
        route = _Walk(case, case.vehicles[vehicle], vehicle, visits)
        cost += route.cost()
        faults += [f"route {number}: {fault}" for fault in route.faults]
    used = Counter(vehicle for vehicle, _ in routes)
    for vehicle, times in used.items():
        if times > case.vehicles[vehicle].count:
            faults.append(f"fleet: {times} of vehicle {vehicle}")
    visited = Counter(v for _, visits in routes for v in visits if v not in case.depots)
    faults += [f"coverage: {v} unknown" for v in visited if v not in case.stops]
    faults += [f"coverage: {v} visited {times} times" for v, times in visited.items() if times > 1]
    grouped: dict[Any, list[Any]] = {}
    for name, stop in case.stops.items():
        if stop.group is not None:
            grouped.setdefault(stop.group, []).append(name)
            continue
        if name in visited:
            continue
        if stop.required:
            faults.append(f"coverage: {name} is left out")
        elif stop.pair is None or stop.takes is None or max(stop.takes) > 0:
            cost += stop.prize  # of a shipment once, at its pickup
    for group, members in grouped.items():
        served = [name for name in members if name in visited]
        if len(served) > 1:
            faults.append(f"group: {group} served at {served}")
        if not served:
            if case.stops[members[0]].required:
                faults.append(f"group: {group} is left out")
            cost += case.stops[members[0]].prize if not case.stops[members[0]].required else 0
    return Verdict(cost, faults)


def walk(case: Case, vehicle: Any, visits: Sequence[Any]) -> _Walk:
    """One route in detail."""
    return _Walk(case, case.vehicles[vehicle], vehicle, visits)


class _Walk:
    """One route, walked stop by stop."""

    def __init__(self, case: Case, vehicle: Vehicle, name: Any, visits: Sequence[Any]) -> None:
        self.case, self.vehicle, self.name, self.visits = case, vehicle, name, visits
        self.faults: list[str] = []
        self.length = 0.0
        self.lasts = 0.0
        known = [v for v in visits if v in case.stops or v in case.depots]
        self.path = [vehicle.start, *(self._place(v) for v in known)]
        if vehicle.end is not None:
            self.path.append(vehicle.end)
        self.visits = known
        self._distance()
        self._time()
        self._load()
        self._pairs()
        self._people()

    def cost(self) -> float:
        over = max(self.lasts - self.vehicle.regular, 0.0)
        return (
            self.vehicle.fixed
            + self.vehicle.rate * self.length
            + self.vehicle.time_rate * self.lasts
            + (self.vehicle.overtime_rate * over if self.vehicle.overtime_rate else 0.0)
        )

    def end_from(self, start: float) -> tuple[float, Any]:
        """End of the route that starts at ``start``, and the first stop whose window it misses."""
        return self._end(start)

    def _place(self, visit: Any) -> Any:
        return (
            self.case.depots[visit] if visit in self.case.depots else self.case.stops[visit].place
        )

    def _distance(self) -> None:
        self.length = math.fsum(self.case.distance(a, b) for a, b in pairwise(self.path))
        if self.length > self.vehicle.max_distance + self.case.slack:
            self.faults.append(f"distance {self.length} over {self.vehicle.max_distance}")

    def _time(self) -> None:
        vehicle, slack = self.vehicle, self.case.slack
        first, missed = self._end(vehicle.opens)
        if missed:
            self.faults.append(f"window missed at {missed}")
            return
        if first > vehicle.closes + slack:
            self.faults.append(f"ends {first} after the shift {vehicle.closes}")
        low, high = vehicle.opens, min(vehicle.latest_start, first)
        if self._end(high)[1] or self._end(high)[0] > first + 1e-9:
            for _ in range(60):
                middle = (low + high) / 2
                ends, late = self._end(middle)
                if late or ends > first + 1e-9:
                    high = middle
                else:
                    low = middle
        else:
            low = high
        self.lasts = first - self._departure(low)
        if self.lasts > vehicle.max_duration + slack:
            self.faults.append(f"lasts {self.lasts}, more than {vehicle.max_duration}")

    def _departure(self, start: float) -> float:
        """When the driver's time begins who comes at ``start``: the depot may still be closed."""
        opens, _ = self.case.hours.get(self.vehicle.start, (0.0, INF))
        return max(start, opens, self._released(0))

    def _released(self, at: int) -> float:
        """Latest release of the tour that begins before visit ``at``."""
        latest = 0.0
        for visit in self.visits[at:]:
            if visit in self.case.depots:
                break
            latest = max(latest, self.case.stops[visit].release)
        return latest

    def _end(self, start: float) -> tuple[float, Any]:
        """End of the route that starts at ``start``, and the first stop whose window it misses."""
        case, slack = self.case, self.case.slack
        clock = self._departure(start)
        if clock > case.hours.get(self.vehicle.start, (0.0, INF))[1] + slack:
            return clock, "the depot"
        if clock > self.vehicle.latest_start + slack:
            return clock, "the latest start"
        clock += case.loading.get(self.vehicle.start, 0.0)
        for at, visit in enumerate(self.visits):
            here, there = self.path[at], self.path[at + 1]
            clock += case.duration(here, there)
            if visit in case.depots:
                opens, closes = case.hours.get(there, (0.0, INF))
                clock = max(clock, opens, self._released(at + 1))
                if clock > closes + slack:
                    return clock, visit
                clock += case.loading.get(there, 0.0)
                continue
            stop = case.stops[visit]
            clock += stop.parking if here != there else 0.0
            following = [w for w in stop.windows if clock <= w[1] + slack]
            if not following:
                return clock, visit
            clock = max(clock, following[0][0]) + stop.service
        if self.vehicle.end is not None:
            clock += case.duration(self.path[-2], self.path[-1])
            opens, closes = case.hours.get(self.vehicle.end, (0.0, INF))
            clock = max(clock, opens)
            if clock > closes + slack:
                return clock, "the depot at the end"
        return clock, None

    def _load(self) -> None:
        vehicle, stops = self.vehicle, self.case.stops
        tours: list[list[Any]] = [[]]
        for visit in self.visits:
            if visit in self.case.depots:
                if visit not in vehicle.reloads:
                    self.faults.append(f"reload at {visit}")
                tours.append([])
            else:
                tours[-1].append(visit)
        if len(tours) - 1 > vehicle.max_reloads:
            self.faults.append(f"{len(tours) - 1} reloads")
        if sum(map(len, tours)) > vehicle.max_stops:
            self.faults.append(f"{sum(map(len, tours))} stops")
        for at, limit in enumerate(vehicle.capacity):
            worst = self._heaviest(tours, at)
            if worst > limit:
                self.faults.append(f"load {worst} over {limit}")
        if vehicle.deliveries_first:
            for tour in tours:
                # A stop that does both delivers first; an end of a shipment does neither.
                kinds = "".join(
                    "D" * any(stops[v].delivery) + "P" * any(stops[v].pickup) for v in tour
                )
                if "PD" in kinds or kinds.startswith("P"):
                    self.faults.append("backhaul before a delivery")

    def _heaviest(self, tours: list[list[Any]], at: int) -> float:
        """The largest load of one dimension on any leg."""
        stops, on_board = self.case.stops, self.vehicle.on_board
        held = heaviest = 0.0  # held: of shipments, which stay on board over a reload
        extra = on_board[at] if on_board else 0.0
        for tour in tours:
            load = extra + held + sum(stops[v].delivery[at] for v in tour)
            extra, heaviest = 0.0, max(heaviest, load)
            for visit in tour:
                stop = stops[visit]
                change = stop.takes[at] if stop.takes else 0.0
                held += change
                load += change - stop.delivery[at] + stop.pickup[at]
                heaviest = max(heaviest, load)
        return heaviest

    def _pairs(self) -> None:
        at = {visit: index for index, visit in enumerate(self.visits)}
        for visit, index in at.items():
            stop = self.case.stops.get(visit)
            if stop is None or stop.pair is None:
                continue
            other = at.get(stop.pair)
            if other is None:
                self.faults.append(f"pair {visit} without {stop.pair}")
            elif stop.takes is not None and min(stop.takes) < 0 and other > index:
                self.faults.append(f"pair {visit} before {stop.pair}")

    def _people(self) -> None:
        for visit in self.visits:
            stop = self.case.stops.get(visit)
            if stop is None:
                continue
            if not stop.needs <= self.vehicle.skills:
                self.faults.append(f"skills of {visit}")
            if (stop.only is not None and self.name not in stop.only) or self.name in stop.never:
                self.faults.append(f"vehicle {self.name} may not serve {visit}")


def rounded(rounding: str) -> Callable[[float], float]:
    """A straight-line distance under a convention of the literature, in units of the file."""
    return {
        "exact": lambda d: d,
        "round": lambda d: float(math.floor(d + 0.5)),
        "dimacs": lambda d: math.floor(10 * d) / 10,
        "trunc": lambda d: float(math.floor(d)),
    }[rounding]


def planar(points: Sequence[Sequence[float]], rounding: str) -> Callable[[int, int], float]:
    """Distances between numbered points."""
    convention = rounded(rounding)

    def between(a: int, b: int) -> float:
        (x, y), (u, v) = points[a], points[b]
        return convention(math.sqrt((x - u) ** 2 + (y - v) ** 2))

    return between


def default_rounding(kind: str) -> str:
    """What the literature uses for a kind of instance."""
    if kind in {"HFVRP", "MDVRPTW", "SDVRPTW"}:
        return "exact"
    return "dimacs" if kind in {"VRPTW", "PCVRPTW", "MTVRPTWR"} else "round"


def case_of_file(path: Path, rounding: str | None = None, slack: float = TINY) -> Case:
    """What the file of a benchmark instance asks; stops are its own node numbers."""
    text = path.read_text()
    if len(text.lstrip().splitlines()[0].split()) == 3 and text.lstrip()[0].isdigit():
        return _li_lim(text, rounding or "exact", slack)
    if "VEHICLE\n" in text.replace(" ", "").replace("\r", "")[:500] and "DIMENSION" not in text:
        told = vrplib.read_instance(path, instance_format="solomon", compute_edge_weights=False)
        told["vehicles"], told["depot"] = told["vehicles"], [0]
        return _vrplib(told, rounding or "exact", 0, slack)
    told = vrplib.read_instance(path, compute_edge_weights=False)
    if told.get("comment") == "ORTEC":
        del told["vehicles"]
    return _vrplib(told, rounding or default_rounding(told["type"]), 1, slack)


def _vrplib(told: dict[str, Any], rounding: str, first: int, slack: float) -> Case:
    """``first`` is the number of the first node."""
    count = told.get("dimension") or len(told["node_coord"])
    depots = [int(each) for each in told.get("depot", [0])]
    if told.get("edge_weight") is not None and told.get("edge_weight_type") == "EXPLICIT":
        weights = told["edge_weight"].tolist()
        distance: Callable[[int, int], float] = lambda a, b: weights[a][b]  # noqa: E731
    else:
        distance = planar([list(map(float, row)) for row in told["node_coord"]], rounding)

    def per_node(name: str, default: Any) -> list[Any]:
        value = told.get(name, default)
        if hasattr(value, "tolist"):
            value = value.tolist()
        return value if isinstance(value, list) else [value] * count

    demand = per_node("demand", 0) if "demand" in told else per_node("linehaul", 0)
    backhaul, service = per_node("backhaul", 0), per_node("service_time", 0)
    windows = per_node("time_window", None)
    release, prize = per_node("release_time", 0), per_node("prize", 0)
    group = {
        int(member) - 1: number
        for number, members in enumerate(told.get("mutually_exclusive_group", []))
        for member in (members if hasattr(members, "__len__") else [members])
    }
    vehicles, of_node = _vrplib_vehicles(told, depots, windows, first)
    stops = {
        node + first: Stop(
            place=node,
            delivery=(demand[node],),
            pickup=(backhaul[node],),
            windows=(tuple(windows[node]),) if windows[node] else ((0.0, INF),),
            service=service[node],
            release=release[node],
            prize=prize[node],
            required=prize[node] == 0,
            group=group.get(node),
            only=None if of_node is None else frozenset(of_node.get(node + first, ())),
        )
        for node in range(count)
        if node not in depots
    }
    return Case(
        stops,
        vehicles,
        distance,
        distance,
        {depot + first: depot for depot in depots},
        slack=slack,
    )


def _vrplib_vehicles(
    told: dict[str, Any], depots: list[int], windows: list[Any], first: int
) -> tuple[dict[int, Vehicle], dict[int, set[int]] | None]:
    """Every vehicle of the file by its number; one alone, number 1, where they are unlimited."""
    fleet = told.get("vehicles")

    def per_vehicle(name: str, default: Any) -> list[Any]:
        value = told.get(name, default)
        if hasattr(value, "tolist"):
            value = value.tolist()
        return value if isinstance(value, list) else [value] * (fleet or 1)

    capacity, at = per_vehicle("capacity", INF), per_vehicle("vehicles_depot", None)
    lasts = per_vehicle("vehicles_max_duration", INF)
    reaches = per_vehicle("vehicles_max_distance", INF)
    fixed = per_vehicle("vehicles_fixed_cost", 0)
    rate = per_vehicle("vehicles_unit_distance_cost", 1)
    most = per_vehicle("vehicles_max_reloads", INF)
    reloads = per_vehicle("vehicles_reload_depot", [])
    found: dict[int, Vehicle] = {}
    for number in range(fleet or 1):
        depot = depots[0] if at[number] is None else int(at[number]) - 1
        opens, closes = windows[depot] if windows[depot] else (0.0, INF)
        own = reloads[number] if reloads else []
        own = own if isinstance(own, list | tuple) else [own]
        found[number + 1] = Vehicle(
            count=1 if fleet else INF,
            capacity=(capacity[number],),
            start=depot,
            end=depot,
            opens=opens,
            closes=closes,
            fixed=fixed[number],
            rate=rate[number],
            max_duration=lasts[number],
            max_distance=reaches[number],
            reloads=frozenset(int(each) for each in own),
            max_reloads=most[number],
            deliveries_first=told.get("type") == "VRPB",
        )
    if "vehicles_allowed_clients" not in told:
        return found, None
    of_node: dict[int, set[int]] = {}
    for number, clients in enumerate(told["vehicles_allowed_clients"], start=1):
        for client in clients:
            of_node.setdefault(int(client), set()).add(number)
    return found, of_node


def _li_lim(text: str, rounding: str, slack: float) -> Case:
    head, *rows = [line.split() for line in text.splitlines() if line.strip()]
    table = [list(map(float, row)) for row in rows]
    distance = planar([row[1:3] for row in table], rounding)
    stops = {
        int(row[0]): Stop(
            place=place,
            windows=((row[4], row[5]),),
            service=row[6],
            pair=int(row[7] or row[8]),
            takes=(row[3],),
        )
        for place, row in enumerate(table)
        if place
    }
    depot = Vehicle(float(head[0]), (float(head[1]),), 0, 0, table[0][4], table[0][5])
    return Case(stops, {1: depot}, distance, distance, {int(table[0][0]): 0}, slack=slack)


def read_sol(path: Path) -> tuple[list[list[int]], float | None]:
    """Routes, empty ones too, and the cost that a ``.sol`` file states."""
    routes: list[list[int]] = []
    cost = None
    for line in path.read_text().splitlines():
        if line.lower().startswith("route"):
            routes.append([int(word) for word in line.partition(":")[2].split()])
        elif line.lower().startswith("cost"):
            cost = float(line.replace(":", " ").split()[1])
    return routes, cost


def routes_of_sol(case: Case, routes: list[list[int]]) -> list[tuple[Any, list[int]]]:
    """Routes of a ``.sol`` file, whose nodes count from 0; route k is driven by vehicle k."""
    alike = len(case.vehicles) == 1
    return [
        (1 if alike else number, [visit + 1 for visit in visits])
        for number, visits in enumerate(routes, start=1)
        if visits
    ]


def routes_of_document(case: Case, document: dict[str, Any]) -> list[tuple[Any, list[Any]]]:
    """Routes of ``crossdock route solve``; each type's routes take its vehicles in turn."""
    attributes = {name: _attributes(case, name) for name in case.vehicles}
    free: dict[Any, list[Any]] = {}
    for name, told in attributes.items():
        free.setdefault(told, []).append(name)
    found: list[tuple[Any, list[Any]]] = []
    for route in document["routes"]:
        told = 1 if route["vehicle_type"] is None else route["vehicle_type"]
        alike = free[attributes[told]]
        vehicle = alike[0] if case.vehicles[told].count > 1 else (alike.pop(0) if alike else told)
        found.append((vehicle, route["visits"]))
    return found


def _attributes(case: Case, name: Any) -> str:
    vehicle = case.vehicles[name]
    own = tuple(sorted(n for n, stop in case.stops.items() if stop.only and name in stop.only))
    return repr((vehicle, own))


def case_of_problem(problem: Any, slack: float = TINY) -> Case:
    """The same of a problem in memory: its data are read, none of its methods are called."""
    metric = problem.metric
    if hasattr(metric, "rounding"):
        points = [tuple(row) for row in metric.xy.tolist()]
        distance = duration = planar(points, str(metric.rounding))
    else:
        far, long, units = metric.distance.tolist(), metric.duration.tolist(), metric.units
        distance = lambda a, b: far[a][b] / units  # noqa: E731
        duration = lambda a, b: long[a][b] / units  # noqa: E731
    none = (0,) * len(problem.dimensions)
    stops: dict[Any, Stop] = {}
    for job in problem.jobs:
        stops[job.id] = _stop(
            job, job, delivery=job.delivery or none, pickup=job.pickup or none, release=job.release
        )
        stops[job.id].group = job.group
    for ship in problem.shipments:
        amount = ship.amount or none
        ends = ((ship.pickup, ship.delivery, 1), (ship.delivery, ship.pickup, -1))
        for end, other, sign in ends:
            stops[end.id] = _stop(end, ship, delivery=none, pickup=none)
            stops[end.id].pair = other.id
            stops[end.id].takes = tuple(sign * each for each in amount)
    depots = {depot.id: depot.place for depot in problem.depots}
    vehicles = {each.id: _vehicle(each, depots) for each in problem.vehicles}
    hours = {depot.place: (depot.opens, depot.closes) for depot in problem.depots}
    loading = {depot.place: depot.loading for depot in problem.depots}
    return Case(stops, vehicles, distance, duration, depots, hours, loading, slack)


def _stop(where: Any, who: Any, **amounts: Any) -> Stop:
    return Stop(
        place=where.place,
        windows=[(each.opens, each.closes) for each in where.windows],
        service=where.service,
        parking=where.parking,
        prize=who.prize,
        required=who.required,
        needs=who.skills,
        only=who.allowed_vehicles,
        never=who.excluded_vehicles,
        **amounts,
    )


def _vehicle(told: Any, depots: dict[Any, Any]) -> Vehicle:
    start = told.start_place if told.start_depot is None else depots[told.start_depot]
    end = told.end_place if told.end_depot is None else depots[told.end_depot]
    return Vehicle(
        count=INF if told.count is None else told.count,
        capacity=[INF if each is None else each for each in told.capacity],
        start=start,
        end=end,
        opens=told.shift_starts,
        closes=told.shift_ends,
        latest_start=told.latest_start,
        fixed=told.fixed_cost,
        rate=told.distance_cost,
        time_rate=told.duration_cost,
        regular=told.regular_duration,
        overtime_rate=told.overtime_cost,
        max_duration=told.max_duration,
        max_distance=told.max_distance,
        max_stops=INF if told.max_stops is None else told.max_stops,
        reloads=frozenset(told.reload_depots),
        max_reloads=INF if told.max_reloads is None else told.max_reloads,
        deliveries_first=str(told.backhauls) == "last",
        skills=told.skills,
        on_board=told.on_board or None,
    )


def routes_of_solution(solution: Any) -> list[tuple[Any, list[Any]]]:
    """Routes of a plan in memory."""
    return [(route.vehicle_type, [visit.id for visit in route.visits]) for route in solution.routes]
