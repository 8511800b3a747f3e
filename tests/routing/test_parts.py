"""Problems in parts: never dearer, nothing lost, the same on any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    PlanarMetric,
    Problem,
    Rounding,
    Shipment,
    ShipmentEnd,
    Solution,
    VehicleType,
    Window,
    solve,
)
from crossdock.plan.routing.clusters import ClusterChoice, ClusterKind, RoutePlaces, clusters
from crossdock.platform.engine import LocalEngine
from routing.checker import case_of_problem, check, routes_of_solution

VAN = VehicleType("van", capacity=(20,), start_depot="D", end_depot="D")


def scattered(
    count: int, job: Callable[[int, np.random.Generator], Job], *vehicles: VehicleType, **more: Any
) -> Problem:
    draws = stream(7, "parts", count)
    points = draws.uniform(0, 1000, (count + 2, 2))
    jobs = tuple(job(at + 2, draws) for at in range(count))
    depots = (Depot("D", 0), Depot("E", 1))
    return Problem(PlanarMetric(points, Rounding.ROUND), depots, vehicles or (VAN,), jobs, **more)


def delivery(at: int, draws: np.random.Generator) -> Job:
    return Job(str(at), at, (int(draws.integers(1, 6)),))


def judged(asked: Problem, plan: Solution) -> None:
    verdict = check(case_of_problem(asked), routes_of_solution(plan))
    assert verdict.faults == []
    assert plan.cost == pytest.approx(verdict.cost, abs=1e-3)


def test_parts_make_a_large_plan_cheaper_and_alike_on_any_number_of_workers() -> None:
    asked = scattered(1_600, delivery)
    told: list[float] = []
    plan = solve(asked, Budget(iterations=1_600), 3, told.append)
    judged(asked, plan)
    assert plan.complete
    assert told == sorted(told, reverse=True)
    assert plan.iterations <= 1_600
    assert plan.cost < 0.998 * told[0]
    with LocalEngine(2) as engine:
        again = solve(asked, Budget(iterations=1_600), 3, engine=engine, workers=2)
    assert again.sequences == plan.sequences


def test_prizes_windows_two_depots_and_a_small_fleet_are_kept_in_parts() -> None:
    def job(at: int, draws: np.random.Generator) -> Job:
        opens = float(draws.uniform(0, 6000))
        return Job(
            str(at), at, (int(draws.integers(1, 6)),), windows=(Window(opens, opens + 2500),),
            service=10.0, required=bool(draws.random() < 0.2), prize=float(draws.uniform(20, 200)),
        )  # fmt: skip

    asked = scattered(
        610, job,
        VehicleType("small", 16, (15,), start_depot="D", end_depot="D", shift_ends=9000),
        VehicleType(
            "large", 11, (40,), start_depot="E", end_depot="D", shift_ends=9000, fixed_cost=50
        ),
    )  # fmt: skip
    plan = solve(asked, Budget(iterations=1_200), 2)
    judged(asked, plan)
    assert plan.iterations <= 1_200
    assert 0 < len(plan.unassigned) < 610
    whole = solve(asked, Budget(iterations=30), 2)
    assert plan.cost < whole.cost


def test_shipments_stay_whole_in_parts() -> None:
    draws = stream(9, "shipments")
    points = draws.uniform(0, 1000, (622, 2))
    shipments = tuple(
        Shipment(
            f"S{at}", ShipmentEnd(f"p{at}", 2 + 2 * at), ShipmentEnd(f"d{at}", 3 + 2 * at), (1,)
        )
        for at in range(310)
    )
    van = VehicleType("van", capacity=(4,), start_depot="D", end_depot="D", max_distance=6_000)
    asked = Problem(
        PlanarMetric(points, Rounding.ROUND), (Depot("D", 0),), (van,), shipments=shipments
    )
    plan = solve(asked, Budget(iterations=900), 4)
    judged(asked, plan)
    assert plan.complete


def test_a_small_problem_is_searched_from_several_seeds_alike_anywhere() -> None:
    asked = scattered(60, delivery)
    plan = solve(asked, Budget(iterations=300), 5)
    judged(asked, plan)
    with LocalEngine(2) as engine:
        again = solve(asked, Budget(iterations=300), 5, engine=engine, workers=2)
    assert again.sequences == plan.sequences


def test_who_stops_it_gets_the_best_so_far() -> None:
    class Stopped(SerialEngine):
        rounds = 0

        def map(self, function: Any, items: Sequence[Any], **more: Any) -> list[Any]:
            self.rounds += 1
            if self.rounds > 1:
                raise InterruptedRunError("stopped")
            return super().map(function, items, **more)

    asked = scattered(1_600, delivery)
    told: list[float] = []
    plan = solve(asked, Budget(iterations=100_000), 3, told.append, engine=Stopped())
    judged(asked, plan)
    assert plan.interrupted
    assert plan.cost == told[-1] < told[0]


def test_a_time_limit_is_kept_by_a_large_problem() -> None:
    asked = scattered(3_000, delivery)
    solve(asked, Budget(iterations=1))  # compiled code is read once a process
    plan = solve(asked, Budget(seconds=3.0), 1)
    judged(asked, plan)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=50),
    target=st.integers(10, 200),
    kind=st.sampled_from(ClusterKind),
    seed=st.integers(0, 99),
)
def test_every_route_is_in_one_group_and_groups_are_no_larger_than_they_must(
    sizes: list[int], target: int, kind: ClusterKind, seed: int
) -> None:
    draws = stream(seed, "groups")
    count = len(sizes)
    places = RoutePlaces(
        draws.uniform(0, 1, (count, 2)), draws.uniform(-3, 3, count), np.array(sizes)
    )
    groups = clusters(places, kind, target, draws)
    assert sorted(route for group in groups for route in group) == list(range(count))
    for group in groups:
        assert len(group) == 1 or sum(sizes[route] for route in group) <= target


def test_a_part_knows_nothing_of_vehicles_that_are_not_in_it() -> None:
    other = VehicleType("other", capacity=(20,), start_depot="D", end_depot="D")

    def job(at: int, _: np.random.Generator) -> Job:
        allowed, excluded = frozenset({"van", "other"}), frozenset[str]()
        if at == 3:
            allowed, excluded = frozenset({"other"}), frozenset({"van"})
        return Job(str(at), at, (1,), allowed_vehicles=allowed, excluded_vehicles=excluded)

    whole = scattered(4, job, VAN, other)
    part = whole.part([0, 1, 2], [VAN])
    assert [stop.allowed_vehicles for stop in part.jobs] == [{"van"}, set(), {"van"}]
    plan = solve(part, Budget(iterations=20))
    assert [left.id for left in plan.unassigned] == ["3"]


def test_kinds_and_sizes_of_parts_that_gain_more_are_drawn_more_often() -> None:
    choice, random = ClusterChoice(), stream(1, "choice")
    best = (ClusterKind.SWEEP, 450)
    for _ in range(200):
        pair = choice.draw(random)
        choice.learn(pair, 10.0 if pair == best else 2.0)
    drawn = [choice.draw(random) for _ in range(400)]
    others = {pair for pair in choice.weights if pair != best}
    assert all(drawn.count(best) > drawn.count(pair) for pair in others)
    assert others <= set(drawn)  # what gained little may gain more later


def test_rounds_that_gain_nothing_leave_every_choice_open() -> None:
    choice, random = ClusterChoice(), stream(2, "choice")
    for _ in range(50):
        choice.learn(choice.draw(random), 0.0)
    assert all(weight > 0 for weight in choice.weights.values())
