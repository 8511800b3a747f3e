"""Insert what no route has: request by request, in an order that is drawn, where it costs least.

What ranks first is inserted first. An optional request without rank goes in only where it costs
less than its prize.
"""

from __future__ import annotations

import numpy as np

from crossdock.model.compiled import inner
from crossdock.plan.routing.breaks import NEVER
from crossdock.plan.routing.draws import uniform
from crossdock.plan.routing.ruin.columns import Columns
from crossdock.plan.routing.ruin.gaps import best_gap, best_pair
from crossdock.plan.routing.ruin.judge import longest_of
from crossdock.plan.routing.ruin.reloads import best_reload, chained, may_reload, reseat
from crossdock.plan.routing.ruin.slots import (
    copied,
    in_one_tour,
    insert_block,
    put,
    refresh,
    save,
    slots_in,
    take_out,
)
from crossdock.plan.routing.ruin.state import BEST_TRIAL, TRIAL, State, Work

_MOST_WAITING = 40
"""Of those that have been waiting for longer: others have their turn in other iterations."""
_WEIGHTS = (0.3, 0.6, 0.75, 0.8, 0.9, 1.0)
"""Random, demand, far, near, tight, due: chances, added up."""


@inner
def is_served(c: Columns, st: State, request: int) -> bool:
    """Whether a unit of a request is whole on a route."""
    for at in range(c.request_starts[request], c.request_starts[request + 1]):
        unit = c.request_units[at]
        if st.placed[unit] == c.unit_size[unit]:
            return True
    return False


@inner
def call_in(c: Columns, st: State, w: Work) -> None:
    """List the requests that no route has; of many that wait since long, some."""
    waiting, since_long = 0, 0
    for request in range(len(c.prize)):
        if not is_served(c, st, request):
            w.waiting[waiting] = request
            waiting += 1
            since_long += not _is_fresh(c, w, request)
    last = len(w.waiting) - 1
    w.waiting[last] = waiting
    if since_long > _MOST_WAITING:
        kept, share = 0, _MOST_WAITING / since_long
        for at in range(waiting):
            request = w.waiting[at]
            if _is_fresh(c, w, request) or uniform(w.random) < share:
                w.waiting[kept] = request
                kept += 1
        w.waiting[last] = kept
    w.out[:] = False


@inner
def _is_fresh(c: Columns, w: Work, request: int) -> bool:
    """Whether this iteration took a node of the request out."""
    for at in range(c.request_starts[request], c.request_starts[request + 1]):
        unit = c.request_units[at]
        for one in range(c.unit_starts[unit], c.unit_starts[unit + 1]):
            if w.out[c.members[c.starts[c.unit_blocks[one]]]]:
                return True
    return False


@inner
def sort_waiting(c: Columns, w: Work) -> None:
    """Put the waiting requests into an order that is drawn, within each rank."""
    count = w.waiting[len(w.waiting) - 1]
    drawn, way = uniform(w.random), 0
    while drawn >= _WEIGHTS[way]:
        way += 1
    keys = np.empty(count)
    for at in range(count):
        request = w.waiting[at]
        key = uniform(w.random)
        if way == 1:
            key = 1 - c.keys[request, 0]
        elif way == 2:
            key = 1 - c.keys[request, 1]
        elif way >= 3:
            key = c.keys[request, way - 2]
        keys[at] = c.rank[request] * 2.0 + key
    w.waiting[:count] = w.waiting[:count][np.argsort(keys, kind="mergesort")]


@inner
def recreate(c: Columns, st: State, old: State, w: Work) -> None:
    """Insert the waiting requests where each costs least."""
    sort_waiting(c, w)
    w.tally[3] = longest_of(st.lasts, slots_in(c)) if c.longest_cost > 0 else 0.0
    for at in range(w.waiting[len(w.waiting) - 1]):
        request = w.waiting[at]
        if not insert_request(c, st, old, w, request):
            _give_up(c, st, old, w, request)
    w.out[:] = False


@inner
def insert_request(c: Columns, st: State, old: State, w: Work, request: int) -> bool:
    """Insert a request where it costs least; False where it fits nowhere, or is not worth it."""
    ranked = c.rank[request] < c.lost.shape[1]
    best = NEVER if ranked else c.prize[request]
    chosen, unit_chosen, first, second = -1, -1, -1, -1
    begun = _begun(c, st, request)
    for at in range(c.request_starts[request], c.request_starts[request + 1]):
        unit = c.request_units[at]
        if begun >= 0 and unit != begun:
            continue
        own = slot_of_unit(c, st, unit)
        idle = -1
        for slot in range(slots_in(c)):
            kind = c.kind[slot]
            if (own >= 0 and slot != own) or not c.allowed[unit, kind] or st.cost[slot] >= NEVER:
                continue
            if st.size[slot] == 0:
                if kind == idle:
                    continue
                idle = kind
            cost, i, j = offer(c, st, w, slot, unit, best)
            if cost < best:
                best, chosen, unit_chosen, first, second = cost, slot, unit, i, j
    if chosen < 0:
        return False
    commit(c, st, old, w, unit_chosen, chosen, first, second)
    return True


@inner
def _begun(c: Columns, st: State, request: int) -> int:
    """The unit of a request that a route has in part; -1: none."""
    for at in range(c.request_starts[request], c.request_starts[request + 1]):
        unit = c.request_units[at]
        if st.placed[unit]:
            return int(unit)
    return -1


@inner
def slot_of_unit(c: Columns, st: State, unit: int) -> int:
    """The slot that has a unit, in part at least; -1: none."""
    for at in range(c.unit_starts[unit], c.unit_starts[unit + 1]):
        slot = st.slot[c.members[c.starts[c.unit_blocks[at]]]]
        if slot >= 0:
            return int(slot)
    return -1


@inner
def find_missing(c: Columns, st: State, w: Work, unit: int) -> int:
    """List the blocks of a unit that no route has."""
    missing = 0
    for at in range(c.unit_starts[unit], c.unit_starts[unit + 1]):
        block = c.unit_blocks[at]
        if st.slot[c.members[c.starts[block]]] < 0:
            w.missing[missing] = block
            missing += 1
    return missing


@inner
def offer(
    c: Columns, st: State, w: Work, slot: int, unit: int, below: float
) -> tuple[float, int, int]:
    """Least cost, under ``below``, of what is missing of a unit in a slot, and the positions.

    Positions of -2 say that the route is in the spare slot for the best trial.
    """
    missing, cost, i, j = find_missing(c, st, w, unit), below, -1, -1
    other, trial, best = -1, slots_in(c) + TRIAL, slots_in(c) + BEST_TRIAL
    if missing == 2 and st.placed[unit] == 0:
        second = w.missing[1]
        if c.first_before[second + 1] > c.first_before[second]:
            other = second
    if missing == 1:
        cost, i = best_gap(c, st, w, slot, w.missing[0], below)
    elif other >= 0:
        cost, i, j = best_pair(c, st, w, slot, w.missing[0], other, below)
    if missing == 1 or other >= 0:
        if may_reload(c, st, slot):
            reloaded = best_reload(c, st, w, slot, w.missing[0], other, cost, best)
            if reloaded < cost:
                return reloaded, -2, -2
        return cost, i, j
    copied(st, slot, st, trial)
    st.alias[trial] = slot
    if not chained(c, st, w, trial, missing):
        return below, -1, -1
    cost = st.cost[trial] - st.cost[slot]
    cost += c.longest_cost * max(st.lasts[trial] - w.tally[3], 0.0)
    if cost >= below:
        return below, -1, -1
    copied(st, trial, st, best)
    return cost, -2, -2


@inner
def commit(
    c: Columns, st: State, old: State, w: Work, unit: int, slot: int, first: int, second: int
) -> None:
    """Insert what is missing of a unit as `offer` has found it."""
    save(st, old, w, slot)
    missing = find_missing(c, st, w, unit)
    if first == -2:
        copied(st, slots_in(c) + BEST_TRIAL, st, slot)
    elif second >= 0:
        insert_block(c, st, w.missing[1], slot, second)
        insert_block(c, st, w.missing[0], slot, first)
    else:
        insert_block(c, st, w.missing[0], slot, first)
    for at in range(missing):
        block = w.missing[at]
        for one in range(c.starts[block], c.starts[block + 1]):
            put(c, st, c.members[one], slot)
    refresh(c, st, w, slot)
    if first == -2 and not in_one_tour(c, st, slot):
        reseat(c, st, w, slot)


@inner
def _give_up(c: Columns, st: State, old: State, w: Work, request: int) -> None:
    """Take a request out altogether of which a part is left on a route."""
    unit = _begun(c, st, request)
    if unit < 0:
        return
    slot = slot_of_unit(c, st, unit)
    for at in range(c.unit_starts[unit], c.unit_starts[unit + 1]):
        block = c.unit_blocks[at]
        for one in range(c.starts[block], c.starts[block + 1]):
            node = c.members[one]
            w.out[node] = st.slot[node] >= 0 and not c.locked[node]
    take_out(c, st, old, w, slot)


@inner
def weigh(c: Columns, st: State, w: Work) -> None:
    """Cost of the whole into ``w.tally``, what is left out by rank into ``w.left``."""
    cost = 0.0
    for slot in range(slots_in(c)):
        cost += st.cost[slot]
    w.left[:] = 0
    for request in range(len(c.prize)):
        if not is_served(c, st, request):
            cost += c.prize[request]
            for rank in range(len(w.left)):
                w.left[rank] += c.lost[request, rank]
    if c.longest_cost > 0:
        cost += c.longest_cost * longest_of(st.lasts, slots_in(c))
    w.tally[2] = cost


@inner
def compared(one: np.ndarray, other: np.ndarray) -> int:
    """-1 where less of a higher rank is left out in ``one``, 1 where more is, else 0."""
    for rank in range(len(one)):
        if one[rank] != other[rank]:
            return -1 if one[rank] < other[rank] else 1
    return 0
