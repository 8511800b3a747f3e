"""Orders as they now are: those on board, those at a depot, those that broke down with a van."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock.platform.routing.documents.checks import end_ids, is_required
from crossdock.platform.routing.documents.problem_shape import (
    DepotRow,
    EndRow,
    JobRow,
    ShipmentRow,
    Spot,
    Wanted,
    WindowRow,
)
from crossdock.platform.routing.documents.standing import Standing, Under


class Orders:
    """The jobs and shipments that are left.

    Attributes
    ----------
    lost
        Orders whose goods are lost.
    taken_up
        Where goods are taken up that were a job's: the new stop of it, by the old one.
    """

    def __init__(self, standing: Standing) -> None:
        self._at = standing
        self.lost: list[str] = []
        self.taken_up: dict[str, str] = {}
        moving = {name: under for name, under in standing.under.items() if under.out is None}
        self._of_type: dict[str, list[str]] = {}
        for name, under in moving.items():
            self._of_type.setdefault(under.row.id, []).append(name)
        self._on_road = [name for name, under in moving.items() if not under.home]
        self._reloading = [name for name in self._on_road if _may_reload(moving[name])]
        # Two ends of a shipment count as two stops, and neither is a delivery before backhauls.
        if any(row.max_stops is not None or row.backhauls == "last"
               for row in standing.types.values()):  # fmt: skip
            self._reloading = []
        self._waits = {stop.id for route in standing.waiting.values() for stop in route.stops}
        self._groups = {
            row.group for row in standing.jobs.values() if row.id in standing.served
        } - {None}
        self._jobs: list[JobRow] = []
        self._shipments: list[ShipmentRow] = []

    def rows(self) -> tuple[list[JobRow], list[ShipmentRow]]:
        """What is left to be done."""
        for job in self._at.jobs.values():
            if job.id not in self._at.served and job.group not in self._groups:
                self._job(job)
        for ship in self._at.shipments.values():
            self._shipment(ship)
        for under in self._at.under.values():
            if under.out is not None and any(under.extra.values()):
                self._collected(under)
        return self._jobs, self._shipments

    def _job(self, job: JobRow) -> None:
        carrier = self._at.aboard.get(job.id)
        if carrier is None:
            if any(job.delivery.values()):
                self._at_depot(job)
            else:
                self._jobs.append(job.model_copy(update=self._names(job)))
            return
        out = self._at.under[carrier].out
        if out is None:
            self._jobs.append(job.model_copy(update=_only(carrier)))
        elif out.goods == "lost":
            self.lost.append(job.id)
        elif out.goods == "replaced":
            self._at_depot(job)
        else:
            self._fetched(job, self._at.under[carrier])

    def _shipment(self, ship: ShipmentRow) -> None:
        pickup, delivery = end_ids(ship)
        if delivery in self._at.served:
            return
        carrier = self._at.aboard.get(delivery)
        if carrier is None:
            self._shipments.append(ship.model_copy(update=self._names(ship)))
            return
        out = self._at.under[carrier].out
        if out is None:
            self._jobs.append(_last_half(ship, delivery, carrier))
        elif out.goods == "lost":
            self.lost.append(ship.id)
        else:
            from_there = self._from_vehicle(pickup, self._at.under[carrier])
            update = {"pickup": from_there, "delivery": _named(ship.delivery, delivery)}
            self._shipments.append(ship.model_copy(update={**self._names(ship), **update}))

    def _at_depot(self, job: JobRow) -> None:
        """Goods that no vehicle has: who leaves a depot brings them, or comes back for them."""
        windows = job.windows or []
        plain = job.group is None and not any(job.pickup.values()) and len(windows) <= 1
        if self._reloading and plain and job.id not in self._waits:
            depot = self._nearest(job)
            pickup = EndRow(
                id=f"{job.id}@{depot.id}", place=depot.place, lat=depot.lat, lon=depot.lon,
                windows=[WindowRow(opens_at=_later(job, depot), closes_at=depot.closes_at)],
                parking_s=depot.loading_s, name=depot.name,
            )  # fmt: skip
            others = [name for name in self._on_road if name not in self._reloading]
            self._as_shipment(job, pickup, others)
            return
        self._jobs.append(job.model_copy(update=self._names(job, self._on_road)))

    def _fetched(self, job: JobRow, under: Under) -> None:
        """Goods on a vehicle that is out: another takes them up there."""
        self._as_shipment(job, self._from_vehicle(f"{job.id}@{under.route.vehicle}", under), [])
        if any(job.pickup.values()):
            told: dict[str, Any] = {"id": f"{job.id}/return", "delivery": {}, "parcels": 0}
            told["service_s"] = 0.0
            self._jobs.append(job.model_copy(update={**self._names(job), **told}))

    def _collected(self, under: Under) -> None:
        """What a vehicle that is out has collected goes to its depot on another."""
        name, out = under.route.vehicle, under.out
        end = under.route.end or under.route.start
        depot = self._at.depots.get(end.depot or "")
        if out is None or out.goods == "lost" or depot is None:
            self.lost.append(f"goods collected by {name}")
            return
        delivery = EndRow(
            id=f"{name}/goods to {depot.id}", place=depot.place, lat=depot.lat, lon=depot.lon
        )
        pickup = self._from_vehicle(f"{name}/goods", under)
        self._shipments.append(
            ShipmentRow(
                id=f"{name}/goods", amount=dict(under.extra), pickup=pickup, delivery=delivery
            )
        )

    def _from_vehicle(self, name: str, under: Under) -> EndRow:
        out, at = under.out, under.progress.free_at
        spot = self._at.places.spot(under.progress.where, f"{under.route.vehicle} {at:%H:%M:%S}")
        if spot.depot is not None:
            depot = self._at.depots[spot.depot]
            spot = Spot(place=depot.place, lat=depot.lat, lon=depot.lon)
        return EndRow(
            id=name, place=spot.place, lat=spot.lat, lon=spot.lon,
            windows=[WindowRow(opens_at=at)],
            parking_s=0.0 if out is None else out.handover_s,
            name=f"From {under.route.vehicle}",
        )  # fmt: skip

    def _as_shipment(self, job: JobRow, pickup: EndRow, excluded: list[str]) -> None:
        delivery = EndRow(
            id=job.id, place=job.place, lat=job.lat, lon=job.lon, windows=job.windows,
            service_s=job.service_s + job.parcels * job.service_per_parcel_s,
            parking_s=job.parking_s, name=job.name, address=job.address, note=job.note,
        )  # fmt: skip
        names = self._names(job, excluded)
        self.taken_up[job.id] = str(pickup.id)
        self._shipments.append(
            ShipmentRow(
                id=job.id, amount=job.delivery, pickup=pickup, delivery=delivery,
                prize_usd=job.prize_usd, required=is_required(job), skills=job.skills,
                allowed_vehicles=names["allowed_vehicles"],
                excluded_vehicles=names["excluded_vehicles"],
                priority=job.priority,
            )
        )  # fmt: skip

    def _names(self, row: Wanted, excluded: list[str] | None = None) -> dict[str, Any]:
        """Allowed and excluded vehicles by the names that they now have."""
        allowed = row.allowed_vehicles
        never = [*self._now_called(row.excluded_vehicles), *(excluded or ())]
        return {
            "allowed_vehicles": None if allowed is None else list(self._now_called(allowed)),
            "excluded_vehicles": list(dict.fromkeys(never)),
        }

    def _now_called(self, kinds: list[str]) -> Iterator[str]:
        for kind in kinds:
            row = self._at.types.get(kind)
            left = len(self._of_type.get(kind, ()))
            out = sum(
                under.out is not None and under.row.id == kind
                for under in self._at.under.values()
            ) + self._at.gone.get(kind, 0)  # fmt: skip
            if row is None or row.count is None or row.count > left + out:
                yield kind
            yield from self._of_type.get(kind, ())

    def _nearest(self, job: JobRow) -> DepotRow:
        names = {
            depot for name in self._reloading for depot in self._at.under[name].row.reload_depots
        }
        depots = [row for row in self._at.depots.values() if row.id in names]
        return min(depots, key=lambda depot: _apart(job, depot))


def _may_reload(under: Under) -> bool:
    row = under.row
    reloads = sum(stop.kind == "reload" for stop in under.progress.done)
    return bool(row.reload_depots) and (row.max_reloads is None or row.max_reloads > reloads)


def _only(vehicle: str) -> dict[str, Any]:
    return {"allowed_vehicles": [vehicle], "excluded_vehicles": []}


def _last_half(ship: ShipmentRow, name: str, carrier: str) -> JobRow:
    """A shipment that was taken up: its delivery, by who has it."""
    end = ship.delivery
    return JobRow(
        id=name, delivery=ship.amount, place=end.place, lat=end.lat, lon=end.lon,
        windows=end.windows, service_s=end.service_s, parking_s=end.parking_s, name=end.name,
        address=end.address, note=end.note, prize_usd=ship.prize_usd, required=is_required(ship),
        allowed_vehicles=[carrier], priority=ship.priority,
    )  # fmt: skip


def _named(end: EndRow, name: str) -> EndRow:
    return end.model_copy(update={"id": name})


def _later(job: JobRow, depot: DepotRow) -> Any:
    told = [each for each in (job.release_at, depot.opens_at) if each is not None]
    return max(told) if told else None


def _apart(job: JobRow, depot: DepotRow) -> float:
    if job.lat is None or job.lon is None or depot.lat is None or depot.lon is None:
        return 0.0
    return (job.lat - depot.lat) ** 2 + (job.lon - depot.lon) ** 2
