"""Typed adapter to PyVRP: improve the routes of one district under an iteration budget.

PyVRP 0.14 (Wouda, Lan and Kool 2024, "PyVRP: a high-performance VRP solver package", INFORMS
Journal on Computing 36(4)) searches by iterated local search. It knows no breaks: their time is
taken out of shifts and late windows here and given back by `comply.breaks.place_breaks`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyvrp import (
    Client,
    Depot,
    IteratedLocalSearch,
    Location,
    PenaltyManager,
    PenaltyParams,
    ProblemData,
    RandomNumberGenerator,
    Solution,
    VehicleType,
)
from pyvrp import Route as PyvrpRoute
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)
from pyvrp.stop import MaxIterations

from crossdock.comply.breaks import MEAL_WITHIN_S, REST_S
from crossdock.locate.roads import street_distance_m
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.plan.lastmile.day import Floats, Ints, Route, VehicleKind, whole_seconds
from crossdock.plan.lastmile.stops import PARK_S

UNITS_PER_USD = 100_000
"""PyVRP counts in integers: a unit is a thousandth of a cent, so a metre of van costs about 43."""

# Measured on 300 stops: 12 neighbours and up to 8 perturbations give four times the iterations a
# second of PyVRP's 50 and 25, and a better tour for the same time.
_NEIGHBOURS = 12
_MOST_PERTURBATIONS = 8
_LOAD_PENALTY, _TIME_PENALTY, _DISTANCE_PENALTY = 2_000.0, 5_000.0, 1_000.0
_MOST_PENALTY = 1e6


@dataclass(frozen=True)
class District:
    """A part of a facility-day for one solver call; picklable and small.

    Attributes
    ----------
    stop_ids
        The stops in the numbering of the facility-day; all other stop arrays are parallel to it.
    latitude, longitude
        Degrees; entry 0 is the depot.
    latest_s
        Latest end of service, before breaks are taken out.
    lost_usd
        What leaving the stop unserved costs: more than a vehicle of its own.
    vehicles
        ``(kind index, kind, how many)``.
    routes
        Current routes by kind index, stops as positions in ``stop_ids``.
    """

    name: str
    stop_ids: Ints
    latitude: Floats
    longitude: Floats
    place: Ints
    litres: Ints
    grams: Ints
    pieces: Ints
    handle_s: Ints
    ready_s: Ints
    opens_s: Ints
    latest_s: Ints
    lost_usd: Floats
    vehicles: tuple[tuple[int, VehicleKind, int], ...]
    routes: tuple[Route, ...]
    iterations: int
    seed: int


def improve_district(district: District) -> list[Route]:
    """Routes by kind index and stop id.

    Never dearer than the district's own routes, as far as these keep the windows that are
    tightened for breaks; a stop unserved counts with its ``lost_usd``.
    """
    data = _problem_data(district)
    start = _solution(data, district)
    with warnings.catch_warnings():
        # A short fleet keeps penalties high; the start is feasible, so the best one is as well.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        best = _search(data, start, district)
    kinds = [index for index, _, _ in district.vehicles]
    return [
        (
            kinds[route.vehicle_type()],
            [int(district.stop_ids[visit.idx]) for visit in route if visit.is_client()],
        )
        for route in best.routes()
    ]


def _search(data: ProblemData, start: Solution, district: District) -> Solution:
    generator = RandomNumberGenerator(seed=district.seed % 2**32)
    neighbours = compute_neighbours(data, NeighbourhoodParams(num_neighbours=_NEIGHBOURS))
    perturbation = PerturbationManager(PerturbationParams(max_perturbations=_MOST_PERTURBATIONS))
    search = LocalSearch(data, generator, neighbours, perturbation)
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    loads = [_LOAD_PENALTY] * data.num_load_dimensions
    penalties = PenaltyManager(
        (loads, _TIME_PENALTY, _DISTANCE_PENALTY), PenaltyParams(max_penalty=_MOST_PENALTY)
    )
    algorithm = IteratedLocalSearch(data, penalties, search, start)
    return algorithm.run(MaxIterations(district.iterations), collect_stats=False).best


def _solution(data: ProblemData, district: District) -> Solution:
    """The district's routes; one that PyVRP's tighter windows refuse is left for it to rebuild."""
    position = {kind: at for at, (kind, _, _) in enumerate(district.vehicles)}
    routes = [PyvrpRoute(data, stops, position[kind]) for kind, stops in district.routes]
    return Solution(data, [route for route in routes if route.is_feasible()])


def _problem_data(district: District) -> ProblemData:
    lat, lon, place = district.latitude, district.longitude, district.place
    distance_m = street_distance_m(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    duration_s = whole_seconds(distance_m)
    # Parking is part of the way into a stop, unless the van stands in that place already.
    duration_s[0, 1:] += PARK_S
    duration_s[1:, 1:] += np.where(place[:, None] == place[None, :], 0, PARK_S)
    np.fill_diagonal(duration_s, 0)
    np.fill_diagonal(distance_m, 0.0)
    counts_pieces = any(kind.pieces < district.pieces.sum() for _, kind, _ in district.vehicles)
    return ProblemData(
        locations=[Location(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)],
        clients=_clients(district, counts_pieces),
        depots=[Depot(0)],
        vehicle_types=[
            _vehicle_type(kind, count, counts_pieces) for _, kind, count in district.vehicles
        ],
        distance_matrices=[_matrix(np.rint(distance_m))],
        duration_matrices=[_matrix(duration_s)],
    )


def _matrix(values: Floats | Ints) -> Any:
    """Integers for PyVRP, whose stubs spell array types in a way of their own."""
    return values.astype(np.int64)


def _clients(district: District, counts_pieces: bool) -> list[Client]:
    starts_s = min((kind.starts_s for _, kind, _ in district.vehicles), default=0)
    reserve_s = max((kind.break_reserve_s for _, kind, _ in district.vehicles), default=0)
    demands = [district.litres, district.grams, *([district.pieces] if counts_pieces else [])]
    loads = np.column_stack(demands).tolist()
    begin_by = district.latest_s - district.handle_s
    since_start = district.latest_s - np.maximum(district.ready_s, starts_s)
    early = np.where(since_start <= MEAL_WITHIN_S // 2, 0, min(REST_S, reserve_s))
    begin_by = begin_by - np.where(since_start <= MEAL_WITHIN_S, early, reserve_s)
    # PyVRP lets a van arrive and park before the window opens; here it arrives within it.
    opens = np.where(district.opens_s > 0, district.opens_s + PARK_S, 0)
    prizes = np.ceil(district.lost_usd * UNITS_PER_USD).astype(np.int64)
    columns = (district.handle_s, opens, np.maximum(begin_by, opens), district.ready_s, prizes)
    return [
        Client(
            stop + 1,
            delivery=load,
            service_duration=handle,
            tw_early=opens_at,
            tw_late=begins_by,
            release_time=ready,
            prize=prize,
            required=False,
        )
        for stop, (load, handle, opens_at, begins_by, ready, prize) in enumerate(
            zip(loads, *(column.tolist() for column in columns), strict=True)
        )
    ]


def _vehicle_type(kind: VehicleKind, count: int, counts_pieces: bool) -> VehicleType:
    fuel = 1 + kind.fuel_pct / 100
    fixed_usd = max(kind.fixed_usd, kind.minimum_usd) * fuel
    metre = kind.usd_mile * fuel * UNITS_PER_USD / METERS_PER_MILE
    second = kind.usd_h * fuel * UNITS_PER_USD / SECONDS_PER_HOUR
    return VehicleType(
        num_available=count,
        capacity=[kind.litres, kind.grams, *([kind.pieces] if counts_pieces else [])],
        fixed_cost=round(fixed_usd * UNITS_PER_USD),
        tw_early=max(kind.starts_s, 0),
        tw_late=max(kind.last_return_s, kind.starts_s, 0),
        shift_duration=kind.work_s,
        # Fleets paid by the stop or block cost nothing a mile: a token keeps their tours short.
        unit_distance_cost=max(round(metre), 1),
        unit_duration_cost=max(round(second), 20),
    )
