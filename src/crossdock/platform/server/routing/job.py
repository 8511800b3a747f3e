"""The job that plans routes; it runs in a process of its own and tells how the search goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from crossdock.platform.clock import SystemClock
from crossdock.platform.routing import Trace
from crossdock.platform.routing.documents import SearchAsked, plan_rows, read_rows, replan_day
from crossdock.platform.server.jobs import JobDone, JobWork
from crossdock.platform.server.routing.asking import MOST_ROWS, USUAL_SECONDS, roads_for
from crossdock.platform.store.database.route_plans import RoutePlans

_TELLS_EVERY_S = 1.0


def plan_routes(work: JobWork) -> JobDone:
    """Plan, or plan again, what is asked.

    Raises
    ------
    InvalidValueError
        The problem has a feature that cannot be planned yet.
    KeyboardInterrupt
        The job was cancelled, or the server stops.
    """
    plan_id = str(work.request["plan_id"])
    plans = RoutePlans(work.store.backend, SystemClock().now)
    work.report("reading the problem", 0.0)
    told = plans.asked(work.tenant, plan_id)
    asked = _search_asked(told)
    trace = Trace(time.perf_counter())
    with _telling(work, plans, plan_id, asked, trace):
        document = _planned(told, asked, trace)
    if document["interrupted"]:
        raise KeyboardInterrupt
    result = {"plan_id": plan_id, "complete": document["complete"], "totals": document["totals"]}
    return JobDone(
        result, lambda connection: plans.keep(connection, work.tenant, plan_id, document)
    )


def _planned(told: Mapping[str, Any], asked: SearchAsked, trace: Trace) -> dict[str, Any]:
    roads = roads_for(told["problem"])
    if "events" in told:
        return replan_day(
            told["problem"], told["plan"], told["events"], asked, trace, roads=roads
        ).document
    skip_bad = told.get("skip_bad", False)
    rows = read_rows(told["problem"], "problem", skip_bad=skip_bad, most_rows=MOST_ROWS,
                     roads=roads)  # fmt: skip
    start = told.get("start")
    return plan_rows(
        rows, asked, trace, start=start, strict_start=not skip_bad, roads=roads
    ).document


def _search_asked(told: Mapping[str, Any]) -> SearchAsked:
    iterations = told.get("iterations")
    seconds = told.get("seconds", None if iterations is not None else USUAL_SECONDS)
    return SearchAsked(seconds, iterations, told.get("seed", 0))


@contextmanager
def _telling(
    work: JobWork, plans: RoutePlans, plan_id: str, asked: SearchAsked, trace: Trace
) -> Generator[None]:
    """Tell every second how far the search is, and what it has found."""
    over = threading.Event()

    def tell() -> None:
        told = 0
        while not over.wait(_TELLS_EVERY_S):
            share = min(trace.passed_s() / asked.seconds, 0.99) if asked.seconds else 0.5
            found = [[round(at, 3), round(cost, 6)] for at, cost in trace.found]
            cost = f": {found[-1][1]:,.2f} USD" if found else ""
            work.report(f"searching{cost}", share)
            if len(found) > told:
                plans.tell(work.tenant, plan_id, found)
                told = len(found)

    teller = threading.Thread(target=tell, daemon=True, name="search-teller")
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
