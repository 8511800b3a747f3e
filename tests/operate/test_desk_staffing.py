"""How many people a desk needs: Erlang C."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import InfeasibleError, InvalidValueError
from crossdock.operate.desk import desk_staffing, wait_probability


def desk(per_hour: float, handle: float = 6, wait: float = 5, level: float = 0.8):
    return desk_staffing(
        exceptions_per_hour=per_hour,
        handle_min=handle,
        target_wait_min=wait,
        target_service_level=level,
    )


def erlang_c_by_definition(agents: int, busy: float) -> float:
    last = busy**agents / math.factorial(agents) * agents / (agents - busy)
    return last / (sum(busy**n / math.factorial(n) for n in range(agents)) + last)


@pytest.mark.parametrize(("agents", "busy"), [(1, 0.5), (8, 6), (12, 11.5), (30, 20)])
def test_the_recursion_is_erlangs_formula(agents, busy):
    assert wait_probability(agents, busy) == pytest.approx(erlang_c_by_definition(agents, busy))


def test_one_person_waits_as_in_the_single_server_queue():
    assert wait_probability(1, 0.7) == pytest.approx(0.7)
    assert wait_probability(2, 2.0) == 1.0


def test_a_desk_of_60_exceptions_an_hour_needs_8_people():
    answer = desk(60)
    assert answer.agents == 8
    assert answer.p_wait == pytest.approx(0.35698, abs=1e-5)
    assert answer.asa_min == pytest.approx(1.0709, abs=1e-4)
    assert answer.service_level == pytest.approx(0.93257, abs=1e-5)
    assert answer.occupancy == pytest.approx(6 / 8)


def test_a_desk_without_work_needs_nobody():
    assert desk(0).agents == 0


def test_a_very_large_desk_does_not_overflow():
    answer = desk(50_000)
    assert 5_000 < answer.agents < 5_100


@given(st.floats(0.1, 2_000), st.floats(0.5, 30), st.floats(0, 20), st.floats(0, 0.99))
def test_one_person_less_would_break_the_promise(per_hour, handle, wait, level):
    answer = desk(per_hour, handle, wait, level)
    assert answer.service_level >= level
    busy, fewer = per_hour * handle / 60, answer.agents - 1
    if fewer > busy:
        late = wait_probability(fewer, busy) * math.exp(-(fewer - busy) * wait / handle)
        assert 1 - late < level


@pytest.mark.parametrize(
    "wrong", [{"per_hour": -1}, {"handle": 0}, {"wait": -1}, {"level": 1.0}, {"level": -0.1}]
)
def test_a_desk_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidValueError):
        desk(**({"per_hour": 60} | wrong))


def test_more_work_than_any_desk_has_is_infeasible():
    with pytest.raises(InfeasibleError):
        desk(1e9)
