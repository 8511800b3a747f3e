"""A problem as columns that compiled code reads; nothing here changes during a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossdock.plan.routing.breaks import HAIR
from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.ranks import rank_key
from crossdock.plan.routing.ruin.units import Units, units_of
from crossdock.plan.routing.schedule import incompatible, stop_of
from crossdock.plan.routing.vehicles import Backhauls, VehicleType

Bools = NDArray[np.bool_]
Column = Any
"""An array whose items compiled code takes for numbers."""

FAR_OFF = 1e14
"""Instead of endless."""
NO_LIMIT = 1 << 60
NEAR = 100

# Columns of `Columns.limits`, a row a vehicle type.
SHIFT_STARTS, SHIFT_ENDS, STARTS_BY, LOADING, MAX_DURATION, MAX_DISTANCE = range(6)
FIXED, A_DISTANCE, A_DURATION, REGULAR, OVERTIME = range(6, 11)
# Columns of `Columns.traits`, a row a vehicle type.
START, END, START_WINDOW, END_WINDOW, MAX_STOPS, BACKHAULS_LAST, TERRITORY, MAX_RELOADS = range(8)
# Rows of `Columns.heavy`, by block.
BEFORE, AFTER, WITHIN, KEPT = range(4)

SPARE = 3
"""Slots behind those that are vehicles, for trials."""


class Columns(NamedTuple):
    """Nodes, blocks, units, requests, vehicle types and slots; a slot is one vehicle.

    Nodes from ``stops`` on are reloads, one a depot, which any number of routes may have.

    Attributes
    ----------
    stops
        How many nodes are stops.
    far, long, lot
        Distances and durations between places of this search, and where one parks there.
    place ... territory
        By node; windows are rows ``window[node]`` up to ``window[node + 1]`` of opens, closes.
    late
        By stop, how many different releases come before its own, counted from 0 at 0.
    released
        By depot (at last for a start that is none) and such a number: the row of the window in
        which a tour begins to load whose last stop is released then.
    block, glued
        Block of a node, and the node that follows it there; -1: any may follow.
    locked
        Whether a node is pinned.
    starts, members
        Blocks as rows of nodes.
    unit
        Of each block; ``before[first_before[b]:first_before[b + 1]]`` must come before block b,
        ``behind`` after it.
    heavy
        By block: what it adds to the load of its tour before it and after it, and most between;
        what it adds to that of later tours.
    allowed
        By unit and vehicle type.
    request
        Of each unit.
    lost
        By request and rank: stops that are left out if it is; ``prize`` where it may be.
    rank
        By request, the first rank with such a stop; the number of ranks if there is none.
    keys
        By request, what it may be sorted by, each from 0 to 1.
    simple
        By vehicle type: nothing but distance, loads and windows matters.
    may_reload
        By vehicle type and depot.
    reloads, releases
        Whether any vehicle may reload, any stop is released later than at 0: asked first where it
        is asked often.
    home
        By node: the slot that it was planned for, -1 for none; ``promised`` its time, -1 for none.
    """

    stops: int
    far: Column
    long: Column
    lot: Column
    place: Column
    delivery: Column
    pickup: Column
    carried: Column
    service: Column
    parking: Column
    release: Column
    window: Column
    opens: Column
    closes: Column
    late: Column
    released: Column
    territory: Column
    block: Column
    glued: Column
    locked: Column
    starts: Column
    members: Column
    unit: Column
    first_before: Column
    before: Column
    first_behind: Column
    behind: Column
    heavy: Column
    unit_starts: Column
    unit_blocks: Column
    unit_size: Column
    allowed: Column
    request: Column
    request_starts: Column
    request_units: Column
    lost: Column
    prize: Column
    rank: Column
    keys: Column
    limits: Column
    traits: Column
    capacity: Column
    on_board: Column
    hours: Column
    simple: Column
    may_reload: Column
    reloads: bool
    releases: bool
    kind: Column
    prefix: Column
    near: Column
    home: Column
    promised: Column
    territory_cost: float
    longest_cost: float
    moved_cost: float
    eta_cost: float
    tolerance: float


class Lead(NamedTuple):
    """Where a search begins: what plans before say, by node and slot."""

    home: Ints
    promised: Floats
    moved_cost: float
    eta_cost: float
    tolerance: float


def slots_of(problem: Problem) -> tuple[list[int], list[tuple[int, ...]]]:
    """Vehicle type of each slot, and the nodes that are pinned to its begin."""
    kinds: list[int] = []
    pinned: list[tuple[int, ...]] = []
    most = len(problem.jobs) + len(problem.shipments)
    for index, kind in enumerate(problem.vehicles):
        pins = [pin.nodes for pin in problem.ties.pins if pin.vehicle_type == kind.id]
        count = max(most if kind.count is None else min(kind.count, most), len(pins))
        kinds += [index] * count
        pinned += [*pins, *[()] * (count - len(pins))]
    return kinds, pinned


def columns_of(problem: Problem, lead: Lead | None = None) -> Columns:
    """Columns of ``problem``.

    Raises
    ------
    InvalidValueError
        Relations contradict each other.
    """
    units, rows = units_of(problem), problem.nodes
    kinds, pinned = slots_of(problem)
    places, number = _places(problem)
    count, depots = len(rows), len(problem.depots)
    block = _also(np.zeros(count, dtype=np.int64), depots, -1)
    glued = np.full(count + depots, -1, dtype=np.int64)
    for at, own in enumerate(units.blocks):
        block[list(own)] = at
        glued[list(own[:-1])] = own[1:]
    prefixes = [_whole(nodes, glued) for nodes in pinned]
    locked = np.zeros(count + depots, dtype=np.bool_)
    for nodes in prefixes:
        locked[list(nodes)] = True
    starts, members = _csr(units.blocks)
    unit_starts, unit_blocks = _csr(units.units)
    request_starts, request_units = _csr(units.requests)
    unit, request = _owner(unit_starts, unit_blocks), _owner(request_starts, request_units)
    behind: list[list[int]] = [[] for _ in units.blocks]
    for at, earlier in enumerate(units.before):
        for each in earlier:
            behind[each].append(at)
    first_before, before = _csr([sorted(each) for each in units.before])
    first_behind, after = _csr(behind)
    lost, prize = _lost(problem, units, locked)
    window, opens, closes = _windows(problem)
    late, released, opens, closes = _releases(problem, window, opens, closes)
    legs = problem.metric
    row, column = np.repeat(places, len(places)), np.tile(places, len(places))
    shape = (len(places), len(places))
    far, long = legs.lengths(row, column).reshape(shape), legs.times(row, column).reshape(shape)
    place = number[np.concatenate([rows.place, problem.depot_places])]
    loading = [depot.loading for depot in problem.depots]
    names = {name: at for at, name in enumerate(sorted(_territories(problem)))}
    lead = lead or Lead(np.full(count, -1, dtype=np.int64), np.full(count, -1.0), 0.0, 0.0, 0.0)
    limits = np.array([_limits(problem, kind) for kind in problem.vehicles], dtype=np.float64)
    return Columns(
        stops=count, far=far, long=long, lot=problem.lots[places], place=place,
        delivery=_also(rows.delivery, depots), pickup=_also(rows.pickup, depots),
        carried=_also(rows.carried, depots), service=np.concatenate([rows.service, loading]),
        parking=_also(rows.parking, depots), release=_also(rows.release, depots),
        window=window, opens=opens, closes=closes, late=late, released=released,
        territory=_also(_territory(problem, names), depots, -1),
        block=block, glued=glued, locked=locked,
        starts=starts, members=members, unit=unit,
        first_before=first_before, before=before, first_behind=first_behind, behind=after,
        heavy=_heavy(problem, units), unit_starts=unit_starts, unit_blocks=unit_blocks,
        unit_size=np.array(
            [sum(len(units.blocks[each]) for each in own) for own in units.units], dtype=np.int64
        ),
        allowed=_allowed(problem, units), request=request, request_starts=request_starts,
        request_units=request_units, lost=lost, prize=prize, rank=_rank(lost),
        keys=_keys(problem, units, far, place, number),
        limits=limits,
        traits=np.array(
            [_traits(problem, kind, number, names) for kind in problem.vehicles], dtype=np.int64
        ),
        capacity=np.array(
            [[NO_LIMIT if each is None else each for each in kind.capacity]
             for kind in problem.vehicles], dtype=np.int64),
        on_board=np.array(
            [kind.on_board or (0,) * len(problem.dimensions) for kind in problem.vehicles],
            dtype=np.int64),
        hours=_hours(problem),
        simple=_simple(problem, lead),
        may_reload=np.array(
            [[depot.id in kind.reload_depots for depot in problem.depots]
             for kind in problem.vehicles], dtype=np.bool_,
        ).reshape(len(problem.vehicles), depots),
        reloads=any(kind.reload_depots for kind in problem.vehicles),
        releases=bool(rows.release.any()),
        kind=np.array([*kinds, *[0] * SPARE], dtype=np.int64),
        prefix=np.array([*map(len, prefixes), *[0] * SPARE], dtype=np.int64),
        near=_near(far, place[:count]), home=_also(lead.home, depots, -1),
        promised=_also(lead.promised, depots, -1),
        # Whole numbers would be another type, for which all kernels were compiled again.
        territory_cost=float(problem.territory_cost), longest_cost=float(problem.longest_cost),
        moved_cost=float(lead.moved_cost), eta_cost=float(lead.eta_cost),
        tolerance=float(lead.tolerance),
    )  # fmt: skip


def prefixes_of(problem: Problem, columns: Columns) -> list[tuple[int, ...]]:
    """Nodes with which the route of each slot begins, pinned sequences to their ends."""
    return [_whole(nodes, columns.glued) for nodes in slots_of(problem)[1]]


def _whole(nodes: Sequence[int], glued: Ints) -> tuple[int, ...]:
    found = list(nodes)
    while found and glued[found[-1]] >= 0:
        found.append(int(glued[found[-1]]))
    return tuple(found)


def most_reloads(c: Columns) -> int:
    """That a route may have: no more than it has stops are of use."""
    return min(int(c.traits[:, MAX_RELOADS].max(initial=0)), c.stops)


def _also(column: Any, depots: int, value: int = 0) -> Any:
    """A column of stops with a row for the reload at each depot."""
    return np.concatenate([column, np.full((depots, *column.shape[1:]), value, column.dtype)])


def _places(problem: Problem) -> tuple[Ints, Ints]:
    """Places of this search, and the number of each place of the problem among them."""
    used = {*problem.nodes.place.tolist(), *problem.depot_places.tolist()}
    for kind in problem.vehicles:
        used |= {each for each in (kind.start_place, kind.end_place) if each is not None}
    places = np.array(sorted(used), dtype=np.int64)
    number = np.zeros(problem.metric.places, dtype=np.int64)
    number[places] = np.arange(len(places))
    return places, number


def _csr(rows: Sequence[Iterable[int]]) -> tuple[Ints, Ints]:
    """Rows of different lengths as where each starts, and all one after the other."""
    listed = [list(row) for row in rows]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in listed])]).astype(np.int64)
    return starts, np.array([each for row in listed for each in row], dtype=np.int64)


def _owner(starts: Ints, members: Ints) -> Ints:
    owner = np.zeros(len(members), dtype=np.int64)
    owner[members] = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return owner


def _lost(problem: Problem, units: Units, locked: Bools) -> tuple[Ints, Floats]:
    """By request, what leaving it out means.

    Ranks: what is pinned in part, then required stops by priority, then optional ones of a
    priority above 0. The others are a matter of their prize.
    """
    keys: list[dict[tuple[int, int], int]] = []
    prize = np.zeros(len(units.requests))
    for at, own in enumerate(units.requests):
        counted: dict[tuple[int, int], int] = {}
        unit = own[0]
        if any(locked[node] for block in units.units[unit] for node in units.blocks[block]):
            counted[3, 0] = 1
        for node in units.stops[unit]:
            stop = stop_of(problem, node)
            key = rank_key(stop)
            if key is not None:
                counted[key] = counted.get(key, 0) + 1
            if not stop.required:
                prize[at] += stop.prize
        keys.append(counted)
    ranks = sorted({key for counted in keys for key in counted}, reverse=True)
    column = {key: rank for rank, key in enumerate(ranks)}
    lost = np.zeros((len(units.requests), max(len(ranks), 1)), dtype=np.int64)
    for at, counted in enumerate(keys):
        for key, count in counted.items():
            lost[at, column[key]] = count
    return lost, prize


def _rank(lost: Ints) -> Ints:
    ranked, first = lost.any(axis=1), (lost > 0).argmax(axis=1)
    return np.where(ranked, first, np.full(len(lost), lost.shape[1], dtype=np.int64))


def _windows(problem: Problem) -> tuple[Ints, Floats, Floats]:
    """Of the nodes, then of the depots, then one that is always open."""
    jobs, ships = problem.jobs, problem.shipments
    told = [job.windows for job in jobs]
    told += [ship.pickup.windows for ship in ships] + [ship.delivery.windows for ship in ships]
    spans = [[(each.opens, each.closes) for each in windows] for windows in told]
    spans += [[(depot.opens, depot.closes)] for depot in problem.depots] + [[(0.0, ANY_TIME)]]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in spans])]).astype(np.int64)
    flat = np.array([span for each in spans for span in each], dtype=np.float64)
    return starts, flat[:, 0].copy(), np.minimum(flat[:, 1], FAR_OFF)


def _releases(
    problem: Problem, window: Ints, opens: Floats, closes: Floats
) -> tuple[Ints, Ints, Floats, Floats]:
    """Number of each stop's release, windows of tours by it, and all windows with these behind."""
    times, late = np.unique(np.append(problem.nodes.release, 0.0), return_inverse=True)
    late = _also(late[:-1].astype(np.int64), len(problem.depots))
    rows = window[len(problem.nodes) : -1]  # depots, then what is always open
    opened = np.maximum(opens[rows][:, None], times[None, :])
    # A depot that closes before has no window left.
    closed = np.where(times[None, :] > closes[rows][:, None] + HAIR, -1.0, closes[rows][:, None])
    released = len(opens) + np.arange(opened.size, dtype=np.int64).reshape(opened.shape)
    released[:, 0] = rows
    return (
        late, released, np.concatenate([opens, opened.ravel()]),
        np.concatenate([closes, closed.ravel()]),
    )  # fmt: skip


def _territories(problem: Problem) -> set[str]:
    named = [job.territory for job in problem.jobs]
    named += [kind.territory for kind in problem.vehicles]
    return {each for each in named if each is not None}


def _territory(problem: Problem, names: dict[str, int]) -> Ints:
    own = [names.get(job.territory or "", -1) for job in problem.jobs]
    return np.array(own + [-1] * (2 * len(problem.shipments)), dtype=np.int64)


def _heavy(problem: Problem, units: Units) -> Ints:
    rows = problem.nodes
    found = np.zeros((len(units.blocks), 4, len(problem.dimensions)), dtype=np.int64)
    for at, own in enumerate(units.blocks):
        chosen = list(own)
        change = rows.carried[chosen] - rows.delivery[chosen] + rows.pickup[chosen]
        found[at, BEFORE] = rows.delivery[chosen].sum(axis=0)
        found[at, AFTER] = (rows.carried[chosen] + rows.pickup[chosen]).sum(axis=0)
        found[at, WITHIN] = change.cumsum(axis=0).max(axis=0)
        found[at, KEPT] = rows.carried[chosen].sum(axis=0)
    return found


def _allowed(problem: Problem, units: Units) -> Bools:
    found = np.ones((len(units.units), len(problem.vehicles)), dtype=np.bool_)
    known: dict[tuple[object, ...], list[bool]] = {}  # most stops ask for the same
    for unit, own in enumerate(units.stops):
        for stop in (stop_of(problem, node) for node in own):
            asked = (stop.skills, stop.allowed_vehicles, stop.excluded_vehicles)
            if asked not in known:
                known[asked] = [not incompatible(stop, kind) for kind in problem.vehicles]
            found[unit] &= known[asked]
    return found


def _keys(problem: Problem, units: Units, far: Floats, place: Ints, number: Ints) -> Floats:
    """By request: demand, distance, tightness and due time of its first stop."""
    rows = problem.nodes
    chosen = np.array(
        [units.blocks[units.units[own[0]][0]][0] for own in units.requests], dtype=np.int64
    )
    amount = (rows.delivery + rows.pickup + np.abs(rows.carried))[chosen]
    demand = (amount / np.maximum(amount.max(axis=0, initial=1), 1)).sum(axis=1)
    kind = problem.vehicles[0]
    start = kind.start_place
    if kind.start_depot is not None:
        start = int(problem.depot_places[problem.depot_index[kind.start_depot]])
    assert start is not None
    away = far[number[start], place[chosen]]
    closes = np.minimum(rows.closes[chosen], FAR_OFF)
    width = np.minimum(closes - rows.opens[chosen], FAR_OFF)
    return np.column_stack([_unit(each) for each in (demand, away, width, closes)])


def _unit(values: Floats) -> Floats:
    """From 0 to 1, by order where the largest are beyond measure."""
    if not len(values):
        return values
    order = np.empty(len(values))
    order[np.argsort(values, kind="stable")] = np.arange(len(values))
    return order / len(values)


def _limits(problem: Problem, kind: VehicleType) -> list[float]:
    loading = 0.0
    if kind.start_depot is not None:
        loading = problem.depots[problem.depot_index[kind.start_depot]].loading
    told = [
        kind.shift_starts, kind.shift_ends, kind.latest_start, loading, kind.max_duration,
        kind.max_distance, kind.fixed_cost, kind.distance_cost, kind.duration_cost,
        kind.regular_duration, kind.overtime_cost,
    ]  # fmt: skip
    return [min(each, FAR_OFF) for each in told]


def _traits(problem: Problem, kind: VehicleType, number: Ints, names: dict[str, int]) -> list[int]:
    always = len(problem.nodes) + len(problem.depots)

    def at(depot: str | None, place: int | None) -> tuple[int, int]:
        if depot is not None:
            index = problem.depot_index[depot]
            return int(number[problem.depot_places[index]]), len(problem.nodes) + index
        return -1 if place is None else int(number[place]), always

    start, start_window = at(kind.start_depot, kind.start_place)
    end, end_window = at(kind.end_depot, kind.end_place)
    most = NO_LIMIT if kind.max_stops is None else kind.max_stops
    last = int(kind.backhauls is Backhauls.LAST)
    area = names.get(kind.territory or "", -1)
    reloads = NO_LIMIT if kind.max_reloads is None else kind.max_reloads
    if not kind.reload_depots:
        reloads = 0
    return [start, end, start_window, end_window, most, last, area, reloads]


def _hours(problem: Problem) -> Floats:
    if not any(kind.hos_rules for kind in problem.vehicles):
        return np.zeros((len(problem.vehicles), 18))
    from crossdock.plan.routing.hours import row_of  # noqa: PLC0415 most problems have none

    return np.array([row_of(kind) for kind in problem.vehicles], dtype=np.float64)


def _simple(problem: Problem, lead: Lead) -> Bools:
    whole = problem.longest_cost == 0 and lead.eta_cost == 0
    return np.array(
        [
            whole
            and not kind.hos_rules
            and kind.duration_cost == 0
            and kind.overtime_cost == 0
            and kind.max_duration == ANY_TIME
            and kind.backhauls is Backhauls.MIXED
            for kind in problem.vehicles
        ],
        dtype=np.bool_,
    )


def _near(far: Floats, place: Ints) -> Ints:
    """Other nodes by their distance, there or back."""
    both: Any = np.minimum(far, far.T)[np.ix_(place, place)]
    count = min(NEAR, len(place))
    some = np.argpartition(both, count - 1, axis=1)[:, :count] if count else both.astype(np.int64)
    order = np.argsort(np.take_along_axis(both, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1).astype(np.int64)
