"""The last mile, rechecked from its output tables alone."""

import datetime as dt
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.breaks import (
    Itinerary,
    breaks_s,
    is_legal,
    longest_work_s,
    place_breaks,
)
from crossdock.comply.hos import US_70_8, Timeline, audit
from crossdock.model import InvalidValueError, Network, SerialEngine
from crossdock.model.tables import BREAKS, DECISIONS, FLEET, ROUTES, TOURS
from crossdock.plan.lastmile import (
    FleetYard,
    LastMilePlan,
    LastMileProblem,
    estimate_stop_costs,
    last_mile_fleet,
    plan_routes,
)
from crossdock.platform.engine import open_engine

DATE = dt.date(2026, 11, 30)
MIDNIGHT = dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)  # Chicago
DEPOT = (32.80, -96.80)
HOUR = 3600


def at(hour: float) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(hours=hour)


def parcels(
    count: int, seed: int = 1, spread_km: float = 12.0, windows: float = 0.0
) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    north, east = draw.normal(0, spread_km, (2, count))
    same = draw.random(count) < 0.1
    twin = draw.integers(0, count, count)
    north, east = np.where(same, north[twin], north), np.where(same, east[twin], east)
    latitude = DEPOT[0] + north / 111.2
    longitude = DEPOT[1] + east / (111.2 * math.cos(math.radians(DEPOT[0])))
    opens = [at(int(h)) if draw.random() < windows else None for h in draw.integers(9, 17, count)]
    closes = [None if start is None else start + dt.timedelta(hours=2) for start in opens]
    instant = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        {
            "parcel_id": [f"P{i:05d}" for i in range(count)],
            "latitude": latitude,
            "longitude": longitude,
            "address_key": [f"{a:.7f} {b:.7f}" for a, b in zip(latitude, longitude, strict=True)],
            "pieces": draw.choice([1, 1, 1, 2], count),
            "volume_m3": np.exp(draw.normal(-4.6, 0.8, count)),
            "weight_kg": np.exp(draw.normal(0.6, 1.2, count)),
            "ready_at": [at(8.5) if draw.random() < 0.9 else at(9.5) for _ in range(count)],
            "due_at": [at(20)] * count,
            "zip5": [
                f"75{int(40 + n // 6):02d}{int(5 + e // 12) % 10}"
                for n, e in zip(north, east, strict=True)
            ],
            "window_opens_at": pl.Series(opens, dtype=instant),
            "window_closes_at": pl.Series(closes, dtype=instant),
        }
    )


def fleet(count: int, **changes: object) -> pl.DataFrame:
    row = {
        "vehicle_type": "cargo_van",
        "facility_id": "DFW",
        "carrier_id": "OWN",
        "delivery_date": DATE,
        "capacity_m3": 8.4,
        "capacity_kg": 1500.0,
        "shift_starts_at": at(8.5),
        "shift_ends_at": at(19.5),
        "max_duty_s": 10 * HOUR,
        "fixed_usd_day": 35.0,
        "cost_usd_mile": 0.7,
        "cost_usd_h": 24.0,
    }
    rows = [
        row | {"vehicle_id": f"V{i:03d}", "driver_id": f"D{i:03d}"} | changes
        for i in range(1, count + 1)
    ]
    return pl.DataFrame(rows)


def problem(
    goods: pl.DataFrame | None = None, vans: pl.DataFrame | None = None, facility: str = "DFW"
) -> LastMileProblem:
    return LastMileProblem(
        facility,
        DATE,
        "America/Chicago",
        *DEPOT,
        parcels(120) if goods is None else goods,
        fleet(8) if vans is None else vans,
    )


def plan(
    *problems: LastMileProblem, policy: str = "crossdock", effort: float = 0.2
) -> LastMilePlan:
    return plan_routes(problems, engine=SerialEngine(), seed=7, effort=effort, policy=policy)


def street_m(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    a, b = math.radians(lat_1), math.radians(lat_2)
    chord = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(lon_2 - lon_1) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(chord)) * 1.35


def least_drive_s(distance_m: float) -> float:
    leg = distance_m / 1609.344
    if leg == 0:
        return 0.0
    speed = min(max(18 * (leg / 0.5) ** 0.235, 18), 50)
    return leg / speed * HOUR


def assert_legal(asked: LastMileProblem, answer: LastMilePlan) -> None:
    goods = {row["parcel_id"]: row for row in asked.parcels.to_dicts()}
    planned = answer.routes["parcel_id"].to_list() + answer.unserved["parcel_id"].to_list()
    assert sorted(planned) == sorted(goods)
    assert answer.unserved["reason"].str.len_chars().fill_null(0).ge(10).all()
    vehicles = {row["vehicle_id"]: row for row in answer.fleet.to_dicts()}
    assert answer.tours["vehicle_id"].is_unique().all()
    assert answer.tours["driver_id"].is_unique().all()
    for tour in answer.tours.to_dicts():
        rows = answer.routes.filter(pl.col("route_id") == tour["route_id"])
        assert_tour_legal(tour, rows, answer.breaks, vehicles[tour["vehicle_id"]], goods)


def assert_tour_legal(tour, rows, breaks, vehicle, goods) -> None:
    carried = [goods[parcel] for parcel in rows["parcel_id"]]
    assert sum(p["volume_m3"] for p in carried) <= vehicle["capacity_m3"] + 1e-9
    assert sum(p["weight_kg"] for p in carried) <= vehicle["capacity_kg"] + 1e-9
    assert tour["parcels"] == len(carried)
    assert vehicle["shift_starts_at"] <= tour["departs_at"] < tour["returns_at"]
    assert tour["returns_at"] <= vehicle["shift_ends_at"]
    duty_s = (tour["returns_at"] - tour["departs_at"]).total_seconds()
    assert duty_s <= vehicle["max_duty_s"]
    pauses = breaks.filter(pl.col("route_id") == tour["route_id"]).sort("starts_at").to_dicts()
    assert_breaks_lawful(tour["departs_at"], duty_s, pauses)
    clock, here, driven_m = tour["departs_at"], DEPOT, 0.0
    for _, stop in rows.group_by("sequence", maintain_order=True):
        first = stop.row(0, named=True)
        assert stop["arrives_at"].n_unique() == stop["departs_at"].n_unique() == 1
        there = (first["latitude"], first["longitude"])
        leg_m = street_m(*here, *there)
        assert first["distance_m"] == pytest.approx(leg_m, abs=0.01)
        assert stop["distance_m"].sum() == first["distance_m"]
        paused_s = paused_between(pauses, clock, first["arrives_at"])
        free_s = (first["arrives_at"] - clock).total_seconds() - paused_s
        assert free_s >= least_drive_s(leg_m) - 1e-6
        handled_s = sum(
            p["pieces"] * (38 + 60 * (p["weight_kg"] / p["pieces"] > 20))
            for p in (goods[parcel] for parcel in stop["parcel_id"])
        )
        served_s = (first["departs_at"] - first["arrives_at"]).total_seconds()
        assert served_s in (handled_s, handled_s + 75)
        for parcel in stop["parcel_id"]:
            assert goods[parcel]["ready_at"] <= tour["departs_at"]
            assert (goods[parcel]["window_opens_at"] or at(0)) <= first["arrives_at"]
            assert first["departs_at"] <= (goods[parcel]["window_closes_at"] or at(20))
        clock, here, driven_m = first["departs_at"], there, driven_m + leg_m
    home_m = street_m(*here, *DEPOT)
    assert tour["return_distance_m"] == pytest.approx(home_m, abs=0.01)
    assert tour["distance_m"] == pytest.approx(driven_m + home_m, abs=0.1)
    paused_s = paused_between(pauses, clock, tour["returns_at"])
    left_s = (tour["returns_at"] - clock).total_seconds() - paused_s
    assert left_s >= least_drive_s(home_m) - 1e-6
    assert sum_s(pauses) == paused_between(pauses, tour["departs_at"], tour["returns_at"])
    assert tour["paid_s"] == duty_s - sum_s([p for p in pauses if p["kind"] == "meal"])
    assert_cost_adds_up(tour, vehicle)


def assert_breaks_lawful(departs_at, duty_s, pauses) -> None:
    meals = [pause for pause in pauses if pause["kind"] == "meal"]
    rests = [pause for pause in pauses if pause["kind"] == "rest"]
    assert all(p["ends_at"] - p["starts_at"] == dt.timedelta(minutes=30) for p in meals)
    assert all(p["ends_at"] - p["starts_at"] == dt.timedelta(minutes=10) for p in rests)
    assert all(a["ends_at"] <= b["starts_at"] for a, b in pairwise(pauses))
    if duty_s > 6 * HOUR:
        assert len(meals) == 1
        assert meals[0]["starts_at"] - departs_at <= dt.timedelta(hours=5)
        assert len(rests) >= 2
    elif duty_s >= 3.5 * HOUR:
        assert len(rests) >= 1


def paused_between(pauses, start, end) -> float:
    return sum_s([p for p in pauses if start <= p["starts_at"] and p["ends_at"] <= end])


def sum_s(pauses) -> float:
    return sum((p["ends_at"] - p["starts_at"]).total_seconds() for p in pauses)


def assert_cost_adds_up(tour, vehicle) -> None:
    cost = (
        vehicle["fixed_usd_day"]
        + vehicle["cost_usd_mile"] * tour["distance_m"] / 1609.344
        + vehicle["cost_usd_h"] * tour["paid_s"] / HOUR
        + vehicle["usd_stop"] * tour["stops"]
    )
    assert tour["cost_usd"] == pytest.approx(max(cost, vehicle["minimum_usd"]), abs=1e-6)


@pytest.mark.parametrize("policy", ["crossdock", "baseline"])
def test_a_day_is_legal_and_every_parcel_is_on_one_route(policy):
    asked = problem()
    answer = plan(asked, policy=policy)
    assert_legal(asked, answer)
    assert answer.unserved.is_empty()


@pytest.mark.parametrize("policy", ["crossdock", "baseline"])
def test_windows_and_a_short_fleet_still_give_legal_routes_and_reasons(policy):
    asked = problem(parcels(160, seed=3, windows=0.3), fleet(2))
    answer = plan(asked, policy=policy)
    assert_legal(asked, answer)
    assert answer.unserved["reason"].str.starts_with("no vehicle left").any()


def test_tables_keep_their_schemas_and_ids_count_by_date_facility_and_vehicle():
    austin = problem(
        parcels(60, seed=2).with_columns(pl.col("parcel_id") + "A"),
        fleet(4).with_columns(vehicle_id="A" + pl.col("vehicle_id"), facility_id=pl.lit("AUS")),
        "AUS",
    )
    answer = plan(problem(), austin)
    for frame, schema in (
        (answer.routes, ROUTES),
        (answer.tours, TOURS),
        (answer.breaks, BREAKS),
        (answer.fleet, FLEET),
        (answer.decisions, DECISIONS),
    ):
        assert dict(frame.schema) == dict(schema)
    in_order = answer.tours.sort("facility_id", "vehicle_id")
    assert in_order["route_id"].to_list() == answer.tours["route_id"].to_list()
    assert answer.tours["route_id"][0] == "R-20261130-0000001"
    assert answer.tours["route_id"].is_sorted()


def test_parcels_of_one_address_are_one_stop():
    answer = plan(problem())
    by_address = answer.routes.join(problem().parcels, on="parcel_id").group_by("address_key")
    assert by_address.agg(pl.struct("route_id", "sequence").n_unique())["route_id"].eq(1).all()


def test_an_address_over_capacity_is_split_over_vehicles():
    goods = parcels(12).with_columns(
        address_key=pl.lit("one door"),
        latitude=pl.lit(32.9),
        longitude=pl.lit(-96.8),
        volume_m3=pl.lit(2.0),
    )
    asked = problem(goods)
    answer = plan(asked)
    assert_legal(asked, answer)
    assert answer.tours["parcels"].to_list() == [4, 4, 4]


def test_a_parcel_no_vehicle_can_hold_or_reach_says_so():
    goods = parcels(4).with_columns(
        address_key=pl.col("parcel_id"),
        volume_m3=pl.Series([20.0, 0.1, 0.1, 0.1]),
        latitude=pl.Series([32.8, 42.0, 32.8, 32.8]),
        ready_at=pl.Series([at(8.5), at(8.5), at(19.9), at(8.5)]),
        window_opens_at=pl.lit(None),
        window_closes_at=pl.lit(None),
    )
    reasons = dict(plan(problem(goods)).unserved.select("parcel_id", "reason").iter_rows())
    assert list(reasons) == ["P00000", "P00001", "P00002"]
    assert reasons["P00000"].startswith("over capacity: 20.00 m3")
    assert reasons["P00001"].startswith("too far")
    assert reasons["P00002"].startswith(("window", "shift"))


def test_without_vehicles_every_parcel_is_left_with_that_reason():
    answer = plan(problem(vans=fleet(1).clear()))
    assert answer.unserved.height == 120
    assert answer.unserved["reason"].str.contains("no vehicle is offered").all()


def test_a_day_without_parcels_has_no_routes():
    answer = plan(problem(parcels(1).clear()))
    assert answer.tours.is_empty()
    assert answer.fleet.height == 8


def test_an_earlier_commitment_within_the_day_is_met():
    goods = parcels(80).with_columns(
        due_at=pl.when(pl.int_range(pl.len()) % 4 == 0)
        .then(pl.lit(at(13)))
        .otherwise(pl.lit(at(20)))
    )
    answer = plan(problem(goods))
    due = answer.routes.join(goods.select("parcel_id", "due_at"), on="parcel_id")
    assert (due["departs_at"] <= due["due_at"]).all()


def test_one_place_is_parked_at_once():
    goods = parcels(6).with_columns(
        address_key=pl.col("parcel_id"),
        latitude=32.9 + pl.int_range(6) * 0.00005,
        longitude=pl.lit(-96.8),
        pieces=pl.lit(1),
        weight_kg=pl.lit(1.0),
    )
    answer = plan(problem(goods))
    served = (answer.routes["departs_at"] - answer.routes["arrives_at"]).dt.total_seconds()
    assert sorted(served) == [38] * 5 + [113]


def test_two_processes_answer_as_one_does():
    asked = [
        problem(parcels(700, seed=4), fleet(24)),
    ]
    with open_engine("local", 2) as engine:
        many = plan_routes(asked, engine=engine, seed=7, effort=0.05)
    one = plan_routes(asked, engine=SerialEngine(), seed=7, effort=0.05)
    assert many.routes.equals(one.routes)
    assert many.breaks.equals(one.breaks)
    assert many.decisions.equals(one.decisions)
    assert_legal(asked[0], one)


def test_districts_beat_fixed_territories_on_a_metro_day():
    asked = problem(parcels(500, seed=5), fleet(20))
    ours, theirs = plan(asked), plan(asked, policy="baseline")
    assert ours.unserved.is_empty()
    assert theirs.unserved.is_empty()
    assert ours.tours["cost_usd"].sum() < theirs.tours["cost_usd"].sum()


def test_every_route_and_day_says_why():
    answer = plan(problem())
    assert set(answer.tours["route_id"]) | {"DFW"} == set(answer.decisions["subject"])
    assert answer.decisions["reason"].str.contains(r"\d").all()


def test_a_vehicle_offered_twice_a_date_is_refused():
    with pytest.raises(InvalidValueError, match="V001"):
        plan(problem(), problem())


def test_bad_parcels_are_refused_by_name():
    with pytest.raises(InvalidValueError, match=r"P00000.*weight_kg"):
        problem(parcels(3).with_columns(weight_kg=pl.lit(-1.0)))


WHOLE = st.integers(min_value=0, max_value=900)


@settings(max_examples=150, deadline=None)
@given(
    legs=st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=120),
    home_s=WHOLE,
    max_h=st.integers(min_value=2, max_value=10),
    window=st.none()
    | st.tuples(st.integers(0, 119), st.integers(0, 20_000), st.integers(600, 7200)),
)
def test_placed_breaks_are_lawful_and_fit_any_tour_within_the_longest_work(
    legs, home_s, max_h, window
):
    drive = [min(leg, 400) for leg, _ in legs] + [home_s]
    opens, closes = [0] * len(legs), [10**6] * len(legs)
    if window is not None and window[0] < len(legs):
        opens[window[0]], closes[window[0]] = window[1], window[1] + window[2]
    tour = Itinerary(drive, [s for _, s in legs], opens, closes, 0, 10**6, max_h * HOUR)
    timeline = place_breaks(tour)
    if timeline is not None:
        assert is_legal(tour, timeline)
        pauses = [
            {
                "kind": pause.kind,
                "starts_at": at(pause.starts_s / HOUR),
                "ends_at": at(pause.ends_s / HOUR),
            }
            for pause in timeline.breaks
        ]
        assert_breaks_lawful(at(timeline.departs_s / HOUR), timeline.duty_s, pauses)
        assert all(a >= o for a, o in zip(timeline.arrives_s, opens, strict=True))
    elif window is None:
        assert sum(drive) + sum(s for _, s in legs) > longest_work_s(max_h * HOUR)


@settings(max_examples=100, deadline=None)
@given(
    legs=st.lists(st.integers(1, 5400), min_size=1, max_size=14),
    service_s=st.integers(60, 300),
    opens_s=st.integers(0, 8 * HOUR),
)
def test_the_breaks_of_a_regulated_tour_keep_the_hours_of_service(legs, service_s, opens_s):
    count = len(legs)
    opens = [0] * (count - 1) + [opens_s]
    tour = Itinerary([*legs, 900], [service_s] * count, opens, [10**6] * count, 0, 10**6, 10 * HOUR)
    timeline = place_breaks(replace(tour, hours=US_70_8))
    if timeline is None:
        # Within ten hours only the 30 minutes can bind: nothing else makes a tour illegal.
        free = place_breaks(tour)
        assert free is None or sum(tour.drive_s) > 8 * HOUR
        return
    log, clock = [], timeline.departs_s
    for leg, drive_s in enumerate(tour.drive_s):
        for pause in (each for each in timeline.breaks if each.gap == leg):
            log.append(("OFF", pause.starts_s, pause.ends_s))
            clock = pause.ends_s
        log.append(("D", clock, clock + drive_s))
        if leg < count:
            log.append(("ON", clock + drive_s, timeline.leaves_s[leg]))
            clock = timeline.leaves_s[leg]
    assert audit(Timeline.of([each for each in log if each[1] < each[2]])) == []


def test_a_regulated_tour_puts_its_meal_where_it_ends_eight_hours_at_the_wheel():
    # Nine hours at the wheel; the meal near the middle would leave less than eight on both sides,
    # one after the first stop would not.
    tour = Itinerary([600, 31_000, 600], [60] * 2, [0] * 2, [10**6] * 2, 0, 10**6, 10 * HOUR)
    assert place_breaks(tour) is not None
    assert place_breaks(replace(tour, hours=US_70_8)) is None


@given(st.integers(min_value=0, max_value=10 * HOUR))
def test_the_longest_work_is_the_longest_that_fits_with_its_breaks(max_duty_s):
    longest = longest_work_s(max_duty_s)
    assert longest + breaks_s(longest) <= max_duty_s
    longer = range(longest + 1, max_duty_s + 1, 7)
    assert all(work + breaks_s(work) > max_duty_s for work in longer)


def network(*, vehicles: bool, drivers: bool) -> Network:
    tables = {
        "facilities": pl.DataFrame({"facility_id": ["DFW"], "timezone": ["America/Chicago"]}),
        "carriers": pl.DataFrame(
            {
                "carrier_id": ["OWN", "CROWD", "LAPSED"],
                "kind": ["own", "crowd", "own"],
                "insurance_expires": [None, None, dt.date(2026, 1, 1)],
            }
        ),
        "vehicle_types": pl.DataFrame(
            {
                "vehicle_type": ["cargo_van", "car", "trailer_53"],
                "class": ["van", "van", "trailer"],
                "nominal_m3": [12.0, 1.6, 112.0],
                "stow_factor": [0.7, 0.7, 0.7],
                "payload_kg": [1500.0, 250.0, 20_000.0],
                "fixed_usd_day": [35.0, 0.0, 60.0],
                "cost_usd_mile": [0.7, 0.0, 1.0],
            }
        ),
        "rates": pl.DataFrame(
            {
                "carrier_id": ["CROWD", "CROWD"],
                "mode": ["lastmile", "lastmile"],
                "vehicle_type": [None, "car"],
                "basis": ["block", "stop"],
                "rate_usd": [90.0, 3.5],
                "fuel_pct": [0.0, 10.0],
            }
        ),
    }
    if vehicles:
        tables["vehicles"] = pl.DataFrame(
            {
                "vehicle_id": ["VAN-2", "VAN-1", "CAR-1", "OLD-1"],
                "vehicle_type": ["cargo_van", "cargo_van", "car", "cargo_van"],
                "home_facility_id": ["DFW"] * 4,
                "carrier_id": ["OWN", "OWN", "CROWD", "LAPSED"],
            }
        )
    if drivers:
        tables["drivers"] = pl.DataFrame(
            {
                "driver_id": ["D-1"],
                "carrier_id": ["OWN"],
                "domicile_facility_id": ["DFW"],
                "kind": ["last_mile"],
                "shift_start": [dt.time(9)],
                "shift_end": [dt.time(19)],
                "max_h": [12.0],
                "cost_usd_h": [24.0],
            }
        )
    return Network.of(tables)


def test_a_listed_fleet_is_exactly_its_rows_and_a_driver_drives_one_vehicle():
    van = last_mile_fleet(network(vehicles=True, drivers=True), "DFW", DATE, "own", parcels=500)
    row = van.row(0, named=True)
    assert van["vehicle_id"].to_list() == ["VAN-1"]
    assert (row["driver_id"], row["max_duty_s"]) == ("D-1", 10 * HOUR)
    assert row["capacity_m3"] == pytest.approx(8.4)
    assert (row["shift_starts_at"], row["shift_ends_at"]) == (at(9), at(19))
    assert (row["cost_usd_h"], row["invented"]) == (24.0, False)


def heavy(
    logged: list[tuple[str, dt.datetime, dt.datetime]], ruleset: str | None = None
) -> Network:
    """A fleet of step vans of 16,000 lb, whose driver has a duty log."""
    held = network(vehicles=True, drivers=True).tables
    types = held["vehicle_types"].with_columns(gvwr_kg=pl.lit(7_257.0))
    log = pl.DataFrame(
        [("D-1", *each) for each in logged],
        schema=["driver_id", "status", "from", "to"],
        orient="row",
    )
    drivers = held["drivers"].with_columns(hos_ruleset=pl.lit(ruleset))
    return Network.of(dict(held) | {"vehicle_types": types, "drivers": drivers, "duty_log": log})


def test_a_driver_of_a_heavy_van_starts_rested_and_within_the_cycle():
    late = [("ON", at(-14), at(1))]  # until one in the night: ten hours of rest end at eleven
    van = last_mile_fleet(heavy(late), "DFW", DATE, "own", parcels=9).row(0, named=True)
    assert (van["hos_ruleset"], van["shift_starts_at"]) == ("US_70_8", at(11))
    light = last_mile_fleet(network(vehicles=True, drivers=True), "DFW", DATE, "own", parcels=9)
    assert light["hos_ruleset"].to_list() == [None]
    week = [("ON", at(9 - 24 * day), at(21 - 24 * day)) for day in range(5, 0, -1)]
    tired = last_mile_fleet(heavy(week), "DFW", DATE, "own", parcels=9).row(0, named=True)
    assert tired["max_duty_s"] == 10 * HOUR
    tired = last_mile_fleet(heavy(week, "US_60_7"), "DFW", DATE, "own", parcels=9)
    assert tired.is_empty()  # sixty hours in five days
    rested = [("ON", at(-24 * 3 - 12), at(-24 * 3 - 8)), *week[:-2]]
    assert last_mile_fleet(heavy(rested, "US_60_7"), "DFW", DATE, "own", parcels=9).height == 1


def test_a_yard_answers_for_any_day_and_a_carrier_leaves_when_its_insurance_ends():
    held = network(vehicles=False, drivers=False)
    yard = FleetYard(held, "own")
    insured = yard.fleet("DFW", dt.date(2026, 1, 1), parcels=500)
    today = yard.fleet("DFW", DATE, parcels=500)
    assert set(insured["carrier_id"]) == {"OWN", "LAPSED"}
    assert set(today["carrier_id"]) == {"OWN"}
    assert today.equals(last_mile_fleet(held, "DFW", DATE, "own", parcels=500))


def test_missing_files_hire_vehicles_and_drivers_as_needed():
    vans = last_mile_fleet(network(vehicles=False, drivers=False), "DFW", DATE, "own", parcels=500)
    assert set(vans["vehicle_type"]) == {"cargo_van", "car"}
    assert vans["invented"].all()
    assert vans["cost_usd_h"].unique().to_list() == [32.0]
    assert "LAPSED" not in vans["carrier_id"].to_list()
    answer = plan(problem(vans=vans))
    assert answer.unserved.is_empty()
    assert answer.fleet.height == answer.tours.height


def test_crowd_is_paid_by_its_most_specific_rate():
    cars = last_mile_fleet(network(vehicles=True, drivers=False), "DFW", DATE, "crowd", parcels=50)
    row = cars.row(0, named=True)
    assert (row["usd_stop"], row["fixed_usd_day"], row["fuel_pct"]) == (3.5, 0.0, 10.0)
    answer = plan(problem(parcels(20, spread_km=4), cars))
    tour = answer.tours.row(0, named=True)
    assert tour["cost_usd"] == pytest.approx(3.5 * tour["stops"] * 1.1)


def test_estimated_costs_rise_with_distance_and_fall_with_density():
    zips = pl.DataFrame(
        {
            "latitude": [32.8, 33.3, 34.0, 32.8],
            "longitude": [-96.8, -96.8, -96.8, -95.5],
            "stops": [300, 300, 300, 3],
            "parcels": [310, 310, 310, 3],
            "volume_m3": [4.0, 4.0, 4.0, 0.04],
        }
    )
    vans = problem().fleet
    near, far, farther, sparse = estimate_stop_costs(zips, *DEPOT, vans)
    assert near < far < farther < sparse
    assert estimate_stop_costs(zips.clear(), *DEPOT, vans).len() == 0


def test_the_estimate_is_near_the_routed_cost():
    goods = parcels(400, seed=9)
    zips = goods.group_by("zip5", maintain_order=True).agg(
        pl.col("latitude", "longitude").mean(),
        stops=pl.col("address_key").n_unique(),
        parcels=pl.len(),
        volume_m3=pl.col("volume_m3").sum(),
    )
    asked = problem(goods, fleet(16))
    estimated = (estimate_stop_costs(zips, *DEPOT, asked.fleet) * zips["stops"]).sum()
    routed = plan(asked).tours["cost_usd"].sum()
    assert estimated == pytest.approx(routed, rel=0.25)
