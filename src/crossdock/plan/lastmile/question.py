"""A facility-day as a problem of `crossdock.plan.routing`, and that solver's routes back.

Times are seconds from local midnight, costs dollars; job ``i`` is stop ``i`` and vehicle type ``k``
vehicle kind ``k``, so that bare routes are the same on both sides. Exact are places, distances,
driving times, loads (litres, grams, pieces), shared parking, handling, release, shifts and prices a
mile, hour and day. What the solver cannot say:

- a stop is served by when it is *done*: its window closes earlier by its handling;
- a van arrives no sooner than a window opens and parks then, also where it stands there already;
- ``minimum_usd`` is a floor of what a tour costs: it is the least fixed cost here. Prices a stop
  and a parcel are paid whatever the route is, and left out; they cannot choose between vehicles;
- the meal is not paid: with breaks placed it counts as duration, with time kept back no break does;
- a vehicle that costs nothing a mile or an hour has a token price, so that its tours are short.

Costs are therefore compared by the solver, never told: `schedule_day` times and prices what it
answers, places the breaks by `crossdock.comply.breaks`, and releases only what keeps every limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from crossdock.comply.breaks import MEAL_WITHIN_S, REST_S
from crossdock.comply.hos import planning_ruleset
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.plan.lastmile.day import NO_LIMIT, FacilityDay, Floats, Ints, Route, VehicleKind
from crossdock.plan.lastmile.stops import PARK_S
from crossdock.plan.routing import (
    MEALS_AND_RESTS,
    Depot,
    Job,
    Problem,
    Sequences,
    StreetMetric,
    VehicleType,
    Window,
)

DIMENSIONS = ("litres", "grams", "pieces")
DEPOT = "depot"

_TOKEN_USD_M, _TOKEN_USD_S = 1e-5, 2e-4


class BreakTime(StrEnum):
    """What becomes of meals and rests while routes are searched."""

    KEPT_BACK = "kept_back"
    """Their time is taken out of duties, shifts and late windows; any search can do that."""
    PLACED = "placed"
    """They fall between two stops, by `MEALS_AND_RESTS` or the driver's hours of service: only the
    search for rich problems, up to 4,000 stops."""


def routing_problem(
    day: FacilityDay,
    breaks: BreakTime = BreakTime.KEPT_BACK,
    *,
    stop_ids: Sequence[str] | None = None,
    kind_ids: Sequence[str] | None = None,
) -> Problem:
    """The problem of a facility-day that has a vehicle.

    Every job may be left out, at more than what a vehicle of its own would cost.

    Parameters
    ----------
    stop_ids, kind_ids
        What jobs and vehicle types are called; by default their numbers.
    """
    stops, count = day.stops, len(day.stops)
    names = [str(stop) for stop in range(count)] if stop_ids is None else stop_ids
    kinds = [str(kind) for kind in range(len(day.kinds))] if kind_ids is None else kind_ids
    opens = np.where(stops.opens_s > 0, stops.opens_s + PARK_S, 0)
    closes = _begin_by(day, breaks)
    prize = _prizes_usd(day)
    return Problem(
        metric=StreetMetric(day.latitude, day.longitude, speed_m_s=None),
        depots=(Depot(DEPOT, place=0),),
        vehicles=tuple(
            _vehicle_type(name, kind, number, breaks)
            for name, kind, number in zip(kinds, day.kinds, day.available.tolist(), strict=True)
        ),
        jobs=tuple(
            Job(
                id=names[stop],
                place=stop + 1,
                delivery=(int(stops.litres[stop]), int(stops.grams[stop]), int(stops.pieces[stop])),
                windows=(Window(float(opens[stop]), float(max(closes[stop], opens[stop]))),),
                service=float(stops.handle_s[stop]),
                parking=float(PARK_S),
                lot=int(stops.place[stop]),
                release=float(stops.ready_s[stop]),
                prize=float(prize[stop]),
                required=False,
            )
            for stop in range(count)
        ),
        dimensions=DIMENSIONS,
    )


def routes_of(sequences: Sequences) -> list[Route]:
    """Bare routes of the problem as routes of the day: kind and stops, empty ones left out."""
    return [(kind, list(nodes)) for kind, nodes in sequences if nodes]


def _begin_by(day: FacilityDay, breaks: BreakTime) -> Ints:
    """Latest begin of service: with the time of breaks before it kept back or not."""
    begin_by = day.stops.due_s - day.stops.handle_s
    if breaks is BreakTime.PLACED:
        return begin_by
    starts_s = min((kind.starts_s for kind in day.kinds), default=0)
    reserve_s = max((kind.break_reserve_s for kind in day.kinds), default=0)
    since_start = day.stops.due_s - np.maximum(day.stops.ready_s, starts_s)
    early = np.where(since_start <= MEAL_WITHIN_S // 2, 0, min(REST_S, reserve_s))
    return begin_by - np.where(since_start <= MEAL_WITHIN_S, early, reserve_s)


def _vehicle_type(name: str, kind: VehicleKind, count: int, breaks: BreakTime) -> VehicleType:
    fuel = 1 + kind.fuel_pct / 100
    placed = breaks is BreakTime.PLACED
    starts_s = max(kind.starts_s, 0)
    rules = MEALS_AND_RESTS
    if kind.hos_ruleset is not None:
        rules = planning_ruleset(kind.hos_ruleset).name
    return VehicleType(
        id=name,
        count=count,
        capacity=tuple(
            None if most >= NO_LIMIT else most for most in (kind.litres, kind.grams, kind.pieces)
        ),
        start_depot=DEPOT,
        end_depot=DEPOT,
        shift_starts=float(starts_s),
        shift_ends=float(max(kind.ends_s if placed else kind.last_return_s, starts_s)),
        fixed_cost=max(kind.fixed_usd, kind.minimum_usd) * fuel,
        distance_cost=max(kind.usd_mile * fuel / METERS_PER_MILE, _TOKEN_USD_M),
        duration_cost=max(kind.usd_h * fuel / SECONDS_PER_HOUR, _TOKEN_USD_S),
        max_duration=float(kind.max_duty_s if placed else kind.work_s),
        hos_rules=rules if placed else "",
    )


def _prizes_usd(day: FacilityDay) -> Floats:
    """Twice the dearest vehicle sent for the stop alone, and a little more a parcel."""
    kinds = day.kinds
    fixed = max((max(kind.fixed_usd, kind.minimum_usd) for kind in kinds), default=0.0)
    per_m = max((kind.usd_mile for kind in kinds), default=0.0) / METERS_PER_MILE
    per_s = max((kind.usd_h for kind in kinds), default=0.0) / SECONDS_PER_HOUR
    alone = fixed + 2 * (per_m * day.depot_m + per_s * day.depot_s)
    return 2 * alone + 20.0 + 2.0 * np.diff(day.stops.first_row)
