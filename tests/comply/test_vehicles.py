"""Vehicles: the inspection report as a state machine, annual inspections, out of service."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.period import Period
from crossdock.comply.vehicles import Dvir, Unit, certify, close, report, review, unit_verdicts
from crossdock.comply.verdict import Status
from crossdock.model import InvalidValueError

TRIP = Period(
    dt.datetime(2026, 12, 1, 18, tzinfo=dt.UTC), dt.datetime(2026, 12, 2, 18, tzinfo=dt.UTC), "UTC"
)
BROKEN = report(Dvir(), ("horn",), signed_by="driver")


def statuses(**facts) -> dict[str, Status]:
    return {
        verdict.rule.removeprefix("vehicle."): verdict.status
        for verdict in unit_verdicts([Unit("U1", **facts)], TRIP)
    }


def test_a_defect_goes_from_report_over_two_signatures_to_clean():
    assert not BROKEN.may_dispatch
    repaired = certify(BROKEN, repaired=True, signed_by="shop")
    assert (repaired.state, repaired.may_dispatch, repaired.may_drive) == ("repaired", True, False)
    reviewed = review(repaired, signed_by="next driver")
    assert reviewed.may_drive
    assert close(reviewed, signed_by="shop") == Dvir()


def test_the_carrier_may_certify_that_no_repair_is_needed():
    assert certify(BROKEN, repaired=False, signed_by="shop").state == "not_required"


def test_a_new_defect_opens_a_certified_report_again():
    repaired = certify(BROKEN, repaired=True, signed_by="shop")
    again = report(repaired, ("wipers",), signed_by="driver")
    assert (again.state, again.defects, again.certified_by) == (
        "defect_reported",
        ("horn", "wipers"),
        "",
    )


@pytest.mark.parametrize(
    "step",
    [
        lambda: review(BROKEN, signed_by="driver"),
        lambda: close(BROKEN, signed_by="driver"),
        lambda: report(BROKEN, (), signed_by="driver"),
        lambda: certify(Dvir(), repaired=True, signed_by="shop"),
        lambda: certify(BROKEN, repaired=True, signed_by=" "),
        lambda: close(certify(BROKEN, repaired=True, signed_by="shop"), signed_by="shop"),
        lambda: Dvir("repaired", ("horn",), reported_by="driver"),
        lambda: Dvir("reviewed", ("horn",), reported_by="driver", certified_by="shop"),
        lambda: Dvir("defect_reported"),
    ],
)
def test_no_step_can_be_left_out(step):
    with pytest.raises(InvalidValueError) as told:
        step()
    assert told.value.remedy


STEPS = {
    "defect": lambda dvir, name: report(dvir, ("horn",), signed_by=name),
    "no_defect": lambda dvir, name: report(dvir, (), signed_by=name),
    "repaired": lambda dvir, name: certify(dvir, repaired=True, signed_by=name),
    "not_required": lambda dvir, name: certify(dvir, repaired=False, signed_by=name),
    "review": lambda dvir, name: review(dvir, signed_by=name),
    "close": lambda dvir, name: close(dvir, signed_by=name),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(["", "shop"]))))
def test_a_defect_never_reaches_dispatch_without_the_carriers_signature(steps):
    dvir, certified, reviewed, defective = Dvir(), False, False, False
    for step, name in steps:
        try:
            dvir = STEPS[step](dvir, name)
        except InvalidValueError:
            continue
        if step == "defect":
            certified, reviewed, defective = False, False, True
        if step in ("repaired", "not_required"):
            certified = bool(name)
        if step == "review":
            reviewed = bool(name)
        if step in ("close", "no_defect"):
            defective = False if certified and reviewed else defective
        if defective:
            assert not dvir.may_dispatch or certified
            assert not dvir.may_drive or (certified and reviewed)


@pytest.mark.parametrize(
    ("inspected", "status"),
    [
        (dt.date(2025, 12, 1), Status.FAILED),  # ends during the trip
        (dt.date(2025, 12, 2), Status.PASSED),
        (dt.date(2024, 1, 1), Status.FAILED),
        (dt.date(2026, 12, 2), Status.FAILED),  # after the departure
        (None, Status.NOT_CHECKED),
    ],
)
def test_every_unit_was_inspected_within_twelve_months(inspected, status):
    assert statuses(kind="trailer", annual_inspection=inspected)["annual_inspection"] is status


@pytest.mark.parametrize(
    ("told", "status"), [(None, "not_checked"), (False, "passed"), (True, "failed")]
)
def test_a_vehicle_out_of_service_does_not_move(told, status):
    assert statuses(out_of_service=told)["out_of_service"] == status


def test_an_open_defect_blocks_and_a_certified_one_reminds_the_driver_to_sign():
    assert statuses(dvir=BROKEN)["dvir"] is Status.FAILED
    repaired = certify(BROKEN, repaired=True, signed_by="shop")
    verdict = unit_verdicts([Unit("U1", dvir=repaired)], TRIP)[1]
    assert verdict.status is Status.PASSED
    assert "must sign" in verdict.reason
    assert statuses()["dvir"] is Status.NOT_CHECKED
