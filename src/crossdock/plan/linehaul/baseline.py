"""The written-down habit of a good spreadsheet planner, for comparison.

1. **Fixed routing guide.** A pair of origin and destination always goes the same way: direct if
   the lane is at most 500 miles or either end is the destination's own hub (the nearest to it);
   else over that hub. Where a lane of the guide has no offer, the first permitted route that has.
2. **Fixed departures.** From the origin when its wave is ready; from the hub once a day, after the
   last of its waves that lands as early as the day's first: a spoke of 200 miles leaves in the
   evening, for the next morning's preload.
3. **The vehicle that usually does it.** Up to six pallet positions of freight on a departure ride
   pooled. More takes the smallest vehicle type that holds it with a tenth to spare in cube and
   payload; when none does, several of the largest trailer. The carrier is the cheapest on the
   lane's ladder, bought before own. Solo, and by team on lanes where a parcel would be late by solo
   and is not by team.
4. **No injection by choice**, only where nothing leads to the destination; no search of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from crossdock.plan.linehaul.ladder import CM3, GRAMS, MAX_RUNGS, MOST, FloatArray, IntArray
from crossdock.plan.linehaul.network import Timetable
from crossdock.plan.linehaul.pack import Routing
from crossdock.plan.linehaul.paths import days_late, departure_arc
from crossdock.plan.linehaul.prepare import NEVER, Prepared
from crossdock.plan.linehaul.routes import MAX_LEGS

BoolArray = npt.NDArray[np.bool_]

DIRECT_MILES = 500.0
FEW_POSITIONS = 6
"""Most pallet positions that ride pooled."""
HEADROOM = 1.1
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
    by_team = _lanes_that_need_team(prepared, lanes, solo, team) & has_team
    return _routing(prepared, _travel(prepared, lanes, by_team) if by_team.any() else solo)


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
    wave = book.wave[moving]
    for on in np.unique(lane[leg > 0]).tolist():
        from_hub = (lane == on) & (leg > 0)
        wave[from_hub] = _daily_departures(prepared, on)[wave[from_hub]]
    groups: dict[tuple[int, int], list[int]] = {}
    for index, at in enumerate(zip(lane.tolist(), wave.tolist(), strict=True)):
        groups.setdefault(at, []).append(index)
    for (on, leaves), members in sorted(groups.items()):
        riders = moving[members]
        arc = _departure(prepared, book, on, leaves, riders, team=bool(by_team[on]))
        book.wave[riders] = -1 if arc < 0 else prepared.network.timetable.arc_to_wave[arc]
        book.arcs[riders, leg[members]] = arc


def _daily_departures(prepared: Prepared, lane: int) -> IntArray:
    """For each wave of the lane's hub, the wave after which freight leaves on this lane."""
    network = prepared.network
    hub = int(network.lane_from[lane])
    waves = network.waves.with_row_index("number").filter(pl.col("facility") == hub)
    numbers = np.array(waves["number"].to_numpy(), dtype=np.int64)
    lands_s = [_lands_s(network.timetable, lane, wave) for wave in numbers.tolist()]
    leaves = (
        waves.with_columns(lands_s=pl.Series(lands_s, dtype=pl.Int64))
        .filter(pl.col("lands_s") == pl.col("lands_s").min().over("date"))
        .group_by("date")
        .agg(pl.col("number").max())
        .sort("number")["number"]
        .to_numpy()
    )
    answer = np.arange(network.waves.height, dtype=np.int64)
    following = np.searchsorted(leaves, numbers)
    caught = following < leaves.size
    answer[numbers[caught]] = leaves[following[caught]]
    return answer


def _lands_s(timetable: Timetable, lane: int, wave: int) -> int:
    """Inbound cut-off that freight of a wave makes by the slower of pooled and solo."""
    ladders = [ladder for ladder in timetable.lane_ladder[lane].tolist() if ladder >= 0]
    arcs = [departure_arc(timetable, lane, ladder, wave, 0) for ladder in ladders[:TEAM]]
    if min(arcs) < 0:
        return NEVER
    return max(int(timetable.wave_cutoff_s[timetable.arc_to_wave[arc]]) for arc in arcs)


def _departure(
    prepared: Prepared, book: _Book, lane: int, wave: int, riders: IntArray, *, team: bool
) -> int:
    """Choose speed and vehicles of a departure; -1 if nothing leaves in time to land."""
    timetable = prepared.network.timetable
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
        book.units[arc] = _units(prepared, int(timetable.arc_ladder[arc]), *book.load[arc])
        return arc
    return -1


def _speeds(
    prepared: Prepared, book: _Book, arcs: list[int], cm3: int, grams: int, team: bool
) -> list[int]:
    """Speeds on offer, the habit's first choice in front; a truck that goes anyway is filled."""
    order = [TEAM, SOLO, POOLED] if team else [SOLO, TEAM, POOLED]
    goes = any(arcs[speed] in book.load for speed in (SOLO, TEAM))
    if arcs[POOLED] >= 0 and not goes:
        pooled = int(prepared.network.timetable.arc_ladder[arcs[POOLED]])
        if _units(prepared, pooled, cm3, grams).sum() <= FEW_POSITIONS:
            order = [POOLED, SOLO, TEAM]
    return [speed for speed in order if arcs[speed] >= 0]


def _units(prepared: Prepared, ladder: int, cm3: int, grams: int) -> IntArray:
    """Units of the one type that is usual for a load; the next in line where they run out."""
    ladders = prepared.network.ladders
    first = int(ladders.start[ladder])
    counts = np.zeros(MAX_RUNGS, dtype=np.int64)
    for rung in _in_usual_order(prepared, ladder, cm3, grams):
        if cm3 <= 0 and grams <= 0:
            break
        at = first + rung
        need = max(
            -(-max(cm3, 0) // ladders.space[at, CM3]), -(-max(grams, 0) // ladders.space[at, GRAMS])
        )
        counts[rung] = min(int(need), int(ladders.space[at, MOST]))
        cm3 -= int(counts[rung] * ladders.space[at, CM3])
        grams -= int(counts[rung] * ladders.space[at, GRAMS])
    return counts


def _in_usual_order(prepared: Prepared, ladder: int, cm3: int, grams: int) -> list[int]:
    """Rungs that hold a load, smallest first, then the others, largest single trailer first."""
    ladders = prepared.network.ladders
    first, last = int(ladders.start[ladder]), int(ladders.start[ladder + 1])
    rungs = prepared.network.rungs[first:last]
    size = ladders.space[first:last, CM3]
    holds = (size >= HEADROOM * cm3) & (ladders.space[first:last, GRAMS] >= HEADROOM * grams)
    trailers = np.where(holds, 0, rungs["units_per_vehicle"].to_numpy())
    own = (rungs["kind"] == "own").to_numpy()
    cheapest = rungs["cost_usd"].to_numpy()
    order = np.lexsort((cheapest, np.where(holds, size, -size), own, trailers, ~holds))
    return order.tolist()


def _lanes_that_need_team(
    prepared: Prepared, lanes: IntArray, solo: _Book, team: _Book
) -> BoolArray:
    """The longest leg of every path that is late by solo and in time by team."""
    network = prepared.network
    needs = np.zeros(network.lane_from.size, dtype=bool)
    late = (_late_days(prepared, solo) > 0) | (solo.wave < 0)
    rescued = late & (_late_days(prepared, team) == 0) & (team.wave >= 0)
    for commodity in np.flatnonzero(rescued).tolist():
        legs = lanes[commodity][lanes[commodity] >= 0]
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
