"""The job that plans what is not locked of a facility-day anew; it runs in a process of its own."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.model import InvalidValueError, Task
from crossdock.platform.clock import SystemClock
from crossdock.platform.engine import open_engine
from crossdock.platform.server.jobs import JobDone, JobWork
from crossdock.platform.server.plans.edited import RouteSwap, edited, pack_swap
from crossdock.platform.server.plans.editing.days import DayKey, OpenDay, opened
from crossdock.platform.server.plans.editing.desk import swap_between
from crossdock.platform.server.plans.packing import unpacked
from crossdock.platform.store.database.plans import NewEdit, PlanEdits, PlansStore

if TYPE_CHECKING:
    from crossdock.plan.lastmile import DayRoutes

_READ, _MOST = 0.05, 0.97  # shares of the work: what is read, what is told before the end
_TELLS_EVERY_S = 0.5


def optimise_day(work: JobWork) -> JobDone:
    """Plan the routes of a facility-day that are not locked, and keep what costs less.

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
        "cost_usd": round(better.cost_usd, 6),
        "routes_before": better.routes_before,
        "routes_after": better.routes_after,
        "locked_vehicle_ids": sorted(day.locks.vehicles),
        "locked_parcel_ids": sorted(day.locks.parcels),
    }
    if better.swap is None:
        return JobDone({**detail, "found": False})
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
    routes_before: int
    routes_after: int


def _improved(work: JobWork, day: OpenDay) -> _Better:
    """The routes of every way to deliver, planned anew where that costs less."""
    from crossdock.plan.lastmile import replan_routes  # noqa: PLC0415 slow to import

    seconds = float(work.request["seconds"])
    reporter = _Reporter(work, seconds)
    stops = sum(len(standing.stop_of) for standing in day.standing)
    swaps: list[RouteSwap] = []
    cost, before, after = 0.0, 0, 0
    with reporter.telling(), open_engine("local", 1) as engine:
        for standing in day.standing:
            routes = standing.routes
            before += len(routes.tours)
            found: DayRoutes | None = replan_routes(
                standing.problem,
                routes,
                engine=engine,
                progress=reporter,
                seed=int(work.request["seed"]),
                seconds=seconds * len(standing.stop_of) / stops,
            )
            after += len((found or routes).tours)
            if found is None:
                continue
            touched = [
                vehicle
                for vehicle in sorted({*routes.tours, *found.tours})
                if not _same(routes, found, vehicle)
            ]
            cost += found.cost_usd - routes.cost_usd
            swaps.append(swap_between(day, standing, found.tours, touched))
    return _Better(_together(swaps), cost, before, after)


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


class _Reporter:
    """Tells every second which stage the search is at, and how much of its time is over."""

    def __init__(self, work: JobWork, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._stage, self._over = "planning anew", threading.Event()

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Generator[Task]:
        """A stage begins; its items are not told, since its time is."""
        del total
        self._stage = label.lower()
        yield _Stage()

    @contextmanager
    def telling(self) -> Generator[None]:
        """Tell until the search is over."""
        started_s = time.monotonic()

        def tell() -> None:
            while not self._over.wait(_TELLS_EVERY_S):
                passed = (time.monotonic() - started_s) / self._seconds
                self._work.report(self._stage, _READ + (_MOST - _READ) * min(passed, 1.0))

        teller = threading.Thread(target=tell, daemon=True, name="search-teller")
        teller.start()
        try:
            yield
        finally:
            self._over.set()
            teller.join()


class _Stage:
    def advance(self, amount: int = 1) -> None:
        """Nothing to tell."""
