"""Routes of chosen requests: an epoch as a problem with windows, solved within a budget."""

from __future__ import annotations

import numpy as np

from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.dynamic.day import Day, Requests
from crossdock.plan.routing.jobs import Job, Window
from crossdock.plan.routing.metric import Floats, MatrixMetric
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solve import solve
from crossdock.plan.routing.vehicles import Depot, VehicleType


def routes_of(
    day: Day,
    requests: Requests,
    leaves_s: float,
    budget: Budget,
    seed: int,
    release_s: Floats | None = None,
    prizes: Floats | None = None,
) -> list[list[int]]:
    """Cheap routes of rows of ``requests`` that leave from ``leaves_s``.

    Parameters
    ----------
    release_s
        Before which no route of a request leaves; None for all at once.
    prizes
        Seconds of driving that serving a request is worth; 0 where it is required. None requires
        all.

    Raises
    ------
    KeyboardInterrupt
        The user stopped the search.
    """
    if not len(requests):
        return []
    released = np.zeros(len(requests)) if release_s is None else release_s
    worth = np.zeros(len(requests)) if prizes is None else prizes
    found = solve(_problem(day, requests, leaves_s, released, worth), budget, seed)
    if found.interrupted:
        raise KeyboardInterrupt
    routes = [list(rows) for _, rows in found.sequences]
    # A direct trip is always in time; the shortest budgets leave some to it.
    served = {row for route in routes for row in route}
    return routes + [[row] for row in np.flatnonzero(worth == 0).tolist() if row not in served]


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
            id=str(requests.id[row]),
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
