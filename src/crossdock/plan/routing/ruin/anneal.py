"""Ruin and recreate, again and again: what becomes dearer is accepted less and less."""

from __future__ import annotations

import math
from typing import NamedTuple

from crossdock.model.compiled import compiled, inner
from crossdock.plan.routing.breaks import NEVER
from crossdock.plan.routing.draws import uniform
from crossdock.plan.routing.metric import Ints
from crossdock.plan.routing.ruin.columns import Column, Columns
from crossdock.plan.routing.ruin.recreate import (
    call_in,
    compared,
    is_served,
    recreate,
    weigh,
)
from crossdock.plan.routing.ruin.remove import ruin
from crossdock.plan.routing.ruin.slots import put, refresh, settle, slots_in, take_back
from crossdock.plan.routing.ruin.state import State, Work

_HAIR = 1e-7


class Best(NamedTuple):
    """The best routes so far, and where the search stands.

    Attributes
    ----------
    nodes, size
        As of `State`.
    cost
        Of the best, and of the routes as they are.
    left
        What both leave out, by rank.
    """

    nodes: Column
    size: Column
    cost: Column
    left: Column


@compiled
def load(c: Columns, st: State, w: Work, nodes: Ints, count: Ints) -> None:
    """Write routes into an empty state, a row a slot."""
    for slot in range(slots_in(c)):
        st.size[slot] = count[slot]
        for i in range(1, count[slot] + 1):
            st.nodes[slot, i] = nodes[slot, i]
            put(c, st, nodes[slot, i], slot)
        refresh(c, st, w, slot)


@compiled
def first_plan(c: Columns, st: State, old: State, w: Work, best: Best) -> None:
    """Insert everything that is missing, and begin from there."""
    last = len(w.waiting) - 1
    w.waiting[last] = 0
    for request in range(len(c.prize)):
        if not is_served(c, st, request):
            w.waiting[w.waiting[last]] = request
            w.waiting[last] += 1
    recreate(c, st, old, w)
    settle(w)
    weigh(c, st, w)
    best.cost[1] = w.tally[2]
    best.left[1] = w.left
    keep(c, st, best)


@inner
def keep(c: Columns, st: State, best: Best) -> None:
    """Take the routes as they are for the best."""
    best.cost[0] = best.cost[1]
    best.left[0] = best.left[1]
    for slot in range(slots_in(c)):
        best.size[slot] = st.size[slot]
        for i in range(1, st.size[slot] + 1):
            best.nodes[slot, i] = st.nodes[slot, i]


@compiled
def anneal(
    c: Columns, st: State, old: State, w: Work, best: Best, iterations: int, heat: float,
    cooling: float,
) -> None:  # fmt: skip
    """Some iterations from a temperature on that sinks by a factor with each."""
    for _ in range(iterations):
        ruin(c, st, old, w)
        call_in(c, st, w)
        recreate(c, st, old, w)
        weigh(c, st, w)
        if _is_welcome(c, st, w, best, heat):
            best.cost[1] = w.tally[2]
            best.left[1] = w.left
            better = compared(best.left[1], best.left[0])
            if better < 0 or (better == 0 and best.cost[1] < best.cost[0] - _HAIR):
                keep(c, st, best)
        else:
            take_back(c, st, old, w)
        settle(w)
        heat *= cooling


@inner
def _is_welcome(c: Columns, st: State, w: Work, best: Best, heat: float) -> bool:
    """Whether to go on from the routes as they are now."""
    if w.tally[2] >= NEVER:
        return False
    less = compared(w.left, best.left[1])
    rarer = 0.0
    if w.left.max() > 0:
        for request in range(len(c.prize)):
            if c.rank[request] < c.lost.shape[1] and not is_served(c, st, request):
                w.absent[request] += 1
                rarer += w.absent[request]
    cheap = w.tally[2] < best.cost[1] - heat * math.log(max(uniform(w.random), 1e-300))
    # What is often left out should have its turn: absences stand in for a cost.
    if less < 0 or (less == 0 and cheap) or (less >= 0 and rarer < w.tally[4]):
        w.tally[4] = rarer
        return True
    return False
