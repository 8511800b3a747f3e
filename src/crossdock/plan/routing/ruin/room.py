"""Room for what ranks higher: a route gives up all that ranks lower, and takes what it can back.

At the end of a search, so that nothing is left out which a route could serve by giving up stops of
a lower rank.
"""

from __future__ import annotations

from crossdock.model.compiled import compiled, inner
from crossdock.plan.routing.breaks import NEVER
from crossdock.plan.routing.ruin.anneal import Best, keep
from crossdock.plan.routing.ruin.columns import Columns
from crossdock.plan.routing.ruin.recreate import (
    call_in,
    commit,
    compared,
    is_served,
    offer,
    recreate,
    slot_of_unit,
    weigh,
)
from crossdock.plan.routing.ruin.slots import (
    put,
    refresh,
    settle,
    slots_in,
    take_back,
    take_out,
    unplace,
)
from crossdock.plan.routing.ruin.state import BLINKS, State, Work


@compiled
def make_room(c: Columns, st: State, old: State, w: Work, best: Best) -> None:
    """Go back to the best routes, and make room in them as long as something gains by it."""
    _go_back(c, st, w, best)
    w.tally[BLINKS] = 0.0
    while best.left[1].max() > 0 and _one_gains(c, st, old, w, best):
        keep(c, st, best)


@inner
def _go_back(c: Columns, st: State, w: Work, best: Best) -> None:
    for slot in range(slots_in(c)):
        for i in range(1, st.size[slot] + 1):
            unplace(c, st, st.nodes[slot, i])
    for slot in range(slots_in(c)):
        st.size[slot] = best.size[slot]
        for i in range(1, best.size[slot] + 1):
            st.nodes[slot, i] = best.nodes[slot, i]
            put(c, st, best.nodes[slot, i], slot)
        refresh(c, st, w, slot)
    best.cost[1] = best.cost[0]
    best.left[1] = best.left[0]


@inner
def _one_gains(c: Columns, st: State, old: State, w: Work, best: Best) -> bool:
    """Serve one request more, those of the highest rank first."""
    for rank in range(c.lost.shape[1]):
        for request in range(len(c.prize)):
            if c.rank[request] != rank or is_served(c, st, request):
                continue
            for slot in range(slots_in(c)):
                if _gains(c, st, old, w, best, request, slot):
                    return True
    return False


@inner
def _gains(c: Columns, st: State, old: State, w: Work, best: Best, request: int, slot: int) -> bool:
    """Whether a slot serves a request once it has given up what ranks lower; else as before."""
    if st.cost[slot] >= NEVER:
        return False
    for i in range(1, st.size[slot] + 1):
        node = st.nodes[slot, i]
        if node < c.stops:
            other = c.request[c.unit[c.block[node]]]
            w.out[node] = c.rank[other] > c.rank[request] and not c.locked[node]
    take_out(c, st, old, w, slot)
    if _put_in(c, st, old, w, request, slot):
        call_in(c, st, w)
        recreate(c, st, old, w)
        weigh(c, st, w)
        if compared(w.left, best.left[1]) < 0:
            best.left[1] = w.left
            best.cost[1] = w.tally[2]
            settle(w)
            return True
    w.out[:] = False
    take_back(c, st, old, w)
    settle(w)
    return False


@inner
def _put_in(c: Columns, st: State, old: State, w: Work, request: int, slot: int) -> bool:
    """Insert a request into one slot, if it fits there."""
    for at in range(c.request_starts[request], c.request_starts[request + 1]):
        unit = c.request_units[at]
        own = slot_of_unit(c, st, unit)
        if not c.allowed[unit, c.kind[slot]] or (own >= 0 and own != slot):
            continue
        cost, first, second = offer(c, st, w, slot, unit, NEVER)
        if cost < NEVER:
            commit(c, st, old, w, unit, slot, first, second)
            return True
    return False
