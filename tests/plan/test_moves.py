"""Moves of stops: what they are said to cost is what the plan with them costs more."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest

from crossdock.plan.lastmile import (
    DayRoutes,
    LastMileProblem,
    arrival_changes,
    compile_day,
    move_stops,
    refusals,
    replan_routes,
    rows_of_tours,
    tour_of,
    weigh_vehicles,
)
from crossdock.plan.lastmile.baseline import territory_routes
from crossdock.plan.lastmile.schedule import schedule_day
from crossdock.plan.routing import Budget

DATE = dt.date(2026, 11, 30)
MIDNIGHT = dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)  # Chicago
DEPOT = (32.80, -96.80)
HOUR = 3600
CENT = 0.01


def at(hour: float) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(hours=hour)


def problem(count: int = 150, seed: int = 3, windows: float = 0.3, **van: object):
    draw = np.random.default_rng(seed)
    north, east = draw.normal(0, 9.0, (2, count))
    latitude = DEPOT[0] + north / 111.2
    longitude = DEPOT[1] + east / (111.2 * math.cos(math.radians(DEPOT[0])))
    opens = [at(int(h)) if draw.random() < windows else None for h in draw.integers(9, 16, count)]
    goods = pl.DataFrame(
        {
            "parcel_id": [f"P{i:05d}" for i in range(count)],
            "latitude": latitude,
            "longitude": longitude,
            "address_key": [f"A{i}" for i in range(count)],
            "volume_m3": np.exp(draw.normal(-4.6, 0.8, count)),
            "weight_kg": np.exp(draw.normal(0.6, 1.2, count)),
            "ready_at": [at(8.5)] * count,
            "due_at": [at(20)] * count,
            "zip5": ["75201"] * count,
            "window_opens_at": pl.Series(opens, dtype=pl.Datetime("us", "UTC")),
            "window_closes_at": pl.Series(
                [None if each is None else each + dt.timedelta(hours=3) for each in opens],
                dtype=pl.Datetime("us", "UTC"),
            ),
        }
    )
    row = {
        "vehicle_type": "cargo_van", "facility_id": "DFW", "carrier_id": "OWN",
        "delivery_date": DATE, "capacity_m3": 8.4, "capacity_kg": 1500.0,
        "shift_starts_at": at(8.5), "shift_ends_at": at(19.5), "max_duty_s": 10 * HOUR,
        "fixed_usd_day": 35.0, "cost_usd_mile": 0.7, "cost_usd_h": 24.0,
    } | van  # fmt: skip
    vans = [row | {"vehicle_id": f"V{i}", "driver_id": f"D{i}"} for i in range(8)]
    return LastMileProblem("DFW", DATE, "America/Chicago", *DEPOT, goods, pl.DataFrame(vans))


def standing(asked: LastMileProblem) -> DayRoutes:
    """Its routes as the baseline drives them, each on a vehicle of its own."""
    day = compile_day(asked)
    tours = schedule_day(day, territory_routes([day])[0]).tours
    return DayRoutes(day, dict(enumerate(tours)))


@pytest.fixture(scope="module")
def routes() -> DayRoutes:
    return standing(problem())


def cost_of_plan(routes: DayRoutes) -> float:
    """What the planner's own timing says of the sequences."""
    sequences = [(tour.kind, list(tour.sequence)) for tour in routes.tours.values()]
    answer = schedule_day(routes.day, sequences)
    assert not answer.unserved
    assert [tour.sequence for tour in answer.tours] == [tuple(s) for _, s in sequences]
    return sum(tour.cost_usd for tour in answer.tours)


def test_what_a_move_is_said_to_cost_is_the_difference_of_the_two_plans(routes):
    draw = np.random.default_rng(5)
    fitted = 0
    for _ in range(150):
        count = int(draw.integers(1, 4))
        stops = draw.choice(len(routes.day.stops), count, replace=False).tolist()
        vehicle = int(draw.integers(0, 8))
        behind = int(draw.integers(0, 5)) if draw.random() < 0.3 else None
        move = move_stops(routes, stops, vehicle, behind)
        if move.refusals:
            assert move.changes == ()
            continue
        fitted += 1
        after = routes.changed(move.changes)
        assert cost_of_plan(after) - cost_of_plan(routes) == pytest.approx(move.cost_usd, abs=1e-9)
        assert {after.vehicle_of[stop] for stop in stops} == {vehicle}
        assert sorted(after.vehicle_of) == sorted(routes.vehicle_of)
        assert {v: t for v, t in after.tours.items() if v not in changed(move)} == {
            v: t for v, t in routes.tours.items() if v not in changed(move)
        }
        if behind is not None and vehicle in routes.tours:
            there = after.tours[vehicle].sequence
            first = min(behind, len(routes.tours[vehicle].sequence))
            assert list(there[first : first + count]) == stops
        routes = after
    assert fitted > 40


def changed(move) -> set[int]:
    return {change.vehicle for change in move.changes}


def test_all_vehicles_weighed_at_once_are_as_each_weighed_alone(routes):
    stops = list(next(iter(routes.tours.values())).sequence[:2])
    for move in weigh_vehicles(routes, stops, range(8)):
        alone = move_stops(routes, stops, move.vehicle)
        assert alone.refusals == move.refusals
        assert alone.cost_usd == move.cost_usd


def test_arrivals_that_move_are_those_of_the_tours_before_and_after(routes):
    first = next(iter(routes.tours.values()))
    move = next(
        each for each in weigh_vehicles(routes, first.sequence[:1], range(1, 8)) if each.changes
    )
    was, now = {}, {}
    for each in (routes, routes.changed(move.changes)):
        found = was if each is routes else now
        for tour in each.tours.values():
            found.update(zip(tour.sequence, tour.timeline.arrives_s, strict=True))
    told = {each.stop: (each.was_s, each.now_s) for each in arrival_changes(move.changes)}
    assert told == {stop: (was[stop], now[stop]) for stop in was if was[stop] != now[stop]}


def test_what_is_locked_neither_gives_nor_takes(routes):
    source, target = list(routes.tours)[:2]
    stop, other = routes.tours[source].sequence[:2]
    of_locked = DayRoutes(routes.day, routes.tours, locked=frozenset({source}))
    assert move_stops(of_locked, [stop], target).refusals[0].limit == "locked"
    assert move_stops(of_locked, routes.tours[target].sequence[:1], source).refusals[0].limit == (
        "locked"
    )
    pinned = DayRoutes(routes.day, routes.tours, pinned=frozenset({stop}))
    assert move_stops(pinned, [stop], target).refusals[0].limit == "locked"
    assert not any(each.limit == "locked" for each in move_stops(pinned, [other], target).refusals)
    assert move_stops(routes, [stop], source).refusals[0].limit == "same"


@pytest.mark.parametrize(
    ("van", "limit"),
    [
        ({"max_duty_s": 2 * HOUR}, "duty"),
        ({"shift_ends_at": at(10.5)}, "shift"),
        ({"capacity_m3": 0.2}, "volume"),
        ({"capacity_kg": 40.0}, "weight"),
        ({"capacity_parcels": 20}, "parcels"),
    ],
)
def test_a_refusal_names_the_limit_that_forbids_and_without_it_the_tour_is_driven(van, limit):
    day, free = (compile_day(problem(60, windows=0.0, **each)) for each in (van, {}))
    tour = standing(problem(60, windows=0.0)).tours[0].sequence
    assert tour_of(free, 0, tour) is not None
    assert tour_of(day, 0, tour) is None
    found = refusals(day, 0, tour)
    assert [each.limit for each in found] == [limit]
    assert found[0].over > 0


def test_a_missed_window_names_its_stop():
    asked = problem(12, windows=0.0)
    goods = asked.parcels.with_columns(
        window_closes_at=pl.when(pl.col("parcel_id") == "P00011").then(pl.lit(at(9)))
    )
    day = compile_day(LastMileProblem("DFW", DATE, "America/Chicago", *DEPOT, goods, asked.fleet))
    stop = next(
        each
        for each in range(12)
        if goods["parcel_id"][int(day.stops.rows_of(each)[0])] == "P00011"
    )
    last = [each for each in range(12) if each != stop] + [stop]
    found = refusals(day, 0, last)
    assert [(each.limit, each.stop) for each in found] == [("window", stop)]
    assert refusals(day, 0, [stop, *last[:-1]]) == () or tour_of(day, 0, last[:-1]) is None


def test_changed_routes_are_told_in_the_tables_of_a_plan():
    asked = problem()
    routes = standing(asked)
    stops = next(iter(routes.tours.values())).sequence[:1]
    move = next(each for each in weigh_vehicles(routes, stops, range(1, 8)) if each.changes)
    after = routes.changed(move.changes)
    ids = {vehicle: f"R-{vehicle}" for vehicle in after.tours}
    rows = rows_of_tours(asked, after.day, after.tours, ids, changed(move))
    assert set(rows.tours["route_id"]) == {ids[each] for each in changed(move) if each in ids}
    before = sum(routes.tours[each].cost_usd for each in changed(move) if each in routes.tours)
    assert rows.tours["cost_usd"].sum() - before == pytest.approx(move.cost_usd)
    assert (
        rows.routes.filter(pl.col("route_id") == ids[move.vehicle])["vehicle_id"].unique()[0]
        == f"V{move.vehicle}"
    )


def worse(routes: DayRoutes, moves: int, seed: int) -> DayRoutes:
    """Routes after stops went where they cost more, as people move them."""
    draw = np.random.default_rng(seed)
    for _ in range(moves):
        stop = int(draw.choice(list(routes.vehicle_of)))
        able = [each for each in weigh_vehicles(routes, [stop], range(8)) if each.changes]
        if able:
            dearest = max(able, key=lambda each: (each.cost_usd, -each.vehicle))
            routes = routes.changed(dearest.changes)
    return routes


def test_planning_anew_keeps_a_locked_stop_on_its_vehicle_while_others_of_its_route_may_go():
    routes = worse(standing(problem(250, windows=0.1)), 12, 3)
    locked, *others = routes.tours
    draw = np.random.default_rng(11)
    pins = frozenset(
        int(stop)
        for vehicle in others
        for stop in draw.choice(routes.tours[vehicle].sequence, 2, replace=False)
    )
    held = DayRoutes(routes.day, routes.tours, locked=frozenset({locked}), pinned=pins)
    told: list[DayRoutes] = []
    found = replan_routes(held, Budget(iterations=3_000), seed=1, on_better=told.append)
    assert found is not None
    assert found.tours[locked] == routes.tours[locked]
    assert {stop: found.vehicle_of[stop] for stop in pins} == {
        stop: routes.vehicle_of[stop] for stop in pins
    }
    moved = {s for s, v in found.vehicle_of.items() if v != routes.vehicle_of[s]}
    assert any(routes.vehicle_of[stop] in {routes.vehicle_of[pin] for pin in pins}
               for stop in moved)  # fmt: skip
    assert sorted(found.vehicle_of) == sorted(routes.vehicle_of)
    costs = [routes.cost_usd, *(each.cost_usd for each in told)]
    assert costs == sorted(costs, reverse=True)
    assert found.cost_usd == costs[-1] < routes.cost_usd - CENT
    assert cost_of_plan(found) == pytest.approx(found.cost_usd)
    again = replan_routes(held, Budget(iterations=3_000), seed=1)
    assert again is not None
    assert {v: t.sequence for v, t in again.tours.items()} == {
        v: t.sequence for v, t in found.tours.items()
    }


def test_planning_anew_is_never_dearer_and_says_where_nothing_is_cheaper():
    routes = standing(problem(40, windows=0.0))
    best = routes
    while (found := replan_routes(best, Budget(iterations=1_500), seed=2)) is not None:
        assert found.cost_usd <= best.cost_usd + 1e-6
        best = found
    assert best.cost_usd < routes.cost_usd
    everything = DayRoutes(routes.day, routes.tours, locked=frozenset(routes.tours))
    assert replan_routes(everything, Budget(iterations=500), seed=1) is None


def test_planning_anew_goes_through_a_large_day_by_neighbours_and_ends_when_asked():
    routes = standing(problem(700, windows=0.0))
    assert len(routes.tours) > 5
    told: list[float] = []
    ended = replan_routes(
        routes, Budget(iterations=50_000), seed=1,
        on_better=lambda each: told.append(each.cost_usd), wants_end=lambda: len(told) >= 3,
    )  # fmt: skip
    assert ended is not None
    assert len(told) == 3
    assert ended.cost_usd == told[-1]
    assert sorted(ended.vehicle_of) == sorted(routes.vehicle_of)
