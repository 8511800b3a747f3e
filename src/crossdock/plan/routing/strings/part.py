"""One part of a large problem: what a worker is sent, and what it sends back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.plan.routing.metric import Ints, Metric

STEPS_AN_ITERATION = 100
"""A step takes some ten microseconds, an iteration of other searches a millisecond."""


@dataclass(frozen=True)
class StringPart:
    """Routes to be searched for a while, numbers of stops being the part's own.

    Attributes
    ----------
    metric, demand
        Of the stops in the order of their numbers; the depot is the last place of the metric.
    routes
        Stops of each.
    spare
        Vehicles that may be used beside one a route.
    hot, cold
        Temperatures at the beginning and at the end, in units of length.
    steps, seconds
        How long: one of them is given.
    """

    metric: Metric
    demand: Ints
    routes: Sequence[Ints]
    capacity: Ints
    spare: int
    fixed_length: float
    hot: float
    cold: float
    seed: int
    steps: int | None
    seconds: float | None


@dataclass(frozen=True)
class Searched:
    """Where a part's search ended, and the shortest routes on its way."""

    now: Sequence[Ints]
    best: Sequence[Ints]
    steps: int


def searched(part: StringPart, until_s: float | None = None) -> Searched:
    """Anneal a part, for an engine.

    Parameters
    ----------
    until_s
        Of the clock (`time.time`): a worker that begins late ends no later.
    """
    # Compiled and slow to import: who only sends parts to others does without.
    from crossdock.plan.routing.strings.searching import search_part  # noqa: PLC0415

    return search_part(part, until_s)
