"""Routes of the twin as `crossdock.plan.lastmile` sees them: what fits is what a plan would say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from crossdock.locate.roads import great_circle_m
from crossdock.operate.recovery import NEIGHBOUR_M, Place
from crossdock.plan.lastmile import LiveDay, LiveRoute, Station, Tour, Vans
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import Route, Stop


def station(stage: Stage, facility: int, vans: Vans | None = None) -> Station:
    """A station with the plan's vehicles, or with ``vans``."""
    scene = stage.scene
    return Station(
        facility_id=scene.facilities[facility],
        timezone=scene.zones[facility].key,
        latitude=float(scene.latitude[facility]),
        longitude=float(scene.longitude[facility]),
        goods=scene.goods,
        vans=scene.vans if vans is None else vans,
    )


def live_route(stage: Stage, route: Route, *, put_in: bool) -> LiveRoute:
    """A route as it stands.

    Parameters
    ----------
    put_in
        With what was put in this morning, which the desk does not know of.
    """
    ids, added = stage.scene.parcels.ids, stage.state.parcels["put_in"]
    kept = (
        tuple(ids[parcel] for parcel in stop.parcels if put_in or not added[parcel])
        for stop in route.stops
    )
    return LiveRoute(
        route_id=route.route_id,
        vehicle_id=route.vehicle_id,
        facility_id=stage.place(route.facility),
        delivery_date=dt.date.fromisoformat(route.date),
        departs_s=route.planned_at,
        stops=tuple(stop for stop in kept if stop),
        gone="" if route.phase == "planned" else "has left",
    )


def drive_as(
    stage: Stage, route: Route, live: LiveDay, tour: Tour | None, joining: Iterable[int] = ()
) -> None:
    """Have a route that is still to leave be driven as it was timed; None: it stays in.

    Parameters
    ----------
    joining
        Stops that are handed over with the one before where that is next door.
    """
    route.stops, route.breaks, route.return_m = [], [], 0.0
    if tour is None:
        return
    times, number, near = tour.timeline, stage.scene.number, set(joining)
    for at, stop in enumerate(tour.sequence):
        place = (float(live.day.latitude[stop + 1]), float(live.day.longitude[stop + 1]))
        parcels = [number[parcel] for parcel in live.parcels_of[stop]]
        drive_s, metres = float(tour.drive_s[at]), float(tour.distance_m[at])
        service_s = float(times.leaves_s[at] - times.arrives_s[at])
        last = route.stops[-1] if route.stops else None
        if stop in near and last is not None and _next_door(last, place):
            last.parcels += parcels
            last.service_s += service_s
        else:
            route.stops.append(Stop(parcels, drive_s, service_s, metres, *place))
    route.return_m = float(tour.distance_m[-1])
    origin_s = live.day.origin_s
    route.breaks = [
        (each.kind, origin_s + each.starts_s, origin_s + each.ends_s) for each in times.breaks
    ]


def _next_door(stop: Stop, place: Place) -> bool:
    return float(great_circle_m(stop.latitude, stop.longitude, *place)) <= NEIGHBOUR_M
