"""Plans of small problems with every feature, each held to the independent checker."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import UsageError, stream
from crossdock.plan.routing import (
    Backhauls,
    Budget,
    Depot,
    Job,
    MatrixMetric,
    PlanarMetric,
    Problem,
    Rounding,
    Shipment,
    ShipmentEnd,
    Solution,
    VehicleType,
    Window,
    improve,
    solve,
)
from routing.checker import case_of_problem, check, routes_of_solution

POINTS = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0], [5.0, 5.0], [20.0, 0.0]])
VAN = VehicleType("van", capacity=(10,), start_depot="D", end_depot="D")


def problem(
    *jobs: Job,
    vehicles: tuple[VehicleType, ...] = (VAN,),
    rounding: Rounding = Rounding.ROUND,
    **more: Any,
) -> Problem:
    depots = more.pop("depots", (Depot("D", 0),))
    return Problem(PlanarMetric(POINTS, rounding), depots, vehicles, jobs, **more)


def planned(asked: Problem, iterations: int = 150, seed: int = 1) -> Solution:
    """The plan of ``asked``, whatever it leaves out, without fault before the checker."""
    plan = solve(asked, Budget(iterations=iterations), seed)
    verdict = check(case_of_problem(asked), routes_of_solution(plan))
    left = {each.id for each in plan.unassigned if each.required}
    faults = [
        fault
        for fault in verdict.faults
        if not (left and "left out" in fault)
        and not any(fault == f"coverage: {one} is left out" for one in left)
    ]
    assert faults == []
    assert plan.complete == (not left)
    assert plan.cost == pytest.approx(verdict.cost, abs=1e-4)  # the checker's slack is a time
    return plan


def visits(plan: Solution) -> list[list[str]]:
    return [[visit.id for visit in route.visits] for route in plan.routes]


def test_one_round_is_found_and_timed():
    plan = planned(problem(Job("a", 1, (1,)), Job("b", 2, (1,)), Job("c", 3, (1,))))
    assert plan.cost == 40
    assert visits(plan) in (["abc"], ["cba"]) or visits(plan)[0] in (list("abc"), list("cba"))
    begins = [visit.begins for visit in plan.routes[0].visits]
    assert begins == [10, 20, 30]


def test_a_van_waits_at_the_depot_rather_than_at_the_door():
    plan = planned(problem(Job("a", 1, (1,), windows=(Window(50, 60),))))
    assert (plan.routes[0].starts, plan.routes[0].ends) == (40, 60)


def test_duration_and_overtime_are_paid():
    van = replace(VAN, duration_cost=2.0, regular_duration=20.0, overtime_cost=3.0)
    plan = planned(problem(Job("a", 1, (1,), service=5.0), vehicles=(van,)))
    assert plan.cost == pytest.approx(20 + 2 * 25 + 3 * 5)


def test_a_longer_way_may_be_the_quicker_one_where_time_is_dear():
    distance = np.array([[0, 1, 9], [1, 0, 1], [9, 1, 0]])
    duration = np.array([[0, 50, 1], [50, 0, 50], [1, 50, 0]])
    van = replace(VAN, duration_cost=1.0)
    asked = Problem(
        MatrixMetric(distance, duration), (Depot("D", 0),), (van,), (Job("a", 2, (1,)),)
    )
    assert planned(asked).cost == 18 + 2


@pytest.mark.parametrize(
    ("van", "jobs", "routes"),
    [
        (replace(VAN, capacity=(1,)), [Job("a", 1, (1,)), Job("b", 2, (1,))], 2),
        (replace(VAN, max_stops=1), [Job("a", 1), Job("b", 2)], 2),
        (replace(VAN, max_distance=30.0), [Job("a", 1), Job("b", 3)], 2),
        (replace(VAN, max_duration=30.0), [Job("a", 1), Job("b", 3)], 2),
        (replace(VAN, shift_ends=30.0), [Job("a", 1), Job("b", 3)], 2),
        (replace(VAN, capacity=(None,)), [Job("a", 1, (99,)), Job("b", 2, (99,))], 1),
    ],
)
def test_a_limit_splits_the_round(van: VehicleType, jobs: list[Job], routes: int):
    assert len(planned(problem(*jobs, vehicles=(van,))).routes) == routes


def test_every_capacity_dimension_binds():
    van = replace(VAN, capacity=(10, 1))
    jobs = (Job("a", 1, (1, 1)), Job("b", 2, (1, 1)))
    plan = planned(problem(*jobs, vehicles=(van,), dimensions=("kg", "parcels")))
    assert len(plan.routes) == 2


def test_pickups_take_the_room_that_deliveries_leave():
    van = replace(VAN, capacity=(2,))
    plan = planned(problem(Job("a", 1, (2,)), Job("b", 2, (), (2,)), vehicles=(van,)))
    assert visits(plan) == [["a", "b"]]


def test_backhauls_come_last_where_they_must():
    van = replace(VAN, capacity=(2,), backhauls=Backhauls.LAST)
    jobs = (Job("p", 1, (), (1,)), Job("d", 2, (1,)), Job("e", 3, (1,)))
    plan = planned(problem(*jobs, vehicles=(van,)))
    assert visits(plan)[0][-1] == "p"


def test_a_required_group_is_served_once_at_the_cheapest():
    plan = planned(problem(Job("far", 5, group="g"), Job("near", 4, group="g"), Job("a", 1)))
    assert sorted(visits(plan)[0]) == ["a", "near"]
    assert plan.unassigned == ()


def test_of_several_windows_one_is_met():
    windows = (Window(0, 5), Window(100, 110))
    plan = planned(problem(Job("a", 1, (1,), windows=windows), Job("b", 2, (1,))))
    assert next(v for r in plan.routes for v in r.visits if v.id == "a").begins >= 100


def test_an_optional_stop_is_left_with_the_prize_that_would_bring_it():
    plan = planned(problem(Job("a", 1), Job("b", 5, prize=5.0, required=False)))
    assert visits(plan) == [["a"]]
    assert plan.cost == 25
    left = plan.unassigned[0]
    assert left.id == "b"
    assert "leaving it out costs 5" in left.reason
    assert left.cheapest_relaxation is not None
    assert left.cheapest_relaxation.limit == "prize"
    assert left.cheapest_relaxation.by == pytest.approx(left.cheapest_relaxation.cost - 5)


@pytest.mark.parametrize(
    ("job", "van", "limit", "by"),
    [
        (Job("a", 1, (12,)), VAN, "capacity.load", 2),
        (Job("a", 1, windows=(Window(0, 4),)), VAN, "windows.closes", 6),
        (Job("a", 1), replace(VAN, max_duration=15.0), "max_duration", 5),
        (Job("a", 1), replace(VAN, max_distance=15.0), "max_distance", 5),
        (Job("a", 1, skills=frozenset({"lift"})), VAN, "skills", 1),
        (Job("a", 1, excluded_vehicles=frozenset({"van"})), VAN, "excluded_vehicles", 1),
    ],
)
def test_what_cannot_be_served_is_left_with_the_limit_that_forbids_it(
    job: Job, van: VehicleType, limit: str, by: float
):
    plan = planned(problem(job, vehicles=(van,)))
    assert not plan.complete
    (left,) = plan.unassigned
    assert left.cheapest_relaxation is not None
    assert (left.cheapest_relaxation.limit, left.cheapest_relaxation.by) == (limit, by)


def test_one_stop_without_hope_spoils_no_other():
    hopeless = Job("x", 1, windows=(Window(0, 5),), release=6.0)
    plan = planned(problem(Job("a", 2, (1,)), hopeless, Job("y", 3, (11,))))
    assert visits(plan) == [["a"]]
    assert {each.id for each in plan.unassigned} == {"x", "y"}


def test_a_short_fleet_serves_what_it_can():
    van = replace(VAN, count=1, capacity=(2,))
    plan = planned(problem(*(Job(str(at), at, (1,)) for at in (1, 2, 3)), vehicles=(van,)))
    assert len(plan.unassigned) == 1
    assert not plan.complete


def test_skills_and_vehicles_that_are_allowed_or_not():
    big = replace(VAN, id="big", skills=frozenset({"lift"}), distance_cost=5.0)
    jobs = (
        Job("a", 1, skills=frozenset({"lift"})),
        Job("b", 2, excluded_vehicles=frozenset({"big"})),
        Job("c", 3, allowed_vehicles=frozenset({"big"})),
    )
    plan = planned(problem(*jobs, vehicles=(VAN, big)))
    served = {route.vehicle_type: {v.id for v in route.visits} for route in plan.routes}
    assert served == {"van": {"b"}, "big": {"a", "c"}}


def test_open_routes_and_vehicles_under_way():
    there = replace(VAN, id="there", count=1, start_depot=None, start_place=5, end_depot=None)
    plan = planned(problem(Job("a", 3), vehicles=(there,)))
    assert plan.cost == 10
    assert (plan.routes[0].start_depot, plan.routes[0].end_depot) == (None, None)


def test_what_is_on_board_stays_until_the_next_depot():
    van = replace(VAN, count=1, capacity=(3,), on_board=(2,), reload_depots=("D",))
    plan = planned(problem(Job("a", 1, (1,)), Job("b", 3, (3,)), vehicles=(van,)))
    assert visits(plan) == [["a", "D", "b"]]


def test_a_reload_opens_another_tour_when_its_parcels_are_there():
    van = replace(VAN, count=1, capacity=(1,), reload_depots=("D",), shift_ends=100.0)
    jobs = (Job("a", 1, (1,)), Job("b", 3, (1,), release=70.0))
    plan = planned(problem(*jobs, vehicles=(van,)))
    assert visits(plan) == [["a", "D", "b"]]
    assert plan.routes[0].visits[1].begins >= 70


def test_loading_and_depot_hours_count():
    depot = Depot("D", 0, opens=20.0, closes=60.0, loading=7.0)
    plan = planned(problem(Job("a", 1), depots=(depot,)))
    assert (plan.routes[0].starts, plan.routes[0].ends) == (20, 47)


def test_neighbours_share_the_parking():
    van = replace(VAN, duration_cost=1.0)
    jobs = (Job("a", 1, (1,), parking=6.0), Job("b", 1, (1,), parking=6.0))
    assert planned(problem(*jobs, vehicles=(van,))).cost == 20 + 26


def test_a_shipment_is_taken_up_before_it_is_put_down():
    ships = tuple(
        Shipment(f"s{at}", ShipmentEnd(f"+{at}", at), ShipmentEnd(f"-{at}", 6 - at - 1), (6,))
        for at in (1, 2)
    )
    plan = planned(problem(Job("a", 5, (1,)), shipments=ships))
    for at in (1, 2):
        (route,) = (each for each in visits(plan) if f"+{at}" in each)
        assert route.index(f"+{at}") < route.index(f"-{at}")


def test_the_same_seed_and_iterations_give_the_same_plan_and_progress():
    asked = random_problem(7, 30)
    told: list[list[float]] = [[], []]
    plans = [solve(asked, Budget(iterations=200), 3, tell.append) for tell in told]
    assert plans[0] == plans[1]
    assert told[0] == told[1]
    assert told[0] == sorted(told[0], reverse=True)
    assert plans[0].cost == pytest.approx(told[0][-1])


def test_improve_never_makes_routes_dearer_and_takes_plain_data():
    asked = random_problem(8, 30)
    first = solve(asked, Budget(iterations=1), 1)
    seam = pickle.loads(pickle.dumps((asked, first.sequences, Budget(iterations=300), 1)))
    better = solve_cost(asked, improve(*seam))
    assert better <= first.cost
    assert solve_cost(asked, improve(asked, first.sequences, Budget(iterations=0))) == first.cost


def test_an_interruption_leaves_the_best_so_far():
    seen: list[float] = []

    def press(cost: float) -> None:
        seen.append(cost)
        if len(seen) == 3:
            raise KeyboardInterrupt

    asked = random_problem(9, 60)
    plan = solve(asked, Budget(iterations=10_000), 1, press)
    assert plan.interrupted
    assert plan.complete
    assert plan.cost == pytest.approx(seen[-1])


def test_a_budget_needs_a_limit():
    with pytest.raises(UsageError):
        Budget()


def solve_cost(asked: Problem, sequences: Any) -> float:
    ids = asked.nodes.ids
    routes = [
        (asked.vehicles[kind].id, [ids[node] if node >= 0 else "D" for node in nodes])
        for kind, nodes in sequences
    ]
    verdict = check(case_of_problem(asked), routes)
    assert verdict.faults == []
    return verdict.cost


def random_problem(seed: int, count: int) -> Problem:
    """Jobs in a square with demands and windows, an unlimited fleet."""
    draws = stream(seed, "routing")
    points = draws.uniform(0, 100, (count + 1, 2)).round()
    opens = draws.uniform(0, 300, count).round()
    jobs = tuple(
        Job(str(at), at, (int(draws.integers(1, 5)),), windows=(Window(early, early + 150),))
        for at, early in enumerate(opens.tolist(), start=1)
    )
    van = replace(VAN, capacity=(20,), fixed_cost=30.0)
    return Problem(PlanarMetric(points, Rounding.DIMACS), (Depot("D", 0),), (van,), jobs)


@st.composite
def any_problem(draw: st.DrawFn) -> Problem:
    """Few stops, every feature, often no way to serve them all."""
    places = draw(st.integers(3, 7))
    coordinate = st.integers(0, 40)
    points = draw(st.lists(st.tuples(coordinate, coordinate), min_size=places, max_size=places))
    place = st.integers(0, places - 1)
    amount = st.tuples(st.integers(0, 4), st.integers(0, 4))
    time = st.integers(0, 120)

    def windows() -> tuple[Window, ...]:
        cuts = sorted(set(draw(st.lists(time, min_size=0, max_size=4))))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        return tuple(Window(a, b) for a, b in pairs) or (Window(),)

    kinds: list[VehicleType] = []
    for name in ("v", "w")[: draw(st.integers(1, 2))]:
        reload = draw(st.booleans())
        kinds.append(
            VehicleType(
                name,
                count=draw(st.one_of(st.none(), st.integers(1, 2))),
                capacity=draw(st.tuples(st.integers(2, 9), st.one_of(st.none(), st.just(6)))),
                start_depot="D",
                end_depot=draw(st.sampled_from(["D", None])),
                shift_starts=draw(st.integers(0, 20)),
                shift_ends=draw(st.sampled_from([90, 200, math.inf])),
                fixed_cost=draw(st.integers(0, 30)),
                distance_cost=draw(st.sampled_from([0.5, 1, 3])),
                duration_cost=draw(st.sampled_from([0, 0.25, 2])),
                regular_duration=draw(st.sampled_from([50, math.inf])),
                overtime_cost=draw(st.sampled_from([0, 1.5])),
                max_duration=draw(st.sampled_from([110, math.inf])),
                max_distance=draw(st.sampled_from([90, math.inf])),
                reload_depots=("D",) if reload else (),
                max_reloads=draw(st.sampled_from([None, 1])),
                skills=draw(st.sampled_from([frozenset(), frozenset({"lift"})])),
            )
        )
    jobs = tuple(
        Job(
            f"j{at}",
            draw(place),
            delivery=draw(amount),
            pickup=draw(st.one_of(st.just(()), amount)),
            windows=windows(),
            service=draw(st.integers(0, 9)),
            parking=draw(st.integers(0, 5)),
            release=draw(st.sampled_from([0, 0, 30])),
            prize=(prize := draw(st.sampled_from([0, 0, 15]))),
            required=prize == 0,
            skills=draw(st.sampled_from([frozenset(), frozenset({"lift"})])),
            excluded_vehicles=draw(st.sampled_from([frozenset(), frozenset({"v"})])),
            group=draw(st.sampled_from([None, None, f"g{prize}"])),
        )
        for at in range(draw(st.integers(1, 5)))
    )
    shipments = tuple(
        Shipment(
            f"s{at}",
            ShipmentEnd(f"s{at}+", draw(place), (windows()[0],), draw(st.integers(0, 5))),
            ShipmentEnd(f"s{at}-", draw(place), (windows()[0],), draw(st.integers(0, 5)), 3),
            draw(amount),
        )
        for at in range(draw(st.integers(0, 2)))
    )
    xy = np.array(points, dtype=np.float64)
    return Problem(
        PlanarMetric(xy, draw(st.sampled_from(list(Rounding)))),
        (Depot("D", 0, opens=5.0, closes=400.0, loading=2.0),),
        tuple(kinds),
        jobs,
        shipments,
        ("kg", "pieces"),
    )


@given(any_problem(), st.integers(0, 3))
@settings(max_examples=40)
def test_every_plan_stands_before_the_checker(asked: Problem, seed: int):
    planned(asked, iterations=60, seed=seed)
