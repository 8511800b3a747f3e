"""May she still take this load: a log and a planned duty together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.dispatch import HoursAnswer
from crossdock.comply.hos import Timeline, audit, trip_hours
from crossdock.model import InvalidValueError

HOUR = 3_600


def test_a_trip_that_fits_says_what_it_leaves_and_until_when_it_may_leave() -> None:
    log = Timeline.of([("ON", 0, HOUR)])
    found = trip_hours(log, [("D", HOUR, 8 * HOUR)])
    assert isinstance(found, HoursAnswer)
    assert found.allowed
    assert found.after.drive_now_s == HOUR
    assert found.holds_until is not None
    assert found.holds_until.timestamp() == HOUR + 6 * HOUR  # eight of fourteen hours are used


def test_a_trip_that_does_not_names_rule_and_instant() -> None:
    log = Timeline.of([("ON", 0, 8 * HOUR)], timezone="America/Chicago")
    found = trip_hours(log, [("D", 8 * HOUR, 15 * HOUR)])
    assert not found.allowed
    assert found.citation == "49 CFR 395.3(a)(2)"
    assert "1.00 h of its driving" in found.reason
    assert "1970-01-01 08:00 home-terminal time" in found.reason
    assert found.holds_until is None


def test_what_was_against_the_law_before_does_not_bar_a_trip_after_a_reset() -> None:
    log = Timeline.of([("D", 0, 12 * HOUR)])
    assert trip_hours(log, [("D", 22 * HOUR, 23 * HOUR)]).allowed


def test_a_duty_without_driving_is_no_trip() -> None:
    with pytest.raises(InvalidValueError, match="no driving"):
        trip_hours(Timeline.of([("ON", 0, HOUR)]), [("ON", HOUR, 2 * HOUR)])


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(["D", "ON", "OFF", "SB"]), st.integers(1, 9)), max_size=8),
    st.integers(0, 12),
    st.integers(1, 11),
    st.data(),
)
def test_until_then_it_stays_legal_to_leave(parts, waits: int, drives: int, data) -> None:
    at, segments = 0, []
    for status, hours in parts:
        segments.append((status, at * HOUR, (at + hours) * HOUR))
        at += hours
    log = Timeline.of(segments)
    starts_s = (at + waits) * HOUR
    found = trip_hours(log, [("D", starts_s, starts_s + drives * HOUR)])
    if found.holds_until is None:
        assert found.violations
        return
    later_s = data.draw(st.integers(starts_s, int(found.holds_until.timestamp())))
    whole = Timeline.of([*segments, ("D", later_s, later_s + drives * HOUR)], gaps_are_rest=True)
    assert [each for each in audit(whole) if each.end_s > later_s] == []
