"""Drivers: licence, papers that must hold on every day of a trip, alerts before they end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.coverage import VehicleRating, regulated
from crossdock.comply.drivers import (
    Document,
    Driver,
    driver_verdicts,
    expiry_alerts,
    good_through,
)
from crossdock.comply.period import Period, months_later
from crossdock.comply.verdict import Status
from crossdock.model import InvalidValueError

DAY = dt.date(2026, 12, 1)
TRIP = Period(
    dt.datetime(2026, 12, 1, 18, tzinfo=dt.UTC),
    dt.datetime(2026, 12, 3, 18, tzinfo=dt.UTC),
    "America/Chicago",
)
SEMI = VehicleRating(gvwr_lb=52_000, trailers=1, towed_gvwr_lb=60_000)
VAN = VehicleRating(gvwr_lb=9_500)
BOX_TRUCK = VehicleRating(gvwr_lb=25_999)


def document(kind: str, issued: str, expires: str | None = None) -> Document:
    end = dt.date.fromisoformat(expires) if expires else None
    return Document(kind, dt.date.fromisoformat(issued), end)


GOOD = Driver(
    "D1",
    born=dt.date(1990, 1, 1),
    cdl_class="A",
    endorsements=("X",),
    disqualified=False,
    clearinghouse="clear",
    english=True,
    documents=(
        document("licence", "2024-01-01", "2028-01-01"),
        document("medical_certificate", "2025-06-01"),
        document("mvr_review", "2026-03-01"),
        document("clearinghouse_query", "2026-02-01"),
        document("hazmat_training", "2025-01-01"),
        *(
            document(kind, "2024-01-01")
            for kind in ("application", "mvr_at_hire", "safety_history", "road_test")
        ),
    ),
)


def judge(driver: Driver, vehicle=SEMI, *, placarded=False, commerce="interstate", **more):
    coverage = regulated(vehicle, placarded=placarded, commerce=commerce)
    return {
        verdict.rule.removeprefix("driver."): verdict
        for verdict in driver_verdicts(driver, TRIP, coverage, commerce=commerce, **more)
    }


def failing(driver: Driver, vehicle=SEMI, **more) -> list[str]:
    return [
        rule
        for rule, verdict in judge(driver, vehicle, **more).items()
        if verdict.status is Status.FAILED
    ]


def without(kind: str, *added: Document) -> Driver:
    kept = tuple(document for document in GOOD.documents if document.kind != kind)
    return replace(GOOD, documents=(*kept, *added))


def test_a_whole_file_passes_every_rule_and_names_the_driver():
    judged = judge(GOOD, placarded=True, hazmat=True)
    assert {verdict.status for verdict in judged.values()} == {Status.PASSED}
    assert {verdict.subject for verdict in judged.values()} == {"D1"}


def test_nothing_known_is_not_checked_and_nothing_blocks():
    judged = judge(Driver("D2"), hazmat=True)
    assert {verdict.status for verdict in judged.values()} == {Status.NOT_CHECKED}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"cdl_class": "B"}, "licence"),
        ({"cdl_class": "none"}, "licence"),
        ({"disqualified": True}, "disqualification"),
        ({"clearinghouse": "prohibited"}, "clearinghouse_status"),
        ({"english": False}, "english"),
        ({"born": dt.date(2005, 12, 2)}, "age"),
    ],
)
def test_what_is_known_to_be_invalid_blocks(change, rule):
    assert failing(replace(GOOD, **change)) == [rule]


def test_a_driver_turns_21_on_the_day_of_departure():
    assert failing(replace(GOOD, born=dt.date(2005, 12, 1))) == []


def test_the_age_limit_is_that_of_interstate_commerce():
    young = replace(GOOD, born=dt.date(2007, 1, 1))
    assert failing(young) == ["age"]
    assert failing(young, commerce="intrastate") == []


@pytest.mark.parametrize(
    ("held", "placarded", "rules"),
    [(("H",), True, []), (("X",), True, []), (("N", "T"), True, ["licence"]), ((), False, [])],
)
def test_placards_need_the_hazmat_endorsement(held, placarded, rules):
    assert failing(replace(GOOD, endorsements=held), placarded=placarded) == rules


def test_a_class_a_licence_covers_a_lighter_vehicle_and_a_van_needs_none():
    assert failing(GOOD, VehicleRating(gvwr_lb=33_000)) == []
    assert judge(replace(GOOD, cdl_class="none"), VAN)["licence"].status is Status.PASSED


def test_a_box_truck_under_26_001_lb_needs_a_medical_card_but_no_clearinghouse():
    judged = judge(GOOD, BOX_TRUCK)
    assert "medical_certificate" in judged
    assert "clearinghouse_status" not in judged


def test_a_van_is_judged_by_licence_alone():
    assert set(judge(GOOD, VAN)) == {"licence", "licence_expiry", "disqualification"}


@pytest.mark.parametrize(
    ("expires", "status"),
    [
        ("2026-11-30", Status.FAILED),
        ("2026-12-02", Status.FAILED),  # during the trip
        ("2026-12-03", Status.PASSED),
    ],
)
def test_a_card_must_be_good_on_every_day_of_the_trip(expires, status):
    driver = without("medical_certificate", document("medical_certificate", "2025-06-01", expires))
    assert judge(driver)["medical_certificate"].status is status


def test_a_verdict_holds_until_the_last_day_ends_at_the_home_terminal():
    driver = without(
        "medical_certificate", document("medical_certificate", "2025-06-01", "2026-12-03")
    )
    until = judge(driver)["medical_certificate"].holds_until
    assert until == dt.datetime(2026, 12, 4, 6, tzinfo=dt.UTC)


def test_a_rule_ends_a_document_before_its_print():
    printed = document("medical_certificate", "2024-11-01", "2030-01-01")
    assert printed.last_day == dt.date(2026, 11, 1)
    assert failing(without("medical_certificate", printed)) == ["medical_certificate"]


def test_a_renewal_without_a_gap_carries_over_the_trip():
    old = document("medical_certificate", "2024-12-02", "2026-12-02")
    assert failing(without("medical_certificate", old)) == ["medical_certificate"]
    renewed = document("medical_certificate", "2026-12-03")
    assert failing(without("medical_certificate", old, renewed)) == []
    late = document("medical_certificate", "2026-12-04")
    assert failing(without("medical_certificate", old, late)) == ["medical_certificate"]


def test_a_document_issued_after_departure_does_not_count():
    later = document("mvr_review", "2026-12-02")
    assert failing(without("mvr_review", later)) == ["mvr_review"]


def test_a_hole_in_the_file_is_named_and_does_not_block():
    verdict = judge(without("road_test"))["file"]
    assert verdict.status is Status.NOT_CHECKED
    assert verdict.reason == "not in the file: road test"


@pytest.mark.parametrize(
    ("days_left", "threshold"), [(91, None), (90, 90), (61, 90), (60, 60), (30, 30), (7, 7), (0, 7)]
)
def test_an_expiry_is_told_90_60_30_and_7_days_ahead(days_left, threshold):
    card = Document("licence", dt.date(2020, 1, 1), DAY + dt.timedelta(days=days_left))
    alerts = expiry_alerts([card], DAY)
    assert [alert.threshold_days for alert in alerts] == ([] if threshold is None else [threshold])


def test_what_has_expired_comes_first_and_a_renewal_silences_it():
    gone = document("licence", "2020-01-01", "2026-11-20")
    soon = document("mvr_review", "2025-12-20")
    alerts = expiry_alerts([soon, gone], DAY)
    assert [(alert.kind, alert.threshold_days) for alert in alerts] == [
        ("licence", 0),
        ("mvr_review", 30),
    ]
    assert expiry_alerts([gone, document("licence", "2026-11-21", "2030-01-01")], DAY) == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 300)).map(
            lambda pair: Document(
                "licence",
                DAY + dt.timedelta(days=min(pair)),
                DAY + dt.timedelta(days=max(pair)),
            )
        ),
        max_size=6,
    ),
    st.integers(0, 300),
)
def test_good_through_is_the_last_day_of_an_unbroken_run(documents, offset):
    first = DAY + dt.timedelta(days=offset)
    valid = {
        document.issued + dt.timedelta(days=days)
        for document in documents
        for days in range((document.last_day - document.issued).days + 1)
    }
    day = first
    while day in valid:
        day += dt.timedelta(days=1)
    expected = day - dt.timedelta(days=1) if day > first else None
    assert good_through(documents, "licence", first) == expected


def test_months_later_stays_within_the_month():
    assert months_later(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
    assert months_later(dt.date(2025, 8, 31), 6) == dt.date(2026, 2, 28)
    assert months_later(dt.date(2025, 11, 30), 24) == dt.date(2027, 11, 30)


@pytest.mark.parametrize(
    "make",
    [
        lambda: document("passport", "2020-01-01"),
        lambda: document("licence", "2020-01-02", "2020-01-01"),
        lambda: Driver("D", endorsements=("Z",)),
        lambda: Period(DAY_AT.replace(tzinfo=None), DAY_AT, "UTC"),
        lambda: Period(DAY_AT, DAY_AT - dt.timedelta(hours=1), "UTC"),
        lambda: Period(DAY_AT, DAY_AT, "America/Gotham"),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(InvalidValueError) as told:
        make()
    assert told.value.remedy


DAY_AT = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
