"""Each morning a station's routes are made up: as planned, with what was left over put in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from crossdock.locate.roads import drive_seconds
from crossdock.operate.recovery import Place, by_distance, nearest_neighbour
from crossdock.plan.lastmile import LiveDay, LiveRoute, Tour, vans_of
from crossdock.simulate.twin import timing
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.scene import Scene, seconds
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import NOWHERE, Route, Stop, Turn

_LEAVES = dt.time(8, 30)
_BEFORE_S = 1_200
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
    date = dt.date.fromordinal(day)
    remaining = put_in(stage, facility, date, ordered)
    for mode in ("own", "crowd"):
        if remaining:
            remaining = _send_idle(stage, facility, date, remaining, mode)


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


def leg_home_s(route: Route) -> float:
    """Usual driving time back."""
    return float(drive_seconds(route.return_m))


def put_in(stage: Stage, facility: int, date: dt.date, left: Sequence[int]) -> list[int]:
    """Next to the nearest stop of a route of today that can take it; returns who is still left."""
    routes = [
        route
        for route in stage.state.routes
        if route.facility == facility and route.date == date.isoformat()
        and route.phase == "planned" and route.stops
    ]  # fmt: skip
    ids = stage.scene.parcels.ids
    here = timing.station(stage, facility)
    routes = [route for route in routes if (route.vehicle_id, date) in here.vans]
    if not routes or not len(left):
        return list(left)
    known = [timing.live_route(stage, route, put_in=True) for route in routes]
    morning = _Morning(LiveDay(here, known, [ids[parcel] for parcel in left]), known)
    remaining = [parcel for parcel in left if not morning.takes(ids[parcel])]
    for at, tour in morning.tours.items():
        route = routes[at]
        timing.drive_as(stage, route, morning.live, tour, morning.added)
        mine = [parcel for stop in route.stops for parcel in stop.parcels]
        new = [parcel for parcel in mine if stage.state.parcels["route"][parcel] == NOWHERE]
        stage.state.parcels["route"][new] = stage.state.routes.index(route)
        stage.state.parcels["put_in"][new] = 1
    return remaining


class _Morning:
    """Routes of a station while what was left over is put in.

    Habit chooses the place; whether it fits is what a plan would say of the tour.

    Attributes
    ----------
    tours
        Of the routes that took something, by their place.
    added
        Stops that were put in.
    """

    def __init__(self, live: LiveDay, routes: Sequence[LiveRoute]) -> None:
        self.live = live
        self.tours: dict[int, Tour] = {}
        self.added: set[int] = set()
        self._vehicles = [live.vehicle_of[route.route_id] for route in routes]
        self._sequences = [live.sequence(route) for route in routes]
        self._seated = [stop for sequence in self._sequences for stop in sequence]
        self._route_of = [at for at, each in enumerate(self._sequences) for _ in each]

    def takes(self, parcel_id: str) -> bool:
        """Put a parcel on one of the routes with the nearest stops, if one of them can take it."""
        day, stop = self.live.day, self.live.stop_of[parcel_id]
        place = (float(day.latitude[stop + 1]), float(day.longitude[stop + 1]))
        nodes = np.array(self._seated) + 1
        order, _ = by_distance(place, day.latitude[nodes], day.longitude[nodes])
        tried: list[int] = []
        for found in order:
            at = self._route_of[found]
            if at in tried:
                continue
            tried.append(at)
            behind = self._sequences[at].index(self._seated[found]) + 1
            trial = [*self._sequences[at][:behind], stop, *self._sequences[at][behind:]]
            tour = self.live.timed(self._vehicles[at], trial)
            if tour is not None:
                self.tours[at], self._sequences[at] = tour, trial
                self._seated.append(stop)
                self._route_of.append(at)
                self.added.add(stop)
                return True
            if len(tried) == _ROUTES_TRIED:
                break
        return False


def _send_idle(stage: Stage, facility: int, date: dt.date, left: list[int], mode: str) -> list[int]:
    """Rounds of vehicles that no route uses today; returns who is still left."""
    scene = stage.scene
    used = {
        name
        for route in stage.state.routes
        if route.facility == facility and route.date == date.isoformat()
        for name in (route.vehicle_id, route.driver_id)
    }
    fleet = (
        scene.van_yards[mode]
        .fleet(
            scene.facilities[facility],
            date,
            parcels=len(left),
            volume_m3=float(scene.parcels.volume_m3[left].sum()),
        )
        .filter(~pl.col("vehicle_id").is_in(used) & ~pl.col("driver_id").is_in(used))
    )
    if fleet.is_empty():
        return left
    idle = [
        LiveRoute(
            vehicle["vehicle_id"], vehicle["vehicle_id"], scene.facilities[facility], date,
            max(stage.state.now + _BEFORE_S, int(vehicle["shift_starts_at"].timestamp())), (),
        )
        for vehicle in fleet.iter_rows(named=True)
    ]  # fmt: skip
    ids = scene.parcels.ids
    live = LiveDay(
        timing.station(stage, facility, vans_of(fleet)), idle, [ids[each] for each in left]
    )
    for vehicle in fleet.iter_rows(named=True):
        if not left:
            break
        tour = _round(stage, facility, live, left, live.vehicle_of[vehicle["vehicle_id"]])
        if tour is not None:
            _add_route(stage, facility, date, vehicle, live, tour)
            taken = {scene.number[each] for stop in tour.sequence for each in live.parcels_of[stop]}
            left = [parcel for parcel in left if parcel not in taken]
    return left


def _round(
    stage: Stage, facility: int, live: LiveDay, left: Sequence[int], vehicle: int
) -> Tour | None:
    """One vehicle takes the nearest parcel again and again as long as a plan would have it."""
    parcels = stage.scene.parcels
    home = _station(stage, facility)
    nearest = nearest_neighbour(home, parcels.latitude[left], parcels.longitude[left])
    order = [live.stop_of[parcels.ids[left[at]]] for at in nearest]
    longest, too_long = None, len(order) + 1
    fits = 0
    while fits + 1 < too_long:
        trial = (fits + too_long) // 2
        tour = live.timed(vehicle, order[:trial])
        if tour is None:
            too_long = trial
        else:
            longest, fits = tour, trial
    return longest


def _add_route(
    stage: Stage,
    facility: int,
    date: dt.date,
    vehicle: dict[str, Any],
    live: LiveDay,
    tour: Tour,
) -> None:
    at = len(stage.state.routes)
    name = stage.place(facility)
    starts = live.day.origin_s + tour.timeline.departs_s
    route = Route(
        route_id=f"R-EXTRA-{name}-{date:%Y%m%d}-{at}",
        facility=facility,
        date=date.isoformat(),
        vehicle_id=str(vehicle["vehicle_id"]),
        driver_id=str(vehicle["driver_id"] or ""),
        carrier_id=str(vehicle["carrier_id"]),
        vehicle_type=str(vehicle["vehicle_type"]),
        planned_at=starts,
        shift_ends_at=int(vehicle["shift_ends_at"].timestamp()),
        return_m=0.0,
        breaks=[],
        stops=[],
    )
    timing.drive_as(stage, route, live, tour)
    stage.state.routes.append(route)
    for stop in route.stops:
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


def _station(stage: Stage, facility: int) -> Place:
    scene = stage.scene
    return float(scene.latitude[facility]), float(scene.longitude[facility])
