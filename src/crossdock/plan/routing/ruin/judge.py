"""The cost of a route, and whether it may be driven: what the arbiter says, in compiled code."""

from __future__ import annotations

from crossdock.model.compiled import compiled, inner
from crossdock.plan.routing.breaks import (
    BOUND,
    HAIR,
    NEVER,
    Labels,
    Legs,
    latest_start,
    run,
    with_breaks,
)
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.ruin.columns import (
    A_DISTANCE,
    A_DURATION,
    BACKHAULS_LAST,
    END,
    END_WINDOW,
    FIXED,
    LOADING,
    MAX_DISTANCE,
    MAX_DURATION,
    MAX_RELOADS,
    MAX_STOPS,
    OVERTIME,
    REGULAR,
    SHIFT_ENDS,
    SHIFT_STARTS,
    START,
    START_WINDOW,
    STARTS_BY,
    TERRITORY,
    Columns,
)


@compiled
def judged(
    c: Columns, slot: int, order: Ints, count: int, legs: Legs, labels: Labels, tally: Floats
) -> float:
    """Cost of a route of ``slot`` along ``order``; `NEVER` where it breaks a limit.

    Its duration and length go into ``tally``.
    """
    tally[0], tally[1] = 0.0, 0.0
    if count == 0:
        return 0.0
    kind = c.kind[slot]
    if not _within_counts(c, kind, order, count) or not _carries(c, kind, order, count):
        return NEVER
    if c.traits[kind, BACKHAULS_LAST] and not _deliveries_first(c, order, count):
        return NEVER
    length = laid_out(c, kind, order, count, legs)
    if length > c.limits[kind, MAX_DISTANCE] + HAIR:
        return NEVER
    calls = count + 2 if c.traits[kind, END] >= 0 else count + 1
    lasts = _duration(c, kind, calls, legs, labels, c.limits[kind, SHIFT_STARTS])
    if lasts > c.limits[kind, MAX_DURATION] + HAIR:
        return NEVER
    tally[0], tally[1] = lasts, length
    cost = c.limits[kind, FIXED] + c.limits[kind, A_DISTANCE] * length
    cost += c.limits[kind, A_DURATION] * lasts
    cost += c.limits[kind, OVERTIME] * max(lasts - c.limits[kind, REGULAR], 0.0)
    for i in range(1, count + 1):
        cost += extra(c, slot, order[i])
        if c.eta_cost > 0 and c.promised[order[i]] >= 0:
            off = abs(legs.begins[i] - c.promised[order[i]])
            cost += c.eta_cost if off > c.tolerance + HAIR else 0.0
    return cost


@inner
def extra(c: Columns, slot: int, node: int) -> float:
    """What a node costs a slot wherever on the route: off its territory, moved from its vehicle."""
    cost = 0.0
    own, area = c.traits[c.kind[slot], TERRITORY], c.territory[node]
    if own >= 0 and area >= 0 and own != area:
        cost += c.territory_cost
    if c.home[node] >= 0 and c.home[node] != slot:
        cost += c.moved_cost
    return cost


@inner
def reloads_in(c: Columns, kind: int, order: Ints, count: int) -> int:
    """Reloads of a route of a vehicle type."""
    found = 0
    if c.reloads and c.traits[kind, MAX_RELOADS]:
        for i in range(1, count + 1):
            found += order[i] >= c.stops
    return found


@inner
def _within_counts(c: Columns, kind: int, order: Ints, count: int) -> bool:
    if not c.reloads:
        return count <= c.traits[kind, MAX_STOPS]
    reloads = reloads_in(c, kind, order, count)
    return count - reloads <= c.traits[kind, MAX_STOPS] and reloads <= c.traits[kind, MAX_RELOADS]


@inner
def parked(c: Columns, node: int, place: int) -> float:
    """What it takes to park for a node when one comes from a place."""
    return c.parking[node] if c.lot[c.place[node]] != c.lot[place] else 0.0


@inner
def laid_out(c: Columns, kind: int, order: Ints, count: int, legs: Legs) -> float:
    """Fill ``legs`` with the calls of a route; its length."""
    place = c.traits[kind, START]
    row = c.traits[kind, START_WINDOW]
    legs.drive[0], legs.park[0], legs.serve[0] = 0.0, 0.0, c.limits[kind, LOADING]
    legs.first[0], legs.last[0], legs.pause[0] = c.window[row], c.window[row + 1], 0.0
    length = 0.0
    for i in range(1, count + 1):
        node = order[i]
        there = c.place[node]
        length += c.far[place, there]
        legs.drive[i] = c.long[place, there]
        legs.park[i] = parked(c, node, place)
        legs.serve[i], legs.pause[i] = c.service[node], 0.0
        legs.first[i], legs.last[i] = c.window[node], c.window[node + 1]
        place = there
    end = c.traits[kind, END]
    if end >= 0:
        row, i = c.traits[kind, END_WINDOW], count + 1
        length += c.far[place, end]
        legs.drive[i], legs.park[i], legs.serve[i] = c.long[place, end], 0.0, 0.0
        legs.first[i], legs.last[i], legs.pause[i] = c.window[row], c.window[row + 1], 0.0
    if c.releases:
        _released(c, kind, order, count, legs)
    return length


@inner
def _released(c: Columns, kind: int, order: Ints, count: int, legs: Legs) -> None:
    """A tour begins to load only when the last of its stops is released."""
    depot, at, latest = c.traits[kind, START_WINDOW] - c.stops, 0, 0
    for i in range(1, count + 2):
        if i > count or order[i] >= c.stops:
            row = c.released[depot, latest]
            legs.first[at], legs.last[at] = row, row + 1
            if i <= count:
                depot, at, latest = order[i] - c.stops, i, 0
        else:
            latest = max(latest, c.late[order[i]])


@inner
def _duration(c: Columns, kind: int, calls: int, legs: Legs, labels: Labels, clock: float) -> float:
    """From the latest start that ends as early as can be to that end; `NEVER` if it is late."""
    starts_by = c.limits[kind, STARTS_BY]
    end = run(legs, calls, c.opens, c.closes, clock)
    if end >= NEVER or legs.begins[0] > starts_by + HAIR:
        return NEVER
    if c.hours[kind, BOUND] > 0:
        start, end, _ = with_breaks(
            legs, calls, c.opens, c.closes, starts_by, c.hours[kind], labels
        )
    else:
        start = max(legs.begins[0], min(latest_start(legs, calls, c.opens, c.closes), starts_by))
        if c.eta_cost > 0:
            run(legs, calls, c.opens, c.closes, start)
    return NEVER if end > c.limits[kind, SHIFT_ENDS] + HAIR else end - start


@inner
def _carries(c: Columns, kind: int, order: Ints, count: int) -> bool:
    """Whether no leg has more on board than the vehicle may carry."""
    first = 1
    while first <= count + 1:
        last = tour_end(c, order, count, first)
        for at in range(c.capacity.shape[1]):
            load = loaded(c, kind, order, first, last, at)
            if load > c.capacity[kind, at]:
                return False
            for i in range(first, last):
                node = order[i]
                load += c.carried[node, at] - c.delivery[node, at] + c.pickup[node, at]
                if load > c.capacity[kind, at]:
                    return False
        first = last + 1
    return True


@inner
def tour_end(c: Columns, order: Ints, count: int, first: int) -> int:
    """The position behind the tour that begins with one: of a reload, or of the end."""
    if not c.reloads:
        return count + 1
    last = first
    while last <= count and order[last] < c.stops:
        last += 1
    return last


@inner
def loaded(c: Columns, kind: int, order: Ints, first: int, last: int, at: int) -> int:
    """Load of a dimension when a tour sets out; shipments stay on board over a reload."""
    load = 0
    if first == 1:
        load += c.on_board[kind, at]
    else:
        for i in range(1, first):
            load += c.carried[order[i], at]
    for i in range(first, last):
        load += c.delivery[order[i], at]
    return load


@inner
def _deliveries_first(c: Columns, order: Ints, count: int) -> bool:
    """Whether pickups of each tour come after deliveries, and some delivery before them.

    A stop that does both delivers first.
    """
    delivered, collects = False, False
    for i in range(1, count + 1):
        node = order[i]
        if node >= c.stops:
            if collects and not delivered:
                return False
            delivered = collects = False
        if c.delivery[node].max() > 0:
            if collects:
                return False
            delivered = True
        if c.pickup[node].max() > 0:
            collects = True
    return delivered or not collects


@inner
def longest_of(lasts: Floats, slots: int) -> float:
    """The longest duration of all routes."""
    longest = 0.0
    for slot in range(slots):
        longest = max(longest, lasts[slot])
    return longest
