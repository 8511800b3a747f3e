"""The rest of a finished day planned anew: what is locked stays, what is cheaper is taken.

Locked routes are taken out with their vehicles and parcels, which is exact: nothing of the rest
depends on them. A route on which single stops are locked stays whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from crossdock.model import Engine, Progress
from crossdock.plan.lastmile.moves import DayRoutes
from crossdock.plan.lastmile.problem import LastMileProblem
from crossdock.plan.lastmile.schedule import Tour, tour_of
from crossdock.plan.lastmile.solve import plan_routes

_SEARCHED_A_SECOND = 2_000
_USUAL_A_STOP = 12.0
"""Iterations of the search: a CPU second of it, and what a stop of a small day usually gets."""
_LEAST_USD, _LEAST_SHARE = 0.005, 0.01


def replan_routes(
    problem: LastMileProblem,
    routes: DayRoutes,
    *,
    engine: Engine,
    progress: Progress | None = None,
    seed: int,
    seconds: float,
) -> DayRoutes | None:
    """Better routes for what is not locked, or None where none were found.

    Parameters
    ----------
    problem
        What ``routes`` answer.
    seconds
        About how long to search on one processor.
    """
    held = routes.locked | {routes.vehicle_of[stop] for stop in routes.pinned}
    free = {vehicle: tour for vehicle, tour in routes.tours.items() if vehicle not in held}
    if not free:
        return None
    stops = [stop for tour in free.values() for stop in tour.sequence]
    rows = [row for stop in stops for row in routes.day.stops.rows_of(stop).tolist()]
    vehicles = [row for row in range(problem.fleet.height) if row not in held]
    rest = replace(problem, parcels=problem.parcels[rows], fleet=problem.fleet[vehicles])
    effort = seconds * _SEARCHED_A_SECOND / (_USUAL_A_STOP * len(stops))
    answer = plan_routes([rest], engine=engine, progress=progress, seed=seed, effort=effort)
    if answer.unserved.height:
        return None
    found = _timed(problem, routes, answer.routes, free)
    if found is None:
        return None
    kept = {vehicle: tour for vehicle, tour in routes.tours.items() if vehicle in held}
    anew = replace(routes, tours=dict(sorted({**kept, **found}.items())))
    return anew if _is_better(anew, routes) else None


def _is_better(anew: DayRoutes, routes: DayRoutes) -> bool:
    """Cheaper; of the same cost, as where a carrier is paid by the parcel, clearly shorter."""
    saved_usd = routes.cost_usd - anew.cost_usd
    shorter = _distance_m(anew) < (1.0 - _LEAST_SHARE) * _distance_m(routes)
    return saved_usd > _LEAST_USD or (saved_usd > -_LEAST_USD and shorter)


def _distance_m(routes: DayRoutes) -> float:
    return sum(float(tour.distance_m.sum()) for tour in routes.tours.values())


def _timed(
    problem: LastMileProblem,
    routes: DayRoutes,
    answer: pl.DataFrame,
    before: Mapping[int, Tour],
) -> dict[int, Tour] | None:
    """The answer's sequences, timed on the whole day; None where one of them is not legal there.

    Vehicles that differ in nothing but their names go where most of their stops were.
    """
    day = routes.day
    vehicle_rows = {name: row for row, name in enumerate(problem.fleet["vehicle_id"])}
    parcel_rows = {name: row for row, name in enumerate(problem.parcels["parcel_id"])}
    stop_of = {int(row): stop for stop in range(len(day.stops)) for row in day.stops.rows_of(stop)}
    tours: list[Tour] = []
    firsts = (
        answer.group_by("vehicle_id", "sequence")
        .agg(pl.col("parcel_id").first())
        .sort("vehicle_id", "sequence")
    )
    for (vehicle_id,), part in firsts.group_by("vehicle_id", maintain_order=True):
        sequence = [stop_of[parcel_rows[parcel]] for parcel in part["parcel_id"]]
        tour = tour_of(day, int(day.kind_of[vehicle_rows[vehicle_id]]), sequence)
        if tour is None:
            return None
        tours.append(tour)
    held = set(routes.tours) - set(before)
    spare = [row for row in range(len(day.kind_of)) if row not in held]
    return _named(day.kind_of.tolist(), tours, before, spare)


def _named(
    kind_of: list[int], tours: list[Tour], before: Mapping[int, Tour], spare: list[int]
) -> dict[int, Tour]:
    """Tours by vehicle: pairs of the same kind with the most stops in common first."""
    common = sorted(
        (
            (-len(set(tour.sequence) & set(old.sequence)), at, vehicle)
            for at, tour in enumerate(tours)
            for vehicle, old in before.items()
            if kind_of[vehicle] == tour.kind
        ),
    )
    named: dict[int, Tour] = {}
    placed: set[int] = set()
    for shared, at, vehicle in common:
        if shared and at not in placed and vehicle not in named:
            named[vehicle] = tours[at]
            placed.add(at)
    for at, tour in enumerate(tours):
        if at not in placed:
            vehicle = next(row for row in spare if row not in named and kind_of[row] == tour.kind)
            named[vehicle] = tour
    return named
