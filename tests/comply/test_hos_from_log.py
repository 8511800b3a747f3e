"""A plan that begins where a log ends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.hos import Timeline, audit, clocks
from crossdock.comply.hos.planning import FRESH, PlanStop, clocks_of_log, plan

HOUR = 3_600
PARTS = st.lists(
    st.tuples(st.sampled_from(["D", "D", "ON", "OFF", "SB"]), st.integers(1, 9)), max_size=10
)


def log_of(parts: list[tuple[str, int]]) -> Timeline:
    at, segments = 0, []
    for status, hours in parts:
        segments.append((status, at * HOUR, (at + hours) * HOUR))
        at += hours
    return Timeline.of(segments, timezone="America/Denver")


def test_a_rested_driver_is_fresh() -> None:
    found = clocks_of_log(log_of([("D", 8), ("OFF", 10)]))
    assert (found.driving_s, found.window_s, found.since_break_s) == (
        FRESH.driving_s, FRESH.window_s, FRESH.since_break_s,
    )  # fmt: skip
    assert found.resting_s == 10 * HOUR


def test_what_the_clocks_leave_is_what_a_plan_drives_first() -> None:
    log = log_of([("ON", 2), ("D", 5), ("OFF", 1), ("D", 2)])
    route = [PlanStop(10 * HOUR, 0, ((0, 10**6),))]
    (first, *_) = plan(route, clocks_of_log(log)).segments
    assert (first.kind, first.end_s - first.start_s) == ("drive", clocks(log).drive_now_s)


@settings(max_examples=60, deadline=None)
@given(PARTS.filter(bool), st.integers(1, 14), st.integers(0, 3))
def test_a_plan_from_a_log_adds_nothing_against_the_law(
    parts: list[tuple[str, int]], drives: int, works: int
) -> None:
    log = log_of(parts)
    found = plan([PlanStop(drives * HOUR, works * HOUR, ((0, 10**7),))], clocks_of_log(log))
    assert found.feasible
    before = audit(log)
    whole = Timeline.of(
        [*log.segments, *found.duty_log(start_s=log.ends_s)],
        timezone=log.timezone,
        gaps_are_rest=True,
    )
    assert [each for each in audit(whole) if each.end_s > log.ends_s] == []
    assert len(audit(whole)) <= len(before)
