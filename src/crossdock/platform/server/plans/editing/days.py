"""A facility-day of a plan, opened to be changed: its routes as they were asked for."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import polars as pl

from crossdock.model import InvalidValueError, NotFoundError
from crossdock.platform.server.plans.packing import PlanRecords
from crossdock.platform.server.plans.plans import Plans
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.store.database.plans import PlanEdit, PlanEdits

if TYPE_CHECKING:
    from crossdock.plan.day import StandingRoutes

DAYS_AT_HAND = 16


@dataclass(frozen=True)
class DayKey:
    """Which facility-day of which plan."""

    tenant: str
    plan_id: str
    facility_id: str
    delivery_date: dt.date


@dataclass(frozen=True)
class Locks:
    """Vehicles whose tours stay, and parcels whose stops stay on their vehicle."""

    vehicles: frozenset[str] = frozenset()
    parcels: frozenset[str] = frozenset()

    def after(self, edit: PlanEdit) -> Locks:
        """After an edit; only those that lock change them."""
        if edit.kind not in ("lock", "unlock"):
            return self
        vehicles = frozenset(edit.detail["vehicle_ids"])
        parcels = frozenset(edit.detail["parcel_ids"])
        if edit.kind == "lock":
            return Locks(self.vehicles | vehicles, self.parcels | parcels)
        return Locks(self.vehicles - vehicles, self.parcels - parcels)


@dataclass(frozen=True)
class OpenDay:
    """One, at a version.

    Attributes
    ----------
    standing
        One entry for each way to deliver.
    """

    key: DayKey
    version: int
    records: PlanRecords
    locks: Locks
    standing: tuple[StandingRoutes, ...]

    def vehicle(self, vehicle_id: str) -> tuple[StandingRoutes, int]:
        """A vehicle of the day, by its place in its fleet; 404 where there is none."""
        for each in self.standing:
            rows = each.problem.fleet["vehicle_id"]
            found = rows.index_of(vehicle_id)
            if found is not None:
                return each, found
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            f"no vehicle {vehicle_id} is offered at {self.key.facility_id} that day",
        )

    def stops(self, parcel_ids: Iterable[str]) -> tuple[StandingRoutes, list[int]]:
        """The stops of parcels, each once; of one way to deliver."""
        wanted = list(dict.fromkeys(parcel_ids))
        homes = {
            index
            for parcel in wanted
            for index, each in enumerate(self.standing)
            if parcel in each.stop_of
        }
        known = {parcel for each in self.standing for parcel in each.stop_of}
        strangers = [parcel for parcel in wanted if parcel not in known]
        if strangers:
            said = f"no route of that day carries {', '.join(strangers[:5])}"
            raise RefusedError(HTTPStatus.NOT_FOUND, said)
        if len(homes) > 1:
            said = "they ride with different kinds of carrier; move them apart"
            raise _wrong("parcel_ids", said)
        standing = self.standing[homes.pop()]
        return standing, list(dict.fromkeys(standing.stop_of[parcel] for parcel in wanted))


class OpenDays:
    """Facility-days as they are asked for; the last few are kept at hand."""

    def __init__(self, plans: Plans, edits: PlanEdits) -> None:
        self._plans, self._edits = plans, edits
        self._at_hand: OrderedDict[tuple[DayKey, int], OpenDay] = OrderedDict()
        self._hand = threading.Lock()

    def open(self, key: DayKey) -> OpenDay:
        """One as it is now.

        Raises
        ------
        NotFoundError
            The tenant has no such plan, or the plan no such facility or day.
        RefusedError
            Its routes cannot be timed as they stand.
        """
        version = self._edits.version(key.tenant, key.plan_id, key.facility_id, key.delivery_date)
        with self._hand:
            known = self._at_hand.get((key, version))
            if known is not None:
                self._at_hand.move_to_end((key, version))
        if known is not None:
            return known
        number, records = self._plans.edition(key.tenant, key.plan_id)
        edits = self._edits.of_plan(key.tenant, key.plan_id, until=number, of=_place(key))
        try:
            found = opened(key, records, edits)
        except InvalidValueError as error:
            raise RefusedError(HTTPStatus.CONFLICT, f"{error.message}; {error.remedy}") from error
        with self._hand:
            self._at_hand[key, found.version] = found
            if len(self._at_hand) > DAYS_AT_HAND:
                self._at_hand.popitem(last=False)
        return found


def opened(key: DayKey, records: PlanRecords, edits: Iterable[PlanEdit]) -> OpenDay:
    """A facility-day of a plan's records after its ``edits``.

    Raises
    ------
    NotFoundError
        The plan has no such facility or day.
    """
    from crossdock.plan.day import standing_routes  # noqa: PLC0415 a server starts without

    here = (pl.col("facility_id") == key.facility_id) & (
        pl.col("delivery_date") == key.delivery_date
    )
    if records.tables["tours"].filter(here).is_empty():
        raise NotFoundError(
            f"the plan has no routes at {key.facility_id} on {key.delivery_date}",
            remedy="list its metros: GET /v1/plans/{plan_id}/metros",
        )
    locks, version = Locks(), 0
    for edit in edits:
        locks, version = locks.after(edit), edit.number
    found = standing_routes(
        records.tables, records.orders, records.network, key.facility_id, key.delivery_date
    )
    standing = tuple(_locked(each, locks) for each in found)
    return OpenDay(key, version, records, locks, standing)


def _locked(standing: StandingRoutes, locks: Locks) -> StandingRoutes:
    rows = standing.problem.fleet["vehicle_id"].to_list()
    vehicles = frozenset(row for row in standing.route_ids if rows[row] in locks.vehicles)
    pinned = frozenset(stop for parcel, stop in standing.stop_of.items() if parcel in locks.parcels)
    return replace(standing, routes=replace(standing.routes, locked=vehicles, pinned=pinned))


def _place(key: DayKey) -> tuple[str, dt.date]:
    return key.facility_id, key.delivery_date


def _wrong(field: str, said: str) -> RefusedError:
    return RefusedError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {said}", errors=[(f"body.{field}", said)]
    )
