"""The answer: routes of all facility-days, improved district by district in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from crossdock.model import Engine, InvalidValueError, Progress
from crossdock.plan.lastmile.baseline import territory_routes
from crossdock.plan.lastmile.day import FacilityDay, Route, compile_day
from crossdock.plan.lastmile.plan import LastMilePlan, assemble
from crossdock.plan.lastmile.problem import LastMileProblem, check_vehicles_once
from crossdock.plan.lastmile.question import routes_of, routing_problem
from crossdock.plan.lastmile.schedule import DaySchedule, schedule_day
from crossdock.plan.routing import Asked, solve_many

POLICIES = ("crossdock", "baseline")

# Iterations a stop of the search, by all stops of the call: many on a single day, fewer where the
# whole country is planned. Measured: about 2,000 iterations a CPU second on 300 stops.
_ITERATIONS_IN_ALL = 100_000
_FEWEST_A_STOP, _MOST_A_STOP = 2.5, 12.0
_FEWEST = 20


def plan_routes(
    problems: Sequence[LastMileProblem],
    *,
    engine: Engine,
    progress: Progress | None = None,
    seed: int,
    effort: float = 1.0,
    policy: str = "crossdock",
    first_route: int = 1,
    id_scope: str = "",
    stops_in_all: int = 0,
) -> LastMilePlan:
    """Routes, tours, breaks and reasons for every facility-day of ``problems``.

    Parameters
    ----------
    engine, progress
        Districts of all days are one list of work for the engine; the answer is the same for any
        number of workers.
    effort
        Factor on the search's iterations.
    policy
        ``crossdock`` optimises; ``baseline`` drives fixed territories (see `baseline`).
    first_route
        First number of the route ids of each date, where a date is planned in several calls.
    id_scope
        Goes into the ids of the routes.
    stops_in_all
        Stops of the whole plan, where it is planned in several calls: they share the budget.

    Raises
    ------
    InvalidValueError
        Unknown policy, or a vehicle that two problems offer on one date.

    Notes
    -----
    One tour a vehicle and day: a vehicle does not come back to reload. At parcel sizes duties, not
    cube, end a tour, and a second tour would have to share the duty of the first.
    """
    if policy not in POLICIES:
        raise InvalidValueError(
            f"unknown routing policy {policy!r}", remedy=f"use one of {', '.join(POLICIES)}"
        )
    check_vehicles_once(problems)
    ordered = sorted(problems, key=_order)
    names = [problem.name for problem in ordered]
    days = engine.map(compile_day, ordered, label="Gathering stops", progress=progress, names=names)
    if policy == "baseline":
        routes = _baseline(days, engine, progress)
    else:
        routes = _optimised(days, engine, progress, seed, effort, stops_in_all)
    scheduled = engine.map(
        _schedule,
        list(zip(days, routes, strict=True)),
        label="Timing routes and breaks",
        progress=progress,
        names=names,
    )
    return assemble(ordered, days, scheduled, first_route, id_scope)


def _order(problem: LastMileProblem) -> tuple[str, str, str]:
    """Date, facility, then the first vehicle: own and crowd problems of one day keep apart."""
    first = "" if problem.fleet.is_empty() else str(problem.fleet["vehicle_id"][0])
    return (str(problem.delivery_date), problem.facility_id, first)


def _baseline(
    days: Sequence[FacilityDay], engine: Engine, progress: Progress | None
) -> list[list[Route]]:
    """Territories are fixed per facility over all its days."""
    by_facility = sorted(range(len(days)), key=lambda at: (days[at].facility_id, at))
    grouped = [list(at) for _, at in groupby(by_facility, key=lambda at: days[at].facility_id)]
    answers = engine.map(
        territory_routes,
        [[days[at] for at in group] for group in grouped],
        label="Driving fixed territories",
        progress=progress,
        names=[days[group[0]].facility_id for group in grouped],
    )
    routes: list[list[Route]] = [[] for _ in days]
    for group, answer in zip(grouped, answers, strict=True):
        for at, day_routes in zip(group, answer, strict=True):
            routes[at] = day_routes
    return routes


def _optimised(
    days: Sequence[FacilityDay],
    engine: Engine,
    progress: Progress | None,
    seed: int,
    effort: float,
    stops_in_all: int,
) -> list[list[Route]]:
    total = max(stops_in_all, sum(len(day.stops) for day in days))
    a_stop = effort * min(max(_ITERATIONS_IN_ALL / max(total, 1), _FEWEST_A_STOP), _MOST_A_STOP)
    planned = [at for at, day in enumerate(days) if day.kinds and len(day.stops)]
    asked = [
        Asked(
            routing_problem(days[at]),
            f"{days[at].facility_id}, {days[at].name}",
            max(_FEWEST, round(a_stop * len(days[at].stops))),
        )
        for at in planned
    ]
    found = solve_many(asked, engine=engine, seed=seed, progress=progress)
    routes: list[list[Route]] = [[] for _ in days]
    for at, answer in zip(planned, found, strict=True):
        routes[at] = routes_of(answer)
    return routes


def _schedule(work: tuple[FacilityDay, list[Route]]) -> DaySchedule:
    return schedule_day(*work)
