"""Reloads and backhauls with all that only our own search knows: judge, search, replan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest

from crossdock.model import stream
from crossdock.plan.routing import (
    Backhauls,
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
    Rounding,
    Shipment,
    ShipmentEnd,
    Solution,
    VehicleType,
    Window,
    reload_at,
    replan,
    schedule,
    solve,
)
from crossdock.plan.routing.breaks import NEVER
from crossdock.plan.routing.draws import seeded
from crossdock.plan.routing.ruin.columns import columns_of
from crossdock.plan.routing.ruin.handles import columns_handle
from crossdock.plan.routing.ruin.judge import judged
from crossdock.plan.routing.ruin.state import room_for
from routing.rich_checker import check_rich, rank_vector

POINTS = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0], [5.0, 5.0], [20.0, 0.0]])
VAN = VehicleType(
    "van", count=1, capacity=(2,), start_depot="D", end_depot="D", reload_depots=("D",)
)
JOBS = tuple(Job(str(at), at, (1,)) for at in range(1, 6))
KINDS = RelationKind


def problem(
    *jobs: Job, vehicles: tuple[VehicleType, ...] = (VAN,), scale: float = 1.0,
    depots: tuple[Depot, ...] = (Depot("D", 0),), **more: Any,
) -> Problem:  # fmt: skip
    metric = PlanarMetric(POINTS * scale, Rounding.ROUND)
    return Problem(metric, depots, vehicles, jobs or JOBS, **more)


def planned(asked: Problem, iterations: int = 20, seed: int = 1, **more: Any) -> Solution:
    """The whole plan of ``asked``, without fault before the judge who shares nothing."""
    plan = solve(asked, Budget(iterations=iterations), seed, **more)
    verdict = check_rich(asked, plan)
    assert verdict.faults == []
    assert plan.complete
    assert plan.cost == pytest.approx(verdict.cost, abs=1e-4)
    return plan


def visits(plan: Solution) -> list[list[str]]:
    return [[visit.id for visit in route.visits] for route in plan.routes]


def ship(name: str, taken: int, put: int, amount: int = 1) -> Shipment:
    return Shipment(name, ShipmentEnd(f"{name}+", taken), ShipmentEnd(f"{name}-", put), (amount,))


# Judge and arbiter


def any_problem(random: np.random.Generator, hours: bool) -> Problem:
    """Few stops with everything that has to do with reloads; in seconds where there are hours."""
    unit = 250.0 if hours else 1.0

    def time(low: int, high: int) -> float:
        return float(random.integers(low, high)) * unit

    def perhaps(value: Any, otherwise: Any) -> Any:
        return value if random.integers(2) else otherwise

    points = random.integers(0, 40, (9, 2)).astype(float) * unit
    depots = (
        Depot("D", 0, opens=time(0, 20), closes=time(250, 600), loading=time(0, 6)),
        Depot("E", 1, loading=time(0, 6)),
    )
    jobs = tuple(
        Job(
            str(at),
            at,
            tuple(random.integers(0, 4, 2).tolist()),
            perhaps((), tuple(random.integers(0, 3, 2).tolist())),
            windows=perhaps(
                (Window(),), (Window(0, time(30, 200)), Window(time(200, 240), time(240, 500)))
            ),
            service=time(0, 9),
            parking=time(0, 4),
            release=perhaps(0.0, time(0, 120)),
        )
        for at in range(2, 7)
    )
    ships = tuple(
        Shipment(name, ShipmentEnd(f"{name}+", 7), ShipmentEnd(f"{name}-", place),
                 tuple(random.integers(0, 4, 2).tolist()))
        for name, place in (("s", 8), ("t", 2))
    )  # fmt: skip
    van = VehicleType(
        "van",
        capacity=(int(random.integers(4, 14)), perhaps(None, int(random.integers(4, 14)))),
        **perhaps({"start_depot": "D"}, {"start_place": 3, "on_board": (2, 1)}),
        end_depot=perhaps("D", None),
        shift_starts=time(0, 30),
        shift_ends=perhaps(math.inf, time(300, 700)),
        latest_start=perhaps(math.inf, time(30, 200)),
        fixed_cost=5.0,
        duration_cost=perhaps(0.0, 0.5),
        regular_duration=time(50, 300),
        overtime_cost=perhaps(0.0, 1.5),
        max_duration=perhaps(math.inf, time(100, 500)),
        max_distance=perhaps(math.inf, time(100, 400)),
        max_stops=perhaps(None, int(random.integers(3, 8))),
        reload_depots=("D", "E"),
        max_reloads=perhaps(None, int(random.integers(1, 4))),
        backhauls=perhaps(Backhauls.MIXED, Backhauls.LAST),
        hos_rules="US_70_8" if hours else "",
    )
    return Problem(
        PlanarMetric(points, Rounding.ROUND), depots, (van,), jobs, ships, ("kg", "pieces")
    )


def any_route(random: np.random.Generator, asked: Problem) -> list[int]:
    """Some stops in any order, a pickup before its delivery, and reloads anywhere."""
    jobs, ships = len(asked.jobs), len(asked.shipments)
    kept = [node for node in range(jobs + ships) if random.integers(5) < 2]
    order: list[int] = random.permutation(kept).tolist()
    for pickup in [node for node in order if node >= jobs]:
        order.insert(int(random.integers(order.index(pickup) + 1, len(order) + 1)), pickup + ships)
    for _ in range(int(random.integers(0, 4))):
        depot = reload_at(int(random.integers(len(asked.depots))))
        order.insert(int(random.integers(len(order) + 1)), depot)
    return order


def judged_cost(asked: Problem, nodes: list[int]) -> float:
    columns = columns_of(asked)
    work, stops = room_for(columns, seeded(1)), columns.stops
    told = [0, *(node if node >= 0 else stops - 1 - node for node in nodes)]
    order = np.array(told, dtype=np.int64)
    held = columns_handle(columns)
    return judged(held, 0, order, len(nodes), work.legs, work.labels, work.tally)


@pytest.mark.parametrize("hours", [False, True])
def test_the_judge_says_of_any_route_with_reloads_what_the_arbiter_says(hours: bool):
    random = stream(5, "reloads", "judge", hours)
    legal = faulty = 0
    for _ in range(60):
        asked = any_problem(random, hours)
        for _ in range(12):
            nodes = any_route(random, asked)
            timed, cost = schedule(asked, 0, nodes), judged_cost(asked, nodes)
            if timed.faults:
                faulty += 1
                assert cost >= NEVER, (nodes, timed.faults)
            else:
                legal += any(node < 0 for node in nodes)
                assert cost == pytest.approx(timed.route.cost, abs=1e-6), nodes
    assert legal > 30
    assert faulty > 100


# The search


def drawn(seed: int) -> Problem:
    """A small problem that no two vans serve without to reload."""
    random = stream(seed, "reloads", "brute")
    points = random.integers(0, 30, (6, 2)).astype(float)
    jobs = [
        Job(
            str(at), at, (int(random.integers(1, 3)),), (int(random.integers(0, 2)),),
            windows=(Window(0, float(random.integers(100, 300))),),
            service=float(random.integers(0, 8)),
            release=float(random.integers(0, 2) * random.integers(0, 90)),
            priority=int(random.integers(1, 3)),
        )
        for at in range(1, 4)
    ]  # fmt: skip
    more: dict[str, Any] = {}
    if random.integers(2):
        more["shipments"] = (ship("s", 4, 5),)
    else:
        jobs.append(Job("4", 4, (2,)))
        more["relations"] = (
            Relation(list(KINDS)[int(random.integers(3))], ("4", str(random.integers(1, 4)))),
        )
    vans = tuple(
        VehicleType(
            name, count=1, capacity=(int(random.integers(2, 4)),), start_depot="D",
            end_depot=(None, "D")[int(random.integers(2))],
            shift_ends=float(random.integers(150, 400)),
            fixed_cost=float(random.integers(0, 60)),
            duration_cost=float(random.integers(0, 2)),
            reload_depots=("D",) if name == "a" or random.integers(2) else (),
            max_reloads=(None, 1)[int(random.integers(2))],
            backhauls=list(Backhauls)[int(random.integers(2))],
        )
        for name in "ab"
    )  # fmt: skip
    depots = (Depot("D", 0, loading=float(random.integers(0, 5))),)
    return Problem(PlanarMetric(points, Rounding.ROUND), depots, vans, tuple(jobs), **more)


def with_reloads(order: tuple[int, ...], most: int) -> Iterator[list[int]]:
    """An order of stops with up to so many reloads, each in a gap of its own."""
    for count in range(min(most, len(order)) + 1):
        for gaps in combinations(range(len(order)), count):
            route: list[int] = []
            for at, node in enumerate(order):
                route += [reload_at(0)] * (at in gaps) + [node]
            yield route


def brute(asked: Problem) -> tuple[tuple[int, ...], float]:
    """What is least left out and the least cost, by trying everything."""
    ways: list[dict[frozenset[int], float]] = []
    for vehicle, kind in enumerate(asked.vehicles):
        most = 0 if not kind.reload_depots else kind.max_reloads or len(asked.nodes)
        best: dict[frozenset[int], float] = {frozenset(): 0.0}
        for size in range(1, len(asked.nodes) + 1):
            for order in permutations(range(len(asked.nodes)), size):
                for route in with_reloads(order, most):
                    timed = schedule(asked, vehicle, route)
                    if not timed.faults:
                        served = frozenset(order)
                        best[served] = min(best.get(served, math.inf), timed.route.cost)
        ways.append(best)
    found: tuple[tuple[int, ...], float] = ((99,) * 9, 0.0)
    for one, first in ways[0].items():
        for other, second in ways[1].items():
            if not one & other:
                left = rank_vector(asked, {asked.nodes.ids[node] for node in one | other})
                found = min(found, (left, first + second))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_small_problem_with_reloads_is_planned_as_well_as_by_trying_everything(seed: int):
    asked = drawn(seed)
    plan = solve(asked, Budget(iterations=100), 1)
    verdict = check_rich(asked, plan)
    gone = {each.id for each in plan.unassigned}
    faults = [each for each in verdict.faults if not any(name in each for name in gone)]
    assert faults == []
    served = {visit for route in visits(plan) for visit in route}
    least_left, least = brute(asked)
    assert rank_vector(asked, served) == least_left
    assert plan.cost == pytest.approx(least, abs=1e-6)


def test_a_sequence_stays_whole_and_the_van_reloads_elsewhere():
    asked = problem(relations=(Relation(KINDS.SEQUENCE, ("5", "1")),))
    (route,) = visits(planned(asked))
    assert "5,1" in ",".join(route)
    assert route.count("D") == 2


def test_what_one_tour_cannot_carry_in_order_is_carried_in_two():
    jobs = (Job("a", 1, (2,)), Job("b", 3, (2,)))
    (route,) = visits(planned(problem(*jobs, relations=(Relation(KINDS.ORDER, ("b", "a")),))))
    assert route == ["b", "D", "a"]


def test_a_shipment_stays_on_board_over_a_reload():
    asked = problem(
        Job("a", 2, (1,)), Job("b", 3, (1,)),
        shipments=(ship("s", 1, 5),), relations=(Relation(KINDS.ORDER, ("s+", "a", "b", "s-")),),
    )  # fmt: skip
    (route,) = visits(planned(asked))
    assert [each for each in route if each != "D"] == ["s+", "a", "b", "s-"]
    assert "D" in route[1:3]


def test_a_van_with_breaks_reloads_at_the_depot():
    van = replace(VAN, hos_rules="MEALS_AND_RESTS", duration_cost=0.01)
    jobs = tuple(replace(job, service=4000.0) for job in JOBS)
    plan = planned(problem(*jobs, vehicles=(van,), scale=100.0))
    (route,) = plan.routes
    assert [visit.id for visit in route.visits].count("D") == 2
    assert {each.kind for each in route.breaks} == {"meal", "rest"}


def test_breaks_are_placed_knowing_that_a_tour_waits_for_its_release():
    van = replace(VAN, hos_rules="MEALS_AND_RESTS")
    jobs = (Job("a", 1, (2,), service=600.0), Job("b", 3, (2,), release=18_000.0, service=600.0))
    asked = problem(*jobs, vehicles=(van,), relations=(Relation(KINDS.ORDER, ("a", "b")),))
    (route,) = planned(asked).routes
    assert route.visits[1].begins == 18_000.0
    assert route.ends == 18_000.0 + 10 + 600 + 10


def test_what_is_released_late_does_not_hold_up_what_is_there():
    jobs = (Job("a", 1, (1,), windows=(Window(0, 30),)), Job("b", 3, (1,), release=70.0))
    asked = problem(*jobs, relations=(Relation(KINDS.ORDER, ("a", "b")),))
    assert visits(planned(asked)) == [["a", "D", "b"]]


def test_most_stops_do_not_count_reloads():
    van = replace(VAN, count=None, max_stops=4, fixed_cost=100.0)
    plan = planned(problem(vehicles=(van,)))
    assert sorted(len(set(route) - {"D"}) for route in visits(plan)) in ([1, 4], [2, 3])


def test_most_reloads_are_kept():
    van = replace(VAN, count=None, max_reloads=1, fixed_cost=100.0)
    plan = planned(problem(vehicles=(van,), longest_cost=0.1))
    assert len(plan.routes) == 2
    assert all(route.count("D") <= 1 for route in visits(plan))


def test_the_nearer_depot_is_where_it_reloads():
    depots = (Depot("D", 0), Depot("far", 5))
    van = replace(VAN, reload_depots=("far", "D"), capacity=(1,))
    jobs = (Job("a", 1, (1,), priority=1), Job("b", 4, (1,)))
    (route,) = visits(planned(problem(*jobs, vehicles=(van,), depots=depots)))
    assert route.count("D") == 1
    assert "far" not in route


def test_what_is_on_board_goes_to_a_depot_first_where_it_is_in_the_way():
    van = replace(VAN, start_depot=None, start_place=4, on_board=(2,))
    plan = planned(problem(Job("a", 1, (2,), priority=1), vehicles=(van,)))
    assert visits(plan) == [["D", "a"]]


def test_a_pinned_route_reloads_after_what_is_pinned():
    asked = problem(pinned=(Pin("van", ("5", "1")),))
    (route,) = visits(planned(asked))
    assert route[:2] == ["5", "1"]
    assert route.count("D") == 2


def test_a_start_is_kept_and_its_needless_reloads_are_not():
    jobs = tuple(replace(job, priority=1) for job in JOBS[:3])
    start = [(0, [reload_at(0), 0, 1, reload_at(0), reload_at(0), 2, reload_at(0)])]
    plan = planned(problem(*jobs), iterations=1, start=start)
    (route,) = visits(plan)
    assert route.count("D") == 1
    bare = planned(problem(*jobs, vehicles=(replace(VAN, capacity=(3,)),)), start=start)
    assert "D" not in visits(bare)[0]


def test_the_same_seed_gives_the_same_plan_with_reloads():
    random = stream(3, "reloads")
    points = random.uniform(0, 100, (31, 2))
    jobs = tuple(Job(str(at), at, (1,), priority=1) for at in range(1, 31))
    van = replace(VAN, capacity=(4,), count=2)
    asked = Problem(PlanarMetric(points), (Depot("D", 0),), (van,), jobs)
    one = planned(asked, 10)
    assert sum(route.count("D") for route in visits(one)) >= 6
    assert solve(asked, Budget(iterations=10), 1).sequences == one.sequences
    assert planned(asked, 30, start=one.sequences).cost <= one.cost + 1e-6


# Backhauls


LAST = replace(VAN, capacity=(4,), backhauls=Backhauls.LAST, reload_depots=())


def test_ends_of_shipments_may_be_before_deliveries_where_backhauls_come_last():
    jobs = (Job("a", 3, (1,)), Job("back", 4, (), (1,)))
    asked = problem(*jobs, vehicles=(LAST,), shipments=(ship("s", 1, 2),))
    (route,) = visits(planned(asked))
    assert route == ["s+", "s-", "a", "back"]


def test_a_stop_that_does_both_is_the_last_delivery_and_the_first_pickup():
    jobs = (Job("out", 1, (1,)), Job("both", 2, (1,), (1,)), Job("back", 3, (), (1,)))
    asked = problem(*jobs, vehicles=(LAST,))
    assert visits(planned(asked)) == [["out", "both", "back"]]
    for nodes in ([1, 0, 2], [0, 2, 1], [2, 0, 1]):
        assert [each.limit for each in schedule(asked, 0, nodes).faults] == ["backhauls"]
    two = problem(jobs[1], replace(jobs[1], id="more", place=3), vehicles=(LAST,))
    assert not solve(two, Budget(iterations=5)).complete


def test_backhauls_come_last_in_every_tour():
    van = replace(LAST, capacity=(1,), reload_depots=("D",))
    jobs = (Job("a", 1, (1,)), Job("b", 3, (1,)), Job("x", 2, (), (1,)), Job("y", 5, (), (1,)))
    asked = problem(*jobs, vehicles=(van,), longest_cost=0.1)
    (route,) = visits(planned(asked))
    first, second = route[: route.index("D")], route[route.index("D") + 1 :]
    assert first[0] in "ab"
    assert second[0] in "ab"


# A day under way


def test_a_new_plan_keeps_the_reloads_of_the_one_before():
    vans = (replace(VAN, id="a"), replace(VAN, id="b", start_depot=None, start_place=4))
    asked = problem(vehicles=vans)
    routes = (
        PlannedRoute("a", ("1", "2", "D", "3", "5"), {"1": 10.0, "3": 44.0}),
        PlannedRoute("gone", ("4", "D")),
    )
    found = replan(asked, routes, Budget(iterations=10), 1, weights=ChangeWeights(moved=1000.0))
    assert check_rich(asked, found.solution).faults == []
    assert found.solution.complete
    assert [each.stop for each in found.changes.moved] == ["4"]
    own = {route.vehicle_type: [v.id for v in route.visits] for route in found.solution.routes}
    assert set(own["a"]) == {"1", "2", "3", "5", "D"}
    assert own["b"] == ["4"]


def test_a_route_that_no_longer_fits_is_cut_at_its_end():
    asked = problem(vehicles=(replace(VAN, shift_ends=75.0),))
    routes = (PlannedRoute("van", ("1", "D", "3", "D", "5")),)
    found = replan(asked, routes, Budget(iterations=1), 1)
    verdict = check_rich(asked, found.solution)
    assert all("left out" in each for each in verdict.faults)
    assert len(found.solution.unassigned) < 5
