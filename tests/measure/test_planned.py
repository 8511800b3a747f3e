"""A plan as a planner reads it: its lanes, departures, metros and tours add up to its tables."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

from crossdock.measure.planned import (
    lane_cutoffs,
    lane_departures,
    load_decisions,
    plan_lanes,
    plan_metros,
    plan_tours,
    tour_stops,
)
from crossdock.model.tables import DECISIONS, LOADS, WAVES, conform
from synthetic_run import SyntheticRun, build_run

UTC = dt.UTC
SIX = dt.datetime(2026, 11, 30, 6, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run(120)


def loads(*rows: dict) -> pl.DataFrame:
    usual = {
        "from": "LAX", "to": "DFW", "kind": "bought", "units": 1, "parcels": 10, "volume_m3": 10.0,
        "cube_share": 0.5, "weight_kg": 100.0, "weight_share": 0.1, "cost_usd": 100.0,
        "miles": 1_400.0, "departs_at": SIX, "arrives_at": SIX + 30 * HOUR, "carrier_id": "ACME",
        "driver_mode": "solo", "vehicle_type": "trailer_53",
    }  # fmt: skip
    return conform(
        pl.DataFrame(
            [usual | {"load_id": f"L-{number}"} | row for number, row in enumerate(rows)],
            infer_schema_length=None,
        ),
        LOADS,
    )


def test_the_fill_of_a_lane_is_weighted_by_the_space_that_is_paid_for(run):
    some = loads(
        {"volume_m3": 10.0, "cube_share": 0.5},
        {"volume_m3": 60.0, "cube_share": 1.0},
        {"kind": "empty", "volume_m3": 0.0, "cube_share": 0.0, "parcels": 0},
    )
    lane = plan_lanes({"loads": some}, run.network).row(0, named=True)
    assert lane["fill"] == pytest.approx(70 / 80)
    assert (lane["loads"], lane["cost_usd"], lane["usd_per_parcel"]) == (3, 300.0, 15.0)


def test_a_lane_of_empties_alone_has_no_fill(run):
    some = loads({"kind": "empty", "volume_m3": 0.0, "cube_share": 0.0, "parcels": 0})
    lane = plan_lanes({"loads": some}, run.network).row(0, named=True)
    assert (lane["fill"], lane["usd_per_parcel"]) == (None, None)


def test_the_ways_of_a_lane_are_told_apart_and_sum_to_it(run):
    some = loads(
        {"cost_usd": 10.0, "kind": "pooled", "vehicle_type": "pallet_space"},
        {"cost_usd": 70.0, "driver_mode": "team"},
        {"cost_usd": 50.0},
        {"cost_usd": 5.0, "kind": "bobtail", "carrier_id": None, "cube_share": 0.0},
    )
    lane = plan_lanes({"loads": some}, run.network).row(0, named=True)
    assert [(way["kind"], way["driver_mode"]) for way in lane["ways"]] == [
        ("bought", "team"), ("bought", "solo"), ("pooled", "solo"), ("bobtail", "solo"),
    ]  # fmt: skip
    assert lane["ways"][2]["step"] == "Pallet positions"
    assert sum(way["cost_usd"] for way in lane["ways"]) == lane["cost_usd"]


def test_the_lanes_of_a_plan_sum_to_its_loads(run):
    lanes = plan_lanes(run.tables, run.network)
    planned = run.tables["loads"]
    assert lanes["loads"].sum() == planned.height
    assert lanes["cost_usd"].sum() == pytest.approx(planned["cost_usd"].sum())
    assert lanes.select("from", "to").is_unique().all()


def test_a_lane_has_the_decision_on_its_parcels(run):
    decided = pl.DataFrame(
        {
            "subject": ["LAX->DFW", "DFW-LAX", "LAX-DFW"],
            "question": ["linehaul_path", "linehaul_path", "Is 2-day offered?"],
            "chosen": ["direct by team", "via DEN", "no"],
            "reason": ["it is faster", "", ""],
        }
    )
    tables = {"loads": loads({}), "decisions": conform(decided, DECISIONS)}
    lane = plan_lanes(tables, run.network).row(0, named=True)
    assert (lane["path"], lane["reason"]) == ("direct by team", "it is faster")


def test_a_departure_has_the_first_cut_off_that_it_lands_in_time_for(run):
    cutoffs = [SIX + 29 * HOUR, SIX + 31 * HOUR, SIX + 40 * HOUR]
    waves = pl.DataFrame({"facility_id": ["DFW"] * 3, "inbound_cutoff_at": cutoffs})
    some = loads({"arrives_at": SIX + 31 * HOUR}, {"arrives_at": SIX + 50 * HOUR})
    tables = {"loads": some, "waves": conform(waves, WAVES)}
    found = lane_departures(tables, run.network, "LAX", "DFW")
    assert found["cutoff_at"].to_list() == [cutoffs[1], None]
    assert lane_cutoffs(tables, "DFW", SIX + 30 * HOUR, SIX + 31 * HOUR) == cutoffs[1:]
    assert lane_departures(tables, run.network, "DFW", "LAX").is_empty()
    assert lane_departures(tables, run.network).height == 2


def test_a_departure_tells_who_carries_it_and_why_with_what_was_beaten(run):
    options = [
        {"option": "ACME", "cost_usd": 100.0, "service": "solo", "why_not": ""},
        {"option": "OTHER", "cost_usd": 130.0, "service": "team", "why_not": "costs $30 more"},
    ]
    decided = pl.DataFrame(
        {
            "subject": ["L-0", "M-7", "L-9"],
            "question": ["Who carries it?", "ladder_step", "Who carries it?"],
            "chosen": ["ACME", "1 x trailer_53 solo", "X"],
            "alternatives": [json.dumps(options), "[]", "[]"],
            "reason": ["the cheapest in time", "it fills half", ""],
        }
    )
    tables = {
        "loads": loads({"movement_id": "M-7"}),
        "decisions": conform(decided, DECISIONS),
    }
    found = lane_departures(tables, run.network, "LAX", "DFW")
    who, step = load_decisions(tables, found)["L-0"]
    assert (who["chosen"], who["saved_usd"]) == ("ACME", 30.0)
    assert [option["option"] for option in who["alternatives"]] == ["OTHER"]
    assert step["reason"] == "it fills half"


def test_metros_sum_to_the_tours_and_name_every_facility_that_is_touched(run):
    metros = plan_metros(run.tables, run.network)
    tours = run.tables["tours"]
    assert metros["routes"].sum() == tours.height
    assert metros["cost_usd"].sum() == pytest.approx(tours["cost_usd"].sum())
    assert metros["originating"].sum() == run.tables["parcels"].height
    assert metros["handed_over"].sum() == run.tables["handoffs"].height
    touched = {*run.tables["loads"]["from"], *run.tables["loads"]["to"], *tours["facility_id"]}
    assert touched <= set(metros["facility_id"])
    one = metros.filter(pl.col("routes") > 0).row(0, named=True)
    mine = tours.filter(pl.col("facility_id") == one["facility_id"])
    hours = (mine["returns_at"] - mine["departs_at"]).dt.total_seconds().sum() / 3600
    assert one["stops_per_hour"] == pytest.approx(mine["stops"].sum() / hours)


def test_a_facility_without_routes_has_counts_and_no_ratios(run):
    none = run.tables | {"tours": run.tables["tours"].clear()}
    metros = plan_metros(none, run.network)
    assert metros["routes"].sum() == 0
    assert metros["stops_per_hour"].null_count() == metros.height
    assert metros["delivery_dates"].to_list() == [[]] * metros.height


def test_the_slack_of_a_tour_ends_with_its_shift_or_its_longest_duty(run):
    tour = run.tables["tours"].head(1)
    day = tour.row(0, named=True)
    fleet = run.tables["fleet"].filter(
        pl.col("vehicle_id") == day["vehicle_id"],
        pl.col("delivery_date") == day["delivery_date"],
    )
    driven_s = int((day["returns_at"] - day["departs_at"]).total_seconds())
    for shift_h, duty_s, slack_s in (
        (2, 10**6, 7_200),
        (2, driven_s + 600, 600),
        (-1, 10**6, -3_600),
    ):
        shift = fleet.with_columns(
            shift_ends_at=pl.lit(day["returns_at"] + shift_h * HOUR),
            max_duty_s=pl.lit(duty_s, pl.Int64),
        )
        found = plan_tours({"tours": tour, "fleet": shift}).row(0, named=True)
        assert found["slack_s"] == slack_s
    assert plan_tours({"tours": tour})["slack_s"].to_list() == [None]


def test_tours_are_those_of_a_facility_with_every_stop_once(run):
    place = run.tables["tours"]["facility_id"][0]
    tours = plan_tours(run.tables, place)
    assert set(tours["facility_id"]) == {place}
    stops = tour_stops(run.tables, tours)
    rows = run.tables["routes"].filter(pl.col("route_id").is_in(tours["route_id"].implode()))
    assert stops["parcels"].sum() == rows.height
    assert stops["distance_m"].sum() == pytest.approx(rows["distance_m"].sum())
    assert stops.select("route_id", "sequence").is_unique().all()
    assert plan_tours(run.tables, "nowhere").is_empty()
