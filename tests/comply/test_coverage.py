"""Who is covered, and which licence a vehicle needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.coverage import VehicleRating, licence_needed, regulated
from crossdock.comply.verdict import Status
from crossdock.model import InvalidValueError


def covered(vehicle: VehicleRating, *, placarded: bool = False, commerce="interstate"):
    return regulated(vehicle, placarded=placarded, commerce=commerce)


@pytest.mark.parametrize(
    ("vehicle", "answer"),
    [
        (VehicleRating(gvwr_lb=10_000), False),
        (VehicleRating(gvwr_lb=10_001), True),
        (VehicleRating(gvwr_lb=9_900, weight_lb=10_001), True),  # whichever is greater
        (VehicleRating(gvwr_lb=8_000, trailers=1, towed_gvwr_lb=2_001), True),
        (VehicleRating(gvwr_lb=9_000, gcwr_lb=14_000), False),  # tows nothing: no combination
        (VehicleRating(gvwr_lb=9_000, seats=9), False),
        (VehicleRating(gvwr_lb=9_000, seats=9, for_compensation=True), True),
        (VehicleRating(gvwr_lb=9_000, seats=16), True),
        (VehicleRating(), None),
        (VehicleRating(gvwr_lb=9_000, trailers=1), None),
    ],
)
def test_a_vehicle_is_covered_from_10_001_lb_on(vehicle, answer):
    assert covered(vehicle).regulated is answer


def test_a_parcel_van_is_outside_and_the_answer_says_what_does_not_apply():
    answer = covered(VehicleRating(gvwr_lb=9_990))
    assert "hours of service (Part 395)" in answer.does_not_apply
    assert "commercial licence (Part 383)" in answer.does_not_apply
    assert answer.applies == ()
    assert "under 10,001 lb" in answer.reason
    assert answer.verdict.status is Status.PASSED


def test_placards_cover_any_vehicle_and_need_class_c_with_h():
    answer = covered(VehicleRating(gvwr_lb=9_990), placarded=True)
    assert answer.regulated
    assert answer.licence is not None
    assert (answer.licence.cdl_class, answer.licence.endorsements) == ("C", ("H",))


def test_within_one_state_its_own_rules_hold_but_the_commercial_licence_stays():
    answer = covered(VehicleRating(gvwr_lb=33_000), commerce="intrastate")
    assert answer.regulated is False
    assert "commercial licence (Part 383)" in answer.applies
    assert "rules of that state" in answer.reason


def test_a_box_truck_of_25_999_lb_is_covered_and_needs_no_commercial_licence():
    answer = covered(VehicleRating(gvwr_lb=25_999))
    assert answer.regulated
    assert answer.licence is not None
    assert answer.licence.cdl_class is None


def test_a_rating_that_is_not_told_is_judged_as_covered():
    answer = covered(VehicleRating())
    assert answer.verdict.status is Status.NOT_CHECKED
    assert "hours of service (Part 395)" in answer.applies


@pytest.mark.parametrize(
    ("vehicle", "cdl_class"),
    [
        (VehicleRating(gvwr_lb=26_000), None),
        (VehicleRating(gvwr_lb=26_001), "B"),
        (VehicleRating(gvwr_lb=26_001, trailers=1, towed_gvwr_lb=10_000), "B"),
        (VehicleRating(gvwr_lb=26_001, trailers=1, towed_gvwr_lb=10_001), "A"),
        (VehicleRating(gvwr_lb=16_000, trailers=1, towed_gvwr_lb=10_001), "A"),
        (VehicleRating(gvwr_lb=15_999, trailers=1, towed_gvwr_lb=10_001), None),
        (VehicleRating(gvwr_lb=20_000, trailers=1, towed_gvwr_lb=7_000), None),
        (VehicleRating(gvwr_lb=14_000, gcwr_lb=30_000, trailers=1, towed_gvwr_lb=10_500), "A"),
        (VehicleRating(gvwr_lb=14_000, seats=16), "C"),
    ],
)
def test_the_class_of_licence_follows_the_ratings(vehicle, cdl_class):
    need = licence_needed(vehicle, placarded=False)
    assert need is not None
    assert need.cdl_class == cdl_class


def test_doubles_and_tanks_need_their_endorsements():
    need = licence_needed(
        VehicleRating(gvwr_lb=30_000, trailers=2, towed_gvwr_lb=50_000, tank_gal=1_200),
        placarded=True,
    )
    assert need is not None
    assert need.endorsements == ("H", "N", "T")


def test_weights_that_are_not_told_leave_the_licence_open():
    assert licence_needed(VehicleRating(gvwr_lb=50_000, trailers=1), placarded=False) is None


@given(st.floats(0, 90_000), st.floats(0, 90_000), st.booleans())
def test_more_weight_never_takes_a_vehicle_out_of_the_rules(weight_lb, more_lb, placarded):
    light = covered(VehicleRating(gvwr_lb=weight_lb), placarded=placarded)
    heavy = covered(VehicleRating(gvwr_lb=weight_lb + more_lb), placarded=placarded)
    assert heavy.regulated or not light.regulated


def test_a_negative_rating_is_refused():
    with pytest.raises(InvalidValueError, match="gvwr_lb -1"):
        VehicleRating(gvwr_lb=-1)
