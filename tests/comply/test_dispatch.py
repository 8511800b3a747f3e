"""The dispatch gate: every room together, what is missing, until when the answer holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.cargo import Article
from crossdock.comply.coverage import VehicleRating
from crossdock.comply.dispatch import HosVerdict, Loading, Trip, dispatch_gate
from crossdock.comply.drivers import Document, Driver
from crossdock.comply.hazmat import Hazmat, HazmatPackage
from crossdock.comply.period import Period
from crossdock.comply.vehicles import Dvir, Unit
from crossdock.comply.verdict import Status
from crossdock.comply.weight import Axle
from crossdock.comply.workplace import DockDoor, LiftTruckOperator

DEPARTS = dt.datetime(2026, 12, 1, 18, tzinfo=dt.UTC)
PERIOD = Period(DEPARTS, DEPARTS + dt.timedelta(hours=12), "America/Chicago")
UNKNOWN = Trip("T1", PERIOD, "interstate")
DRIVER = Driver(
    "D1",
    born=dt.date(1990, 1, 1),
    cdl_class="A",
    endorsements=(),
    disqualified=False,
    clearinghouse="clear",
    english=True,
    documents=(Document("medical_certificate", dt.date(2025, 1, 1), dt.date(2026, 12, 20)),),
)
SEMI = Trip(
    "T2",
    PERIOD,
    "interstate",
    vehicle=VehicleRating(gvwr_lb=52_000, trailers=1, towed_gvwr_lb=60_000),
    drivers=(DRIVER,),
    units=(Unit("U1", annual_inspection=dt.date(2026, 6, 1), out_of_service=False, dvir=Dvir()),),
    articles=(Article("parcels", 30_000, 53, contained=True),),
    loading=Loading(axles=(Axle(0, 12_000), Axle(12, 17_000), Axle(16, 17_000))),
    hazmat=Hazmat(),
    dock=DockDoor("released"),
    hours=HosVerdict(True, "the trip fits", holds_until=DEPARTS + dt.timedelta(hours=1)),
)


def rules(verdicts) -> list[str]:
    return [verdict.rule for verdict in verdicts]


def test_a_trip_of_which_nothing_is_known_is_not_blocked_and_says_so():
    answer = dispatch_gate(UNKNOWN)
    assert answer.allowed
    assert answer.failed == ()
    assert rules(answer.not_checked) == [
        "coverage", "driver", "hours_of_service", "vehicle", "cargo", "weight", "hazmat",
        "workplace.dock",
    ]  # fmt: skip
    assert answer.holds_until is None


def test_a_trip_holds_until_the_first_of_its_verdicts_ends():
    answer = dispatch_gate(SEMI)
    assert answer.allowed
    assert answer.holds_until == DEPARTS + dt.timedelta(hours=1)
    later = dispatch_gate(replace(SEMI, hours=HosVerdict(True, "the trip fits")))
    assert later.holds_until == dt.datetime(2026, 12, 21, 6, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"hours": HosVerdict(False, "the 14 h window ends first")}, "hours_of_service"),
        ({"drivers": (DRIVER, replace(DRIVER, disqualified=True))}, "driver.disqualification"),
        ({"units": (Unit("U1", out_of_service=True),)}, "vehicle.out_of_service"),
        ({"articles": (Article("A", 100, 4, tiedowns=()),)}, "cargo.tiedown_count"),
        ({"loading": Loading(axles=(Axle(0, 21_000),))}, "weight.single"),
        ({"hazmat": Hazmat((HazmatPackage("2.3", 1),), placards_shown=False)}, "hazmat.placards"),
        ({"dock": DockDoor("loading", lift_trucks_inside=1)}, "workplace.dock"),
        (
            {"lift_truck_operators": (LiftTruckOperator("P1", refresher_causes=("near miss",)),)},
            "workplace.forklift_operator",
        ),
    ],
)
def test_each_gate_blocks_on_its_own(change, rule):
    answer = dispatch_gate(replace(SEMI, **change))
    assert not answer.allowed
    assert rule in rules(answer.failed)


def test_placarded_cargo_asks_the_driver_for_the_endorsement():
    placarded = replace(SEMI, hazmat=Hazmat((HazmatPackage("2.3", 1),), placards_shown=True))
    answer = dispatch_gate(placarded)
    assert rules(answer.failed) == ["driver.licence"]
    assert "driver.hazmat_training" in rules(answer.not_checked)


def test_a_parcel_van_is_not_asked_what_does_not_apply_to_it():
    van = replace(
        SEMI,
        vehicle=VehicleRating(gvwr_lb=9_500),
        drivers=(Driver("D1", cdl_class="none", disqualified=False),),
        units=(Unit("U1"),),
        hours=None,
    )
    answer = dispatch_gate(van)
    asked = set(rules(answer.verdicts))
    assert answer.allowed
    assert asked.isdisjoint({"hours_of_service", "vehicle.dvir", "driver.medical_certificate"})
    assert "hours of service (Part 395)" in answer.coverage.does_not_apply
    unsafe = replace(van, units=(Unit("U1", out_of_service=True),))
    assert rules(dispatch_gate(unsafe).failed) == ["vehicle.out_of_service"]


def test_an_answer_on_hours_that_ended_before_departure_is_not_checked():
    stale = HosVerdict(True, "the trip fits", holds_until=DEPARTS - dt.timedelta(minutes=1))
    answer = dispatch_gate(replace(SEMI, hours=stale))
    assert answer.allowed
    assert rules(answer.not_checked)[-1] == "hours_of_service"


def test_an_answer_of_another_engine_is_taken_as_it_is():
    @dataclass
    class Engine:
        allowed: bool = False
        reason: str = "no hours left"
        citation: str = "SOR/2005-313 s. 13"
        holds_until: dt.datetime | None = None

    (verdict,) = dispatch_gate(replace(SEMI, hours=Engine())).failed
    assert (verdict.reason, verdict.citation) == ("no hours left", "SOR/2005-313 s. 13")


FACTS = (
    "vehicle", "drivers", "units", "articles", "loading", "hazmat", "dock", "hours",
)  # fmt: skip


@given(st.sets(st.sampled_from(FACTS)))
def test_leaving_facts_out_of_a_legal_trip_never_blocks_it(left_out):
    bare = {name: getattr(UNKNOWN, name) for name in left_out}
    assert dispatch_gate(replace(SEMI, **bare)).allowed


def test_every_verdict_says_rule_reason_and_citation():
    for trip in (UNKNOWN, SEMI, replace(SEMI, dock=DockDoor("docked"))):
        for verdict in dispatch_gate(trip).verdicts:
            assert verdict.rule
            assert verdict.reason
            assert "CFR" in verdict.citation
            assert verdict.holds_until is None or verdict.status is Status.PASSED
