"""Speeds by the hour: who leaves later arrives later."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.locate.roads.streets import (
    RoadClass,
    Traffic,
    WeekSpeeds,
    local_week_s,
    traffic_of,
    usual_traffic,
)
from crossdock.model import InvalidValueError

HOUR = 3600.0
WEEKS = st.lists(st.floats(0.05, 2.0), min_size=168, max_size=168).map(
    lambda factors: WeekSpeeds(np.array(factors))
)
ROW = {
    "road_class": "motorway", "days": "MTWTF--", "from_hour": "7", "to_hour": "9",
    "speed_factor": "0.5",
}  # fmt: skip


def test_a_leg_that_meets_the_rush_is_slower_from_then_on():
    week = traffic_of([ROW]).of_class(RoadClass.MOTORWAY)
    assert week.travel_s(6.5 * HOUR, HOUR) == pytest.approx(1.5 * HOUR)
    assert week.travel_s(8.5 * HOUR, HOUR) == pytest.approx(1.25 * HOUR)
    assert week.travel_s(12 * HOUR, HOUR) == pytest.approx(HOUR)
    assert week.travel_s((5 * 24 + 8) * HOUR, HOUR) == pytest.approx(HOUR)  # a Saturday
    assert (week.slowest, week.fastest) == (0.5, 1.0)


@given(WEEKS, st.floats(-2e6, 2e6), st.floats(0, 1e5), st.floats(0, 3e6))
def test_who_leaves_later_never_arrives_earlier(
    week: WeekSpeeds, departs_s: float, later_s: float, free_flow_s: float
):
    first, second = week.travel_s([departs_s, departs_s + later_s], free_flow_s)
    assert second + later_s >= first - 1e-3
    for took in (first, second):
        assert free_flow_s / week.fastest - 1e-3 <= took <= free_flow_s / week.slowest + 1e-3


@given(WEEKS, st.floats(0, 7e5), st.floats(0, 1e5), st.floats(0, 1e5))
def test_two_legs_on_end_take_as_long_as_one(
    week: WeekSpeeds, departs_s: float, leg_1: float, leg_2: float
):
    first = week.travel_s(departs_s, leg_1)
    second = week.travel_s(departs_s + first, leg_2)
    assert first + second == pytest.approx(week.travel_s(departs_s, leg_1 + leg_2), abs=1e-3)


def test_many_legs_are_timed_at_once():
    week = usual_traffic().of_class(RoadClass.TRUNK)
    departs, legs = np.arange(24) * HOUR, np.array([[600.0], [7200.0]])
    took = week.travel_s(departs, legs)
    assert took.shape == (2, 24)
    assert took[1, 16] == week.travel_s(16 * HOUR, 7200.0)
    assert took[0, 16] > took[0, 3]


def test_a_way_over_two_classes_takes_the_time_of_both():
    traffic = traffic_of([ROW])
    shares = np.zeros(len(RoadClass))
    shares[[RoadClass.MOTORWAY, RoadClass.STREET]] = 1.0
    assert traffic.blend(shares).travel_s(7 * HOUR, HOUR) == pytest.approx(1.5 * HOUR)
    assert traffic.at(0, 8)[RoadClass.MOTORWAY] == 0.5
    with pytest.raises(InvalidValueError, match="shares"):
        traffic.blend(np.zeros(len(RoadClass)))


def test_the_last_row_that_speaks_of_an_hour_counts():
    star = ROW | {"road_class": "*", "from_hour": "8", "to_hour": "24", "speed_factor": "0.9"}
    traffic = traffic_of([ROW, star])
    assert traffic.at(0, 7)[RoadClass.MOTORWAY] == 0.5
    assert traffic.at(0, 8)[RoadClass.MOTORWAY] == 0.9
    assert traffic.at(0, 23)[RoadClass.SERVICE] == 0.9


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("road_class", "highway"), ("days", ""), ("days", "TTWTFSU"), ("from_hour", "9"),
        ("from_hour", "7.5"), ("to_hour", "25"), ("to_hour", ""), ("speed_factor", "0"),
        ("speed_factor", "nan"), ("speed_factor", "3"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_named(column: str, value: str):
    with pytest.raises(
        InvalidValueError, match=r"row 2: (from_hour|road_class|days|speed|to_hour)"
    ):
        traffic_of([ROW, ROW | {column: value}])


def test_factors_that_cannot_be_are_refused():
    with pytest.raises(InvalidValueError, match="factor of speeds is 0"):
        Traffic(np.zeros((len(RoadClass), 168)))
    with pytest.raises(InvalidValueError, match="shape"):
        WeekSpeeds(np.ones(24))


def test_the_hour_is_that_of_the_clock_on_the_wall():
    zone = "America/New_York"
    instants = [
        dt.datetime(2026, 11, 30, 13, 30, tzinfo=dt.UTC),  # Monday, 8:30 in winter
        dt.datetime(2026, 7, 6, 12, 30, tzinfo=dt.UTC),  # Monday, 8:30 in summer
        dt.datetime(2026, 11, 29, 4, 59, 59, tzinfo=dt.UTC),  # Saturday, a second to midnight
    ]
    week_s = local_week_s([instant.timestamp() for instant in instants], zone)
    assert week_s.tolist() == [8.5 * HOUR, 8.5 * HOUR, 6 * 24 * HOUR - 1]
