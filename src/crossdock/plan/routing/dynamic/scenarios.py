"""The best policy here: ask sampled futures which requests should wait for company.

After the iterative conditional dispatch of Lan, van Doorn, Wouda, Rijal and Bhulai (2024), "An
iterative sample scenario approach for the dynamic dispatch waves problem", Transportation Science.
A scenario is the open requests and those of the next epochs, drawn as the game draws them, with the
departures of their epochs as release times. Its routes say for each open request whether it leaves
now. What few scenarios let leave waits in the scenarios of the next round too. In the end what most
let leave does, and of the others what its routes can take along for less than its prize.

All scenarios begin with the same routes of the open requests, into which the others are put: from
there a hundred iterations lead further than four hundred from nothing.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crossdock.model import Engine, SerialEngine, stream
from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.dynamic.day import EPOCH_S
from crossdock.plan.routing.dynamic.game import Routes, State
from crossdock.plan.routing.dynamic.routes import Rows, routes_of, sketch_of

Bools = NDArray[np.bool_]

_ROUNDS = 2
_LOOK_AHEAD = 2
"""Epochs of the future in a scenario."""
_BY_ROOT_OF_SECONDS = 2.0
"""Scenarios a round by the root of the seconds of an epoch and of the workers."""
_MOST_A_ROUND = 24
_FEWEST_A_ROUND = 3
"""Where a budget is of iterations alone."""
_BASE_SHARE, _FINAL_SHARE = 0.05, 0.25
"""Of the budget, for the routes that scenarios begin with, and for those that leave."""
_WAITS_BELOW, _LEAVES_FROM = 0.2, 0.5
"""Shares of scenarios in which a request leaves."""
_WORTH = 1.0
"""Of a request that may wait, in legs to near customers: what it may cost to take it along."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """What all scenarios of a round share.

    Attributes
    ----------
    waits
        Which open requests leave in no scenario.
    base
        Routes of the open requests.
    until_s
        Of the clock (`time.time`): what begins later is not looked at.
    """

    state: State
    waits: Bools
    base: Rows
    budget: Budget
    until_s: float
    seed: int


def best(
    state: State, budget: Budget, seed: int, engine: Engine | None = None, workers: int = 1
) -> Routes:
    """What most futures let leave does."""
    began_s = time.perf_counter()
    requests, day = state.requests, state.day
    routes = partial(routes_of, day, requests, state.leaves_s, engine=engine, workers=workers)
    if state.is_last or not len(requests):
        return _told(state, routes(budget, seed))
    base = sketch_of(day, requests, state.leaves_s, _share(budget, _BASE_SHARE), seed)
    leaves = _agreed(state, base, budget, seed, engine or SerialEngine(), workers)
    left = _share(budget, _FINAL_SHARE)
    if budget.seconds is not None:
        left = replace(left, seconds=max(budget.seconds - (time.perf_counter() - began_s), 0.0))
    prizes = np.where(leaves, 0.0, _WORTH * day.near_s()[requests.customer])
    start = [[row for row in route if leaves[row]] for route in base]
    return _told(state, routes(left, seed, prizes=prizes, start=[each for each in start if each]))


def _told(state: State, routes: Rows) -> Routes:
    return [[int(state.requests.id[row]) for row in route] for route in routes]


def _agreed(
    state: State, base: Rows, budget: Budget, seed: int, engine: Engine, workers: int
) -> Bools:
    """Which open requests leave."""
    shared = 1 - _BASE_SHARE - _FINAL_SHARE
    count = _FEWEST_A_ROUND
    until_s, each = math.inf, _share(budget, shared / (_ROUNDS * count))
    if budget.seconds is not None:
        # With more time there are more of them, and each is searched for longer.
        at_once = _BY_ROOT_OF_SECONDS * (budget.seconds * workers) ** 0.5 / workers
        turns = int(np.clip(round(at_once), 1, max(_MOST_A_ROUND // workers, 1)))
        count = turns * workers
        until_s = time.time() + budget.seconds * shared
        each = _share(budget, shared / (_ROUNDS * turns))
    waits = np.zeros(len(state.requests), dtype=np.bool_)
    share = np.ones(len(state.requests))
    for turn in range(_ROUNDS):
        asked = _Asked(state, waits, base, each, until_s, seed)
        numbers = range(turn * count, (turn + 1) * count)
        told = engine.map(partial(_leaving, asked), numbers, label="futures")
        votes = [leaves for leaves in told if leaves is not None]
        if votes:
            share = np.mean(votes, axis=0)
            waits = waits | (~state.must & (share < _WAITS_BELOW))
    return state.must | (~waits & (share >= _LEAVES_FROM))


def _share(budget: Budget, share: float) -> Budget:
    seconds, iterations = budget.seconds, budget.iterations
    return Budget(
        None if seconds is None else seconds * share,
        None if iterations is None else math.ceil(iterations * share),
    )


def _leaving(asked: _Asked, number: int) -> Bools | None:
    """Which open requests leave now in one future; None if it is too late to ask."""
    state, budget = asked.state, asked.budget
    if budget.seconds is not None:
        left_s = asked.until_s - time.time()
        if left_s <= 0:
            return None
        budget = replace(budget, seconds=min(budget.seconds, left_s))
    day, opened = state.day, len(state.requests)
    random = stream(asked.seed, "future", state.epoch, number)
    until = min(state.epoch + _LOOK_AHEAD, state.last_epoch)
    ahead = [(epoch - state.epoch) * EPOCH_S for epoch in range(state.epoch + 1, until + 1)]
    future = [day.draw(random, state.leaves_s + later_s, 0) for later_s in ahead]
    now = np.where(asked.waits, state.next_leaves_s, 0)
    later = [
        np.full(len(drawn), state.leaves_s + later_s)
        for drawn, later_s in zip(future, ahead, strict=True)
    ]
    release_s = np.concatenate([now, *later]).astype(np.float64)
    routes = sketch_of(
        day, state.requests.followed_by(*future), state.leaves_s, budget,
        int(random.integers(1 << 31)), release_s=release_s, start=asked.base,
    )  # fmt: skip
    leaves = np.zeros(len(release_s), dtype=np.bool_)
    for route in routes:
        leaves[route] = release_s[route].max() <= state.leaves_s
    return leaves[:opened]
