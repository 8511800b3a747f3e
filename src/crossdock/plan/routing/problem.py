"""The question as data: depots, vehicles, jobs and shipments between the places of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from crossdock.plan.routing.check import check_problem
from crossdock.plan.routing.jobs import Job, Pin, Relation, Shipment
from crossdock.plan.routing.metric import Ints, Metric
from crossdock.plan.routing.nodes import Nodes
from crossdock.plan.routing.speeds import Speeds
from crossdock.plan.routing.ties import Ties
from crossdock.plan.routing.vehicles import Depot, VehicleType


@dataclass(frozen=True)
class Problem:
    """A vehicle routing problem, checked when built.

    Attributes
    ----------
    dimensions
        Names of the capacity dimensions; amounts and capacities have one number each.
    pinned
        How routes begin that are settled in part; no stop is in two of them.
    territory_cost
        Of a stop in one territory that a vehicle of another serves.
    longest_cost
        A unit of duration of the longest route, so that work is shared out evenly. (A cost of the
        spread would be saved by making short routes longer.)
    speeds
        Speed by time over that of ``metric``, whose durations are then the usual ones; None: the
        same at all times.

    Raises
    ------
    InvalidValueError
        A job, shipment, vehicle type or depot cannot be meant so; the message names it, the field
        and the remedy.
    """

    metric: Metric
    depots: tuple[Depot, ...]
    vehicles: tuple[VehicleType, ...]
    jobs: tuple[Job, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    dimensions: tuple[str, ...] = ("load",)
    relations: tuple[Relation, ...] = ()
    pinned: tuple[Pin, ...] = ()
    territory_cost: float = 0.0
    longest_cost: float = 0.0
    speeds: Speeds | None = None

    def __post_init__(self) -> None:
        check_problem(self)

    def __getstate__(self) -> dict[str, Any]:
        # Columns are quicker to derive than to send to another process.
        derived = {"nodes", "depot_places", "depot_index", "ties", "lots"}
        return {name: value for name, value in self.__dict__.items() if name not in derived}

    @cached_property
    def nodes(self) -> Nodes:
        """Jobs, pickups and deliveries of shipments as columns."""
        return Nodes.of(self.jobs, self.shipments, len(self.dimensions))

    @cached_property
    def ties(self) -> Ties:
        """Relations and pins by node."""
        return Ties.of(self.nodes.ids, self.relations, self.pinned)

    @cached_property
    def lots(self) -> Ints:
        """Where one parks at each place: between places of the same number parking is shared."""
        found = np.arange(self.metric.places, dtype=np.int64)
        for job in self.jobs:
            if job.lot is not None:
                found[job.place] = self.metric.places + job.lot
        return found

    @cached_property
    def depot_places(self) -> Ints:
        """Place of each depot."""
        return np.array([depot.place for depot in self.depots], dtype=np.int64)

    @cached_property
    def depot_index(self) -> dict[str, int]:
        """Index of each depot by its id."""
        return {depot.id: index for index, depot in enumerate(self.depots)}

    def part(
        self,
        jobs: Sequence[int],
        vehicles: Sequence[VehicleType],
        shipments: Sequence[int] = (),
    ) -> Problem:
        """The problem of some jobs, shipments and vehicles alone, small enough to send elsewhere.

        Parameters
        ----------
        jobs, shipments
            Indices; they are numbered in this order in the part.
        vehicles
            Those that are free for the part, ``count`` and all.
        """
        here = frozenset(vehicle.id for vehicle in vehicles)
        kept_jobs = [_among(self.jobs[index], here) for index in jobs]
        kept_shipments = [_among(self.shipments[index], here) for index in shipments]
        used = {depot.place for depot in self.depots}
        used |= {job.place for job in kept_jobs}
        used |= {end.place for ship in kept_shipments for end in (ship.pickup, ship.delivery)}
        used |= {
            place
            for vehicle in vehicles
            for place in (vehicle.start_place, vehicle.end_place)
            if place is not None
        }
        places = np.array(sorted(used), dtype=np.int64)
        number = {int(place): index for index, place in enumerate(places)}
        stops = {job.id for job in kept_jobs}
        stops |= {end.id for ship in kept_shipments for end in (ship.pickup, ship.delivery)}
        return Problem(
            metric=self.metric.part(places),
            depots=tuple(replace(depot, place=number[depot.place]) for depot in self.depots),
            vehicles=tuple(_at(vehicle, number) for vehicle in vehicles),
            jobs=tuple(replace(job, place=number[job.place]) for job in kept_jobs),
            shipments=tuple(
                replace(
                    ship,
                    pickup=replace(ship.pickup, place=number[ship.pickup.place]),
                    delivery=replace(ship.delivery, place=number[ship.delivery.place]),
                )
                for ship in kept_shipments
            ),
            dimensions=self.dimensions,
            relations=tuple(each for each in self.relations if stops.issuperset(each.stops)),
            pinned=tuple(each for each in self.pinned if stops.issuperset(each.stops)),
            territory_cost=self.territory_cost,
            longest_cost=self.longest_cost,
            speeds=self.speeds,
        )


_Stop = TypeVar("_Stop", Job, Shipment)


def _among(stop: _Stop, vehicles: frozenset[str]) -> _Stop:
    """``stop`` without names of vehicles that are not among ``vehicles``."""
    allowed, excluded = stop.allowed_vehicles, stop.excluded_vehicles
    if allowed is None and not excluded:
        return stop
    return replace(
        stop,
        allowed_vehicles=None if allowed is None else allowed & vehicles,
        excluded_vehicles=excluded & vehicles,
    )


def _at(vehicle: VehicleType, number: dict[int, int]) -> VehicleType:
    if vehicle.start_place is None and vehicle.end_place is None:
        return vehicle
    start, end = vehicle.start_place, vehicle.end_place
    return replace(
        vehicle,
        start_place=None if start is None else number[start],
        end_place=None if end is None else number[end],
    )
