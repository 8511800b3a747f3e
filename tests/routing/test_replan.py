"""Plans for days that have changed: what is begun stays, what is orphaned finds a vehicle."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from crossdock.model import InvalidValueError, stream
from crossdock.plan.routing import (
    Budget,
    ChangeWeights,
    Depot,
    Job,
    Pin,
    PlanarMetric,
    PlannedRoute,
    Problem,
    Relation,
    RelationKind,
    Replanned,
    Rounding,
    VehicleType,
    Window,
    replan,
    solve,
)
from routing.rich_checker import check_rich

POINTS = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0], [5.0, 5.0], [20.0, 0.0]])
JOBS = tuple(Job(str(at), at, (1,), windows=(Window(0, 200),)) for at in range(1, 6))
VANS = tuple(
    VehicleType(f"v{at}", count=1, capacity=(4,), start_place=0, end_depot="D", shift_starts=5.0)
    for at in range(3)
)
ROUTES = (
    PlannedRoute("v0", ("3", "5", "gone"), {"3": 15.0, "5": 25.0}),
    PlannedRoute("v1", ("1", "2"), {"1": 15.0, "2": 25.0}),
    PlannedRoute("broken", ("4",), {"4": 12.0}),
)


def now(*jobs: Job, vehicles: tuple[VehicleType, ...] = VANS, **more: object) -> Problem:
    metric = PlanarMetric(POINTS, Rounding.ROUND)
    return Problem(metric, (Depot("D", 0),), vehicles, jobs or JOBS, **more)  # pyright: ignore


def answered(problem: Problem, routes: tuple[PlannedRoute, ...] = ROUTES, iterations: int = 10,
             **more: object) -> Replanned:  # fmt: skip
    found = replan(problem, routes, Budget(iterations=iterations), 1, **more)  # pyright: ignore
    verdict = check_rich(problem, found.solution)
    late = found.changes.late
    assert [fault for fault in verdict.faults if not late] == []
    return found


def by_vehicle(found: Replanned) -> dict[str, list[str]]:
    return {
        route.vehicle_type: [visit.id for visit in route.visits] for route in found.solution.routes
    }


def test_an_orphan_is_served_and_nothing_else_moves_where_moves_are_dear():
    found = answered(now(), weights=ChangeWeights(moved=1000.0))
    assert found.solution.complete
    assert [(each.stop, each.was) for each in found.changes.moved] == [("4", "broken")]
    assert found.changes.cost == 0.0
    routes = by_vehicle(found)
    assert {"3", "5"} <= set(routes["v0"])
    assert {"1", "2"} <= set(routes["v1"])


def test_without_weights_the_cheapest_plan_wins():
    free, dear = answered(now()), answered(now(), weights=ChangeWeights(moved=1000.0))
    assert free.solution.cost <= dear.solution.cost
    assert len(free.changes.moved) >= 1


def test_a_promise_that_is_dear_is_kept():
    kept = answered(now(), weights=ChangeWeights(eta=1000.0, tolerance=2.0))
    assert {each.stop for each in kept.changes.etas} <= {"4"}
    loose = answered(now(), weights=ChangeWeights(tolerance=2.0))
    assert {each.stop for each in loose.changes.etas} - {"4"}
    assert loose.solution.cost <= kept.solution.cost


def test_what_is_begun_is_untouched():
    pinned = (Pin("v0", ("3",)), Pin("v1", ("1",)))
    found = answered(now(pinned=pinned))
    routes = by_vehicle(found)
    assert routes["v0"][0] == "3"
    assert routes["v1"][0] == "1"


def test_a_vehicle_that_is_out_gets_nothing():
    found = answered(now(), vehicles_out=("v1",))
    assert "v1" not in by_vehicle(found)
    assert found.solution.complete
    assert {each.stop for each in found.changes.moved} >= {"1", "2", "4"}


def test_a_driver_who_declines_a_stop_does_not_get_it():
    found = answered(now(), declined={"v0": ("5",)}, weights=ChangeWeights(moved=1000.0))
    assert "5" not in by_vehicle(found).get("v0", [])
    with pytest.raises(InvalidValueError, match="declined names v7"):
        answered(now(), declined={"v7": ("5",)})


def test_a_new_job_is_added_and_one_that_fits_nowhere_is_told():
    new, late = Job("new", 4, (1,)), Job("late", 5, (1,), windows=(Window(0, 6),))
    found = answered(now(*JOBS, new))
    assert found.changes.added == ("new",)
    left = replan(now(*JOBS, late), ROUTES, Budget(iterations=5), 1)
    assert [each.id for each in left.solution.unassigned] == ["late"]
    assert not left.solution.complete


def test_a_pinned_stop_that_is_late_is_served_and_said_to_be():
    jobs = (*JOBS[:2], replace(JOBS[2], windows=(Window(0, 8),)), *JOBS[3:])
    found = answered(now(*jobs, pinned=(Pin("v0", ("3",)),)))
    assert found.changes.late == ("3",)
    assert by_vehicle(found)["v0"][0] == "3"
    assert found.solution.complete


def test_a_prefix_that_breaks_a_limit_is_refused_by_name():
    vans = (replace(VANS[0], shift_ends=16.0), *VANS[1:])
    with pytest.raises(InvalidValueError, match="pinned stops of v0 break shift_ends"):
        answered(now(vehicles=vans, pinned=(Pin("v0", ("3",)),)))
    twice = (*ROUTES, PlannedRoute("v2", ("1",)))
    with pytest.raises(InvalidValueError, match="1 is planned twice"):
        answered(now(), twice)


def test_a_route_that_no_longer_fits_gives_up_what_is_late():
    jobs = (*JOBS[:4], replace(JOBS[4], windows=(Window(0, 27),)))
    routes = (PlannedRoute("v0", ("1", "2", "3", "5")),)
    found = answered(now(*jobs), routes, weights=ChangeWeights(moved=3.0))
    assert found.solution.complete
    assert "5" in {visit.id for route in found.solution.routes for visit in route.visits}


def test_relations_hold_in_a_new_plan():
    tied = (Relation(RelationKind.ORDER, ("5", "1")),)
    found = answered(now(relations=tied))
    (route,) = [stops for stops in by_vehicle(found).values() if "5" in stops]
    assert route.index("5") < route.index("1")


def big(stops: int, vehicles: int) -> tuple[Problem, tuple[PlannedRoute, ...]]:
    """A day under way: every vehicle somewhere, its first stop begun."""
    random = stream(11, "replan", "big")
    points = random.uniform(0, 20_000, (stops + 1, 2))
    points[0] = 10_000
    jobs = tuple(
        Job(str(at), at, (1,), windows=(Window(0, 60_000),), service=60.0)
        for at in range(1, stops + 1)
    )
    van = VehicleType(
        "van", count=vehicles, capacity=(stops // vehicles + 8,), start_depot="D", end_depot="D",
        shift_ends=70_000.0,
    )  # fmt: skip
    whole = Problem(PlanarMetric(points, Rounding.ROUND), (Depot("D", 0),), (van,), jobs)
    plan = solve(whole, Budget(iterations=20), 1)
    assert plan.complete
    vans = tuple(
        replace(
            van, id=f"van {at}", count=1, start_depot=None,
            start_place=int(route.visits[0].id), shift_starts=route.visits[0].begins,
            capacity=(stops // vehicles + 16,),
        )
        for at, route in enumerate(plan.routes)
    )  # fmt: skip
    planned = tuple(
        PlannedRoute(
            f"van {at}",
            tuple(visit.id for visit in route.visits[1:]),
            {visit.id: visit.begins for visit in route.visits[1:]},
        )
        for at, route in enumerate(plan.routes)
    )
    begun = {route.visits[0].id for route in plan.routes}
    pinned = tuple(Pin(each.vehicle_type, each.stops[:1]) for each in planned[1:] if each.stops)
    left = tuple(job for job in jobs if job.id not in begun)
    return replace(whole, vehicles=vans[1:], jobs=left, pinned=pinned), planned


def test_a_thousand_stops_are_planned_anew_within_the_budget_after_a_breakdown():
    problem, planned = big(1000, 30)
    weights = ChangeWeights(moved=500.0, eta=50.0, tolerance=900.0)
    replan(problem, planned, Budget(iterations=1), 1, weights=weights)  # compiles
    began = time.process_time()  # the machine may be busy
    found = replan(problem, planned, Budget(iterations=20), 1, weights=weights)
    assert time.process_time() - began < 2.0
    assert found.solution.complete
    assert check_rich(problem, found.solution).faults == []
    orphans = set(planned[0].stops)
    assert orphans <= {each.stop for each in found.changes.moved}
    begins = {r.vehicle_type: r.visits[0].id for r in found.solution.routes}
    assert all(begins[pin.vehicle_type] == pin.stops[0] for pin in problem.pinned)
    assert len(found.changes.moved) < len(orphans) + 200
