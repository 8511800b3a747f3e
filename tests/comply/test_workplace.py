"""Workplace: lift trucks, dock doors, the lifting equation, injury rates, heat."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.period import Period
from crossdock.comply.verdict import Status
from crossdock.comply.workplace import (
    DockDoor,
    HeatPolicy,
    Lift,
    LiftTruck,
    LiftTruckOperator,
    depart,
    dock_verdict,
    heat_measures,
    incidence_rate,
    lift_truck_in,
    lift_truck_out,
    lifting_index,
    operator_verdict,
    place_jacks,
    release,
    restrain,
    truck_verdict,
    turn_green,
)
from crossdock.model import InvalidValueError

SHIFT = Period(
    dt.datetime(2026, 12, 1, 14, tzinfo=dt.UTC), dt.datetime(2026, 12, 1, 22, tzinfo=dt.UTC), "UTC"
)

# -- the lifting equation -------------------------------------------------------------------------

EXAMPLE = Lift(44, 23, 15, 49, 0, 0.2, "short", "fair")
"""Example 1 of the manual, origin: it prints RWL 16.3 and LI 2.7 with two-digit multipliers."""


def test_the_first_example_of_the_manual():
    answer = lifting_index(EXAMPLE)
    assert (answer.hm, answer.vm, answer.dm) == pytest.approx((0.4348, 0.8875, 0.8567), abs=1e-4)
    assert answer.recommended == pytest.approx(16.02, rel=1e-3)
    assert answer.index == pytest.approx(2.747, rel=1e-3)


@pytest.mark.parametrize(
    ("often", "duration", "vertical", "fm"),
    [
        (0.1, "short", 30, 1.0),
        (1, "moderate", 30, 0.88),
        (2, "long", 10, 0.65),
        (9, "long", 30, 0.15),
        (9, "long", 29.9, 0.0),
        (11, "moderate", 29.9, 0.0),
        (12, "short", 10, 0.37),
        (13, "short", 10, 0.0),
        (15, "short", 30, 0.28),
        (15.1, "short", 30, 0.0),
        (3.5, "short", 30, 0.86),  # between the rows
    ],
)
def test_the_frequency_table(often, duration, vertical, fm):
    lift = replace(EXAMPLE, lifts_per_min=often, duration=duration, vertical=vertical)
    assert lifting_index(lift).fm == pytest.approx(fm)


@pytest.mark.parametrize(
    "change",
    [
        {"horizontal": 25.1},
        {"vertical": 70.1},
        {"travel": 70.1},
        {"asymmetry_deg": 136},
        {"lifts_per_min": 16},
    ],
)
def test_beyond_its_range_a_lift_is_not_acceptable(change):
    answer = lifting_index(replace(EXAMPLE, **change))
    assert (answer.recommended, answer.index, answer.risk) == (0.0, None, "redesign")


def test_the_best_lift_may_weigh_the_load_constant():
    assert lifting_index(Lift(51, 8, 30, 5, 0, 0.1, "short", "fair")).recommended == 51
    best = lifting_index(Lift(23, 20, 75, 20, 0, 0.1, "short", "fair"), metric=True)
    assert best.recommended == 23


@pytest.mark.parametrize(
    ("load", "risk"), [(16, "nominal"), (16.1, "raised"), (48, "raised"), (48.1, "redesign")]
)
def test_the_index_says_what_to_do(load, risk):
    assert lifting_index(replace(EXAMPLE, load=load)).risk == risk


def test_a_fair_grip_costs_nothing_from_30_inches_on():
    low = lifting_index(replace(EXAMPLE, vertical=29.9))
    high = lifting_index(replace(EXAMPLE, vertical=30))
    poor = lifting_index(replace(EXAMPLE, coupling="poor"))
    assert (low.cm, high.cm, poor.cm) == (0.95, 1.0, 0.9)


LIFTS = st.builds(
    Lift,
    st.floats(1, 100),
    st.floats(0, 30),
    st.floats(0, 80),
    st.floats(0, 80),
    st.floats(0, 180),
    st.floats(0, 20),
    st.sampled_from(["short", "moderate", "long"]),
    st.sampled_from(["good", "fair", "poor"]),
)


@given(LIFTS, st.floats(0, 5), st.floats(0, 5))
def test_reaching_further_or_lifting_more_often_never_raises_the_limit(lift, further, oftener):
    harder = replace(
        lift, horizontal=lift.horizontal + further, lifts_per_min=lift.lifts_per_min + oftener
    )
    before, after = lifting_index(lift).recommended, lifting_index(harder).recommended
    assert 0 <= after <= before + 1e-9 <= 51 + 1e-9


@given(LIFTS)
def test_centimetres_and_inches_agree_within_a_tenth(lift):
    """The manual rounds its constants in each system; the answers stay close in the middle."""
    inside = replace(
        lift, horizontal=12 + lift.horizontal / 10, vertical=31 + lift.vertical / 3, travel=20
    )
    metric = replace(
        inside,
        load=inside.load * 0.4536,
        horizontal=inside.horizontal * 2.54,
        vertical=inside.vertical * 2.54,
        travel=inside.travel * 2.54,
    )
    us, si = lifting_index(inside), lifting_index(metric, metric=True)
    assert si.recommended / 0.4536 == pytest.approx(us.recommended, rel=0.1)


# -- injury rates and heat ------------------------------------------------------------------------


def test_rates_are_cases_of_100_people_in_a_year():
    assert incidence_rate(7, 400_000) == 3.5
    assert incidence_rate(0, 1) == 0
    with pytest.raises(InvalidValueError):
        incidence_rate(1, 0)


def test_heat_triggers_are_configuration():
    assert heat_measures(79.9) == ()
    assert "drinking water" in heat_measures(80)
    assert "a break of 15 min after 120 min of work" in heat_measures(90)
    assert heat_measures(80, HeatPolicy(initial_f=85, high_f=95)) == ()
    with pytest.raises(InvalidValueError):
        HeatPolicy(initial_f=95, high_f=90)


# -- lift trucks ----------------------------------------------------------------------------------

OPERATOR = LiftTruckOperator("P1", trained=dt.date(2023, 1, 1), evaluated=dt.date(2024, 5, 1))


def test_an_operator_is_evaluated_every_three_years():
    verdict = operator_verdict(OPERATOR, SHIFT)
    assert verdict.status is Status.PASSED
    assert verdict.holds_until == dt.datetime(2027, 5, 2, tzinfo=dt.UTC)
    old = replace(OPERATOR, evaluated=dt.date(2023, 11, 30))
    assert operator_verdict(old, SHIFT).status is Status.FAILED


def test_an_incident_makes_refresher_training_due_at_once():
    after = replace(OPERATOR, refresher_causes=("near miss",))
    assert operator_verdict(after, SHIFT).status is Status.FAILED
    assert operator_verdict(LiftTruckOperator("P2"), SHIFT).status is Status.NOT_CHECKED


def test_a_lift_truck_is_examined_each_day_or_each_shift():
    morning = dt.datetime(2026, 12, 1, 5, tzinfo=dt.UTC)
    truck = LiftTruck("L1", examined_at=morning, safe=True)
    assert truck_verdict(truck, SHIFT).status is Status.PASSED
    yesterday = replace(truck, examined_at=morning - dt.timedelta(days=1))
    assert truck_verdict(yesterday, SHIFT).status is Status.FAILED
    shifts = replace(truck, round_the_clock=True, shift_started_at=SHIFT.starts_at)
    assert truck_verdict(shifts, SHIFT).status is Status.FAILED
    assert truck_verdict(replace(truck, safe=False), SHIFT).status is Status.FAILED
    assert truck_verdict(LiftTruck("L2"), SHIFT).status is Status.NOT_CHECKED


# -- the dock door --------------------------------------------------------------------------------

STEPS = {
    "restrain": lambda door: restrain(door, brakes_set=True, wheels_held=True),
    "loose": lambda door: restrain(door, brakes_set=True, wheels_held=False),
    "jacks": place_jacks,
    "green": lambda door: turn_green(door, dockboard_secured=True),
    "in": lift_truck_in,
    "out": lift_truck_out,
    "release": release,
    "depart": depart,
}


def walked(*steps: str, door: DockDoor | None = None) -> DockDoor:
    door = door or DockDoor()
    for step in steps:
        door = STEPS[step](door)
    return door


def test_a_trailer_is_loaded_and_departs():
    door = walked("restrain", "green", "in", "in", "out", "out", "release", "depart")
    assert door.state == "departed"


def test_departure_is_blocked_while_a_lift_truck_is_inside():
    inside = walked("restrain", "green", "in")
    with pytest.raises(InvalidValueError, match="no lift truck inside"):
        release(inside)
    assert dock_verdict(inside).status is Status.FAILED
    assert dock_verdict(walked("out", "release", door=inside)).status is Status.PASSED
    assert dock_verdict(None).status is Status.NOT_CHECKED


def test_an_uncoupled_trailer_needs_its_jacks():
    alone = DockDoor(uncoupled=True)
    with pytest.raises(InvalidValueError, match="jacks of uncoupled trailer"):
        walked("restrain", "green", door=alone)
    assert walked("jacks", "restrain", "green", door=alone).may_enter


@pytest.mark.parametrize(
    "steps", [("in",), ("green",), ("depart",), ("loose",), ("restrain", "in")]
)
def test_no_step_of_the_interlock_can_be_left_out(steps):
    with pytest.raises(InvalidValueError) as told:
        walked(*steps)
    assert told.value.remedy


def test_a_lift_truck_cannot_be_told_inside_a_door_that_is_not_green():
    with pytest.raises(InvalidValueError):
        DockDoor("restrained", lift_trucks_inside=1)


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=30))
def test_no_order_of_steps_lets_a_vehicle_leave_with_a_lift_truck_inside(steps):
    door, inside, held = DockDoor(), 0, False
    for step in steps:
        try:
            door = STEPS[step](door)
        except InvalidValueError:
            continue
        inside += (step == "in") - (step == "out")
        held = held or step == "restrain"
        assert door.lift_trucks_inside == inside >= 0
        if inside:
            assert held
            assert not door.may_depart
            assert door.state != "departed"
