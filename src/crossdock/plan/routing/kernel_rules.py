"""What the kernel cannot keep: such problems go to our own search, which keeps all of it."""

from __future__ import annotations

from typing import NoReturn

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.jobs import Job, Shipment
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible
from crossdock.plan.routing.vehicles import Backhauls, VehicleType


def refuse_unsupported(problem: Problem) -> None:
    """Raise `InvalidValueError` where ``problem`` asks for what the kernel does not keep."""
    for relation in problem.relations:
        _refuse(f"the relation of {', '.join(relation.stops)}", "relations")
    for pin in problem.pinned:
        _refuse(f"the pin of {pin.vehicle_type}", "pinned")
    _refuse_if(problem.longest_cost > 0, "the problem", "longest_cost")
    for job in problem.jobs:
        _refuse_if(bool(job.priority), f"job {job.id}", "priority")
        off = job.territory is not None and problem.territory_cost > 0
        _refuse_if(off, f"job {job.id}", "territory")
    for shipment in problem.shipments:
        _refuse_if(bool(shipment.priority), f"shipment {shipment.id}", "priority")
        for end in (shipment.pickup, shipment.delivery):
            who = f"shipment {shipment.id}, stop {end.id}"
            _refuse_if(len(end.windows) > 1, who, "more than one window")
    for kind in problem.vehicles:
        who = f"vehicle type {kind.id}"
        _refuse_if(bool(kind.hos_rules), who, "hos_rules")
        counted = _counts_otherwise(problem, kind)
        _refuse_if(counted, who, "max_stops together with reloads or shipments")
        mixed = _collects_otherwise(problem, kind)
        _refuse_if(mixed, who, "backhauls last with shipments, or with a job that does both")


def is_rich(problem: Problem) -> bool:
    """Whether the problem says more than the kernel can keep, so that our own search takes it."""
    ends = [end for ship in problem.shipments for end in (ship.pickup, ship.delivery)]
    territories = any(job.territory is not None for job in problem.jobs)
    return (
        bool(problem.relations or problem.pinned)
        or problem.longest_cost > 0
        or (problem.territory_cost > 0 and territories)
        or any(stop.priority for stop in (*problem.jobs, *problem.shipments))
        or any(kind.hos_rules for kind in problem.vehicles)
        or any(len(end.windows) > 1 for end in ends)
        or any(_counts_otherwise(problem, kind) for kind in problem.vehicles)
        or any(_collects_otherwise(problem, kind) for kind in problem.vehicles)
    )


def _counts_otherwise(problem: Problem, kind: VehicleType) -> bool:
    """Whether stops of a route are not the load of one tour."""
    return kind.max_stops is not None and bool(kind.reload_depots or problem.shipments)


def _collects_otherwise(problem: Problem, kind: VehicleType) -> bool:
    """Whether arcs alone do not say what comes after deliveries."""
    if kind.backhauls is not Backhauls.LAST:
        return False
    both = any(any(job.pickup) and any(job.delivery) for job in problem.jobs)
    return both or bool(problem.shipments)


def can_be_served(problem: Problem, stop: Job | Shipment) -> bool:
    """Whether a vehicle may serve ``stop`` and has the room, and it is there before it is due."""
    loads = [stop.amount] if isinstance(stop, Shipment) else [stop.delivery, stop.pickup]
    if isinstance(stop, Job) and stop.windows[-1].closes < stop.release:
        return False
    return any(
        not incompatible(stop, kind)
        and all(
            limit is None or amount <= limit
            for load in loads
            for amount, limit in zip(load, kind.capacity, strict=False)
        )
        for kind in problem.vehicles
    )


def _refuse_if(asked: bool, who: str, what: str) -> None:
    if asked:
        _refuse(who, what)


def _refuse(who: str, what: str) -> NoReturn:
    remedy = "leave it out, or plan without that stop"
    raise InvalidValueError(f"{who}: {what} cannot be planned yet", remedy=remedy)
