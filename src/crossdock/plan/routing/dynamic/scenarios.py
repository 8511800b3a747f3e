"""The best policy here: ask sampled futures which requests should wait for company.

After the iterative conditional dispatch of Lan, van Doorn, Wouda, Rijal and Bhulai (2024), "An
iterative sample scenario approach for the dynamic dispatch waves problem", Transportation Science.
A scenario is the open requests and those of the next epochs, drawn as the game draws them, with the
departures of their epochs as release times. Its routes say for each open request whether it leaves
now. What few scenarios let leave waits in the scenarios after them too. In the end what most let
leave does, and of the others what its routes can take along for less than its prize.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crossdock.model import stream
from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.dynamic.day import EPOCH_S, Requests
from crossdock.plan.routing.dynamic.game import Routes, State
from crossdock.plan.routing.dynamic.routes import routes_of

_ROUNDS = 3
_FEWEST_A_ROUND = 5
_SCENARIOS, _MOST = 3, 30
"""How many, where a budget is of iterations alone, and at most."""
_BY_ROOT_OF_SECONDS = 1.3
"""Scenarios by the root of the seconds of an epoch."""
_LOOK_AHEAD = 1
"""Epochs of the future in a scenario."""
_FINAL_SHARE = 0.25
"""Of the budget, for the routes that leave."""
_WORTH = 1.0
"""Of a request that may wait, in legs to near customers: what it may cost to take it along."""
_WAITS_BELOW = 0.2
_LEAVES_FROM = 0.5
"""Shares of scenarios in which a request leaves."""


def best(state: State, budget: Budget, seed: int) -> Routes:
    """What most futures let leave does."""
    requests, day = state.requests, state.day
    if state.is_last:
        return _told(requests, routes_of(day, requests, state.leaves_s, budget, seed))
    began_s = time.perf_counter()
    leaves = _agreed(state, budget, seed)
    left = _share(budget, _FINAL_SHARE)
    if budget.seconds is not None:
        passed_s = time.perf_counter() - began_s
        left = Budget(max(budget.seconds - passed_s, 0.0), left.iterations)
    prizes = np.where(leaves, 0.0, _WORTH * day.near_s()[requests.customer])
    return _told(requests, routes_of(day, requests, state.leaves_s, left, seed, None, prizes))


def _told(requests: Requests, routes: Routes) -> Routes:
    return [[int(requests.id[row]) for row in route] for route in routes]


def _agreed(state: State, budget: Budget, seed: int) -> NDArray[np.bool_]:
    """Which open requests leave."""
    scenarios, each = _plan(budget)
    waits = np.zeros(len(state.requests), dtype=np.bool_)
    share = np.ones(len(state.requests))
    number = 0
    for count in scenarios:
        votes = np.zeros(len(state.requests))
        for _ in range(count):
            votes += _leaving(state, waits, each, seed, number)
            number += 1
        share = votes / count
        waits |= ~state.must & (share < _WAITS_BELOW)
    return state.must | (~waits & (share >= _LEAVES_FROM))


def _plan(budget: Budget) -> tuple[Sequence[int], Budget]:
    """Scenarios a round, and the budget of each."""
    many = _SCENARIOS
    if budget.seconds is not None:
        # With more time there are more of them, and each is searched for longer.
        many = int(np.clip(round(_BY_ROOT_OF_SECONDS * budget.seconds**0.5), 1, _MOST))
    rounds = int(np.clip(many // _FEWEST_A_ROUND, 1, _ROUNDS))
    each = _share(budget, (1 - _FINAL_SHARE) / many)
    return [many // rounds + (at < many % rounds) for at in range(rounds)], each


def _share(budget: Budget, share: float) -> Budget:
    seconds, iterations = budget.seconds, budget.iterations
    return Budget(
        None if seconds is None else seconds * share,
        None if iterations is None else math.ceil(iterations * share),
    )


def _leaving(
    state: State, waits: NDArray[np.bool_], budget: Budget, seed: int, number: int
) -> NDArray[np.bool_]:
    """Which open requests leave now in one future, where some are told to wait."""
    day, opened = state.day, len(state.requests)
    random = stream(seed, "future", state.epoch, number)
    until = min(state.epoch + _LOOK_AHEAD, state.last_epoch)
    ahead = [(epoch - state.epoch) * EPOCH_S for epoch in range(state.epoch + 1, until + 1)]
    future = [day.draw(random, state.leaves_s + later_s, 0) for later_s in ahead]
    requests = state.requests.followed_by(*future)
    requests = Requests(
        np.arange(len(requests)), requests.customer, requests.opens, requests.closes,
        requests.demand, requests.service,
    )  # fmt: skip
    now = np.where(waits, state.next_leaves_s, 0)
    later = [
        np.full(len(drawn), state.leaves_s + later_s)
        for drawn, later_s in zip(future, ahead, strict=True)
    ]
    release_s = np.concatenate([now, *later]).astype(np.float64)
    routes = routes_of(
        day, requests, state.leaves_s, budget, int(random.integers(1 << 31)), release_s
    )
    leaves = np.zeros(len(requests), dtype=np.bool_)
    for route in routes:
        leaves[route] = release_s[route].max() <= state.leaves_s
    return leaves[:opened]
