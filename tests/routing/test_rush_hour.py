"""Legs take longer in the rush hour: the arbiter, the plans and what is told of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import InvalidValueError, stream
from crossdock.plan.routing import (
    ANY_TIME,
    Budget,
    ChangeWeights,
    Depot,
    Job,
    MatrixMetric,
    Pin,
    PlannedRoute,
    Problem,
    Relation,
    RelationKind,
    Shipment,
    ShipmentEnd,
    Speeds,
    StreetMetric,
    VehicleType,
    Window,
    explain_stop,
    replan,
    route_detail,
    schedule,
    solve,
)
from crossdock.plan.routing.timed import Departures, constant_problem
from routing.minute_driver import drive, driven, faults_in, faults_of, speed_of

HOUR = 3600.0
RUSH = Speeds((0.0, HOUR, 3 * HOUR, 9 * HOUR, 12 * HOUR), (1.0, 0.5, 0.9, 0.55, 0.95))
"""A day from 6 o'clock on."""


def city(stops: int, seed: int, **of_van: object) -> Problem:
    """A day with two rush hours."""
    draw = stream(seed, "rush hour", stops)
    latitude = 41.9 + draw.uniform(-0.12, 0.12, stops + 1)
    longitude = -87.65 + draw.uniform(-0.16, 0.16, stops + 1)
    jobs: list[Job] = []
    for at in range(1, stops + 1):
        opens = float(draw.integers(0, 9)) * HOUR
        windows = (Window(opens, opens + 2 * HOUR),) if draw.random() < 0.5 else (Window(),)
        if draw.random() < 0.15 and opens > 0:
            windows = (Window(0.0, 0.5 * HOUR), Window(opens + HOUR, opens + 3 * HOUR))
        jobs.append(
            Job(f"J{at}", at, (int(draw.integers(1, 5)),), windows=windows, parking=60.0,
                service=float(draw.integers(2, 6) * 60))
        )  # fmt: skip
    told: dict[str, object] = {
        "count": None, "capacity": (40,), "start_depot": "D", "end_depot": "D",
        "shift_ends": 12 * HOUR, "fixed_cost": 60.0, "distance_cost": 0.0004,
        "duration_cost": 27 / HOUR, "regular_duration": 8 * HOUR, "overtime_cost": 10 / HOUR,
    } | of_van  # fmt: skip
    van = VehicleType("van", **told)  # pyright: ignore[reportArgumentType]
    return Problem(
        StreetMetric(latitude, longitude, speed_m_s=9.0), (Depot("D", 0, loading=600.0),), (van,),
        tuple(jobs), speeds=RUSH,
    )  # fmt: skip


@st.composite
def any_speeds(draw: st.DrawFn) -> Speeds:
    minutes = sorted(draw(st.sets(st.integers(-300, 2000), min_size=1, max_size=12)))
    factors = st.floats(0.05, 2.0)
    return Speeds(
        tuple(60.0 * each for each in minutes), tuple(draw(factors) for _ in range(len(minutes)))
    )


@given(any_speeds(), st.floats(-2e4, 1e5), st.floats(0, 2e4), st.floats(0, 5e3))
@settings(max_examples=150, deadline=None)
def test_a_leg_takes_what_a_driver_takes_who_looks_at_the_clock_every_minute(
    speeds: Speeds, departs: float, usual: float, later: float
):
    problem = replace(city(1, 0), speeds=speeds)
    arrives = speeds.arrives(departs, usual)
    assert arrives == pytest.approx(drive(departs, usual, speed_of(problem)), abs=1e-5)
    assert speeds.leaves(arrives, usual) == pytest.approx(departs, abs=1e-5)
    assert speeds.arrives(departs + later, usual) >= arrives - 1e-6
    lasts = speeds.lasts(np.array([departs]), np.array([usual]))
    assert lasts[0] == pytest.approx(arrives - departs, abs=1e-4)
    assert usual / speeds.fastest <= arrives - departs + 1e-6
    assert arrives - departs <= usual / speeds.slowest(departs, arrives) + 1e-6


@pytest.mark.parametrize(
    ("since", "factor"),
    [((), ()), ((0.0,), (0.0,)), ((0.0, 0.0), (1.0, 1.0)), ((0.0,), (1.0, 2.0))],
)
def test_speeds_that_cannot_be_are_refused(since: tuple[float, ...], factor: tuple[float, ...]):
    with pytest.raises(InvalidValueError):
        Speeds(since, factor)


@pytest.mark.parametrize("seed", range(12))
def test_the_arbiter_times_routes_as_they_are_driven(seed: int):
    problem = city(14, seed, latest_start=3 * HOUR, max_duration=9 * HOUR)
    kind, speed_at = problem.vehicles[0], speed_of(problem)
    draw = stream(seed, "some route")
    for size in (1, 4, 8, 12):
        nodes = draw.permutation(14)[:size].tolist()
        timed = schedule(problem, 0, nodes)
        stops = [problem.nodes.ids[node] for node in nodes]
        earliest = driven(problem, kind, stops, 0.0, speed_at)
        said = {fault.of for fault in timed.faults if fault.limit == "windows.closes"}
        assert bool(said) == bool(earliest.late)
        if not said:
            assert timed.route.ends == pytest.approx(earliest.ends, abs=1e-5)
            later = driven(problem, kind, stops, timed.route.starts + 1.0, speed_at)
            free_to_wait = timed.route.starts < kind.latest_start - 1.0
            assert later.ends > timed.route.ends + 1e-3 or not free_to_wait
        judged = faults_of(problem, timed.route, speed_at)
        if not timed.faults:
            assert judged == []
        else:
            assert not [each for each in judged if "told" in each]


@pytest.mark.parametrize("rules", ["MEALS_AND_RESTS", "US_70_8"])
def test_breaks_fall_where_the_hours_of_the_day_let_them(rules: str):
    found = 0
    for seed in range(6):
        problem = city(16, seed, hos_rules=rules, shift_ends=10 * HOUR)
        anytime = [replace(job, windows=(Window(),), service=1500.0) for job in problem.jobs]
        problem = replace(problem, jobs=tuple(anytime))
        slow = replace(problem, speeds=Speeds(RUSH.since, tuple(0.6 * x for x in RUSH.factor)))
        for at, asked in enumerate((problem, slow)):
            nodes = stream(seed, "route with hours", at).permutation(16)[: 6 - at].tolist()
            timed = schedule(asked, 0, nodes)
            judged = faults_of(asked, timed.route, speed_of(asked))
            assert not [each for each in judged if "told" in each]
            if timed.faults:
                continue
            assert judged == []
            if timed.route.ends - timed.route.starts > 6 * HOUR:
                found += 1
                meals = [each for each in timed.route.breaks if each.kind == "meal"]
                assert len(meals) == 1
                assert meals[0].starts <= timed.route.starts + 5 * HOUR + 1e-6
    assert found >= 3


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_in_the_rush_hour_is_never_late(seed: int):
    problem = city(22, seed)
    told: list[float] = []
    plan = solve(problem, Budget(iterations=120), seed, told.append)
    assert plan.complete
    assert faults_in(problem, plan) == []
    assert told == sorted(told, reverse=True)
    assert told[-1] == pytest.approx(plan.cost)
    again = solve(problem, Budget(iterations=120), seed)
    assert again.sequences == plan.sequences


def test_it_is_the_speeds_that_make_free_flow_plans_late():
    late = 0
    for seed in range(4):
        problem = city(22, seed)
        free = replace(problem, speeds=None)
        blind = solve(free, Budget(iterations=120), seed)
        late += sum(bool(schedule(problem, *each).faults) for each in blind.sequences)
    assert late >= 2


def test_what_does_not_fit_at_those_speeds_is_left_out_with_its_reason():
    problem = city(10, 3, count=1, shift_ends=4 * HOUR)
    far = replace(problem.jobs[0], windows=(Window(0.0, 60.0),))
    problem = replace(problem, jobs=(far, *problem.jobs[1:]))
    plan = solve(problem, Budget(iterations=60), 1)
    assert not plan.complete
    assert faults_in(problem, plan) == []
    served = {visit.id for route in plan.routes for visit in route.visits}
    left = {each.id: each for each in plan.unassigned}
    assert served | set(left) == {job.id for job in problem.jobs}
    assert "after its window closes" in left["J1"].reason


def test_relations_shipments_and_matrices_keep_their_limits():
    problem = city(12, 5)
    size = problem.metric.places
    every = np.arange(size)
    legs = problem.metric.matrix(every, every)
    ends = [ShipmentEnd(name, place, service=120.0) for name, place in (("P", 3), ("Q", 7))]
    problem = replace(
        problem,
        metric=MatrixMetric(legs.distance, legs.duration, problem.metric.points()),
        shipments=(Shipment("S", ends[0], ends[1], (2,)),),
        relations=(Relation(RelationKind.ORDER, ("J2", "J9")),),
    )
    plan = solve(problem, Budget(iterations=60), 2)
    assert plan.complete
    assert faults_in(problem, plan) == []
    whole = next(
        [visit.id for visit in route.visits] for route in plan.routes
        if "J2" in [visit.id for visit in route.visits]
    )  # fmt: skip
    assert whole.index("J2") < whole.index("J9")


@pytest.mark.parametrize("seed", range(6))
def test_the_slack_is_how_much_later_it_may_start(seed: int):
    problem = city(20, seed, max_duration=10 * HOUR)
    plan = solve(problem, Budget(iterations=60), seed)
    speed_at, kind = speed_of(problem), problem.vehicles[0]
    for (vehicle, nodes), route in zip(plan.sequences, plan.routes, strict=True):
        detail = route_detail(problem, vehicle, nodes, route)
        assert detail.costs.total == pytest.approx(route.cost)
        stops = [visit.id for visit in route.visits]
        windows = {job.id: job.windows for job in problem.jobs}

        def fits(delay: float) -> bool:
            came = driven(problem, kind, stops, route.starts + delay, speed_at)  # noqa: B023
            same = all(
                begins
                <= next(w.closes for w in windows[stop] if w.closes >= was.begins - 1e-6)  # noqa: B023
                + 1e-5
                for stop, begins, was in zip(stops, came.begins, route.visits, strict=True)  # noqa: B023
            )
            lasts = came.ends - route.starts - delay  # noqa: B023
            return same and came.ends <= kind.shift_ends + 1e-5 and (
                lasts <= kind.max_duration + 1e-5
            )  # fmt: skip

        assert fits(detail.slack)
        assert all(fits(share * detail.slack) for share in (0.25, 0.5, 0.75))
        assert not fits(detail.slack + 0.01)


def test_a_stop_is_explained_by_the_same_times():
    problem = city(16, 2)
    plan = solve(problem, Budget(iterations=60), 1)
    stop = plan.routes[0].visits[0].id
    found = explain_stop(problem, plan.sequences, {0: 3}, stop)
    for each in found.elsewhere:
        assert bool(each.faults) == bool(schedule(problem, each.vehicle, each.nodes).faults)
    assert any(not each.faults for each in found.elsewhere)


def test_a_day_under_way_is_planned_again_by_the_hour():
    problem = city(18, 4)
    plan = solve(problem, Budget(iterations=80), 1)
    vans = tuple(
        replace(problem.vehicles[0], id=f"van {at}", count=1) for at in range(len(plan.routes) + 1)
    )
    routes = [
        PlannedRoute(f"van {at}", tuple(visit.id for visit in route.visits),
                     {visit.id: visit.begins for visit in route.visits})
        for at, route in enumerate(plan.routes)
    ]  # fmt: skip
    first = plan.routes[0].visits[0].id
    now = replace(problem, vehicles=vans, pinned=(Pin("van 0", (first,)),))
    slower = replace(now, speeds=Speeds(RUSH.since, tuple(0.9 * each for each in RUSH.factor)))
    for asked in (now, slower):
        anew = replan(asked, routes, Budget(iterations=20), 1, weights=ChangeWeights(moved=50.0))
        assert faults_in(asked, anew.solution) == []
        assert anew.solution.complete
        own = next(each for each in anew.solution.routes if each.vehicle_type == "van 0")
        assert own.visits[0].id == first
    same = replan(now, routes, Budget(iterations=0), 1, weights=ChangeWeights(moved=50.0))
    assert same.changes.moved == ()


def test_times_that_stand_for_the_day_are_those_of_the_plan():
    problem = city(15, 1)
    plan = solve(problem, Budget(iterations=60), 1)
    seen = [(nodes, route) for (_, nodes), route in zip(plan.sequences, plan.routes, strict=True)]
    departures = Departures.guessed(problem).seen_in(problem, seen)
    constant = constant_problem(problem, departures)
    assert constant.speeds is None
    for (vehicle, nodes), route in zip(plan.sequences, plan.routes, strict=True):
        again = schedule(constant, vehicle, nodes).route
        for one, other in zip(again.visits[1:], route.visits[1:], strict=True):
            assert one.departs - again.visits[0].departs == pytest.approx(
                other.departs - route.visits[0].departs, abs=len(nodes) + 300
            )
    worst = constant_problem(problem, departures.at_worst(problem))
    every = np.arange(problem.metric.places)
    slow = worst.metric.matrix(every, every).duration
    usual = problem.metric.matrix(every, every).duration
    assert (slow >= usual / 0.5).all()
    part = worst.metric.part(every[3:6])
    assert (part.matrix(every[:3], every[:3]).duration == slow[3:6, 3:6]).all()


def test_speeds_of_one_are_no_speeds():
    problem = city(12, 6)
    flat = replace(problem, speeds=Speeds((0.0,), (1.0,)))
    usual = replace(problem, speeds=None)
    nodes = [0, 3, 5, 7]
    assert schedule(flat, 0, nodes).route.ends == pytest.approx(
        schedule(usual, 0, nodes).route.ends
    )
    assert problem.part([0, 1], problem.vehicles).speeds is RUSH
    assert usual.vehicles[0].max_duration == ANY_TIME
