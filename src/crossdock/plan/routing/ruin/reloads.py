"""Reloads of a route: where one more lets a unit in, and where those that there are cost least."""

from __future__ import annotations

from crossdock.model.compiled import inner
from crossdock.plan.routing.breaks import HAIR, NEVER, window_of
from crossdock.plan.routing.draws import uniform
from crossdock.plan.routing.ruin.columns import (
    A_DISTANCE,
    MAX_DISTANCE,
    MAX_RELOADS,
    MAX_STOPS,
    Columns,
)
from crossdock.plan.routing.ruin.gaps import (
    added,
    base_cost,
    best_gap,
    bounds,
    is_gap,
    place_at,
    reaches,
    stops_in,
    through,
    timed,
)
from crossdock.plan.routing.ruin.judge import extra, judged
from crossdock.plan.routing.ruin.slots import copied, insert_block, refresh, slots_in
from crossdock.plan.routing.ruin.state import BLINKS, RELOADED, State, Work

_AHEAD, _BETWEEN, _BEHIND = range(3)
"""Where a reload is put to one block, or to two in a row."""


@inner
def may_reload(c: Columns, st: State, slot: int) -> bool:
    """Whether a vehicle may reload once more; more often than it stops is of no use."""
    if not c.reloads:
        return False
    most = min(c.traits[c.kind[st.alias[slot]], MAX_RELOADS], c.stops)
    return bool(st.reloads[slot] < most)


@inner
def best_reload(
    c: Columns, st: State, w: Work, slot: int, one: int, other: int, below: float, into: int
) -> float:
    """Least cost, under ``below``, of a block with one more reload next to it.

    The route is then in row ``into``, to be refreshed. ``other`` is a block straight after the
    first, or -1.
    """
    found, kind = below, c.kind[st.alias[slot]]
    base, size = base_cost(c, st, slot, one), c.starts[one + 1] - c.starts[one]
    if other >= 0:
        size += c.starts[other + 1] - c.starts[other]
        for at in range(c.starts[other], c.starts[other + 1]):
            base += extra(c, st.alias[slot], c.members[at])
    if stops_in(c, st, slot) + size > c.traits[kind, MAX_STOPS]:
        return found
    first, last = bounds(c, st, slot, one)
    for i in range(first, last + 1):
        if is_gap(c, st, slot, i) and uniform(w.random) >= w.tally[BLINKS]:
            for depot in range(c.may_reload.shape[1]):
                if c.may_reload[kind, depot]:
                    reload = c.stops + depot
                    found = _best_way(c, st, w, slot, i, one, other, reload, base, found, into)
    return found


@inner
def _best_way(
    c: Columns, st: State, w: Work, slot: int, i: int, one: int, other: int, reload: int,
    base: float, below: float, into: int,
) -> float:  # fmt: skip
    """Least cost, under ``below``, of blocks after a position with a reload in any of its places.

    ``base`` is what they cost wherever they go.
    """
    found, kind = below, c.kind[st.alias[slot]]
    for way in range(3):
        if way == _BETWEEN and other < 0:
            continue
        length = _detour(c, st, slot, i, one, other, reload, way)
        if base + c.limits[kind, A_DISTANCE] * length >= found:
            continue
        if st.size[slot] and st.length[slot] + length > c.limits[kind, MAX_DISTANCE] + HAIR:
            continue
        if not _in_time(c, st, slot, i, one, other, reload, way):
            continue
        count = _written(c, st, w, slot, i, one, other, reload, way)
        cost = timed(c, st, w, slot, count)
        if cost < found:
            found = cost
            _keep(st, w, into, count)
    return found


@inner
def _detour(
    c: Columns, st: State, slot: int, i: int, one: int, other: int, reload: int, way: int
) -> float:
    """Length that blocks with a reload add in the gap after a position."""
    before, after, depot = place_at(c, st, slot, i), place_at(c, st, slot, i + 1), c.place[reload]
    length, place = 0.0, before
    if way == _AHEAD:
        length, place = c.far[before, depot], depot
    length += added(c, one, place, -1)
    place = c.place[c.members[c.starts[one + 1] - 1]]
    if way == _BETWEEN:
        length += c.far[place, depot]
        place = depot
    if other >= 0:
        length += added(c, other, place, -1)
        place = c.place[c.members[c.starts[other + 1] - 1]]
    if way == _BEHIND:
        length += c.far[place, depot]
        place = depot
    return length + c.far[place, after] - c.far[before, after] if after >= 0 else length


@inner
def _in_time(
    c: Columns, st: State, slot: int, i: int, one: int, other: int, reload: int, way: int
) -> bool:
    """Whether blocks with a reload may be in time in a gap, and all after them."""
    # A tour that is cut in two may begin to load earlier.
    clock = st.freely[slot, i] if c.releases else st.early[slot, i]
    place = place_at(c, st, slot, i)
    if way == _AHEAD:
        clock, place = _past(c, reload, place, clock), c.place[reload]
    clock, place = through(c, one, place, clock), c.place[c.members[c.starts[one + 1] - 1]]
    if way == _BETWEEN and clock < NEVER:
        clock, place = _past(c, reload, place, clock), c.place[reload]
    if other >= 0 and clock < NEVER:
        clock, place = through(c, other, place, clock), c.place[c.members[c.starts[other + 1] - 1]]
    if way == _BEHIND and clock < NEVER:
        clock, place = _past(c, reload, place, clock), c.place[reload]
    return clock < NEVER and reaches(c, st, slot, i + 1, place, clock)


@inner
def _past(c: Columns, reload: int, place: int, clock: float) -> float:
    """When a reload is left that is driven to from a place; `NEVER` where it is closed by then."""
    ready = clock + c.long[place, c.place[reload]]
    begins = window_of(c.opens, c.closes, c.window[reload], c.window[reload + 1], ready)
    return NEVER if begins >= NEVER else begins + c.service[reload]


@inner
def _written(
    c: Columns, st: State, w: Work, slot: int, i: int, one: int, other: int, reload: int, way: int
) -> int:
    """Write the slot with blocks and a reload after a position into ``w.order``; its nodes."""
    count = _copied_order(st, w, slot, 1, i, 0)
    if way == _AHEAD:
        count += 1
        w.order[count] = reload
    count = _block_order(c, w, one, count)
    if way == _BETWEEN:
        count += 1
        w.order[count] = reload
    if other >= 0:
        count = _block_order(c, w, other, count)
    if way == _BEHIND:
        count += 1
        w.order[count] = reload
    return _copied_order(st, w, slot, i + 1, st.size[slot], count)


@inner
def _copied_order(st: State, w: Work, slot: int, first: int, last: int, count: int) -> int:
    for k in range(first, last + 1):
        count += 1
        w.order[count] = st.nodes[slot, k]
    return count


@inner
def _block_order(c: Columns, w: Work, block: int, count: int) -> int:
    for at in range(c.starts[block], c.starts[block + 1]):
        count += 1
        w.order[count] = c.members[at]
    return count


@inner
def _keep(st: State, w: Work, row: int, count: int) -> None:
    """Write ``w.order`` into a row, of which nothing else is known then."""
    st.size[row] = count
    for k in range(1, count + 1):
        st.nodes[row, k] = w.order[k]


@inner
def chained(c: Columns, st: State, w: Work, trial: int, missing: int) -> bool:
    """Put all blocks in ``w.missing`` into a trial slot, one after another."""
    row = slots_in(c) + RELOADED
    for at in range(missing):
        block = w.missing[at]
        cost, where = best_gap(c, st, w, trial, block, NEVER)
        if may_reload(c, st, trial) and best_reload(c, st, w, trial, block, -1, cost, row) < cost:
            copied(st, row, st, trial)
        elif where >= 0 and cost < NEVER:
            insert_block(c, st, block, trial, where)
        else:
            return False
        refresh(c, st, w, trial)
        if st.cost[trial] >= NEVER:
            return False
    return True


@inner
def shed(c: Columns, st: State, w: Work, slot: int) -> None:
    """Leave out each reload without which a slot is no dearer."""
    for i in range(st.size[slot], 0, -1):
        if st.nodes[slot, i] >= c.stops:
            _is_shed(c, st, w, slot, i)


@inner
def reseat(c: Columns, st: State, w: Work, slot: int) -> None:
    """Put each reload of a slot where the route costs least, or leave it out as `shed` does."""
    for i in range(st.size[slot], 0, -1):
        is_reload = i <= st.size[slot] and st.nodes[slot, i] >= c.stops
        if is_reload and not _is_shed(c, st, w, slot, i):
            _reseat_one(c, st, w, slot, i)


@inner
def _is_shed(c: Columns, st: State, w: Work, slot: int, position: int) -> bool:
    """Leave out the reload at a position if the slot is then no dearer."""
    count = _copied_order(st, w, slot, 1, position - 1, 0)
    count = _copied_order(st, w, slot, position + 1, st.size[slot], count)
    cost = judged(c, st.alias[slot], w.order, count, w.legs, w.labels, w.tally)
    if cost >= NEVER or cost > st.cost[slot]:
        return False
    _keep(st, w, slot, count)
    refresh(c, st, w, slot)
    return True


@inner
def _reseat_one(c: Columns, st: State, w: Work, slot: int, position: int) -> None:
    """Put the reload at a position into the gap, and at the depot, where the route costs least."""
    alias, row, found = st.alias[slot], slots_in(c) + RELOADED, st.cost[slot]
    kind = c.kind[alias]
    now = _way_by(c, st, slot, position - 1, position + 1, st.nodes[slot, position])
    for gap in range(c.prefix[alias], st.size[slot] + 1):
        if gap == position or not is_gap(c, st, slot, gap):
            continue
        behind = position + 1 if gap == position - 1 else gap + 1
        for depot in range(c.may_reload.shape[1]):
            reload = c.stops + depot
            same = gap == position - 1 and reload == st.nodes[slot, position]
            if same or not c.may_reload[kind, depot]:
                continue
            dearer = c.limits[kind, A_DISTANCE] * (_way_by(c, st, slot, gap, behind, reload) - now)
            if c.simple[kind] and st.cost[slot] + dearer >= found:
                continue
            count = _moved(st, w, slot, position, gap, reload)
            cost = judged(c, alias, w.order, count, w.legs, w.labels, w.tally)
            if cost < found:
                found = cost
                _keep(st, w, row, count)
    if found < st.cost[slot]:
        for i in range(1, st.size[row] + 1):
            st.nodes[slot, i] = st.nodes[row, i]
        refresh(c, st, w, slot)


@inner
def _way_by(c: Columns, st: State, slot: int, before: int, behind: int, reload: int) -> float:
    """What it is longer to go by a reload between two positions."""
    start, end = place_at(c, st, slot, before), place_at(c, st, slot, behind)
    there = c.far[start, c.place[reload]]
    if end < 0:
        return float(there)
    return float(there + c.far[c.place[reload], end] - c.far[start, end])


@inner
def _moved(st: State, w: Work, slot: int, position: int, gap: int, reload: int) -> int:
    """Write the slot with the reload at a position moved behind another one into ``w.order``."""
    count = _copied_order(st, w, slot, 1, min(gap, position - 1), 0)
    if gap < position:
        count += 1
        w.order[count] = reload
        count = _copied_order(st, w, slot, gap + 1, position - 1, count)
        return _copied_order(st, w, slot, position + 1, st.size[slot], count)
    count = _copied_order(st, w, slot, position + 1, gap, count)
    count += 1
    w.order[count] = reload
    return _copied_order(st, w, slot, gap + 1, st.size[slot], count)
