"""What a route costs and why, what it carries, and how near it is to its limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.plan.routing.delays import Delays
from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import route_legs, windows_of
from crossdock.plan.routing.solution import Route, Visit
from crossdock.plan.routing.vehicles import Depot, VehicleType

_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class CostSplit:
    """The cost of a route, or of several, by what it is paid for."""

    fixed: float = 0.0
    distance: float = 0.0
    duration: float = 0.0
    overtime: float = 0.0
    territory: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.fixed + self.distance + self.duration + self.overtime + self.territory

    def plus(self, other: CostSplit) -> CostSplit:
        """The sum of two."""
        return CostSplit(
            self.fixed + other.fixed,
            self.distance + other.distance,
            self.duration + other.duration,
            self.overtime + other.overtime,
            self.territory + other.territory,
        )


@dataclass(frozen=True, slots=True)
class Room:
    """How far a route is from one of its limits.

    Attributes
    ----------
    limit, of
        As of `crossdock.plan.routing.solution.Relaxation`; ``depots.closes`` for a depot's hours.
    room
        What is left, in the unit of the limit.
    share
        Of the limit; of times, of the duration of the route.
    """

    limit: str
    of: str
    room: float
    share: float


@dataclass(frozen=True)
class RouteDetail:
    """A route in detail.

    Attributes
    ----------
    loads
        By dimension when it leaves its start, then after each visit.
    legs
        Distance to each visit, then home.
    waits
        Before service begins, of each visit.
    slack
        How much later the whole route may start; infinite where nothing forbids.
    rooms
        The nearest limit first; of the limits in time, the one that makes the slack.
    """

    loads: tuple[tuple[int, ...], ...]
    legs: tuple[float, ...]
    waits: tuple[float, ...]
    costs: CostSplit
    slack: float
    rooms: tuple[Room, ...]

    @property
    def binding(self) -> Room | None:
        """The limit that is nearest."""
        return self.rooms[0] if self.rooms else None


def route_detail(problem: Problem, vehicle: int, nodes: Sequence[int], route: Route) -> RouteDetail:
    """Loads, legs, costs and limits of ``route``, as the arbiter timed it along ``nodes``."""
    kind = problem.vehicles[vehicle]
    places = route_legs(problem, kind, nodes)
    legs = problem.metric.lengths(places[:-1], places[1:])
    loads = loads_of(problem, kind, nodes)
    waits = _waits(problem, places.tolist(), nodes, route.visits)
    if problem.speeds is None:
        by_time = _rooms_in_time(problem, kind, nodes, route, waits)
    else:
        by_time = _rooms_by_hour(problem, kind, nodes, route)
    in_time = min(by_time, key=lambda each: each.room, default=None)
    rooms = [*_rooms(problem, kind, nodes, route, loads)]
    if in_time is not None:
        rooms.append(in_time)
    return RouteDetail(
        loads=loads,
        legs=tuple(legs.tolist()),
        waits=waits,
        costs=cost_split(kind, route),
        slack=ANY_TIME if in_time is None else max(in_time.room, 0.0),
        rooms=tuple(sorted(rooms, key=lambda each: each.share)),
    )


def cost_split(kind: VehicleType, route: Route) -> CostSplit:
    """The cost of a route by what it is paid for; what is left over is for its territory."""
    duration = route.ends - route.starts
    overtime = max(duration - kind.regular_duration, 0.0)
    known = CostSplit(
        fixed=kind.fixed_cost,
        distance=kind.distance_cost * route.distance,
        duration=kind.duration_cost * duration,
        overtime=kind.overtime_cost * overtime if kind.overtime_cost else 0.0,
    )
    rest = route.cost - known.total
    territory = rest if rest > _HAIR else 0.0
    return CostSplit(known.fixed, known.distance, known.duration, known.overtime, territory)


def loads_of(
    problem: Problem, kind: VehicleType, nodes: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    """Load by dimension when a route leaves its start, then after each of ``nodes``."""
    rows = problem.nodes
    nothing = np.zeros(len(problem.dimensions), dtype=np.int64)
    carried = nothing.copy()
    load = np.array(kind.on_board or nothing) + _delivered(problem, nodes, 0)
    loads = [load]
    for at, node in enumerate(nodes):
        if node < 0:  # a depot takes what was collected and gives what the next tour delivers
            load = carried + _delivered(problem, nodes, at + 1)
        else:
            carried = carried + rows.carried[node]
            load = load + rows.carried[node] - rows.delivery[node] + rows.pickup[node]
        loads.append(load)
    return tuple(tuple(each.tolist()) for each in loads)


def _delivered(problem: Problem, nodes: Sequence[int], start: int) -> np.ndarray:
    """What the tour that begins at ``start`` brings from its depot."""
    total = np.zeros(len(problem.dimensions), dtype=np.int64)
    for node in nodes[start:]:
        if node < 0:
            break
        total += problem.nodes.delivery[node]
    return total


def _waits(
    problem: Problem, places: Sequence[int], nodes: Sequence[int], visits: Sequence[Visit]
) -> tuple[float, ...]:
    rows = problem.nodes
    found: list[float] = []
    for at, (node, visit) in enumerate(zip(nodes, visits, strict=True)):
        moved = problem.lots[places[at]] != problem.lots[places[at + 1]]
        parking = float(rows.parking[node]) if node >= 0 and moved else 0.0
        found.append(max(visit.begins - visit.arrives - parking, 0.0))
    return tuple(found)


def _rooms_in_time(
    problem: Problem,
    kind: VehicleType,
    nodes: Sequence[int],
    route: Route,
    waits: Sequence[float],
) -> Iterator[Room]:
    """By how much the start may move until a limit is met; waiting on the way absorbs delay."""
    absorbed = [0.0, *np.cumsum(waits).tolist()]
    lasts = max(route.ends - route.starts, 1.0)
    for call, limit, of, closes, planned in _closings(problem, kind, nodes, route):
        left = closes - planned + absorbed[min(call, len(waits))]
        yield Room(limit, of, left, max(left, 0.0) / lasts)


def _rooms_by_hour(
    problem: Problem, kind: VehicleType, nodes: Sequence[int], route: Route
) -> Iterator[Room]:
    """The same where legs take their time by the hour: each limit is followed back to the start.

    A later start may also make the route longer, or its breaks too few.
    """
    delays = Delays.of(problem, kind, nodes, route)
    lasts = max(route.ends - route.starts, 1.0)
    most = ANY_TIME
    for call, limit, of, closes, _ in _closings(problem, kind, nodes, route):
        left = delays.latest_start(call, closes) - route.starts
        most = min(most, left)
        yield Room(limit, of, left, max(left, 0.0) / lasts)
    for limit, left in delays.others(kind, most):
        yield Room(limit, kind.id, left, left / lasts)


def _closings(
    problem: Problem, kind: VehicleType, nodes: Sequence[int], route: Route
) -> Iterator[tuple[int, str, str, float, float]]:
    """Limits in time: number of the call, limit, whose, when it is, and when the route is there."""

    def depot(call: int, found: Depot, planned: float) -> tuple[int, str, str, float, float]:
        return call, "depots.closes", found.id, found.closes, planned

    last = len(nodes) + 1
    found = [(0, "latest_start", kind.id, kind.latest_start, route.starts)]
    if kind.start_depot is not None:
        found.append(depot(0, problem.depots[problem.depot_index[kind.start_depot]], route.starts))
    for call, (node, visit) in enumerate(zip(nodes, route.visits, strict=True), start=1):
        if node < 0:
            found.append(depot(call, problem.depots[-1 - node], visit.begins))
            continue
        windows = windows_of(problem, node)
        closes = next(
            (each.closes for each in windows if each.closes >= visit.begins - _HAIR),
            windows[-1].closes,
        )
        found.append((call, "windows.closes", visit.id, closes, visit.begins))
    found.append((last, "shift_ends", kind.id, kind.shift_ends, route.ends))
    if kind.end_depot is not None:
        found.append(depot(last, problem.depots[problem.depot_index[kind.end_depot]], route.ends))
    return (each for each in found if each[3] < ANY_TIME)


def _rooms(
    problem: Problem,
    kind: VehicleType,
    nodes: Sequence[int],
    route: Route,
    loads: Sequence[Sequence[int]],
) -> Iterator[Room]:
    """What is left of the limits that have nothing to do with the hour."""
    for at, limit in enumerate(kind.capacity):
        if limit is not None:
            worst = max(each[at] for each in loads)
            yield _left(f"capacity.{problem.dimensions[at]}", kind.id, float(limit), float(worst))
    stops = sum(node >= 0 for node in nodes)
    for name, limit, used in (
        ("max_duration", kind.max_duration, route.ends - route.starts),
        ("max_distance", kind.max_distance, route.distance),
        ("max_stops", kind.max_stops, float(stops)),
    ):
        if limit is not None and limit < ANY_TIME:
            yield _left(name, kind.id, float(limit), used)


def _left(name: str, of: str, limit: float, used: float) -> Room:
    room = max(limit - used, 0.0)
    return Room(name, of, room, room / limit if limit else 0.0)
