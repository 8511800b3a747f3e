"""Typed adapter: a problem of up to some 1,500 stops in the language of PyVRP, and routes back.

PyVRP 0.14 (Wouda, Lan and Kool 2024, "PyVRP: a high-performance VRP solver package", INFORMS
Journal on Computing 36(4)) counts in integers and wants all distances at once. What it does not
know is rewritten where that is exact:

- several time windows: a client a window, of which one is served;
- skills, allowed and excluded vehicles, backhauls last: a distance profile of the vehicle type in
  which the arcs it may not drive are longer than any route;
- most stops: one more capacity dimension, of which every job takes one;
- open routes: an end that is no distance from anywhere;
- parking shared by neighbours: part of the way between two places.

What cannot be rewritten is refused by `refuse_unsupported`, never left out. A stop that no vehicle
could serve whatever the route is not shown to the search at all.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    ClientGroup,
    Depot,
    Location,
    ProblemData,
    Solution,
    VehicleType,
)
from pyvrp import Route as PyvrpRoute
from pyvrp import Shipment as PyvrpShipment

from crossdock.plan.routing.jobs import ANY_TIME, Job, Shipment, Window
from crossdock.plan.routing.kernel_matrices import Matrices, Where, matrices_of
from crossdock.plan.routing.kernel_rules import can_be_served, refuse_unsupported
from crossdock.plan.routing.metric import Ints
from crossdock.plan.routing.pool import PooledRoute
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import schedule
from crossdock.plan.routing.solution import Sequences, reload_at
from crossdock.plan.routing.vehicles import VehicleType as Kind

_ANY = np.iinfo(np.int64).max
_MOST_OVERTIME = 1 << 44
_HAIR = 1e-6


@dataclass(frozen=True, eq=False)
class Kernel:
    """A problem as PyVRP sees it.

    Attributes
    ----------
    forbidden
        Length of an arc that some vehicle may not drive; 0 where there is none.
    cost_units
        PyVRP's units of cost to one of the problem.
    surplus
        Prizes that PyVRP counts for the clients of a group that are not served though one is.
    client_nodes, node_clients
        Node of each client, clients of each node.
    shipped
        Shipment of the problem of each of PyVRP's.
    """

    problem: Problem
    data: ProblemData
    forbidden: int
    cost_units: float
    surplus: int
    client_nodes: tuple[int, ...]
    node_clients: tuple[tuple[int, ...], ...]
    shipped: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem, *, all_optional: bool = False) -> Kernel:
        """The kernel's view of ``problem``.

        Parameters
        ----------
        all_optional
            Let what is required be left out at a cost above that of serving it, so that there is
            a feasible solution whatever the fleet.

        Raises
        ------
        InvalidValueError
            The problem has a feature that the kernel cannot keep.
        """
        refuse_unsupported(problem)
        return _Translation(problem, all_optional).kernel()

    def cost(self, solution: Solution) -> float:
        """Cost of a feasible ``solution`` in units of the problem, up to its rounding."""
        return (self._units(solution) - self.surplus) / self.cost_units

    def sequences(self, solution: Solution) -> Sequences:
        """Bare routes of ``solution``."""
        return [(route.vehicle_type(), self._nodes(route)) for route in solution.routes()]

    def pooled(self, solution: Solution) -> list[PooledRoute]:
        """Those routes of ``solution`` that keep every limit for themselves."""
        return [
            PooledRoute(
                route.vehicle_type(),
                tuple(self._nodes(route)),
                (route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost())
                / self.cost_units,
            )
            for route in solution.routes()
            if route.is_feasible()
        ]

    def _nodes(self, route: PyvrpRoute) -> list[int]:
        jobs, shipments = len(self.problem.jobs), len(self.problem.shipments)
        nodes: list[int] = []
        for visit in list(route)[1:-1]:
            if visit.is_client():
                nodes.append(self.client_nodes[visit.idx])
            elif visit.is_pickup():
                nodes.append(jobs + self.shipped[visit.idx])
            elif visit.is_delivery():
                nodes.append(jobs + shipments + self.shipped[visit.idx])
            else:
                nodes.append(reload_at(visit.idx))
        return nodes

    def solution(self, sequences: Sequences) -> Solution:
        """PyVRP's solution of bare routes; the window of a visit is the one it then has."""
        return Solution(
            self.data,
            [
                PyvrpRoute(self.data, self._activities(kind, nodes), kind)
                for kind, nodes in sequences
            ],
        )

    def _activities(self, kind: int, nodes: Sequence[int]) -> list[Activity]:
        jobs, shipments = len(self.problem.jobs), len(self.problem.shipments)
        begins: dict[int, float] = {}
        if any(node >= 0 and len(self.node_clients[node]) > 1 for node in nodes):
            visits = schedule(self.problem, kind, nodes).route.visits
            begins = {node: visit.begins for node, visit in zip(nodes, visits, strict=True)}
        found: list[Activity] = []
        for node in nodes:
            if node < 0:
                found.append(Activity(ActivityType.DEPOT, -1 - node))
            elif node < jobs:
                found.append(Activity(ActivityType.CLIENT, self._client(node, begins)))
            elif node < jobs + shipments:
                found.append(Activity(ActivityType.PICKUP, self.shipped.index(node - jobs)))
            else:
                at = self.shipped.index(node - jobs - shipments)
                found.append(Activity(ActivityType.DELIVERY, at))
        return found

    def _client(self, node: int, begins: dict[int, float]) -> int:
        begin = begins.get(node, 0.0) * self.problem.metric.duration_units
        copies = self.node_clients[node]
        in_time = (client for client in copies if begin <= self.data.client(client).tw_late + _HAIR)
        return next(in_time, copies[-1])

    def _units(self, solution: Solution) -> int:
        return (
            solution.distance_cost()
            + solution.duration_cost()
            + solution.fixed_vehicle_cost()
            + solution.uncollected_prizes()
        )


class _Translation:
    def __init__(self, problem: Problem, all_optional: bool) -> None:
        self._problem, self._all_optional = problem, all_optional
        self._rows = problem.nodes
        self._time = problem.metric.duration_units
        self._where = Where.of(problem)
        self._matrices: Matrices = matrices_of(problem, self._where)
        self._cost_units = _cost_units(problem)
        self._binding = _binding_dimensions(problem)
        self._counts_stops = any(kind.max_stops is not None for kind in problem.vehicles)
        self._groups: list[ClientGroup] = []
        self._prizes_by_group: list[list[int]] = []
        self._lost = self._more_than_serving()
        self._shipped = [
            at for at, ship in enumerate(problem.shipments) if self._can_be_shipped(ship)
        ]

    def kernel(self) -> Kernel:
        clients, nodes = self._clients()
        by_node: list[list[int]] = [[] for _ in range(len(self._rows))]
        for client, node in enumerate(nodes):
            by_node[node].append(client)
        vehicle_types = [
            self._vehicle_type(index, kind) for index, kind in enumerate(self._problem.vehicles)
        ]
        data = ProblemData(
            locations=[Location(x, y) for x, y in self._where.points.tolist()],
            clients=clients,
            depots=self._depots(),
            vehicle_types=vehicle_types,
            distance_matrices=list(self._matrices.distance),
            duration_matrices=[self._matrices.duration] * len(self._matrices.distance),
            groups=self._groups,
            shipments=self._shipments(),
        )
        surplus = sum(sum(prizes) - max(prizes) for prizes in self._prizes_by_group if prizes)
        return Kernel(
            problem=self._problem,
            data=data,
            forbidden=self._matrices.forbidden,
            cost_units=self._cost_units,
            surplus=surplus,
            client_nodes=tuple(nodes),
            node_clients=tuple(map(tuple, by_node)),
            shipped=tuple(self._shipped),
        )

    def _clients(self) -> tuple[list[Client], list[int]]:
        clients: list[Client] = []
        nodes: list[int] = []
        group_index: dict[str, int] = {}
        for node, job in enumerate(self._problem.jobs):
            windows = self._windows(job)
            if not windows or not can_be_served(self._problem, job):
                continue
            must = job.required and not self._all_optional
            prize = 0 if must else self._prize(node)
            group: int | None = None
            if job.group is not None or len(windows) > 1:
                name = f"group {job.group}" if job.group is not None else f"job {job.id}"
                group = group_index.setdefault(name, len(self._groups))
                if group == len(self._groups):
                    self._groups.append(ClientGroup(required=must, name=name))
                    self._prizes_by_group.append([])
            for early, late in windows:
                if group is not None:
                    self._groups[group].add_client(len(clients))
                    self._prizes_by_group[group].append(prize)
                nodes.append(node)
                clients.append(
                    Client(
                        location=node,
                        delivery=self._amount(self._rows.delivery[node], 1),
                        pickup=self._amount(self._rows.pickup[node], 0),
                        service_duration=self._up(job.service),
                        tw_early=early,
                        tw_late=late,
                        release_time=self._up(job.release),
                        prize=prize,
                        required=must and group is None,
                        group=group,
                    )
                )
        return clients, nodes

    def _can_be_shipped(self, ship: Shipment) -> bool:
        pickup = self._window(ship.pickup.windows[0])
        delivery = self._window(ship.delivery.windows[0])
        in_order = pickup[0] <= pickup[1] and max(delivery[0], pickup[0]) <= delivery[1]
        return in_order and can_be_served(self._problem, ship)

    def _shipments(self) -> list[PyvrpShipment]:
        jobs, shipments = self._rows.jobs, self._rows.shipments
        found: list[PyvrpShipment] = []
        for at in self._shipped:
            ship = self._problem.shipments[at]
            must = ship.required and not self._all_optional
            pickup = self._window(ship.pickup.windows[0])
            delivery = self._window(ship.delivery.windows[0])
            found.append(
                PyvrpShipment(
                    pickup_location=jobs + at,
                    delivery_location=jobs + shipments + at,
                    pickup_tw_early=pickup[0],
                    pickup_tw_late=pickup[1],
                    pickup_service_duration=self._up(ship.pickup.service),
                    delivery_tw_early=delivery[0],
                    delivery_tw_late=delivery[1],
                    delivery_service_duration=self._up(ship.delivery.service),
                    amount=self._amount(self._rows.carried[jobs + at], 0),
                    prize=0 if must else self._prize(jobs + at),
                    required=must,
                )
            )
        return found

    def _depots(self) -> list[Depot]:
        found = [
            Depot(
                location, *self._window(Window(depot.opens, depot.closes)), self._up(depot.loading)
            )
            for location, depot in zip(self._where.depots, self._problem.depots, strict=True)
        ]
        return found + [Depot(location) for location in self._where.positions]

    def _vehicle_type(self, index: int, kind: Kind) -> VehicleType:
        most = len(self._problem.jobs) + len(self._problem.shipments)
        profile = self._matrices.profile[index]
        shift, overtime = self._durations(kind)
        distance_units = self._problem.metric.distance_units
        max_distance = _ANY
        if kind.max_distance < ANY_TIME:
            max_distance = math.floor(kind.max_distance * distance_units + _HAIR)
        if self._matrices.restricted[profile]:
            max_distance = min(max_distance, self._matrices.forbidden - 1)
        return VehicleType(
            num_available=max(most if kind.count is None else min(kind.count, most), 1),
            capacity=self._capacity(kind),
            start_depot=self._where.starts[index],
            end_depot=self._where.ends[index],
            fixed_cost=round(kind.fixed_cost * self._cost_units),
            tw_early=self._up(kind.shift_starts),
            tw_late=max(self._down(kind.shift_ends), self._up(kind.shift_starts)),
            shift_duration=shift,
            max_distance=max_distance,
            unit_distance_cost=round(kind.distance_cost * self._cost_units / distance_units),
            unit_duration_cost=round(kind.duration_cost * self._cost_units / self._time),
            profile=profile,
            start_late=max(
                self._down(min(kind.latest_start, kind.shift_ends)), self._up(kind.shift_starts)
            ),
            initial_load=self._amount(
                np.array(kind.on_board or [0] * len(self._problem.dimensions)), 0
            ),
            reload_depots=[self._problem.depot_index[depot] for depot in kind.reload_depots],
            max_reloads=most if kind.max_reloads is None else kind.max_reloads,
            max_overtime=overtime,
            unit_overtime_cost=round(kind.overtime_cost * self._cost_units / self._time),
        )

    def _durations(self, kind: Kind) -> tuple[int, int]:
        most = self._down(kind.max_duration)
        if kind.overtime_cost == 0 or kind.regular_duration >= kind.max_duration:
            return most, 0
        regular = self._down(kind.regular_duration)
        return regular, min(most - regular, _MOST_OVERTIME)

    def _capacity(self, kind: Kind) -> list[int]:
        everything = _most_load(self._problem)
        limits = [
            int(everything[at]) if (limit := kind.capacity[at]) is None else limit
            for at in self._binding
        ]
        if self._counts_stops:
            limits.append(len(self._rows) if kind.max_stops is None else kind.max_stops)
        return limits

    def _amount(self, amount: Any, stops: int) -> list[int]:
        loads = [int(amount[at]) for at in self._binding]
        return [*loads, *([stops] if self._counts_stops else [])]

    def _prize(self, node: int) -> int:
        if self._rows.required[node]:
            return self._lost
        return round(float(self._rows.prize[node]) * self._cost_units)

    def _more_than_serving(self) -> int:
        """Above the cost of any route for one stop alone, and of its place in another route."""
        furthest = int(self._matrices.distance[0].max(initial=0)) + 1
        longest = int(self._matrices.duration.max(initial=0)) + 1
        longest += self._up(float(self._rows.service.max(initial=0.0)))
        dearest = 1.0
        for kind in self._problem.vehicles:
            per_distance = kind.distance_cost / self._problem.metric.distance_units
            per_time = (kind.duration_cost + kind.overtime_cost) / self._time
            dearest = max(
                dearest, kind.fixed_cost + 4 * furthest * per_distance + 4 * longest * per_time
            )
        prizes = float(self._rows.prize.max(initial=0.0))
        return int(2 * (dearest + prizes) * self._cost_units) + 1

    def _windows(self, job: Job) -> list[tuple[int, int]]:
        """Those in which it may be served, in whole units."""
        told = map(self._window, job.windows)
        return [(early, late) for early, late in told if late >= max(early, self._up(job.release))]

    def _window(self, window: Window) -> tuple[int, int]:
        return self._up(window.opens), self._down(window.closes)

    def _up(self, time: float) -> int:
        return math.ceil(time * self._time - _HAIR)

    def _down(self, time: float) -> int:
        return _ANY if time == ANY_TIME else math.floor(time * self._time + _HAIR)


def _most_load(problem: Problem) -> Ints:
    """More than any vehicle could ever have on board, by dimension."""
    rows = problem.nodes
    carried = [kind.on_board for kind in problem.vehicles if kind.on_board]
    on_board = np.array(carried, dtype=np.int64).max(0) if carried else 0
    moved = rows.delivery.sum(0) + rows.pickup.sum(0) + abs(rows.carried).sum(0)
    return moved + on_board + 1


def _binding_dimensions(problem: Problem) -> list[int]:
    """Dimensions in which some vehicle could be full: the others only cost time."""
    most = _most_load(problem).tolist()
    limits = list(zip(*(kind.capacity for kind in problem.vehicles), strict=True))
    binding = [
        at
        for at, of_kinds in enumerate(limits)
        if any(limit is not None and limit < most[at] - 1 for limit in of_kinds)
    ]
    return binding or [0]


def _cost_units(problem: Problem) -> float:
    """Units of cost that make every rate a whole number, or nearly one."""
    distance, time = problem.metric.distance_units, problem.metric.duration_units
    rates = {kind.distance_cost / distance for kind in problem.vehicles}
    rates |= {kind.duration_cost / time for kind in problem.vehicles}
    rates |= {kind.overtime_cost / time for kind in problem.vehicles}
    positive = sorted(rate for rate in rates if rate > 0)
    for power in range(7):
        units = float(distance * 10**power)
        if all(abs(rate * units - round(rate * units)) < 1e-9 for rate in positive):
            return units
        if positive and positive[0] * units >= 1000:
            return units
    return float(distance * 10**6)
