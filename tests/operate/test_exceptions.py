"""Each exception opens and closes by a small story; those of one cause are one incident."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operate_story import event, folded, frame, hour, journey, many, plan, until

from crossdock.model.event import EXCEPTION_KINDS
from crossdock.model.tables import DUTIES, EXCEPTIONS, HANDOFFS, conform
from crossdock.operate.exceptions import exception_history, incidents, open_exceptions
from crossdock.operate.folded import Folded, fold_all
from crossdock.operate.tracking import PlanView

P1 = {"parcel_id": "P1"}


def opened(
    events: Sequence[dict], at: float, view: PlanView | None = None, **options: pl.DataFrame
) -> pl.DataFrame:
    states = folded(*events)
    return open_exceptions(states.exceptions, states.tracking, view or plan(), hour(at), **options)


def history(events: Sequence[dict], at: float, view: PlanView | None = None) -> pl.DataFrame:
    states = folded(*events)
    return exception_history(states.exceptions, states.tracking, view or plan(), hour(at))


def kinds(events: Sequence[dict], at: float, view: PlanView | None = None) -> set[str]:
    return set(opened(events, at, view)["kind"])


def only(rows: pl.DataFrame, kind: str) -> dict:
    found = rows.filter(kind=kind)
    assert found.height == 1, rows
    return found.row(0, named=True)


def test_a_journey_as_planned_opens_nothing():
    assert history(journey(), 200).is_empty()


def test_late_opens_at_the_promise_and_closes_with_the_delivery():
    on_the_way = until(journey(), 60)
    assert "late" not in kinds(on_the_way, 79)
    found = only(opened(on_the_way, 81), "late")
    assert found["opened_at"] == hour(80)
    assert (found["promises_at_risk"], found["money_at_risk_usd"]) == (1, 8.0)
    at_last = [*on_the_way, event("delivered", 85, **P1)]
    assert "late" not in kinds(at_last, 86)
    assert only(history(at_last, 86), "late")["closed_at"] == hour(85)


def test_late_risk_follows_the_forecasts_until_the_promise_passes():
    etas = pl.DataFrame(
        {
            "parcel_id": ["P1"] * 3,
            "eta_p50": [hour(70), hour(82), hour(70)],
            "eta_p80": [hour(81), hour(90), hour(75)],
            "made_at": [hour(40), hour(45), hour(50)],
        }
    )
    on_the_way = until(journey(), 36)
    first = only(opened(on_the_way, 41, etas=etas), "late_risk")
    assert (first["severity"], first["opened_at"]) == ("P3", hour(40))
    worse = only(opened(on_the_way, 46, etas=etas), "late_risk")
    assert (worse["severity"], worse["opened_at"]) == ("P2", hour(40))
    assert worse["exception_id"] == first["exception_id"]
    assert "late_risk" not in set(opened(on_the_way, 51, etas=etas)["kind"])
    assert "late_risk" not in set(opened(on_the_way, 81, etas=etas[:2])["kind"])
    assert "late_risk" not in set(opened(journey(), 70, etas=etas[:2])["kind"])


def test_silence_on_the_road_opens_no_scan_then_suspects_a_loss():
    on_the_road = until(journey(), 24)
    assert "no_scan" not in kinds(on_the_road, 53)
    found = only(opened(on_the_road, 55), "no_scan")
    assert found["opened_at"] == hour(54)
    assert json.loads(found["evidence"])["numbers"]["status"] == "departed_facility"
    arrived = [*on_the_road, event("arrived_facility", 56, facility_id="PHX", **P1)]
    assert "no_scan" not in kinds(arrived, 57)
    after_days = opened(on_the_road, 145)
    assert set(after_days.filter(subject="P1")["kind"]) == {"lost_suspected", "late"}
    assert only(after_days, "lost_suspected")["money_at_risk_usd"] == 100.0
    found_again = [*on_the_road, event("arrived_facility", 150, facility_id="PHX", **P1)]
    assert "lost_suspected" not in kinds(found_again, 151)


def test_a_parcel_that_stays_stalls_after_its_dwell_and_its_planned_departure():
    at_the_hub = until(journey(), 32)
    assert "stalled_at_facility" not in kinds(at_the_hub, 55)
    found = only(opened(at_the_hub, 57), "stalled_at_facility")
    assert (found["facility_id"], found["opened_at"]) == ("PHX", hour(56))
    gone = [*at_the_hub, event("departed_facility", 58, facility_id="PHX", load_id="L2", **P1)]
    assert "stalled_at_facility" not in kinds(gone, 59)


def test_a_carrier_that_says_lost_leaves_the_suspicion_open_for_the_claim():
    lost = [*until(journey(), 24), event("lost", 150, **P1)]
    assert set(opened(lost, 160).filter(subject="P1")["kind"]) == {"lost_suspected"}
    assert only(opened(lost, 160), "lost_suspected")["opened_at"] == hour(144)
    found = opened([*lost, event("delivered", 170, **P1)], 180)
    assert found.filter(subject="P1").is_empty()


@pytest.mark.parametrize(
    ("told", "kind", "cure"),
    [
        ({"kind": "damaged"}, "damage", "delivered"),
        ({"kind": "address_issue"}, "address_issue", "out_for_delivery"),
        ({"kind": "attempt_failed", "reason": "not home"}, "attempt_failed", "delivered"),
        ({"kind": "attempt_failed"}, "attempt_failed", "available_for_pickup"),
        ({"kind": "returning", "owner": "carrier"}, "return_unplanned", "returned"),
        ({"kind": "customs_hold"}, "customs_hold", "customs_released"),
        ({"kind": "delayed", "owner": "weather"}, "weather", "arrived_facility"),
    ],
)
def test_an_event_opens_and_another_closes(told: dict, kind: str, cure: str):
    name = told.pop("kind")
    cause = event(name, 62, **P1, **told)
    before = [*until(journey(), 60), cause]
    found = only(opened(before, 63), kind)
    assert found["opened_at"] == hour(62)
    assert json.loads(found["evidence"])["events"] == [f"twin/{cause['source_event_id']}"]
    after = [*before, event(cure, 66, **P1, facility_id="DAL")]
    assert kind not in kinds(after, 67)
    assert only(history(after, 67), kind)["closed_at"] == hour(66)
    told["kind"] = name


def test_a_second_failed_attempt_raises_the_one_exception():
    tries = [event("attempt_failed", at, attempt=n, **P1) for n, at in ((1, 62), (2, 70))]
    first = only(opened([*until(journey(), 60), tries[0]], 63), "attempt_failed")
    second = only(opened([*until(journey(), 60), *tries], 71), "attempt_failed")
    assert (first["severity"], second["severity"]) == ("P2", "P1")
    assert first["exception_id"] == second["exception_id"]


def test_damage_beyond_delivery_stays_open_and_costs_the_declared_value():
    broken = event("damaged", 62, beyond_delivery=True, **P1)
    found = opened([*until(journey(), 60), broken, event("destroyed", 70, **P1)], 75)
    assert only(found, "damage")["money_at_risk_usd"] == 100.0


def test_a_facility_off_the_path_is_a_missort_until_the_parcel_is_back_on_it():
    strayed = [
        *until(journey(), 24),
        event("arrived_facility", 33, facility_id="DEN", load_id="L7", **P1),
    ]
    found = only(opened(strayed, 34), "missort")
    assert found["facility_id"] == "DEN"
    back = [*strayed, event("arrived_facility", 50, facility_id="PHX", **P1)]
    assert "missort" not in kinds(back, 51)


@pytest.mark.parametrize(
    "why",
    [
        event("load_cancelled", 23, load_id="L1"),
        event("load_departed", 23, load_id="L1"),
        event("load_added", 23, load_id="L7"),
        event("command_divert", 23, load_id="L7", to="DEN"),
    ],
)
def test_a_reroute_is_no_missort(why: dict):
    rerouted = [
        *until(journey(), 18),
        why,
        event("departed_facility", 25, facility_id="LAX", load_id="L7", to="DEN", **P1),
        event("arrived_facility", 33, facility_id="DEN", load_id="L7", **P1),
    ]
    assert "missort" not in kinds(rerouted, 34)


def test_a_missort_scan_counts_wherever_it_happened():
    told = [*until(journey(), 32), event("missorted", 33, facility_id="PHX", **P1)]
    assert "missort" in kinds(told, 34)
    assert "missort" not in kinds([*told, *until(journey(), 36)[-1:]], 37)


def test_a_breakdown_risks_the_promises_on_the_load_until_the_vehicle_goes():
    down = event("vehicle_down", 27, vehicle_id="V1", load_id="L1", reason="tyre")
    found = only(opened([*until(journey(), 24), down], 28), "vehicle_breakdown")
    assert (found["subject"], found["load_id"], found["severity"]) == ("V1", "L1", "P1")
    assert (found["promises_at_risk"], found["money_at_risk_usd"]) == (1, 8.0)
    up = event("vehicle_up", 29, vehicle_id="V1")
    assert "vehicle_breakdown" not in kinds([down, up], 30)
    again = event("vehicle_down", 30, vehicle_id="V1", load_id="L1")
    assert only(opened([down, up, again], 31), "vehicle_breakdown")["opened_at"] == hour(30)


def test_a_load_misses_the_cutoff_of_the_wave_it_was_to_meet():
    left = [*until(journey(), 24), event("load_departed", 24, load_id="L1", to="PHX")]
    assert "missed_cutoff" not in kinds(left, 32.5)
    assert only(opened(left, 34), "missed_cutoff")["subject"] == "L1"
    came = [*left, event("load_arrived", 40, load_id="L1", to="PHX")]
    assert "missed_cutoff" in kinds(came, 41)
    assert "missed_cutoff" not in kinds([*came, event("wave_ended", 46, facility_id="PHX")], 46.5)
    in_time = [*left, event("load_arrived", 32.9, load_id="L1", to="PHX")]
    assert "missed_cutoff" not in kinds(in_time, 34)


def test_a_missed_appointment_is_open_until_the_next_window():
    missed = event("handoff_missed", 50, facility_id="DAL", carrier_id="USPS",
                   next_at=hour(60).isoformat())  # fmt: skip
    assert only(opened([missed], 55), "missed_cutoff")["subject"] == "DAL/USPS"
    assert "missed_cutoff" not in kinds([missed], 61)


def test_a_pickup_is_missed_by_word_or_by_the_clock_until_a_scan():
    failed = event("pickup_failed", 17, reason="closed", **P1)
    assert "missed_pickup" in kinds([journey()[0], failed], 18)
    assert "missed_pickup" not in kinds([journey()[0], failed, event("picked_up", 20, **P1)], 21)
    assert "missed_pickup" not in kinds(until(journey(), 10), 25)
    assert only(opened(until(journey(), 10), 27), "missed_pickup")["opened_at"] == hour(26)


def test_what_a_plan_cannot_carry_is_short_until_it_leaves():
    short = pl.DataFrame(
        {
            "exception_id": ["X-1"],
            "kind": ["capacity_shortfall"],
            "subject": ["P1"],
            "parcel_id": ["P1"],
            "facility_id": ["LAX"],
            "opened_at": [hour(20)],
            "evidence": ["no vehicle takes it"],
        }
    )
    view = plan(exceptions=conform(short, EXCEPTIONS))
    assert "capacity_shortfall" in kinds(until(journey(), 18), 21, view)
    assert "capacity_shortfall" not in kinds(until(journey(), 24), 25, view)


def test_parcels_left_at_the_dock_are_a_shortfall_of_their_load():
    here = [*until(journey("P1"), 18), *until(journey("P2"), 24)]
    left = [*here, event("load_departed", 24, load_id="L1", to="PHX")]
    found = only(opened(left, 25, plan("P1", "P2")), "capacity_shortfall")
    assert (found["subject"], found["facility_id"]) == ("L1", "LAX")
    assert json.loads(found["evidence"])["numbers"]["left"] == 1
    gone = [*left, event("departed_facility", 30, facility_id="LAX", load_id="L8", **P1)]
    assert "capacity_shortfall" not in kinds(gone, 31, plan("P1", "P2"))


def test_a_wave_that_leaves_parcels_is_a_shortfall_until_one_leaves_none():
    short = event("wave_ended", 35, facility_id="PHX", left=40, sorted=100)
    assert only(opened([short], 36), "capacity_shortfall")["subject"] == "PHX"
    clear = event("wave_ended", 47, facility_id="PHX", left=0, sorted=40)
    assert "capacity_shortfall" not in kinds([short, clear], 48)


def test_a_rejected_tender_is_open_until_a_carrier_accepts():
    rejected = event("tender_rejected", 12, load_id="L1", carrier_id="HARBOR")
    assert "tender_rejected" in kinds([rejected], 13)
    assert "tender_rejected" not in kinds(
        [rejected, event("tender_accepted", 14, load_id="L1")], 15
    )


def drives(*changes: tuple[float, str]) -> list[dict]:
    return [
        event("duty_changed", at, driver_id="D1", activity=activity, load_id="L1")
        for at, activity in changes
    ]


def duty_plan(drive_h: float) -> PlanView:
    rows = [("ON", 23, 24), ("D", 24, 24 + drive_h)]
    duty = pl.DataFrame(
        {
            "driver_id": "D1",
            "load_id": "L1",
            "activity": [activity for activity, _, _ in rows],
            "starts_at": [hour(since) for _, since, _ in rows],
            "ends_at": [hour(until_) for _, _, until_ in rows],
        }
    )
    return plan(duties=conform(duty, DUTIES))


def test_hours_run_short_while_a_driver_waits_and_rest_brings_them_back():
    waits = drives((23, "ON"))
    assert "hos_risk" not in kinds(waits, 28, duty_plan(8))
    found = only(opened(waits, 30, duty_plan(8)), "hos_risk")
    # The 14 hours end at 37; 8 of them are still to be driven.
    assert (found["subject"], found["opened_at"], found["load_id"]) == ("D1", hour(29), "L1")
    assert "hos_risk" in kinds([*waits, *drives((31, "D"))], 32, duty_plan(8))
    assert "hos_risk" not in kinds([*waits, *drives((31, "OFF"))], 32, duty_plan(8))
    in_time = drives((23, "ON"), (24, "D"))
    assert "hos_risk" not in kinds(in_time, 31, duty_plan(8))


def test_hours_run_short_when_too_much_was_driven_before():
    before = drives((10, "D"), (16, "ON"), (24, "D"))
    for each in before[:1]:
        each["payload"] = json.dumps({"activity": "D", "load_id": "L0"})
    assert only(opened(before, 24.5, duty_plan(8)), "hos_risk")["severity"] == "P1"


def test_an_unpublished_kind_opens_one_unmapped_code_and_is_counted():
    strange = [event("teleported", at, parcel_id=f"P{at}") for at in (5, 6, 7)]
    found = only(opened(strange, 8), "unmapped_code")
    assert (found["subject"], found["severity"]) == ("twin/teleported", "P3")
    assert json.loads(found["evidence"])["numbers"]["times"] == 3
    unmapped = event("unknown", 9, code="ZZ", **P1)
    assert set(opened([*strange, unmapped], 10)["subject"]) == {"twin/teleported", "twin/ZZ"}


def test_weather_that_holds_a_load_closes_when_it_comes_in():
    held = event(
        "load_delayed", 28, load_id="L1", owner="weather", expected_at=hour(50).isoformat()
    )
    assert only(opened([held], 29), "weather")["subject"] == "L1"
    assert "weather" not in kinds([held, event("load_arrived", 40, load_id="L1")], 41)


def test_kinds_are_published():
    everything = [
        *until(journey(), 24),
        event("vehicle_down", 25, vehicle_id="V1", load_id="L1"),
        event("load_departed", 24, load_id="L1"),
        event("teleported", 25),
    ]
    assert set(history(everything, 200)["kind"]) <= set(EXCEPTION_KINDS)


def test_an_unplanned_parcel_has_exceptions_and_no_promise_at_risk():
    found = opened([*until(journey("X1"), 60), event("damaged", 61, parcel_id="X1")], 200)
    damage = only(found, "damage")
    assert (damage["promises_at_risk"], damage["money_at_risk_usd"]) == (0, 0.0)
    assert not found.filter(kind="late", subject="X1").height


TOLD = st.builds(
    lambda kind, at, lag, place, number: event(
        kind,
        at,
        received=at + lag,
        parcel_id=("P1", "P2", "X1", None)[number],
        facility_id=place,
        vehicle_id="V1",
        load_id=("L1", "L2", "L7", None)[number],
        driver_id="D1",
        activity=("D", "ON", "OFF", "SB")[number],
        left=number,
        owner=("weather", "carrier", None, None)[number],
    ),
    st.sampled_from(
        [
            "picked_up",
            "arrived_facility",
            "departed_facility",
            "out_for_delivery",
            "attempt_failed",
            "missorted",
            "damaged",
            "delivered",
            "returning",
            "returned",
            "lost",
            "delayed",
            "vehicle_down",
            "vehicle_up",
            "wave_ended",
            "load_departed",
            "load_arrived",
            "load_delayed",
            "load_cancelled",
            "load_added",
            "duty_changed",
            "teleported",
            "unknown",
            "tender_rejected",
            "handoff_missed",
        ]
    ),
    st.integers(0, 180),
    st.sampled_from(
        [
            0,
            2,
            -1,
        ]
    ),
    st.sampled_from(
        [
            "LAX",
            "PHX",
            "DAL",
            "DEN",
        ]
    ),
    st.integers(0, 3),
)


@settings(max_examples=14)
@given(
    st.lists(TOLD, min_size=1, max_size=14, unique_by=lambda each: each["source_event_id"]),
    st.integers(1, 5),
    st.integers(1, 9),
    st.integers(0, 300),
    st.randoms(use_true_random=False),
)
def test_the_open_set_depends_on_the_events_only(told, repeats, size, at, random):
    view = plan("P1", "P2")
    again = told * repeats
    random.shuffle(again)
    batches = [frame(*again[start : start + size]) for start in range(0, len(again), size)]
    expected, found = folded(*told), fold_all(batches)
    rows = exception_history(found.exceptions, found.tracking, view, hour(at))
    assert rows.equals(exception_history(expected.exceptions, expected.tracking, view, hour(at)))
    still_open = rows.filter(pl.col("closed_at").is_null())
    assert still_open.select("subject", "kind").is_unique().all()
    assert rows["exception_id"].is_unique().all()
    assert (rows["closed_at"].drop_nulls() <= hour(at)).all()
    for evidence in rows["evidence"]:
        assert set(json.loads(evidence)) == {"events", "numbers"}


def of_cause(states: Folded, view: PlanView, at: float) -> pl.DataFrame:
    rows = open_exceptions(states.exceptions, states.tracking, view, hour(at))
    return incidents(rows, view, states.tracking, hour(at))


def test_a_dead_hub_with_1200_parcels_is_one_incident():
    ids = many(1200)
    arrived = [each for parcel_id in ids for each in until(journey(parcel_id), 32)[1:]]
    left = event("wave_ended", 35, facility_id="PHX", left=1200, sorted=0)
    found = of_cause(folded(*arrived, left), plan(*ids), 60)
    assert found.height == 1
    one = found.row(0, named=True)
    assert (one["cause"], one["subject"], one["severity"]) == ("facility", "PHX", "P0")
    assert (one["exceptions"], one["parcels"]) == (1201, 1200)
    assert (one["promises_at_risk"], one["money_at_risk_usd"]) == (1200, 9600.0)
    assert one["opened_at"] == hour(35)


def test_parcels_of_a_load_that_is_down_are_one_incident_and_others_stay_alone():
    ids = many(30)
    riding = [each for parcel_id in ids for each in until(journey(parcel_id), 24)[1:]]
    down = event("vehicle_down", 27, vehicle_id="V1", load_id="L1")
    alone = [*until(journey("P9"), 52)[1:], event("damaged", 53, parcel_id="P9")]
    found = of_cause(folded(*riding, down, *alone), plan(*ids, "P9"), 57)
    assert set(found["cause"]) == {"load", "single"}
    load = found.filter(cause="load").row(0, named=True)
    assert (load["subject"], load["parcels"], load["exceptions"]) == ("L1", 30, 31)
    assert found.filter(cause="single")["kinds"].to_list() == ["damage"]


def test_parcels_at_a_partner_share_the_partner_and_its_entry():
    ids = many(5)
    handed = [
        event("handed_to_partner", 55, parcel_id=each, facility_id="DAL", carrier_id="USPS")
        for each in ids
    ]
    way = [each for parcel_id in ids for each in until(journey(parcel_id), 52)[1:]]
    handoffs = pl.DataFrame({"parcel_id": ids, "facility_id": "DAL", "handoff_at": hour(55)})
    view = plan(*ids, handoffs=conform(handoffs, HANDOFFS))
    found = of_cause(folded(*way, *handed), view, 90)
    assert found.select("cause", "subject", "parcels").rows() == [("partner", "USPS/DAL", 5)]


def test_weather_is_one_incident_a_region_and_day():
    told = [
        event("load_delayed", at, load_id=load, to="PHX", facility_id="PHX", owner="weather")
        for at, load in ((27, "L1"), (28, "L3"))
    ]
    tomorrow = event("load_delayed", 50, load_id="L4", to="PHX", owner="weather")
    found = of_cause(folded(*told, tomorrow), plan(), 26 + 26)
    rows = found.filter(pl.col("kinds") == "weather").sort("exceptions")
    assert rows.select("cause", "exceptions").rows() == [("single", 1), ("weather", 2)]


def test_missed_pickups_of_a_merchant_are_one_incident():
    found = of_cause(Folded(), plan(*many(7)), 30)
    assert found.select("cause", "subject", "exceptions").rows() == [("merchant", "M1/LAX", 7)]
