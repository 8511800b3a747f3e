"""How a plan stands at an instant: where everybody is, what is served, what has happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.platform.routing.documents.checks import end_ids
from crossdock.platform.routing.documents.events_shape import (
    OrderAdded,
    OrderCancelled,
    OrderMoved,
    RouteEvents,
    Traffic,
    VehicleOut,
)
from crossdock.platform.routing.documents.faults import (
    Faults,
    FaultyDocumentError,
    nearest,
    shown,
    who_is,
)
from crossdock.platform.routing.documents.plan_shape import PlanRoute, PlanSpot, RoutePlan
from crossdock.platform.routing.documents.present_places import Places
from crossdock.platform.routing.documents.problem_shape import EndRow, RouteProblem, VehicleRow
from crossdock.platform.routing.documents.progress import OnTheWay, Progress, progress_of


@dataclass
class Under:
    """A route of the plan that has left."""

    route: PlanRoute
    row: VehicleRow
    progress: Progress
    out: VehicleOut | None = None
    extra: dict[str, float] = field(default_factory=dict[str, float])
    """On board until a depot, by dimension."""

    @property
    def home(self) -> bool:
        """Whether it is back at a depot, and empty."""
        ended = not self.progress.ahead and self.progress.where.share >= 1
        return ended and self.route.end is not None and self.route.end.depot is not None


class Standing:
    """A plan under way, with what has happened.

    Attributes
    ----------
    jobs, shipments
        That are wanted, served ones too, by id.
    under, waiting
        Routes that have left, and those that have not, by vehicle.
    gone
        How many vehicles of a type are out that had not left.
    served, aboard
        Vehicle of stops that are served, and of those whose goods are on board.
    elsewhere
        Stops that were moved to another place.

    Raises
    ------
    FaultyDocumentError
        An event is of a vehicle or a stop that is not there, or that is served.
    """

    def __init__(self, document: RouteProblem, plan: RoutePlan, events: RouteEvents) -> None:
        self._plan, self._told, self._faults = plan, events, Faults()
        self.now = events.now
        self.jobs = {row.id: row for row in document.jobs}
        self.shipments = {row.id: row for row in document.shipments}
        self.depots = {row.id: row for row in document.depots}
        self.types = {row.id: row for row in document.vehicles}
        self.speed_factor = document.distances.speed_factor
        self.places = Places(document)
        self.under: dict[str, Under] = {}
        self.waiting: dict[str, PlanRoute] = {}
        self.gone: dict[str, int] = {}
        self.served: dict[str, str] = {}
        self.aboard: dict[str, str] = {}
        self.elsewhere: set[str] = set()
        for route in plan.routes:
            self._route(route)
        self._outs()
        for under in self.under.values():
            self._carried(under)
        for number, event in enumerate(events.events):
            self._event(number, event)
        if self._faults.found:
            remedy = "correct the events, or give the plan that they happened to"
            raise FaultyDocumentError(
                "the events", self._faults.found, remedy, more=self._faults.more
            )

    # Where everybody is

    def _route(self, route: PlanRoute) -> None:
        progress = self._progress(route, self.now)
        if progress.left:
            row = self.types[route.vehicle_type]
            self.under[route.vehicle] = Under(route, row, progress)
        else:
            self.waiting[route.vehicle] = route

    def _progress(self, route: PlanRoute, at: dt.datetime) -> Progress:
        depot = self.depots.get(route.start.depot or "")
        return progress_of(route, at, 0.0 if depot is None else depot.loading_s)

    def _outs(self) -> None:
        """Vehicles that are out stood still since then."""
        for number, event in enumerate(self._told.events):
            if not isinstance(event, VehicleOut):
                continue
            name = event.vehicle
            at = min(event.at or self.now, self.now)
            if name in self.under and self.under[name].out is None:
                under = self.under[name]
                progress = self._progress(under.route, at)
                if not progress.left:  # it declined before it left
                    del self.under[name]
                    self.waiting[name] = under.route
                    self._not_leaving(name)
                    continue
                where = self._stands(number, event, progress)
                stands = Progress(
                    True, progress.done, progress.ahead, at, where, progress.driven_s,
                    progress.driven_m,
                )  # fmt: skip
                self.under[name] = Under(under.route, under.row, stands, event)
            elif name in self.waiting:
                self._not_leaving(name)
            elif name in self.types and self._unused(name) > 0:
                self.gone[name] = self.gone.get(name, 0) + 1
            else:
                known = [*self.under, *self.waiting, *self.types]
                self._fault(number, "vehicle", f"is {shown(name)}", nearest(name, known))

    def _stands(self, number: int, event: VehicleOut, progress: Progress) -> OnTheWay:
        if event.place is not None or event.lat is not None:
            if event.place is None and self.places.changed() is not None:
                self._fault(number, "place", "is missing", "name a place of the matrices")
            here = PlanSpot(place=event.place, lat=event.lat, lon=event.lon)
            return OnTheWay(here, here, 0.0)
        return progress.where

    def _not_leaving(self, name: str) -> None:
        kind = self.waiting.pop(name).vehicle_type
        self.gone[kind] = self.gone.get(kind, 0) + 1

    def _unused(self, kind: str) -> float:
        count = self.types[kind].count
        used = sum(route.vehicle_type == kind for route in self._plan.routes)
        return float("inf") if count is None else count - used - self.gone.get(kind, 0)

    def _carried(self, under: Under) -> None:
        """What is served, and what is on board for the stops ahead."""
        name, progress = under.route.vehicle, under.progress
        self.served |= {stop.id: name for stop in progress.done if stop.kind != "reload"}
        last = max(
            (at for at, stop in enumerate(progress.done) if stop.kind == "reload"), default=-1
        )
        if last < 0:
            _add(under.extra, under.row.on_board)
        for stop in progress.done[last + 1 :]:
            if stop.kind == "job" and stop.id in self.jobs:
                _add(under.extra, self.jobs[stop.id].pickup)
        for stop in progress.ahead:
            if stop.kind == "reload":
                break
            if stop.kind == "job" and stop.id in self.jobs and any(
                self.jobs[stop.id].delivery.values()
            ):  # fmt: skip
                self.aboard[stop.id] = name
        for ship in self.shipments.values():
            pickup, delivery = end_ids(ship)
            if self.served.get(pickup) == name and delivery not in self.served:
                self.aboard[delivery] = name

    # What has happened

    def _event(self, number: int, event: object) -> None:
        if isinstance(event, OrderAdded):
            self._added(number, event)
        elif isinstance(event, OrderCancelled):
            self._cancelled(number, event)
        elif isinstance(event, OrderMoved):
            self._moved(number, event)
        elif isinstance(event, Traffic):
            self.speed_factor = event.speed_factor

    def _added(self, number: int, event: OrderAdded) -> None:
        if (event.job is None) == (event.shipment is None):
            self._fault(number, "job", "is missing", "give a job or a shipment")
            return
        stops = {stop for row in self.shipments.values() for stop in end_ids(row)}
        known = {*self.jobs, *self.shipments, *stops}
        if event.job is not None:
            if event.job.id in known:
                self._fault(number, "job.id", f"is {shown(event.job.id)}, which is there",
                            "give it an id of its own")  # fmt: skip
            self.jobs.setdefault(event.job.id, event.job)
        if event.shipment is not None:
            if known.intersection({event.shipment.id, *end_ids(event.shipment)}):
                self._fault(number, "shipment.id", f"is {shown(event.shipment.id)}, which is there",
                            "give it and its ends ids of their own")  # fmt: skip
            self.shipments.setdefault(event.shipment.id, event.shipment)

    def _cancelled(self, number: int, event: OrderCancelled) -> None:
        job, ship = self.jobs.get(event.id), self.shipments.get(event.id)
        if job is None and ship is None:
            known = [*self.jobs, *self.shipments]
            self._fault(number, "id", f"is {shown(event.id)}", nearest(event.id, known))
            return
        last = event.id if ship is None else end_ids(ship)[1]
        if last in self.served:
            reason = f"is {shown(event.id)}, which {self.served[last]} has served"
            self._fault(number, "id", reason, "leave the event out")
            return
        carrier = self.aboard.pop(last, None)
        if carrier is not None:
            amount = job.delivery if job is not None else ship.amount if ship is not None else {}
            _add(self.under[carrier].extra, amount)
        self.jobs.pop(event.id, None)
        self.shipments.pop(event.id, None)

    def _moved(self, number: int, event: OrderMoved) -> None:
        told = event.model_dump(exclude_unset=True, exclude={"kind", "id", "windows"})
        change: dict[str, object] = {}
        if told:
            change = {"place": None, "lat": None, "lon": None, **told}
            self.elsewhere.add(event.id)
        if event.windows is not None:
            change["windows"] = event.windows
        if event.id in self.served:
            reason = f"is {shown(event.id)}, which {self.served[event.id]} has served"
            self._fault(number, "id", reason, "leave the event out")
        elif event.id in self.jobs:
            self.jobs[event.id] = self.jobs[event.id].model_copy(update=change)
        else:
            for ship in self.shipments.values():
                for end, name in zip(("pickup", "delivery"), end_ids(ship), strict=True):
                    if name == event.id:
                        row: EndRow = getattr(ship, end)
                        moved = {end: row.model_copy(update=change)}
                        self.shipments[ship.id] = ship.model_copy(update=moved)
                        return
            known = [
                *self.jobs,
                *(stop for row in self.shipments.values() for stop in end_ids(row)),
            ]
            self._fault(number, "id", f"is {shown(event.id)}", nearest(event.id, known))

    def _fault(self, number: int, field_: str, reason: str, remedy: str) -> None:
        who = who_is("events", number, {})
        self._faults.add("events", number, who, field_, reason, remedy)


def _add(total: dict[str, float], more: Mapping[str, float]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0.0) + amount
