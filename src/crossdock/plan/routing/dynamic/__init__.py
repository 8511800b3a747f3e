"""Orders that appear during the day: a dispatch game to measure policies, and the policies."""

from crossdock.plan.routing.dynamic.day import Day, Requests
from crossdock.plan.routing.dynamic.game import EpochResult, Game, State, play
from crossdock.plan.routing.dynamic.policies import (
    Policy,
    PolicyName,
    greedy,
    lazy,
    policy_of,
    random,
)
from crossdock.plan.routing.dynamic.scenarios import best

__all__ = [
    "Day",
    "EpochResult",
    "Game",
    "Policy",
    "PolicyName",
    "Requests",
    "State",
    "best",
    "greedy",
    "lazy",
    "play",
    "policy_of",
    "random",
]
