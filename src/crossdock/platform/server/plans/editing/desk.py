"""What planners do with the routes of a draft: weigh a move, make it, lock, take back."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from crossdock.platform.server.idempotency import id_of
from crossdock.platform.server.plans.edited import RouteSwap, pack_swap, unpack_swap
from crossdock.platform.server.plans.editing import shapes
from crossdock.platform.server.plans.editing.days import DayKey, OpenDay, OpenDays
from crossdock.platform.server.plans.editing.told import (
    FEW_ARRIVALS,
    Told,
    spare_vehicles,
    told_day,
    told_move,
    told_refusal,
)
from crossdock.platform.server.plans.plans import Plans
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.plans import (
    EditNotMadeError,
    NewEdit,
    PlanEdit,
    PlanEdits,
)

if TYPE_CHECKING:
    from crossdock.plan.day import StandingRoutes
    from crossdock.plan.lastmile import Move, RouteRows

PLAN_DAY = "plan_day"
PLAN_DAY_FUNCTIONS: Mapping[str, str] = {
    PLAN_DAY: "crossdock.platform.server.plans.editing.job:optimise_day"
}
"""The kind of job that plans a facility-day anew, for a `JobRunner`."""

DAYS_TOLD = 4
"""Of 25,000 stops: 14 MB, and a second to put together."""


class PlanEditing:
    """Edits of the drafts of all tenants.

    Parameters
    ----------
    on_asked
        Called after a job was asked for: wakes who does it.
    """

    def __init__(
        self, plans: Plans, edits: PlanEdits, jobs: Jobs, on_asked: Callable[[], None]
    ) -> None:
        self._plans, self._edits, self._jobs = plans, edits, jobs
        self._on_asked = on_asked
        self._days = OpenDays(plans, edits)
        self._told: OrderedDict[tuple[DayKey, int, bool], bytes] = OrderedDict()
        self._hand = threading.Lock()

    def open(self, key: DayKey) -> OpenDay:
        """A facility-day as it is now; `NotFoundError` where the tenant has none such."""
        return self._days.open(key)

    def told(self, key: DayKey) -> bytes:
        """The same as `shapes.FacilityDay` in JSON; the last few are kept, for all who watch."""
        changeable = self._plans.state(key.tenant, key.plan_id) == "draft"
        day = self.open(key)
        of = (key, day.version, changeable)
        with self._hand:
            known = self._told.get(of)
            if known is not None:
                self._told.move_to_end(of)
                return known
        told = msgspec.json.encode(told_day(day, changeable=changeable))
        with self._hand:
            self._told[of] = told
            if len(self._told) > DAYS_TOLD:
                self._told.popitem(last=False)
        return told

    def weigh(self, key: DayKey, asked: shapes.PreviewAsked) -> Told:
        """What it would be to have stops on each vehicle of their day, or on one."""
        from crossdock.plan.lastmile import weigh_vehicles  # noqa: PLC0415

        day = self._at_version(key, asked.version)
        standing, stops = day.stops(asked.parcel_ids)
        if asked.to_vehicle_id is None:
            vehicles = [*standing.routes.tours, *spare_vehicles(standing)]
            moves = weigh_vehicles(standing.routes, stops, vehicles)
            weighed = [told_move(standing, move, most=FEW_ARRIVALS) for move in moves]
            weighed += [_otherwise(other, row) for other in day.standing if other is not standing
                        for row in (*other.route_ids, *spare_vehicles(other))]  # fmt: skip
        else:
            move = _move(day, standing, stops, asked.to_vehicle_id, asked.behind)
            weighed = [told_move(standing, move, most=None)]
        return {"version": day.version, "stops": len(stops), "weighed": weighed}

    def move(self, principal: Principal, key: DayKey, asked: shapes.MoveAsked) -> Told:
        """Have stops on another vehicle.

        Raises
        ------
        RefusedError
            It cannot be, or somebody else changed the day.
        """
        self._draft(key)
        day = self._at_version(key, asked.version)
        standing, stops = day.stops(asked.parcel_ids)
        move = _move(day, standing, stops, asked.to_vehicle_id, asked.behind)
        if move.refusals:
            said = "; ".join(each.said for each in move.refusals)
            raise RefusedError(
                HTTPStatus.CONFLICT,
                f"{asked.to_vehicle_id} cannot take them: {said}",
                more={"refusals": [told_refusal(standing, each) for each in move.refusals]},
            )
        fleet = standing.problem.fleet["vehicle_id"]
        detail = {
            "parcel_ids": asked.parcel_ids,
            "stops": len(stops),
            "from_vehicle_ids": [fleet[change.vehicle] for change in move.changes[:-1]],
            "to_vehicle_id": asked.to_vehicle_id,
            "behind": asked.behind,
            "cost_usd": round(move.cost_usd, 6),
        }
        swap = swap_of(day, standing, move)
        return self._made(principal, day, "move", detail, swap)

    def lock(self, principal: Principal, key: DayKey, asked: shapes.LockAsked) -> Told:
        """Lock routes and stops, or free them."""
        self._draft(key)
        day = self._at_version(key, asked.version)
        for vehicle_id in asked.vehicle_ids:
            standing, row = day.vehicle(vehicle_id)
            if row not in standing.route_ids:
                said = f"{vehicle_id} has no route that day"
                raise RefusedError(HTTPStatus.CONFLICT, said)
        parcels: list[str] = []
        for parcel in asked.parcel_ids:
            standing, stops = day.stops([parcel])
            parcels += standing.parcels_of(stops[0])
        detail = {"vehicle_ids": sorted(set(asked.vehicle_ids)), "parcel_ids": sorted(set(parcels))}
        return self._made(principal, day, "lock" if asked.locked else "unlock", detail, None)

    def undo(self, principal: Principal, plan_id: str, number: int) -> Told:
        """Take an edit back.

        Raises
        ------
        NotFoundError
            There is no such plan or edit.
        RefusedError
            It changed no routes, or they are not as it left them.
        """
        tenant = principal.tenant
        plan = self._plans.state(tenant, plan_id)
        found = self._edits.of_plan(tenant, plan_id, after=number - 1, until=number)[:1]
        if not found:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"the plan {plan_id} has no edit {number}")
        edit = found[0]
        if plan != "draft":
            raise _no_draft(plan)
        key = DayKey(tenant, plan_id, edit.facility_id, edit.delivery_date)
        day = self.open(key)
        if edit.kind in ("lock", "unlock"):
            kind = "unlock" if edit.kind == "lock" else "lock"
            return self._made(principal, day, kind, {**edit.detail, "undoes": number}, None)
        assert edit.content is not None
        swap = unpack_swap(edit.content)
        if not _stands(day, swap.after):
            raise RefusedError(
                HTTPStatus.CONFLICT, "its routes were changed again since; move the stops back"
            )
        cost = edit.detail.get("cost_usd")
        detail = {"undoes": number, "cost_usd": None if cost is None else -float(cost)}
        return self._made(principal, day, "undo", detail, swap.back())

    def optimise(
        self, principal: Principal, key: DayKey, asked: shapes.OptimiseAsked, token: str
    ) -> str:
        """Have a job plan what is not locked anew; returns its id."""
        self._draft(key)
        self._at_version(key, asked.version)
        job_id = id_of(token, "job")
        request = {
            "plan_id": key.plan_id,
            "facility_id": key.facility_id,
            "delivery_date": key.delivery_date.isoformat(),
            "asked_by": principal.actor,
            **asked.model_dump(mode="json"),
        }
        self._jobs.enqueue(key.tenant, PLAN_DAY, request, created_by=principal.actor, job_id=job_id)
        self._on_asked()
        return job_id

    def end_search(self, key: DayKey, job_id: str) -> None:
        """Have a job that plans a day anew end with what it has found so far.

        Raises
        ------
        NotFoundError
            There is no such job.
        RefusedError
            It is of another day.
        """
        job = self._jobs.read(key.tenant, job_id)
        of = (key.plan_id, key.facility_id, key.delivery_date.isoformat())
        names = ("plan_id", "facility_id", "delivery_date")
        if job.kind != PLAN_DAY or tuple(job.request.get(name) for name in names) != of:
            raise RefusedError(HTTPStatus.CONFLICT, f"{job_id} does not plan this day anew")
        self._jobs.end_early(key.tenant, job_id)
        self._on_asked()

    def history(self, tenant: str, plan_id: str, of: tuple[str, dt.date] | None) -> list[PlanEdit]:
        """Edits of a plan, or of a facility-day of it, the newest first."""
        self._plans.state(tenant, plan_id)
        return self._edits.of_plan(tenant, plan_id, of=of, contents=False)[::-1]

    def compare(self, key: DayKey, against: str | None, at: int | None, most: int) -> Told:
        """What differs from another plan, or from this one as it was after an edit."""
        from crossdock.measure.planned import day_changes  # noqa: PLC0415

        now = self._plans.records(key.tenant, key.plan_id)
        other = against or key.plan_id
        if at is not None or against is None:
            was, named = self._plans.earlier(key.tenant, other, at or 0), f"{other} at {at or 0}"
        else:
            was, named = self._plans.records(key.tenant, other), other
        found = day_changes(was.tables, now.tables, key.facility_id, key.delivery_date)
        return {
            "was": named,
            "now": key.plan_id,
            "totals": found.totals.to_dicts(),
            "routes": found.routes.to_dicts(),
            "parcels": found.parcels.head(most).to_dicts(),
            "parcels_changed": found.parcels.height,
        }

    def _draft(self, key: DayKey) -> None:
        state = self._plans.state(key.tenant, key.plan_id)
        if state != "draft":
            raise _no_draft(state)

    def _at_version(self, key: DayKey, version: int) -> OpenDay:
        day = self.open(key)
        if day.version != version:
            raise RefusedError(
                HTTPStatus.CONFLICT,
                f"{key.facility_id} on {key.delivery_date} was changed by somebody else: it is at "
                f"version {day.version}, not {version}",
                more={"version": day.version},
            )
        return day

    def _made(
        self,
        principal: Principal,
        day: OpenDay,
        kind: str,
        detail: Mapping[str, Any],
        swap: RouteSwap | None,
    ) -> Told:
        key = day.key
        edit = NewEdit(
            key.facility_id,
            key.delivery_date,
            day.version,
            kind,
            principal.actor,
            detail,
            None if swap is None else pack_swap(swap),
        )
        try:
            made = self._edits.append(key.tenant, key.plan_id, edit)
        except EditNotMadeError as error:
            raise RefusedError(HTTPStatus.CONFLICT, error.message) from error
        return told_edit(made)


def told_edit(edit: PlanEdit) -> Told:
    """As `shapes.EditMade`."""
    return {
        "number": edit.number,
        "version": edit.number,
        "kind": edit.kind,
        "facility_id": edit.facility_id,
        "delivery_date": edit.delivery_date,
        "made_at": edit.made_at,
        "made_by": edit.made_by,
        "cost_usd": edit.detail.get("cost_usd"),
        "detail": dict(edit.detail),
        "routes_changed": edit.content is not None,
    }


def swap_of(day: OpenDay, standing: StandingRoutes, move: Move) -> RouteSwap:
    """The routes that a move changes, before and after it."""
    after = standing.routes.changed(move.changes)
    return swap_between(day, standing, after.tours, [each.vehicle for each in move.changes])


def swap_between(
    day: OpenDay, standing: StandingRoutes, tours: Mapping[int, Any], touched: Sequence[int]
) -> RouteSwap:
    """The routes of ``touched`` vehicles as they stand, and with ``tours``.

    A vehicle that goes out anew gets the next route id of the date; others keep theirs.
    """
    from crossdock.plan.lastmile import rows_of_tours  # noqa: PLC0415

    ids = dict(standing.route_ids)
    new = iter(_next_ids(day, sum(vehicle not in ids for vehicle in tours)))
    ids.update({vehicle: next(new) for vehicle in tours if vehicle not in ids})
    gone = [standing.route_ids[each] for each in touched if each in standing.route_ids]
    rows = rows_of_tours(
        standing.problem, standing.routes.day, tours, ids, [v for v in touched if v in tours]
    )
    return RouteSwap(_rows_as_they_stand(day, gone), rows)


def _rows_as_they_stand(day: OpenDay, route_ids: Sequence[str]) -> RouteRows:
    from crossdock.plan.lastmile import RouteRows  # noqa: PLC0415

    ours = pl.col("route_id").is_in(list(route_ids))
    tables = day.records.tables
    decisions = tables["decisions"].filter(pl.col("subject").is_in(list(route_ids)))
    found = {name: tables[name].filter(ours) for name in ("tours", "routes", "breaks")}
    return RouteRows(**found, decisions=decisions)


def _stands(day: OpenDay, rows: RouteRows) -> bool:
    """Whether the routes are as ``rows`` have them."""
    now = _rows_as_they_stand(day, rows.tours["route_id"].to_list())
    return now.tours.equals(rows.tours.sort("route_id")) and now.routes.equals(
        rows.routes.sort("route_id", "sequence", "parcel_id")
    )


def _next_ids(day: OpenDay, count: int) -> list[str]:
    """Route ids that follow those of the date."""
    date = day.key.delivery_date
    taken = day.records.tables["tours"].filter(pl.col("delivery_date") == date)["route_id"]
    head, _, last = max(taken.to_list()).rpartition("-")
    return [f"{head}-{int(last) + number:0{len(last)}d}" for number in range(1, count + 1)]


def _move(
    day: OpenDay, standing: StandingRoutes, stops: list[int], vehicle_id: str, behind: int | None
) -> Move:
    from crossdock.plan.lastmile import move_stops  # noqa: PLC0415

    home, row = day.vehicle(vehicle_id)
    if home is not standing:
        said = _other_mode(standing, home)
        return _refused(row, stops, said)
    return move_stops(standing.routes, stops, row, behind)


def _refused(row: int, stops: Sequence[int], said: str) -> Move:
    from crossdock.plan.lastmile import Move, Refusal  # noqa: PLC0415

    return Move(row, tuple(stops), (), (Refusal("carrier", said),))


def _other_mode(standing: StandingRoutes, home: StandingRoutes) -> str:
    return f"the parcels were given to {standing.mode} vehicles, this is one of {home.mode}"


def _otherwise(other: StandingRoutes, row: int) -> Told:
    """A vehicle of another way to deliver than the stops'."""
    return told_move(other, _refused(row, (), f"it is a vehicle of {other.mode}"), most=None)


def _no_draft(state: str) -> RefusedError:
    return RefusedError(HTTPStatus.CONFLICT, f"the plan is {state}; only a draft is changed")
