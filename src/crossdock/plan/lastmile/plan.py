"""The answer as tables: ids, vehicles and instants put on the tours of every facility-day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from crossdock.model import Prefix, joined_scope, sequential_ids
from crossdock.model.tables import (
    BREAKS,
    DECISIONS,
    FLEET,
    INSTANT,
    ROUTES,
    TOURS,
    Schema,
    conform,
    empty,
)
from crossdock.plan.lastmile.day import FacilityDay, Floats, Ints
from crossdock.plan.lastmile.explain import Decision, best_mergers, day_decision, route_decision
from crossdock.plan.lastmile.problem import LastMileProblem
from crossdock.plan.lastmile.reasons import unserved_reason
from crossdock.plan.lastmile.schedule import DaySchedule, Tour

UNSERVED: Schema = MappingProxyType(
    {
        "parcel_id": pl.String,
        "facility_id": pl.String,
        "delivery_date": pl.Date,
        "reason": pl.String,
    }
)


@dataclass(frozen=True)
class LastMilePlan:
    """The answer.

    Attributes
    ----------
    routes, tours, breaks, fleet, decisions
        Schemas of the same names. ``fleet`` leaves out vehicles that no file lists and no route
        needs.
    unserved
        ``parcel_id, facility_id, delivery_date, reason``, sorted by parcel.
    notes
        What a planner should know, one sentence each.
    """

    routes: pl.DataFrame
    tours: pl.DataFrame
    breaks: pl.DataFrame
    fleet: pl.DataFrame
    unserved: pl.DataFrame
    decisions: pl.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Assigned:
    """A day's tours in the order of their vehicles, with their rows of the fleet and ids."""

    problem: LastMileProblem
    day: FacilityDay
    schedule: DaySchedule
    tours: list[Tour]
    vehicle_rows: list[int]
    route_ids: list[str]


def assemble(
    problems: Sequence[LastMileProblem],
    days: Sequence[FacilityDay],
    schedules: Sequence[DaySchedule],
    first_route: int,
    id_scope: str = "",
) -> LastMilePlan:
    """Tables of all days; ``problems`` are sorted by date and facility."""
    assigned = _with_ids(
        [
            (problem, day, schedule, *_with_vehicles(day, schedule))
            for problem, day, schedule in zip(problems, days, schedules, strict=True)
        ],
        first_route,
        id_scope,
    )
    tours = _stacked([_tour_rows(each) for each in assigned], TOURS)
    unserved = _stacked([_unserved_rows(each) for each in assigned], UNSERVED).sort("parcel_id")
    decisions = [row for each in assigned for row in _decision_rows(each)]
    return LastMilePlan(
        routes=_stacked([_route_rows(each) for each in assigned], ROUTES),
        tours=tours,
        breaks=_stacked([_break_rows(each) for each in assigned], BREAKS),
        fleet=_stacked([_fleet_rows(each) for each in assigned], FLEET),
        unserved=unserved,
        decisions=conform(pl.DataFrame(decisions), DECISIONS) if decisions else empty(DECISIONS),
        notes=_notes(assigned, tours, unserved),
    )


@dataclass(frozen=True)
class RouteRows:
    """Some routes as tables: schemas ``TOURS``, ``ROUTES``, ``BREAKS`` and ``DECISIONS``."""

    tours: pl.DataFrame
    routes: pl.DataFrame
    breaks: pl.DataFrame
    decisions: pl.DataFrame

    def joined(self, other: RouteRows) -> RouteRows:
        """Those of both."""
        return RouteRows(
            pl.concat([self.tours, other.tours]),
            pl.concat([self.routes, other.routes]),
            pl.concat([self.breaks, other.breaks]),
            pl.concat([self.decisions, other.decisions]),
        )


def rows_of_tours(
    problem: LastMileProblem,
    day: FacilityDay,
    tours: Mapping[int, Tour],
    route_ids: Mapping[int, str],
    wanted: Collection[int],
) -> RouteRows:
    """Tables of the tours of the ``wanted`` vehicles, by the same code as a whole plan's.

    Parameters
    ----------
    tours, route_ids
        Of every vehicle that goes out, by its place in the fleet of the problem.
    """
    vehicles = [vehicle for vehicle in tours if vehicle in wanted]
    driven, ids = list(tours.values()), [route_ids[vehicle] for vehicle in tours]
    some = [tours[vehicle] for vehicle in vehicles]
    each = _Assigned(
        problem, day, DaySchedule(tuple(some), ()), some, vehicles, [route_ids[v] for v in vehicles]
    )
    mergers = best_mergers(day, driven)
    decisions = [
        {"subject": ids[at], **vars(route_decision(
            day, driven, at, mergers[at], route_ids=ids,
            vehicle_id=str(problem.fleet["vehicle_id"][vehicle]),
        ))}
        for at, vehicle in enumerate(tours)
        if vehicle in wanted
    ]  # fmt: skip
    return RouteRows(
        tours=_stacked([_tour_rows(each)] if some else [], TOURS),
        routes=_stacked([_route_rows(each)], ROUTES),
        breaks=_stacked([_break_rows(each)], BREAKS),
        decisions=conform(pl.DataFrame(decisions), DECISIONS) if decisions else empty(DECISIONS),
    )


def _with_vehicles(day: FacilityDay, schedule: DaySchedule) -> tuple[list[Tour], list[int]]:
    """Vehicles of each kind by id to its tours, in order of their sweep round the depot."""
    free = {kind: iter(np.flatnonzero(day.kind_of == kind)) for kind in range(len(day.kinds))}

    def angle(tour: Tour) -> float:
        ids = list(tour.sequence)
        north = day.stops.latitude[ids].mean() - day.latitude[0]
        east = (day.stops.longitude[ids].mean() - day.longitude[0]) * np.cos(
            np.radians(day.latitude[0])
        )
        return float(np.arctan2(north, east))

    swept = sorted(schedule.tours, key=lambda tour: (angle(tour), tour.sequence))
    placed = sorted((int(next(free[tour.kind])), at) for at, tour in enumerate(swept))
    return [swept[at] for _, at in placed], [row for row, _ in placed]


def _with_ids(
    rows: Sequence[tuple[LastMileProblem, FacilityDay, DaySchedule, list[Tour], list[int]]],
    first_route: int,
    id_scope: str,
) -> list[_Assigned]:
    """Route ids in order of date, facility and vehicle, numbered within the date."""
    next_number: dict[str, int] = {}
    assigned: list[_Assigned] = []
    for problem, day, schedule, tours, vehicle_rows in rows:
        scope = joined_scope(id_scope, problem.delivery_date.strftime("%Y%m%d"))
        start = next_number.get(scope, first_route)
        ids = sequential_ids(Prefix.ROUTE, len(tours), scope=scope, start=start)
        next_number[scope] = start + len(tours)
        assigned.append(_Assigned(problem, day, schedule, tours, vehicle_rows, ids))
    return assigned


def _instants(origin_s: int, seconds: Sequence[int] | Ints) -> pl.Series:
    """UTC instants of seconds from local midnight."""
    micros = (np.asarray(seconds, dtype=np.int64) + origin_s) * 1_000_000
    return pl.Series(micros).cast(INSTANT)


def _tour_rows(each: _Assigned) -> pl.DataFrame:
    tours, origin = each.tours, each.day.origin_s
    vehicles = each.problem.fleet[each.vehicle_rows]
    parcel_rows = [_rows_of(each.day, tour) for tour in tours]
    parcels = each.problem.parcels
    volume, weight = parcels["volume_m3"].to_numpy(), parcels["weight_kg"].to_numpy()
    return pl.DataFrame(
        {
            "route_id": each.route_ids,
            "vehicle_id": vehicles["vehicle_id"],
            "vehicle_type": vehicles["vehicle_type"],
            "driver_id": vehicles["driver_id"],
            "carrier_id": vehicles["carrier_id"],
            "departs_at": _instants(origin, [tour.timeline.departs_s for tour in tours]),
            "returns_at": _instants(origin, [tour.timeline.returns_s for tour in tours]),
            "stops": [len(tour.sequence) for tour in tours],
            "parcels": [len(rows) for rows in parcel_rows],
            "volume_m3": [float(volume[rows].sum()) for rows in parcel_rows],
            "weight_kg": [float(weight[rows].sum()) for rows in parcel_rows],
            "distance_m": [float(tour.distance_m.sum()) for tour in tours],
            "return_distance_m": [float(tour.distance_m[-1]) for tour in tours],
            "paid_s": [tour.timeline.paid_s for tour in tours],
            "cost_usd": [tour.cost_usd for tour in tours],
            "facility_id": each.problem.facility_id,
            "delivery_date": each.problem.delivery_date,
        }
    )


def _route_rows(each: _Assigned) -> pl.DataFrame:
    """One row a parcel; the leg's distance on the first parcel of its stop."""
    if not each.tours:
        return empty(ROUTES)
    day, problem = each.day, each.problem
    counts = np.diff(day.stops.first_row)
    stops = np.array([stop for tour in each.tours for stop in tour.sequence])
    parcels_of = counts[stops]
    rows = np.concatenate([day.stops.rows_of(stop) for stop in stops.tolist()])
    sizes = [len(tour.sequence) for tour in each.tours]
    tour_at = np.repeat(np.arange(len(sizes)), sizes)
    sequence = np.concatenate([np.arange(1, size + 1) for size in sizes])
    arrives = np.array([s for tour in each.tours for s in tour.timeline.arrives_s])
    leaves = np.array([s for tour in each.tours for s in tour.timeline.leaves_s])
    legs = np.concatenate([tour.distance_m[:-1] for tour in each.tours])
    vehicles = problem.fleet[each.vehicle_rows]
    of_row = np.repeat(tour_at, parcels_of)
    parcels = problem.parcels[rows]
    return pl.DataFrame(
        {
            "route_id": pl.Series(each.route_ids).gather(of_row),
            "vehicle_id": vehicles["vehicle_id"].gather(of_row),
            "driver_id": vehicles["driver_id"].gather(of_row),
            "carrier_id": vehicles["carrier_id"].gather(of_row),
            "sequence": np.repeat(sequence, parcels_of),
            "parcel_id": parcels["parcel_id"],
            "arrives_at": _instants(day.origin_s, np.repeat(arrives, parcels_of)),
            "departs_at": _instants(day.origin_s, np.repeat(leaves, parcels_of)),
            "distance_m": _on_first_row(legs, parcels_of),
            "latitude": parcels["latitude"],
            "longitude": parcels["longitude"],
            "facility_id": problem.facility_id,
            "delivery_date": problem.delivery_date,
        }
    )


def _on_first_row(values: Floats, counts: Ints) -> Floats:
    spread = np.zeros(int(counts.sum()))
    spread[np.cumsum(counts) - counts] = values
    return spread


def _break_rows(each: _Assigned) -> pl.DataFrame:
    taken = [
        (route_id, pause)
        for route_id, tour in zip(each.route_ids, each.tours, strict=True)
        for pause in tour.timeline.breaks
    ]
    return pl.DataFrame(
        {
            "route_id": [route_id for route_id, _ in taken],
            "kind": [pause.kind for _, pause in taken],
            "starts_at": _instants(each.day.origin_s, [pause.starts_s for _, pause in taken]),
            "ends_at": _instants(each.day.origin_s, [pause.ends_s for _, pause in taken]),
        }
    )


def _fleet_rows(each: _Assigned) -> pl.DataFrame:
    fleet = each.problem.fleet
    kept = ~fleet["invented"].to_numpy()
    kept[each.vehicle_rows] = True
    return fleet.filter(kept)


def _unserved_rows(each: _Assigned) -> pl.DataFrame:
    reasons = [
        (int(row), unserved_reason(each.day, each.schedule, stop))
        for stop in each.schedule.unserved
        for row in each.day.stops.rows_of(stop)
    ]
    return pl.DataFrame(
        {
            "parcel_id": each.problem.parcels["parcel_id"].gather([row for row, _ in reasons]),
            "reason": pl.Series([reason for _, reason in reasons], dtype=pl.String),
            "facility_id": each.problem.facility_id,
            "delivery_date": each.problem.delivery_date,
        }
    )


def _decision_rows(each: _Assigned) -> list[dict[str, str]]:
    def row(subject: str, decision: Decision) -> dict[str, str]:
        return {"subject": subject, **vars(decision)}

    if not len(each.day.stops):
        return []
    mergers = best_mergers(each.day, each.tours)
    vehicles = each.problem.fleet["vehicle_id"]
    about_day = day_decision(each.day, each.tours, len(each.schedule.unserved))
    rows = [row(each.problem.facility_id, about_day)]
    rows[0]["question"] = f"How many vehicles go out on {each.problem.delivery_date}?"
    for at, route_id in enumerate(each.route_ids):
        vehicle = str(vehicles[each.vehicle_rows[at]])
        decision = route_decision(
            each.day, each.tours, at, mergers[at], route_ids=each.route_ids, vehicle_id=vehicle
        )
        rows.append(row(route_id, decision))
    return rows


def _notes(
    assigned: Sequence[_Assigned], tours: pl.DataFrame, unserved: pl.DataFrame
) -> tuple[str, ...]:
    stops = sum(len(each.day.stops) for each in assigned)
    notes = [
        f"{stops} stops of {len(assigned)} facility-days ride on {tours.height} routes; meals and "
        "rests follow the strictest state rule (California) everywhere."
    ]
    if unserved.height:
        notes.append(f"{unserved.height} parcels are on no route; each has its reason.")
    return tuple(notes)


def _stacked(frames: Sequence[pl.DataFrame], schema: Schema) -> pl.DataFrame:
    """The frames of all days under one schema; those without rows may lack its types."""
    filled = [frame for frame in frames if frame.height]
    return conform(pl.concat(filled), schema) if filled else empty(schema)


def _rows_of(day: FacilityDay, tour: Tour) -> Ints:
    return np.concatenate([day.stops.rows_of(stop) for stop in tour.sequence])
