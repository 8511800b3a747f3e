"""Capacity: what a rate row says, what an offer costs, who takes a load and what it brings back."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.hos import Segment, Timeline, audit
from crossdock.locate.roads import lane_table
from crossdock.model import Network
from crossdock.model.tables import MOVEMENTS, conform
from crossdock.plan.capacity import (
    CapacityPlan,
    linehaul_offers,
    match_movements,
    parcel_rates,
    rate_of,
)

MONDAY = dt.date(2026, 11, 30)
EASTERN = "America/New_York"
MILES = 200.0
DRIVE_H = 4.0


def network(**tables: pl.DataFrame) -> Network:
    """Two facilities 200 miles apart; own vans and boxes at A, a contract carrier and a pool."""
    base = {
        "facilities": pl.DataFrame(
            {
                "facility_id": ["A", "B"],
                "roles": [["origin_station", "hub"], ["destination_station", "hub"]],
                "latitude": [40.0, 42.0],
                "longitude": [-75.0, -73.0],
                "timezone": [EASTERN, EASTERN],
            }
        ),
        "lanes": pl.DataFrame(
            {
                "from": ["A", "B"],
                "to": ["B", "A"],
                "miles": [MILES, MILES],
                "transit_h_p50": [DRIVE_H, DRIVE_H],
                "transit_h_p90": [4.4, 4.4],
            }
        ),
        "vehicle_types": pl.DataFrame(
            {
                "vehicle_type": ["box", "trailer", "pallet"],
                "class": ["truck", "trailer", "pallet_space"],
                "nominal_m3": [48.0, 110.0, 1.7],
                "stow_factor": [0.7, 0.7, 0.7],
                "payload_kg": [4500.0, 20_000.0, 450.0],
                "cost_usd_mile": [1.0, 1.3, None],
                "fixed_usd_day": [90.0, 120.0, None],
                "empty_factor": [0.8, 0.8, None],
            }
        ),
        "carriers": pl.DataFrame(
            {
                "carrier_id": ["US", "ACME", "BEST", "POOL"],
                "kind": ["own", "contract", "contract", "common"],
                "daily_capacity": [None, 1.0, None, None],
                "service_score": [0.98, 0.98, 0.98, 0.98],
            },
            schema_overrides={"daily_capacity": pl.Float64},
        ),
        "rates": pl.DataFrame(
            [
                {"carrier_id": "ACME", "vehicle_type": "box", "basis": "mile", "rate_usd": 1.5},
                {"carrier_id": "BEST", "vehicle_type": "box", "basis": "load", "rate_usd": 700.0},
                {
                    "carrier_id": "POOL",
                    "vehicle_type": "pallet",
                    "basis": "pallet_mile",
                    "rate_usd": 0.12,
                    "minimum_usd": 35.0,
                },
            ]
        ).with_columns(mode=pl.lit("linehaul")),
    }
    return Network.of(base | tables)


def movements(*wanted: tuple[str, str, str, int, str], parcels: int = 100) -> pl.DataFrame:
    """Rows ``from, to, vehicle type, units, departs``, with 24 h to arrive."""
    return conform(
        pl.DataFrame(
            [
                {
                    "movement_id": f"m{number}",
                    "from_facility_id": start,
                    "to_facility_id": end,
                    "departs_at": dt.datetime.fromisoformat(departs),
                    "arrive_by": dt.datetime.fromisoformat(departs) + dt.timedelta(hours=24),
                    "speed": "solo",
                    "vehicle_type": kind,
                    "units": units,
                    "parcels": parcels,
                    "volume_m3": 1.0,
                    "weight_kg": 200.0,
                }
                for number, (start, end, kind, units, departs) in enumerate(wanted)
            ]
        ),
        MOVEMENTS,
    )


OUT = ("A", "B", "box", 1, "2026-12-01T04:00:00+00:00")
BACK = ("B", "A", "box", 1, "2026-12-01T12:00:00+00:00")


def matched(plan: Network, wanted: pl.DataFrame, policy: str = "crossdock") -> CapacityPlan:
    lanes = lane_table(plan)
    offers = linehaul_offers(plan, lanes, date=MONDAY)
    return match_movements(plan, wanted, offers, lanes, policy=policy, date=MONDAY)


def offered(plan: Network, **wanted: str) -> pl.DataFrame:
    return linehaul_offers(plan, lane_table(plan), date=MONDAY).filter(
        (pl.col("from_facility_id") == "A"),
        *(pl.col(name) == value for name, value in wanted.items()),
    )


def test_a_bought_vehicle_costs_its_rate_by_the_mile():
    assert offered(network(), carrier_id="ACME")["cost_usd"].unique().to_list() == [300.0]


def test_a_minimum_and_fuel_are_charged():
    rates = network()["rates"].with_columns(minimum_usd=pl.lit(400.0), fuel_pct=pl.lit(10.0))
    assert offered(network(rates=rates), carrier_id="ACME")["cost_usd"][0] == pytest.approx(440.0)


def test_a_position_costs_its_miles_and_at_least_its_minimum():
    assert offered(network(), carrier_id="POOL")["cost_usd"][0] == 35.0
    cheap = network()["rates"].with_columns(minimum_usd=pl.lit(None, pl.Float64))
    assert offered(network(rates=cheap), carrier_id="POOL")["cost_usd"][0] == pytest.approx(24.0)


def test_an_accessorial_by_pallet_is_added_to_each_position():
    extras = pl.DataFrame(
        {"carrier_id": ["POOL"], "code": ["position"], "basis": ["pallet"], "rate_usd": [35.0]}
    )
    assert offered(network(accessorials=extras), carrier_id="POOL")["cost_usd"][0] == 70.0


def test_own_equipment_pays_both_ways_the_day_and_the_driver():
    own = offered(network(), carrier_id="US", vehicle_type="box", speed="solo")
    miles_usd = MILES * 1.0 + MILES * 1.0 * 0.8
    # 8 h at the wheel, and pre-trip and dock work that the duty adds.
    assert own["cost_usd"][0] > miles_usd + 90.0 + 8 * 32.0
    assert own["cost_usd"][0] < miles_usd + 90.0 + 11 * 32.0
    assert own["driver_mode"][0] == "solo_turn"


def test_a_carrier_without_insurance_offers_nothing():
    carriers = network()["carriers"].with_columns(
        insurance_expires=pl.when(pl.col("carrier_id") == "ACME").then(MONDAY - dt.timedelta(1))
    )
    assert offered(network(carriers=carriers), carrier_id="ACME").is_empty()


CELLS = ("vehicle_type", "from", "to")


@given(st.lists(st.sets(st.sampled_from(CELLS)), min_size=1, max_size=8, unique_by=frozenset))
def test_the_most_specific_rate_row_wins(filled: list[set[str]]):
    values = {"vehicle_type": "box", "from": "A", "to": "B"}
    rates = pl.DataFrame(
        [
            {name: values[name] if name in cells else None for name in CELLS}
            | {
                "carrier_id": "ACME",
                "mode": "linehaul",
                "basis": "load",
                "rate_usd": float(len(cells)),
            }
            for cells in filled
        ],
        schema_overrides=dict.fromkeys(CELLS, pl.String),
    )
    rate = rate_of(
        network(rates=rates),
        carrier_id="ACME",
        mode="linehaul",
        vehicle_type="box",
        from_="A",
        to="B",
    )
    assert rate is not None
    assert rate.rate_usd == max(len(cells) for cells in filled)


def test_a_weight_bracket_holds_its_upper_bound_and_nothing_is_sold_above_the_last():
    rates = pl.DataFrame(
        {
            "carrier_id": ["POST", "POST"],
            "mode": ["injection", "injection"],
            "weight_from_kg": [0.0, 1.0],
            "weight_to_kg": [1.0, 5.0],
            "basis": ["parcel", "parcel"],
            "rate_usd": [4.0, 6.0],
        }
    )
    asked = pl.DataFrame(
        {
            "carrier_id": ["POST"] * 3,
            "mode": ["injection"] * 3,
            "entry_level": ["scf"] * 3,
            "origin_zip3": ["070"] * 3,
            "dest_zip3": ["200"] * 3,
            "distance_miles": [200.0] * 3,
            "weight_kg": [1.0, 1.001, 5.001],
            "volume_m3": [0.001] * 3,
        }
    )
    assert parcel_rates(network(rates=rates), asked).to_list() == [4.0, 6.0, None]


def test_the_cheapest_carrier_in_time_takes_the_load_and_says_whom_it_beat():
    plan = matched(network(vehicles=no_vehicles()), movements(OUT))
    load = plan.loads.row(0, named=True)
    assert (load["kind"], load["carrier_id"], load["cost_usd"]) == ("bought", "ACME", 300.0)
    decision = plan.decisions.row(0, named=True)
    assert "ACME" in decision["chosen"]
    assert "BEST" in decision["alternatives"]
    assert "costs $" in decision["alternatives"]


def test_a_full_carrier_leaves_the_next_load_to_another():
    later = ("A", "B", "box", 1, "2026-12-01T04:10:00+00:00")
    plan = matched(network(vehicles=no_vehicles()), movements(OUT, later))
    assert sorted(plan.loads["carrier_id"]) == ["ACME", "BEST"]
    habit = matched(network(vehicles=no_vehicles()), movements(OUT, later), "baseline")
    assert habit.loads.sort("departs_at")["carrier_id"].to_list() == ["ACME", "BEST"]


def no_vehicles() -> pl.DataFrame:
    """A vehicles file that lists none of the types of the tests: the own fleet cannot help."""
    return pl.DataFrame(
        {
            "vehicle_id": ["v"],
            "vehicle_type": ["pallet"],
            "home_facility_id": ["A"],
            "carrier_id": ["US"],
        }
    )


def own_only() -> Network:
    rates = network()["rates"].filter(pl.col("carrier_id") == "NOBODY")
    vehicles = pl.DataFrame(
        {
            "vehicle_id": ["box-1"],
            "vehicle_type": ["box"],
            "home_facility_id": ["A"],
            "carrier_id": ["US"],
        }
    )
    return network(rates=rates, vehicles=vehicles)


def test_own_equipment_comes_back_empty_and_the_two_ways_cost_the_formula():
    plan = matched(own_only(), movements(OUT))
    assert plan.loads["kind"].to_list() == ["loaded", "empty"]
    out, back = plan.loads.iter_rows(named=True)
    assert (back["from"], back["to"], back["returns_load_id"]) == ("B", "A", out["load_id"])
    assert back["departs_at"] >= out["arrives_at"]
    offer = offered(own_only(), carrier_id="US", vehicle_type="box", speed="solo")["cost_usd"][0]
    assert out["cost_usd"] + back["cost_usd"] == pytest.approx(offer)


def test_own_equipment_brings_a_load_home_when_one_is_due():
    plan = matched(own_only(), movements(OUT, BACK))
    assert plan.loads["kind"].to_list() == ["loaded", "loaded"]
    assert plan.loads.sort("departs_at")["movement_id"].to_list() == ["m0", "m1"]
    assert plan.untaken.is_empty()


def test_one_vehicle_cannot_be_out_twice_at_once():
    twin = ("A", "B", "box", 1, "2026-12-01T04:05:00+00:00")
    plan = matched(own_only(), movements(OUT, twin))
    assert plan.untaken.height == 1
    assert plan.loads.filter(pl.col("kind") == "loaded").height == 1


def test_what_nobody_sells_is_untaken_with_a_reason():
    rates = network()["rates"].filter(pl.col("carrier_id") == "NOBODY")
    plan = matched(network(rates=rates, vehicles=no_vehicles()), movements(OUT))
    assert plan.loads.is_empty()
    assert plan.untaken["reason"].to_list() == ["nobody sells this lane"]


def test_nothing_to_carry_is_an_empty_plan():
    plan = matched(network(), movements())
    assert plan.loads.is_empty()
    assert plan.untaken.is_empty()


def test_every_duty_of_the_plan_is_legal_and_contiguous():
    plan = matched(own_only(), movements(OUT, BACK))
    for (_,), duty in plan.duties.sort("seq").group_by("duty_id"):
        segments = [
            Segment(
                row["activity"], int(row["starts_at"].timestamp()), int(row["ends_at"].timestamp())
            )
            for row in duty.iter_rows(named=True)
        ]
        assert all(one.end_s == other.start_s for one, other in pairwise(segments))
        assert not audit(Timeline.of(segments))


def test_the_same_question_has_the_same_answer():
    one, other = (matched(network(), movements(OUT, BACK)) for _ in range(2))
    assert one.loads.equals(other.loads)
    assert one.duties.equals(other.duties)
