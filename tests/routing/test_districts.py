"""More stops than one search takes, of which savings know nothing: districts first, then parts."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from crossdock.model import stream
from crossdock.plan.routing import (
    Budget,
    Depot,
    Job,
    Pin,
    PlanarMetric,
    Problem,
    Relation,
    RelationKind,
    Shipment,
    ShipmentEnd,
    Solution,
    VehicleType,
    Window,
    solve,
)
from crossdock.plan.routing.districts import districts_of
from crossdock.platform.engine import LocalEngine
from routing.checker import case_of_problem, check, routes_of_solution
from routing.mixed_day import mixed_day
from routing.plan_checker import judged as judged_document
from routing.rich_checker import check_rich
from routing.route_documents import planned

COUNT = 120
SOLVE = importlib.import_module("crossdock.plan.routing.solve")
DISTRICTS = importlib.import_module("crossdock.plan.routing.districts")


@pytest.fixture(autouse=True)
def small_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes thousands of stops in life takes a hundred here."""
    monkeypatch.setattr(SOLVE, "MOST_STOPS", 60)
    monkeypatch.setattr(DISTRICTS, "_STOPS", 30)


def scattered(
    job: Callable[[int, np.random.Generator], Job],
    vehicles: Sequence[VehicleType] = (
        VehicleType("van", capacity=(12,), start_depot="D", end_depot="D"),
    ),
    **more: Any,
) -> Problem:
    draws = stream(11, "districts")
    points = draws.uniform(0, 1000, (COUNT + 1, 2))
    jobs = tuple(job(at, draws) for at in range(1, COUNT + 1))
    return Problem(PlanarMetric(points), (Depot("D", 0),), tuple(vehicles), jobs, **more)


def judged(asked: Problem, plan: Solution) -> None:
    verdict = check(case_of_problem(asked), routes_of_solution(plan))
    assert verdict.faults == []
    assert plan.cost == pytest.approx(verdict.cost, abs=1e-3)


def pickup(at: int, draws: np.random.Generator) -> Job:
    amount = (int(draws.integers(1, 4)),)
    return Job(str(at), at, **{"pickup" if at % 3 else "delivery": amount})


def test_pickups_are_planned_and_alike_on_any_number_of_workers() -> None:
    asked = scattered(pickup)
    one = solve(asked, Budget(iterations=600), 1)
    judged(asked, one)
    with LocalEngine(2) as engine:
        # The limits of the fixture are not those of other processes, which search small parts only.
        two = solve(asked, Budget(iterations=600), 1, engine=engine, workers=2)
    assert two.sequences == one.sequences


def test_shipments_stay_whole() -> None:
    draws = stream(12, "shipments")
    points = draws.uniform(0, 1000, (161, 2))
    ships = tuple(
        Shipment(
            f"s{at}", ShipmentEnd(f"p{at}", 1 + at), ShipmentEnd(f"d{at}", 81 + at), amount=(1,)
        )
        for at in range(80)
    )
    van = VehicleType("van", capacity=(5,), start_depot="D", end_depot="D")
    asked = Problem(PlanarMetric(points), (Depot("D", 0),), (van,), shipments=ships)
    plan = solve(asked, Budget(iterations=600), 1)
    judged(asked, plan)
    assert plan.complete


def test_one_of_each_group_is_served_whatever_part_it_is_in() -> None:
    def job(at: int, draws: np.random.Generator) -> Job:
        windows = (Window(0, 2000), Window(3000, 9000)) if at % 5 == 0 else (Window(0, 9000),)
        return Job(str(at), at, (int(draws.integers(1, 4)),), windows=windows, group=f"g{at % 50}")

    asked = scattered(job)
    plan = solve(asked, Budget(iterations=900), 2)
    judged(asked, plan)
    assert plan.complete
    assert sum(len(route.visits) for route in plan.routes) == 50


def test_prizes_that_do_not_pay_are_left_once_a_group() -> None:
    def job(at: int, _: np.random.Generator) -> Job:
        return Job(
            str(at), at, (1,), (1,), prize=float(at % 40), required=False, group=f"g{at % 40}"
        )

    asked = scattered(job)
    plan = solve(asked, Budget(iterations=600), 2)
    judged(asked, plan)


def test_a_limited_fleet_is_dealt_to_districts_and_no_vehicle_twice() -> None:
    fleet = [
        VehicleType("bike", 2, (6,), start_depot="D", end_depot="D"),
        VehicleType("van", 16, (24,), start_depot="D", end_depot="D"),
    ]
    asked = scattered(pickup, fleet)
    dealt = [part.problem.vehicles for part, _ in districts_of(asked, 1)]
    for kind in fleet:
        counts = [each.count or 0 for own in dealt for each in own if each.id == kind.id]
        assert sum(counts) == kind.count
    plan = solve(asked, Budget(iterations=900), 1)
    judged(asked, plan)
    assert plan.complete


def day(at: int, draws: np.random.Generator) -> Job:
    return Job(
        str(at), at, (int(draws.integers(1, 4)),), service=300.0, priority=int(at % 7 == 0),
        territory=("n", "s")[at % 2],
    )  # fmt: skip


RELATIONS = (
    Relation(RelationKind.SAME_VEHICLE, ("3", "77", "90")),
    Relation(RelationKind.ORDER, ("21", "22")),
    Relation(RelationKind.SEQUENCE, ("101", "8")),
)


def test_a_rich_problem_is_cut_where_nothing_is_tied() -> None:
    drivers = [
        VehicleType(
            f"van {at}", count=1, capacity=(40,), start_depot="D", end_depot="D",
            hos_rules="MEALS_AND_RESTS", territory=("n", "s")[at % 2], duration_cost=0.01,
        )
        for at in range(9)
    ]  # fmt: skip
    more: dict[str, Any] = {
        "relations": RELATIONS, "pinned": (Pin("van 4", ("55", "3")), Pin("van 5", ("60",))),
        "territory_cost": 2.0, "longest_cost": 0.05,
    }  # fmt: skip
    asked = scattered(day, drivers, **more)
    for part, _ in districts_of(asked, 1):
        stops = {job.id for job in part.problem.jobs}
        for tie in (*RELATIONS, *asked.pinned):
            assert stops.issuperset(tie.stops) or stops.isdisjoint(tie.stops)
        for pin in part.problem.pinned:
            assert pin.vehicle_type in {kind.id for kind in part.problem.vehicles}
    told: list[float] = []
    one = solve(asked, Budget(iterations=120), 1, told.append)
    verdict = check_rich(asked, one)
    assert verdict.faults == []
    assert one.complete
    assert one.cost == pytest.approx(verdict.cost, abs=1e-4)
    assert one.cost < told[0]
    assert told[-1] == pytest.approx(one.cost, abs=1e-4)
    with LocalEngine(2) as engine:
        two = solve(asked, Budget(iterations=120), 1, engine=engine, workers=2)
    assert two.sequences == one.sequences


@pytest.mark.parametrize("seed", [1, 2])
def test_all_that_a_document_says_holds_in_a_plan_of_many_parts(seed: int) -> None:
    told = mixed_day(180, seed)
    plan = planned(told, iterations=90)
    assert judged_document(told, plan) == []
    assert plan["totals"]["stops"] > 150


def test_what_ranks_higher_is_served_whatever_part_it_is_in() -> None:
    few = [VehicleType("van", 6, (24,), start_depot="D", end_depot="D")]
    asked = scattered(day, few)
    plan = solve(asked, Budget(iterations=200), 1)
    assert not plan.complete
    left = {each.id for each in plan.unassigned}
    assert left
    assert not any(job.priority for job in asked.jobs if job.id in left)


def test_a_time_limit_is_kept() -> None:
    plan = solve(scattered(pickup), Budget(seconds=3.0), 1)
    assert plan.complete
