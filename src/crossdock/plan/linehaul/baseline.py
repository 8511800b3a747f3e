"""The written-down habit of a good spreadsheet planner, for comparison.

1. **Fixed routing guide.** A pair of origin and destination always goes the same way: direct if
   the lane is at most 500 miles or either end is the destination's own hub (the nearest to it);
   else over that hub. Where a lane of the guide has no offer, the first permitted route that has.
2. **Fixed departures.** From the origin when its wave is ready; from the hub after its night wave
   (one whose name holds ``night``; where there is none, the wave in which the trailer lands).
3. **Vehicle by rule of thumb.** Trunks into a hub: 53-ft vans bought, solo, and by team on lanes
   that keep a promise by team which solo misses. Last legs: 26-ft boxes. The type is the one
   nearest in usable cube to 77 m3 and 33 m3, the cheapest carrier of it, bought before own. Fewer
   than four pallet positions of freight on a departure ride as pooled positions instead.
4. **No injection by choice**, only where nothing leads to the destination; no search of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crossdock.plan.linehaul.ladder import MAX_RUNGS, FloatArray, IntArray
from crossdock.plan.linehaul.pack import Routing
from crossdock.plan.linehaul.paths import days_late
from crossdock.plan.linehaul.prepare import Prepared
from crossdock.plan.linehaul.routes import MAX_LEGS

BoolArray = npt.NDArray[np.bool_]

DIRECT_MILES = 500.0
TRUNK_M3 = 77.0
SPOKE_M3 = 33.0
FEW_POSITIONS = 4
POOLED, SOLO, TEAM = 0, 1, 2


@dataclass
class _Book:
    """The guide as it is followed: where each commodity stands and what leaves when.

    ``load``: cm3 and grams on each departure; ``units``: of each rung, that hold them.
    """

    wave: IntArray
    arcs: IntArray
    load: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    units: dict[int, IntArray] = field(default_factory=dict[int, IntArray])


def follow_guide(prepared: Prepared) -> Routing:
    """Route every commodity by the guide; see the module's text for its rules."""
    routes = [_guide(prepared, pair) for pair in range(prepared.routes.start.size - 1)]
    lanes = np.array(routes, dtype=np.int64).reshape(-1, MAX_LEGS)[prepared.journeys.pair]
    has_team = prepared.network.timetable.lane_ladder[:, TEAM] >= 0
    solo = _travel(prepared, lanes, np.zeros_like(has_team))
    team = _travel(prepared, lanes, has_team)
    needs_team = _lanes_that_need_team(prepared, lanes, solo, team) & has_team
    book = _travel(prepared, lanes, needs_team) if needs_team.any() else solo
    return _routing(prepared, book)


def _guide(prepared: Prepared, pair: int) -> list[int]:
    """Lanes of a pair's one route."""
    network, routes = prepared.network, prepared.routes
    first, last = int(routes.start[pair]), int(routes.start[pair + 1])
    options = routes.lanes[first:last]
    if not len(options):
        return [-1] * MAX_LEGS
    legs = (options >= 0).sum(axis=1)
    origin, destination = int(routes.pair_origin[pair]), int(routes.pair_destination[pair])
    hub = _own_hub(prepared, destination)
    direct = np.flatnonzero(legs == 1)
    if direct.size:
        near = network.lane_miles[options[direct[0], 0]] <= DIRECT_MILES
        if near or hub in (origin, destination):
            return options[direct[0]].tolist()
    over_hub = np.flatnonzero((legs == 2) & (network.lane_to[options[:, 0]] == hub))
    if over_hub.size:
        return options[over_hub[0]].tolist()
    return options[np.argmin(legs)].tolist()


def _own_hub(prepared: Prepared, destination: int) -> int:
    """The hub nearest to a destination (itself if it is one); -1 without hubs."""
    network = prepared.network
    if network.is_hub[destination]:
        return destination
    into = np.flatnonzero(
        (network.lane_to == destination) & (network.is_hub[network.lane_from] > 0)
    )
    if not into.size:
        return -1
    return int(network.lane_from[into[np.argmin(network.lane_miles[into])]])


def _travel(prepared: Prepared, lanes: IntArray, by_team: BoolArray) -> _Book:
    """Send everything: first the trunks into hubs, then the last legs with what they brought."""
    legs = (lanes >= 0).sum(axis=1)
    book = _Book(
        wave=prepared.journeys.origin_wave.copy(),
        arcs=np.full((lanes.shape[0], MAX_LEGS), -1, dtype=np.int64),
    )
    longest = int(legs.max(initial=0))
    for step in range(longest):
        # The last leg of every path leaves in the last step, so that all its freight is together.
        leg = legs - longest + step
        moving = np.flatnonzero((leg >= 0) & (book.wave >= 0))
        _depart(prepared, book, moving, leg[moving], lanes, by_team)
    return book


def _depart(
    prepared: Prepared,
    book: _Book,
    moving: IntArray,
    leg: IntArray,
    lanes: IntArray,
    by_team: BoolArray,
) -> None:
    lane = lanes[moving, leg]
    wave = np.where(leg > 0, _night_waves(prepared)[book.wave[moving]], book.wave[moving])
    groups: dict[tuple[int, int], list[int]] = {}
    for index, at in enumerate(zip(lane.tolist(), wave.tolist(), strict=True)):
        groups.setdefault(at, []).append(index)
    for (on, leaves), members in sorted(groups.items()):
        riders = moving[members]
        arc = _departure(prepared, book, on, leaves, riders, team=bool(by_team[on]))
        book.wave[riders] = -1 if arc < 0 else prepared.network.timetable.arc_to_wave[arc]
        book.arcs[riders, leg[members]] = arc


def _night_waves(prepared: Prepared) -> IntArray:
    """For each wave, the next night wave of its facility (itself if it is one or none follows)."""
    waves = prepared.network.waves
    night = waves["wave"].str.to_lowercase().str.contains("night").to_numpy()
    facility = waves["facility"].to_numpy()
    answer = np.arange(facility.size, dtype=np.int64)
    following = -1
    for wave in range(facility.size - 1, -1, -1):
        if night[wave]:
            following = wave
        if following >= 0 and facility[following] == facility[wave]:
            answer[wave] = following
    return answer


def _departure(
    prepared: Prepared, book: _Book, lane: int, wave: int, riders: IntArray, *, team: bool
) -> int:
    """Choose speed and vehicles of a departure; -1 if nothing leaves in time to land."""
    network, timetable = prepared.network, prepared.network.timetable
    rank = timetable.lane_first[lane] + timetable.wave_rank[wave]
    departure = int(timetable.first_departure[rank])
    if departure >= timetable.lane_departures[lane]:
        return -1
    cm3 = int(prepared.journeys.cm3[riders].sum())
    grams = int(prepared.journeys.grams[riders].sum())
    arcs = np.where(
        timetable.lane_ladder[lane] >= 0,
        timetable.ladder_arc[timetable.lane_ladder[lane]] + departure,
        -1,
    ).tolist()
    for speed in _speeds(prepared, book, arcs, cm3, grams, team=team):
        arc = int(arcs[speed])
        if timetable.arc_to_wave[arc] < 0:
            continue
        on_board = book.load.get(arc, (0, 0))
        book.load[arc] = (on_board[0] + cm3, on_board[1] + grams)
        wanted_m3 = TRUNK_M3 if network.is_hub[network.lane_to[lane]] else SPOKE_M3
        ladder = int(timetable.arc_ladder[arc])
        book.units[arc] = _units(prepared, ladder, *book.load[arc], wanted_m3)
        return arc
    return -1


def _speeds(
    prepared: Prepared, book: _Book, arcs: list[int], cm3: int, grams: int, *, team: bool
) -> list[int]:
    """Speeds on offer, the habit's first choice in front; a truck that goes anyway is filled."""
    order = [TEAM, SOLO, POOLED] if team else [SOLO, TEAM, POOLED]
    goes = any(arcs[speed] in book.load for speed in (SOLO, TEAM))
    if arcs[POOLED] >= 0 and not goes:
        pooled = int(prepared.network.timetable.arc_ladder[arcs[POOLED]])
        if _units(prepared, pooled, cm3, grams, 0.0).sum() < FEW_POSITIONS:
            order = [POOLED, SOLO, TEAM]
    return [speed for speed in order if arcs[speed] >= 0]


def _units(prepared: Prepared, ladder: int, cm3: int, grams: int, wanted_m3: float) -> IntArray:
    """Units of the one rung nearest in cube to ``wanted_m3``, bought before own, then cheapest."""
    ladders = prepared.network.ladders
    first, last = int(ladders.start[ladder]), int(ladders.start[ladder + 1])
    rungs = prepared.network.rungs[first:last].select("kind", "vehicle_type", "unit_m3", "cost_usd")
    off = (rungs["unit_m3"].to_numpy() - wanted_m3) ** 2
    own = (rungs["kind"] == "own").to_numpy()
    counts = np.zeros(MAX_RUNGS, dtype=np.int64)
    for rung in np.lexsort((rungs["cost_usd"].to_numpy(), own, off.round(6))).tolist():
        if cm3 <= 0 and grams <= 0:
            break
        at = first + rung
        need = max(-(-max(cm3, 0) // ladders.rung_cm3[at]), -(-max(grams, 0) // ladders.rung_g[at]))
        counts[rung] = min(int(need), int(ladders.rung_max[at]))
        cm3 -= int(counts[rung] * ladders.rung_cm3[at])
        grams -= int(counts[rung] * ladders.rung_g[at])
    return counts


def _lanes_that_need_team(
    prepared: Prepared, lanes: IntArray, solo: _Book, team: _Book
) -> BoolArray:
    """The longest leg of every path that is late by solo and in time by team."""
    network = prepared.network
    needs = np.zeros(network.lane_from.size, dtype=bool)
    solo_late = (_late_days(prepared, solo) > 0) | (solo.wave < 0)
    team_in_time = (_late_days(prepared, team) == 0) & (team.wave >= 0)
    for rescued in np.flatnonzero(solo_late & team_in_time).tolist():
        legs = lanes[rescued][lanes[rescued] >= 0]
        needs[legs[np.argmax(network.lane_miles[legs])]] = True
    return needs


def _late_days(prepared: Prepared, book: _Book) -> FloatArray:
    cutoff_s = prepared.network.timetable.wave_cutoff_s
    return np.array(
        [
            days_late(int(cutoff_s[wave]), int(due)) if wave >= 0 else 0.0
            for wave, due in zip(book.wave, prepared.journeys.due_s, strict=True)
        ]
    )


def _routing(prepared: Prepared, book: _Book) -> Routing:
    """The book by chunk; what did not arrive travels nowhere."""
    arcs = np.where((book.wave >= 0)[:, None], book.arcs, -1)
    of_chunk = prepared.demand.chunk_commodity
    return Routing(arcs[of_chunk], _late_days(prepared, book)[of_chunk], book.units)
