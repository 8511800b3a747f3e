"""The day: what a small real plan must hold, whatever the planners chose."""

import datetime as dt
from dataclasses import fields

import polars as pl
import pytest

from crossdock.locate.address import locate_orders
from crossdock.locate.zips import zip_table
from crossdock.model import InvalidValueError, Network, SerialEngine
from crossdock.model.order import check_orders, order_text
from crossdock.model.tables import LEDGER, LOADS, RUN_TABLES, conform
from crossdock.plan.day import DayPlan, DayQuestion, plan_day, replan_day
from crossdock.plan.day.ledger import parcel_shares
from crossdock.plan.day.street import Street, deliver
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders

MONDAY = dt.date(2026, 11, 30)


def question(
    network: Network, parcels: int = 240, seed: int = 5, policy: str = "crossdock"
) -> DayQuestion:
    zips = zip_table()
    made = generate_orders(network, parcels=parcels, start_date=MONDAY, seed=seed, zips=zips)
    checked, _ = check_orders(
        order_text(made.frame),
        services=network["services"]["service"].to_list(),
        known_zips=zips["zip5"],
    )
    located, _ = locate_orders(checked, zips=zips)
    return DayQuestion(
        network, located, zips, seed, "baseline" if policy == "baseline" else "crossdock"
    )


@pytest.fixture(scope="module")
def network() -> Network:
    return builtin_network(4)


@pytest.fixture(scope="module")
def plan(network: Network) -> DayPlan:
    return plan_day(question(network), engine=SerialEngine())


def test_every_table_has_its_schema(plan: DayPlan):
    for name, frame in plan.tables.items():
        assert frame.schema == pl.Schema(RUN_TABLES[name]), name


def test_planning_again_under_another_policy_is_planning_under_it(network: Network, plan: DayPlan):
    again = replan_day(plan, "baseline", engine=SerialEngine())
    afresh = plan_day(question(network, policy="baseline"), engine=SerialEngine())
    for name, frame in afresh.tables.items():
        assert again.tables[name].equals(frame), name


def test_every_parcel_reaches_a_door_a_partner_or_a_shortfall_once(plan: DayPlan):
    ways = pl.concat(
        [
            plan.tables["routes"].select("parcel_id"),
            plan.tables["handoffs"].select("parcel_id"),
            plan.tables["exceptions"].select("parcel_id"),
        ]
    )["parcel_id"]
    assert sorted(ways) == sorted(plan.tables["parcels"]["parcel_id"])


def test_parcel_costs_are_the_ledger(plan: DayPlan):
    assert plan.tables["parcels"]["cost_usd"].sum() == pytest.approx(
        plan.tables["ledger"]["cost_usd"].sum()
    )


def test_a_leg_ends_where_the_next_begins_and_later_starts_after_it(plan: DayPlan):
    legs = plan.tables["legs"].sort("parcel_id", "seq")
    joined = legs.with_columns(
        next_from=pl.col("from").shift(-1).over("parcel_id"),
        next_departs=pl.col("departs_at").shift(-1).over("parcel_id"),
    ).drop_nulls("next_from")
    assert (joined["to"] == joined["next_from"]).all()
    assert (joined["arrives_at"] <= joined["next_departs"]).all()


def test_a_parcel_without_any_vehicle_at_its_station_ends_as_a_shortfall(network: Network):
    own_only = network["coverage"].filter(
        (pl.col("mode") == "own") | pl.col("facility_id").is_in(["EWR", "DFW"])
    )
    bare = Network(
        {
            **network.tables,
            "coverage": own_only.filter(pl.col("mode") == "own"),
            "vehicles": network["vehicles"].filter(pl.col("home_facility_id") != "LAX"),
        },
        network.assumptions,
    )
    asked = question(bare, parcels=120)
    covered = own_only.filter(pl.col("mode") == "own")["zip"]
    kept = asked.orders.filter(
        pl.col("zip5").is_in(covered.implode())
        | pl.col("zip5").str.slice(0, 3).is_in(covered.implode())
    )
    short = plan_day(DayQuestion(bare, kept, asked.zips, asked.seed), engine=SerialEngine()).tables
    stuck = short["exceptions"].filter(pl.col("kind") == "capacity_shortfall")
    stations = short["parcels"].join(stuck.select("parcel_id"), on="parcel_id")
    assert stations.height > 0
    assert stations["destination_facility_id"].unique().to_list() == ["LAX"]
    assert stations["eta_p50"].null_count() == stations.height


def test_a_street_without_a_parcel_is_an_empty_one(
    network: Network, monkeypatch: pytest.MonkeyPatch
):
    """As where everything is handed over at its origin, or stranded."""
    streets: list[Street] = []

    def delivered(of: Network, waiting: pl.DataFrame, weighed: pl.DataFrame, **options) -> Street:
        streets.append(deliver(of, waiting.head(0), weighed, **options))
        return deliver(of, waiting, weighed, **options)

    monkeypatch.setattr("crossdock.plan.day.plan.deliver", delivered)
    plan_day(question(network, parcels=20), engine=SerialEngine())
    (empty,) = streets
    for field in fields(empty):
        found = getattr(empty, field.name)
        assert not isinstance(found, pl.DataFrame) or found.is_empty(), field.name


def test_no_order_is_an_error_that_says_so(network: Network):
    with pytest.raises(InvalidValueError, match="no order"):
        DayQuestion(network, question(network, 5).orders.head(0), zip_table(), 1)


def test_an_empty_way_back_is_paid_by_the_parcels_of_the_way_out():
    loads = conform(
        pl.DataFrame({"load_id": ["out", "back"], "returns_load_id": [None, "out"]}), LOADS
    )
    ledger = conform(pl.DataFrame({"load_id": ["out", "back"], "cost_usd": [100.0, 60.0]}), LEDGER)
    parcels = pl.DataFrame({"parcel_id": ["a", "b"], "volume_m3": [0.03, 0.01]})
    legs = pl.DataFrame({"parcel_id": ["a", "b"], "load_id": ["out", "out"]})
    routes = pl.DataFrame(schema=pl.Schema(RUN_TABLES["routes"]))
    shares = parcel_shares(ledger, parcels, legs, loads, routes)
    assert shares["linehaul_usd"].to_list() == pytest.approx([120.0, 40.0])
