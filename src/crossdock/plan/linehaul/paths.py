"""Timed paths: a route, a speed on each leg, leaving now or waiting for a later departure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.linehaul.ladder import FloatArray, IntArray
from crossdock.plan.linehaul.network import SECONDS_PER_DAY, Timetable
from crossdock.plan.linehaul.order import rank
from crossdock.plan.linehaul.routes import MAX_LEGS, Routes

ROUTES_SEARCHED = 12
"""Routes of a pair that get timed paths (more if none of them lands); the bound looks at all."""
WAITS_KEPT = 3
"""Departure choices kept for one route and one choice of speeds."""
SPEED_COUNT = 3


class Journeys(NamedTuple):
    """Commodities as arrays: pair, origin wave, due instant (epoch s), size and parcels."""

    pair: IntArray
    origin_wave: IntArray
    due_s: IntArray
    cm3: IntArray
    grams: IntArray
    pieces: IntArray
    parcels: IntArray


class Riders(NamedTuple):
    """The parcels of commodity ``c`` at ``start[c]:start[c + 1]``, and their sizes."""

    start: IntArray
    cm3: IntArray
    grams: IntArray
    pieces: IntArray


class Paths(NamedTuple):
    """Timed paths of commodity ``c`` at ``start[c]:start[c + 1]``, most promising first.

    ``arcs``: -1 after the last; ``handling_usd``: of one piece; ``late_days``: days after the wave
    that keeps the promise; ``route``: the row in `Routes`.
    """

    start: IntArray
    arcs: IntArray
    handling_usd: FloatArray
    late_days: FloatArray
    route: IntArray


def build_paths(
    timetable: Timetable,
    routes: Routes,
    journeys: Journeys,
    rate_cm3: FloatArray,
    late_usd: float,
    most: int,
) -> Paths:
    """Up to ``most`` timed paths a commodity, the fastest always among them.

    Parameters
    ----------
    rate_cm3
        Expected dollars a cm3 on each ladder, by which paths are ranked.
    late_usd
        Cost of a day late, a parcel.
    """
    count = journeys.pair.size
    size = np.zeros(count, dtype=np.int64)
    arcs = np.full((count, most, MAX_LEGS), -1, dtype=np.int64)
    route = np.zeros((count, most), dtype=np.int64)
    late_days = np.zeros((count, most))
    _enumerate(timetable, routes, journeys, rate_cm3, late_usd, size, arcs, route, late_days)
    kept = np.arange(most)[None, :] < size[:, None]
    return Paths(
        start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        arcs=np.ascontiguousarray(arcs[kept]),
        handling_usd=routes.handling_usd[route[kept]],
        late_days=late_days[kept],
        route=route[kept],
    )


@compiled
def leave_now(
    timetable: Timetable,
    routes: Routes,
    journeys: Journeys,
    riders: Riders,
    rate_cm3: FloatArray,
    rate_g: FloatArray,
    late_usd: float,
    fastest_s: IntArray,
    cheapest_usd: FloatArray,
) -> None:
    """Earliest landing of each commodity, and least linear cost of each rider, over all paths.

    Waiting never lands earlier and costs the same at linear rates, so leaving now is enough.

    Parameters
    ----------
    riders
        Parcels to be costed, each by itself.
    rate_cm3, rate_g
        Dollars a cm3 and a gram on each ladder, added up.
    fastest_s, cheapest_usd
        Filled: inbound cut-off of the earliest wave reached (the largest integer: never), and the
        least of movement, handling and lateness (infinite: never).
    """
    cheapest_usd[:] = np.inf
    for journey in range(journeys.pair.size):
        fastest_s[journey] = np.iinfo(np.int64).max
        pair = journeys.pair[journey]
        for route in range(routes.start[pair], routes.start[pair + 1]):
            legs = _leg_count(routes, route)
            for pattern in range(SPEED_COUNT**legs):
                wave = journeys.origin_wave[journey]
                usd_cm3 = usd_g = 0.0
                digits = pattern
                for leg in range(legs):
                    lane = routes.lanes[route, leg]
                    ladder = timetable.lane_ladder[lane, digits % SPEED_COUNT]
                    digits //= SPEED_COUNT
                    arc = departure_arc(timetable, lane, ladder, wave, 0)
                    if arc < 0:
                        wave = -1
                        break
                    usd_cm3 += rate_cm3[ladder]
                    usd_g += rate_g[ladder]
                    wave = timetable.arc_to_wave[arc]
                if wave < 0:
                    continue
                landed_s = timetable.wave_cutoff_s[wave]
                fastest_s[journey] = min(fastest_s[journey], landed_s)
                delay_usd = late_usd * days_late(landed_s, journeys.due_s[journey])
                for rider in range(riders.start[journey], riders.start[journey + 1]):
                    usd = (
                        usd_cm3 * riders.cm3[rider]
                        + usd_g * riders.grams[rider]
                        + routes.handling_usd[route] * riders.pieces[rider]
                        + delay_usd
                    )
                    cheapest_usd[rider] = min(cheapest_usd[rider], usd)


@compiled
def days_late(landed_s: int, due_s: int) -> float:
    """Whole days (begun ones count) by which a landing wave comes after the due wave."""
    return float(max(0, -(-(landed_s - due_s) // SECONDS_PER_DAY)))


@compiled
def _leg_count(routes: Routes, route: int) -> int:
    legs = 0
    while legs < MAX_LEGS and routes.lanes[route, legs] >= 0:
        legs += 1
    return legs


@compiled
def departure_arc(timetable: Timetable, lane: int, ladder: int, wave: int, wait: int) -> int:
    """Arc of the departure ``wait`` after the first that ``wave`` makes; -1 if it leads nowhere."""
    if ladder < 0:
        return -1
    departure = (
        timetable.first_departure[timetable.lane_first[lane] + timetable.wave_rank[wave]] + wait
    )
    if departure >= timetable.lane_departures[lane]:
        return -1
    arc = timetable.ladder_arc[ladder] + departure
    return arc if timetable.arc_to_wave[arc] >= 0 else -1


@compiled
def _wait_step(timetable: Timetable, lane: int, choice: int) -> int:
    """Departures to let pass: the next one, the one after, or the same one tomorrow."""
    if choice < 3:
        return choice
    return timetable.lane_day[lane] if timetable.lane_day[lane] > 2 else -1


@compiled
def _enumerate(
    timetable: Timetable,
    routes: Routes,
    journeys: Journeys,
    rate_cm3: FloatArray,
    late_usd: float,
    size: IntArray,
    arcs: IntArray,
    path_route: IntArray,
    late_days: FloatArray,
) -> None:
    """Fill each commodity's best paths; at most one leg of a path waits, so lists stay short."""
    most = arcs.shape[1]
    room = ROUTES_SEARCHED * SPEED_COUNT**MAX_LEGS * WAITS_KEPT
    pool_arcs = np.zeros((room, MAX_LEGS), np.int64)
    pool_route = np.zeros(room, np.int64)
    pool_late = np.zeros(room)
    pool_usd = np.zeros(room)
    order = np.zeros(room, np.int64)
    trial = np.zeros(MAX_LEGS, np.int64)
    for journey in range(journeys.pair.size):
        pair = journeys.pair[journey]
        pooled = 0
        fastest = -1
        fastest_s = np.iinfo(np.int64).max
        for route in range(routes.start[pair], routes.start[pair + 1]):
            if route >= routes.start[pair] + ROUTES_SEARCHED and pooled > 0:
                break
            legs = _leg_count(routes, route)
            for pattern in range(SPEED_COUNT**legs):
                kept_from = pooled
                for waiting in range(3 * legs + 1):
                    usd, landed_s = _follow(
                        timetable,
                        routes,
                        journeys,
                        rate_cm3,
                        journey,
                        route,
                        pattern,
                        waiting,
                        trial,
                    )
                    if landed_s < 0:
                        continue
                    late = days_late(landed_s, journeys.due_s[journey])
                    usd += late * late_usd * journeys.parcels[journey]
                    # Among equal costs the earlier departure ranks first.
                    usd += 1e-6 * waiting
                    slot = _slot_for(pool_usd, kept_from, pooled, usd)
                    if slot < 0:
                        continue
                    pooled = max(pooled, slot + 1)
                    for leg in range(MAX_LEGS):
                        pool_arcs[slot, leg] = trial[leg]
                    pool_route[slot] = route
                    pool_late[slot] = late
                    pool_usd[slot] = usd
                    if landed_s < fastest_s and waiting == 0:
                        fastest_s = landed_s
                        fastest = slot
        rank(pool_usd, pooled, order)
        taken = min(most, pooled)
        _include(order, taken, fastest)
        for place in range(taken):
            for leg in range(MAX_LEGS):
                arcs[journey, place, leg] = pool_arcs[order[place], leg]
            path_route[journey, place] = pool_route[order[place]]
            late_days[journey, place] = pool_late[order[place]]
        size[journey] = taken


@compiled
def _slot_for(pool_usd: FloatArray, kept_from: int, pooled: int, usd: float) -> int:
    """Where a timing of a pattern goes: a new place, the dearest one's, or nowhere (-1)."""
    if pooled - kept_from < WAITS_KEPT:
        return pooled
    slot = kept_from
    for other in range(kept_from + 1, pooled):
        if pool_usd[other] > pool_usd[slot]:
            slot = other
    return slot if usd < pool_usd[slot] else -1


@compiled
def _include(order: IntArray, taken: int, fastest: int) -> None:
    """The fastest path takes the last place if it ranks below it."""
    for place in range(taken):
        if order[place] == fastest:
            return
    if taken > 0 and fastest >= 0:
        order[taken - 1] = fastest


@compiled
def _follow(
    timetable: Timetable,
    routes: Routes,
    journeys: Journeys,
    rate_cm3: FloatArray,
    journey: int,
    route: int,
    pattern: int,
    waiting: int,
    trial: IntArray,
) -> tuple[float, int]:
    """Arcs of one choice of speeds and waits into ``trial``; its cost and landing (-1: none)."""
    for leg in range(MAX_LEGS):
        trial[leg] = -1
    wave = journeys.origin_wave[journey]
    usd = routes.handling_usd[route] * journeys.pieces[journey]
    for leg in range(_leg_count(routes, route)):
        lane = int(routes.lanes[route, leg])
        ladder = int(timetable.lane_ladder[lane, pattern % SPEED_COUNT])
        pattern //= SPEED_COUNT
        wait = 0
        if waiting > 0 and (waiting - 1) // 3 == leg:
            wait = _wait_step(timetable, lane, 1 + (waiting - 1) % 3)
        arc = departure_arc(timetable, lane, ladder, wave, wait) if wait >= 0 else -1
        if arc < 0:
            return 0.0, -1
        usd += rate_cm3[ladder] * journeys.cm3[journey]
        trial[leg] = arc
        wave = timetable.arc_to_wave[arc]
    return float(usd), int(timetable.wave_cutoff_s[wave])
