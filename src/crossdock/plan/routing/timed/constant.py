"""Constant times that stand for those by the hour: what a search kernel understands.

A leg takes as long as it would at the times at which its place is left: in a plan, where there is
one, else at some times between its first and its last departure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.metric import Floats, Ints, Legs, MatrixMetric, Metric
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Route
from crossdock.plan.routing.speeds import Speeds

_SHARES = np.array([1 / 6, 1 / 2, 5 / 6])
"""Where departures are looked at, between the first and the last one of a place."""
_USUAL_DAY_S = 8 * 3600.0
_HAIR = 1e-6


@dataclass(frozen=True, eq=False)
class Departures:
    """When places are left, and how much slower than that says it is driven from there.

    Attributes
    ----------
    at
        Some times a place, (places, 3).
    margin
        Times that legs from a place take over what they take then, (places,).
    slowest
        Factor of speed to which every leg is driven; None: that of its time.
    """

    at: Floats
    margin: Floats
    slowest: float | None = None

    @classmethod
    def guessed(cls, problem: Problem) -> Departures:
        """From windows and shifts alone."""
        rows = problem.nodes
        starts, ends = _day(problem)
        first = np.full(problem.metric.places, ANY_TIME)
        last = np.full(problem.metric.places, -ANY_TIME)
        opens = np.clip(rows.opens, starts, ends) + rows.service
        closes = np.clip(rows.closes, starts, ends) + rows.service
        np.minimum.at(first, rows.place, opens)
        np.maximum.at(last, rows.place, closes)
        nowhere = np.isinf(first)  # depots and the like are left early in the day
        first[nowhere], last[nowhere] = starts, (starts + ends) / 2
        return cls(first[:, None] + _SHARES * (last - first)[:, None], np.ones(len(first)))

    def seen_in(
        self, problem: Problem, routes: Iterable[tuple[Sequence[int], Route]]
    ) -> Departures:
        """As a plan leaves the places that it visits; the others as before."""
        times: dict[int, list[float]] = {}
        for nodes, route in routes:
            kind = next(each for each in problem.vehicles if each.id == route.vehicle_type)
            place, leaves = kind.start_place, route.starts
            if kind.start_depot is not None:
                depot = problem.depots[problem.depot_index[kind.start_depot]]
                place, leaves = depot.place, route.starts + depot.loading
            times.setdefault(place or 0, []).append(leaves)
            for node, visit in zip(nodes, route.visits, strict=True):
                where = problem.nodes.place[node] if node >= 0 else problem.depot_places[-1 - node]
                times.setdefault(int(where), []).append(visit.departs)
        at = self.at.copy()
        for place, seen in times.items():
            at[place] = np.quantile(seen, _SHARES)
        return replace(self, at=at)

    def slower(self, problem: Problem, late: Iterable[tuple[Sequence[int], float]]) -> Departures:
        """With more time from the stops of routes that came out late, by a share of it.

        Half of what was more before is forgotten.
        """
        margin = 1.0 + (self.margin - 1.0) / 2
        for nodes, share in late:
            chosen = np.array([node for node in nodes if node >= 0], dtype=np.int64)
            margin[np.unique(problem.nodes.place[chosen])] *= 1.0 + share
        return replace(self, margin=margin)

    def at_worst(self, problem: Problem) -> Departures:
        """With every leg at the slowest of the day: a route in time so is in time."""
        assert problem.speeds is not None
        return replace(self, slowest=problem.speeds.slowest(*_day(problem)))

    def lasts(self, speeds: Speeds, start: Ints, usual: Floats) -> Floats:
        """Time of legs from ``start``, whose last axis is that of ``usual`` or broadcasts to it."""
        if self.slowest is not None:
            return usual / self.slowest
        mean = sum(speeds.lasts(self.at[start, each], usual) for each in range(len(_SHARES)))
        return np.asarray(mean / len(_SHARES) * self.margin[start])

    def part(self, places: Ints) -> Departures:
        """Of these places alone."""
        return replace(self, at=self.at[places], margin=self.margin[places])


@dataclass(frozen=True, eq=False)
class ConstantMetric:
    """A metric with times as of certain departures."""

    usual: Metric
    speeds: Speeds
    departures: Departures

    @property
    def places(self) -> int:
        """See `Metric`."""
        return self.usual.places

    @property
    def distance_units(self) -> int:
        """See `Metric`."""
        return self.usual.distance_units

    @property
    def duration_units(self) -> int:
        """See `Metric`."""
        return self.usual.duration_units

    def matrix(self, rows: Ints, columns: Ints) -> Legs:
        """See `Metric`."""
        legs = self.usual.matrix(rows, columns)
        whole = self._whole(rows[:, None], legs.duration / self.duration_units)
        return Legs(legs.distance, whole.astype(np.int64))

    def lengths(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self.usual.lengths(start, end)

    def times(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self._whole(start, self.usual.times(start, end)) / self.duration_units

    def points(self) -> Floats:
        """See `Metric`."""
        return self.usual.points()

    def part(self, places: Ints) -> Metric:
        """See `Metric`."""
        return constant_metric(self.usual.part(places), self.speeds, self.departures.part(places))

    def _whole(self, start: Ints, usual: Floats) -> Floats:
        lasts = self.departures.lasts(self.speeds, start, usual)
        return np.ceil(lasts * self.duration_units - _HAIR)


def constant_metric(usual: Metric, speeds: Speeds, departures: Departures) -> Metric:
    """A metric with constant times; of matrices these are matrices again."""
    constant = ConstantMetric(usual, speeds, departures)
    if not isinstance(usual, MatrixMetric):
        return constant
    every = np.arange(usual.places)
    return replace(usual, duration=constant.matrix(every, every).duration)


def constant_problem(problem: Problem, departures: Departures) -> Problem:
    """The problem with the times of ``departures`` at all hours."""
    assert problem.speeds is not None
    metric = constant_metric(problem.metric, problem.speeds, departures)
    return replace(problem, metric=metric, speeds=None)


def _day(problem: Problem) -> tuple[float, float]:
    """From the first start of a shift to the last end; where none ends, of windows, or 8 hours."""
    starts = min(kind.shift_starts for kind in problem.vehicles)
    ends = [min(kind.shift_ends, kind.latest_start + kind.max_duration)
            for kind in problem.vehicles]  # fmt: skip
    latest = max(ends)
    if latest == ANY_TIME:
        closes = problem.nodes.closes
        known = closes[np.isfinite(closes)]
        latest = max(float(known.max(initial=starts)), starts + _USUAL_DAY_S)
    return starts, max(latest, starts + 1.0)
