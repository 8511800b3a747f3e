"""What happened, from events: times, rides, attempts, ends and money, story by story."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import told_days as day
from crossdock.measure.actual import (
    FINAL_STATES,
    LIABILITY_USD,
    RETURN_USD,
    actual_tables,
    late_causes,
    run_kpis,
)
from crossdock.model.tables import RUN_TABLES
from played_run import ROUGH, Played, planned, play
from told_days import CREW, at, door, line_haul, partner, rerouted, tell, van, without

Tables = dict[str, pl.DataFrame]


def happened(told: list[day.Told], accessorials: tuple[dict, ...] = ()) -> Tables:
    tables = actual_tables(day.plan(), day.log(told), day.network(accessorials))
    booked = tables["ledger"]["cost_usd"].sum()
    assert tables["parcels"]["cost_usd"].sum() == pytest.approx(booked, abs=1e-9)
    return tables


def of(frame: pl.DataFrame, **cells: object) -> dict:
    rows = frame.filter(pl.col(name) == value for name, value in cells.items())
    assert rows.height == 1, rows
    return rows.row(0, named=True)


def usd(tables: Tables, kind: str) -> float:
    return tables["ledger"].filter(pl.col("kind") == kind)["cost_usd"].sum()


class TestAsPlanned:
    def test_costs_what_the_plan_says(self) -> None:
        tables = happened(day.all_well())
        planned_usd = day.plan()["ledger"].group_by("kind").agg(pl.col("cost_usd").sum())
        told = tables["ledger"].group_by("kind").agg(pl.col("cost_usd").sum())
        assert_frame_equal(told, planned_usd, check_row_order=False)

    def test_legs_have_the_times_of_their_loads(self) -> None:
        tables = happened(day.all_well())
        assert tables["legs"]["actual_departs_at"].unique().sort().to_list() == [at(6), at(14)]
        assert tables["reroutes"].is_empty()
        assert tables["reattempts"].is_empty()

    def test_routes_have_the_times_of_their_stops_and_keep_the_planned_sequence(self) -> None:
        driven_backwards = [
            event
            for number, each in enumerate(reversed(CREW), 1)
            for event in door(each, 25 + 0.25 * number, sequence=number)
        ]
        tables = happened([*line_haul(), *van(), *driven_backwards, *partner()])
        stop = of(tables["routes"], parcel_id="P4")
        assert stop["sequence"] == 4
        assert stop["actual_arrives_at"] == at(25.2)
        assert stop["actual_departs_at"] == at(25.3)

    def test_every_parcel_is_delivered_once(self) -> None:
        parcels = happened(day.all_well())["parcels"]
        assert parcels["final_state"].to_list() == ["delivered"] * 5
        assert parcels["attempts"].to_list() == [1] * 5
        assert of(parcels, parcel_id="P1")["final_at"] == at(25.25)

    def test_tables_keep_the_schemas_of_a_run(self) -> None:
        tables = happened(day.all_well())
        for name in ("loads", "legs", "routes", "tours", "ledger", "parcels"):
            assert dict(tables[name].schema) == dict(pl.Schema(RUN_TABLES[name]))
        assert tables["reroutes"].schema == tables["legs"].schema


class TestScans:
    def test_one_scan_of_a_load_is_a_ride(self) -> None:
        told = without(day.all_well(), kind="departed_facility", parcel="P1")
        tables = happened(told)
        assert tables["legs"]["actual_departs_at"].null_count() == 0

    def test_two_missed_scans_are_implied_by_a_later_one_beyond(self) -> None:
        told = without(day.all_well(), parcel="P1", load_id="L1")
        tables = happened(told)
        assert of(tables["legs"], parcel_id="P1", seq=1)["actual_arrives_at"] == at(10)
        assert of(tables["journeys"], parcel_id="P1")["rides_scanned_in"] == 1

    def test_nothing_is_implied_without_a_later_scan(self) -> None:
        told = without(day.all_well(), parcel="P1", load_id="L2")
        gone = [event for event in told if event[2].get("parcel") != "P1" or event[1] < 14]
        legs = happened(gone)["legs"]
        assert of(legs, parcel_id="P1", seq=1)["actual_departs_at"] == at(6)
        assert of(legs, parcel_id="P1", seq=2)["actual_departs_at"] is None

    def test_nothing_is_implied_of_a_load_that_ran_while_the_parcel_was_elsewhere(self) -> None:
        told = [
            *without(day.all_well(), parcel="P1", load_id="L1"),
            tell("missorted", 8, parcel="P1", place="A"),
        ]
        leg = of(happened(told)["legs"], parcel_id="P1", seq=1)
        assert leg["actual_departs_at"] is None

    def test_a_repeated_message_counts_once_and_the_first_scan_in_event_time_counts(self) -> None:
        doubled = tell("load_departed", 6, load_id="L1", event="same")
        told = [
            *day.all_well(), doubled, doubled, tell("load_departed", 6.5, load_id="L1"),
            *door("P1", 26.9),
        ]  # fmt: skip
        tables = happened(told)
        assert of(tables["loads"], load_id="L1")["actual_departs_at"] == at(6)
        assert of(tables["parcels"], parcel_id="P1")["final_at"] == at(25.25)
        assert of(tables["parcels"], parcel_id="P1")["attempts"] == 1

    def test_a_load_that_nobody_told_of_has_the_times_of_its_scans(self) -> None:
        told = without(without(day.all_well(), kind="load_departed"), kind="load_arrived")
        load = of(happened(told)["loads"], load_id="L1")
        assert (load["actual_departs_at"], load["actual_arrives_at"]) == (at(5.95), at(10.2))

    def test_the_order_of_arrival_does_not_matter(self) -> None:
        events = day.log(day.all_well())
        other = actual_tables(day.plan(), events.reverse(), day.network())
        for name, frame in actual_tables(day.plan(), events, day.network()).items():
            assert_frame_equal(frame, other[name])


class TestReroutes:
    def test_a_parcel_on_another_load_leaves_its_leg_empty(self) -> None:
        tables = happened(rerouted())
        assert of(tables["legs"], parcel_id="P1", seq=2)["actual_departs_at"] is None
        other = of(tables["reroutes"], parcel_id="P1")
        assert (other["seq"], other["load_id"], other["from"], other["to"]) == (1, "X", "H", "B")
        assert (other["departs_at"], other["actual_arrives_at"]) == (at(20), at(24))

    def test_an_added_load_is_a_row_with_what_really_rode(self) -> None:
        load = of(happened(rerouted())["loads"], load_id="X")
        assert (load["kind"], load["parcels"], load["departs_at"]) == ("pooled", 1, at(20))
        assert load["cube_share"] == pytest.approx(0.1)
        assert load["weight_share"] == pytest.approx(1 / 400)

    def test_a_planned_load_keeps_the_figures_of_the_plan(self) -> None:
        tables = happened(rerouted())
        assert of(tables["loads"], load_id="L2")["parcels"] == 5
        assert of(tables["load_runs"], load_id="L2")["riders"] == 4

    def test_who_rode_the_added_load_bears_it(self) -> None:
        tables = happened(rerouted())
        assert usd(tables, "recovery") == 55.0
        assert of(tables["journeys"], parcel_id="P1")["recovery_usd"] == pytest.approx(55.0)
        share = of(tables["parcels"], parcel_id="P1")["linehaul_usd"]
        assert share == pytest.approx(60 * 0.1 / 1.5 + 55)

    def test_a_diverted_load_is_no_planned_ride(self) -> None:
        told = [
            tell("load_arrived", 19, load_id="L2", place="A") if event[0] == "load_arrived"
            and event[2]["load_id"] == "L2" else event
            for event in without(day.all_well(), kind="arrived_facility", load_id="L2")
        ]  # fmt: skip
        tables = happened(told)
        assert set(tables["reroutes"]["to"]) == {"A"}
        seconds = tables["legs"].filter(pl.col("seq") == 2)
        assert seconds["actual_departs_at"].null_count() == 5

    def test_a_cancelled_load_costs_nothing_and_its_way_no_touch(self) -> None:
        told = [
            *without(without(without(day.all_well(), load_id="L2"), kind="delivered"),
                     kind="handed_to_partner"),
            tell("load_cancelled", 13, load_id="L2"),
        ]  # fmt: skip
        tables = happened(told)
        assert usd(tables, "linehaul") == 60.0
        assert usd(tables, "handling") == pytest.approx(5 * 2 * day.HANDLING_USD)
        assert of(tables["loads"], load_id="L2")["cost_usd"] == 0.0

    def test_a_truck_ordered_and_not_used_costs_its_fee(self) -> None:
        fee = {"carrier_id": "TRUCKS", "code": "tonu", "basis": "load", "rate_usd": 25.0}
        told = [*without(day.all_well(), load_id="L2"), tell("load_cancelled", 13, load_id="L2")]
        tables = happened(told, (fee,))
        assert usd(tables, "accessorial") == 25.0
        assert of(tables["loads"], load_id="L2")["cost_usd"] == 25.0


AGAIN = [
    tell(
        "route_added", 46, route_id="R9", place="B", vehicle="VAN-1", carrier_id="VANS",
        vehicle_type="van", departs_at=int(at(49).timestamp()),
    ),
    *van("R9", 49.0, parcels=("P1",)),
]  # fmt: skip


def tried_again() -> list[day.Told]:
    """Nobody home at P1's; the next day a route beyond the plan finds somebody."""
    return [
        *without(day.all_well(), kind="delivered", parcel="P1"),
        *door("P1", 25.25, attempt=1, reason="not_home", owner="consignee"),
        *AGAIN,
        *door("P1", 49.5, route="R9"),
    ]


class TestDoors:
    def test_a_second_attempt_on_another_route_is_kept(self) -> None:
        tables = happened(tried_again())
        assert of(tables["routes"], parcel_id="P1")["actual_arrives_at"] == at(25.2)
        again = of(tables["reattempts"], parcel_id="P1")
        assert (again["route_id"], again["attempt"], again["outcome"]) == ("R9", 2, "delivered")
        assert again["vehicle_id"] == "VAN-1"
        assert of(tables["parcels"], parcel_id="P1")["attempts"] == 2

    def test_a_route_beyond_the_plan_is_a_tour_with_its_cost(self) -> None:
        tables = happened(tried_again())
        tour = of(tables["tours"], route_id="R9")
        assert (tour["stops"], tour["parcels"], tour["facility_id"]) == (1, 1, "B")
        assert tour["cost_usd"] == pytest.approx(day.ROUTE_USD)
        share = of(tables["parcels"], parcel_id="P1")["lastmile_usd"]
        assert share == pytest.approx(day.ROUTE_USD / 4 + day.ROUTE_USD)

    def test_hours_and_miles_are_paid_as_driven(self) -> None:
        told = without(day.all_well(), kind="route_returned")
        longer = tell("route_returned", 28, route_id="R1", paid_s=10_800, distance_m=32_186.88)
        cost = of(happened([*told, longer])["tours"], route_id="R1")["cost_usd"]
        assert cost == pytest.approx(day.VAN_DAY + 20 * day.VAN_MILE + 3 * day.VAN_HOUR)

    def test_a_route_that_was_not_driven_costs_the_day_of_its_van(self) -> None:
        tables = happened([*line_haul(), *partner()])
        tour = of(tables["tours"], route_id="R1")
        assert (tour["departs_at"], tour["stops"], tour["cost_usd"]) == (None, 0, day.VAN_DAY)
        assert of(tables["parcels"], parcel_id="P1")["lastmile_usd"] == day.VAN_DAY / 4

    def test_a_second_route_of_a_van_does_not_pay_its_day_again(self) -> None:
        told = [*without(day.all_well(), kind="delivered", parcel="P1"), *van("R8", 28.0)]
        tables = happened([*told, *door("P1", 28.5, route="R8")])
        assert of(tables["tours"], route_id="R8")["cost_usd"] == pytest.approx(
            day.ROUTE_USD - day.VAN_DAY
        )

    def test_what_is_given_out_at_a_counter_is_no_attempt(self) -> None:
        told = [
            *without(day.all_well(), kind="delivered", parcel="P1"),
            tell("delivered", 60, parcel="P1", place="B", to_whom="counter"),
        ]
        parcel = of(happened(told)["parcels"], parcel_id="P1")
        assert (parcel["final_state"], parcel["attempts"]) == ("delivered", 0)

    def test_a_handoff_that_never_happened_costs_nothing(self) -> None:
        tables = happened(without(day.all_well(), parcel="U1", kind="handed_to_partner"))
        assert usd(tables, "injection") == 0.0


def ending(*last: day.Told) -> list[day.Told]:
    return [*without(day.all_well(), kind="delivered", parcel="P1"), *last]


class TestEnds:
    @pytest.mark.parametrize(
        ("last", "state", "hours"),
        [
            ([tell("lost", 150, parcel="P1")], "lost", 150),
            ([tell("lost", 150, parcel="P1"), *door("P1", 160)], "delivered", 160),
            ([tell("destroyed", 20, parcel="P1", place="B")], "destroyed", 20),
            ([tell("returned", 90, parcel="P1", place="A")], "returned", 90),
            ([*door("P1", 26), tell("returned", 90, parcel="P1")], "returned", 90),
            ([], "open_exception", None),
        ],
        ids=["lost", "found", "destroyed", "returned", "returned after all", "open"],
    )
    def test_a_parcel_ends_as_its_last_word_says(
        self, last: list[day.Told], state: str, hours: float | None
    ) -> None:
        parcel = of(happened(ending(*last))["parcels"], parcel_id="P1")
        assert parcel["final_state"] == state
        assert parcel["final_at"] == (None if hours is None else at(hours))

    def test_a_lost_parcel_is_owed_at_most_the_liability(self) -> None:
        tables = happened(ending(tell("lost", 150, parcel="P1")))
        assert usd(tables, "claim") == LIABILITY_USD
        assert of(tables["journeys"], parcel_id="P1")["claim_usd"] == LIABILITY_USD

    def test_a_destroyed_parcel_is_owed_its_declared_value(self) -> None:
        told = without(day.all_well(), kind="delivered", parcel="P2")
        tables = happened([*told, tell("destroyed", 20, parcel="P2", place="B")])
        assert usd(tables, "claim") == day.VALUES["P2"]

    def test_a_return_is_paid_by_its_carriers_fee_or_the_default(self) -> None:
        told = ending(tell("returned", 90, parcel="P1", place="A"))
        fee = {"carrier_id": "VANS", "code": "return", "basis": "parcel", "rate_usd": 6.0}
        assert usd(happened(told), "return") == RETURN_USD
        assert usd(happened(told, (fee,)), "return") == 6.0

    def test_a_parcel_that_was_never_taken_costs_no_touch(self) -> None:
        told = [event for event in day.all_well() if event[2].get("parcel") != "P1"]
        tables = happened([*told, tell("label_created", 0, parcel="P1")])
        assert usd(tables, "pickup") == pytest.approx(4 * day.PICKUP_USD)
        assert usd(tables, "handling") == pytest.approx(4 * 3 * day.HANDLING_USD)


def test_a_plan_of_which_nothing_was_told_is_all_open() -> None:
    tables = happened([])
    assert set(tables["parcels"]["final_state"]) == {"open_exception"}
    assert tables["ledger"]["kind"].to_list() == ["lastmile"]  # the van's day


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module", params=[1, 2, 3])
def rough(run: Path, request: pytest.FixtureRequest) -> Played:
    return play(run, truth=ROUGH, seed=request.param)


class TestPlayed:
    def test_money_reconciles_to_the_cent(self, rough: Played) -> None:
        booked = rough.tables["ledger"]["cost_usd"].sum()
        parcels, ways = rough.tables["parcels"], rough.tables["journeys"]
        assert parcels["cost_usd"].sum() == pytest.approx(booked, abs=1e-6)
        assert (parcels["cost_usd"] > -1e-9).all()
        parts = ("pickup_usd", "handling_usd", "linehaul_usd", "lastmile_usd")
        own = sum(parcels[part].sum() for part in parts)
        beside = ways["return_usd"].sum() + ways["claim_usd"].sum()
        assert own + beside == pytest.approx(booked, abs=1e-6)

    def test_every_parcel_has_one_end(self, rough: Played) -> None:
        parcels = rough.tables["parcels"]
        assert parcels["parcel_id"].equals(rough.plan["parcels"]["parcel_id"])
        assert set(parcels["final_state"]) <= set(FINAL_STATES)
        open_ones = parcels["final_state"] == "open_exception"
        assert (parcels["final_at"].is_null() == open_ones).all()

    def test_every_late_parcel_has_one_known_cause(self, rough: Played) -> None:
        late = rough.tables["lateness"]
        in_time = (pl.col("final_state") == "delivered") & (
            pl.col("final_at") <= pl.col("promised_at")
        )
        known = rough.tables["parcels"].filter(~in_time.fill_null(value=False))
        assert late["parcel_id"].to_list() == known["parcel_id"].to_list()
        assert late["cause"].null_count() == late["owner"].null_count() == 0
        assert "unexplained" not in set(late["cause"])

    def test_rides_are_those_of_the_scans(self, rough: Played) -> None:
        ridden = rough.tables["legs"].filter(pl.col("actual_departs_at").is_not_null())
        told = pl.concat([ridden, rough.tables["reroutes"]])
        assert not told.select("parcel_id", "load_id").is_duplicated().any()
        scanned = (
            rough.events.filter(pl.col("kind").is_in(["departed_facility", "arrived_facility"]))
            .select("parcel_id", load_id=pl.col("payload").str.json_path_match("$.load_id"))
            .drop_nulls()
            .unique()
        )
        assert scanned.join(told, on=["parcel_id", "load_id"], how="anti").is_empty()

    def test_any_order_of_events_gives_the_same(self, rough: Played) -> None:
        mixed = rough.events.sample(fraction=1.0, shuffle=True, seed=1)
        other = actual_tables(rough.plan, mixed, rough.network)
        for name, frame in other.items():
            assert_frame_equal(frame, rough.tables[name])
        tables = {**rough.plan, **other}
        assert_frame_equal(late_causes(tables, mixed), rough.tables["lateness"])
        assert_frame_equal(run_kpis(tables, mixed), rough.tables["kpis"])
