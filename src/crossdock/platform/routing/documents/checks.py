"""What rows of a problem say of each other, checked: every fault, not only the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import cast

from crossdock.comply.hos import RULE_SETS
from crossdock.platform.routing.documents.faults import Faults, nearest, shown, who_is
from crossdock.platform.routing.documents.problem_shape import (
    Called,
    DepotRow,
    EndRow,
    Given,
    JobRow,
    PlaceRow,
    ProblemHead,
    RelationRow,
    ShipmentRow,
    Spot,
    VehicleRow,
    Wanted,
)
from crossdock.platform.routing.documents.values import Row

Numbered = Sequence[tuple[int, Row]]
"""Rows with their numbers in the document."""

_MEALS_AND_RESTS = "MEALS_AND_RESTS"
_LONGEST = dt.timedelta(days=366)
_THOUSANDTHS = 1e-6


def end_ids(ship: ShipmentRow) -> tuple[str, str]:
    """Ids of the two ends of a shipment."""
    return (ship.pickup.id or f"{ship.id}/pickup", ship.delivery.id or f"{ship.id}/delivery")


def dimensions_of(head: ProblemHead, vehicles: Collection[VehicleRow]) -> tuple[str, ...]:
    """Names of the capacity dimensions."""
    if head.dimensions is not None:
        return tuple(dict.fromkeys(head.dimensions))
    named = [name for vehicle in vehicles for name in vehicle.capacity]
    return tuple(dict.fromkeys(named)) or ("load",)


def check_rows(head: ProblemHead, rows: Mapping[str, Numbered], faults: Faults) -> None:
    """Add to ``faults`` what is wrong between rows that are each well formed."""
    _Checks(head, rows, faults).everything()


class _Checks:
    def __init__(self, head: ProblemHead, rows: Mapping[str, Numbered], faults: Faults) -> None:
        self._head, self._rows, self._faults = head, rows, faults
        self._table, self._row, self._who = "", 0, ""
        vehicles = [cast("VehicleRow", each) for _, each in rows["vehicles"]]
        self._dimensions = dimensions_of(head, vehicles)
        self._places = {cast("PlaceRow", each).id for _, each in rows["places"]}
        self._depots = {cast("DepotRow", each).id for _, each in rows["depots"]}
        self._vehicles = {each.id for each in vehicles}
        self._on_matrix = isinstance(head.distances, Given)
        self._pinned: set[str] = set()
        self._stops: set[str] = set()

    def everything(self) -> None:
        for table in ("places", "depots", "vehicles", "jobs", "shipments"):
            self._unique(table)
        self._unique_stops()
        for number, row in self._rows["places"]:
            self._at("places", number, row)
            self._position(cast("PlaceRow", row), named=False)
        for number, row in self._rows["depots"]:
            self._at("depots", number, row)
            self._depot(cast("DepotRow", row))
        for number, row in self._rows["vehicles"]:
            self._at("vehicles", number, row)
            self._vehicle(cast("VehicleRow", row))
        for number, row in self._rows["jobs"]:
            self._at("jobs", number, row)
            self._job(cast("JobRow", row))
        for number, row in self._rows["shipments"]:
            self._at("shipments", number, row)
            self._shipment(cast("ShipmentRow", row))
        self._groups()
        self._relations()

    def _at(self, table: str, number: int, row: Row) -> None:
        self._table, self._row = table, number
        self._who = who_is(table, number, {"id": getattr(row, "id", None)})

    def _fault(self, field: str, reason: str, remedy: str) -> None:
        self._faults.add(self._table, self._row, self._who, field, reason, remedy)

    def _unique(self, table: str) -> None:
        seen: dict[str, int] = {}
        for number, row in self._rows[table]:
            name = cast("PlaceRow", row).id
            if name in seen:
                self._at(table, number, row)
                remedy = "give every row an id of its own"
                self._fault("id", f"is that of {table}[{seen[name]}] too", remedy)
            seen.setdefault(name, number)

    def _unique_stops(self) -> None:
        seen: dict[str, str] = {}
        for number, row in self._rows["jobs"]:
            name = cast("JobRow", row).id
            seen.setdefault(name, f"jobs[{number}]")
        for number, row in self._rows["shipments"]:
            ends = end_ids(cast("ShipmentRow", row))
            for field, name in zip(("pickup.id", "delivery.id"), ends, strict=True):
                if name in seen:
                    self._at("shipments", number, row)
                    remedy = "give every stop an id of its own"
                    self._fault(field, f"{shown(name)} is that of {seen[name]} too", remedy)
                seen.setdefault(name, f"shipments[{number}]")
        self._stops = set(seen)

    def _depot(self, depot: DepotRow) -> None:
        self._position(depot)
        self._span(depot.opens_at, depot.closes_at, "opens_at", "closes_at")

    def _vehicle(self, vehicle: VehicleRow) -> None:
        self._spot("start", vehicle.start)
        if vehicle.end is not None:
            self._spot("end", vehicle.end)
        self._span(
            vehicle.shift_starts_at, vehicle.shift_ends_at, "shift_starts_at", "shift_ends_at"
        )
        self._span(vehicle.shift_starts_at, vehicle.latest_start_at, "shift_starts_at",
                   "latest_start_at")  # fmt: skip
        self._amounts("capacity", vehicle.capacity)
        self._amounts("on_board", vehicle.on_board)
        for at, depot in enumerate(vehicle.reload_depots):
            self._known(f"reload_depots[{at}]", depot, self._depots)
        self._hours(vehicle)
        for at, stop in enumerate(vehicle.pinned):
            field = f"pinned[{at}]"
            if self._known(field, stop, self._stops) and stop in self._pinned:
                self._fault(field, f"{shown(stop)} is pinned twice", "pin each stop once")
            self._pinned.add(stop)
        if vehicle.pinned and vehicle.count != 1:
            self._fault("count", f"is {vehicle.count} beside pinned stops", "give 1, or no pins")

    def _hours(self, vehicle: VehicleRow) -> None:
        if vehicle.hos_rules:
            self._known("hos_rules", vehicle.hos_rules, [*RULE_SETS, _MEALS_AND_RESTS])
        used = vehicle.hours_used
        if used is None:
            return
        if not vehicle.hos_rules:
            self._fault("hours_used", "stands without hos_rules", "name the rules, or leave it out")
        starts = vehicle.shift_starts_at or self._head.starts_at
        if used.on_duty_since_at > max(starts, self._head.starts_at):
            reason = f"is {used.on_duty_since_at.isoformat()}, after the shift starts"
            self._fault("hours_used.on_duty_since_at", reason, "give an instant before it")
        self._instant("hours_used.on_duty_since_at", used.on_duty_since_at)

    def _job(self, job: JobRow) -> None:
        self._call("", job)
        self._amounts("delivery", job.delivery)
        self._amounts("pickup", job.pickup)
        self._instant("release_at", job.release_at)
        last = None if job.windows is None else job.windows[-1].closes_at
        if job.release_at is not None and last is not None and last < job.release_at:
            remedy = "let its last window close after it"
            self._fault("release_at", f"is {job.release_at.isoformat()}, after it is due", remedy)
        self._wanted(job)

    def _shipment(self, ship: ShipmentRow) -> None:
        self._call("pickup.", ship.pickup)
        self._call("delivery.", ship.delivery)
        self._amounts("amount", ship.amount)
        self._wanted(ship)

    def _call(self, path: str, stop: JobRow | EndRow) -> None:
        self._position(stop, path)
        windows = stop.windows or []
        for at, each in enumerate(windows):
            first, last = f"{path}windows[{at}].opens_at", f"{path}windows[{at}].closes_at"
            self._span(
                each.opens_at, each.closes_at, first, last, may_be_over=at < len(windows) - 1
            )
        for at, (earlier, later) in enumerate(pairwise(windows), start=1):
            ends, begins = earlier.closes_at, later.opens_at
            if ends is None or begins is None or begins <= ends:
                remedy = "give windows in order, without overlap"
                self._fault(f"{path}windows[{at}].opens_at", "is not after the one before", remedy)

    def _wanted(self, stop: Wanted) -> None:
        for field in ("allowed_vehicles", "excluded_vehicles"):
            for at, vehicle in enumerate(getattr(stop, field) or () if self._vehicles else ()):
                self._known(f"{field}[{at}]", vehicle, self._vehicles)

    def _spot(self, field: str, spot: Spot) -> None:
        if spot.depot is None:
            self._position(spot, f"{field}.", or_depot=True)
            return
        self._known(f"{field}.depot", spot.depot, self._depots)
        if spot.place is not None or spot.lat is not None or spot.lon is not None:
            self._fault(f"{field}.depot", "stands beside a place", "give a depot or a place")

    def _position(
        self, at: Called | DepotRow | PlaceRow | Spot, path: str = "", *,
        named: bool = True, or_depot: bool = False,
    ) -> None:  # fmt: skip
        """A position is a place by name, or a latitude and a longitude."""
        place = None if isinstance(at, PlaceRow) else at.place
        field = f"{path}lat" if place is None else f"{path}place"
        if (at.lat is None) != (at.lon is None):
            self._fault(f"{path}lon" if at.lon is None else f"{path}lat", "is missing", "give both")
        elif place is not None and at.lat is not None:
            self._fault(field, "stands beside lat and lon", "give a place, or lat and lon")
        elif place is not None:
            self._known(field, place, self._places)
        elif named and self._on_matrix:
            self._fault(f"{path}place", "is missing", "name a place of the matrices")
        elif at.lat is None and (named or not self._on_matrix):
            depot = "a depot, " if or_depot else ""
            self._fault(field, "is missing", f"give {depot}lat and lon, or a place")

    def _span(
        self, opens: dt.datetime | None, closes: dt.datetime | None, first: str, last: str, *,
        may_be_over: bool = False,
    ) -> None:  # fmt: skip
        self._instant(first, opens)
        self._instant(last, closes)
        starts = self._head.starts_at
        if closes is not None and closes < starts and not may_be_over:
            remedy = f"give an instant from starts_at {starts.isoformat()} on, or leave the row out"
            self._fault(last, f"is {closes.isoformat()}, before the plan", remedy)
        elif opens is not None and closes is not None and closes < opens:
            reason = f"is {closes.isoformat()}, before {first.rpartition('.')[2]}"
            self._fault(last, reason, f"give an instant from {opens.isoformat()} on")

    def _instant(self, field: str, value: dt.datetime | None) -> None:
        starts = self._head.starts_at
        if value is not None and abs(value - starts) > _LONGEST:
            remedy = f"give an instant within a year of starts_at {starts.isoformat()}"
            self._fault(field, f"is {value.isoformat()}", remedy)

    def _amounts(self, field: str, told: Mapping[str, float]) -> None:
        for name, value in told.items():
            if name not in self._dimensions and self._vehicles:
                remedy = nearest(name, self._dimensions)
                self._fault(f"{field}.{name}", "is no dimension of capacity", remedy)
            elif abs(value * 1000 - round(value * 1000)) > _THOUSANDTHS * max(1.0, value):
                self._fault(f"{field}.{name}", f"is {value}", "give at most three decimals")

    def _known(self, field: str, name: str, known: Collection[str]) -> bool:
        if name not in known:
            self._fault(field, f"is {shown(name)}, which is not there", nearest(name, known))
        return name in known

    def _groups(self) -> None:
        first: dict[str, tuple[int, JobRow]] = {}
        for number, row in self._rows["jobs"]:
            job = cast("JobRow", row)
            if job.group is None:
                continue
            at, other = first.setdefault(job.group, (number, job))
            self._at("jobs", number, job)
            for field, own, theirs in (
                ("required", is_required(job), is_required(other)),
                ("prize_usd", job.prize_usd or 0.0, other.prize_usd or 0.0),
            ):
                if own != theirs:
                    reason = f"is {shown(own)}, of jobs[{at}] in the same group {shown(theirs)}"
                    self._fault(field, reason, "let all jobs of a group agree")

    def _relations(self) -> None:
        for number, row in self._rows["relations"]:
            relation = cast("RelationRow", row)
            self._at("relations", number, relation)
            if len(set(relation.stops)) != len(relation.stops):
                self._fault("stops", "names a stop twice", "name each stop once")
            for at, stop in enumerate(relation.stops):
                self._known(f"stops[{at}]", stop, self._stops)


def is_required(stop: Wanted) -> bool:
    """Whether leaving it out is a fault of the plan: by default where nothing is paid for it."""
    return stop.prize_usd is None if stop.required is None else stop.required
