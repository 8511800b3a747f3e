"""From sequences to a day: times, breaks and cost of each tour, repair of what breaks burst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.comply.breaks import Itinerary, Timeline, follow, place_breaks
from crossdock.comply.hos import planning_ruleset
from crossdock.locate.roads import street_distance_m
from crossdock.plan.lastmile.day import (
    FacilityDay,
    Floats,
    Ints,
    Route,
    VehicleKind,
    tour_legs,
    whole_seconds,
)
from crossdock.plan.lastmile.stops import PARK_S

_PLACES_TRIED = 8
"""Insertions whose exact timeline is tried for a stop that is still unserved."""


@dataclass(frozen=True)
class Tour:
    """A legal tour of one vehicle of a kind; ``distance_m`` of each leg, the last one home."""

    kind: int
    sequence: tuple[int, ...]
    timeline: Timeline
    distance_m: Floats
    drive_s: Ints
    cost_usd: float

    @property
    def work_s(self) -> int:
        """Duty without its breaks."""
        return self.timeline.duty_s - sum(b.ends_s - b.starts_s for b in self.timeline.breaks)


@dataclass(frozen=True)
class DaySchedule:
    """The tours of a facility-day and the stops that none of them serves."""

    tours: tuple[Tour, ...]
    unserved: tuple[int, ...]


def schedule_day(day: FacilityDay, routes: Sequence[Route]) -> DaySchedule:
    """Timelines of ``routes`` (by vehicle kind); what does not fit moves to another tour.

    A route that has no legal timeline gives up late or last stops until it has; these and the
    stops of no route are then inserted where they cost least, or start a vehicle that is idle.
    """
    tours = [_shortened(day, kind, stops) for kind, stops in routes]
    kept = [tour for tour in tours if tour is not None]
    served = {stop for tour in kept for stop in tour.sequence}
    loose = [stop for stop in range(len(day.stops)) if stop not in served]
    return _with_insertions(day, kept, loose)


def tour_of(day: FacilityDay, kind_index: int, sequence: Sequence[int]) -> Tour | None:
    """The legal tour of ``sequence`` by a vehicle of the kind, or None."""
    kind, ids = day.kinds[kind_index], list(sequence)
    if not ids or not fits(day, kind, ids):
        return None
    distance_m, drive_s, park_s = tour_legs(day, ids)
    timeline = place_breaks(_itinerary(day, kind, ids, drive_s, park_s))
    if timeline is None:
        return None
    pieces = int(day.stops.pieces[ids].sum())
    cost = kind.cost_usd(float(distance_m.sum()), timeline.paid_s, len(ids), pieces)
    return Tour(kind_index, tuple(ids), timeline, distance_m, drive_s, cost)


def itinerary_of(day: FacilityDay, kind_index: int, sequence: Sequence[int]) -> Itinerary:
    """What `tour_of` puts breaks into, whether a vehicle has room for it or not."""
    ids = list(sequence)
    _, drive_s, park_s = tour_legs(day, ids)
    return _itinerary(day, day.kinds[kind_index], ids, drive_s, park_s)


def _itinerary(
    day: FacilityDay, kind: VehicleKind, ids: list[int], drive_s: Ints, park_s: Ints
) -> Itinerary:
    stops = day.stops
    return Itinerary(
        drive_s=drive_s.tolist(),
        service_s=(park_s + stops.handle_s[ids]).tolist(),
        opens_s=stops.opens_s[ids].tolist(),
        closes_s=stops.closes_s[ids].tolist(),
        leaves_from_s=max(kind.starts_s, int(stops.ready_s[ids].max())),
        back_by_s=kind.ends_s,
        max_duty_s=kind.max_duty_s,
        hours=None if kind.hos_ruleset is None else planning_ruleset(kind.hos_ruleset),
    )


def fits(day: FacilityDay, kind: VehicleKind, stops: Sequence[int]) -> bool:
    """Whether the stops' parcels go into one vehicle of ``kind``."""
    ids = list(stops)
    return (
        int(day.stops.litres[ids].sum()) <= kind.litres
        and int(day.stops.grams[ids].sum()) <= kind.grams
        and int(day.stops.pieces[ids].sum()) <= kind.pieces
    )


def _shortened(day: FacilityDay, kind: int, sequence: list[int]) -> Tour | None:
    """A legal part of ``sequence``: the stop that is late goes first, then the last one."""
    kept = list(sequence)
    while kept:
        tour = tour_of(day, kind, kept)
        if tour is not None:
            return tour
        _, drive_s, park_s = tour_legs(day, kept)
        itinerary = _itinerary(day, day.kinds[kind], kept, drive_s, park_s)
        late = follow(itinerary, itinerary.leaves_from_s, ()).late_stop
        kept.pop(-1 if late is None else late)
    return None


def _with_insertions(day: FacilityDay, tours: list[Tour], loose: list[int]) -> DaySchedule:
    """Insert ``loose`` stops one by one, those due earliest first."""
    idle = day.available - np.bincount([tour.kind for tour in tours], minlength=len(day.kinds))
    unserved: list[int] = []
    order = sorted(loose, key=lambda stop: (int(day.stops.due_s[stop]), stop))
    for stop in order:
        found = _cheapest_insertion(day, tours, stop) or _own_vehicle(day, idle, stop)
        if found is None:
            unserved.append(stop)
        elif found[0] is None:
            tours.append(found[1])
            idle[found[1].kind] -= 1
        else:
            tours[found[0]] = found[1]
    return DaySchedule(tuple(tours), tuple(sorted(unserved)))


def _cheapest_insertion(
    day: FacilityDay, tours: Sequence[Tour], stop: int
) -> tuple[int | None, Tour] | None:
    """The insertion of ``stop`` with the least extra driving that has a legal timeline."""
    handle_s = int(day.stops.handle_s[stop])
    trials: list[tuple[float, int, int]] = []
    for index, tour in enumerate(tours):
        spare_s = day.kinds[tour.kind].work_s - tour.work_s - handle_s
        if spare_s < 0:
            continue
        nodes = np.array([0, *(s + 1 for s in tour.sequence), 0])
        to_m = street_distance_m(
            day.latitude[nodes],
            day.longitude[nodes],
            day.latitude[stop + 1],
            day.longitude[stop + 1],
        )
        extra_s = whole_seconds(to_m[:-1]) + whole_seconds(to_m[1:]) - tour.drive_s
        # Shared parking may save a stop's parking time twice at most.
        able = np.flatnonzero(extra_s <= spare_s + PARK_S)
        trials += [(float(extra_s[at]), index, int(at)) for at in able]
    for _, index, at in sorted(trials)[:_PLACES_TRIED]:
        sequence = tours[index].sequence
        tour = tour_of(day, tours[index].kind, [*sequence[:at], stop, *sequence[at:]])
        if tour is not None:
            return index, tour
    return None


def _own_vehicle(day: FacilityDay, idle: Ints, stop: int) -> tuple[int | None, Tour] | None:
    """The cheapest idle vehicle that can serve ``stop`` alone."""
    alone = [
        tour
        for kind in range(len(day.kinds))
        if idle[kind] > 0 and (tour := tour_of(day, kind, [stop])) is not None
    ]
    return (None, min(alone, key=lambda tour: (tour.cost_usd, tour.kind))) if alone else None
