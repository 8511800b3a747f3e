"""A new plan for a day that has changed: what is kept is the start, what is orphaned is inserted.

The problem is as things now stand: vehicles under way are vehicle types with a count of 1 that
start where and when they are, what has been begun is pinned, cancelled stops are gone and new ones
there. Changing what was promised costs what `ChangeWeights` says, in the search as in the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.accept import accepted
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.changes import (
    Changes,
    ChangeWeights,
    MovedEta,
    MovedStop,
    PlannedRoute,
    Replanned,
)
from crossdock.plan.routing.jobs import Job, Shipment, Window
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.rich import judging_s
from crossdock.plan.routing.schedule import schedule, stop_of
from crossdock.plan.routing.solution import Solution, reload_at

_HAIR = 1e-6
_NOT_OF_A_PREFIX = frozenset({"same_vehicle", "relations.same_vehicle", "relations.sequence"})
"""Faults that the rest of a route mends."""


def replan(
    problem: Problem,
    routes: Sequence[PlannedRoute],
    budget: Budget,
    seed: int = 0,
    *,
    weights: ChangeWeights | None = None,
    vehicles_out: Collection[str] = (),
    declined: Mapping[str, Collection[str]] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Replanned:
    """The best plan found within ``budget`` that begins with the routes as they were planned.

    Parameters
    ----------
    problem
        As things now stand.
    routes
        What was planned from now on; a route whose vehicle type is gone is orphaned.
    weights
        What changes cost; None: nothing.
    vehicles_out
        Vehicle types of which a vehicle has broken down: of each route of such a type nothing is
        kept but what is pinned, and no route without pinned stops is given to it.
    declined
        Stops that the driver of a vehicle type will not serve.
    on_progress
        Told the cost of every complete plan that is better than all before, changes included.

    Raises
    ------
    InvalidValueError
        A route or a vehicle is not of the problem, a pinned prefix cannot be driven, or the problem
        is too large.
    """
    weights = weights or ChangeWeights()
    meter = Meter(budget, judging_s(problem))
    asked = _as_it_stands(problem, vehicles_out, declined or {})
    asked, late = _with_late_pins(asked)
    before = _Before.of(asked, routes, frozenset(vehicles_out))
    tell = on_progress or _tell_nobody
    if asked.speeds is None:
        sequences, interrupted = before.searched(meter, seed, weights, tell)
    else:
        sequences, interrupted = _by_hour(asked, before, meter, seed, weights)
    bare = [route for route in sequences if route[1]]
    solution = accepted(asked, bare, meter.iterations, interrupted=interrupted)
    return Replanned(solution, _changes(asked, before, sequences, solution, weights, late))


def _by_hour(
    problem: Problem, before: _Before, meter: Meter, seed: int, weights: ChangeWeights
) -> tuple[list[tuple[int, list[int]]], bool]:
    """A search with the times that legs have on the routes as planned, then put right exactly."""
    from crossdock.plan.routing.timed import (  # noqa: PLC0415 it asks the arbiter
        Departures,
        constant_problem,
        repaired,
    )

    rows = [row for row in before.rows if row is not None and row[1]]
    timed = [(nodes, schedule(problem, kind, nodes).route) for kind, nodes in rows]
    departures = Departures.guessed(problem).seen_in(problem, timed)
    constant = constant_problem(problem, departures)
    with suppress(InvalidValueError):  # by rounded times a pinned prefix may break a limit
        constant, _ = _with_late_pins(constant)
    found, interrupted = replace(before, problem=constant).searched(
        meter, seed, weights, _tell_nobody
    )
    ways, _ = repaired(problem, found, slots=True)
    return ways, interrupted


@dataclass(frozen=True)
class _Before:
    """The routes before, by slot of the search.

    Attributes
    ----------
    rows
        Route of each slot; None where it had none.
    was
        Vehicle type that was to serve a stop, by id.
    home
        Slot of each node, -1 for none.
    promised
        Time by stop id.
    """

    problem: Problem
    rows: list[tuple[int, list[int]] | None]
    was: dict[str, str]
    home: np.ndarray
    promised: dict[str, float]

    @classmethod
    def of(cls, problem: Problem, routes: Sequence[PlannedRoute], out: frozenset[str]) -> _Before:
        """Routes by slot; stops that are gone, or orphaned, are in none."""
        number = {each: node for node, each in enumerate(problem.nodes.ids)}
        kinds = {kind.id: index for index, kind in enumerate(problem.vehicles)}
        kept: list[tuple[int, list[int]]] = []
        was: dict[str, str] = {}
        promised: dict[str, float] = {}
        for route in routes:
            stops = [stop for stop in route.stops if stop in number]
            was.update(dict.fromkeys(stops, route.vehicle_type))
            promised |= {stop: eta for stop, eta in route.etas.items() if stop in number}
            if route.vehicle_type in kinds and route.vehicle_type not in out:
                kind = kinds[route.vehicle_type]
                kept.append((kind, _with_reloads(problem, kind, number, route.stops)))
        _once(problem, kept)
        return cls(problem, list(kept), was, np.full(len(number), -1, dtype=np.int64), promised)

    def searched(
        self,
        meter: Meter,
        seed: int,
        weights: ChangeWeights,
        on_progress: Callable[[float], None],
    ) -> tuple[list[tuple[int, list[int]]], bool]:
        """Routes by slot, empty ones too; whether the user stopped the search."""
        from crossdock.plan.routing.ruin import Lead, Search, planned_slots  # noqa: PLC0415 slow

        slots = planned_slots(self.problem, [row for row in self.rows if row is not None])
        ids = self.problem.nodes.ids
        for slot, (_, nodes) in enumerate(slots):
            self.home[[node for node in nodes if node >= 0]] = slot
        times = np.array([self.promised.get(each, -1.0) for each in ids])
        lead = Lead(self.home, times, weights.moved, weights.eta, weights.tolerance)
        start = [_drivable(self.problem, kind, nodes) for kind, nodes in slots]
        search = Search(self.problem, seed, start, lead)
        interrupted = False
        try:
            search.run(meter, on_progress)
        except KeyboardInterrupt:
            interrupted = True
        found = search.slots()
        return [(kind, nodes) for (kind, _), nodes in zip(slots, found, strict=True)], interrupted


def _with_reloads(
    problem: Problem, kind: int, number: Mapping[str, int], told: Sequence[str]
) -> list[int]:
    """Nodes of what is told of a route; depots where its vehicle may reload are reloads."""
    reloads = {
        depot: reload_at(problem.depot_index[depot])
        for depot in problem.vehicles[kind].reload_depots
    }
    known = {**reloads, **number}
    return [known[each] for each in told if each in known]


def _drivable(problem: Problem, kind: int, nodes: Sequence[int]) -> tuple[int, list[int]]:
    """As much of a route as keeps every limit: what is reached late is taken out, then the last."""
    kept = list(nodes)
    pinned = {node for pin in problem.ties.pins for node in pin.nodes}
    number = {each: node for node, each in enumerate(problem.nodes.ids)}
    while True:
        loose = [at for at, node in enumerate(kept) if node not in pinned]
        faults = [
            each
            for each in schedule(problem, kind, kept).faults
            if each.limit not in _NOT_OF_A_PREFIX
        ]
        if not faults or not loose:
            return kind, kept
        late = [number[fault.of] for fault in faults if fault.of in number]
        del kept[next((at for at in loose if kept[at] in late), loose[-1])]


def _as_it_stands(
    problem: Problem, out: Collection[str], declined: Mapping[str, Collection[str]]
) -> Problem:
    """The problem with nothing new for vehicles that are out, nor what a driver declines."""
    known = {kind.id for kind in problem.vehicles}
    for name, told in (("vehicles_out", out), ("declined", declined)):
        for vehicle in told:
            if vehicle not in known and name == "declined":
                raise InvalidValueError(
                    f"{name} names {vehicle}", remedy="name a vehicle type of the problem"
                )
    barred: dict[str, set[str]] = {}
    for vehicle, stops in declined.items():
        for stop in stops:
            barred.setdefault(stop, set()).add(vehicle)
    pinned = {stop for pin in problem.pinned for stop in pin.stops}
    everywhere = frozenset(out) & known
    if not barred and not everywhere:
        return problem

    def without(stop: Job | Shipment, ends: Sequence[str]) -> frozenset[str]:
        if pinned.intersection(ends):
            return stop.excluded_vehicles
        own = [barred.get(each, set[str]()) for each in (stop.id, *ends)]
        return stop.excluded_vehicles.union(everywhere, *own)

    return replace(
        problem,
        jobs=tuple(replace(job, excluded_vehicles=without(job, (job.id,))) for job in problem.jobs),
        shipments=tuple(
            replace(ship, excluded_vehicles=without(ship, (ship.pickup.id, ship.delivery.id)))
            for ship in problem.shipments
        ),
    )


def _with_late_pins(problem: Problem) -> tuple[Problem, tuple[str, ...]]:
    """Pinned stops that are reached late all the same get a window for it.

    Raises
    ------
    InvalidValueError
        A pinned prefix breaks another limit by itself.
    """
    late: dict[str, float] = {}
    ids = problem.nodes.ids
    for pin in problem.ties.pins:
        vehicle = next(
            at for at, kind in enumerate(problem.vehicles) if kind.id == pin.vehicle_type
        )
        while True:
            timed = schedule(problem, vehicle, pin.nodes)
            missed = [fault for fault in timed.faults if fault.limit == "windows.closes"]
            if not missed or missed[0].of not in ids or missed[0].of in late:
                break
            visit = next(each for each in timed.route.visits if each.id == missed[0].of)
            late[visit.id] = visit.begins
            problem = _open_until(problem, visit.id, visit.begins)
        faults = [
            each
            for each in schedule(problem, vehicle, pin.nodes).faults
            if each.limit not in _NOT_OF_A_PREFIX
        ]
        if faults:
            raise InvalidValueError(
                f"the pinned stops of {pin.vehicle_type} break {faults[0].limit} of "
                f"{faults[0].of} by {faults[0].by:g}",
                remedy="pin fewer stops, or give that limit so much more",
            )
    return problem, tuple(late)


def _open_until(problem: Problem, stop: str, begins: float) -> Problem:
    """The problem with one more window of a stop, at the instant at which it is reached."""

    def longer(windows: tuple[Window, ...]) -> tuple[Window, ...]:
        return (*(each for each in windows if each.opens < begins), Window(begins, begins + 1.0))

    jobs = tuple(
        replace(job, windows=longer(job.windows)) if job.id == stop else job for job in problem.jobs
    )
    shipments = tuple(
        replace(
            ship,
            pickup=replace(ship.pickup, windows=longer(ship.pickup.windows))
            if ship.pickup.id == stop
            else ship.pickup,
            delivery=replace(ship.delivery, windows=longer(ship.delivery.windows))
            if ship.delivery.id == stop
            else ship.delivery,
        )
        for ship in problem.shipments
    )
    return replace(problem, jobs=jobs, shipments=shipments)


def _once(problem: Problem, routes: Iterable[tuple[int, list[int]]]) -> None:
    seen: set[int] = set()
    for _, nodes in routes:
        for node in nodes:
            if node < 0:
                continue
            if node in seen:
                raise InvalidValueError(
                    f"{problem.nodes.ids[node]} is planned twice",
                    remedy="give every stop to one route",
                )
            seen.add(node)


def _changes(
    problem: Problem,
    before: _Before,
    sequences: Sequence[tuple[int, Sequence[int]]],
    solution: Solution,
    weights: ChangeWeights,
    late: tuple[str, ...],
) -> Changes:
    ids = problem.nodes.ids
    begins = {
        visit.id: (visit.begins, route.vehicle_type)
        for route in solution.routes
        for visit in route.visits
    }
    slot_of = {node: slot for slot, (_, nodes) in enumerate(sequences) for node in nodes}
    moved: list[MovedStop] = []
    homes = 0
    for node, stop in enumerate(ids):
        was = before.was.get(stop)
        if was is None:
            continue
        home = int(before.home[node])
        if stop not in begins:
            served_by_other = _alternative(problem, node, begins)
            if not served_by_other:
                moved.append(MovedStop(stop, was, None))
        elif home < 0 or slot_of.get(node) != home:
            moved.append(MovedStop(stop, was, begins[stop][1]))
            homes += home >= 0
    etas = tuple(
        MovedEta(stop, eta, begins[stop][0])
        for stop, eta in before.promised.items()
        if stop in begins and abs(begins[stop][0] - eta) > weights.tolerance + _HAIR
    )
    added = tuple(stop for stop in ids if stop in begins and stop not in before.was)
    cost = weights.moved * homes + weights.eta * len(etas)
    return Changes(tuple(moved), etas, added, late, cost)


def _alternative(problem: Problem, node: int, begins: Mapping[str, object]) -> bool:
    """Whether another job of the node's group is served instead."""
    stop = stop_of(problem, node)
    if not isinstance(stop, Job) or stop.group is None:
        return False
    return any(job.group == stop.group and job.id in begins for job in problem.jobs)


def _tell_nobody(_: float) -> None: ...
