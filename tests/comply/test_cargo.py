"""Cargo securement: how many tiedowns, how strong together, when to look again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.comply.cargo import (
    Article,
    Tiedown,
    aggregate_wll_lb,
    cargo_verdicts,
    check_due,
    minimum_tiedowns,
    required_wll_lb,
    unmarked_wll_lb,
)
from crossdock.comply.verdict import Status
from crossdock.model import InvalidValueError


@pytest.mark.parametrize(
    ("length_ft", "weight_lb", "blocked", "count"),
    [
        (4, 1_000, False, 1),
        (5, 1_100, False, 1),
        (5, 1_101, False, 2),
        (5.1, 100, False, 2),
        (10, 40_000, False, 2),
        (10.1, 100, False, 3),
        (12, 5_000, False, 3),
        (20, 5_000, False, 3),
        (20.5, 5_000, False, 4),
        (40, 5_000, False, 5),
        (3, 30_000, True, 1),
        (10, 30_000, True, 1),
        (10.1, 30_000, True, 2),
        (40, 30_000, True, 4),
    ],
)
def test_the_least_number_of_tiedowns(length_ft, weight_lb, blocked, count):
    assert minimum_tiedowns(length_ft, weight_lb, blocked_forward=blocked) == count


@given(st.floats(0.1, 60), st.floats(0, 10), st.floats(0, 50_000), st.floats(0, 5_000))
def test_longer_or_heavier_never_needs_fewer_and_blocking_never_more(
    length_ft, more_ft, weight_lb, more_lb
):
    def least(length: float, weight: float, *, blocked: bool = False) -> int:
        return minimum_tiedowns(length, weight, blocked_forward=blocked)

    assert least(length_ft + more_ft, weight_lb + more_lb) >= least(length_ft, weight_lb)
    assert least(length_ft, weight_lb, blocked=True) <= least(length_ft, weight_lb)


def test_a_tiedown_across_counts_in_full_and_the_others_half():
    tiedowns = [
        Tiedown("indirect_cross", 3_335),
        Tiedown("direct", 3_335),
        Tiedown("same_side_loop", 3_335),
    ]
    assert aggregate_wll_lb(tiedowns) == 6_670
    assert required_wll_lb(20_000) == 10_000


def test_unmarked_tiedowns_have_the_limit_of_the_table():
    assert unmarked_wll_lb("webbing", 1.75) == 1_750
    assert unmarked_wll_lb("webbing", 4) == 4_000
    assert unmarked_wll_lb("chain", 0.375) == 2_650
    with pytest.raises(InvalidValueError, match=r"webbing of 1.0 in"):
        unmarked_wll_lb("webbing", 1.0)


def statuses(article: Article) -> list[tuple[str, Status]]:
    return [(verdict.rule, verdict.status) for verdict in cargo_verdicts([article])]


def test_an_article_is_judged_by_count_and_strength():
    strap = Tiedown("indirect_cross", 3_335)
    held = Article("A", 6_000, 10, tiedowns=(strap, strap))
    assert statuses(held) == [
        ("cargo.tiedown_count", Status.PASSED),
        ("cargo.aggregate_wll", Status.PASSED),
    ]
    weak = Article("A", 20_000, 10, tiedowns=(strap, strap))
    assert statuses(weak)[1] == ("cargo.aggregate_wll", Status.FAILED)
    loose = Article("A", 6_000, 12, tiedowns=(strap, strap))
    assert statuses(loose)[0] == ("cargo.tiedown_count", Status.FAILED)
    assert statuses(Article("A", 500, 4, contained=False, tiedowns=()))[0][1] is Status.FAILED


def test_walls_that_contain_an_article_are_enough_and_nothing_told_is_not_checked():
    assert statuses(Article("A", 500, 4, contained=True)) == [("cargo.containment", Status.PASSED)]
    assert statuses(Article("A", 500, 4)) == [("cargo.tiedown_count", Status.NOT_CHECKED)]


def test_the_load_is_looked_at_within_50_miles_and_then_every_150_or_3_hours():
    def due(driven: float, since_mi: float = 0, since_h: float = 0, **more: bool) -> bool:
        return check_due(
            driven_mi=driven,
            since_check_mi=since_mi,
            since_check_h=since_h,
            checked=more.pop("checked", True),
            **more,
        )

    assert not due(49, checked=False)
    assert due(50, checked=False)
    assert not due(200, 149, 2.9)
    assert due(200, 150, 2)
    assert due(200, 100, 3)
    assert due(200, 1, 0.1, duty_changed=True)
    assert not due(900, 900, 20, sealed=True)
