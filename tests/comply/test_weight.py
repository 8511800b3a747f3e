"""Weight: the bridge formula, every group of axles, loads from where the cargo stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.verdict import Status
from crossdock.comply.weight import (
    Axle,
    AxleLayout,
    PlacedCargo,
    axle_groups,
    axle_loads,
    axle_violations,
    bridge_formula_lb,
    weight_verdicts,
)
from crossdock.model import InvalidValueError

SEMI = (0.0, 12.0, 16.33, 50.0, 54.0)


def axles(positions, *weights: float) -> list[Axle]:
    return [Axle(position, weight) for position, weight in zip(positions, weights, strict=True)]


def over(loaded) -> list[tuple[str, int, int, float]]:
    return [
        (group.rule, group.first_axle, group.last_axle, group.limit_lb)
        for group in axle_violations(loaded)
    ]


@pytest.mark.parametrize(
    ("length_ft", "count", "limit_lb"),
    [
        (51, 5, 80_000),
        (36, 4, 66_000),
        (35, 4, 65_500),
        (10, 2, 40_000),
        (4, 2, 34_000),
        (20, 3, 51_000),
        (43, 4, 70_500),
        (9, 3, 42_500),  # halfway between two steps: the federal table goes down
        (11, 3, 44_000),
        (18, 3, 49_500),
        (28, 4, 60_500),
    ],
)
def test_the_bridge_formula_gives_the_published_weights(length_ft, count, limit_lb):
    assert bridge_formula_lb(length_ft, count) == limit_lb


def test_half_a_foot_counts_upwards():
    assert bridge_formula_lb(10.5, 2) == bridge_formula_lb(11, 2)
    assert bridge_formula_lb(10.49, 2) == bridge_formula_lb(10, 2)


@pytest.mark.parametrize(("length_ft", "count"), [(10, 1), (-1, 2), (float("nan"), 3)])
def test_the_bridge_formula_needs_two_axles_and_a_length(length_ft, count):
    with pytest.raises(InvalidValueError):
        bridge_formula_lb(length_ft, count)


def test_a_loaded_five_axle_semi_is_legal_to_the_pound():
    assert over(axles(SEMI, 12_000, 17_000, 17_000, 17_000, 17_000)) == []
    assert over(axles(SEMI, 12_000, 17_000, 17_000, 17_000, 17_001)) == [
        ("tandem", 4, 5, 34_000),
        ("gross", 1, 5, 80_000),
    ]


def test_one_axle_is_over_whatever_its_tandem_carries():
    assert over(axles(SEMI, 12_000, 20_500, 13_000, 17_000, 17_000)) == [("single", 2, 2, 20_000)]


@pytest.mark.parametrize(
    ("last_ft", "limit_lb"), [(34.99, 65_500), (35.99, 66_000), (36.0, 68_000), (38.0, 68_000)]
)
def test_two_tandems_carry_68_000_from_36_feet_on(last_ft, limit_lb):
    positions = (0.0, 4.0, last_ft - 4.0, last_ft)
    groups = axle_groups(axles(positions, 17_000, 17_000, 17_000, 17_000))
    whole = next(group for group in groups if group.rule == "bridge" and group.last_axle == 4
                 and group.first_axle == 1)  # fmt: skip
    assert whole.limit_lb == limit_lb


def test_four_axles_that_are_no_two_tandems_have_no_exception():
    spread = axles((0.0, 10.0, 32.0, 36.0), 17_000, 17_000, 17_000, 17_000)
    assert ("bridge", 1, 4, 66_000) in over(spread)


@pytest.mark.parametrize(
    ("positions", "rule", "limit_lb"),
    [
        ((0.0, 3.3), "single", 20_000),
        ((0.0, 3.4), "tandem", 34_000),
        ((0.0, 8.0), "tandem", 34_000),
        ((0.0, 8.1), "bridge", 38_000),
        ((0.0, 8.9), "bridge", 38_000),
        ((0.0, 9.0), "bridge", 39_000),
        ((0.0, 4.0, 8.0), "tandem", 34_000),
        ((0.0, 4.2, 8.4), "bridge", 42_000),
        ((0.0, 4.5, 9.0), "bridge", 42_500),
    ],
)
def test_a_short_group_has_its_own_limit(positions, rule, limit_lb):
    groups = axle_groups([Axle(position, 1_000) for position in positions])
    longest = groups[len(positions) - 1]
    assert (longest.rule, longest.limit_lb) == (rule, limit_lb)


def test_axles_are_numbered_from_the_front_in_any_order():
    loaded = axles(SEMI, 12_000, 17_000, 17_000, 17_000, 18_000)
    assert over(reversed(loaded)) == over(loaded)


def test_an_allowance_raises_the_gross_limit_and_no_other():
    heavy = axles(SEMI, 13_500, 17_000, 17_000, 17_000, 17_000)
    assert over(heavy) == [("gross", 1, 5, 80_000)]
    assert axle_violations(heavy, allowance_lb=2_000) == ()


WEIGHTS = st.floats(0, 40_000)
SPACINGS = st.lists(st.floats(3, 40), min_size=1, max_size=6)


@given(SPACINGS, st.data())
def test_more_weight_on_an_axle_never_heals_a_violation(spacings, data):
    positions = [0.0]
    for spacing in spacings:
        positions.append(positions[-1] + spacing)
    loaded = [Axle(position, data.draw(WEIGHTS)) for position in positions]
    heavier = list(loaded)
    chosen = data.draw(st.integers(0, len(loaded) - 1))
    heavier[chosen] = Axle(
        loaded[chosen].position_ft, loaded[chosen].weight_lb + data.draw(WEIGHTS)
    )
    assert {group[:3] for group in over(loaded)} <= {group[:3] for group in over(heavier)}


@given(st.floats(0, 120), st.integers(2, 9), st.floats(0, 10))
def test_a_longer_group_may_carry_as_much_or_more(length_ft, count, more_ft):
    assert bridge_formula_lb(length_ft + more_ft, count) >= bridge_formula_lb(length_ft, count)


LAYOUT = AxleLayout(
    rear_ft=(17.5, 21.5),
    kingpin_ft=19.0,
    trailer_ft=(56.0, 60.0),
    empty_lb=(11_000, 8_000, 8_000, 4_000, 4_000),
)
PLACED = st.lists(
    st.builds(PlacedCargo, st.floats(0, 20_000), st.floats(0, 45)), min_size=1, max_size=8
)


@given(PLACED)
def test_axle_loads_keep_weight_and_moment(cargo):
    loads = axle_loads(LAYOUT, cargo)
    empty = axle_loads(LAYOUT, ())
    added = [full.weight_lb - bare.weight_lb for full, bare in zip(loads, empty, strict=True)]
    total_lb = sum(item.weight_lb for item in cargo)
    moment = sum(item.weight_lb * (item.position_ft + 19.0) for item in cargo)
    assert sum(added) == pytest.approx(total_lb, abs=1e-6)
    assert sum(
        more * axle.position_ft for more, axle in zip(added, loads, strict=True)
    ) == pytest.approx(moment, abs=1e-3)


def test_cargo_over_the_kingpin_loads_only_the_tractor():
    loads = axle_loads(LAYOUT, [PlacedCargo(10_000, 0.0)])
    assert [axle.weight_lb for axle in loads[3:]] == [4_000, 4_000]
    assert loads[0].weight_lb == pytest.approx(11_000 + 10_000 * 0.5 / 19.5)


def test_cargo_over_the_tandem_loads_only_the_trailer():
    loads = axle_loads(LAYOUT, [PlacedCargo(10_000, 39.0)])
    assert [axle.weight_lb for axle in loads] == pytest.approx([11_000, 8_000, 8_000, 9_000, 9_000])


def test_a_straight_truck_carries_on_two_supports():
    truck = AxleLayout(rear_ft=(20.0,), empty_lb=(8_000, 7_000))
    loads = axle_loads(truck, [PlacedCargo(6_000, 15.0)])
    assert [axle.weight_lb for axle in loads] == pytest.approx([9_500, 11_500])


def test_cargo_behind_the_axles_that_lifts_the_front_axle_is_refused():
    truck = AxleLayout(rear_ft=(20.0,), empty_lb=(8_000, 7_000))
    (verdict,) = weight_verdicts(axle_loads(truck, [PlacedCargo(20_000, 30.0)]))
    assert verdict.status is Status.FAILED
    assert "lifts axle 1" in verdict.reason


def test_verdicts_name_what_is_over_or_the_least_slack():
    verdicts = {
        verdict.rule: verdict
        for verdict in weight_verdicts(axles(SEMI, 12_000, 17_000, 17_000, 17_000, 18_000))
    }
    assert verdicts["weight.tandem"].status is Status.FAILED
    assert "axles 4-5: 35,000 lb of 34,000 lb" in verdicts["weight.tandem"].reason
    assert verdicts["weight.single"].status is Status.PASSED
    assert "axle 5: 18,000 lb of 20,000 lb" in verdicts["weight.single"].reason


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        ({"rear_ft": (), "empty_lb": (1.0,)}, "not in order"),
        ({"rear_ft": (20.0, 16.0), "empty_lb": (1.0, 1.0, 1.0)}, "not in order"),
        ({"rear_ft": (20.0,), "empty_lb": (1.0,)}, "empty loads of 1 axles do not fit 2"),
        ({"rear_ft": (20.0,), "empty_lb": (1.0, 1.0), "kingpin_ft": 19.0}, "belong together"),
        (
            {"rear_ft": (20.0,), "empty_lb": (1.0,) * 3, "kingpin_ft": 60.0, "trailer_ft": (55.0,)},
            "kingpin is not between",
        ),
    ],
)
def test_a_layout_that_cannot_be_is_refused(layout, told):
    with pytest.raises(InvalidValueError, match=told):
        AxleLayout(**layout)
