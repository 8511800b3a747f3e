"""Line-haul, rechecked from its output tables alone, against hand-made optima and brute force."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import product
from math import ceil, inf

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linehaul_world import MONDAY, Freight, Truck, make_by_hand, make_world, night_wave

from crossdock.model import InvalidValueError, SerialEngine
from crossdock.model.tables import DECISIONS, MOVEMENTS, OFFERS, PARCEL_MOVEMENTS, conform
from crossdock.plan.linehaul import FIXED_DEPARTURES, LinehaulPlan, LinehaulProblem, plan_linehaul
from crossdock.plan.linehaul.bound import lower_bound
from crossdock.plan.linehaul.ladder import (
    MAX_RUNGS,
    OVERFLOW_USD_PER_KG,
    OVERFLOW_USD_PER_M3,
    build_ladders,
    cover,
)
from crossdock.plan.linehaul.prepare import prepare
from crossdock.platform.engine import LocalEngine

SMALL = {"stations": 7, "hubs": 2, "origins": 2, "parcels": 400, "days": 7}
TINY = {"stations": 5, "hubs": 2, "origins": 2, "parcels": 250, "days": 6}
FRAMES = (
    "movements",
    "parcel_movements",
    "injected",
    "stranded",
    "decisions",
    "lane_summary",
)


def planned(problem: LinehaulProblem, *, effort: float = 0.2, seed: int = 7) -> LinehaulPlan:
    return plan_linehaul(problem, engine=SerialEngine(), seed=seed, effort=effort)


def by_guide(problem: LinehaulProblem) -> LinehaulPlan:
    return planned(replace(problem, policy="baseline"))


def scarce_world() -> LinehaulProblem:
    """A world in which vehicles run out and pallets are the only ones on some lanes."""
    world = make_world(**SMALL, seed=3)
    scarce = world.offers.with_columns(max_units=pl.lit(1, dtype=pl.Int64))
    return replace(world, offers=scarce.filter(pl.col("vehicle_type") != "van_53ft"))


@pytest.fixture(
    scope="module",
    params=["crossdock 1", "crossdock 2", "baseline 1", "baseline 2", "crossdock scarce", "pups"],
)
def case(request: pytest.FixtureRequest) -> tuple[LinehaulProblem, LinehaulPlan]:
    policy, _, world = request.param.partition(" ")
    if policy == "pups":
        problem = make_world(**SMALL, seed=4, injectable=0.0)
        problem = replace(
            problem, offers=problem.offers.filter(pl.col("vehicle_type") == "pup_28ft")
        )
    elif world == "scarce":
        problem = scarce_world()
    else:
        problem = replace(make_world(**SMALL, seed=int(world)), policy=policy)
    return problem, planned(problem)


def rides(problem: LinehaulProblem, plan: LinehaulPlan) -> pl.DataFrame:
    """Every ride of every parcel with its movement and consignment, in order of travel."""
    return (
        plan.parcel_movements.join(plan.movements, on="movement_id", how="left")
        .join(
            problem.consignments.select(
                "parcel_id",
                "origin_facility_id",
                "destination_facility_id",
                "origin_wave_index",
                "arrive_by_wave_index",
                "pieces",
                own_m3="volume_m3",
                own_kg="weight_kg",
            ),
            on="parcel_id",
            how="left",
        )
        .sort("parcel_id", "seq")
    )


def usd_by_hand(problem: LinehaulProblem, plan: LinehaulPlan) -> float:
    """The objective, from the tables: movements, touches, lateness and injection."""
    touch = problem.facilities.select(to_facility_id="facility_id", touch="handling_usd_parcel")
    rode = rides(problem, plan).join(touch, on="to_facility_id")
    cutoff = problem.waves.select(due_index="wave_index", due_at="inbound_cutoff_at")
    landed = (
        rode.group_by("parcel_id", "arrive_by_wave_index")
        .agg(pl.col("arrive_by").max())
        .join(cutoff, left_on="arrive_by_wave_index", right_on="due_index")
    )
    late_days = [
        max(0, ceil((row["arrive_by"] - row["due_at"]) / timedelta(days=1)))
        for row in landed.iter_rows(named=True)
    ]
    price = problem.consignments.select(
        "parcel_id",
        usd=pl.col("origin_injection_usd")
        - pl.col("delivery_cost_usd")
        + problem.late_usd_parcel_day * pl.col("origin_injection_late_days"),
    )
    injected = plan.injected.join(price, on="parcel_id")["usd"].sum()
    touches = (rode["touch"] * rode["pieces"]).sum()
    late_usd = problem.late_usd_parcel_day * sum(late_days)
    return plan.movements["planned_cost_usd"].sum() + touches + late_usd + injected


def raw_bound_usd(problem: LinehaulProblem) -> float:
    """The bound before it is capped by the objective."""
    ready = prepare(problem)
    return lower_bound(
        ready.network,
        ready.routes,
        ready.journeys,
        ready.demand,
        ready.potential_cm3,
        problem.late_usd_parcel_day,
    )


def offered(problem: LinehaulProblem) -> dict[tuple[str, ...], dict[str, object]]:
    key = ("from_facility_id", "to_facility_id", "vehicle_type", "speed")
    return {
        tuple(str(row[name]) for name in key): row for row in problem.offers.iter_rows(named=True)
    }


def offer_of(problem: LinehaulProblem, movement: dict[str, object]) -> dict[str, object]:
    return offered(problem)[
        str(movement["from_facility_id"]),
        str(movement["to_facility_id"]),
        str(movement["vehicle_type"]),
        str(movement["speed"]),
    ]


# --- Conservation


def test_every_parcel_rides_or_is_injected_or_stranded_or_is_there_already(case):
    problem, plan = case
    at_home = problem.consignments.filter(
        pl.col("origin_facility_id") == pl.col("destination_facility_id")
    )
    parts = [
        plan.parcel_movements["parcel_id"].unique(),
        plan.injected["parcel_id"],
        plan.stranded["parcel_id"],
        at_home["parcel_id"],
    ]
    everyone = sorted(parcel for part in parts for parcel in part.to_list())
    assert everyone == sorted(problem.consignments["parcel_id"].to_list())
    assert (plan.stranded["reason"].str.len_chars() > 10).all()


def test_a_parcel_rides_one_unbroken_path_from_its_origin_to_its_destination(case):
    problem, plan = case
    rode = rides(problem, plan).with_columns(
        came_to=pl.col("to_facility_id").shift(1).over("parcel_id"),
        legs=pl.len().over("parcel_id"),
    )
    places = rode.select(place=pl.int_range(1, pl.len() + 1).over("parcel_id"))["place"]
    assert (rode["seq"] == places).all()
    assert rode["seq"].max() <= 3
    first, last = rode.filter(pl.col("seq") == 1), rode.filter(pl.col("seq") == pl.col("legs"))
    later = rode.filter(pl.col("seq") > 1)
    assert (first["from_facility_id"] == first["origin_facility_id"]).all()
    assert (last["to_facility_id"] == last["destination_facility_id"]).all()
    assert (later["from_facility_id"] == later["came_to"]).all()


def test_a_movement_carries_exactly_the_parcels_that_ride_it(case):
    problem, plan = case
    loaded = (
        rides(problem, plan)
        .group_by("movement_id")
        .agg(count=pl.len(), m3=pl.col("own_m3").sum(), kg=pl.col("own_kg").sum())
    )
    both = plan.movements.join(loaded, on="movement_id", how="full", coalesce=True)
    assert both.height == plan.movements.height > 0
    assert (both["parcels"] == both["count"]).all()
    assert both["volume_m3"].to_numpy() == pytest.approx(both["m3"].to_numpy())
    assert both["weight_kg"].to_numpy() == pytest.approx(both["kg"].to_numpy())


def test_the_lane_summary_adds_up_to_the_movements(case):
    _, plan = case
    for of_lane, of_movement in (("cost_usd", "planned_cost_usd"), ("units", "units")):
        total = plan.movements[of_movement].sum()
        assert plan.lane_summary[of_lane].sum() == pytest.approx(total)
    assert plan.lane_summary["cube_share"].max() <= 1 + 1e-9
    assert plan.lane_summary["weight_share"].max() <= 1 + 1e-9


def test_tables_keep_their_schemas(case):
    _, plan = case
    assert dict(plan.movements.schema) == dict(MOVEMENTS)
    assert dict(plan.parcel_movements.schema) == dict(PARCEL_MOVEMENTS)
    assert dict(plan.decisions.schema) == dict(DECISIONS)


# --- Time


def test_a_parcel_leaves_after_the_wave_that_sorted_it_and_arrives_before_the_next_cutoff(case):
    problem, plan = case
    ready = problem.waves.select("wave_index", "ready_at")
    landing = problem.waves.select(
        to_facility_id="facility_id", arrive_by="inbound_cutoff_at", sorted_at="ready_at"
    )
    rode = (
        rides(problem, plan)
        .join(ready, left_on="origin_wave_index", right_on="wave_index", how="left")
        .join(landing, on=["to_facility_id", "arrive_by"], how="left")
        .sort("parcel_id", "seq")
        .with_columns(
            may_leave_at=pl.coalesce(pl.col("sorted_at").shift(1).over("parcel_id"), "ready_at")
        )
    )
    assert rode["sorted_at"].null_count() == 0  # each arrives for a wave of the place it goes to
    assert (rode["departs_at"] >= rode["may_leave_at"]).all()


def test_even_the_slowest_offer_of_a_speed_makes_the_wave_it_connects_to(case):
    problem, plan = case
    lane = ["from_facility_id", "to_facility_id", "speed"]
    slowest = problem.offers.group_by(lane).agg(slowest_s=pl.col("transit_s").max())
    timed = plan.movements.join(slowest, on=lane, how="left").with_columns(
        arrives_at=pl.col("departs_at") + pl.duration(seconds="slowest_s")
    )
    assert (timed["arrives_at"] <= timed["arrive_by"]).all()


def test_a_movement_leaves_its_own_place_after_its_wave_is_ready(case):
    problem, plan = case
    left = plan.movements.join(
        problem.waves.select("wave_index", "facility_id", "ready_at"),
        left_on="from_wave_index",
        right_on="wave_index",
        how="left",
    )
    assert (left["facility_id"] == left["from_facility_id"]).all()
    assert (left["ready_at"] <= left["departs_at"]).all()


def test_a_lane_with_a_schedule_leaves_on_it_and_others_when_a_wave_is_ready():
    world = make_by_hand(
        [Truck("A", "C", 30), Truck("A", "D", 30)],
        [Freight("A", "C", 2, 1.0), Freight("A", "D", 2, 1.0)],
    )
    noon = world.waves["ready_at"].min() + timedelta(hours=10)
    schedule = pl.DataFrame(
        {"departure_id": ["1"], "from_facility_id": ["A"], "to_facility_id": ["C"]}
    ).with_columns(departs_at=pl.lit(noon))
    plan = planned(replace(world, departures=conform(schedule, FIXED_DEPARTURES)))
    departs = dict(plan.movements.select("to_facility_id", "departs_at").iter_rows())
    assert departs == {"C": noon, "D": world.waves["ready_at"].min()}


# --- Space


def test_no_load_exceeds_its_cube_or_weight(case):
    problem, plan = case
    for movement in plan.movements.iter_rows(named=True):
        offer = offer_of(problem, movement)
        assert movement["volume_m3"] <= movement["units"] * offer["unit_m3"] * (1 + 1e-9)
        assert movement["weight_kg"] <= movement["units"] * offer["unit_kg"] * (1 + 1e-9)
        if movement["speed"] != "pooled":
            assert 1 <= movement["units"] <= offer["units_per_vehicle"]


def test_pooled_positions_are_just_as_many_as_the_freight_needs(case):
    problem, plan = case
    for movement in plan.movements.filter(pl.col("speed") == "pooled").iter_rows(named=True):
        offer = offer_of(problem, movement)
        by_cube = movement["volume_m3"] / offer["unit_m3"]
        by_weight = movement["weight_kg"] / offer["unit_kg"]
        assert movement["units"] == ceil(max(by_cube, by_weight) - 1e-9)


def test_a_movement_costs_its_offer_a_vehicle_or_a_position(case):
    problem, plan = case
    for movement in plan.movements.iter_rows(named=True):
        paid = movement["units"] if movement["speed"] == "pooled" else 1
        usd = paid * offer_of(problem, movement)["cost_usd"]
        assert movement["planned_cost_usd"] == pytest.approx(usd)


def test_a_departure_takes_no_more_units_than_are_on_offer():
    problem = scarce_world()
    plan = planned(problem)
    key = ["from_facility_id", "to_facility_id", "departs_at", "speed", "vehicle_type"]
    vehicles = pl.when(pl.col("speed") == "pooled").then(pl.col("units")).otherwise(1)
    assert plan.movements.group_by(key).agg(used=vehicles.sum())["used"].max() == 1


def test_freight_for_which_no_vehicle_is_left_is_stranded_with_that_reason():
    world = make_by_hand(
        [Truck("A", "B", 20, m3=10, most=1)], [Freight("A", "B", 9, 2.0, due=1)], days=2
    )
    plan = planned(world)
    assert plan.movements["parcels"].to_list() == [5]
    assert plan.stranded["reason"].unique().to_list() == [
        "every vehicle on offer for its departure is full"
    ]
    assert plan.stranded.height == 4


def test_a_parcel_larger_than_every_vehicle_is_injected_if_it_can_be_else_stranded():
    too_large = [
        Freight("A", "B", 1, 11.0, inject_usd=900.0),
        Freight("A", "B", 1, 12.0),
        Freight("A", "B", 1, 1.0),
    ]
    plan = planned(make_by_hand([Truck("A", "B", 20, m3=10)], too_large))
    assert plan.injected["parcel_id"].to_list() == ["P-0000"]
    assert plan.stranded.rows() == [
        ("P-0001", "larger or heavier than every vehicle on offer for its path")
    ]
    assert plan.parcel_movements["parcel_id"].to_list() == ["P-0002"]


def test_one_parcel_that_only_the_dear_truck_takes_gets_it():
    # By volume two small trucks would do; the 11 m3 parcel fits neither.
    trucks = [Truck("A", "B", 10), Truck("A", "B", 90, m3=14, vehicle="long truck")]
    plan = planned(make_by_hand(trucks, [Freight("A", "B", 1, 11.0)]))
    assert plan.movements["vehicle_type"].to_list() == ["long truck"]
    assert plan.stranded.is_empty()


def test_freight_without_any_lane_is_stranded_and_says_where():
    plan = planned(
        make_by_hand([Truck("A", "B", 20)], [Freight("A", "B", 1, 1.0), Freight("A", "C", 2, 1.0)])
    )
    assert plan.stranded["reason"].to_list() == ["no carrier offers a lane into C"] * 2
    assert plan.movements["parcels"].to_list() == [1]


def test_nothing_to_move_is_a_plan_too():
    plan = planned(make_by_hand([Truck("A", "B", 20)], [Freight("A", "A", 3, 1.0)]))
    assert (plan.objective_usd, plan.bound_usd, plan.gap) == (0.0, 0.0, 0.0)
    assert plan.movements.is_empty()
    assert plan.stranded.is_empty()


# --- The capacity ladder

rungs = st.lists(
    st.tuples(
        st.integers(1, 9),  # m3
        st.integers(1, 9),  # t
        st.integers(1, 40),  # usd
        st.one_of(st.none(), st.integers(1, 4)),
    ),
    min_size=1,
    max_size=4,
)


def ladder_of(rows: list[tuple[int, int, int, int | None]], speed: str = "solo"):
    offers = pl.DataFrame(
        [
            {
                "offer_id": number,
                "from_facility_id": "A",
                "to_facility_id": "B",
                "vehicle_type": f"type {number}",
                "speed": speed,
                "transit_s": 3600,
                "unit_m3": float(m3),
                "unit_kg": 1000.0 * tonnes,
                "units_per_vehicle": 1,
                "max_units": most,
                "cost_usd": float(usd),
            }
            for number, (m3, tonnes, usd, most) in enumerate(rows)
        ],
        schema_overrides={"max_units": pl.Int64},
    )
    return build_ladders(conform(offers, OFFERS), inf, inf)


def cheapest_by_brute_force(rows, m3: int, tonnes: int) -> float:
    """Try every number of every rung that could be needed."""
    needed = [max(ceil(m3 / row[0]), ceil(tonnes / row[1])) for row in rows]
    most = [min(n, row[3] or n) for n, row in zip(needed, rows, strict=True)]
    best = inf
    for counts in product(*(range(n + 1) for n in most)):
        held = [sum(n * row[at] for n, row in zip(counts, rows, strict=True)) for at in range(3)]
        if held[0] >= m3 and held[1] >= tonnes:
            best = min(best, held[2])
    return best


@settings(max_examples=250)
@given(rungs, st.integers(0, 16), st.integers(0, 16))
def test_the_cover_of_a_load_is_the_cheapest_there_is(rows, m3, tonnes):
    ladders, frame = ladder_of(rows)
    best = cheapest_by_brute_force(rows, m3, tonnes)
    counts = np.zeros(MAX_RUNGS, dtype=np.int64)
    usd, vehicles = cover(ladders, 0, m3 * 1_000_000, tonnes * 1_000_000, counts)
    chosen = [(rows[at], int(n)) for at, n in zip(frame["offer_id"], counts, strict=False)]
    assert sum(n * row[2] for row, n in chosen) <= usd
    assert all(n <= (row[3] or n) for row, n in chosen)
    assert vehicles == sum(n for _, n in chosen)
    if best < inf:
        assert usd == pytest.approx(best)
        assert sum(n * row[0] for row, n in chosen) >= m3
        assert sum(n * row[1] for row, n in chosen) >= tonnes
    else:
        # More than all there is: everything goes, and the rest at its deterrent price.
        all_usd = sum(row[2] * row[3] for row in rows)
        over_m3 = max(0, m3 - sum(row[0] * row[3] for row in rows))
        over_kg = 1000 * max(0, tonnes - sum(row[1] * row[3] for row in rows))
        deterrent = over_m3 * OVERFLOW_USD_PER_M3 + over_kg * OVERFLOW_USD_PER_KG
        assert usd == pytest.approx(all_usd + deterrent)


def test_a_block_of_pooled_positions_is_one_vehicle_at_the_dock():
    ladders, _ = ladder_of([(1, 1, 30, None)], speed="pooled")
    counts = np.zeros(MAX_RUNGS, dtype=np.int64)
    assert cover(ladders, 0, 4_500_000, 1, counts) == (150.0, 1)
    assert counts[0] == 5


# --- Quality


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_search_never_costs_more_than_the_routing_guide(seed):
    world = make_world(**SMALL, seed=seed)
    searched, guide = planned(world), by_guide(world)
    assert searched.stranded.height <= guide.stranded.height == 0
    assert searched.objective_usd <= guide.objective_usd


def two_origins(**changes) -> LinehaulProblem:
    """Eight parcels; direct costs 45 + 45, over H 10 + 10 + 50 and the touches there."""
    trucks = [
        Truck("A", "C", 45),
        Truck("B", "C", 45),
        Truck("A", "H", 10),
        Truck("B", "H", 10),
        Truck("H", "C", 50),
    ]
    freight = [Freight("A", "C", 4, 1.0), Freight("B", "C", 4, 1.0)]
    return make_by_hand(trucks, freight, hubs="H", **changes)


@pytest.mark.parametrize(("touch_usd", "best_usd", "legs"), [(0, 70, 2), (2, 86, 2), (3, 90, 1)])
def test_freight_consolidates_at_a_hub_exactly_when_the_touches_pay(touch_usd, best_usd, legs):
    plan = planned(two_origins(handling={"H": float(touch_usd)}))
    assert plan.objective_usd == pytest.approx(best_usd)
    assert plan.parcel_movements["seq"].max() == legs


def test_freight_waits_for_the_hub_wave_that_fills_one_truck_when_lateness_is_cheap():
    # B reaches the hub a day after A: one truck from H if A's freight waits a day, else two.
    trucks = [Truck("A", "H", 10), Truck("B", "H", 10, hours=30), Truck("H", "C", 50)]
    freight = [Freight("A", "C", 4, 1.0, due=2), Freight("B", "C", 4, 1.0)]
    world = make_by_hand(trucks, freight, hubs="H", late_usd_parcel_day=10.0)
    assert planned(world).objective_usd == pytest.approx(10 + 10 + 50 + 4 * 10)
    dear = replace(world, late_usd_parcel_day=15.0)
    assert planned(dear).objective_usd == pytest.approx(10 + 10 + 2 * 50)


SMALL_PAIRS = ("AC", "AD", "BC", "BD")
SMALL_LANES = ("AH", "BH", "HC", "HD", *SMALL_PAIRS)


@settings(max_examples=12)
@given(
    st.fixed_dictionaries({lane: st.integers(5, 60) for lane in SMALL_LANES}),
    st.fixed_dictionaries({pair: st.sampled_from([0.5, 1.0, 1.5, 2.0]) for pair in SMALL_PAIRS}),
    st.fixed_dictionaries({pair: st.one_of(st.none(), st.integers(3, 60)) for pair in SMALL_PAIRS}),
)
def test_small_networks_are_solved_to_their_optimum_and_the_bound_stays_below(usd, m3, inject):
    trucks = [Truck(*lane, usd=usd[lane], m3=3.0) for lane in SMALL_LANES]
    freight = [Freight(*pair, 1, m3[pair], inject_usd=inject[pair]) for pair in SMALL_PAIRS]
    world = make_by_hand(trucks, freight, hubs="H", handling={"H": 2.0, "C": 1.0, "D": 1.0})
    best = inf
    for ways in product(("direct", "hub", "inject"), repeat=4):
        cost, load = 0.0, dict.fromkeys(SMALL_LANES, 0.0)
        for pair, way in zip(SMALL_PAIRS, ways, strict=True):
            if way == "inject":
                cost += inf if inject[pair] is None else inject[pair]
                continue
            cost += 1.0 if way == "direct" else 3.0
            for lane in (pair,) if way == "direct" else (pair[0] + "H", "H" + pair[1]):
                load[lane] += m3[pair]
        best = min(best, cost + sum(usd[lane] * ceil(load[lane] / 3.0) for lane in SMALL_LANES))
    assert planned(world, effort=1.0).objective_usd == pytest.approx(best)
    assert raw_bound_usd(world) <= best + 1e-6


def test_one_and_two_workers_and_none_give_equal_plans():
    world = make_world(**TINY, seed=1)
    alone = planned(world, effort=0.4)
    assert alone.counts["subproblems_solved"] > 1
    with LocalEngine(1) as one, LocalEngine(2) as two:
        for engine in (one, two):
            plan = plan_linehaul(world, engine=engine, seed=7, effort=0.4)
            for name in FRAMES:
                assert getattr(plan, name).equals(getattr(alone, name)), name
            assert plan.objective_usd == alone.objective_usd
            assert (plan.bound_usd, plan.restricted_gap) == (alone.bound_usd, alone.restricted_gap)


# --- Cost, bound and gaps


def test_the_objective_is_what_the_tables_add_up_to(case):
    problem, plan = case
    assert plan.objective_usd == pytest.approx(usd_by_hand(problem, plan))


def test_the_bound_is_below_the_objective_without_help_and_the_gap_is_their_difference(case):
    problem, plan = case
    served = problem.consignments.join(plan.stranded, on="parcel_id", how="anti")
    bound_usd = raw_bound_usd(replace(problem, consignments=served))
    assert 0 < bound_usd < plan.objective_usd
    assert plan.bound_usd == pytest.approx(bound_usd)
    assert plan.gap == pytest.approx(1 - plan.bound_usd / plan.objective_usd)
    assert any("restricted_gap holds inside" in note for note in plan.notes)


def test_a_restricted_gap_is_reported_only_where_a_subproblem_was_solved(case):
    problem, plan = case
    if problem.policy == "baseline":
        assert plan.restricted_gap is None
        assert plan.counts["subproblems_solved"] == 0
    else:
        assert 0 <= plan.restricted_gap <= 1
        assert plan.counts["subproblems_solved"] > 0


def test_full_trucks_leave_no_gap():
    plan = planned(make_by_hand([Truck("A", "B", 20, m3=2)], [Freight("A", "B", 4, 1.0)]))
    assert (plan.objective_usd, plan.bound_usd) == (40.0, pytest.approx(40.0))


def test_the_bound_lets_a_plan_part_a_journey_between_travel_and_injection():
    # All by truck 20, all injected 2 + 200; but two injected for 2 and two on one truck: 12.
    freight = [
        Freight("A", "B", 2, 1.0, inject_usd=1.0),
        Freight("A", "B", 2, 1.0, inject_usd=100.0),
    ]
    world = make_by_hand([Truck("A", "B", 10, m3=2)], freight)
    assert raw_bound_usd(world) == pytest.approx(12.0)
    plan = planned(world)
    assert plan.objective_usd == pytest.approx(12.0)
    assert plan.injected["parcel_id"].to_list() == ["P-0000", "P-0001"]


def test_the_bound_looks_beyond_the_volume_to_the_weight():
    heavy = make_by_hand(
        [Truck("A", "B", 20, m3=100, kg=1000)], [Freight("A", "B", 4, 0.1, kg=500)]
    )
    plan = planned(heavy)
    assert (plan.objective_usd, plan.bound_usd) == (40.0, pytest.approx(40.0))


# --- Lateness


@pytest.mark.parametrize("policy", ["crossdock", "baseline"])
def test_freight_that_cannot_be_in_time_still_goes_and_pays_for_each_day_late(policy):
    # 60 hours on the road from 02:00 of day 1 make the wave of day 3; it is due on day 1.
    late = make_by_hand(
        [Truck("A", "B", 30, hours=60)],
        [Freight("A", "B", 5, 1.0, due=1)],
        late_usd_parcel_day=8.0,
        policy=policy,
    )
    plan = planned(late)
    assert plan.movements["parcels"].to_list() == [5]
    assert plan.objective_usd == pytest.approx(30 + 5 * 8.0 * 2)
    assert plan.stranded.is_empty()


@pytest.mark.parametrize(("late_usd", "speed"), [(4.0, "solo"), (6.0, "team")])
def test_a_team_is_bought_exactly_when_it_costs_less_than_being_late(late_usd, speed):
    # A team costs 50 more and saves ten parcels a day each.
    trucks = [Truck("A", "B", 100, hours=30), Truck("A", "B", 150, hours=20, speed="team")]
    world = make_by_hand(trucks, [Freight("A", "B", 10, 0.9, due=1)], late_usd_parcel_day=late_usd)
    assert planned(world).movements["speed"].to_list() == [speed]


def test_without_a_wave_that_keeps_the_promise_lateness_counts_from_the_earliest_landing():
    world = make_by_hand([Truck("A", "B", 30, hours=60)], [Freight("A", "B", 5, 1.0, due=None)])
    assert planned(world).objective_usd == pytest.approx(30)


# --- Doors and sort capacity


def pieces_landed(problem: LinehaulProblem, plan: LinehaulPlan, facility: str) -> dict[int, int]:
    """Pieces sorted at a facility, by the day of the wave; freight inducted there not counted."""
    waves = problem.waves.select(
        "date", to_facility_id="facility_id", arrive_by="inbound_cutoff_at"
    )
    landed = (
        rides(problem, plan)
        .filter(pl.col("to_facility_id") == facility)
        .join(waves, on=["to_facility_id", "arrive_by"])
    )
    days = landed.group_by("date").agg(pl.col("pieces").sum()).sort("date")
    return {(date - MONDAY).days: pieces for date, pieces in days.iter_rows()}


def over_hub(hubs: dict[str, float], capacity: float | None, due: int = 3, **changes):
    """Two origins of ten parcels each to C, over hubs at a price a truck."""
    trucks = [
        Truck(*lane, usd=usd)
        for hub, usd in hubs.items()
        for lane in (("A", hub), ("B", hub), (hub, "C"))
    ]
    freight = [Freight(origin, "C", 10, 0.1, due=due) for origin in "AB"]
    return make_by_hand(trucks, freight, hubs="".join(hubs), sorts={"H": capacity}, **changes)


def test_an_over_full_wave_spills_to_the_other_hub():
    roomy = planned(over_hub({"H": 20, "K": 25}, None, due=2))
    assert roomy.objective_usd == pytest.approx(60)
    world = over_hub({"H": 20, "K": 25}, 12.0, due=2)
    plan = planned(world)
    assert plan.objective_usd == pytest.approx(75)
    assert pieces_landed(world, plan, "H") == {}
    assert pieces_landed(world, plan, "K") == {1: 20}
    assert not any("sorted" in note for note in plan.notes)


def test_an_over_full_wave_spills_even_where_the_other_hub_is_far_dearer():
    # Eight pieces too many at H would be cheaper by the search's penalty: the repair moves them.
    world = over_hub({"H": 20, "K": 60}, 12.0, due=2, late_usd_parcel_day=20.0)
    plan = planned(world)
    assert pieces_landed(world, plan, "H") == {1: 10}
    assert pieces_landed(world, plan, "K") == {1: 10}
    assert plan.objective_usd == pytest.approx(2 * 20 + 2 * 60)
    assert not any("sorted" in note for note in plan.notes)


def test_an_over_full_wave_spills_to_the_next_wave_of_the_only_hub():
    world = over_hub({"H": 20}, 12.0)
    plan = planned(world)
    assert pieces_landed(world, plan, "H") == {1: 10, 2: 10}
    assert not any("sorted" in note for note in plan.notes)


def test_a_wave_is_filled_to_its_capacity_and_not_spilled_below_it():
    world = over_hub({"H": 20}, 20.0)
    assert pieces_landed(world, planned(world), "H") == {1: 20}


def test_capacity_that_no_departure_can_keep_is_exceeded_and_said_so():
    world = over_hub({"H": 20}, 4.0, days=4)
    plan = planned(world, effort=1.0)
    assert plan.stranded.is_empty()
    landed = pieces_landed(world, plan, "H")
    assert sum(landed.values()) == 20
    said = [
        f"At H night of {MONDAY + timedelta(days=day)} {pieces} pieces are sorted, 4 are possible."
        for day, pieces in landed.items()
    ]
    assert [note for note in plan.notes if "sorted" in note] == said


def test_more_freight_inducted_than_its_wave_can_sort_is_said_so():
    world = make_by_hand(
        [Truck("A", "B", 20), Truck("B", "C", 20)],
        [Freight("A", "B", 5, 0.1), Freight("B", "C", 12, 0.1)],
        sorts={"B": 10.0},
    )
    said = [note for note in planned(world).notes if "sorted" in note]
    assert said == [f"At B night of {MONDAY} 12 pieces are sorted, 10 are possible."]


def vehicles_leaving(plan: LinehaulPlan, facility: str) -> list[int]:
    left = plan.movements.filter(pl.col("from_facility_id") == facility)
    return left.group_by("departs_at").len().sort("departs_at")["len"].to_list()


def out_of(doors: int, due: int = 3, **changes) -> LinehaulProblem:
    trucks = [Truck("A", end, 20) for end in "BCD"]
    freight = [Freight("A", end, 4, 1.0, due=due) for end in "BCD"]
    return make_by_hand(trucks, freight, doors={"A": doors}, **changes)


def test_no_more_vehicles_leave_a_wave_than_there_are_doors():
    assert vehicles_leaving(planned(out_of(3)), "A") == [3]
    for doors, leaving in ((2, [1, 2]), (1, [1, 1, 1])):
        plan = planned(out_of(doors))
        assert sorted(vehicles_leaving(plan, "A")) == leaving
        assert not any("vehicles leave" in note for note in plan.notes)


def test_doors_that_no_departure_can_keep_are_exceeded_and_said_so():
    plan = planned(out_of(1, due=1, days=2))  # only one departure lands within the calendar
    assert plan.stranded.is_empty()
    assert vehicles_leaving(plan, "A") == [3]
    said = f"At A night of {MONDAY} 3 vehicles leave, 1 are possible."
    assert said in plan.notes


# --- Routes


def test_freight_passes_two_hubs_where_nothing_shorter_is_on_offer():
    trucks = [Truck("A", "H", 10), Truck("H", "K", 10), Truck("K", "C", 10)]
    world = make_by_hand(trucks, [Freight("A", "C", 2, 1.0, due=4)], hubs="HK")
    plan = planned(world)
    assert plan.parcel_movements["seq"].to_list() == [1, 2, 3] * 2
    assert plan.objective_usd == pytest.approx(30)


def test_only_hubs_transship():
    trucks = [Truck("A", "B", 10), Truck("B", "C", 10)]
    assert planned(make_by_hand(trucks, [Freight("A", "C", 2, 1.0)])).stranded.height == 2


def test_a_route_beyond_the_usual_dozen_is_taken_where_none_of_these_lands():
    idle = "DEFGHIJKLMNO"
    trucks = [Truck(*lane, usd=10) for hub in idle for lane in (("A", hub), (hub, "Z"))]
    trucks += [Truck("A", "Y", 50), Truck("Y", "Z", 50)]
    world = make_by_hand(trucks, [Freight("A", "Z", 3, 1.0)], hubs=idle + "Y", without_waves=idle)
    plan = planned(world)
    assert plan.objective_usd == pytest.approx(100)
    assert plan.stranded.is_empty()


# --- Decisions


def listed(plan: LinehaulPlan, question: str) -> dict[str, tuple[str, list[dict[str, object]]]]:
    rows = plan.decisions.filter(pl.col("question") == question)
    return {
        row["subject"]: (row["chosen"], json.loads(row["alternatives"]))
        for row in rows.iter_rows(named=True)
    }


def test_every_pair_and_every_movement_has_one_decision(case):
    problem, plan = case
    travelling = problem.consignments.filter(
        pl.col("origin_facility_id") != pl.col("destination_facility_id")
    )
    pairs = travelling.select(
        pl.concat_str("origin_facility_id", "destination_facility_id", separator="-")
    ).to_series()
    paths = plan.decisions.filter(pl.col("question") == "linehaul_path")["subject"].to_list()
    steps = plan.decisions.filter(pl.col("question") == "ladder_step")["subject"].to_list()
    assert sorted(paths) == sorted(pairs.unique().to_list())
    assert steps == plan.movements["movement_id"].to_list()
    assert plan.decisions.height == len(paths) + len(steps)


def test_alternatives_list_the_chosen_option_first_and_all_have_a_cost(case):
    problem, plan = case
    for question in ("linehaul_path", "ladder_step"):
        decisions = listed(plan, question)
        assert decisions
        for chosen, options in decisions.values():
            assert options[0]["option"] == chosen
            assert options[0]["why_not"] == ""
            assert all(isinstance(option["cost_usd"], float) for option in options)
            assert all(option["why_not"] for option in options[1:])
            assert len({option["option"] for option in options}) == len(options)
    if problem.policy == "crossdock":
        assert any(len(options) > 1 for _, options in listed(plan, "linehaul_path").values())


def test_a_lane_lists_what_its_other_routes_and_injection_would_cost():
    world = make_by_hand(
        [Truck("A", "C", 30), Truck("A", "H", 20), Truck("H", "C", 25)],
        [Freight("A", "C", 4, 1.0, inject_usd=9.0)],
        hubs="H",
        handling={"H": 0.5, "C": 0.25},
    )
    chosen, options = listed(planned(world), "linehaul_path")["A-C"]
    assert chosen == "direct by solo"
    assert [(option["option"], option["cost_usd"]) for option in options] == [
        ("direct by solo", 31.0),
        ("injected at origin", 36.0),
        ("via H", 48.0),
    ]


def test_the_costs_of_the_guides_lanes_add_up_to_the_plan():
    world = replace(make_world(**SMALL, seed=1), policy="baseline")
    plan = planned(world)
    total = sum(options[0]["cost_usd"] for _, options in listed(plan, "linehaul_path").values())
    assert total == pytest.approx(plan.objective_usd, abs=0.5)


def test_a_lane_on_which_the_guide_leads_nowhere_says_so():
    world = make_by_hand(
        [
            Truck("A", "C", 30, miles=600),
            Truck("A", "H", 20, miles=350),
            Truck("H", "C", 25, miles=350, hours=500),
        ],
        [Freight("A", "C", 2, 1.0)],
        hubs="H",
        policy="baseline",
    )
    plan = planned(world)
    assert plan.stranded["parcel_id"].to_list() == ["P-0000", "P-0001"]
    chosen, options = listed(plan, "linehaul_path")["A-C"]
    assert chosen == "not moved"
    assert [option["cost_usd"] for option in options] == [0.0]


# --- The question


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy": "guess"}, "policy 'guess'"),
        ({"late_usd_parcel_day": -1.0}, "late_usd_parcel_day"),
        ({"offers": pl.DataFrame({"offer_id": [1]})}, "offers lack the columns"),
    ],
)
def test_an_impossible_question_is_refused(changes, message):
    with pytest.raises(InvalidValueError, match=message):
        replace(two_origins(), **changes)


def test_a_wave_of_another_facility_is_refused_and_names_the_parcel():
    world = two_origins()
    elsewhere = world.consignments.with_columns(
        arrive_by_wave_index=pl.lit(night_wave("A", 2), dtype=pl.Int64)
    )
    with pytest.raises(InvalidValueError, match="P-0000"):
        replace(world, consignments=elsewhere)
