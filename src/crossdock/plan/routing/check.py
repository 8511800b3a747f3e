"""What a problem may not say: each fault names the thing, its field and the remedy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.jobs import ALWAYS, Job, Shipment, ShipmentEnd
from crossdock.plan.routing.vehicles import Depot, VehicleType

if TYPE_CHECKING:
    from crossdock.plan.routing.problem import Problem


def check_problem(problem: Problem) -> None:
    """Raise `InvalidValueError` at the first fault of ``problem``."""
    _Check(problem).everything()


class _Check:
    """The checks of one problem, with what they all need of it."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._places = problem.metric.places
        self._dimensions = len(problem.dimensions)
        self._depots = {depot.id for depot in problem.depots}
        self._vehicles = {vehicle.id for vehicle in problem.vehicles}

    def everything(self) -> None:
        problem = self._problem
        if not problem.vehicles:
            _refuse("the problem", "vehicles", "none", "give at least one vehicle type")
        if not problem.dimensions or len(set(problem.dimensions)) != self._dimensions:
            _refuse("the problem", "dimensions", problem.dimensions, "name each dimension once")
        _unique("depot", (depot.id for depot in problem.depots))
        _unique("vehicle type", (vehicle.id for vehicle in problem.vehicles))
        ends = [end for ship in problem.shipments for end in (ship.pickup, ship.delivery)]
        stops = [*(job.id for job in problem.jobs), *(end.id for end in ends)]
        _unique("stop", stops)
        for depot in problem.depots:
            self._depot(depot)
        for vehicle in problem.vehicles:
            self._vehicle(vehicle)
        for job in problem.jobs:
            self._job(job)
        for shipment in problem.shipments:
            self._shipment(shipment)
        self._groups()
        self._lots()
        self._relations(set(stops))
        self._pins(set(stops))
        _amount("the problem", "territory_cost", problem.territory_cost)
        _amount("the problem", "longest_cost", problem.longest_cost)

    def _lots(self) -> None:
        lots: dict[int, int | None] = dict.fromkeys(depot.place for depot in self._problem.depots)
        for job in self._problem.jobs:
            who = f"job {job.id}"
            _amount(who, "lot", job.lot or 0)
            if lots.setdefault(job.place, job.lot) != job.lot:
                remedy = "name the same for all jobs of a place, and none at a depot"
                _refuse(who, "lot", job.lot, remedy)

    def _depot(self, depot: Depot) -> None:
        who = f"depot {depot.id}"
        self._place(who, "place", depot.place)
        _times(who, depot.opens, depot.closes, "opens", "closes")
        _amount(who, "loading", depot.loading)

    def _vehicle(self, vehicle: VehicleType) -> None:
        who = f"vehicle type {vehicle.id}"
        if vehicle.count is not None and vehicle.count < 1:
            _refuse(who, "count", vehicle.count, "give 1 or more, or none for any number")
        self._amounts(who, "capacity", [each or 0 for each in vehicle.capacity], needed=True)
        self._amounts(who, "on_board", vehicle.on_board)
        self._ends(who, vehicle)
        _times(who, vehicle.shift_starts, vehicle.shift_ends, "shift_starts", "shift_ends")
        if vehicle.latest_start < vehicle.shift_starts:
            _refuse(who, "latest_start", vehicle.latest_start, "give a time within the shift")
        for field in (
            "fixed_cost",
            "distance_cost",
            "duration_cost",
            "overtime_cost",
        ):
            _amount(who, field, getattr(vehicle, field))
        for field in ("regular_duration", "max_duration", "max_distance"):
            _amount(who, field, getattr(vehicle, field), finite=False)
        for field in ("max_stops", "max_reloads"):
            _amount(who, field, getattr(vehicle, field) or 0)
        for depot in vehicle.reload_depots:
            self._known_depot(who, "reload_depots", depot)
        if vehicle.hos_rules:
            _hours(who, vehicle)
        elif vehicle.hours_used is not None:
            _refuse(who, "hours_used", vehicle.hours_used, "name the hos_rules, or leave it out")

    def _ends(self, who: str, vehicle: VehicleType) -> None:
        if (vehicle.start_depot is None) == (vehicle.start_place is None):
            remedy = "give either start_depot or start_place"
            _refuse(who, "start_depot", vehicle.start_depot, remedy)
        if vehicle.end_depot is not None and vehicle.end_place is not None:
            _refuse(who, "end_place", vehicle.end_place, "give either end_depot or end_place")
        for field in ("start_depot", "end_depot"):
            depot = getattr(vehicle, field)
            if depot is not None:
                self._known_depot(who, field, depot)
        for field in ("start_place", "end_place"):
            place = getattr(vehicle, field)
            if place is not None:
                self._place(who, field, place)

    def _job(self, job: Job) -> None:
        who = f"job {job.id}"
        self._stop(who, job)
        self._amounts(who, "delivery", job.delivery)
        self._amounts(who, "pickup", job.pickup)
        _amount(who, "release", job.release)
        _amount(who, "prize", job.prize)
        self._compatible(who, job)

    def _shipment(self, shipment: Shipment) -> None:
        who = f"shipment {shipment.id}"
        self._stop(f"{who}, pickup {shipment.pickup.id}", shipment.pickup)
        self._stop(f"{who}, delivery {shipment.delivery.id}", shipment.delivery)
        self._amounts(who, "amount", shipment.amount)
        _amount(who, "prize", shipment.prize)
        self._compatible(who, shipment)

    def _stop(self, who: str, stop: Job | ShipmentEnd) -> None:
        self._place(who, "place", stop.place)
        _amount(who, "service", stop.service)
        _amount(who, "parking", stop.parking)
        if stop.windows is ALWAYS:
            return
        if not stop.windows:
            _refuse(who, "windows", "none", "leave it out for any time")
        for window in stop.windows:
            _times(who, window.opens, window.closes, "windows.opens", "windows.closes")
        for earlier, later in pairwise(stop.windows):
            if later.opens <= earlier.closes:
                remedy = "give windows in order, without overlap"
                _refuse(who, "windows.opens", later.opens, remedy)

    def _compatible(self, who: str, stop: Job | Shipment) -> None:
        for field, named in (
            ("allowed_vehicles", stop.allowed_vehicles or ()),
            ("excluded_vehicles", stop.excluded_vehicles),
        ):
            for vehicle in named:
                if vehicle not in self._vehicles:
                    _refuse(who, field, vehicle, "name a vehicle type of the problem")

    def _groups(self) -> None:
        first: dict[str, Job] = {}
        for job in self._problem.jobs:
            if job.group is None:
                continue
            other = first.setdefault(job.group, job)
            if other.required != job.required:
                remedy = f"let all jobs of group {job.group} be required, or none"
                _refuse(f"job {job.id}", "required", job.required, remedy)
            if other.prize != job.prize:
                remedy = f"give all jobs of group {job.group} the prize {other.prize}"
                _refuse(f"job {job.id}", "prize", job.prize, remedy)

    def _relations(self, stops: set[str]) -> None:
        for relation in self._problem.relations:
            if len(set(relation.stops)) != len(relation.stops) or len(relation.stops) < 2:
                remedy = "give two or more different stops"
                _refuse(f"relation {relation.kind}", "stops", relation.stops, remedy)
            for stop in relation.stops:
                if stop not in stops:
                    remedy = "name a job or an end of a shipment"
                    _refuse(f"relation {relation.kind}", "stops", stop, remedy)

    def _pins(self, stops: set[str]) -> None:
        owner: dict[str, str] = {}
        pins: dict[str, int] = {}
        counts = {vehicle.id: vehicle.count for vehicle in self._problem.vehicles}
        for pin in self._problem.pinned:
            who = f"pin of {pin.vehicle_type}"
            if pin.vehicle_type not in counts:
                _refuse(who, "vehicle_type", pin.vehicle_type, "name a vehicle type of the problem")
            if not pin.stops:
                _refuse(who, "stops", "none", "give the first stops, or leave the pin out")
            pins[pin.vehicle_type] = pins.get(pin.vehicle_type, 0) + 1
            count = counts[pin.vehicle_type]
            if count is not None and pins[pin.vehicle_type] > count:
                remedy = f"pin at most {count}, or give the type a larger count"
                _refuse(who, "vehicle_type", f"that of {pins[pin.vehicle_type]} pins", remedy)
            for stop in pin.stops:
                if stop not in stops:
                    _refuse(who, "stops", stop, "name a job or an end of a shipment")
                if stop in owner:
                    _refuse(who, "stops", f"{stop}, pinned before", "pin each stop once")
                owner[stop] = pin.vehicle_type

    def _place(self, who: str, field: str, place: int) -> None:
        if not 0 <= place < self._places:
            _refuse(who, field, place, f"give a place of the metric, 0 to {self._places - 1}")

    def _known_depot(self, who: str, field: str, depot: str) -> None:
        if depot not in self._depots:
            _refuse(who, field, depot, "name a depot of the problem")

    def _amounts(self, who: str, field: str, told: Iterable[int], *, needed: bool = False) -> None:
        given = tuple(told)
        if not given and not needed:
            return
        if len(given) != self._dimensions or min(given) < 0:
            dimensions = ", ".join(self._problem.dimensions)
            remedy = f"give a whole number from 0 for each of: {dimensions}"
            _refuse(who, field, given, remedy)


def _hours(who: str, vehicle: VehicleType) -> None:
    from crossdock.plan.routing.hours import hours_of  # noqa: PLC0415 most problems have none

    try:
        hours_of(vehicle.hos_rules)
    except InvalidValueError as error:
        _refuse(who, "hos_rules", vehicle.hos_rules, f"{error.remedy}, MEALS_AND_RESTS")
    used = vehicle.hours_used
    if used is None:
        return
    for field in ("driven", "driven_since_pause", "meals", "rests"):
        _amount(who, f"hours_used.{field}", getattr(used, field))
    if not used.on_duty_since <= vehicle.shift_starts:
        remedy = f"give a time up to shift_starts = {vehicle.shift_starts}"
        _refuse(who, "hours_used.on_duty_since", used.on_duty_since, remedy)


def _times(who: str, opens: float, closes: float, first: str, last: str) -> None:
    if not 0 <= opens < math.inf:
        _refuse(who, first, opens, "give a time from 0")
    if not closes >= opens:
        _refuse(who, last, closes, f"give a time not before {first} = {opens}")


def _amount(who: str, field: str, value: float, *, finite: bool = True) -> None:
    if not (0 <= value < math.inf or (value == math.inf and not finite)):
        _refuse(who, field, value, "give a number from 0")


def _unique(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            _refuse(f"{what} {each}", "id", each, "give every one an id of its own")
        seen.add(each)


def _refuse(who: str, field: str, value: object, remedy: str) -> NoReturn:
    raise InvalidValueError(f"{who}: {field} is {value}", remedy=remedy)
