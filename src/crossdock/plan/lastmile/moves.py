"""Stops of a finished day on another vehicle: can it be, for how much, who is reached when.

Tours are timed and priced by `schedule.tour_of`, which times the plan itself: what a move is said
to cost is what the day with it costs more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from crossdock.locate.roads import street_distance_m
from crossdock.plan.lastmile.day import FacilityDay, Ints, tour_legs, whole_seconds
from crossdock.plan.lastmile.refusals import Refusal, limits_broken, refusals
from crossdock.plan.lastmile.schedule import Tour, fits, tour_of
from crossdock.plan.lastmile.stops import PARK_S

_PLACES_TRIED = 8
"""Insertions whose exact timeline is tried, those with the least extra driving first."""


@dataclass(frozen=True)
class DayRoutes:
    """Who drives what on a facility-day.

    Attributes
    ----------
    tours
        By vehicle: its place in the fleet of the problem. Vehicles without one stay in.
    locked
        Vehicles whose tour stays as it is.
    pinned
        Stops that stay on their vehicle.
    """

    day: FacilityDay
    tours: dict[int, Tour]
    locked: frozenset[int] = frozenset()
    pinned: frozenset[int] = frozenset()

    @cached_property
    def vehicle_of(self) -> dict[int, int]:
        """Vehicle of each stop that is served."""
        return {stop: vehicle for vehicle, tour in self.tours.items() for stop in tour.sequence}

    @property
    def cost_usd(self) -> float:
        """Of all tours."""
        return sum(tour.cost_usd for tour in self.tours.values())

    @property
    def distance_m(self) -> float:
        """Of all tours."""
        return sum(float(tour.distance_m.sum()) for tour in self.tours.values())

    def changed(self, changes: Sequence[TourChange]) -> DayRoutes:
        """With the tours as ``changes`` leave them."""
        tours = dict(self.tours)
        for change in changes:
            tours.pop(change.vehicle, None)
            if change.after is not None:
                tours[change.vehicle] = change.after
        return replace(self, tours=dict(sorted(tours.items())))


@dataclass(frozen=True)
class TourChange:
    """The tour of a vehicle as it is and as it would be; None: it stays in."""

    vehicle: int
    before: Tour | None
    after: Tour | None

    @property
    def cost_usd(self) -> float:
        """What it costs more."""
        return _cost(self.after) - _cost(self.before)


@dataclass(frozen=True)
class Move:
    """Stops on another vehicle.

    Attributes
    ----------
    refusals
        Why it cannot be; then there are no ``changes``.
    """

    vehicle: int
    stops: tuple[int, ...]
    changes: tuple[TourChange, ...]
    refusals: tuple[Refusal, ...] = ()

    @property
    def cost_usd(self) -> float:
        """What the day costs more with it."""
        return sum(change.cost_usd for change in self.changes)


@dataclass(frozen=True)
class ArrivalChange:
    """A stop that is reached at another time, in seconds from local midnight."""

    stop: int
    was_s: int
    now_s: int


def move_stops(
    routes: DayRoutes, stops: Sequence[int], vehicle: int, at: int | None = None
) -> Move:
    """``stops`` on the tour of ``vehicle``.

    Parameters
    ----------
    stops
        Served by other vehicles, in the order in which they are to be put in.
    at
        Behind so many stops of the tour, one after the other; None: each where it adds the least
        driving.
    """
    return _onto(routes, stops, vehicle, _rest_of_sources(routes, stops), at)


def weigh_vehicles(routes: DayRoutes, stops: Sequence[int], vehicles: Sequence[int]) -> list[Move]:
    """`move_stops` onto each of ``vehicles``."""
    left = _rest_of_sources(routes, stops)
    return [_onto(routes, stops, vehicle, left, None) for vehicle in vehicles]


def arrival_changes(changes: Sequence[TourChange]) -> list[ArrivalChange]:
    """Stops that are reached at another time, those that are moved the most first."""
    was, now = dict[int, int](), dict[int, int]()
    for change in changes:
        for tour, found in ((change.before, was), (change.after, now)):
            if tour is not None:
                found.update(zip(tour.sequence, tour.timeline.arrives_s, strict=True))
    moved = [
        ArrivalChange(stop, was[stop], at) for stop, at in now.items() if at != was.get(stop, at)
    ]
    return sorted(moved, key=lambda each: (-abs(each.now_s - each.was_s), each.stop))


def late_stops(day: FacilityDay, tour: Tour | None) -> int:
    """Stops of a tour that are done after what their service says."""
    if tour is None:
        return 0
    due_s = day.stops.due_s[list(tour.sequence)]
    return int((np.asarray(tour.timeline.leaves_s) > due_s).sum())


def _rest_of_sources(
    routes: DayRoutes, stops: Sequence[int]
) -> tuple[list[TourChange], tuple[Refusal, ...]]:
    """Tours that lose ``stops``; what forbids that."""
    held = sorted(routes.pinned.intersection(stops))
    if held:
        return [], (Refusal("locked", "it is locked on its route", stop=held[0]),)
    gone = set(stops)
    changes: list[TourChange] = []
    for vehicle in sorted({routes.vehicle_of[stop] for stop in stops}):
        if vehicle in routes.locked:
            return [], (Refusal("locked", "its route is locked"),)
        before = routes.tours[vehicle]
        rest = [stop for stop in before.sequence if stop not in gone]
        after = tour_of(routes.day, before.kind, rest) if rest else None
        if rest and after is None:
            return [], refusals(routes.day, before.kind, rest)
        changes.append(TourChange(vehicle, before, after))
    return changes, ()


def _onto(
    routes: DayRoutes,
    stops: Sequence[int],
    vehicle: int,
    left: tuple[list[TourChange], tuple[Refusal, ...]],
    at: int | None,
) -> Move:
    sources, forbidden = left
    if forbidden:
        return Move(vehicle, tuple(stops), (), forbidden)
    if any(change.vehicle == vehicle for change in sources):
        return Move(vehicle, tuple(stops), (), (Refusal("same", "it is on this route"),))
    if vehicle in routes.locked:
        return Move(vehicle, tuple(stops), (), (Refusal("locked", "the route is locked"),))
    day, before = routes.day, routes.tours.get(vehicle)
    kind = int(day.kind_of[vehicle])
    sequence = [] if before is None else list(before.sequence)
    able = fits(day, day.kinds[kind], [*sequence, *stops])
    first: list[int] = []
    for trial in _sequences(day, sequence, stops, at) if able else ():
        first = first or trial
        if _burst(day, kind, trial):
            break
        after = tour_of(day, kind, trial)
        if after is not None:
            return Move(vehicle, tuple(stops), (*sources, TourChange(vehicle, before, after)))
    why = limits_broken(day, kind, first or [*sequence, *stops])
    return Move(vehicle, tuple(stops), (), why)


def _burst(day: FacilityDay, kind_index: int, sequence: list[int]) -> bool:
    """Whether the work alone is longer than any duty of the kind has room for.

    The sequences that are tried come by the work they add: the others are no shorter.
    """
    _, drive_s, park_s = tour_legs(day, sequence)
    work_s = int(drive_s.sum() + park_s.sum() + day.stops.handle_s[sequence].sum())
    return work_s > day.kinds[kind_index].work_s


def _sequences(
    day: FacilityDay, sequence: list[int], stops: Sequence[int], at: int | None
) -> Iterator[list[int]]:
    """Orders to try."""
    if at is not None:
        yield [*sequence[:at], *stops, *sequence[at:]]
        return
    grown = sequence
    for stop in stops[:-1]:
        place = int(np.argmin(_extra_s(day, grown, stop)))
        grown = [*grown[:place], stop, *grown[place:]]
    last = stops[-1]
    extra_s = _extra_s(day, grown, last)
    for place in np.lexsort((np.arange(len(extra_s)), extra_s))[:_PLACES_TRIED].tolist():
        yield [*grown[:place], last, *grown[place:]]


def _extra_s(day: FacilityDay, sequence: Sequence[int], stop: int) -> Ints:
    """Seconds that ``stop`` adds at each place of a tour; parking that it shares is taken off."""
    nodes = np.array([0, *(each + 1 for each in sequence), 0])
    to_m = street_distance_m(
        day.latitude[nodes],
        day.longitude[nodes],
        day.latitude[stop + 1],
        day.longitude[stop + 1],
    )
    to_s = whole_seconds(to_m)
    places = day.stops.place[nodes[1:-1] - 1]
    shares = places == day.stops.place[stop]
    shared = np.concatenate([[False], shares]) | np.concatenate([shares, [False]])
    driven_s = whole_seconds(_legs_m(day, nodes))
    return to_s[:-1] + to_s[1:] - driven_s - np.where(shared, PARK_S, 0)


def _legs_m(day: FacilityDay, nodes: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    latitude, longitude = day.latitude[nodes], day.longitude[nodes]
    return street_distance_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])


def _cost(tour: Tour | None) -> float:
    return 0.0 if tour is None else tour.cost_usd
