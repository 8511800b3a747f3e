"""What leaves now and what waits: the policies by which the competition measured its teams."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crossdock.model import Engine, stream
from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.dynamic.game import Routes, State
from crossdock.plan.routing.dynamic.routes import routes_of
from crossdock.plan.routing.dynamic.scenarios import best

Policy = Callable[[State, Budget, int], Routes]
"""Answers a state within a budget; the number is the seed of its own draws."""

_LEAVES = 0.5


class PolicyName(StrEnum):
    """Policies that are there."""

    GREEDY = "greedy"
    LAZY = "lazy"
    RANDOM = "random"
    BEST = "best"


def greedy(state: State, budget: Budget, seed: int) -> Routes:
    """Everything leaves."""
    return _dispatched(state, np.ones(len(state.requests), dtype=np.bool_), budget, seed)


def lazy(state: State, budget: Budget, seed: int) -> Routes:
    """Only what must leave does."""
    return _dispatched(state, state.must, budget, seed)


def random(state: State, budget: Budget, seed: int) -> Routes:
    """What must leave does, and of the others each with probability 0.5."""
    drawn = stream(seed, "dispatch", state.epoch).random(len(state.requests))
    return _dispatched(state, state.must | (drawn < _LEAVES), budget, seed)


def policy_of(
    name: PolicyName,
    budget: Budget,
    seed: int,
    *,
    engine: Engine | None = None,
    workers: int = 1,
) -> Callable[[State], Routes]:
    """A policy by its name, as `play` asks it, with a budget an epoch.

    Parameters
    ----------
    engine, workers
        Where the best policy asks its futures, and how many at once; None: here, one after the
        other.
    """
    policies: dict[PolicyName, Policy] = {
        PolicyName.GREEDY: greedy,
        PolicyName.LAZY: lazy,
        PolicyName.RANDOM: random,
        PolicyName.BEST: partial(best, engine=engine, workers=workers),
    }
    return partial(_ask, policies[name], budget, seed)


def _ask(policy: Policy, budget: Budget, seed: int, state: State) -> Routes:
    return policy(state, budget, seed)


def _dispatched(state: State, leaves: NDArray[np.bool_], budget: Budget, seed: int) -> Routes:
    chosen = state.requests.where(leaves)
    routes = routes_of(state.day, chosen, state.leaves_s, budget, seed)
    return [[int(chosen.id[row]) for row in route] for route in routes]
