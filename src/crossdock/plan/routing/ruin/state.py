"""Routes while they are searched: a row a slot, with what makes a judgement of a gap quick."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossdock.plan.routing.breaks import Labels, Legs, no_labels, no_legs
from crossdock.plan.routing.ruin.columns import Column, Columns, most_reloads

LEAST_BLINK, MOST_BLINK = 0.01, 0.1
"""How often a gap is not looked at (Christiaens and Vanden Berghe 2020): the fewer requests there
are, the more, or every iteration puts them back as they were. Of 583 problems of up to six stops
ten, then none, are planned worse than by trying everything in 1,000 iterations; from 100 stops on
it changes nothing."""
BLINKS = 5
TRIAL, BEST_TRIAL, RELOADED = range(3)
"""Spare slots behind the others: a unit of several blocks as it is tried, the best route with a
unit so far, a route with one more reload."""
_ROOM = 4
"""For the start, the end, and a reload more that is tried."""


class State(NamedTuple):
    """Routes; position 0 of a row is the start, then come ``size`` nodes, then the end.

    Attributes
    ----------
    reloads
        How many of the nodes are reloads.
    cost, length, lasts, work
        Of the route of each slot; its work is driving, parking and service, no waits or breaks.
    early
        Earliest departure from a position; without breaks, so that no legal one is earlier.
    late
        Latest begin at a position with which the rest may be in time.
    load, head, tail
        On the leg from a position; the most on it and all before it in its tour, and on it and all
        after it there.
    ready
        By position, when its tour may begin to load; nothing where all is released at 0.
    freely
        As ``early`` if the tour of the position were released already; nothing as before.
    plain
        Whether a gap that load and windows allow may be taken without timing the route anew.
    slot
        Of each stop; -1: of none.
    placed
        Nodes of each unit that a route has.
    alias
        The slot for which a spare slot stands; of the others themselves.
    """

    nodes: Column
    size: Column
    reloads: Column
    cost: Column
    length: Column
    lasts: Column
    work: Column
    early: Column
    late: Column
    load: Column
    head: Column
    tail: Column
    ready: Column
    freely: Column
    plain: Column
    slot: Column
    placed: Column
    alias: Column


class Work(NamedTuple):
    """Room for one judgement at a time, and what one iteration takes out.

    Attributes
    ----------
    order
        Nodes of a trial, as a row of `State.nodes`.
    out
        Whether the iteration takes out a node.
    touched
        Slots whose rows are saved, and how many there are in its last entry.
    saved
        Whether a slot is among them.
    waiting
        Requests to be inserted, and how many there are in its last entry.
    missing
        Blocks of the unit at hand that no route has.
    absent
        By request, how often iterations have left it out.
    random
        State of the draws.
    tally
        Duration and length of the route that was judged last; cost of the whole; longest duration;
        absences of the routes that were accepted last; how often a gap is not looked at.
    left
        By rank, stops that are left out.
    """

    legs: Legs
    labels: Labels
    order: Column
    out: Column
    touched: Column
    saved: Column
    waiting: Column
    missing: Column
    absent: Column
    random: Column
    tally: Column
    left: Column


def width_of(columns: Columns) -> int:
    """Of a row: a start, all stops, as many reloads as may be of use, an end."""
    return columns.stops + most_reloads(columns) + _ROOM


def empty_state(columns: Columns) -> State:
    """No routes yet."""
    slots, nodes = len(columns.kind), columns.stops
    dimensions = columns.capacity.shape[1]
    width = width_of(columns)
    ints, floats = (slots, width), np.float64
    released = ints if columns.releases else (slots, 0)
    # Rows are read only as far as they have been written: pages that no route needs cost nothing.
    return State(
        nodes=np.empty(ints, dtype=np.int64),
        size=np.zeros(slots, dtype=np.int64), reloads=np.zeros(slots, dtype=np.int64),
        cost=np.zeros(slots), length=np.zeros(slots), lasts=np.zeros(slots), work=np.zeros(slots),
        early=np.empty(ints, dtype=floats), late=np.empty(ints, dtype=floats),
        ready=np.empty(released, dtype=floats), freely=np.empty(released, dtype=floats),
        load=np.empty((*ints, dimensions), dtype=np.int64),
        head=np.empty((*ints, dimensions), dtype=np.int64),
        tail=np.empty((*ints, dimensions), dtype=np.int64),
        plain=np.zeros(slots, dtype=np.bool_),
        slot=np.full(nodes, -1, dtype=np.int64),
        placed=np.zeros(len(columns.unit_size), dtype=np.int64),
        alias=np.arange(slots, dtype=np.int64),
    )  # fmt: skip


def room_for(columns: Columns, random: NDArray[np.uint64]) -> Work:
    """Room for a search of these columns."""
    slots, requests, width = len(columns.kind), len(columns.prize), width_of(columns)
    blink = min(MOST_BLINK, max(LEAST_BLINK, 1 / max(requests, 1)))
    return Work(
        legs=no_legs(width), labels=no_labels(width), order=np.zeros(width, dtype=np.int64),
        out=np.zeros(columns.stops, dtype=np.bool_),
        touched=np.zeros(slots + 1, dtype=np.int64),
        saved=np.zeros(slots, dtype=np.bool_),
        waiting=np.zeros(requests + 1, dtype=np.int64),
        missing=np.zeros(int(np.diff(columns.unit_starts).max(initial=1)), dtype=np.int64),
        absent=np.zeros(requests, dtype=np.int64),
        random=random, tally=np.array([0.0, 0.0, 0.0, 0.0, 0.0, blink]),
        left=np.zeros(columns.lost.shape[1], dtype=np.int64),
    )  # fmt: skip
