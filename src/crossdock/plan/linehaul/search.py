"""Ruin and recreate with annealing: take a few chunks off, put each back where it costs least.

A departure is emptied (and closed while its chunks look for another), or offered free of charge to
chunks that could share it, or a slice of one origin or destination is re-dealt. Volumes are small
beside a trailer, so moving one chunk at a time would never open or close a departure.
"""

from __future__ import annotations

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.linehaul.ladder import FloatArray, IntArray
from crossdock.plan.linehaul.order import rank
from crossdock.plan.linehaul.paths import Paths
from crossdock.plan.linehaul.state import (
    INJECT,
    Model,
    State,
    Users,
    arc_delta,
    chosen_arcs,
    move,
    objective,
    own_usd,
    state_of,
)

SLOPE_ROUNDS = 8
MOST_REMOVED = 36
BLINK = 50
"""One path in so many is overlooked: keeps insertion from being greedy twice alike (SISR)."""
ANY_ROUTE = -1
INJECT_ONLY = -2
NO_ARC = -1


def start_choice(model: Model, rate_cm3: FloatArray) -> IntArray:
    """Slope scaling: all-or-nothing choices by linear prices, prices by the last choices' cost.

    Parameters
    ----------
    rate_cm3
        First price of a cm3 on each ladder.
    """
    commodity_paths = np.diff(model.paths.start)[model.chunk_commodity]
    chunk = np.repeat(np.arange(commodity_paths.size), commodity_paths)
    first = np.cumsum(commodity_paths) - commodity_paths
    path = np.arange(chunk.size) - (first - model.paths.start[model.chunk_commodity])[chunk]
    own = own_usd(model, chunk, path)
    arcs = chosen_arcs(model, path)
    # An extra price of 0 at the end answers for the -1 that pads a path.
    price = np.append(rate_cm3[model.arc_ladder], 0.0)
    choice = np.full(commodity_paths.size, INJECT, dtype=np.int64)
    for _ in range(SLOPE_ROUNDS):
        usd = own + price[arcs].sum(axis=1) * model.chunk_cm3[chunk]
        ranked = np.lexsort((usd, chunk))
        has_path = commodity_paths > 0
        best = ranked[first[has_path]]
        choice[has_path] = np.where(
            usd[best] < model.chunk_inject_usd[has_path], path[best], INJECT
        )
        state = state_of(model, choice)
        used = np.flatnonzero(state.arc_cm3)
        price[used] = state.arc_usd[used] / state.arc_cm3[used]
    return choice


def anneal(
    model: Model,
    choice: IntArray,
    rng: np.random.Generator,
    moves: int,
    hot_usd: float,
    cold_usd: float,
) -> tuple[float, IntArray]:
    """Best plan found from ``choice`` in ``moves`` moves, after reinserting each chunk once.

    Parameters
    ----------
    rng
        Draws the moves.
    hot_usd, cold_usd
        First and last temperature; 0 accepts improvements only.

    Returns
    -------
    tuple
        Objective with penalties, and the choice of each chunk.
    """
    state = state_of(model, choice)
    best = choice.copy()
    _anneal(model, state, best, objective(model, state), rng, moves, hot_usd, cold_usd)
    return objective(model, state_of(model, best)), best


@compiled
def route_costs(
    model: Model, state: State, chunks: IntArray, routes: IntArray, usd: FloatArray
) -> float:
    """Marginal cost of ``chunks`` as planned, and of sending all of them by each of ``routes``.

    Parameters
    ----------
    routes
        Rows of `Routes`, or `INJECT_ONLY`.
    usd
        Filled, one a route; infinite where a chunk has no path of it. ``state`` is restored.
    """
    before: IntArray = np.zeros(chunks.size, np.int64)
    now = 0.0
    for index in range(chunks.size):
        before[index] = state.choice[chunks[index]]
        now -= move(model, state, chunks[index], int(before[index]), -1)
    for column in range(routes.size):
        usd[column] = 0.0
        placed = 0
        for chunk in chunks:
            path, delta = cheapest_path(model, state, chunk, routes[column], NO_ARC, NO_ARC, -1)
            usd[column] += delta
            if delta == np.inf:
                break
            move(model, state, chunk, path, 1)
            placed += 1
        for index in range(placed):
            move(model, state, chunks[index], int(state.choice[chunks[index]]), -1)
    for index in range(chunks.size):
        move(model, state, chunks[index], int(before[index]), 1)
    return now


@compiled
def cheapest_path(
    model: Model,
    state: State,
    chunk: int,
    route: int,
    closed: int,
    free: int,
    overlooked: int,
) -> tuple[int, float]:
    """Path with the least marginal cost for a chunk that is not placed, and that cost.

    Parameters
    ----------
    route
        Only paths of this route, or `ANY_ROUTE`, or `INJECT_ONLY`.
    closed
        Arc not to be used.
    free
        Arc that costs nothing.
    overlooked
        Paths with this remainder by `BLINK` are passed over; -1: none.
    """
    best = INJECT
    best_usd = float(model.chunk_inject_usd[chunk]) if route < 0 else np.inf
    if route == INJECT_ONLY:
        return best, best_usd
    state.insertion[0] += 1
    late_usd = model.late_usd * model.chunk_parcels[chunk]
    commodity = model.chunk_commodity[chunk]
    for path in range(model.paths.start[commodity], model.paths.start[commodity + 1]):
        if route >= 0 and model.paths.route[path] != route:
            continue
        usd = float(model.paths.handling_usd[path] * model.chunk_pieces[chunk])
        usd += late_usd * model.paths.late_days[path]
        if usd >= best_usd or path % BLINK == overlooked:
            continue
        for leg in range(model.paths.arcs.shape[1]):
            arc = int(model.paths.arcs[path, leg])
            if arc < 0 or usd >= best_usd:
                break
            if arc == closed:
                usd = np.inf
            elif arc != free:
                # Worked out once an insertion: the paths of a chunk share most departures.
                if state.memo_insertion[arc] != state.insertion[0]:
                    state.memo_insertion[arc] = state.insertion[0]
                    state.memo_usd[arc] = arc_delta(model, state, arc, chunk)
                usd += float(state.memo_usd[arc])
        if usd < best_usd:
            best_usd = usd
            best = path
    return best, best_usd


@compiled
def path_costs(model: Model, state: State, chunk: int, usd: FloatArray) -> None:
    """Marginal cost of the departures of each path of a chunk that is not placed."""
    first = model.paths.start[model.chunk_commodity[chunk]]
    for index in range(usd.size):
        usd[index] = 0.0
        for leg in range(model.paths.arcs.shape[1]):
            arc = model.paths.arcs[first + index, leg]
            if arc >= 0:
                usd[index] += arc_delta(model, state, arc, chunk)


@compiled
def _anneal(
    model: Model,
    state: State,
    best: IntArray,
    usd: float,
    rng: np.random.Generator,
    moves: int,
    hot_usd: float,
    cold_usd: float,
) -> None:
    best_usd = usd
    chunks = state.choice.size
    removed: IntArray = np.zeros(MOST_REMOVED, np.int64)
    order: IntArray = np.zeros(MOST_REMOVED, np.int64)
    keys = np.zeros(MOST_REMOVED)
    before: IntArray = np.zeros(MOST_REMOVED, np.int64)
    for turn in range(chunks + moves):
        closed = free = NO_ARC
        count = 1
        removed[0] = turn
        if turn >= chunks:
            count, closed, free = _choose_removal(model, state, removed, rng)
        largest_first = rng.random() < 0.5
        delta = 0.0
        for index in range(count):
            chunk = int(removed[index])
            before[index] = state.choice[chunk]
            delta += move(model, state, chunk, int(before[index]), -1)
            # Either order finds what the other misses.
            keys[index] = -model.chunk_cm3[chunk] if largest_first else rng.random()
        rank(keys, count, order)
        for index in range(count):
            chunk = int(removed[int(order[index])])
            blink = _random_below(rng, BLINK)
            path, cost = cheapest_path(model, state, chunk, ANY_ROUTE, closed, free, blink)
            if cost == np.inf:
                path = int(before[int(order[index])])
            delta += move(model, state, chunk, path, 1)
        heat = 0.0
        if hot_usd > 0.0 and turn >= chunks:
            heat = hot_usd * (cold_usd / hot_usd) ** ((turn - chunks) / moves)
        if delta <= 0.0 or (heat > 0.0 and delta < -heat * np.log(rng.random())):
            usd += delta
            if usd < best_usd - 1e-6:
                best_usd = usd
                for chunk in range(chunks):
                    best[chunk] = state.choice[chunk]
            continue
        for index in range(count):
            move(model, state, removed[index], int(state.choice[removed[index]]), -1)
        for index in range(count):
            move(model, state, removed[index], int(before[index]), 1)


@compiled
def _choose_removal(
    model: Model, state: State, removed: IntArray, rng: np.random.Generator
) -> tuple[int, int, int]:
    """Chunks to move into ``removed``; their number, the arc to close and the arc to free."""
    chunks = state.choice.size
    chunk = _random_below(rng, chunks)
    kind = rng.random()
    if kind < 0.35:
        arc = _wasteful_arc(
            model.paths.arcs, state.choice, state.arc_usd, state.arc_cm3, chunk, rng
        )
        if arc != NO_ARC:
            return (
                _gather(model.users, model.paths.arcs, state.choice, arc, 1.0, True, removed, rng),
                arc,
                NO_ARC,
            )
    elif kind < 0.65:
        arc = _possible_arc(model.paths, model.chunk_commodity[chunk], rng)
        if arc != NO_ARC:
            share = 0.3 + 0.7 * rng.random()
            return (
                _gather(
                    model.users, model.paths.arcs, state.choice, arc, share, False, removed, rng
                ),
                NO_ARC,
                arc,
            )
    elif kind < 0.85:
        end = model.chunk_destination if rng.random() < 0.7 else model.chunk_origin
        return _slice(end, chunk, removed, rng), NO_ARC, NO_ARC
    count = min(4, chunks)
    for index in range(count):
        removed[index] = (chunk + index) % chunks
    return count, NO_ARC, NO_ARC


@compiled
def _random_below(rng: np.random.Generator, count: int) -> int:
    return int(rng.random() * count)


@compiled
def _wasteful_arc(
    path_arcs: IntArray,
    choice: IntArray,
    arc_usd: FloatArray,
    arc_cm3: IntArray,
    chunk: int,
    rng: np.random.Generator,
) -> int:
    """Worst-priced departure among those of three random chunks, dollars a cm3."""
    worst, worst_rate = NO_ARC, 0.0
    for _ in range(3):
        path = choice[chunk]
        if path != INJECT:
            for leg in range(path_arcs.shape[1]):
                arc = path_arcs[path, leg]
                if arc < 0:
                    break
                rate = arc_usd[arc] / max(1, arc_cm3[arc])
                if rate > worst_rate:
                    worst, worst_rate = arc, rate
        chunk = _random_below(rng, choice.size)
    return worst


@compiled
def _possible_arc(paths: Paths, commodity: int, rng: np.random.Generator) -> int:
    """A departure of a random path of a commodity, preferring the promising ones."""
    first = paths.start[commodity]
    count = paths.start[commodity + 1] - first
    if count == 0:
        return NO_ARC
    path = first + int(count * rng.random() ** 2)
    legs = 0
    while legs < paths.arcs.shape[1] and paths.arcs[path, legs] >= 0:
        legs += 1
    return int(paths.arcs[path, _random_below(rng, legs)])


@compiled
def _gather(
    users: Users,
    path_arcs: IntArray,
    choice: IntArray,
    arc: int,
    share: float,
    riding: bool,
    removed: IntArray,
    rng: np.random.Generator,
) -> int:
    """Chunks that could ride a departure, or do; a random share of them, from a random start."""
    count = 0
    first, last = users.start[arc], users.start[arc + 1]
    offset = _random_below(rng, last - first)
    for index in range(last - first):
        commodity = users.commodity[first + (index + offset) % (last - first)]
        for chunk in range(users.chunk_start[commodity], users.chunk_start[commodity + 1]):
            wanted = count < removed.size and (share == 1.0 or rng.random() < share)
            if wanted and riding:
                path = choice[chunk]
                wanted = False
                for leg in range(path_arcs.shape[1]):
                    wanted = wanted or (path != INJECT and path_arcs[path, leg] == arc)
            if wanted:
                removed[count] = chunk
                count += 1
    return count


@compiled
def _slice(end: IntArray, chunk: int, removed: IntArray, rng: np.random.Generator) -> int:
    """Chunks with the same end (destination, or origin), from the given one on."""
    count = 0
    most = 3 + _random_below(rng, removed.size - 3)
    for index in range(end.size):
        other = (chunk + index) % end.size
        if end[other] == end[chunk] and count < most:
            removed[count] = other
            count += 1
    return count
