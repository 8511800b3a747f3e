"""Rows of routes: written, copied, emptied, and what is known of their gaps kept up to date."""

from __future__ import annotations

from crossdock.model.compiled import inner
from crossdock.plan.routing.breaks import NEVER, Legs, window_of
from crossdock.plan.routing.ruin.columns import (
    END,
    END_WINDOW,
    SHIFT_ENDS,
    SHIFT_STARTS,
    SPARE,
    START_WINDOW,
    Columns,
)
from crossdock.plan.routing.ruin.judge import judged, laid_out, loaded, reloads_in, tour_end
from crossdock.plan.routing.ruin.state import State, Work


@inner
def slots_in(c: Columns) -> int:
    """Slots that are vehicles."""
    return len(c.kind) - SPARE


@inner
def in_one_tour(c: Columns, st: State, slot: int) -> bool:
    """Whether a slot does not reload."""
    return not c.reloads or st.reloads[slot] == 0


@inner
def refresh(c: Columns, st: State, w: Work, slot: int) -> None:
    """Cost of a slot and what is known of its gaps, after its nodes have changed."""
    count = st.size[slot]
    for i in range(1, count + 1):
        w.order[i] = st.nodes[slot, i]
    alias = st.alias[slot]
    st.cost[slot] = judged(c, alias, w.order, count, w.legs, w.labels, w.tally)
    st.lasts[slot], st.length[slot] = w.tally[0], w.tally[1]
    kind = c.kind[alias]
    if c.reloads:
        st.reloads[slot] = reloads_in(c, kind, w.order, count)
    laid_out(c, kind, w.order, count, w.legs)
    _times(c, st, w, slot, kind)
    _loads(c, st, w, slot, kind)


@inner
def _times(c: Columns, st: State, w: Work, slot: int, kind: int) -> None:
    """Earliest departures and latest begins by position, from the calls in ``w.legs``."""
    count, legs = st.size[slot], w.legs
    plain = c.simple[kind]
    for i in range(1, count + 1):
        node = st.nodes[slot, i]
        plain = plain and c.window[node + 1] == c.window[node] + 1
    st.plain[slot] = plain
    st.work[slot] = 0.0
    if count:
        st.work[slot] = _work(legs, count + 2 if c.traits[kind, END] >= 0 else count + 1)
    clock = max(c.limits[kind, SHIFT_STARTS], c.opens[legs.first[0]])
    st.early[slot, 0] = clock + legs.serve[0]
    for i in range(1, count + 1):
        ready = st.early[slot, i - 1] + legs.drive[i] + legs.park[i]
        begins = ready
        for row in range(legs.first[i], legs.last[i]):
            if c.closes[row] >= ready:
                begins = max(ready, c.opens[row])
                break
        st.early[slot, i] = begins + legs.serve[i]
    if c.releases:
        _released(c, st, w, slot, kind)
    by = c.limits[kind, SHIFT_ENDS]
    if c.traits[kind, END] >= 0:
        by = min(by, c.closes[c.window[c.traits[kind, END_WINDOW] + 1] - 1])
    st.late[slot, count + 1] = by
    for i in range(count, -1, -1):
        if i < count or c.traits[kind, END] >= 0:
            by = st.late[slot, i + 1] - legs.drive[i + 1] - legs.park[i + 1]
        st.late[slot, i] = min(by - legs.serve[i], c.closes[legs.last[i] - 1])


@inner
def _work(legs: Legs, calls: int) -> float:
    work = 0.0
    for k in range(calls):
        work += legs.drive[k] + legs.park[k] + legs.serve[k]
    return work


@inner
def _released(c: Columns, st: State, w: Work, slot: int, kind: int) -> None:
    """By position, when its tour may begin to load, and departures if it might at once."""
    legs = w.legs
    clock = max(c.limits[kind, SHIFT_STARTS], c.opens[c.window[c.traits[kind, START_WINDOW]]])
    st.freely[slot, 0], st.ready[slot, 0] = clock + legs.serve[0], c.opens[legs.first[0]]
    for i in range(1, st.size[slot] + 1):
        node = st.nodes[slot, i]
        is_reload = node >= c.stops
        clock = st.early[slot, i - 1] if is_reload else st.freely[slot, i - 1]
        ready = clock + legs.drive[i] + legs.park[i]
        begins = window_of(c.opens, c.closes, c.window[node], c.window[node + 1], ready)
        st.freely[slot, i] = min(begins + legs.serve[i], st.early[slot, i])
        st.ready[slot, i] = c.opens[legs.first[i]] if is_reload else st.ready[slot, i - 1]


@inner
def _loads(c: Columns, st: State, w: Work, slot: int, kind: int) -> None:
    """Loads by leg, and the largest of the tour up to it and from it on."""
    count, first = st.size[slot], 1
    while first <= count + 1:
        last = tour_end(c, w.order, count, first)
        for at in range(c.capacity.shape[1]):
            load = loaded(c, kind, w.order, first, last, at)
            st.load[slot, first - 1, at] = st.head[slot, first - 1, at] = load
            for i in range(first, last):
                node = st.nodes[slot, i]
                load += c.carried[node, at] - c.delivery[node, at] + c.pickup[node, at]
                st.load[slot, i, at] = load
                st.head[slot, i, at] = max(st.head[slot, i - 1, at], load)
            most = load
            for i in range(last - 1, first - 2, -1):
                most = max(most, st.load[slot, i, at])
                st.tail[slot, i, at] = most
        first = last + 1


@inner
def copied(st: State, slot: int, to: State, row: int) -> None:
    """Copy all that is known of a slot into a row of another state, or of the same."""
    count = st.size[slot]
    to.size[row], to.cost[row] = count, st.cost[slot]
    to.reloads[row] = st.reloads[slot]
    to.length[row], to.lasts[row] = st.length[slot], st.lasts[slot]
    to.work[row] = st.work[slot]
    to.plain[row] = st.plain[slot]
    for i in range(count + 2):
        to.nodes[row, i] = st.nodes[slot, i]
        to.early[row, i], to.late[row, i] = st.early[slot, i], st.late[slot, i]
    if st.ready.shape[1]:
        for i in range(count + 1):
            to.ready[row, i], to.freely[row, i] = st.ready[slot, i], st.freely[slot, i]
    for i in range(count + 1):
        for at in range(st.load.shape[2]):
            to.load[row, i, at] = st.load[slot, i, at]
            to.head[row, i, at] = st.head[slot, i, at]
            to.tail[row, i, at] = st.tail[slot, i, at]


@inner
def save(st: State, old: State, w: Work, slot: int) -> None:
    """Keep a slot as it was before this iteration."""
    if w.saved[slot]:
        return
    w.saved[slot] = True
    last = len(w.touched) - 1
    w.touched[w.touched[last]] = slot
    w.touched[last] += 1
    copied(st, slot, old, slot)


@inner
def settle(w: Work) -> None:
    """Begin anew to keep slots."""
    last = len(w.touched) - 1
    for at in range(w.touched[last]):
        w.saved[w.touched[at]] = False
    w.touched[last] = 0


@inner
def take_back(c: Columns, st: State, old: State, w: Work) -> None:
    """All slots that were kept, as they were."""
    last = len(w.touched) - 1
    for at in range(w.touched[last]):
        slot = w.touched[at]
        for i in range(1, st.size[slot] + 1):
            unplace(c, st, st.nodes[slot, i])
    for at in range(w.touched[last]):
        slot = w.touched[at]
        copied(old, slot, st, slot)
        for i in range(1, st.size[slot] + 1):
            put(c, st, st.nodes[slot, i], slot)


@inner
def put(c: Columns, st: State, node: int, slot: int) -> None:
    """Say that a slot has a node; of reloads nothing is noted."""
    if node < c.stops:
        st.slot[node] = slot
        st.placed[c.unit[c.block[node]]] += 1


@inner
def unplace(c: Columns, st: State, node: int) -> None:
    """Say that no slot has a node."""
    if node < c.stops:
        st.slot[node] = -1
        st.placed[c.unit[c.block[node]]] -= 1


@inner
def take_out(c: Columns, st: State, old: State, w: Work, slot: int) -> None:
    """Take the nodes that are marked out of a slot.

    Where what is left could not be driven, as pickups that must come after a delivery, all goes.
    """
    save(st, old, w, slot)
    for everything in range(2):
        kept = 0
        for i in range(1, st.size[slot] + 1):
            node = st.nodes[slot, i]
            stop = node < c.stops
            if (stop and w.out[node]) or (everything and not c.locked[node]):
                unplace(c, st, node)
                if stop:
                    w.out[node] = True
            else:
                kept += 1
                st.nodes[slot, kept] = node
        st.size[slot] = kept
        refresh(c, st, w, slot)
        if st.cost[slot] < NEVER:
            return


@inner
def insert_block(c: Columns, st: State, block: int, slot: int, after: int) -> None:
    """Put a block into the gap after a position; what is known of the slot is then stale."""
    first, last = c.starts[block], c.starts[block + 1]
    size = last - first
    for i in range(st.size[slot], after, -1):
        st.nodes[slot, i + size] = st.nodes[slot, i]
    for at in range(size):
        st.nodes[slot, after + 1 + at] = c.members[first + at]
    st.size[slot] += size
