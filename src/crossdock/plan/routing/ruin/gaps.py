"""Where a unit of stops costs a route least: every gap, most of them ruled out at a glance.

What is known of a gap (earliest departure, latest begin, loads) rules it out where it must; a gap
that would be the cheapest yet is then judged by timing the whole route, unless nothing but
distance, loads and single windows matters there.
"""

from __future__ import annotations

from crossdock.model.compiled import inner
from crossdock.plan.routing.breaks import BOUND, DUTY, HAIR, NEVER, window_of, with_least_breaks
from crossdock.plan.routing.draws import uniform
from crossdock.plan.routing.ruin.columns import (
    A_DISTANCE,
    A_DURATION,
    AFTER,
    BEFORE,
    END,
    FIXED,
    KEPT,
    MAX_DISTANCE,
    MAX_DURATION,
    MAX_STOPS,
    OVERTIME,
    REGULAR,
    SHIFT_ENDS,
    SHIFT_STARTS,
    START,
    WITHIN,
    Columns,
)
from crossdock.plan.routing.ruin.judge import extra, judged, parked
from crossdock.plan.routing.ruin.slots import in_one_tour
from crossdock.plan.routing.ruin.state import BLINKS, State, Work


@inner
def place_at(c: Columns, st: State, slot: int, position: int) -> int:
    """Place of a position; -1 behind an open route."""
    kind = c.kind[st.alias[slot]]
    if position == 0:
        return int(c.traits[kind, START])
    if position > st.size[slot]:
        return int(c.traits[kind, END])
    return int(c.place[st.nodes[slot, position]])


@inner
def through(c: Columns, block: int, place: int, clock: float) -> float:
    """When a block is left that is driven to from a place; `NEVER` where it is reached late."""
    for at in range(c.starts[block], c.starts[block + 1]):
        node = c.members[at]
        there = c.place[node]
        ready = clock + c.long[place, there] + parked(c, node, place)
        begins = window_of(c.opens, c.closes, c.window[node], c.window[node + 1], ready)
        if begins >= NEVER:
            return NEVER
        clock = begins + c.service[node]
        place = there
    return clock


@inner
def reaches(c: Columns, st: State, slot: int, position: int, place: int, clock: float) -> bool:
    """Whether who leaves a place then is in time at a position and all after it."""
    there = place_at(c, st, slot, position)
    if there < 0:
        return clock <= st.late[slot, position] + HAIR
    parks = position <= st.size[slot]
    park = parked(c, st.nodes[slot, position], place) if parks else 0.0
    return clock + c.long[place, there] + park <= st.late[slot, position] + HAIR


@inner
def added(c: Columns, block: int, before: int, after: int) -> float:
    """Length that a block adds between two places; ``after`` is -1 at the end of an open route."""
    first, last = c.starts[block], c.starts[block + 1] - 1
    length = c.far[before, c.place[c.members[first]]]
    for at in range(first, last):
        length += c.far[c.place[c.members[at]], c.place[c.members[at + 1]]]
    if after >= 0:
        length += c.far[c.place[c.members[last]], after] - c.far[before, after]
    return length


@inner
def is_gap(c: Columns, st: State, slot: int, position: int) -> bool:
    """Whether something may come after a position: it parts no sequence."""
    return position == 0 or c.glued[st.nodes[slot, position]] < 0


@inner
def block_is_plain(c: Columns, st: State, slot: int, block: int) -> bool:
    """Whether a gap of a plain slot that lets a block in need not be timed anew.

    Unless its tour then begins to load later: see `is_released`.
    """
    if not st.plain[slot]:
        return False
    for at in range(c.starts[block], c.starts[block + 1]):
        node = c.members[at]
        if c.window[node + 1] != c.window[node] + 1:
            return False
    return in_one_tour(c, st, slot) or _stays_in_its_tour(c, block)


@inner
def _stays_in_its_tour(c: Columns, block: int) -> bool:
    """Whether a block changes no load beyond its own tour."""
    changes = False
    for at in range(c.capacity.shape[1]):
        changes = changes or c.heavy[block, KEPT, at] != 0
    return not changes


@inner
def is_released(c: Columns, st: State, slot: int, block: int, position: int) -> bool:
    """Whether a tour with a position need not begin to load later for a block."""
    if not c.releases:
        return True
    latest = 0.0
    for at in range(c.starts[block], c.starts[block + 1]):
        latest = max(latest, c.release[c.members[at]])
    return latest <= st.ready[slot, position]


@inner
def fits_load(c: Columns, st: State, slot: int, block: int, position: int) -> bool:
    """Whether a block may be taken along from a position on."""
    kind = c.kind[st.alias[slot]]
    for at in range(c.capacity.shape[1]):
        most, before = c.capacity[kind, at], c.heavy[block, BEFORE, at]
        if (
            st.head[slot, position, at] + before > most
            or st.tail[slot, position, at] + c.heavy[block, AFTER, at] > most
            or st.load[slot, position, at] + before + c.heavy[block, WITHIN, at] > most
        ):
            return False
    return True


@inner
def base_cost(c: Columns, st: State, slot: int, block: int) -> float:
    """What a block costs a slot wherever it goes."""
    alias = st.alias[slot]
    cost = c.limits[c.kind[alias], FIXED] if st.size[slot] == 0 else 0.0
    for at in range(c.starts[block], c.starts[block + 1]):
        cost += extra(c, alias, c.members[at])
    return cost


@inner
def timed(c: Columns, st: State, w: Work, slot: int, count: int) -> float:
    """What the order in ``w.order`` costs more than the slot does now."""
    alias = st.alias[slot]
    cost = judged(c, alias, w.order, count, w.legs, w.labels, w.tally)
    if cost >= NEVER:
        return NEVER
    longer = max(w.tally[0] - w.tally[3], 0.0)
    return cost - st.cost[slot] + c.longest_cost * longer


@inner
def work_through(c: Columns, block: int, place: int) -> float:
    """Driving, parking and service from a place until a block is left, without any wait."""
    work = 0.0
    for at in range(c.starts[block], c.starts[block + 1]):
        node = c.members[at]
        there = c.place[node]
        work += c.long[place, there] + parked(c, node, place) + c.service[node]
        place = there
    return work


@inner
def work_to(c: Columns, st: State, slot: int, position: int, place: int) -> float:
    """Driving and parking from a place to a position; none behind an open route."""
    there = place_at(c, st, slot, position)
    if there < 0:
        return 0.0
    parks = position <= st.size[slot]
    return c.long[place, there] + (parked(c, st.nodes[slot, position], place) if parks else 0.0)


@inner
def added_work(c: Columns, st: State, slot: int, block: int, position: int) -> float:
    """Driving, parking and service that a block adds after a position."""
    before = place_at(c, st, slot, position)
    last = c.place[c.members[c.starts[block + 1] - 1]]
    work = work_through(c, block, before) + work_to(c, st, slot, position + 1, last)
    return work - work_to(c, st, slot, position + 1, before)


@inner
def least(c: Columns, st: State, slot: int, cost: float, work: float) -> float:
    """What a slot costs more at least for so much more work and other cost.

    `NEVER` where no day is that long, with the breaks that its work alone asks for: nearly all
    gaps of a full day go by this, and are not timed.
    """
    kind = c.kind[st.alias[slot]]
    lasts = with_least_breaks(st.work[slot] + work, c.hours[kind])
    limits = c.limits[kind]
    too_long = lasts > limits[MAX_DURATION] + HAIR
    if c.hours[kind, BOUND] > 0:
        too_long = too_long or lasts > c.hours[kind, DUTY] + HAIR
    if too_long or limits[SHIFT_STARTS] + lasts > limits[SHIFT_ENDS] + HAIR:
        return NEVER
    now = st.lasts[slot]
    over = max(lasts - limits[REGULAR], 0.0) - max(now - limits[REGULAR], 0.0)
    return cost + limits[A_DURATION] * (lasts - now) + limits[OVERTIME] * over


@inner
def with_block(c: Columns, st: State, w: Work, slot: int, block: int, position: int) -> int:
    """Write the slot with a block after a position into ``w.order``; its nodes."""
    count = 0
    for i in range(1, position + 1):
        count += 1
        w.order[count] = st.nodes[slot, i]
    for at in range(c.starts[block], c.starts[block + 1]):
        count += 1
        w.order[count] = c.members[at]
    for i in range(position + 1, st.size[slot] + 1):
        count += 1
        w.order[count] = st.nodes[slot, i]
    return count


@inner
def bounds(c: Columns, st: State, slot: int, block: int) -> tuple[int, int]:
    """First and last position after which a block may come, for its unit's order."""
    first, last = c.prefix[st.alias[slot]], st.size[slot]
    earlier = c.first_before[block + 1] > c.first_before[block]
    later = c.first_behind[block + 1] > c.first_behind[block]
    if not (earlier or later):
        return first, last
    for i in range(1, st.size[slot] + 1):
        other = c.block[st.nodes[slot, i]]
        for at in range(c.first_before[block], c.first_before[block + 1]):
            if c.before[at] == other:
                first = max(first, i)
        for at in range(c.first_behind[block], c.first_behind[block + 1]):
            if c.behind[at] == other:
                last = min(last, i - 1)
    return first, last


@inner
def stops_in(c: Columns, st: State, slot: int) -> int:
    """How often a slot stops, reloads not counted."""
    return int(st.size[slot] - st.reloads[slot] if c.reloads else st.size[slot])


@inner
def best_gap(
    c: Columns, st: State, w: Work, slot: int, block: int, below: float
) -> tuple[float, int]:
    """Least cost, under ``below``, of a block in a slot, and the position after which it comes."""
    kind = c.kind[st.alias[slot]]
    size = c.starts[block + 1] - c.starts[block]
    found, where = below, -1
    if stops_in(c, st, slot) + size > c.traits[kind, MAX_STOPS]:
        return found, where
    base, plain = base_cost(c, st, slot, block), block_is_plain(c, st, slot, block)
    last_place = c.place[c.members[c.starts[block + 1] - 1]]
    first, last = bounds(c, st, slot, block)
    for i in range(first, last + 1):
        before, after = place_at(c, st, slot, i), place_at(c, st, slot, i + 1)
        length = added(c, block, before, after)
        cost = base + c.limits[kind, A_DISTANCE] * length
        if cost >= found or not is_gap(c, st, slot, i) or uniform(w.random) < w.tally[BLINKS]:
            continue
        if st.length[slot] + length > c.limits[kind, MAX_DISTANCE] + HAIR and st.size[slot]:
            continue
        if not fits_load(c, st, slot, block, i):
            continue
        clock = through(c, block, before, st.early[slot, i])
        if clock >= NEVER or not reaches(c, st, slot, i + 1, last_place, clock):
            continue
        if not plain or st.size[slot] == 0 or not is_released(c, st, slot, block, i):
            if least(c, st, slot, cost, added_work(c, st, slot, block, i)) >= found:
                continue
            cost = timed(c, st, w, slot, with_block(c, st, w, slot, block, i))
        if cost < found:
            found, where = cost, i
    return found, where


@inner
def best_pair(
    c: Columns, st: State, w: Work, slot: int, one: int, other: int, below: float
) -> tuple[float, int, int]:
    """Least cost, under ``below``, of two blocks in their order, and the positions before them.

    Both positions are of the route as it is.
    """
    kind = c.kind[st.alias[slot]]
    sizes = c.starts[one + 1] - c.starts[one] + c.starts[other + 1] - c.starts[other]
    found, first, second = below, -1, -1
    if stops_in(c, st, slot) + sizes > c.traits[kind, MAX_STOPS]:
        return found, first, second
    base = base_cost(c, st, slot, one)
    for at in range(c.starts[other], c.starts[other + 1]):
        base += extra(c, st.alias[slot], c.members[at])
    for i in range(c.prefix[st.alias[slot]], st.size[slot] + 1):
        if not is_gap(c, st, slot, i) or uniform(w.random) < w.tally[BLINKS]:
            continue
        before = place_at(c, st, slot, i)
        clock = through(c, one, before, st.early[slot, i])
        if clock >= NEVER or not _both_fit(c, st, slot, one, other, i):
            continue
        cost, at = _second_gap(c, st, w, slot, one, other, i, clock, base, found)
        if cost < found:
            found, first, second = cost, i, at
    return found, first, second


@inner
def _both_fit(c: Columns, st: State, slot: int, one: int, other: int, i: int) -> bool:
    """Whether the load lets the first of two blocks in after a position.

    Where there are reloads, this and the next two only rule out: the other may be in another tour.
    """
    kind, together = c.kind[st.alias[slot]], in_one_tour(c, st, slot)
    for at in range(c.capacity.shape[1]):
        most = c.capacity[kind, at]
        before = c.heavy[one, BEFORE, at]
        if together:
            before += c.heavy[other, BEFORE, at]
        if st.head[slot, i, at] + before > most:
            return False
        if st.load[slot, i, at] + before + c.heavy[one, WITHIN, at] > most:
            return False
    return True


@inner
def _second_gap(
    c: Columns, st: State, w: Work, slot: int, one: int, other: int, i: int, clock: float,
    base: float, below: float,
) -> tuple[float, int]:  # fmt: skip
    """Where the second of two blocks goes when the first comes after position ``i``."""
    kind = c.kind[st.alias[slot]]
    rate = c.limits[kind, A_DISTANCE]
    plain = block_is_plain(c, st, slot, one) and block_is_plain(c, st, slot, other)
    plain = plain and in_one_tour(c, st, slot)
    plain = plain and is_released(c, st, slot, one, 0) and is_released(c, st, slot, other, 0)
    before, place = place_at(c, st, slot, i), c.place[c.members[c.starts[one + 1] - 1]]
    end_place = c.place[c.members[c.starts[other + 1] - 1]]
    detour = added(c, one, before, place_at(c, st, slot, i + 1))
    # Straight after the first, the second is reached from there.
    alone = added(c, one, before, -1)
    found, where = below, -1
    for j in range(i, st.size[slot] + 1):
        after = place_at(c, st, slot, j + 1)
        length = added(c, other, place, after) + detour
        if j == i:
            length = alone + added(c, other, place, after)
            length += c.far[place, after] - c.far[before, after] if after >= 0 else 0.0
        cost = base + rate * length
        good = cost < found and is_gap(c, st, slot, j) and uniform(w.random) >= w.tally[BLINKS]
        if good and st.size[slot]:
            good = st.length[slot] + length <= c.limits[kind, MAX_DISTANCE] + HAIR
        if good and _second_fits(c, st, slot, one, other, j):
            done = through(c, other, place, clock)
            if done < NEVER and reaches(c, st, slot, j + 1, end_place, done):
                if not plain or st.size[slot] == 0:
                    more = _work_of_pair(c, st, slot, one, other, i, j)
                    cost = least(c, st, slot, cost, more)
                    if cost < found:
                        cost = timed(c, st, w, slot, _with_pair(c, st, w, slot, one, other, i, j))
                if cost < found:
                    found, where = cost, j
        if j == st.size[slot] or not _carries_past(c, st, slot, one, other, j + 1):
            break
        clock, place = _onwards(c, st, slot, j + 1, place, clock), after
        if clock >= NEVER:
            break
    return found, where


@inner
def _work_of_pair(c: Columns, st: State, slot: int, one: int, other: int, i: int, j: int) -> float:
    """Driving, parking and service that two blocks add after two positions."""
    if j > i:
        return added_work(c, st, slot, one, i) + added_work(c, st, slot, other, j)
    before = place_at(c, st, slot, i)
    between = c.place[c.members[c.starts[one + 1] - 1]]
    last = c.place[c.members[c.starts[other + 1] - 1]]
    work = work_through(c, one, before) + work_through(c, other, between)
    return work + work_to(c, st, slot, i + 1, last) - work_to(c, st, slot, i + 1, before)


@inner
def _second_fits(c: Columns, st: State, slot: int, one: int, other: int, j: int) -> bool:
    """Whether the load lets the second of two blocks in after a position."""
    kind = c.kind[st.alias[slot]]
    still = AFTER if in_one_tour(c, st, slot) else KEPT
    for at in range(c.capacity.shape[1]):
        most = c.capacity[kind, at]
        rest = c.heavy[one, still, at] + c.heavy[other, AFTER, at]
        if st.tail[slot, j, at] + rest > most:
            return False
        within = st.load[slot, j, at] + c.heavy[one, still, at] + c.heavy[other, BEFORE, at]
        if within + c.heavy[other, WITHIN, at] > most:
            return False
    return True


@inner
def _carries_past(c: Columns, st: State, slot: int, one: int, other: int, j: int) -> bool:
    """Whether the first of two blocks may be on board when a position is left."""
    kind, together = c.kind[st.alias[slot]], in_one_tour(c, st, slot)
    for at in range(c.capacity.shape[1]):
        more = c.heavy[one, KEPT, at]
        if together:
            more = c.heavy[one, AFTER, at] + c.heavy[other, BEFORE, at]
        if st.load[slot, j, at] + more > c.capacity[kind, at]:
            return False
    return True


@inner
def _onwards(c: Columns, st: State, slot: int, position: int, place: int, clock: float) -> float:
    """When a position is left that is driven to from a place; `NEVER` where the rest is late."""
    node = st.nodes[slot, position]
    there = c.place[node]
    ready = clock + c.long[place, there] + parked(c, node, place)
    if ready > st.late[slot, position] + HAIR:
        return NEVER
    begins = window_of(c.opens, c.closes, c.window[node], c.window[node + 1], ready)
    return NEVER if begins >= NEVER else begins + c.service[node]


@inner
def _with_pair(
    c: Columns, st: State, w: Work, slot: int, one: int, other: int, i: int, j: int
) -> int:
    """Write the slot with two blocks after two positions into ``w.order``; its nodes."""
    count = 0
    for k in range(st.size[slot] + 1):
        if k:
            count += 1
            w.order[count] = st.nodes[slot, k]
        if k == i:
            for at in range(c.starts[one], c.starts[one + 1]):
                count += 1
                w.order[count] = c.members[at]
        if k == j:
            for at in range(c.starts[other], c.starts[other + 1]):
                count += 1
                w.order[count] = c.members[at]
    return count
