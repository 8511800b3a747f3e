"""A search by ruin and recreate: from a problem to bare routes, within a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.breaks import NEVER
from crossdock.plan.routing.budget import Meter
from crossdock.plan.routing.draws import seeded
from crossdock.plan.routing.pool import PooledRoute, RoutePool
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.ruin.anneal import Best, anneal, first_plan, load
from crossdock.plan.routing.ruin.columns import (
    SPARE,
    Columns,
    Lead,
    columns_of,
    most_reloads,
    prefixes_of,
    slots_of,
)
from crossdock.plan.routing.ruin.handles import columns_handle, state_handle, work_handle
from crossdock.plan.routing.ruin.judge import judged
from crossdock.plan.routing.ruin.room import make_room
from crossdock.plan.routing.ruin.state import empty_state, room_for
from crossdock.plan.routing.solution import Sequences

MOST_PLACES = 4000
"""Distances between all of them are held at once."""
STEPS = 10
"""Ruins to one iteration of a budget: about what the kernel's iteration costs."""

_TORN_UNTIL = 0.5
"""Share of the budget after which a pin whose relations were never kept is given up."""
_CHUNK = 5
_CHUNK_S = 0.03
_HOT, _WARM, _COLDER = 1.0, 0.1, 0.01
"""Temperature at first, in mean costs of a stop, without and with routes to begin with; how much of
it is left at last. Measured on Solomon's R103, R201 and RC101."""


@dataclass(frozen=True)
class FoundRich:
    """Where a search ended, and the routes seen on the way where they were asked for."""

    routes: Sequences
    interrupted: bool
    seen: Sequence[PooledRoute] = ()


class Search:
    """Routes of one problem while they are searched.

    Parameters
    ----------
    start
        Routes to begin with, one for each slot as of `planned_slots`, or none at all; those at
        fault are taken apart.
    lead
        What plans before say.
    unpinned
        Slots of which nothing is pinned after all: the stops that were are left out.

    Raises
    ------
    InvalidValueError
        The problem is too large, or its relations contradict each other.
    """

    def __init__(
        self,
        problem: Problem,
        seed: int,
        start: Sequence[tuple[int, Sequence[int]]] = (),
        lead: Lead | None = None,
        unpinned: frozenset[int] = frozenset(),
    ) -> None:
        refuse_too_large(problem)
        self._unpinned = unpinned
        self._problem = problem
        self._hot = _WARM if any(nodes for _, nodes in start) else _HOT
        self.seen = RoutePool()
        columns = columns_of(problem, lead)
        self._work = room_for(columns, seeded(seed))
        self._columns, nodes, count = self._begin(columns, start)
        self._state, self._old = empty_state(self._columns), empty_state(self._columns)
        self._best = Best(
            nodes=np.empty_like(self._state.nodes),
            size=np.zeros_like(self._state.size),
            cost=np.full(2, NEVER),
            left=np.zeros((2, columns.lost.shape[1]), dtype=np.int64),
        )
        self._held = (
            columns_handle(self._columns), state_handle(self._state), state_handle(self._old),
            work_handle(self._work),
        )  # fmt: skip
        columns_held, state, old, work = self._held
        load(columns_held, state, work, nodes, count)
        first_plan(columns_held, state, old, work, self._best)

    @property
    def cost(self) -> float:
        """Of the best routes, what is left out at its prize."""
        return float(self._best.cost[0])

    @property
    def complete(self) -> bool:
        """Whether the best routes leave nothing out that ranks."""
        return not self._best.left[0].any()

    def run(
        self,
        meter: Meter,
        on_best: Callable[[float], None],
        until: float = 1.0,
        *,
        pooled: bool = False,
    ) -> None:
        """Search until a share of the budget of ``meter`` is spent.

        Parameters
        ----------
        pooled
            Whether routes on the way are kept in ``seen``.

        Raises
        ------
        KeyboardInterrupt
            The user stopped it; the best routes are kept.
        """
        begins, told = meter.spent(), NEVER
        chunk, ruins, before = _CHUNK * STEPS, 0, meter.iterations
        worth = self.cost / max(len(self._problem.nodes), 1)
        while meter.spent() < until:
            if self.complete and self.cost < told:
                told = self.cost
                on_best(told)
            left, left_s = meter.left_iterations(), meter.left_s()
            steps = chunk if left is None else min(chunk, left * STEPS)
            done = (meter.spent() - begins) / max(until - begins, 1e-9)
            heat = worth * self._hot * _COLDER ** min(done, 1.0)
            anneal(*self._held, self._best, steps, heat, 1.0)
            ruins += steps
            meter.iterations = before + -(-ruins // STEPS)
            if pooled:
                self._keep_seen()
            if left_s is not None:
                took_s = left_s - (meter.left_s() or 0.0)
                chunk = max(1, min(2 * chunk, int(chunk * _CHUNK_S / max(took_s, 1e-4))))
        if not self.complete:
            make_room(*self._held, self._best)
        if self.complete and self.cost < told:
            on_best(self.cost)

    def _keep_seen(self) -> None:
        state, kinds, stops = self._state, self._columns.kind, self._columns.stops
        self.seen.add(
            PooledRoute(
                int(kinds[slot]),
                tuple(_renumbered(state.nodes[slot, 1 : state.size[slot] + 1].tolist(), stops)),
                float(state.cost[slot]),
            )
            for slot in range(len(kinds) - SPARE)
            if state.size[slot]
        )

    def sequences(self) -> list[tuple[int, list[int]]]:
        """The best routes."""
        kinds = self._columns.kind
        return [(int(kinds[slot]), nodes) for slot, nodes in enumerate(self.slots()) if nodes]

    def torn_pins(self) -> frozenset[int]:
        """Slots of which a pinned stop is served without those that it has to be served with."""
        c, served = self._columns, {node for nodes in self.slots() for node in nodes}
        units = c.unit[c.block[: c.stops]]
        torn = {int(units[node]) for node in range(len(units)) if node not in served}
        return frozenset(
            slot
            for slot, nodes in enumerate(self.slots())
            if any(int(units[node]) in torn for node in nodes[: int(c.prefix[slot])])
        )

    def slots(self) -> list[list[int]]:
        """Nodes of the best route of every slot."""
        best, stops = self._best, self._columns.stops
        return [
            _renumbered(best.nodes[slot, 1 : best.size[slot] + 1].tolist(), stops)
            for slot in range(len(best.size) - SPARE)
        ]

    def _begin(
        self, columns: Columns, start: Sequence[tuple[int, Sequence[int]]]
    ) -> tuple[Columns, np.ndarray, np.ndarray]:
        """Routes to begin with; of a slot whose pinned stops cannot be served nothing is pinned."""
        slots = len(columns.kind) - SPARE
        prefixes = prefixes_of(self._problem, columns)
        prefix, locked = columns.prefix.copy(), columns.locked.copy()
        allowed = columns.allowed.copy()
        owners: dict[int, set[int]] = {}
        for slot, nodes in enumerate(prefixes):
            for unit in columns.unit[columns.block[list(nodes)]].tolist() if nodes else ():
                owners.setdefault(unit, set()).add(slot)
        for slot, nodes in enumerate(prefixes):
            if not nodes:
                continue
            units = columns.unit[columns.block[list(nodes)]].tolist()
            alone = all(owners[unit] == {slot} for unit in units)
            alone = alone and slot not in self._unpinned and _agrees(columns, nodes)
            if not (alone and self._may_drive(columns, slot, nodes)):
                prefix[slot], prefixes[slot] = 0, ()
                locked[list(nodes)] = False
                allowed[columns.unit[columns.block[list(nodes)]]] = False
        columns = columns._replace(prefix=prefix, locked=locked, allowed=allowed)
        rows: list[Sequence[int]] = list(prefixes)
        for slot, (_, told) in enumerate(start):
            route = _renumbered(told, columns.stops)
            whole = tuple(route[: len(prefixes[slot])]) == tuple(prefixes[slot])
            if route and whole and self._may_drive(columns, slot, route):
                rows[slot] = route
        nodes = np.zeros((len(columns.kind), max(map(len, rows), default=0) + 1), dtype=np.int64)
        count = np.zeros(len(columns.kind), dtype=np.int64)
        for slot in range(slots):
            count[slot] = len(rows[slot])
            nodes[slot, 1 : count[slot] + 1] = rows[slot]
        return columns, nodes, count

    def _may_drive(self, columns: Columns, slot: int, nodes: Sequence[int]) -> bool:
        order = np.array([0, *nodes], dtype=np.int64)
        work, kind = self._work, columns.kind[slot]
        stops, reloads = order[1:][order[1:] < columns.stops], order[1:][order[1:] >= columns.stops]
        may = columns.allowed[columns.unit[columns.block[stops]], kind].all()
        may = may and columns.may_reload[kind, reloads - columns.stops].all()
        if not may or len(reloads) > most_reloads(columns):
            return False
        held = columns_handle(columns)
        cost = judged(held, slot, order, len(nodes), work.legs, work.labels, work.tally)
        return cost < NEVER


def _renumbered(nodes: Sequence[int], stops: int) -> list[int]:
    """A route as compiled code has it from one that is told, and the other way round."""
    return [node if 0 <= node < stops else stops - 1 - node for node in nodes]


def _agrees(c: Columns, prefix: Sequence[int]) -> bool:
    """Whether a route may begin like this for its relations: no stop without those before it."""
    at = {node: place for place, node in enumerate(prefix)}
    for node, place in at.items():
        block = c.block[node]
        own = c.members[c.starts[block] : c.starts[block + 1]].tolist()
        if own[0] not in at or prefix[at[own[0]] : at[own[0]] + len(own)] != (*own,):
            return False
        for earlier in c.before[c.first_before[block] : c.first_before[block + 1]].tolist():
            if at.get(int(c.members[c.starts[earlier + 1] - 1]), place) >= place:
                return False
    return True


def planned_slots(
    problem: Problem, start: Sequence[tuple[int, Sequence[int]]]
) -> list[tuple[int, list[int]]]:
    """Vehicle type and route of each slot: routes with pinned stops in their own, others in turn.

    A pinned slot whose route is not told begins with what is pinned.
    """
    kinds, pinned = slots_of(problem)
    found: list[list[int]] = [list(nodes) for nodes in pinned]
    taken = [False] * len(kinds)
    free: dict[int, list[int]] = {}
    for slot, kind in enumerate(kinds):
        if not pinned[slot]:
            free.setdefault(kind, []).append(slot)
    for kind, nodes in start:
        own = [
            slot
            for slot, prefix in enumerate(pinned)
            if prefix and kinds[slot] == kind and tuple(nodes[: len(prefix)]) == prefix
        ]
        if not own and free.get(kind):
            own = [free[kind].pop(0)]
        if own and not taken[own[0]]:
            taken[own[0]] = True
            found[own[0]] = list(nodes)
    settled = {node for nodes in pinned for node in nodes}
    return [
        (
            kind,
            nodes[: len(prefix)] + [each for each in nodes[len(prefix) :] if each not in settled],
        )
        for kind, nodes, prefix in zip(kinds, found, pinned, strict=True)
    ]


def refuse_too_large(problem: Problem) -> None:
    """Raise `InvalidValueError` where distances would not fit into memory."""
    if len(problem.nodes) > MOST_PLACES:
        raise InvalidValueError(
            f"{len(problem.nodes):,} stops with relations, priorities, pins, hours or the like",
            remedy=f"plan parts of up to {MOST_PLACES:,} stops",
        )


def searched(
    problem: Problem,
    meter: Meter,
    seed: int,
    on_best: Callable[[float], None],
    start: Sequences = (),
    *,
    pooled: bool = False,
) -> FoundRich:
    """The best routes found within the budget of ``meter``."""
    rows = planned_slots(problem, start) if start else ()
    search = Search(problem, seed, rows)
    interrupted = False
    try:
        began_torn = bool(search.torn_pins())
        search.run(meter, on_best, _TORN_UNTIL if began_torn else 1.0, pooled=pooled)
        torn = search.torn_pins()
        if torn:
            search = Search(problem, seed, rows, unpinned=torn)
        if torn or began_torn:
            search.run(meter, on_best, pooled=pooled)
    except KeyboardInterrupt:
        interrupted = True
    return FoundRich(search.sequences(), interrupted, search.seen.routes())
