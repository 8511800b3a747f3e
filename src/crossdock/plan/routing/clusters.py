"""Which routes to improve together: disjoint groups of routes that lie close to each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences


class ClusterKind(StrEnum):
    """How groups are made."""

    NEAR = "near"
    """A route and those whose barycentres (and times, where stops have windows) are nearest."""
    SWEEP = "sweep"
    """Routes that follow each other around the depot."""


TARGETS = (200, 300, 450)
"""Stops of a group."""
_AT_FIRST = {ClusterKind.NEAR: 2.0, ClusterKind.SWEEP: 1.0}
_LEAST_WEIGHT = 0.2
_MEMORY = 0.6


class ClusterChoice:
    """Kind and size of the groups of a round, by what rounds like it have gained.

    A pair is drawn by its weight, which moves towards the gain of its rounds over that of all
    rounds of late: the roulette of adaptive large neighbourhood search (Ropke and Pisinger 2006).
    """

    def __init__(self) -> None:
        self.weights = {
            (kind, target): weight for kind, weight in _AT_FIRST.items() for target in TARGETS
        }
        self._usual: float | None = None

    def draw(self, random: np.random.Generator) -> tuple[ClusterKind, int]:
        """A pair by lot."""
        pairs, weights = list(self.weights), np.array(list(self.weights.values()))
        return pairs[int(random.choice(len(pairs), p=weights / weights.sum()))]

    def learn(self, pair: tuple[ClusterKind, int], gain: float) -> None:
        """Remember what a round of ``pair`` has saved."""
        if self._usual is None:
            self._usual = gain
        usual, self._usual = self._usual, _MEMORY * self._usual + (1 - _MEMORY) * gain
        if usual > 0:
            score = _AT_FIRST[pair[0]] * min(gain / usual, 2.0)
            learned = _MEMORY * self.weights[pair] + (1 - _MEMORY) * score
            self.weights[pair] = max(learned, _LEAST_WEIGHT)


@dataclass(frozen=True)
class RoutePlaces:
    """Where and when routes are, a row a route.

    Attributes
    ----------
    centre
        Mean position of the stops, and the mean of their windows as a third coordinate where they
        have any; (routes, 2 or 3).
    angle
        Of the mean position, seen from the mean of the depots.
    size
        Stops.
    """

    centre: Floats
    angle: Floats
    size: Ints

    @classmethod
    def of(cls, problem: Problem, routes: Sequences) -> RoutePlaces:
        """Places of ``routes``."""
        points, rows = problem.metric.points(), problem.nodes
        size = np.array([sum(node >= 0 for node in nodes) for _, nodes in routes], dtype=np.int64)
        stops = np.array([node for _, nodes in routes for node in nodes if node >= 0])
        route = np.repeat(np.arange(len(routes)), size)
        place = points[rows.place[stops]]
        columns = [place[:, 0], place[:, 1]]
        timed = (rows.closes < ANY_TIME).any()
        if timed:
            horizon = float(rows.closes[rows.closes < ANY_TIME].max())
            middle = (rows.opens + np.minimum(rows.closes, horizon))[stops] / 2
            # A day is as far as the whole region is wide: routes apart in time do not mix.
            width = float(np.ptp(points, axis=0).max()) or 1.0
            columns.append(middle * (width / max(horizon, 1.0)))
        count = np.maximum(size, 1)
        centre = np.column_stack(
            [np.bincount(route, column, minlength=len(routes)) / count for column in columns]
        )
        depot = points[problem.depot_places].mean(axis=0)
        angle = np.arctan2(centre[:, 1] - depot[1], centre[:, 0] - depot[0])
        return cls(centre, angle, size)


def clusters(
    places: RoutePlaces, kind: ClusterKind, target: int, random: np.random.Generator
) -> list[list[int]]:
    """All routes in groups of about ``target`` stops; a longer route is a group alone."""
    if kind is ClusterKind.SWEEP:
        return _swept(places, target, random)
    return _grown(places, target, random)


def _swept(places: RoutePlaces, target: int, random: np.random.Generator) -> list[list[int]]:
    turned = (places.angle - random.uniform(0, 2 * np.pi)) % (2 * np.pi)
    groups: list[list[int]] = []
    held = target
    for route in np.argsort(turned, kind="stable").tolist():
        size = int(places.size[route])
        if held + size > target and held > 0:
            groups.append([])
            held = 0
        groups[-1].append(route)
        held += size
    return groups


def _grown(places: RoutePlaces, target: int, random: np.random.Generator) -> list[list[int]]:
    left = np.ones(len(places.size), dtype=np.bool_)
    groups: list[list[int]] = []
    # Seeds from the rim inwards leave no scattered rest behind; which rim is drawn by lot.
    towards = np.asarray(random.normal(size=places.centre.shape[1]), dtype=np.float64)
    order = np.argsort(places.centre @ towards, kind="stable")
    for seed in order.tolist():
        if not left[seed]:
            continue
        free = np.flatnonzero(left)
        far = ((places.centre[free] - places.centre[seed]) ** 2).sum(axis=1)
        near = free[np.argsort(far, kind="stable")]
        taken = near[np.cumsum(places.size[near]) <= target]
        if not len(taken):
            taken = near[:1]
        left[taken] = False
        groups.append(taken.tolist())
    return groups
