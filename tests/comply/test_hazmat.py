"""Hazardous materials in parcels: placards, limited quantities, lithium batteries."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.hazmat import (
    Hazmat,
    HazmatPackage,
    LimitedQuantity,
    LithiumPackage,
    classify_lithium,
    hazmat_verdicts,
    limited_quantity,
    orm_d_allowed,
    placards,
    watt_hours,
)
from crossdock.comply.hazmat.placards import HAZARD_CLASSES
from crossdock.comply.verdict import Status
from crossdock.model import InvalidValueError

PHONE = LithiumPackage("ion", "battery", 15, 1, "in_equipment", 0.4)


def named(*packages: HazmatPackage) -> tuple[str, ...]:
    return placards(packages).names


def test_table_1_is_placarded_for_any_amount():
    assert named(HazmatPackage("2.3", 0.1)) == ("POISON GAS",)
    assert named(HazmatPackage("6.1", 1, inhalation_hazard=True)) == ("POISON INHALATION HAZARD",)
    assert named(HazmatPackage("7", 1, yellow_iii=True)) == ("RADIOACTIVE",)
    assert named(HazmatPackage("7", 1)) == ()


def test_table_2_is_placarded_from_1_001_lb_of_all_together():
    assert named(HazmatPackage("3", 1_000)) == ()
    assert named(HazmatPackage("3", 1_001)) == ("FLAMMABLE",)
    assert named(HazmatPackage("3", 600), HazmatPackage("8", 401)) == ("CORROSIVE", "FLAMMABLE")


def test_limited_quantities_and_class_9_need_no_placard():
    assert named(HazmatPackage("3", 5_000, limited_quantity=True)) == ()
    assert named(HazmatPackage("9", 5_000)) == ()


def test_dangerous_may_stand_for_light_categories_of_a_mixed_load():
    mixed = placards([HazmatPackage("3", 3_000), HazmatPackage("8", 400)])
    assert mixed.dangerous_instead == ("CORROSIVE",)
    assert placards([HazmatPackage("3", 3_000)]).dangerous_instead == ()


PACKAGES = st.builds(
    HazmatPackage,
    st.sampled_from(HAZARD_CLASSES),
    st.floats(0, 3_000),
    limited_quantity=st.booleans(),
    inhalation_hazard=st.booleans(),
)


@given(st.lists(PACKAGES, max_size=6), PACKAGES)
def test_another_package_never_takes_a_placard_away(packages, more):
    assert set(named(*packages)) <= set(named(*packages, more))


LIQUID = LimitedQuantity("3", "II", 1.0, "L", 30.0, marked=True)


def test_a_limited_quantity_keeps_inner_gross_and_mark():
    assert {verdict.status for verdict in limited_quantity(LIQUID)} == {Status.PASSED}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"inner_amount": 1.1}, "inner"),
        ({"packing_group": "I"}, "inner"),
        ({"gross_kg": 30.1}, "gross"),
        ({"marked": False}, "mark"),
    ],
)
def test_what_is_over_or_unmarked_is_no_limited_quantity(change, rule):
    failing = [
        verdict.rule
        for verdict in limited_quantity(replace(LIQUID, **change))
        if verdict.status is Status.FAILED
    ]
    assert failing == [f"hazmat.limited_quantity.{rule}"]


def test_a_class_without_a_limit_in_the_table_is_not_checked():
    (verdict,) = limited_quantity(LimitedQuantity("6.1", "I", 0.1, "L", 1.0))
    assert verdict.status is Status.NOT_CHECKED


def test_orm_d_ended_with_2020():
    assert orm_d_allowed(dt.date(2020, 12, 31))
    assert not orm_d_allowed(dt.date(2021, 1, 1))


@pytest.mark.parametrize(
    ("chemistry", "form", "size", "category"),
    [
        ("ion", "cell", 20, "small"),
        ("ion", "cell", 20.1, "highway_only"),
        ("ion", "cell", 60.1, "class_9"),
        ("ion", "battery", 100, "small"),
        ("ion", "battery", 300, "highway_only"),
        ("ion", "battery", 301, "class_9"),
        ("metal", "cell", 1, "small"),
        ("metal", "cell", 5, "highway_only"),
        ("metal", "battery", 2, "small"),
        ("metal", "battery", 25, "highway_only"),
        ("metal", "battery", 25.1, "class_9"),
    ],
)
def test_the_size_decides_the_category(chemistry, form, size, category):
    answer = classify_lithium(LithiumPackage(chemistry, form, size, 1, "alone", 5))
    assert answer.category == category


@pytest.mark.parametrize(
    ("chemistry", "packed", "un"),
    [
        ("ion", "alone", "UN3480"),
        ("ion", "in_equipment", "UN3481"),
        ("ion", "with_equipment", "UN3481"),
        ("metal", "alone", "UN3090"),
        ("metal", "with_equipment", "UN3091"),
        ("ion", "vehicle", "UN3171"),
    ],
)
def test_chemistry_and_packing_decide_the_un_number(chemistry, packed, un):
    assert classify_lithium(LithiumPackage(chemistry, "battery", 1, 1, packed, 5)).un == un


def test_few_batteries_in_equipment_need_no_mark():
    assert classify_lithium(PHONE).marks == ()
    assert classify_lithium(replace(PHONE, count=3)).marks != ()
    assert classify_lithium(replace(PHONE, packages=3)).marks != ()
    assert classify_lithium(replace(PHONE, count=3, button_cells=True)).marks == ()
    assert classify_lithium(replace(PHONE, packed="with_equipment")).marks != ()


def test_a_large_battery_by_highway_bears_the_text_that_forbids_it_in_the_air():
    answer = classify_lithium(replace(PHONE, size=250))
    assert answer.modes == ("highway", "rail")
    assert any(
        "FORBIDDEN FOR TRANSPORT ABOARD AIRCRAFT AND VESSEL" in text for text in answer.marks
    )
    assert classify_lithium(replace(PHONE, size=250, mode="vessel")).refuse


def test_batteries_alone_do_not_go_by_passenger_aircraft():
    spare = replace(PHONE, packed="alone")
    assert not classify_lithium(spare).refuse
    assert classify_lithium(replace(spare, mode="passenger_aircraft")).refuse


def test_a_heavy_package_of_batteries_alone_is_class_9():
    assert classify_lithium(replace(PHONE, packed="alone", gross_kg=30)).category == "small"
    heavy = classify_lithium(replace(PHONE, packed="alone", gross_kg=30.1))
    assert (heavy.category, heavy.papers[0]) == ("class_9", "shipping paper")


def test_a_damaged_battery_is_refused_in_every_mode():
    answer = classify_lithium(replace(PHONE, damaged=True))
    assert answer.refuse
    assert answer.modes == ()


@given(
    st.sampled_from(["ion", "metal"]),
    st.sampled_from(["cell", "battery"]),
    st.sampled_from(["alone", "with_equipment", "in_equipment"]),
    st.floats(0.01, 400),
    st.floats(0, 400),
)
def test_a_larger_battery_never_goes_by_highway_with_less_said(chemistry, form, packed, size, more):
    order = ("small", "highway_only", "class_9")
    small = classify_lithium(LithiumPackage(chemistry, form, size, 1, packed, 1))
    large = classify_lithium(LithiumPackage(chemistry, form, size + more, 1, packed, 1))
    assert order.index(large.category) >= order.index(small.category)


def test_watt_hours_are_volts_times_ampere_hours():
    assert watt_hours(3.7, 15) == pytest.approx(55.5)


def test_a_load_is_judged_together():
    hazmat = Hazmat(
        packages=(HazmatPackage("3", 2_000),),
        lithium=(replace(PHONE, damaged=True),),
        placards_shown=False,
    )
    assert [(verdict.rule, verdict.status) for verdict in hazmat_verdicts(hazmat)] == [
        ("hazmat.placards", Status.FAILED),
        ("hazmat.lithium", Status.FAILED),
    ]
    shown = hazmat_verdicts(replace(hazmat, placards_shown=True, lithium=()))
    assert [verdict.status for verdict in shown] == [Status.PASSED]


def test_smaller_lithium_batteries_spare_the_hazmat_training():
    assert not Hazmat(lithium=(PHONE,)).training_needed
    assert Hazmat(lithium=(replace(PHONE, size=500),)).training_needed
    assert Hazmat(limited_quantities=(LIQUID,)).training_needed


@pytest.mark.parametrize(
    "make",
    [
        lambda: HazmatPackage("10", 1),
        lambda: HazmatPackage("3", -1),
        lambda: replace(PHONE, count=0),
        lambda: replace(PHONE, size=0),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(InvalidValueError):
        make()
