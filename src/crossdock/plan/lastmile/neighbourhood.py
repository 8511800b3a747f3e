"""A few tours that lie near each other, as a routing problem of their own that keeps the locks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crossdock.plan.lastmile.day import FacilityDay
from crossdock.plan.lastmile.moves import DayRoutes
from crossdock.plan.lastmile.near import local_xy
from crossdock.plan.lastmile.schedule import Tour, tour_of
from crossdock.plan.routing import Problem, Sequences, VehicleType

_STOPS, _FEWEST_TOURS = 300, 4
"""What is searched together: long tours need larger groups, or too few of them meet."""
_WHOLE_UP_TO = 450
"""Stops that are never cut into groups."""
_MOST_SPARE_KINDS = 6


@dataclass(frozen=True)
class Neighbourhood:
    """Some tours of a day as a problem, and the way back.

    Attributes
    ----------
    problem
        Of their stops, all required; of their vehicles and a spare one of some kinds.
    start
        The tours as they are.
    stops
        Stop of each job.
    kinds
        Of each vehicle type: the kind, and the one vehicle that it is for, if any of its stops is
        pinned to it.
    before
        The tours, by vehicle.
    """

    problem: Problem
    start: Sequences
    stops: tuple[int, ...]
    kinds: tuple[tuple[int, int | None], ...]
    before: Mapping[int, Tour]

    @classmethod
    def of(
        cls,
        question: Problem,
        routes: DayRoutes,
        vehicles: Sequence[int],
        random: np.random.Generator,
    ) -> Neighbourhood:
        """The tours of ``vehicles``.

        Parameters
        ----------
        question
            The whole day, whose jobs are stops and whose vehicle types are kinds.
        """
        day = routes.day
        before = {vehicle: routes.tours[vehicle] for vehicle in vehicles}
        stops = tuple(stop for tour in before.values() for stop in tour.sequence)
        number = {stop: job for job, stop in enumerate(stops)}
        holding = {
            vehicle
            for vehicle, tour in before.items()
            if not routes.pinned.isdisjoint(tour.sequence)
        }
        kinds: list[tuple[int, int | None]] = []
        counts: dict[tuple[int, int | None], int] = {}
        for vehicle in vehicles:
            key = (int(day.kind_of[vehicle]), vehicle if vehicle in holding else None)
            if key not in counts:
                kinds.append(key)
            counts[key] = counts.get(key, 0) + 1
        for kind in _spare_kinds(routes, random):
            key = (kind, None)
            if key not in counts:
                kinds.append(key)
            counts[key] = counts.get(key, 0) + 1
        types = [_type(question, *key, counts[key]) for key in kinds]
        place = {key: at for at, key in enumerate(kinds)}
        start = [
            (
                place[int(day.kind_of[vehicle]), vehicle if vehicle in holding else None],
                [number[stop] for stop in tour.sequence],
            )
            for vehicle, tour in before.items()
        ]
        part = question.part(stops, types)
        only = {
            stop: frozenset({types[place[int(day.kind_of[vehicle]), vehicle]].id})
            for vehicle in holding
            for stop in before[vehicle].sequence
            if stop in routes.pinned
        }
        jobs = tuple(
            replace(job, required=True, prize=0.0, allowed_vehicles=only.get(stop))
            for job, stop in zip(part.jobs, stops, strict=True)
        )
        return cls(replace(part, jobs=jobs), start, stops, tuple(kinds), before)

    def tours(self, routes: DayRoutes, found: Sequences) -> dict[int, Tour] | None:
        """Sequences of the problem as tours by vehicle; None where one is not legal, or not whole.

        Vehicles that differ in nothing but their names go where most of their stops were.
        """
        known = {(tour.kind, tour.sequence): tour for tour in self.before.values()}
        named: dict[int, Tour] = {}
        free: list[Tour] = []
        for type_, nodes in found:
            if not nodes:
                continue
            kind, vehicle = self.kinds[type_]
            sequence = tuple(self.stops[node] for node in nodes)
            tour = known.get((kind, sequence)) or tour_of(routes.day, kind, sequence)
            if tour is None:
                return None
            if vehicle is None:
                free.append(tour)
            else:
                named[vehicle] = tour
        if sum(len(tour.sequence) for tour in (*named.values(), *free)) != len(self.stops):
            return None
        taken = set(routes.tours) - set(self.before) | set(named)
        return named | _named(routes.day, free, self.before, taken)


def neighbours_of(routes: DayRoutes, vehicle: int, free: Sequence[int]) -> list[int]:
    """The tour of a vehicle and those of ``free`` that lie nearest to it, some hundred stops."""
    sizes = np.array([len(routes.tours[each].sequence) for each in free])
    if sizes.sum() <= _WHOLE_UP_TO:
        return list(free)
    centres = np.array([_barycentre(routes.day, routes.tours[each]) for each in free])
    points = local_xy(centres[:, 0], centres[:, 1])
    far = ((points - points[free.index(vehicle)]) ** 2).sum(axis=1)
    near = np.argsort(far, kind="stable")
    count = int(np.searchsorted(np.cumsum(sizes[near]), _STOPS, side="right"))
    return [free[at] for at in near[: max(count, _FEWEST_TOURS)].tolist()]


def _barycentre(day: FacilityDay, tour: Tour) -> tuple[float, float]:
    stops = list(tour.sequence)
    return float(day.stops.latitude[stops].mean()), float(day.stops.longitude[stops].mean())


def _spare_kinds(routes: DayRoutes, random: np.random.Generator) -> list[int]:
    """Kinds of which a vehicle stays in: all, or some by lot where they are many."""
    idle = np.ones(len(routes.day.kind_of), dtype=np.bool_)
    idle[list(routes.tours)] = False
    kinds = np.unique(routes.day.kind_of[idle])
    if len(kinds) > _MOST_SPARE_KINDS:
        kinds = np.sort(random.permutation(kinds)[:_MOST_SPARE_KINDS])
    return kinds.tolist()


def _type(question: Problem, kind: int, vehicle: int | None, count: int) -> VehicleType:
    type_ = question.vehicles[kind]
    if vehicle is None:
        return replace(type_, count=count)
    return replace(type_, id=f"{type_.id} as {vehicle}", count=1)


def _named(
    day: FacilityDay, tours: Sequence[Tour], before: Mapping[int, Tour], taken: Collection[int]
) -> dict[int, Tour]:
    """Tours by vehicle: pairs of the same kind with the most stops in common first."""
    common = sorted(
        (-len(set(tour.sequence) & set(old.sequence)), at, vehicle)
        for at, tour in enumerate(tours)
        for vehicle, old in before.items()
        if vehicle not in taken and int(day.kind_of[vehicle]) == tour.kind
    )
    named: dict[int, Tour] = {}
    placed: set[int] = set()
    for shared, at, vehicle in common:
        if shared and at not in placed and vehicle not in named:
            named[vehicle] = tours[at]
            placed.add(at)
    for at, tour in enumerate(tours):
        if at not in placed:
            alike = np.flatnonzero(day.kind_of == tour.kind).tolist()
            # Of the group first: whose tour it was goes out before one that stays in.
            alike.sort(key=lambda row: (row not in before, row))
            row = next(each for each in alike if each not in named and each not in taken)
            named[row] = tour
    return named
