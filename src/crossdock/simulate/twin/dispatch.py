"""Each morning a station's routes are made up: as planned, with what was left over put in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from crossdock.locate.roads import drive_seconds
from crossdock.operate.recovery import (
    HANDLE_S,
    NEIGHBOUR_M,
    PARK_S,
    Place,
    by_distance,
    leg,
    nearest_neighbour,
)
from crossdock.plan.lastmile import last_mile_fleet
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.scene import Scene, seconds
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import NOWHERE, Route, Stop, Turn

_LEAVES = dt.time(8, 30)
_BEFORE_S = 1_200
_SPARE_S = 900
_LONGEST_ROUND_S = 9 * 3600
_ROUTES_TRIED = 3


def set_routes(stage: Stage) -> None:
    """Take up the planned routes, and have every station's mornings come."""
    scene, tables = stage.scene, stage.scene.given.tables
    number = {parcel: at for at, parcel in enumerate(scene.parcels.ids)}
    rows = _planned_stops(tables["routes"], number)
    breaks = {str(key[0]): group for key, group in tables["breaks"].group_by("route_id")}
    shifts = _shift_ends(tables["fleet"])
    for tour in tables["tours"].sort("route_id").iter_rows(named=True):
        pauses = breaks.get(tour["route_id"])
        route = _planned(scene, tour, rows[tour["route_id"]], pauses, shifts)
        at = len(stage.state.routes)
        stage.state.routes.append(route)
        for stop in route.stops:
            stage.state.parcels["route"][stop.parcels] = at
        stage.state.wake(route.planned_at, Turn.ROUTE_START, at)
    _set_mornings(stage)


def dispatch_morning(stage: Stage, facility: int, day: int) -> None:
    """Put what no route has into today's routes, then into rounds of idle vehicles."""
    scene, columns, now = stage.scene, stage.state.parcels, stage.state.now
    left = np.flatnonzero(
        stage.at_facility(facility)
        & (scene.parcels.destination == facility)
        & (columns["partner"] == NOWHERE)
        & (columns["sorted_at"] <= now)
        & (columns["route"] == NOWHERE)
        & (columns["hold_until"] <= day)
    )
    if not len(left):
        return
    ordered = left[np.lexsort((left, scene.parcels.created[left]))].tolist()
    remaining = _put_in(stage, facility, day, ordered)
    for mode in ("own", "crowd"):
        if remaining:
            remaining = _send_idle(stage, facility, day, remaining, mode)


def _set_mornings(stage: Stage) -> None:
    scene = stage.scene
    routed: list[int] = np.unique(scene.parcels.destination[~scene.parcels.by_partner]).tolist()
    for facility in routed:
        mine = [r for r in stage.state.routes if r.facility == facility]
        usual = min(
            (dt.datetime.fromtimestamp(r.planned_at, scene.zones[facility]).time() for r in mine),
            default=_LEAVES,
        )
        date = scene.local_date(facility, scene.starts_at)
        last = scene.local_date(facility, scene.ends_at)
        while date <= last:
            if scene.days.first_from(scene.facilities[facility], None, date) == date:
                at = scene.instant(facility, date, usual) - _BEFORE_S
                if at >= scene.starts_at:
                    stage.state.wake(at, Turn.DISPATCH, facility, date.toordinal())
            date += dt.timedelta(days=1)


def _shift_ends(fleet: pl.DataFrame) -> dict[tuple[str, dt.date], int]:
    ends = seconds(fleet["shift_ends_at"]).tolist()
    keys = fleet.select("vehicle_id", "delivery_date").rows()
    return {(vehicle, date): end for (vehicle, date), end in zip(keys, ends, strict=True)}


_PlannedStop = tuple[list[int], int, int, float, float, float]


def _planned_stops(routes: pl.DataFrame, number: dict[str, int]) -> dict[str, list[_PlannedStop]]:
    """Stops of each planned route: parcels, arrival, departure, metres, latitude, longitude."""
    stops = (
        routes.sort("route_id", "sequence", "parcel_id")
        .group_by("route_id", "sequence", maintain_order=True)
        .agg(
            "parcel_id",
            pl.col("arrives_at", "departs_at").first().dt.epoch("s"),
            pl.col("distance_m").sum(),
            pl.col("latitude", "longitude").first(),
        )
    )
    found: dict[str, list[_PlannedStop]] = {}
    for route, _, parcels, *cells in stops.iter_rows():
        arrives, departs, metres, latitude, longitude = cells
        found.setdefault(route, []).append(
            ([number[name] for name in parcels], arrives, departs, metres, latitude, longitude)
        )
    return found


def _planned(
    scene: Scene,
    tour: dict[str, Any],
    planned: list[_PlannedStop],
    breaks: pl.DataFrame | None,
    shifts: dict[tuple[str, dt.date], int],
) -> Route:
    """A planned route: each leg's driving time is what the plan leaves between two stops."""
    pauses = _pauses(breaks)
    date: dt.date = tour["delivery_date"]
    planned_at = int(tour["departs_at"].timestamp())
    clock = planned_at
    stops: list[Stop] = []
    for parcels, arrives, departs, metres, latitude, longitude in planned:
        resting = sum(max(0, min(end, arrives) - max(start, clock)) for _, start, end in pauses)
        drive_s = float(max(0, arrives - clock - resting))
        stops.append(Stop(parcels, drive_s, float(departs - arrives), metres, latitude, longitude))
        clock = departs
    vehicle = str(tour["vehicle_id"])
    returns = int(tour["returns_at"].timestamp())
    return Route(
        route_id=str(tour["route_id"]),
        facility=scene.index_of[str(tour["facility_id"])],
        date=date.isoformat(),
        vehicle_id=vehicle,
        driver_id=str(tour["driver_id"] or ""),
        carrier_id=str(tour["carrier_id"]),
        vehicle_type=str(tour["vehicle_type"]),
        planned_at=planned_at,
        shift_ends_at=shifts.get((vehicle, date), returns + 3600),
        return_m=float(tour["return_distance_m"]),
        breaks=pauses,
        stops=stops,
    )


def _pauses(breaks: pl.DataFrame | None) -> list[tuple[str, int, int]]:
    if breaks is None:
        return []
    ordered = breaks.sort("starts_at")
    starts, ends = seconds(ordered["starts_at"]).tolist(), seconds(ordered["ends_at"]).tolist()
    return list(zip(ordered["kind"].to_list(), starts, ends, strict=True))


def expected_end(route: Route) -> int:
    """When a route that leaves as planned is back, at usual speeds."""
    work = sum(stop.drive_s + stop.service_s for stop in route.stops)
    rests = sum(end - start for _, start, end in route.breaks)
    return int(route.planned_at + work + rests + leg_home_s(route))


def leg_home_s(route: Route) -> float:
    """Usual driving time back."""
    return float(drive_seconds(route.return_m))


def _put_in(stage: Stage, facility: int, day: int, left: Sequence[int]) -> list[int]:
    """Next to the nearest stop of a route of today that has the time; returns who is still left."""
    today = dt.date.fromordinal(day).isoformat()
    routes = [
        at
        for at, route in enumerate(stage.state.routes)
        if route.facility == facility and route.date == today and route.phase == "planned"
    ]
    remaining: list[int] = []
    for parcel in left:
        if not fits_one(stage, routes, parcel):
            remaining.append(parcel)
    return remaining


def fits_one(stage: Stage, routes: Sequence[int], parcel: int) -> bool:
    """Put a parcel on the route with the nearest stop that has the time; False where none has."""
    place = _door(stage, parcel)
    stops = [(at, k) for at in routes for k in range(len(stage.state.routes[at].stops))]
    if not stops:
        return False
    every = [stage.state.routes[at].stops[k] for at, k in stops]
    order, metres = by_distance(
        place,
        np.array([stop.latitude for stop in every]),
        np.array([stop.longitude for stop in every]),
    )
    tried: list[int] = []
    for found in order:
        at, k = stops[found]
        if at in tried:
            continue
        tried.append(at)
        if _insert(stage, at, k, parcel, float(metres[found])):
            stage.state.parcels["route"][parcel] = at
            return True
        if len(tried) == _ROUTES_TRIED:
            return False
    return False


def _insert(stage: Stage, at: int, after: int, parcel: int, metres: float) -> bool:
    """Put a parcel on a route after one of its stops, or on that stop, if the shift allows."""
    route = stage.state.routes[at]
    near = route.stops[after]
    if metres <= NEIGHBOUR_M:
        if expected_end(route) + HANDLE_S + _SPARE_S > route.shift_ends_at:
            return False
        near.parcels.append(parcel)
        near.service_s += HANDLE_S
        return True
    place = _door(stage, parcel)
    there_m, there_s = leg((near.latitude, near.longitude), place)
    following = route.stops[after + 1] if after + 1 < len(route.stops) else None
    home = (
        (following.latitude, following.longitude)
        if following is not None
        else _station(stage, route.facility)
    )
    onward_m, onward_s = leg(place, home)
    saved_s = following.drive_s if following is not None else leg_home_s(route)
    extra_s = there_s + PARK_S + HANDLE_S + onward_s - saved_s
    if expected_end(route) + extra_s + _SPARE_S > route.shift_ends_at:
        return False
    if following is not None:
        following.drive_s, following.distance_m = onward_s, onward_m
    else:
        route.return_m = onward_m
    route.stops.insert(after + 1, Stop([parcel], there_s, PARK_S + HANDLE_S, there_m, *place))
    return True


def _send_idle(stage: Stage, facility: int, day: int, left: list[int], mode: str) -> list[int]:
    """Rounds of vehicles that no route uses today; returns who is still left."""
    scene = stage.scene
    date = dt.date.fromordinal(day)
    used = {
        name
        for route in stage.state.routes
        if route.facility == facility and route.date == date.isoformat()
        for name in (route.vehicle_id, route.driver_id)
    }
    fleet = last_mile_fleet(
        scene.given.network,
        scene.facilities[facility],
        date,
        mode,
        parcels=len(left),
        volume_m3=float(scene.parcels.volume_m3[left].sum()),
    ).filter(~pl.col("vehicle_id").is_in(used) & ~pl.col("driver_id").is_in(used))
    for vehicle in fleet.iter_rows(named=True):
        if not left:
            break
        left = _round(stage, facility, date, left, vehicle)
    return left


def _round(
    stage: Stage, facility: int, date: dt.date, left: list[int], vehicle: dict[str, Any]
) -> list[int]:
    """One vehicle takes the nearest parcel again and again while its day lasts."""
    scene = stage.scene
    home = _station(stage, facility)
    order = nearest_neighbour(home, scene.parcels.latitude[left], scene.parcels.longitude[left])
    starts = max(stage.state.now + _BEFORE_S, int(vehicle["shift_starts_at"].timestamp()))
    shift_ends = int(vehicle["shift_ends_at"].timestamp())
    latest = min(shift_ends - _SPARE_S, starts + _LONGEST_ROUND_S)
    space = float(vehicle["capacity_m3"] or np.inf)
    clock, here = float(starts), home
    stops: list[Stop] = []
    for at in order:
        parcel = left[at]
        place = _door(stage, parcel)
        metres, drive_s = leg(here, place)
        space -= float(scene.parcels.volume_m3[parcel])
        back_s = leg(place, home)[1]
        if space < 0 or clock + drive_s + PARK_S + HANDLE_S + back_s > latest:
            break
        stops.append(Stop([parcel], drive_s, PARK_S + HANDLE_S, metres, *place))
        clock += drive_s + PARK_S + HANDLE_S
        here = place
    if not stops:
        return left
    _add_route(stage, facility, date, vehicle, starts, shift_ends, stops, leg(here, home)[0])
    taken = {parcel for stop in stops for parcel in stop.parcels}
    return [parcel for parcel in left if parcel not in taken]


def _add_route(
    stage: Stage,
    facility: int,
    date: dt.date,
    vehicle: dict[str, Any],
    starts: int,
    shift_ends: int,
    stops: list[Stop],
    return_m: float,
) -> None:
    at = len(stage.state.routes)
    name = stage.place(facility)
    route = Route(
        route_id=f"R-EXTRA-{name}-{date:%Y%m%d}-{at}",
        facility=facility,
        date=date.isoformat(),
        vehicle_id=str(vehicle["vehicle_id"]),
        driver_id=str(vehicle["driver_id"] or ""),
        carrier_id=str(vehicle["carrier_id"]),
        vehicle_type=str(vehicle["vehicle_type"]),
        planned_at=starts,
        shift_ends_at=shift_ends,
        return_m=return_m,
        breaks=[],
        stops=stops,
    )
    stage.state.routes.append(route)
    for stop in stops:
        stage.state.parcels["route"][stop.parcels] = at
    stage.state.wake(starts, Turn.ROUTE_START, at)
    stage.journal.tell(
        "route_added",
        f"station:{name}",
        stage.state.now,
        route.route_id,
        facility=name,
        vehicle=route.vehicle_id,
        driver=route.driver_id or None,
        told=payload(
            route_id=route.route_id,
            carrier_id=route.carrier_id,
            vehicle_type=route.vehicle_type,
            departs_at=starts,
        ),
    )


def _door(stage: Stage, parcel: int) -> Place:
    parcels = stage.scene.parcels
    return float(parcels.latitude[parcel]), float(parcels.longitude[parcel])


def _station(stage: Stage, facility: int) -> Place:
    scene = stage.scene
    return float(scene.latitude[facility]), float(scene.longitude[facility])
