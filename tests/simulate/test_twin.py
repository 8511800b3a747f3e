"""The twin: nobody gets lost by accident, the law holds, and luck does not depend on the clock."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import InputUnusableError, InvalidValueError, Network
from crossdock.model.event import EVENT_KINDS, EVENTS, PARCEL_STATUSES, check_events
from crossdock.platform.planning import PlanRequest, plan_to_folder
from crossdock.simulate.twin import Truth, Twin, TwinInput
from crossdock.simulate.twin.chance import Chance
from crossdock.simulate.twin.laws import DriverLaw
from crossdock.simulate.twin.shift import Breakdown, drive_load
from told_duties import drivers_beyond_the_law, home_zones, told_duties

HOUR, DAY = 3600, 86_400
ROUGH = Truth(
    attempt_failure=0.3, partner_attempt_failure=0.3, loss_per_touch=0.01, damage_per_touch=0.02,
    missort_per_sort=0.2, no_show_probability=0.1, late_driver_probability=0.2,
    late_pickup_probability=0.05, storm_probability=0.3, breakdowns_per_mile=1 / 2_000,
    slow_sort_probability=0.3, route_breakdown_probability=0.3, missed_scan=0.1,
)  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> TwinInput:
    out = tmp_path_factory.mktemp("runs") / "run"
    plan_to_folder(PlanRequest(out=out, quiet=True, workers=1, parcels=500, metros=24, seed=3))
    return read(out)


def read(run: Path) -> TwinInput:
    tables = {file.stem: pl.read_parquet(file) for file in run.glob("*.parquet")}
    network = Network.of(
        {file.stem: pl.read_parquet(file) for file in (run / "network").glob("*.parquet")}
    )
    return TwinInput(tables, tables["orders"], network, 3)


def run_through(twin: Twin) -> pl.DataFrame:
    return twin.advance(twin.ends_at + 30 * DAY)


@pytest.fixture(scope="module")
def rough_day(played: TwinInput) -> pl.DataFrame:
    return run_through(Twin(played, truth=ROUGH))


def test_events_have_the_published_shape(rough_day: pl.DataFrame) -> None:
    assert rough_day.schema == pl.Schema(EVENTS)
    assert set(rough_day["kind"]) <= set(EVENT_KINDS)
    check_events(rough_day)
    told = rough_day["payload"].unique()
    assert all(json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text
               for text in told)  # fmt: skip
    keys = {kind: set(EVENT_KINDS[kind].payload) for kind in rough_day["kind"].unique()}
    for kind, text in rough_day.select("kind", "payload").unique().iter_rows():
        assert set(json.loads(text)) <= keys[kind], (kind, text)


def test_a_rough_world_shows_every_kind_of_trouble(rough_day: pl.DataFrame) -> None:
    kinds = set(rough_day["kind"])
    assert {
        "pickup_failed", "missorted", "damaged", "destroyed", "lost", "attempt_failed",
        "available_for_pickup", "returning", "returned", "load_delayed", "vehicle_down",
        "vehicle_up", "load_added", "handed_to_partner", "route_returned", "position",
    } <= kinds  # fmt: skip


def test_nothing_is_received_before_it_happens_by_a_true_clock(rough_day: pl.DataFrame) -> None:
    early = rough_day.filter(
        pl.col("received_at") < pl.col("occurred_at") - dt.timedelta(seconds=241)
    )
    assert early.is_empty()
    assert rough_day["received_at"].is_sorted()


def test_every_parcel_ends_and_its_last_word_says_how(
    played: TwinInput, rough_day: pl.DataFrame
) -> None:
    twin = Twin(played, truth=ROUGH)
    run_through(twin)
    assert twin.finished
    ends = twin.whereabouts()
    ways = {"consignee": "delivered", "shipper": "returned", "lost": "lost",
            "scrapped": "destroyed"}  # fmt: skip
    assert set(ends["where"]) <= set(ways)
    said = (
        rough_day.filter(pl.col("kind").is_in(list(ways.values())))
        .group_by("parcel_id")
        .agg(pl.col("kind").unique())
    )
    both = ends.join(said, on="parcel_id", how="left").with_columns(
        expected=pl.col("where").replace_strict(ways)
    )
    assert both.filter(pl.col("kind") != pl.concat_list("expected")).is_empty()
    assert both["kind"].null_count() == 0


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(min_value=60, max_value=3 * DAY), min_size=1, max_size=12))
def test_stepped_saved_and_resumed_is_the_same_as_run_through(
    played: TwinInput, rough_day: pl.DataFrame, steps: list[int]
) -> None:
    twin = Twin(played, truth=ROUGH)
    told = [twin.advance(twin.now)]
    for step in steps:
        told.append(twin.advance(twin.now + step))
        twin = Twin.resume(played, twin.save(), truth=ROUGH)
        where = twin.whereabouts()
        assert where["parcel_id"].n_unique() == where.height == len(played.tables["parcels"])
    told.append(run_through(twin))
    assert pl.concat(told).equals(rough_day)


def test_luck_of_a_parcel_is_the_same_under_another_plan(played: TwinInput) -> None:
    """Parcels get other numbers and routes other ids: the same doors stay closed."""
    renamed = played.tables | {
        name: frame.with_columns(pl.format("X{}", "parcel_id").alias("parcel_id"))
        for name, frame in played.tables.items()
        if "parcel_id" in frame.columns
    }
    other = TwinInput(renamed, played.orders, played.network, played.seed)
    failed = [
        run_through(Twin(given)).filter(pl.col("kind") == "attempt_failed")
        for given in (played, other)
    ]
    assert failed[0].height > 0
    assert failed[1]["parcel_id"].str.slice(1).to_list() == failed[0]["parcel_id"].to_list()


def test_another_seed_is_another_day(played: TwinInput, rough_day: pl.DataFrame) -> None:
    other = TwinInput(played.tables, played.orders, played.network, 4)
    assert not run_through(Twin(other, truth=ROUGH)).equals(rough_day)


def test_no_driver_passes_the_hours_of_the_law(played: TwinInput, rough_day: pl.DataFrame) -> None:
    zones = home_zones(played.tables["duties"], played.network)
    duties = told_duties(rough_day)
    assert duties.height > 50
    assert drivers_beyond_the_law(duties, zones) == []


def duty(*segments: tuple[str, float, float], driver: str = "A") -> pl.DataFrame:
    start = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    return pl.DataFrame(
        [
            {
                "driver_id": driver, "seq": number, "activity": activity,
                "starts_at": start + dt.timedelta(hours=begins),
                "ends_at": start + dt.timedelta(hours=ends),
            }
            for number, (activity, begins, ends) in enumerate(segments)
        ]
    )  # fmt: skip


START = int(dt.datetime(2026, 12, 1, tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("hours", "factor", "expected"),
    [
        (7.0, 1.0, 7.0),
        (7.0, 1.1, 7.7),
        (7.9, 1.1, 8.69 + 0.5),  # half an hour off after eight hours
        (10.0, 1.2, 12.0 + 10.0),  # a night's rest after eight
        (10.0, 1.7, 17.0 + 0.5 + 10.0),  # after eleven
    ],
)
def test_a_slow_drive_rests_as_the_law_asks(hours: float, factor: float, expected: float) -> None:
    planned = (START + HOUR, int(START + HOUR + hours * HOUR))
    drive = drive_load(
        duty(("ON", 0, 1), ("D", 1, 1 + hours), ("ON", 1 + hours, 1.5 + hours)),
        planned=planned, departs=planned[0], factor=factor,
    )  # fmt: skip
    assert (drive.arrives_at - planned[0]) / HOUR == pytest.approx(expected, abs=0.01)


def test_what_a_plan_rests_counts_no_more_than_today_needs() -> None:
    planned = (START + HOUR, int(START + 26.5 * HOUR))
    segments = duty(
        ("ON", 0, 1), ("D", 1, 9), ("OFF", 9, 9.5), ("D", 9.5, 12.5), ("SB", 12.5, 22.5),
        ("D", 22.5, 26.5),
    )  # fmt: skip
    fast = drive_load(segments, planned=planned, departs=planned[0], factor=0.7)
    assert (fast.arrives_at - planned[0]) / HOUR == pytest.approx(15 * 0.7 + 0.5)
    slow = drive_load(segments, planned=planned, departs=planned[0], factor=1.2)
    assert (slow.arrives_at - planned[0]) / HOUR == pytest.approx(15 * 1.2 + 10 + 0.5)


def test_a_spent_cycle_waits_for_midnight() -> None:
    worked = tuple(
        (START - day * 24 * HOUR, START - day * 24 * HOUR + 10 * HOUR) for day in range(7, 0, -1)
    )
    planned = (START + HOUR, START + 6 * HOUR)
    drive = drive_load(
        duty(("ON", 0, 1), ("D", 1, 6)), planned=planned, departs=planned[0], factor=1.0,
        laws={"A": DriverLaw(worked=worked)},
    )  # fmt: skip
    assert drive.arrives_at == START + 24 * HOUR + 5 * HOUR


def test_who_stands_beside_a_broken_truck_is_on_duty_and_rests_when_the_window_ends() -> None:
    planned = (START + HOUR, START + 11 * HOUR)
    segments = duty(("ON", 0, 1), ("D", 1, 9), ("OFF", 9, 9.5), ("D", 9.5, 11))
    broken = Breakdown(planned[0] + 4 * HOUR, 5 * HOUR)
    drive = drive_load(
        segments, planned=planned, departs=planned[0], factor=1.0, breakdown=broken
    )  # fmt: skip
    told = [(change.activity, (change.at - START) / HOUR) for change in drive.duties]
    assert told == [
        ("ON", 0), ("D", 1), ("ON", 5), ("D", 10), ("SB", 14), ("D", 24), ("OFF", 25.5)
    ]  # fmt: skip
    assert drive.arrives_at == START + int(25.5 * HOUR)


def test_chance_is_the_same_one_by_one_and_all_at_once() -> None:
    chance = Chance(11)
    keys = np.arange(2**63, 2**63 + 200, dtype=np.uint64)
    many = chance.uniform("x", keys, 5)
    assert [chance.one("x", int(key), 5) for key in keys] == many.tolist()
    assert chance.normal("x", keys).tolist() == pytest.approx(
        [chance.one_normal("x", int(key)) for key in keys]
    )
    assert 0.4 < Chance(3).uniform("y", np.arange(10_000)).mean() < 0.6


def test_a_saved_state_that_is_none_is_refused(played: TwinInput) -> None:
    with pytest.raises(InputUnusableError, match="no saved state"):
        Twin.resume(played, b"nonsense")


class TestCommands:
    def test_a_held_load_leaves_when_told(self, played: TwinInput) -> None:
        twin, load = Twin(played), first_load(played)
        until = int(load["departs_at"].timestamp()) + 5 * HOUR
        twin.advance(twin.now + HOUR)
        twin.command("command_hold_departure", {"load_id": load["load_id"], "until": until})
        left = of_load(run_through(twin), "load_departed", load["load_id"])
        assert abs(left["occurred_at"][0].timestamp() - until) < 300

    def test_a_load_that_is_added_has_the_id_of_the_command_once(self, played: TwinInput) -> None:
        twin, load = Twin(played), first_load(played)
        told = {"from": load["from"], "to": load["to"], "load_id": "L-ADDED-1"}
        twin.command("command_add_load", told)
        with pytest.raises(InvalidValueError, match="L-ADDED-1"):
            twin.command("command_add_load", told)
        events = run_through(twin)
        assert of_load(events, "load_added", "L-ADDED-1").height == 1
        assert of_load(events, "load_departed", "L-ADDED-1").height == 1

    def test_parcels_of_a_cancelled_load_go_another_way(self, played: TwinInput) -> None:
        twin, load = Twin(played), first_load(played)
        twin.advance(int(load["departs_at"].timestamp()) - 60)
        twin.command("command_cancel_load", {"load_id": load["load_id"]})
        events = run_through(twin)
        assert of_load(events, "load_departed", load["load_id"]).is_empty()
        assert of_load(events, "load_cancelled", load["load_id"]).height >= 1
        assert twin.finished

    def test_a_diverted_load_arrives_elsewhere_and_its_parcels_are_sent_on(
        self, played: TwinInput
    ) -> None:
        load = first_load(played)
        other = next(
            name
            for name in played.network["facilities"]["facility_id"]
            if name not in (load["from"], load["to"])
        )
        twin = Twin(played)
        twin.advance(int(load["departs_at"].timestamp()) + 3 * HOUR)
        twin.command("command_divert", {"load_id": load["load_id"], "to": other})
        arrived = of_load(run_through(twin), "load_arrived", load["load_id"])
        assert set(arrived["facility_id"]) == {other}
        assert twin.finished

    @pytest.mark.parametrize(
        ("kind", "told"),
        [
            ("command_dance", {}),
            ("command_cancel_load", {"load_id": "L-nowhere"}),
            ("command_divert", {"load_id": None, "to": "X"}),
            ("command_reattempt", {"parcel_id": "P-nowhere"}),
            ("command_add_load", {"from": "X", "to": "Y"}),
            ("command_move_stops", {"route_id": "R-1", "to_route_id": "R-2"}),
        ],
    )
    def test_what_cannot_be_done_is_said(self, played: TwinInput, kind, told) -> None:
        twin = Twin(played)
        with pytest.raises(InvalidValueError):
            twin.command(kind, told)

    def test_stops_move_whole_or_not_at_all(self, played: TwinInput) -> None:
        routes = played.tables["routes"]
        several = (
            played.tables["tours"]
            .filter(pl.len().over("facility_id", "delivery_date") > 1)
            .sort("facility_id", "delivery_date", "route_id")
        )
        first, second = several["route_id"][:2]
        parcels = routes.filter(pl.col("route_id") == first).sort("sequence")["parcel_id"]
        on_both = pl.col("parcel_id").is_in(
            [parcels[0], *routes.filter(pl.col("route_id") == second)["parcel_id"]]
        )
        most_kg = played.tables["parcels"].filter(on_both)["weight_kg"].sum() + 0.05
        that_van = pl.col("vehicle_id") == several["vehicle_id"][1]
        fleet = played.tables["fleet"].with_columns(
            capacity_kg=pl.when(that_van).then(most_kg).otherwise("capacity_kg"),
            max_duty_s=pl.when(that_van).then(10 * HOUR).otherwise("max_duty_s"),
        )
        twin = Twin(replace(played, tables={**played.tables, "fleet": fleet}))
        told = {"route_id": first, "to_route_id": second}
        twin.command("command_move_stops", {**told, "parcel_ids": parcels[0]})
        moved = twin.save()
        with pytest.raises(InvalidValueError, match="kg in room for"):
            twin.command("command_move_stops", {**told, "parcel_ids": ";".join(parcels[1:])})
        assert twin.save() == moved
        events = run_through(twin)
        ridden = of_route(events, second).filter(pl.col("kind") == "out_for_delivery")
        assert parcels[0] in ridden["parcel_id"].to_list()
        assert twin.finished

    def test_a_route_with_nothing_to_take_stays_in_and_says_so(self, played: TwinInput) -> None:
        twin = Twin(played)
        partner = (played.network["coverage"].filter(~pl.col("mode").is_in(["own", "crowd"])))[
            "carrier_id"
        ].sort()[0]
        tour = played.tables["tours"].sort("departs_at", "route_id").row(-1, named=True)
        mine = played.tables["routes"].filter(pl.col("route_id") == tour["route_id"])["parcel_id"]
        twin.command("command_divert", {"parcel_ids": ";".join(mine), "carrier_id": partner})
        told = of_route(run_through(twin), tour["route_id"])
        assert told["kind"].to_list() == ["route_cancelled"]
        assert told["occurred_at"][0] >= tour["departs_at"]

    def test_parcels_given_to_a_partner_reach_the_door_with_it(self, played: TwinInput) -> None:
        twin = Twin(played)
        partner = (played.network["coverage"].filter(~pl.col("mode").is_in(["own", "crowd"])))[
            "carrier_id"
        ].sort()[0]
        route = played.tables["tours"].sort("departs_at", "route_id")["route_id"][-1]
        mine = played.tables["routes"].filter(pl.col("route_id") == route)["parcel_id"].unique()
        twin.command("command_divert", {"parcel_ids": ";".join(mine), "carrier_id": partner})
        events = run_through(twin)
        given = events.filter(
            (pl.col("kind") == "handed_to_partner") & pl.col("parcel_id").is_in(mine.implode())
        )
        assert given["parcel_id"].n_unique() >= len(mine) - 1  # one may be lost or damaged
        assert set(given["payload"].str.json_path_match("$.carrier_id")) == {partner}
        assert set(of_route(events, route)["kind"]) == {"route_cancelled"}
        assert twin.finished

    def test_a_parcel_at_a_counter_is_tried_again(self, played: TwinInput) -> None:
        twin = Twin(played)
        while (there := twin.whereabouts().filter(pl.col("where") == "counter")).is_empty():
            assert not twin.finished
            twin.advance(twin.now + HOUR)
        parcel = there["parcel_id"][0]
        twin.command("command_reattempt", {"parcel_id": parcel})
        told_after = dt.datetime.fromtimestamp(twin.now, dt.UTC)
        events = run_through(twin).filter(pl.col("parcel_id") == parcel)
        went = events.filter(pl.col("kind").is_in(["out_for_delivery", "handed_to_partner"]))
        assert went.filter(pl.col("occurred_at") > told_after).height >= 1
        assert twin.finished


def of_route(events: pl.DataFrame, route_id: str) -> pl.DataFrame:
    return events.filter(pl.col("payload").str.json_path_match("$.route_id") == route_id)


def first_load(played: TwinInput) -> dict:
    return played.tables["loads"].sort("departs_at", "load_id").row(0, named=True)


def of_load(events: pl.DataFrame, kind: str, load_id: str) -> pl.DataFrame:
    return events.filter(
        (pl.col("kind") == kind) & (pl.col("payload").str.json_path_match("$.load_id") == load_id)
    )


def test_statuses_told_of_a_parcel_are_canonical(rough_day: pl.DataFrame) -> None:
    of_parcels = rough_day.filter(pl.col("parcel_id").is_not_null())
    assert set(of_parcels["kind"]) <= set(PARCEL_STATUSES)
