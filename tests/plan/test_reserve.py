"""How much capacity to reserve ahead: an option against the spot."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import InvalidValueError
from crossdock.plan.capacity import reserve_capacity


def reserve(mean: float = 1_000, sd: float = 200, cost: float = 1, use: float = 3, spot: float = 6):
    return reserve_capacity(
        demand_mean=mean, demand_sd=sd, reserve_cost=cost, exercise_cost=use, spot_cost=spot
    )


def test_capacity_is_reserved_to_the_critical_ratio():
    answer = reserve()
    assert answer.critical_ratio == pytest.approx(2 / 3)
    assert answer.reserve_qty == pytest.approx(1_086.15, abs=0.01)


def test_an_option_that_saves_nothing_is_not_bought():
    assert reserve(cost=3).reserve_qty == 0
    assert reserve(use=7).reserve_qty == 0


def test_a_sure_demand_is_reserved_whole_and_never_less_than_nothing():
    assert reserve(sd=0).reserve_qty == 1_000
    assert reserve(mean=10, sd=500, cost=2.9).reserve_qty == 0


@given(st.floats(0.2, 2.8), st.floats(-150, 150))
def test_no_other_amount_costs_less(cost, step):
    """Expected cost of Q units by the loss function of normal demand."""
    mean, sd, use, spot = 1_000.0, 200.0, 3.0, 6.0

    def expected_cost(reserved: float) -> float:
        z = (reserved - mean) / sd
        normal = NormalDist()
        short = sd * (normal.pdf(z) - z * (1 - normal.cdf(z)))
        return cost * reserved + use * (mean - short) + spot * short

    best = reserve(cost=cost).reserve_qty
    assert expected_cost(best) <= expected_cost(best + step) + 1e-6


def test_prices_that_have_no_answer_are_refused():
    with pytest.raises(InvalidValueError):
        reserve(cost=0)
    with pytest.raises(InvalidValueError):
        reserve(sd=-1)
