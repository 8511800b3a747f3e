"""The job that plans what is not locked of a facility-day anew; it runs in a process of its own."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from crossdock.model import InvalidValueError
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.jobs import JobDone, JobWork
from crossdock.platform.server.plans.edited import RouteSwap, edited, pack_swap
from crossdock.platform.server.plans.editing.days import DayKey, OpenDay, opened
from crossdock.platform.server.plans.editing.desk import swap_between
from crossdock.platform.server.plans.packing import unpacked
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.plans import NewEdit, PlanEdits, PlansStore

if TYPE_CHECKING:
    from crossdock.plan.lastmile import DayRoutes

_READ, _MOST = 0.05, 0.97  # shares of the work: what is read, what is told before the end
_TELLS_EVERY_S = 0.5
_HAIR_USD = 1e-6


def optimise_day(work: JobWork) -> JobDone:
    """Plan what is not locked of a facility-day anew, and keep it where it costs less.

    Raises
    ------
    InvalidValueError
        Somebody changed the day since this was asked for.
    """
    asked = work.request
    work.report("reading the routes", 0.0)
    day = _day(work)
    if day.version != asked["version"]:
        raise InvalidValueError(
            f"{day.key.facility_id} on {day.key.delivery_date} was changed since this was asked",
            remedy="ask again for the day as it is now",
        )
    better = _improved(work, day)
    detail = {
        "version": day.version,
        "cost_usd": round(better.cost_usd, 6),
        "distance_m": round(better.distance_m, 1),
        "routes_before": better.routes_before,
        "routes_after": better.routes_after,
        "locked_vehicle_ids": sorted(day.locks.vehicles),
        "locked_parcel_ids": sorted(day.locks.parcels),
    }
    if better.swap is None:
        return JobDone({**detail, "found": False}, search=better.search)
    edit = NewEdit(
        day.key.facility_id,
        day.key.delivery_date,
        day.version,
        "optimise",
        asked["asked_by"],
        detail,
        pack_swap(better.swap),
    )
    edits = PlanEdits(work.store.backend, SystemClock().now)
    return JobDone(
        {**detail, "found": True},
        lambda connection: _keep(edits, connection, day.key, edit),
        better.search,
    )


def _keep(edits: PlanEdits, connection: Any, key: DayKey, edit: NewEdit) -> None:
    edits.append_within(connection, key.tenant, key.plan_id, edit)


def _day(work: JobWork) -> OpenDay:
    """The facility-day as it is in the store."""
    asked, now = work.request, SystemClock().now
    plan_id = str(asked["plan_id"])
    key = DayKey(
        work.tenant, plan_id, asked["facility_id"], dt.date.fromisoformat(asked["delivery_date"])
    )
    edits = PlanEdits(work.store.backend, now).of_plan(work.tenant, plan_id)
    records = unpacked(PlansStore(work.store.backend, now).content(work.tenant, plan_id))
    for edit in edits:
        records = edited(records, edit)
    here = [
        edit
        for edit in edits
        if (edit.facility_id, edit.delivery_date) == (key.facility_id, key.delivery_date)
    ]
    return opened(key, records, here)


@dataclass(frozen=True)
class _Better:
    """What a search came to; ``swap`` None: nothing cheaper was found."""

    swap: RouteSwap | None
    cost_usd: float
    distance_m: float
    routes_before: int
    routes_after: int
    search: dict[str, Any]


def _improved(work: JobWork, day: OpenDay) -> _Better:
    """The routes of every way to deliver, planned anew from where they stand."""
    from crossdock.plan.lastmile import replan_routes  # noqa: PLC0415 slow to import
    from crossdock.plan.routing import Budget  # noqa: PLC0415

    search = _Search(work, day)
    # Own vehicles first: what is paid by the parcel is seldom cheaper on another route.
    ways = sorted(day.standing, key=lambda standing: standing.mode != "own")
    stops = [_free_stops(standing.routes) for standing in ways]
    swaps: list[RouteSwap] = []
    cost = distance_m = 0.0
    after = 0
    with search.telling():
        for standing, own in zip(ways, stops, strict=True):
            routes = standing.routes
            found: DayRoutes | None = None
            if own:
                found = replan_routes(
                    routes,
                    Budget(seconds=search.seconds * own / sum(stops)),
                    seed=int(work.request["seed"]),
                    on_better=partial(search.better, standing.mode),
                    wants_end=search.wants_end,
                )
            after += len((found or routes).tours)
            search.better(standing.mode, found or routes)
            if found is None:
                continue
            touched = [
                vehicle
                for vehicle in sorted({*routes.tours, *found.tours})
                if not _same(routes, found, vehicle)
            ]
            cost += found.cost_usd - routes.cost_usd
            distance_m += found.distance_m - routes.distance_m
            swaps.append(swap_between(day, standing, found.tours, touched))
    before = sum(len(standing.routes.tours) for standing in day.standing)
    return _Better(_together(swaps), cost, distance_m, before, after, search.told())


def _free_stops(routes: DayRoutes) -> int:
    return sum(
        len(tour.sequence) for vehicle, tour in routes.tours.items() if vehicle not in routes.locked
    )


def _same(one: DayRoutes, other: DayRoutes, vehicle: int) -> bool:
    a, b = one.tours.get(vehicle), other.tours.get(vehicle)
    return a is not None and b is not None and a.sequence == b.sequence


def _together(swaps: list[RouteSwap]) -> RouteSwap | None:
    if not swaps:
        return None
    whole = swaps[0]
    for swap in swaps[1:]:
        whole = RouteSwap(whole.before.joined(swap.before), whole.after.joined(swap.after))
    return whole


class _Search:
    """How a search goes: seconds, and dollars of the whole day as its page shows them."""

    def __init__(self, work: JobWork, day: OpenDay) -> None:
        self.seconds = float(work.request["seconds"])
        self._work = work
        self._jobs = Jobs(work.store.backend, SystemClock().now)
        self._usd = {standing.mode: standing.routes.cost_usd for standing in day.standing}
        self._standing_usd = self._cost_usd
        self._began_s = time.monotonic()
        self._trace = [(0.0, self._standing_usd)]
        self._over = threading.Event()

    def better(self, mode: str, routes: DayRoutes) -> None:
        """Routes of a way to deliver are better than before."""
        self._usd[mode] = routes.cost_usd
        if abs(self._cost_usd - self._trace[-1][1]) > _HAIR_USD:  # it may be shorter alone
            self._trace.append((self._passed_s, self._cost_usd))

    def wants_end(self) -> bool:
        """Whether somebody asked for what is found so far."""
        return self._jobs.read(self._work.tenant, self._work.job_id).wants_end

    def told(self) -> dict[str, Any]:
        """As `SearchTold`."""
        return {
            "seconds": self.seconds,
            "elapsed_s": round(self._passed_s, 3),
            "standing_usd": self._standing_usd,
            "trace": [
                {"elapsed_s": round(at, 3), "cost_usd": cost} for at, cost in list(self._trace)
            ],
        }

    @contextmanager
    def telling(self) -> Generator[None]:
        """Tell until the search is over."""
        self._began_s = time.monotonic()

        def tell() -> None:
            while True:
                share = min(self._passed_s / self.seconds, 1.0)
                self._work.report("searching", _READ + (_MOST - _READ) * share, search=self.told())
                if self._over.wait(_TELLS_EVERY_S):
                    return

        teller = threading.Thread(target=tell, daemon=True, name="search-teller")
        teller.start()
        try:
            yield
        finally:
            self._over.set()
            teller.join()
        self._work.report("keeping what was found", _MOST, search=self.told())

    @property
    def _passed_s(self) -> float:
        return time.monotonic() - self._began_s

    @property
    def _cost_usd(self) -> float:
        return sum(self._usd.values())
