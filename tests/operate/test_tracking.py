"""Statuses, custody, positions, duties, loads, routes and queues, folded from events."""

from __future__ import annotations

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operate_story import event, folded, frame, hour, journey, plan, until
from polars.testing import assert_frame_equal

from crossdock.model import InvalidValueError
from crossdock.model.event import PARCEL_STATUSES
from crossdock.operate.folded import Folded, fold_all
from crossdock.operate.layers import Layers, union
from crossdock.operate.tracking import (
    PlanView,
    driver_states,
    duty_segments,
    empty_tracking,
    facility_queues,
    fold,
    load_progress,
    parcel_statuses,
    route_progress,
    vehicle_states,
)


def status(*events: dict, parcel_id: str = "P1") -> dict:
    rows = parcel_statuses(folded(*events).tracking)
    return rows.row(by_predicate=pl.col("parcel_id") == parcel_id, named=True)


STEPS = st.builds(
    lambda kind, at, lag, number: event(
        kind,
        at,
        received=at + lag,
        parcel_id="P1",
        facility_id=("LAX", "PHX", "DAL", None)[number % 4],
        load_id=("L1", "L2", None)[number % 3],
        number=number,
    ),
    st.sampled_from([*PARCEL_STATUSES, "carrier_specific"]),
    st.integers(0, 150),
    st.sampled_from(
        [
            0,
            0.5,
            30,
            -3,
        ]
    ),
    st.integers(0, 11),
)
FLEET = st.builds(
    lambda kind, at, number: event(
        kind,
        at,
        vehicle_id="V1",
        driver_id="D1",
        facility_id="PHX",
        load_id=("L1", "L2")[number % 2],
        latitude=30 + number,
        longitude=-100,
        activity=("D", "ON", "OFF", "SB")[number % 4],
        left=number % 3,
        sequence=number,
        route_id="R1",
    ),
    st.sampled_from(
        [
            "position",
            "duty_changed",
            "vehicle_down",
            "vehicle_up",
            "load_departed",
            "load_arrived",
            "load_delayed",
            "load_cancelled",
            "wave_ended",
            "stop_arrived",
            "route_departed",
            "route_returned",
        ]
    ),
    st.integers(0, 100),
    st.integers(0, 7),
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[dict], list[pl.DataFrame]]:
    """A history, and batches that bring each of its events 1 to 5 times in any order."""
    history = draw(st.lists(st.one_of(STEPS, STEPS, FLEET), min_size=1, max_size=16))
    history = list({each["source_event_id"]: each for each in history}.values())
    repeats = [draw(st.integers(1, 5)) for _ in history]
    told = [each for each, times in zip(history, repeats, strict=True) for _ in range(times)]
    told = draw(st.permutations(told))
    size = draw(st.integers(1, len(told)))
    return history, [frame(*told[at : at + size]) for at in range(0, len(told), size)]


@settings(max_examples=8)
@given(deliveries(), st.integers(0, 200))
def test_any_order_any_batches_any_number_of_deliveries_give_the_same_tables(
    told: tuple[list[dict], list[pl.DataFrame]], at: int
):
    history, batches = told
    expected = folded(*history)
    found = fold_all(batches)
    for name, rows in expected.to_frames().items():
        assert_frame_equal(found.to_frames()[name], rows)
    tables = expected.tables(plan(), hour(at))
    for name, rows in found.tables(plan(), hour(at)).items():
        assert_frame_equal(rows, tables[name])


@settings(max_examples=30)
@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_delivered_parcel_stays_delivered_unless_a_claim_moves_it(history: list[dict]):
    kinds = {each["kind"] for each in history}
    found = status(event("delivered", 75, parcel_id="P1"), *history)
    claims = {"returning", "returned", "lost", "destroyed", "cancelled"}
    if not kinds & claims:
        assert found["status"] == "delivered"
        assert found["terminal"]


@settings(max_examples=15)
@given(st.lists(st.one_of(STEPS, FLEET), max_size=12))
def test_a_stored_state_goes_on_as_if_it_had_not_been_stored(history: list[dict]):
    half = len(history) // 2
    stored = Folded.from_frames(folded(*history[:half]).to_frames())
    rest = frame(*history[half:]) if history[half:] else pl.DataFrame()
    found = stored.after(rest).to_frames()
    for name, rows in folded(*history).to_frames().items():
        assert_frame_equal(found[name], rows)


@pytest.mark.parametrize(
    ("at", "name", "custody", "holder", "facility"),
    [
        (10, "label_created", "merchant", "M1", None),
        (17, "picked_up", "facility", "LAX", "LAX"),
        (18, "arrived_facility", "facility", "LAX", "LAX"),
        (30, "departed_facility", "load", "L1", "LAX"),
        (33, "arrived_facility", "facility", "PHX", "PHX"),
        (61, "out_for_delivery", "route", "R1", "DAL"),
        (64, "delivered", "consignee", None, "DAL"),
    ],
)
def test_a_parcel_is_in_one_place(
    at: float, name: str, custody: str, holder: str | None, facility: str | None
):
    found = status(*until(journey(), at))
    assert (found["status"], found["custody_kind"], found["custody_id"], found["facility_id"]) == (
        name,
        custody,
        holder,
        facility,
    )
    assert not found["out_of_order"]


def test_a_partner_keeps_the_parcel_while_it_is_out_for_delivery_there():
    handed = event("handed_to_partner", 55, parcel_id="P1", facility_id="DAL", carrier_id="USPS")
    out = event("out_for_delivery", 70, parcel_id="P1")
    found = status(*until(journey(), 52), handed, out)
    assert (found["custody_kind"], found["custody_id"]) == ("partner", "USPS")


def test_a_late_scan_does_not_undo_a_delivery_and_is_flagged():
    late = event("arrived_facility", 70, parcel_id="P1", facility_id="PHX")
    found = status(*journey(), late)
    assert (found["status"], found["custody_kind"]) == ("delivered", "consignee")
    assert found["out_of_order"]
    assert found["last_event_at"] == hour(70)


@pytest.mark.parametrize("claim", ["returning", "returned", "lost"])
def test_a_claim_moves_a_delivered_parcel(claim: str):
    assert status(*journey(), event(claim, 90, parcel_id="P1"))["status"] == claim


def test_damage_marks_a_delivered_parcel_and_does_not_move_it():
    assert status(*journey(), event("damaged", 90, parcel_id="P1"))["status"] == "delivered"


def test_of_two_terminal_events_the_first_stands_unless_the_second_may_follow():
    cancelled = event("cancelled", 70, parcel_id="P1")
    assert status(*journey(), cancelled)["status"] == "delivered"
    found_again = [event("lost", 60, parcel_id="P1"), event("delivered", 90, parcel_id="P1")]
    assert status(*found_again)["status"] == "delivered"
    assert status(event("returned", 60, parcel_id="P1"), found_again[1])["status"] == "returned"


def test_attempts_count_once_and_keep_their_reasons():
    out = until(journey(), 60)
    first = event("attempt_failed", 64, parcel_id="P1", attempt=1, reason="not home")
    told_again = event("attempt_failed", 65, parcel_id="P1", attempt=1, reason="not home", by="x")
    second = event("attempt_failed", 88, parcel_id="P1", attempt=2, reason="no access")
    done = event("delivered", 112, parcel_id="P1")
    found = status(*out, first, told_again, second, done)
    assert found["attempts"] == 3
    assert found["attempt_reasons"] == "not home;not home;no access"


def test_a_clock_in_the_future_counts_as_of_its_arrival():
    ahead = event("delivered", 400, received=64, parcel_id="P1", route_id="R1")
    found = status(*until(journey(), 60), ahead)
    assert found["status_at"] == hour(64)
    assert found["future_clock"]
    slightly = event("delivered", 64.05, received=64, parcel_id="P1")
    assert not status(*until(journey(), 60), slightly)["future_clock"]


def test_unknown_kinds_are_kept_and_open_the_parcel():
    state = folded(event("teleported", 5, parcel_id="P9"), *journey()).tracking
    assert state.unknowns.whole["kind"].to_list() == ["teleported"]
    assert status(event("teleported", 5, parcel_id="P9"), parcel_id="P9")["status"] == "unknown"


def test_an_unplanned_parcel_is_tracked():
    tables = folded(*until(journey("X1"), 33)).tables(plan(), hour(33))
    assert tables["parcel_statuses"]["parcel_id"].to_list() == ["X1"]
    assert tables["facility_queues"]["present"].to_list() == [1]


def test_broken_payloads_read_as_empty_and_leave_their_neighbours_alone():
    events = frame(*journey()).with_columns(
        payload=pl.when(pl.col("kind") == "picked_up")
        .then(pl.lit('{"load_id": [1], "route_id": "R9", '))
        .when(pl.col("kind") == "out_for_delivery")
        .then(pl.lit('{"route_id": "R1", "load_id": {"a": 1}}'))
        .when(pl.col("kind") == "label_created")
        .then(pl.lit("no JSON"))
        .otherwise("payload")
    )
    rows = parcel_statuses(fold(empty_tracking(), events))
    assert rows.select("status", "load_id").row(0) == ("delivered", "L2")
    assert route_progress(fold(empty_tracking(), events))["loaded"].to_list() == [1]


def test_events_of_two_tenants_are_refused():
    both = pl.concat([frame(*journey()), frame(*journey()).with_columns(tenant=pl.lit("other"))])
    with pytest.raises(InvalidValueError, match="2 tenants"):
        fold(empty_tracking(), both)


def test_without_events_every_view_is_empty():
    nothing = PlanView.of({})
    for rows in Folded().tables(nothing, hour(0)).values():
        assert rows.is_empty()
    state = empty_tracking()
    assert fold(state, frame()) is state


def test_a_vehicle_is_where_it_was_last_and_down_until_it_is_up():
    def at(hours: float, latitude: float) -> dict:
        return event("position", hours, vehicle_id="V1", latitude=latitude, longitude=-100,
                     load_id="L1")  # fmt: skip

    down = event("vehicle_down", 27, vehicle_id="V1", reason="tyre", load_id="L1")
    state = folded(at(26, 34), down, at(25, 33), at(26.5, 99)).tracking
    found = vehicle_states(state).row(0, named=True)
    assert (found["latitude"], found["at"], found["load_id"]) == (34, hour(26), "L1")
    assert (found["down"], found["down_since"], found["down_reason"]) == (True, hour(27), "tyre")
    up = event("vehicle_up", 29, vehicle_id="V1")
    arrived = event("load_arrived", 32, vehicle_id="V1", load_id="L1")
    found = vehicle_states(folded(down, up, arrived).tracking).row(0, named=True)
    assert (found["down"], found["load_id"]) == (False, None)


def test_a_driver_does_what_was_told_last():
    def duty(activity: str, hours: float) -> dict:
        return event("duty_changed", hours, driver_id="D1", activity=activity, load_id="L1")

    state = folded(duty("D", 0), duty("OFF", 5), duty("ON", 15), duty("D", 16)).tracking
    found = driver_states(state, hour(20)).row(0, named=True)
    assert found["activity"] == "D"
    assert (found["since"], found["load_id"]) == (hour(16), "L1")
    assert duty_segments(state)["ends_at"].to_list() == [hour(5), hour(15), hour(16), None]


def test_a_load_tells_what_left_and_what_came():
    told = [
        event("load_departed", 24.5, load_id="L1", from_="LAX", to="PHX", vehicle_id="V1"),
        event("load_delayed", 30, load_id="L1", expected_at=hour(35).isoformat()),
        event("load_cancelled", 20, load_id="L9"),
    ]
    found = load_progress(folded(*until(journey(), 24), *told).tracking)
    first = found.row(0, named=True)
    assert (first["from"], first["to"], first["vehicle_id"]) == ("LAX", "PHX", "V1")
    assert (first["departed_at"], first["arrived_at"]) == (hour(24.5), None)
    assert (first["delayed"], first["expected_at"]) == (True, hour(35))
    assert (first["scanned_out"], first["scanned_in"]) == (1, 0)
    assert found["cancelled"].to_list() == [False, True]


def test_a_route_tells_its_stops_and_parcels():
    told = [
        event("route_departed", 60, route_id="R1", vehicle_id="V1"),
        event("stop_arrived", 62, route_id="R1", sequence=1),
        event("stop_arrived", 64, route_id="R1", sequence=2),
        event("stop_departed", 64.1, route_id="R1", sequence=2),
        event("route_returned", 68, route_id="R1", paid_s=28800, distance_m=9.5),
    ]
    found = route_progress(folded(*journey(), *told).tracking).row(0, named=True)
    assert (found["stops_done"], found["last_sequence"], found["last_stop_at"]) == (
        2,
        2,
        hour(64.1),
    )
    assert (found["loaded"], found["delivered"], found["failed"]) == (1, 1, 0)
    assert (found["departed_at"], found["returned_at"], found["paid_s"]) == (
        hour(60),
        hour(68),
        28800,
    )


def test_a_facility_knows_what_waits_for_what():
    at_hub, at_end = until(journey("P1"), 33), until(journey("P2"), 53)
    wave = event("wave_ended", 56, facility_id="DAL", wave="day", left=0)
    found = facility_queues(folded(*at_hub, *at_end, wave).tracking, plan("P1", "P2"))
    assert found["facility_id"].to_list() == ["DAL", "PHX"]
    assert found.row(0, named=True)["for_route"] == 1
    assert found.row(1, named=True)["for_sort"] == 1
    assert found["oldest_at"].to_list() == [hour(52), hour(32)]


def test_layers_stay_few_and_each_larger_than_the_next():
    rows = frame(*(event("lost", n, parcel_id="P1") for n in range(64)))
    layers = Layers(dict(rows.schema), union)
    for at in range(64):
        layers = layers.with_rows(rows[at])
        heights = [each.height for each in layers.frames]
        assert all(big >= 2 * small for big, small in itertools.pairwise(heights))
    assert layers.whole.height == 64
