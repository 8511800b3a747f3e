"""Plans of problems that the kernel cannot say, each held to an independent judge."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import InvalidValueError, stream
from crossdock.plan.routing import (
    Break,
    Budget,
    Depot,
    HoursUsed,
    Job,
    Pin,
    PlanarMetric,
    Problem,
    Relation,
    RelationKind,
    Rounding,
    Shipment,
    ShipmentEnd,
    Solution,
    VehicleType,
    Window,
    improve,
    schedule,
    solve,
)
from routing.rich_checker import check_rich, rank_vector

POINTS = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0], [5.0, 5.0], [20.0, 0.0]])
VAN = VehicleType("van", capacity=(10,), start_depot="D", end_depot="D")
JOBS = tuple(Job(str(at), at, (1,)) for at in range(1, 6))
KINDS = RelationKind


def problem(
    *jobs: Job, vehicles: tuple[VehicleType, ...] = (VAN,), scale: float = 1.0, **more: Any
) -> Problem:
    metric = PlanarMetric(POINTS * scale, Rounding.ROUND)
    return Problem(metric, (Depot("D", 0),), vehicles, jobs or JOBS, **more)


def planned(asked: Problem, iterations: int = 20, seed: int = 1) -> Solution:
    """The plan of ``asked``, whatever it leaves out, without fault before the judge."""
    plan = solve(asked, Budget(iterations=iterations), seed)
    held(asked, plan)
    return plan


def held(asked: Problem, plan: Solution) -> None:
    verdict = check_rich(asked, plan)
    left = {each.id for each in plan.unassigned if each.required}
    ends = {s.id: {s.pickup.id, s.delivery.id} for s in asked.shipments}
    gone = left | {end for each in left for end in ends.get(each, ())}
    faults = [
        fault
        for fault in verdict.faults
        if not any(fault == f"coverage: {one} is left out" for one in gone)
        and not (left and fault.startswith("group"))
        and not (gone and fault.startswith("pin of"))
    ]
    assert faults == []
    assert plan.cost == pytest.approx(verdict.cost, abs=1e-4)


def visits(plan: Solution) -> list[list[str]]:
    return [[visit.id for visit in route.visits] for route in plan.routes]


def test_stops_of_one_vehicle_stay_together():
    van = replace(VAN, capacity=(3,))
    related = (Relation(KINDS.SAME_VEHICLE, ("1", "5", "3")),)
    plan = planned(problem(vehicles=(van,), relations=related))
    assert plan.complete
    assert {"1", "5", "3"} in [set(route) for route in visits(plan)]


def test_an_order_is_kept_with_others_between():
    plan = planned(problem(relations=(Relation(KINDS.ORDER, ("5", "3", "1")),)))
    (route,) = visits(plan)
    assert [stop for stop in route if stop in "531"] == ["5", "3", "1"]


def test_a_sequence_is_kept_without_others_between():
    plan = planned(problem(relations=(Relation(KINDS.SEQUENCE, ("5", "1", "4")),)))
    assert "5,1,4" in ",".join(visits(plan)[0])


def test_relations_bind_ends_of_shipments():
    ships = tuple(
        Shipment(name, ShipmentEnd(f"{name}+", at), ShipmentEnd(f"{name}-", at + 2), (6,))
        for at, name in enumerate("st", start=1)
    )
    asked = problem(JOBS[4], shipments=ships, relations=(Relation(KINDS.ORDER, ("t-", "s+")),))
    (route,) = visits(planned(asked))
    assert route.index("t-") < route.index("s+")


def test_a_relation_is_served_whole_or_not_at_all():
    van = replace(VAN, count=1, capacity=(2,))
    jobs = tuple(replace(job, required=False, prize=99.0) for job in JOBS[:3])
    asked = problem(
        *jobs, vehicles=(van,), relations=(Relation(KINDS.SAME_VEHICLE, ("1", "2", "3")),)
    )
    assert visits(planned(asked)) == []


@pytest.mark.parametrize(
    "relations",
    [
        (Relation(KINDS.ORDER, ("1", "2")), Relation(KINDS.ORDER, ("2", "1"))),
        (Relation(KINDS.SEQUENCE, ("1", "2")), Relation(KINDS.SEQUENCE, ("1", "3"))),
        (Relation(KINDS.SEQUENCE, ("1", "2")), Relation(KINDS.ORDER, ("2", "1"))),
    ],
)
def test_relations_that_contradict_each_other_are_refused(relations: tuple[Relation, ...]):
    with pytest.raises(InvalidValueError, match="contradict") as told:
        solve(problem(relations=relations), Budget(iterations=1))
    assert "order" in told.value.remedy


def test_a_relation_of_a_job_with_alternatives_is_refused():
    asked = problem(
        replace(JOBS[0], group="g"), JOBS[1], relations=(Relation(KINDS.ORDER, ("1", "2")),)
    )
    with pytest.raises(InvalidValueError, match="1 has alternatives"):
        solve(asked, Budget(iterations=1))


def test_a_pinned_route_begins_as_it_must():
    asked = problem(vehicles=(replace(VAN, capacity=(3,)),), pinned=(Pin("van", ("5", "1")),))
    plan = planned(asked)
    assert plan.complete
    assert ["5", "1"] in [route[:2] for route in visits(plan)]


def test_a_pin_that_cannot_be_driven_leaves_its_stops_out_with_the_reason():
    asked = problem(
        replace(JOBS[0], windows=(Window(0, 5),)), *JOBS[1:], pinned=(Pin("van", ("1", "2")),)
    )
    plan = solve(asked, Budget(iterations=5))
    assert not plan.complete
    assert {each.id for each in plan.unassigned} >= {"1"}
    assert not any({"1", "2"} & set(route) for route in visits(plan))


def test_a_pin_against_a_sequence_leaves_its_stops_out_and_nothing_else():
    asked = problem(
        relations=(Relation(KINDS.SEQUENCE, ("5", "3", "4")),), pinned=(Pin("van", ("4",)),)
    )
    plan = solve(asked, Budget(iterations=5))
    assert {each.id for each in plan.unassigned} == {"3", "4", "5"}


def test_a_pinned_pickup_brings_its_delivery():
    ship = Shipment("s", ShipmentEnd("s+", 1), ShipmentEnd("s-", 3), (1,), required=False)
    asked = problem(*JOBS[3:], shipments=(ship,), pinned=(Pin("van", ("s+",)),))
    (route,) = visits(planned(asked))
    assert route[0] == "s+"
    assert "s-" in route


def test_what_ranks_higher_is_served_where_not_all_fits():
    van = replace(VAN, count=1, capacity=(3,))
    jobs = tuple(replace(job, priority=int(job.id)) for job in JOBS)
    plan = planned(problem(*jobs, vehicles=(van,)))
    assert set(visits(plan)[0]) == {"3", "4", "5"}


def test_one_of_high_priority_outweighs_many_of_low():
    van = replace(VAN, count=1, capacity=(3,))
    big = Job("big", 5, (3,), priority=1)
    plan = planned(problem(*JOBS, big, vehicles=(van,)))
    assert visits(plan) == [["big"]]


def test_an_optional_stop_with_priority_is_served_at_any_cost():
    jobs = (JOBS[0], Job("far", 5, (1,), prize=0.5, required=False, priority=1))
    assert "far" in visits(planned(problem(*jobs)))[0]
    jobs = (JOBS[0], Job("far", 5, (1,), prize=0.5, required=False), replace(JOBS[1], priority=1))
    assert "far" not in visits(planned(problem(*jobs)))[0]


def test_territories_cost_what_they_say():
    vans = (
        replace(VAN, count=1, territory="west"),
        replace(VAN, id="w", count=1, territory="east"),
    )
    jobs = tuple(replace(job, territory=("east", "west")[int(job.id) % 2]) for job in JOBS)
    cheap = planned(problem(*jobs, vehicles=vans, territory_cost=1.0))
    dear = planned(problem(*jobs, vehicles=vans, territory_cost=100.0))
    assert len(cheap.routes) == 1
    assert sorted(map(sorted, visits(dear))) == [["1", "3", "5"], ["2", "4"]]


def test_a_cost_of_the_longest_route_shares_the_work():
    jobs = tuple(replace(job, service=50.0) for job in JOBS)
    alone = planned(problem(*jobs, vehicles=(replace(VAN, count=2),)))
    shared = planned(problem(*jobs, vehicles=(replace(VAN, count=2),), longest_cost=1.0))
    assert len(alone.routes) == 1
    assert len(shared.routes) == 2


def test_the_ends_of_a_shipment_have_several_windows():
    ship = Shipment(
        "s",
        ShipmentEnd("s+", 1, windows=(Window(0, 5), Window(30, 40))),
        ShipmentEnd("s-", 3, windows=(Window(0, 45), Window(90, 95))),
        (1,),
    )
    (route,) = planned(problem(JOBS[4], shipments=(ship,))).routes
    begins = {visit.id: visit.begins for visit in route.visits}
    assert 30 <= begins["s+"] <= 40
    assert begins["s-"] >= 90


def test_most_stops_count_ends_of_shipments():
    ships = tuple(
        Shipment(name, ShipmentEnd(f"{name}+", at), ShipmentEnd(f"{name}-", at + 2), (1,))
        for at, name in enumerate("st", start=1)
    )
    plan = planned(problem(JOBS[4], vehicles=(replace(VAN, max_stops=3),), shipments=ships))
    assert plan.complete
    assert max(map(len, visits(plan))) == 3


@pytest.mark.parametrize("rules", ["US_70_8", "US_60_7", "MEALS_AND_RESTS"])
def test_a_day_has_its_meal_and_its_rests(rules: str):
    van = replace(VAN, hos_rules=rules, duration_cost=0.01)
    jobs = tuple(replace(job, service=5000.0) for job in JOBS)
    plan = planned(problem(*jobs, vehicles=(van,), scale=100.0))
    kinds = sorted(each.kind for route in plan.routes for each in route.breaks)
    assert kinds == ["meal", "rest", "rest"]


def test_two_rule_sets_in_one_plan():
    vans = (
        replace(VAN, count=1, capacity=(3,), hos_rules="US_70_8"),
        replace(VAN, id="local", count=1, capacity=(3,), hos_rules="MEALS_AND_RESTS"),
    )
    jobs = tuple(replace(job, service=9000.0) for job in JOBS)
    plan = planned(problem(*jobs, vehicles=vans, scale=100.0))
    assert plan.complete
    assert {route.vehicle_type for route in plan.routes} == {"van", "local"}


def test_a_pause_comes_before_the_ninth_hour_at_the_wheel():
    points = np.array([[0.0, 0.0], [14_000.0, 0.0], [28_000.0, 0.0]])
    van = replace(VAN, hos_rules="US_70_8", end_depot=None, hours_used=HoursUsed(0, 0, 0, 1, 2))
    asked = Problem(
        PlanarMetric(points, Rounding.ROUND),
        (Depot("D", 0),),
        (van,),
        (Job("a", 1), Job("b", 2), Job("c", 1)),
        relations=(Relation(KINDS.ORDER, ("b", "c")),),
    )
    plan = planned(asked)
    # 14,000 s out, 14,000 s on and 14,000 s back: 11.7 h are more than the 11 h of driving.
    assert not plan.complete
    asked = replace(asked, jobs=asked.jobs[:2], relations=(), metric=PlanarMetric(points * 1.3))
    (route,) = planned(asked).routes
    assert [each.kind for each in route.breaks] == ["pause"]


def test_hours_that_are_used_count():
    used = HoursUsed(on_duty_since=0.0, driven=9 * 3600.0, driven_since_pause=3600.0, meals=1,
                     rests=2)  # fmt: skip
    van = replace(VAN, shift_starts=11 * 3600.0, hos_rules="US_70_8")
    rested = planned(problem(*JOBS[:2], vehicles=(van,), scale=150.0))
    tired = planned(problem(*JOBS[:2], vehicles=(replace(van, hours_used=used),), scale=150.0))
    assert rested.complete
    assert len(rested.routes) == 1
    spent = replace(used, driven=10.5 * 3600.0)
    assert len(tired.routes) == 1
    assert not planned(
        problem(*JOBS[:2], vehicles=(replace(van, hours_used=spent),), scale=150.0)
    ).complete


def test_breaks_fall_into_the_wait_before_a_window():
    van = replace(VAN, hos_rules="MEALS_AND_RESTS", duration_cost=1.0)
    jobs = (
        Job("1", 1, service=3000.0, windows=(Window(1000, 1000),)),
        Job("2", 2, service=3000.0, windows=(Window(16_000, 16_000),)),
        Job("3", 3, service=9000.0),
    )
    asked = problem(*jobs, vehicles=(van,))
    timed = schedule(asked, 0, [0, 1, 2])
    assert timed.faults == ()
    # 1,000 + 3,000 + rests and a meal before 16,000 s delay nothing.
    assert timed.route.ends == pytest.approx(16_000 + 3000 + 10 + 9000 + 10 + 0, abs=601)
    assert {each.kind for each in timed.route.breaks} >= {"meal"}


def test_the_same_seed_gives_the_same_plan_and_improve_never_loses():
    random = stream(3, "rich")
    points = random.uniform(0, 100, (31, 2))
    jobs = tuple(Job(str(at), at, (1,), service=5.0) for at in range(1, 31))
    related = (Relation(KINDS.ORDER, ("3", "9")), Relation(KINDS.SAME_VEHICLE, ("4", "5", "6")))
    asked = Problem(PlanarMetric(points), (Depot("D", 0),), (VAN,), jobs, relations=related)
    one, other = planned(asked, 10), planned(asked, 10)
    assert one.sequences == other.sequences
    assert solve(asked, Budget(iterations=10), 2).sequences != one.sequences
    better = improve(asked, one.sequences, Budget(iterations=30), 5)
    costs = [schedule(asked, kind, nodes).route.cost for kind, nodes in better]
    assert sum(costs) <= one.cost + 1e-6


PLANTED = [
    ("order: ", {"relations": (Relation(KINDS.ORDER, ("3", "1")),)}),
    ("sequence: ", {"relations": (Relation(KINDS.SEQUENCE, ("1", "3")),)}),
    ("same_vehicle: ", {"relations": (Relation(KINDS.SAME_VEHICLE, ("1", "5")),)}),
    ("pin: ", {"pinned": (Pin("van", ("2", "1")),)}),
    ("pin of van is left out", {"pinned": (Pin("van", ("5",)),)}),
]


@pytest.mark.parametrize(("fault", "more"), PLANTED)
def test_a_planted_fault_is_seen_by_judge_and_arbiter(fault: str, more: dict[str, Any]):
    asked = problem(*JOBS, **more)
    bare = solve(problem(*JOBS[:4], vehicles=(VAN,)), Budget(iterations=20))
    route = schedule(asked, 0, [0, 1, 2, 3]).route
    assert any(each.startswith(fault) for each in check_rich(asked, replace(bare, routes=(route,)))
               .faults)  # fmt: skip
    if fault.startswith("pin of"):
        return
    assert any(
        each.limit.startswith(("relations.", "pinned"))
        for each in schedule(asked, 0, [0, 1, 2, 3]).faults
    )


def test_planted_faults_of_a_day_are_seen():
    van = replace(VAN, hos_rules="US_70_8")
    jobs = tuple(replace(job, service=5000.0) for job in JOBS)
    asked = problem(*jobs, vehicles=(van,), scale=100.0)
    plan = planned(asked)
    (route,) = plan.routes
    without = replace(route, breaks=())
    assert any("no meal" in each for each in
               check_rich(asked, replace(plan, routes=(without,))).faults)  # fmt: skip
    short = tuple(Break(each.kind, each.starts, each.ends - 60) for each in route.breaks)
    assert any("too short" in each or "times" in each for each in
               check_rich(asked, replace(plan, routes=(replace(route, breaks=short),)))
               .faults)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_no_route_could_serve_what_is_left_by_giving_up_lower_ranks(seed: int):
    """The meaning of a priority: stripped of all that ranks lower, no route has room for it."""
    random = stream(seed, "rich", "ranks")
    points = random.integers(0, 100, (25, 2)).astype(float)
    jobs = tuple(
        Job(
            str(at),
            at,
            (int(random.integers(1, 4)),),
            windows=(Window(0, float(random.integers(60, 200))),),
            priority=int(random.integers(4)),
        )
        for at in range(1, 25)
    )
    vans = tuple(replace(VAN, id=name, count=1, capacity=(9,)) for name in "ab")
    asked = Problem(PlanarMetric(points), (Depot("D", 0),), vans, jobs)
    plan = planned(asked, iterations=1)
    assert plan.unassigned
    priority = {job.id: job.priority for job in jobs}
    number = {job.id: node for node, job in enumerate(jobs)}
    rows = dict(plan.sequences)
    for each in plan.unassigned:
        for vehicle in range(2):
            kept = [node for node in rows.get(vehicle, ())
                    if priority[jobs[node].id] >= priority[each.id]]  # fmt: skip
            for at in range(len(kept) + 1):
                tried = [*kept[:at], number[each.id], *kept[at:]]
                assert schedule(asked, vehicle, tried).faults


def drawn(seed: int) -> Problem:
    """A small problem with a few of everything."""
    random = stream(seed, "rich", "brute")
    points = random.integers(0, 30, (7, 2)).astype(float)
    count = int(random.integers(3, 6))
    ship = bool(random.integers(2))
    jobs = [_drawn_job(random, str(at), at) for at in range(1, count + 1 - ship)]
    ships = ()
    if ship:
        ships = (Shipment("s", ShipmentEnd("s+", count), ShipmentEnd("s-", count + 1), (1,)),)
    names = [job.id for job in jobs] + (["s+", "s-"] if ship else [])
    relations: list[Relation] = []
    if len(names) > 2 and random.integers(4):
        kind = list(KINDS)[int(random.integers(3))]
        chosen = tuple(random.permutation(names)[: int(random.integers(2, 4))].tolist())
        relations.append(Relation(kind, chosen))
    vans = tuple(_drawn_van(random, name) for name in ("a", "b"))
    pinned: tuple[Pin, ...] = ()
    if not random.integers(3):
        pinned = (Pin("a", (str(random.permutation(names[: len(jobs)])[0]),)),)
    return Problem(
        PlanarMetric(points, Rounding.ROUND),
        (Depot("D", 0),),
        vans,
        tuple(jobs),
        ships,
        relations=tuple(relations),
        pinned=pinned,
        territory_cost=float(random.integers(0, 10)),
        longest_cost=float(random.integers(0, 2)) * 0.5,
    )


def _drawn_job(random: np.random.Generator, name: str, place: int) -> Job:
    opens = float(random.integers(0, 40))
    windows = (Window(opens, opens + float(random.integers(20, 80))),)
    if not random.integers(3):
        windows = (Window(0, 10), Window(40, float(random.integers(60, 120))))
    optional = not random.integers(3)
    return Job(
        name,
        place,
        (int(random.integers(1, 3)),),
        windows=windows,
        service=float(random.integers(0, 8)),
        prize=float(random.integers(5, 40)) if optional else 0.0,
        required=not optional,
        priority=int(random.integers(3)),
        territory=("n", "s")[int(random.integers(2))],
    )


def _drawn_van(random: np.random.Generator, name: str) -> VehicleType:
    ends = (None, "D")[int(random.integers(2))]
    return VehicleType(
        name,
        count=1,
        capacity=(int(random.integers(3, 7)),),
        start_depot="D",
        end_depot=ends,
        shift_ends=float(random.integers(80, 200)),
        fixed_cost=float(random.integers(0, 20)),
        duration_cost=float(random.integers(0, 2)),
        territory=("n", "s")[int(random.integers(2))],
    )


def brute(asked: Problem) -> tuple[tuple[int, ...], float]:
    """What is least left out and the least cost, by trying everything."""
    nodes = range(len(asked.nodes))
    ways: list[dict[frozenset[int], list[tuple[float, float]]]] = []
    for vehicle in range(2):
        best: dict[frozenset[int], list[tuple[float, float]]] = {frozenset(): [(0.0, 0.0)]}
        for size in range(1, len(nodes) + 1):
            for order in permutations(nodes, size):
                timed = schedule(asked, vehicle, order)
                if not timed.faults:
                    lasts = timed.route.ends - timed.route.starts
                    best.setdefault(frozenset(order), []).append((timed.route.cost, lasts))
        ways.append(best)
    pins = {node for pin in asked.ties.pins for node in pin.nodes}
    found: tuple[tuple[int, ...], float] = ((99,) * 9, 0.0)
    for one, first in ways[0].items():
        for other, second in ways[1].items():
            if one & other:
                continue
            served = {asked.nodes.ids[node] for node in one | other}
            left = (int(not pins <= (one | other)), *rank_vector(asked, served))
            if left > found[0]:
                continue
            prizes = sum(job.prize for job in asked.jobs if job.id not in served)
            cost = prizes + min(
                a + b + asked.longest_cost * max(p, q) for a, p in first for b, q in second
            )
            if left < found[0] or cost < found[1]:
                found = (left, cost)
    return found


def contradicts(asked: Problem) -> bool:
    """Whether a relation wants a shipment put down before it is taken up."""
    return any(
        relation.kind is not KINDS.SAME_VEHICLE
        and {"s+", "s-"} <= set(relation.stops)
        and relation.stops.index("s-") < relation.stops.index("s+")
        for relation in asked.relations
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_a_small_rich_problem_is_planned_as_well_as_by_trying_everything(seed: int):
    asked = drawn(seed)
    if contradicts(asked):
        with pytest.raises(InvalidValueError, match="contradict"):
            solve(asked, Budget(iterations=1))
        return
    plan = planned(asked, iterations=100)
    least_left, least = brute(asked)
    served = {visit for route in visits(plan) for visit in route}
    pins = {stop for pin in asked.pinned for stop in pin.stops}
    left = (int(not pins <= served), *rank_vector(asked, served))
    assert left == least_left
    assert plan.cost == pytest.approx(least, abs=1e-6)
