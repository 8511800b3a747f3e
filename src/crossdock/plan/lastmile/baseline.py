"""The common way to do it: fixed territories, one van each, always to the nearest next stop.

ZIPs are sorted by their direction from the depot and cut into sectors, each with the work of a
typical van day (mean over the facility's delivery days: driving out and back, local legs, parking
and handling; and the van's cube). The territories stay the same on every day. In a territory a van
goes to the nearest stop that still fits its duty and cube; what is left over takes a second van.
Times, breaks, costs and legality are the same code as for the optimised routes, so the two differ
by their decisions only. A stop for which no van is left is handed to a passing van with time to
spare, as a dispatcher would.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossdock.locate.roads import street_distance_m
from crossdock.plan.lastmile.day import FacilityDay, Ints, Route, VehicleKind, whole_seconds
from crossdock.plan.lastmile.stops import PARK_S

_LOCAL_DRIVE_S = 120  # † between stops of a territory, when it is sized
_TYPICAL_FILL = 0.9  # † of a duty and of a van's cube: the planner leaves some air
_EARLY_S = 15 * 60


def territory_routes(days: Sequence[FacilityDay]) -> list[list[Route]]:
    """Routes by vehicle kind of each day of one facility, under territories shared by the days."""
    typical = next((_typical_kind(day) for day in days if day.kinds), None)
    if typical is None:
        return [[] for _ in days]
    territory_of = _territories(days, typical)
    return [_day_routes(day, territory_of) for day in days]


def _typical_kind(day: FacilityDay) -> VehicleKind:
    """The kind of which most vehicles are there."""
    return day.kinds[int(np.argmax(day.available))]


def _territories(days: Sequence[FacilityDay], van: VehicleKind) -> dict[int, int]:
    """Territory of each ZIP area."""
    zips = np.concatenate([day.stops.zip_area for day in days])
    latitude = np.concatenate([day.stops.latitude for day in days])
    longitude = np.concatenate([day.stops.longitude for day in days])
    work_s = np.concatenate([day.stops.handle_s for day in days]) + PARK_S + _LOCAL_DRIVE_S
    litres = np.concatenate([day.stops.litres for day in days])
    stem_s = np.concatenate([2 * day.depot_s for day in days])
    areas, area_of, counts = np.unique(zips, return_inverse=True, return_counts=True)
    mean_lat = np.bincount(area_of, latitude) / counts
    mean_lon = np.bincount(area_of, longitude) / counts
    mean_stem_s = np.bincount(area_of, stem_s) / counts
    day_work_s = np.bincount(area_of, work_s) / len(days)
    day_litres = np.bincount(area_of, litres) / len(days)
    depot_lat, depot_lon = days[0].latitude[0], days[0].longitude[0]
    angle = np.arctan2(mean_lat - depot_lat, (mean_lon - depot_lon) * np.cos(np.radians(depot_lat)))
    territory, held_s, held_litres, territory_of = 0, 0.0, 0.0, dict[int, int]()
    for area in np.lexsort((areas, angle)).tolist():
        room_s = _TYPICAL_FILL * van.work_s - mean_stem_s[area]
        over_time = held_s + day_work_s[area] > room_s
        over_cube = held_litres + day_litres[area] > _TYPICAL_FILL * van.litres
        if held_s and (over_time or over_cube):
            territory, held_s, held_litres = territory + 1, 0.0, 0.0
        held_s, held_litres = held_s + day_work_s[area], held_litres + day_litres[area]
        territory_of[int(areas[area])] = territory
    return territory_of


def _day_routes(day: FacilityDay, territory_of: dict[int, int]) -> list[Route]:
    """One van a territory, then second vans for what is left, while there are vans."""
    territory = np.array([territory_of[area] for area in day.stops.zip_area.tolist()])
    vans = np.repeat(np.arange(len(day.kinds)), day.available)
    order = np.argsort(-day.available[vans], kind="stable")
    queue = [int(kind) for kind in vans[order]]
    waiting = [np.flatnonzero(territory == each) for each in np.unique(territory)]
    routes: list[Route] = []
    progressed = True
    while progressed and queue:
        progressed = False
        for at, stops in enumerate(waiting):
            if not len(stops) or not queue:
                continue
            sequence = _nearest_neighbour(day, day.kinds[queue[0]], stops)
            if sequence:
                routes.append((queue.pop(0), sequence))
                waiting[at] = np.setdiff1d(stops, np.array(sequence, dtype=np.int64))
                progressed = True
    return routes


def _nearest_neighbour(day: FacilityDay, kind: VehicleKind, stops: Ints) -> list[int]:
    """Sequence of ``stops`` always to the nearest that fits, until none does."""
    info, left = day.stops, stops.copy()
    sequence: list[int] = []
    node, place, work_s, departs_s = 0, -1, 0, kind.starts_s
    load = np.zeros(3, dtype=np.int64)
    limits = np.array([kind.litres, kind.grams, kind.pieces])
    while len(left):
        demand = np.column_stack([info.litres[left], info.grams[left], info.pieces[left]])
        leg_m = street_distance_m(
            day.latitude[node],
            day.longitude[node],
            info.latitude[left],
            info.longitude[left],
        )
        leaves_s = np.maximum(departs_s, info.ready_s[left])
        arrival_s = work_s + whole_seconds(leg_m)
        wait_s = np.maximum(info.opens_s[left] - leaves_s - arrival_s, 0)
        parking_s = np.where(info.place[left] == place, 0, PARK_S)
        done_s = arrival_s + wait_s + parking_s + info.handle_s[left]
        able = (
            ((load + demand) <= limits).all(axis=1)
            & (done_s + day.depot_s[left] <= kind.work_s)
            & (leaves_s + done_s + day.depot_s[left] <= kind.last_return_s)
            & (leaves_s + done_s + kind.break_reserve_s <= info.closes_s[left])
        )
        if not able.any():
            break
        open_now = able & (wait_s <= _EARLY_S)
        choice = np.flatnonzero(open_now if open_now.any() else able)
        best = int(choice[np.lexsort((left[choice], leg_m[choice]))[0]])
        stop = int(left[best])
        sequence.append(stop)
        node, place, work_s = stop + 1, int(info.place[stop]), int(done_s[best])
        departs_s, load = int(leaves_s[best]), load + demand[best]
        left = np.delete(left, best)
    return sequence
