"""A facility-day as a problem of the routing solver, and its routes back."""

import datetime as dt
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from tests.plan.test_lastmile import assert_legal, at, fleet, parcels, plan, problem

from crossdock.model import InvalidValueError
from crossdock.plan.lastmile import (
    BreakTime,
    LastMileProblem,
    RouteBoard,
    compile_day,
    routing_problem,
)
from crossdock.plan.lastmile.day import tour_legs
from crossdock.plan.lastmile.schedule import tour_of
from crossdock.plan.routing import Budget, explain_stop, schedule, solve

HOUR = 3600


def close_doors(count: int) -> pl.DataFrame:
    """Stops of which many stand within one parking place, but not at one point."""
    draw = np.random.Generator(np.random.PCG64(5))
    side = draw.normal(0, 0.0003, (2, count)) + 0.02 * draw.integers(0, 6, (2, count))
    return parcels(count).with_columns(
        latitude=32.8 + side[0], longitude=-96.8 + side[1], address_key=pl.col("parcel_id")
    )


def test_the_solver_drives_parks_and_loads_as_the_plan_does():
    day = compile_day(problem(close_doors(60)))
    asked = routing_problem(day)
    order = np.random.Generator(np.random.PCG64(1)).permutation(len(day.stops))[:25].tolist()
    order.sort(key=lambda stop: (day.stops.place[stop], stop))
    distance_m, drive_s, park_s = tour_legs(day, order)
    assert (park_s == 0).any()
    assert park_s.any()
    timed = schedule(asked, 0, order)
    assert not timed.faults
    assert timed.route.distance == pytest.approx(distance_m.sum(), abs=len(drive_s) / 2)
    work_s = drive_s.sum() + park_s.sum() + day.stops.handle_s[order].sum()
    assert timed.route.ends - timed.route.starts == work_s
    legs = [after.arrives - before.departs for before, after in pairwise(timed.route.visits)]
    assert legs == drive_s[1:-1].tolist()
    tour = tour_of(day, 0, order)
    assert tour is not None
    rests_usd = 24.0 * (tour.timeline.paid_s - work_s) / HOUR
    assert timed.route.cost == pytest.approx(tour.cost_usd - rests_usd, abs=0.02)


def test_every_limit_of_a_vehicle_is_one_of_the_problem():
    vans = fleet(3, capacity_parcels=90, minimum_usd=60.0, fuel_pct=10.0)
    asked = problem(vans=vans)
    kept_back = routing_problem(compile_day(asked)).vehicles[0]
    assert kept_back.count == 3
    assert kept_back.capacity == (8400, 1_500_000, 90)
    assert (kept_back.shift_starts, kept_back.shift_ends) == (8.5 * HOUR, 19.5 * HOUR - 3000)
    assert kept_back.max_duration == 10 * HOUR - 3000
    assert kept_back.fixed_cost == pytest.approx(66.0)
    assert kept_back.distance_cost * 1609.344 == pytest.approx(0.77)
    assert kept_back.duration_cost * HOUR == pytest.approx(26.4)
    placed = routing_problem(compile_day(asked), BreakTime.PLACED).vehicles[0]
    assert (placed.shift_ends, placed.max_duration) == (19.5 * HOUR, 10 * HOUR)
    assert placed.hos_rules == "MEALS_AND_RESTS"
    heavy = problem(vans=fleet(1, hos_ruleset="US_60_7"))
    assert routing_problem(compile_day(heavy), BreakTime.PLACED).vehicles[0].hos_rules == "US_60_7"
    free = problem(vans=fleet(1, cost_usd_mile=0.0, cost_usd_h=0.0, usd_stop=3.5))
    paid_by_stop = routing_problem(compile_day(free)).vehicles[0]
    assert 0 < paid_by_stop.distance_cost * 1609 < 0.05
    assert 0 < paid_by_stop.duration_cost * HOUR < 1


def test_leaving_a_stop_out_costs_more_than_a_vehicle_of_its_own():
    day = compile_day(problem(parcels(200, spread_km=60)))
    asked = routing_problem(day)
    alone = [schedule(asked, 0, [stop]) for stop in range(len(day.stops))]
    assert all(not job.required for job in asked.jobs)
    assert all(job.prize > timed.route.cost for job, timed in zip(asked.jobs, alone, strict=True))


def windowed(count: int, vans: int) -> LastMileProblem:
    return problem(parcels(count, seed=3, windows=0.3), fleet(vans))


def test_a_board_knows_the_routes_of_a_plan_and_gives_the_same_plan_back():
    asked = windowed(120, 6)
    before = plan(asked)
    board = RouteBoard.of(asked)
    sequences = board.sequences(before.routes)
    assert before.unserved.is_empty()
    assert sum(len(nodes) for _, nodes in sequences) == len(board.day.stops)
    names = [board.problem.vehicles[kind].id for kind, _ in sequences]
    assert sorted(names) == before.tours["vehicle_id"].sort().to_list()
    after = board.released(sequences)
    columns = ["vehicle_id", "sequence", "parcel_id", "arrives_at", "departs_at"]
    keys = ["vehicle_id", "sequence", "parcel_id"]
    assert after.routes.select(columns).sort(keys).equals(before.routes.select(columns).sort(keys))
    assert board.parcels_of(0)[0] == board.problem.jobs[0].id


def test_routes_with_breaks_placed_by_the_solver_are_legal():
    asked = windowed(60, 4)
    board = RouteBoard.of(asked)
    found = solve(board.problem, Budget(iterations=30), seed=1)
    assert found.complete
    assert any(route.breaks for route in found.routes)
    answer = board.released(found.sequences)
    assert_legal(asked, answer)
    assert answer.unserved.is_empty()
    served = {visit.id for visit in found.routes[0].visits}
    stop = min(served)
    free = dict.fromkeys(range(len(board.problem.vehicles)), 1)
    for kind, _ in found.sequences:
        free[kind] = 0
    told = explain_stop(board.problem, found.sequences, free, stop)
    assert told.elsewhere


def test_a_vehicle_of_another_fleet_is_named():
    board = RouteBoard.of(problem(vans=fleet(1)))
    strangers = plan(problem(vans=fleet(4))).routes
    with pytest.raises(InvalidValueError, match="V002"):
        board.sequences(strangers)
    with pytest.raises(InvalidValueError, match="no vehicle"):
        RouteBoard.of(problem(vans=fleet(1).clear()))


def test_a_window_is_arrived_in_and_done_in():
    goods = parcels(1).with_columns(
        window_opens_at=pl.lit(at(11)), window_closes_at=pl.lit(at(12)), ready_at=pl.lit(at(9))
    )
    asked = routing_problem(compile_day(problem(goods)), BreakTime.PLACED)
    visit = schedule(asked, 0, [0]).route.visits[0]
    assert visit.begins >= 11 * HOUR + 75
    assert visit.departs <= 12 * HOUR
    assert asked.jobs[0].release == 9 * HOUR
    assert dt.timedelta(seconds=visit.departs - visit.begins) >= dt.timedelta(seconds=38)
