"""What an iteration takes out of its routes.

Mostly strings of near routes, as in Christiaens and Vanden Berghe (2020), "Slack induction by
string removals for vehicle routing problems", Transportation Science 54(2); now and then stops at
random, stops that are near in place and time, or most of one route.
"""

from __future__ import annotations

from crossdock.model.compiled import inner
from crossdock.plan.routing.draws import below, uniform
from crossdock.plan.routing.ruin.columns import Columns
from crossdock.plan.routing.ruin.reloads import shed
from crossdock.plan.routing.ruin.slots import in_one_tour, save, slots_in, take_out
from crossdock.plan.routing.ruin.state import State, Work

MEAN_REMOVED = 10
_LONGEST_STRING = 10
_MOST_OF_A_ROUTE = 30
_STRINGS, _RANDOM, _TIMES = 0.84, 0.9, 0.96
"""Chances, added up; the rest goes into routes."""
_SPLIT, _DEEPER, _ALL_OF_A_UNIT = 0.5, 0.01, 0.5


@inner
def ruin(c: Columns, st: State, old: State, w: Work) -> None:
    """Take stops out; they are marked in ``w.out``."""
    drawn = uniform(w.random)
    seed = below(w.random, c.stops)
    if drawn < _STRINGS:
        _strings(c, st, old, w, seed)
    elif drawn < _RANDOM:
        for _ in range(1 + below(w.random, 2 * MEAN_REMOVED)):
            mark(c, st, w, below(w.random, c.stops))
    elif drawn < _TIMES:
        _same_time(c, st, w, seed)
    else:
        _route(c, st, w, seed)
    for node in range(c.stops):
        slot = st.slot[node]
        if w.out[node] and slot >= 0:
            take_out(c, st, old, w, slot)
            if not in_one_tour(c, st, slot):
                shed(c, st, w, slot)


@inner
def mark(c: Columns, st: State, w: Work, node: int) -> None:
    """Mark the block of a node, and the rest of its unit: of two blocks both, of more perhaps."""
    if node >= c.stops or st.slot[node] < 0 or c.locked[node]:
        return
    block = c.block[node]
    unit = c.unit[block]
    first, last = c.unit_starts[unit], c.unit_starts[unit + 1]
    if last - first > 2 and uniform(w.random) >= _ALL_OF_A_UNIT:
        _mark_block(c, w, block)
        return
    for at in range(first, last):
        _mark_block(c, w, c.unit_blocks[at])


@inner
def _mark_block(c: Columns, w: Work, block: int) -> None:
    for at in range(c.starts[block], c.starts[block + 1]):
        node = c.members[at]
        w.out[node] = not c.locked[node]


@inner
def _strings(c: Columns, st: State, old: State, w: Work, seed: int) -> None:
    """A string of each of some routes near ``seed``."""
    stops, routes = 0, 0
    for slot in range(slots_in(c)):
        stops += st.size[slot]
        routes += st.size[slot] > 0
    if not routes:
        return
    longest = min(float(_LONGEST_STRING), stops / routes)
    most = 4 * MEAN_REMOVED / (1 + longest) - 1
    wanted = int(uniform(w.random) * most + 1)
    for at in range(c.near.shape[1]):
        node = c.near[seed, at]
        slot = st.slot[node]
        if slot < 0 or w.saved[slot] or c.locked[node]:
            continue
        save(st, old, w, slot)
        _string(c, st, w, slot, node, min(float(st.size[slot]), longest))
        wanted -= 1
        if wanted <= 0:
            return


@inner
def _string(c: Columns, st: State, w: Work, slot: int, node: int, longest: float) -> None:
    """Mark a string of a route that has ``node``, perhaps with some stops left within it."""
    count = st.size[slot]
    size = int(uniform(w.random) * longest) + 1
    kept = 0
    if 1 < size < count and uniform(w.random) < _SPLIT:
        kept = 1
        while size + kept < count and uniform(w.random) < _DEEPER:
            kept += 1
    place = _position(st, slot, node)
    whole = size + kept
    first = max(1, place - whole + 1)
    last = min(place, count - whole + 1)
    begin = first + below(w.random, last - first + 1)
    left = begin + 1 + below(w.random, max(size - 1, 1)) if kept else -1
    for i in range(begin, begin + whole):
        if not (kept and left <= i < left + kept):
            mark(c, st, w, st.nodes[slot, i])


@inner
def _same_time(c: Columns, st: State, w: Work, seed: int) -> None:
    """Mark stops near ``seed`` that are served at about the same time."""
    if st.slot[seed] < 0:
        return
    about, span = _when(st, seed), 0.0
    for at in range(c.near.shape[1]):
        node = c.near[seed, at]
        if st.slot[node] >= 0:
            span = max(span, abs(_when(st, node) - about))
    span *= 0.1 + 0.4 * uniform(w.random)
    wanted = 2 + below(w.random, 2 * MEAN_REMOVED)
    for at in range(c.near.shape[1]):
        node = c.near[seed, at]
        if st.slot[node] >= 0 and abs(_when(st, node) - about) <= span:
            mark(c, st, w, node)
            wanted -= 1
            if wanted <= 0:
                return


@inner
def _when(st: State, node: int) -> float:
    """Earliest departure from a node."""
    slot = st.slot[node]
    return float(st.early[slot, _position(st, slot, node)])


@inner
def _position(st: State, slot: int, node: int) -> int:
    i = 1
    while st.nodes[slot, i] != node:
        i += 1
    return i


@inner
def _tour(c: Columns, st: State, slot: int, node: int) -> tuple[int, int]:
    """First and last position of the tour of a node."""
    first = last = _position(st, slot, node)
    while first > 1 and st.nodes[slot, first - 1] < c.stops:
        first -= 1
    while last < st.size[slot] and st.nodes[slot, last + 1] < c.stops:
        last += 1
    return first, last


@inner
def _route(c: Columns, st: State, w: Work, seed: int) -> None:
    """Mark the route of ``seed``, of several tours the one, or a long string of it."""
    slot = st.slot[seed]
    if slot < 0:
        return
    first, last = 1, st.size[slot]
    if not in_one_tour(c, st, slot):
        first, last = _tour(c, st, slot, seed)
    size = min(last - first + 1, _MOST_OF_A_ROUTE)
    begin = first + below(w.random, last - first - size + 2)
    for i in range(begin, begin + size):
        mark(c, st, w, st.nodes[slot, i])
