"""Routes of chosen requests: an epoch as a problem with windows, solved within a budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossdock.model import Engine
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.dynamic.day import Day, Requests
from crossdock.plan.routing.jobs import Job, Window
from crossdock.plan.routing.kernel import Kernel
from crossdock.plan.routing.metric import Floats, MatrixMetric
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.search import search
from crossdock.plan.routing.solution import Sequences
from crossdock.plan.routing.solve import search_routes
from crossdock.plan.routing.vehicles import Depot, VehicleType

Rows = list[list[int]]
"""Routes of rows of requests."""


def routes_of(
    day: Day,
    requests: Requests,
    leaves_s: float,
    budget: Budget,
    seed: int,
    *,
    prizes: Floats | None = None,
    start: Rows | None = None,
    engine: Engine | None = None,
    workers: int = 1,
) -> Rows:
    """Cheap routes of rows of ``requests`` that leave at ``leaves_s``.

    Parameters
    ----------
    prizes
        Seconds of driving that serving a request is worth; 0 where it is required. None requires
        all.
    start
        Routes to begin with; they need not serve everything.

    Raises
    ------
    KeyboardInterrupt
        The user stopped the search.
    """
    if not len(requests):
        return []
    worth = np.zeros(len(requests)) if prizes is None else prizes
    found = search_routes(
        _problem(day, requests, leaves_s, np.zeros(len(requests)), worth), budget, seed,
        start=_sequences(start), engine=engine, workers=workers,
    )  # fmt: skip
    if found.interrupted:
        raise KeyboardInterrupt
    return _completed([list(rows) for _, rows in found.plan.sequences], worth == 0)


def sketch_of(
    day: Day,
    requests: Requests,
    leaves_s: float,
    budget: Budget,
    seed: int,
    *,
    release_s: Floats | None = None,
    start: Rows | None = None,
) -> Rows:
    """Routes of all ``requests`` by one search, neither timed nor explained: to look ahead by.

    Parameters
    ----------
    release_s
        Before which no route of a request leaves; None for all at once.

    Raises
    ------
    KeyboardInterrupt
        The user stopped the search.
    """
    nothing = np.zeros(len(requests))
    released = nothing if release_s is None else release_s
    kernel = Kernel.of(_problem(day, requests, leaves_s, released, nothing))
    found = search(kernel, Meter(budget), seed, _tell_nobody, start=_sequences(start) or None)
    if found.interrupted:
        raise KeyboardInterrupt
    routes: Rows = []
    if found.best is not None:
        routes = [list(rows) for _, rows in kernel.sequences(found.best)]
    return _completed(routes, nothing == 0)


def _completed(routes: Rows, required: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Rows:
    """With direct trips, which are always in time, to what the shortest budgets leave out."""
    served = {row for route in routes for row in route}
    return routes + [[row] for row in np.flatnonzero(required).tolist() if row not in served]


def _sequences(routes: Sequence[Sequence[int]] | None) -> Sequences:
    return [(0, rows) for rows in routes or ()]


def _problem(
    day: Day, requests: Requests, leaves_s: float, released: Floats, worth: Floats
) -> Problem:
    places = np.append(0, requests.customer)
    legs = day.duration_s[np.ix_(places, places)]
    opens, closes = float(max(leaves_s, day.opens[0])), float(day.closes[0])
    vehicle = VehicleType(
        "van", capacity=(day.capacity,), start_depot="depot", end_depot="depot",
        shift_starts=opens, shift_ends=closes,
    )  # fmt: skip
    jobs = tuple(
        Job(
            id=str(row),
            place=row + 1,
            delivery=(int(requests.demand[row]),),
            windows=(Window(float(requests.opens[row]), float(requests.closes[row])),),
            service=float(requests.service[row]),
            release=float(released[row]),
            prize=float(worth[row]),
            required=bool(worth[row] == 0),
        )
        for row in range(len(requests))
    )
    metric = MatrixMetric(legs, legs, day.xy[places])
    return Problem(metric, (Depot("depot", 0),), (vehicle,), jobs)


def _tell_nobody(_: float) -> None: ...
