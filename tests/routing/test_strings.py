"""Ruin and recreate on strings: chains stay whole, steps can be undone, plans are never dearer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import InterruptedRunError, SerialEngine, stream
from crossdock.plan.routing import (
    Budget,
    Depot,
    Job,
    MatrixMetric,
    PlanarMetric,
    Problem,
    Rounding,
    StreetMetric,
    VehicleType,
    Window,
    solve,
)
from crossdock.plan.routing.budget import Meter
from crossdock.plan.routing.cut import cut
from crossdock.plan.routing.draws import seeded
from crossdock.plan.routing.plain import is_plain
from crossdock.plan.routing.savings import first_routes
from crossdock.plan.routing.strings import improve_by_strings
from crossdock.plan.routing.strings.anneal import anneal
from crossdock.plan.routing.strings.ground import Ground, ground_of, length
from crossdock.plan.routing.strings.recreate import Fleet
from crossdock.plan.routing.strings.ruin import nothing_taken, ruin
from crossdock.plan.routing.strings.tours import (
    Tours,
    put_in,
    routes_of,
    take_out,
    tours_of,
)
from crossdock.platform.engine import LocalEngine
from routing.checker import case_of_problem, check, routes_of_solution

VAN = VehicleType("van", capacity=(20,), start_depot="D", end_depot="D")


def scattered(count: int, van: VehicleType = VAN, rounding: Rounding = Rounding.ROUND) -> Problem:
    draws = stream(11, "strings", count)
    points = draws.uniform(0, 1000, (count + 1, 2))
    jobs = tuple(Job(str(at), at, (int(draws.integers(1, 6)),)) for at in range(1, count + 1))
    return Problem(PlanarMetric(points, rounding), (Depot("D", 0),), (van,), jobs)


def ground(problem: Problem) -> Ground:
    return ground_of(problem.metric, problem.nodes.place, 0, problem.nodes.delivery)


def driven(grounds: Ground, routes: Sequence[Sequence[int]]) -> float:
    home = len(grounds.demand)
    legs = [pair for own in routes for pair in zip([home, *own], [*own, home], strict=True)]
    return sum(length(grounds, *pair) for pair in legs)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_chains_are_what_lists_would_be(data: st.DataObject) -> None:
    asked = scattered(12)
    grounds = ground(asked)
    model = [[0, 1, 2, 3], [4, 5], [6, 7, 8, 9, 10, 11]]
    tours = tours_of(model, grounds.demand, 4)
    model.append([])
    for _ in range(data.draw(st.integers(1, 12))):
        stop = data.draw(st.integers(0, 11))
        before = driven(grounds, [own for own in model if own])
        for own in model:
            if stop in own:
                own.remove(stop)
        gain = take_out(grounds, tours, stop)
        assert gain == pytest.approx(driven(grounds, [own for own in model if own]) - before)
        tour = data.draw(st.integers(0, 3))
        place = data.draw(st.integers(0, len(model[tour])))
        put_in(grounds, tours, stop, tour, model[tour][place - 1] if place else 12)
        model[tour].insert(place, stop)
        assert routes_of(tours) == [own for own in model if own]
        whole = [*model]
        assert tours.size.tolist() == [len(own) for own in whole]
        assert tours.load[:, 0].tolist() == [int(grounds.demand[own].sum()) for own in whole]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1 << 40))
def test_a_ruin_takes_strings_of_tours_side_by_side_and_tells_what_it_saves(seed: int) -> None:
    asked = scattered(60)
    grounds = ground(asked)
    routes = [nodes for _, nodes in first_routes(asked)]
    tours, taken = tours_of(routes, grounds.demand, len(routes)), nothing_taken()
    gain = ruin(grounds, tours, taken, 60 / len(routes), seeded(seed))
    out = taken.stop[: int(taken.size[0])].tolist()
    assert 1 <= len(out) == len(set(out)) <= 40
    left = [[stop for stop in own if stop not in out] for own in routes]
    assert routes_of(tours) == [own for own in left if own]
    assert gain == pytest.approx(
        driven(grounds, [own for own in left if own]) - driven(grounds, routes)
    )
    for own in routes:
        places = [own.index(stop) for stop in out if stop in own]
        if places:
            assert max(places) - min(places) < 10 + 10  # a string, and what it spares


def test_a_search_tells_the_length_it_comes_to_and_keeps_the_shortest() -> None:
    asked = scattered(80, rounding=Rounding.EXACT)
    grounds = ground(asked)
    routes = [nodes for _, nodes in first_routes(asked)]

    def fresh() -> Tours:
        return tours_of(routes, grounds.demand, len(routes) + 5)

    tours, best, gains = fresh(), fresh(), np.zeros(2)
    fleet = Fleet(np.array([20]), 1000, 0.0)
    before = driven(grounds, routes)
    anneal(grounds, fleet, tours, best, nothing_taken(), gains, 4000, 30.0, 0.1, seeded(3))
    for kept, gain in zip((tours, best), gains.tolist(), strict=True):
        found = routes_of(kept)
        assert sorted(stop for own in found for stop in own) == list(range(80))
        assert driven(grounds, found) == pytest.approx(before + gain)
        assert all(grounds.demand[own].sum() <= 20 for own in found)
    assert gains[1] <= gains[0]
    assert gains[1] < -0.01 * before


@pytest.mark.parametrize("count", [150, 1_600])
def test_strings_make_a_plan_cheaper_and_alike_on_any_number_of_workers(count: int) -> None:
    asked = scattered(count)
    start = first_routes(asked)
    told: list[float] = []
    meter = Meter(Budget(iterations=600))
    done = improve_by_strings(asked, start, meter, SerialEngine(), 3, on_progress=told.append)
    assert told == sorted(told, reverse=True)
    assert meter.iterations <= 620
    with LocalEngine(2) as engine:
        meter = Meter(Budget(iterations=600))
        again = improve_by_strings(asked, start, meter, engine, 3, workers=2)
    assert again.routes == done.routes
    grounds = ground(asked)
    ways = [nodes for _, nodes in done.routes]
    assert driven(grounds, ways) == pytest.approx(told[-1])
    assert told[-1] < 0.997 * driven(grounds, [nodes for _, nodes in start])


def test_any_plain_problem_is_planned_within_its_limits() -> None:
    few = replace(VAN, count=17, capacity=(24,), max_stops=8, fixed_cost=40.0, distance_cost=2.0)
    asked = scattered(100, few)
    plan = solve(asked, Budget(iterations=400), 5)
    verdict = check(case_of_problem(asked), routes_of_solution(plan))
    assert verdict.faults == []
    assert plan.cost == pytest.approx(verdict.cost)
    assert len(plan.routes) <= 17
    assert max(len(route.visits) for route in plan.routes) <= 8


@pytest.mark.parametrize("kind", ["streets", "table"])
def test_distances_need_not_be_straight(kind: str) -> None:
    flat = scattered(1_520)
    points = flat.metric.points()
    if kind == "streets":
        metric: Any = StreetMetric(40.0 + points[:, 1] / 9000, -75.0 + points[:, 0] / 9000)
    else:
        every = np.arange(len(points))
        across = np.abs(points[every][:, None] - points[every][None]).sum(axis=2)
        table = np.rint(across * 10).astype(np.int64)
        metric = MatrixMetric(table, table, points, units=10)
    asked = replace(flat, metric=metric)
    start = solve(asked, Budget(iterations=0), 1)
    plan = solve(asked, Budget(iterations=600), 1)
    every = np.arange(len(points))
    legs = metric.matrix(every, every)
    units = metric.distance_units
    tabled = replace(asked, metric=MatrixMetric(legs.distance, legs.duration, points, units))
    verdict = check(case_of_problem(tabled), routes_of_solution(plan))
    assert verdict.faults == []
    assert plan.cost == pytest.approx(verdict.cost, rel=1e-6)
    assert plan.cost < 0.997 * start.cost


def test_who_stops_it_gets_the_best_round_so_far() -> None:
    class Stopped(SerialEngine):
        maps = 0

        def map(self, *arguments: Any, **named: Any) -> Any:
            self.maps += 1
            if self.maps > 12:
                raise InterruptedRunError("stopped")
            return super().map(*arguments, **named)

    asked = scattered(1_600)
    told: list[float] = []
    plan = solve(asked, Budget(iterations=2_000), 3, told.append, engine=Stopped())
    assert plan.interrupted
    assert plan.complete
    assert plan.cost == pytest.approx(told[-1])
    assert told[-1] < told[0]


def test_parts_are_cut_evenly_and_hold_every_route_once() -> None:
    draws = stream(2, "cut")
    centres, sizes = draws.normal(size=(90, 2)), draws.integers(5, 30, 90)
    groups = cut(centres, sizes, 5, draws)
    assert sorted(np.concatenate(groups).tolist()) == list(range(90))
    held = [int(sizes[group].sum()) for group in groups]
    assert max(held) - min(held) <= 4 * 30
    assert [group.tolist() for group in cut(centres[:1], sizes[:1], 3, draws)] == [[0]]


@pytest.mark.parametrize(
    ("job", "van"),
    [
        ({"windows": (Window(0, 900),)}, {}),
        ({"pickup": (1,)}, {}),
        ({"required": False, "prize": 5.0}, {}),
        ({"group": "g"}, {}),
        ({"skills": frozenset({"lift"})}, {}),
        ({"delivery": (21,)}, {}),
        ({}, {"end_depot": None}),
        ({}, {"max_distance": 1e6}),
        ({}, {"duration_cost": 1.0}),
        ({}, {"shift_ends": 1e6}),
        ({}, {"reload_depots": ("D",)}),
    ],
)
def test_what_is_more_than_plain_is_told(job: dict[str, Any], van: dict[str, Any]) -> None:
    asked = scattered(5)
    assert is_plain(asked)
    jobs = (replace(asked.jobs[0], **job), *asked.jobs[1:])
    assert not is_plain(replace(asked, jobs=jobs, vehicles=(replace(VAN, **van),)))


def test_one_way_streets_are_not_plain() -> None:
    table = np.arange(36, dtype=np.int64).reshape(6, 6)
    asked = replace(scattered(5), metric=MatrixMetric(table, table))
    assert not is_plain(asked)
