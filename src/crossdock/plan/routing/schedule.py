"""A route in detail: times, loads, cost, and every limit that it breaks.

This is the arbiter: whatever a search has found is planned only if it is without fault here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crossdock.plan.routing.jobs import ALWAYS, ANY_TIME, Job, Shipment, Window
from crossdock.plan.routing.metric import Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Break, Fault, Route, Visit, VisitKind, reload_at
from crossdock.plan.routing.vehicles import Backhauls, VehicleType

if TYPE_CHECKING:
    from crossdock.plan.routing.placing import Placed

_HAIR = 1e-6
"""Sums of tenths are not exact."""
_PLACINGS = 6
"""Of breaks, where legs take their time by the hour: a break moves all that follows."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A route with its faults; without any it may be driven."""

    route: Route
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Call:
    """A stop while a route is timed: ``node`` is negative at a depot.

    ``usual`` is what the drive to it takes by the metric, ``travel`` what it takes at its hour.
    """

    node: int
    place: int
    windows: Sequence[Window]
    parking: float
    service: float
    not_before: float = 0.0
    pause: float = 0.0
    usual: float = 0.0
    travel: float = 0.0
    arrives: float = 0.0
    begins: float = 0.0

    @property
    def departs(self) -> float:
        return self.begins + self.service

    @property
    def released_windows(self) -> Sequence[Window]:
        """The windows; of a depot, which has one, since the tour that begins there is released."""
        if not self.not_before:
            return self.windows
        (window,) = self.windows
        return (Window(max(window.opens, self.not_before), window.closes),)


def schedule(problem: Problem, vehicle: int, nodes: Sequence[int]) -> Scheduled:
    """Times, cost and faults of the route of a vehicle of type ``vehicle`` along ``nodes``."""
    return _Timing(problem, vehicle, nodes).scheduled()


def route_legs(problem: Problem, kind: VehicleType, nodes: Sequence[int]) -> Ints:
    """Places along a route, its start and, unless it is open, its end included."""
    where, index = problem.nodes.place, problem.depot_index
    start = kind.start_place
    if kind.start_depot is not None:
        start = int(problem.depot_places[index[kind.start_depot]])
    end = kind.end_place
    if kind.end_depot is not None:
        end = int(problem.depot_places[index[kind.end_depot]])
    between = [
        int(where[node]) if node >= 0 else int(problem.depot_places[-1 - node]) for node in nodes
    ]
    ends = [] if end is None else [end]
    return np.array([start, *between, *ends], dtype=np.int64)


class _Timing:
    def __init__(self, problem: Problem, vehicle: int, nodes: Sequence[int]) -> None:
        self._problem, self._nodes = problem, nodes
        self._kind = problem.vehicles[vehicle]
        self._faults: list[Fault] = []
        self._breaks: tuple[Break, ...] = ()
        places = route_legs(problem, self._kind, nodes)
        self._distance = float(problem.metric.lengths(places[:-1], places[1:]).sum())
        self._calls = self._all_calls(places)

    def scheduled(self) -> Scheduled:
        self._compatible()
        self._loads()
        self._order()
        self._ties()
        self._forward()
        if self._kind.hos_rules and self._nodes and not self._is_late():
            self._hours()
        else:
            self._backward()
        ends = self._calls[-1].departs
        starts = self._calls[0].begins
        duration = ends - starts
        self._limits(ends, duration)
        kind = self._kind
        cost = (
            kind.fixed_cost
            + kind.distance_cost * self._distance
            + kind.duration_cost * duration
            + kind.overtime_cost * max(duration - kind.regular_duration, 0.0)
            + self._problem.territory_cost * self._off_territory()
            if self._nodes
            else 0.0
        )
        visits = tuple(self._visit(call) for call in self._calls[1 : len(self._nodes) + 1])
        route = Route(
            kind.id, kind.start_depot, kind.end_depot, visits, starts, ends, self._distance, cost,
            self._breaks,
        )  # fmt: skip
        return Scheduled(route, tuple(self._faults))

    def _all_calls(self, places: Ints) -> list[_Call]:
        problem, kind, rows = self._problem, self._kind, self._problem.nodes
        lots = problem.lots
        travel = [0.0, *problem.metric.times(places[:-1], places[1:]).tolist()]
        calls = [self._depot_call(kind.start_depot, int(places[0]))]
        if kind.start_depot is not None:
            calls[0].service = problem.depots[problem.depot_index[kind.start_depot]].loading
        for at, node in enumerate(self._nodes, start=1):
            place = int(places[at])
            if node < 0:
                calls.append(self._depot_call(problem.depots[-1 - node].id, place))
                calls[-1].service = problem.depots[-1 - node].loading
                continue
            windows = windows_of(problem, node)
            shared = lots[place] == lots[calls[-1].place]
            parking = 0.0 if shared else float(rows.parking[node])
            calls.append(_Call(node, place, windows, parking, float(rows.service[node])))
        if len(places) > len(calls):
            calls.append(self._depot_call(kind.end_depot, int(places[-1])))
        for call, leg in zip(calls, travel, strict=True):
            call.usual = call.travel = leg
        self._release(calls)
        return calls

    def _depot_call(self, depot: str | None, place: int) -> _Call:
        if depot is None:
            return _Call(-1, place, ALWAYS, 0.0, 0.0)
        index = self._problem.depot_index[depot]
        found = self._problem.depots[index]
        return _Call(reload_at(index), place, (Window(found.opens, found.closes),), 0.0, 0.0)

    def _release(self, calls: list[_Call]) -> None:
        """A tour begins to load only when the last of its jobs is released."""
        depot = 0
        for at in range(1, len(calls)):
            node = calls[at].node
            if node < 0:
                depot = at
                continue
            released = float(self._problem.nodes.release[node])
            calls[depot].not_before = max(calls[depot].not_before, released)

    def _forward(self) -> None:
        """Earliest times; a window that is missed is a fault, and time goes on from there."""
        self._run(self._kind.shift_starts)
        for call in self._calls:
            late = call.begins - call.windows[-1].closes
            if late > _HAIR:
                self._faults.append(Fault("windows.closes", self._name(call), late))
        late = self._calls[0].begins - self._kind.latest_start
        if late > _HAIR:
            self._faults.append(Fault("latest_start", self._kind.id, late))

    def _run(self, clock: float) -> None:
        """Times of every call when the route sets out at ``clock``, waiting where it must."""
        speeds = self._problem.speeds
        for call in self._calls:
            if speeds is None:
                call.arrives = clock + call.pause + call.travel
            else:
                call.arrives = speeds.arrives(clock + call.pause, call.usual)
                call.travel = call.arrives - clock - call.pause
            ready = max(call.arrives + call.parking, call.not_before)
            window = next((each for each in call.windows if each.closes >= ready - _HAIR), None)
            call.begins = ready if window is None else max(ready, window.opens)
            clock = call.departs

    def _backward(self) -> None:
        """Wait at the start for what the stops would make wait, the end staying as it is."""
        if self._is_late():
            return
        first, latest, speeds = self._calls[0], self._calls[-1].begins, self._problem.speeds
        for at in range(len(self._calls) - 2, -1, -1):
            call, after = self._calls[at], self._calls[at + 1]
            if speeds is None:
                bound = latest - after.parking - after.travel - call.service
            else:
                bound = speeds.leaves(latest - after.parking, after.usual) - call.service
            within = [min(bound, each.closes) for each in call.windows if each.opens <= bound]
            # The earliest times always fit; rounding must not make the start earlier than they.
            latest = max([call.begins, *within])
        start = max(first.begins, min(latest, self._kind.latest_start))
        self._run(start)

    def _is_late(self) -> bool:
        return any(fault.limit == "windows.closes" for fault in self._faults)

    def _hours(self) -> None:
        """Place the breaks that the driver's hours ask for; without any legal way, a fault."""
        placed = self._placed() if self._problem.speeds is None else self._placed_by_hour()
        if placed is None:
            self._faults.append(Fault("hos_rules", self._kind.id, 1.0))
            self._backward()
            return
        self._drive_with(placed)
        if not self._is_legal():
            self._faults.append(Fault("hos_rules", self._kind.id, 1.0))

    def _placed(self) -> Placed | None:
        """Breaks for drives that take the time that they now have."""
        from crossdock.plan.routing import placing  # noqa: PLC0415 compiled: slow to import

        times = [
            placing.CallTimes(
                each.travel, each.parking, each.service, each.released_windows, each.begins
            )
            for each in self._calls
        ]
        return placing.place(self._kind, times)

    def _placed_by_hour(self) -> Placed | None:
        """Breaks that are legal with drives as they are after them, the earliest end of those.

        Placed for the times that drives have, which the breaks change, and so on. What does not
        come to rest within a few turns, and was not legal in any, is taken for not legal.
        """
        best: tuple[float, float, Placed] | None = None
        for _ in range(_PLACINGS):
            drives = [call.travel for call in self._calls]
            self._constant_run()
            placed = self._placed()
            if placed is None:
                break
            self._drive_with(placed)
            key = (self._calls[-1].departs, -self._calls[0].begins)
            if self._is_legal() and (best is None or key < best[:2]):
                best = (*key, placed)
            if all(abs(call.travel - was) < _HAIR
                   for call, was in zip(self._calls, drives, strict=True)):  # fmt: skip
                break
        for call in self._calls:
            call.pause = 0.0
        self._breaks = ()
        self._run(self._kind.shift_starts)
        return None if best is None else best[2]

    def _constant_run(self) -> None:
        """Earliest times without breaks, for drives of the time that they now have."""
        clock = self._kind.shift_starts
        for call in self._calls:
            ready = max(clock + call.travel + call.parking, call.not_before)
            window = next((each for each in call.windows if each.closes >= ready - _HAIR), None)
            call.begins = ready if window is None else max(ready, window.opens)
            clock = call.departs

    def _drive_with(self, placed: Placed) -> None:
        for at, call in enumerate(self._calls):
            call.pause = placed.off(at)
        self._run(placed.starts)
        self._breaks = tuple(placed.breaks([call.departs for call in self._calls]))

    def _is_legal(self) -> bool:
        """Whether the breaks as they fall are enough, and every window is met."""
        from crossdock.plan.routing import placing  # noqa: PLC0415 compiled: slow to import

        calls = self._calls
        log = [placing.driven(call.arrives - call.travel, call.arrives) for call in calls[1:]]
        log += [placing.Stretch(each.kind, each.starts, each.ends) for each in self._breaks]
        log.append(placing.Stretch(placing.ON_DUTY, calls[-1].begins, calls[-1].departs))
        broken = placing.broken_hours(self._kind, calls[0].begins, sorted(log, key=lambda s: s[1:]))
        late = [call for call in calls if call.begins > call.windows[-1].closes + _HAIR]
        return not broken and not late

    def _off_territory(self) -> int:
        """Stops in another territory than the vehicle's own."""
        own = self._kind.territory
        if own is None or not self._problem.territory_cost:
            return 0
        jobs = self._problem.jobs
        named = [jobs[node].territory for node in self._nodes if 0 <= node < len(jobs)]
        return sum(each is not None and each != own for each in named)

    def _ties(self) -> None:
        rows, ties = self._problem.nodes, self._problem.ties
        for limit, node in ties.broken(self._kind.id, self._nodes):
            self._faults.append(Fault(limit, rows.ids[node], 1.0))

    def _limits(self, ends: float, duration: float) -> None:
        kind = self._kind
        reloads = sum(node < 0 for node in self._nodes)
        for limit, value, most in (
            ("shift_ends", ends, kind.shift_ends),
            ("max_duration", duration, kind.max_duration),
            ("max_distance", self._distance, kind.max_distance),
            ("max_stops", float(len(self._nodes) - reloads), _no_limit(kind.max_stops)),
            ("max_reloads", float(reloads), _no_limit(kind.max_reloads)),
        ):
            if value > most + _HAIR:
                self._faults.append(Fault(limit, kind.id, value - most))
        for node in self._nodes:
            if node < 0 and self._problem.depots[-1 - node].id not in kind.reload_depots:
                self._faults.append(Fault("reload_depots", kind.id, 1.0))

    def _loads(self) -> None:
        """Load on every leg: what is still to be delivered, what was taken up, what is carried."""
        rows, kind = self._problem.nodes, self._kind
        on_board = np.array(kind.on_board or [0] * len(self._problem.dimensions))
        carried = np.zeros_like(on_board)
        worst = np.zeros_like(on_board)
        for tour in _tours(self._nodes):
            chosen = np.array(tour, dtype=np.int64)
            change = rows.carried[chosen] - rows.delivery[chosen] + rows.pickup[chosen]
            start = on_board + carried + rows.delivery[chosen].sum(axis=0)
            worst = np.maximum(worst, start)
            if tour:
                worst = np.maximum(worst, (start + change.cumsum(axis=0)).max(axis=0))
            carried = carried + rows.carried[chosen].sum(axis=0)
            on_board = np.zeros_like(on_board)
        for at, limit in enumerate(kind.capacity):
            if limit is not None and worst[at] > limit:
                excess = float(worst[at] - limit)
                self._faults.append(
                    Fault(f"capacity.{self._problem.dimensions[at]}", kind.id, excess)
                )

    def _order(self) -> None:
        """Pickups of shipments before their deliveries; deliveries before backhauls."""
        rows = self._problem.nodes
        seen: set[int] = set()
        for node in self._nodes:
            if node < 0:
                continue
            if node in seen:
                self._faults.append(Fault("visited_once", rows.ids[node], 1.0))
            seen.add(node)
            if node >= rows.jobs + rows.shipments and node - rows.shipments not in seen:
                self._faults.append(Fault("pickup_first", rows.ids[node], 1.0))
        for node in seen:
            if rows.jobs <= node < rows.jobs + rows.shipments and node + rows.shipments not in seen:
                self._faults.append(Fault("same_vehicle", rows.ids[node], 1.0))
        if self._kind.backhauls is Backhauls.LAST:
            self._backhauls()

    def _backhauls(self) -> None:
        """What goes to a depot comes after all that comes from one, which must be something.

        A stop that does both delivers first. Ends of shipments do neither.
        """
        rows = self._problem.nodes
        for tour in _tours(self._nodes):
            delivers = [bool(rows.delivery[node].any()) for node in tour]
            collects = [bool(rows.pickup[node].any()) for node in tour]
            first = collects.index(True) if any(collects) else len(tour)
            if any(delivers[first + 1 :]) or (any(collects) and not any(delivers)):
                self._faults.append(Fault("backhauls", self._kind.id, 1.0))

    def _compatible(self) -> None:
        for node in self._nodes:
            if node >= 0:
                limit = incompatible(stop_of(self._problem, node), self._kind)
                if limit:
                    self._faults.append(Fault(limit, self._problem.nodes.ids[node], 1.0))

    def _name(self, call: _Call) -> str:
        return self._problem.nodes.ids[call.node] if call.node >= 0 else self._kind.id

    def _visit(self, call: _Call) -> Visit:
        rows = self._problem.nodes
        if call.node < 0:
            name = self._problem.depots[-1 - call.node].id
            return Visit(name, VisitKind.RELOAD, call.arrives, call.begins, call.departs)
        kind = VisitKind.JOB
        if call.node >= rows.jobs:
            is_pickup = call.node < rows.jobs + rows.shipments
            kind = VisitKind.PICKUP if is_pickup else VisitKind.DELIVERY
        return Visit(rows.ids[call.node], kind, call.arrives, call.begins, call.departs)


def stop_of(problem: Problem, node: int) -> Job | Shipment:
    """The job or the whole shipment of a node."""
    jobs, shipments = len(problem.jobs), len(problem.shipments)
    if node < jobs:
        return problem.jobs[node]
    return problem.shipments[(node - jobs) % shipments]


def incompatible(stop: Job | Shipment, kind: VehicleType) -> str:
    """The field because of which vehicles of ``kind`` may not serve ``stop``; empty if none."""
    if not stop.skills <= kind.skills:
        return "skills"
    if stop.allowed_vehicles is not None and kind.id not in stop.allowed_vehicles:
        return "allowed_vehicles"
    if kind.id in stop.excluded_vehicles:
        return "excluded_vehicles"
    return ""


def windows_of(problem: Problem, node: int) -> Sequence[Window]:
    """The windows of a job or of an end of a shipment."""
    stop = stop_of(problem, node)
    if isinstance(stop, Job):
        return stop.windows
    is_pickup = node < len(problem.jobs) + len(problem.shipments)
    return (stop.pickup if is_pickup else stop.delivery).windows


def _tours(nodes: Sequence[int]) -> list[list[int]]:
    """The route cut at its reloads."""
    tours: list[list[int]] = [[]]
    for node in nodes:
        if node < 0:
            tours.append([])
        else:
            tours[-1].append(node)
    return tours


def _no_limit(value: int | None) -> float:
    return ANY_TIME if value is None else float(value)
