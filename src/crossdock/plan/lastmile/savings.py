"""First routes without a distance matrix: the savings of Clarke and Wright on near neighbours.

Clarke and Wright (1964), "Scheduling of vehicles from a central depot to a number of delivery
points", Operations Research 12(4). Savings are in dollars of distance and time, between each stop
and its nearest ones only, so that time and memory grow with the number of stops.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads import street_distance_m
from crossdock.model.compiled import compiled
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.plan.lastmile.day import FacilityDay, Floats, Ints, Route, VehicleKind, whole_seconds
from crossdock.plan.lastmile.near import local_xy, nearest
from crossdock.plan.lastmile.stops import PARK_S

_NEIGHBOURS = 30
_ALL_PAIRS_UP_TO = 500
_EARLIER_S = 3600


def first_routes(day: FacilityDay) -> list[Route]:
    """Routes by vehicle kind, cheapest kind a stop first, within the vehicles of each.

    Stops with a window of their own, or due well before the others, are left out: the search that
    follows inserts them.
    """
    usual_s = np.median(day.stops.due_s) if len(day.stops) else 0
    free = (day.stops.opens_s == 0) & (day.stops.due_s >= usual_s - _EARLIER_S)
    left = np.flatnonzero(free).astype(np.int64)
    routes: list[Route] = []
    for kind_index in _cheapest_first(day, left):
        if not len(left):
            break
        kind = day.kinds[kind_index]
        merged = _merge(day, kind, _servable(day, kind, left))
        merged.sort(key=lambda route: (-len(route), route[0]))
        kept = merged[: int(day.available[kind_index])]
        routes += [(kind_index, route) for route in kept]
        taken = np.zeros(len(day.stops), dtype=np.bool_)
        taken[[stop for route in kept for stop in route]] = True
        left = left[~taken[left]]
    return routes


def _cheapest_first(day: FacilityDay, chosen: Ints) -> list[int]:
    """Kinds by the cost of a stop on a full tour of typical stops."""
    if not len(chosen):
        return []
    stops = day.stops
    each_s = stops.handle_s[chosen].mean() + PARK_S + 120
    stem_s, stem_m = 2 * day.depot_s[chosen].mean(), 2 * day.depot_m[chosen].mean()

    def cost_a_stop(kind: VehicleKind) -> float:
        count = min(
            max(kind.work_s - stem_s, each_s) / each_s,
            kind.litres / max(stops.litres[chosen].mean(), 1),
            kind.grams / max(stops.grams[chosen].mean(), 1),
            float(len(chosen)),
        )
        count = max(count, 1.0)
        tour_m, tour_s = stem_m + 1000 * count, stem_s + each_s * count
        return kind.cost_usd(tour_m, tour_s, int(count), int(count)) / count

    costs = [cost_a_stop(kind) for kind in day.kinds]
    return sorted(range(len(costs)), key=lambda index: (costs[index], index))


def _servable(day: FacilityDay, kind: VehicleKind, chosen: Ints) -> Ints:
    """Stops of ``chosen`` that ``kind`` can serve alone."""
    stops = day.stops
    starts = np.maximum(stops.ready_s[chosen], kind.starts_s)
    out_s = day.depot_s[chosen] + PARK_S + stops.handle_s[chosen]
    fits = (
        (stops.litres[chosen] <= kind.litres)
        & (stops.grams[chosen] <= kind.grams)
        & (stops.pieces[chosen] <= kind.pieces)
        & (out_s + day.depot_s[chosen] <= kind.work_s)
        & (starts + out_s + day.depot_s[chosen] <= kind.last_return_s)
        & (starts + out_s + kind.break_reserve_s <= stops.due_s[chosen])
    )
    return chosen[fits]


def _merge(day: FacilityDay, kind: VehicleKind, chosen: Ints) -> list[list[int]]:
    """Merge single-stop routes: first along near neighbours, then any two route ends."""
    count = len(chosen)
    if count == 0:
        return []
    stops = day.stops
    points = local_xy(stops.latitude[chosen], stops.longitude[chosen])
    neighbour = nearest(points, min(_NEIGHBOURS + 1, count))
    start = np.repeat(np.arange(count), neighbour.shape[1])
    end = neighbour.ravel()
    state = _MergeState(day, kind, chosen)
    state.merge(start[start < end], end[start < end])
    # A pair of neighbours may be listed from one side only.
    state.merge(end[start > end], start[start > end])
    ends = np.flatnonzero(state.degree < 2)
    if len(ends) <= _ALL_PAIRS_UP_TO:
        first, second = np.triu_indices(len(ends), 1)
        state.merge(ends[first], ends[second])
    return [[int(chosen[i]) for i in route] for route in _walk(state.links, state.degree)]


class _MergeState:
    """Partial routes of one kind while they grow: links between stops and totals by route."""

    def __init__(self, day: FacilityDay, kind: VehicleKind, chosen: Ints) -> None:
        stops, count = day.stops, len(chosen)
        self._day, self._kind, self._chosen = day, kind, chosen
        self.links = np.full((count, 2), -1, dtype=np.int64)
        self.degree = np.zeros(count, dtype=np.int64)
        self._route = np.arange(count, dtype=np.int64)
        self._out_s = day.depot_s[chosen] + PARK_S
        work_s = 2 * day.depot_s[chosen] + PARK_S + stops.handle_s[chosen]
        release_s = np.maximum(stops.ready_s[chosen], kind.starts_s)
        self._totals = np.column_stack(
            [
                work_s,
                stops.litres[chosen],
                stops.grams[chosen],
                stops.pieces[chosen],
                release_s,
                stops.due_s[chosen] - kind.break_reserve_s,
            ]
        ).astype(np.int64)
        self._limits = np.array(
            [kind.work_s, kind.litres, kind.grams, kind.pieces, kind.last_return_s], dtype=np.int64
        )

    def merge(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> None:
        """Join routes along the pairs, largest saving first, where the limits allow."""
        day, chosen, place = self._day, self._chosen, self._day.stops.place
        a, b = chosen[start], chosen[end]
        lat, lon = day.stops.latitude, day.stops.longitude
        between_m = street_distance_m(lat[a], lon[a], lat[b], lon[b])
        between_s = whole_seconds(between_m) + np.where(place[a] == place[b], 0, PARK_S)
        saved_m = day.depot_m[a] + day.depot_m[b] - between_m
        saved_s = day.depot_s[a] + day.depot_s[b] + PARK_S - between_s
        usd = self._usd(saved_m, saved_s)
        useful = np.flatnonzero(usd > 0)
        order = useful[np.lexsort((end[useful], start[useful], -usd[useful]))]
        _merge_pairs(
            start[order],
            end[order],
            saved_s[order].astype(np.int64),
            self.links,
            self.degree,
            self._route,
            self._totals,
            day.depot_s[chosen],
            self._limits,
        )

    def _usd(self, distance_m: Floats, time_s: Ints) -> Floats:
        """Worth of distance and time; a fleet paid by the stop still saves time."""
        usd_mile = self._kind.usd_mile or 0.01
        usd_h = self._kind.usd_h or 0.1
        return distance_m * (usd_mile / METERS_PER_MILE) + time_s * (usd_h / SECONDS_PER_HOUR)


@compiled
def _merge_pairs(
    start: Ints,
    end: Ints,
    saved_s: Ints,
    links: Ints,
    degree: Ints,
    route: Ints,
    totals: Ints,
    home_s: Ints,
    limits: Ints,
) -> None:
    """Merge in place. ``totals`` by route: work, litres, grams, pieces, release, due.

    The last delivery is bounded by the return less the shorter of the two drives home, so the
    route holds in either direction.
    """
    for pair in range(len(start)):
        i, j = start[pair], end[pair]
        if degree[i] == 2 or degree[j] == 2:
            continue
        r, s = _find(route, i), _find(route, j)
        if r == s:
            continue
        work = totals[r, 0] + totals[s, 0] - saved_s[pair]
        release = max(totals[r, 4], totals[s, 4])
        if work > limits[0] or release + work > limits[4]:
            continue
        over = False
        for demand in range(1, 4):
            if totals[r, demand] + totals[s, demand] > limits[demand]:
                over = True
        if over:
            continue
        home = min(home_s[_far_end(links, degree, i)], home_s[_far_end(links, degree, j)])
        due = min(totals[r, 5], totals[s, 5])
        if release + work - home > due:
            continue
        links[i, degree[i]] = j
        links[j, degree[j]] = i
        degree[i] += 1
        degree[j] += 1
        route[s] = r
        totals[r, 0] = work
        for demand in range(1, 4):
            totals[r, demand] += totals[s, demand]
        totals[r, 4] = release
        totals[r, 5] = due


@compiled
def _find(route: Ints, stop: int) -> int:
    """Root of the union-find tree, with path halving."""
    while route[stop] != stop:
        route[stop] = route[route[stop]]
        stop = route[stop]
    return stop


@compiled
def _far_end(links: Ints, degree: Ints, stop: int) -> int:
    """Other end of the route of which ``stop`` is an end."""
    before, here = -1, stop
    while True:
        after = -1
        for side in range(degree[here]):
            if links[here, side] != before:
                after = links[here, side]
        if after == -1:
            return here
        before, here = here, after


def _walk(links: Ints, degree: Ints) -> list[list[int]]:
    """Stop sequences of the linked routes, in order of their smaller end."""
    seen = np.zeros(len(degree), dtype=np.bool_)
    routes: list[list[int]] = []
    for first in np.flatnonzero(degree < 2).tolist():
        if seen[first]:
            continue
        sequence = [first]
        seen[first] = True
        while True:
            following = [int(n) for n in links[sequence[-1]] if n >= 0 and not seen[n]]
            if not following:
                break
            seen[following[0]] = True
            sequence.append(following[0])
        routes.append(sequence)
    return routes
