"""Hours of service to the second: 49 CFR 395.3 for one driver and for teams."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    SLEEPER,
    US_60_7,
    US_70_8,
    Crew,
    Cycle,
    DutyLog,
    Segment,
    Timeline,
    audit,
    planning_ruleset,
    ruleset,
    solo_transit_s,
    team_transit_s,
)
from crossdock.comply.hos.planning import PlanStop, check_route, limits_of
from crossdock.model import InvalidValueError
from crossdock.platform.store.reference_data import data_root

HOUR = 3_600
MINUTE = 60
MONDAY = int(dt.datetime(2026, 3, 2, tzinfo=dt.UTC).timestamp())


def drive_schedule(drive_s: int, *, start_s: int, team: bool = False) -> list[tuple[Segment, ...]]:
    """Logs of rested drivers, one or a team, who do nothing but drive."""
    crew = Crew.rested(start_s, 2 if team else 1)
    assert crew.drive(drive_s) == 0
    return crew.segments()


def hours(clock: str) -> int:
    """Seconds of ``h``, ``h:mm`` or ``h:mm:ss``."""
    parts = [int(part) for part in clock.split(":")]
    return sum(part * unit for part, unit in zip(parts, (HOUR, MINUTE, 1), strict=False))


def log(*duties: str, start_s: int = MONDAY) -> list[Segment]:
    """Contiguous segments of ``status clock`` texts, such as ``D 8:00``."""
    segments: list[Segment] = []
    for duty in duties:
        status, clock = duty.split()
        begins_s = segments[-1].end_s if segments else start_s
        segments.append(Segment(status, begins_s, begins_s + hours(clock)))
    return segments


def legal(segments, *, rules=US_70_8, timezone: str = "UTC") -> list:
    return audit(Timeline.of(segments, timezone=timezone, gaps_are_rest=True), rules)


def broken(*duties: str, rules=US_70_8, start_s: int = MONDAY) -> list[tuple[str, int, int]]:
    """Rule, start and length in seconds (from the first segment) of each violation."""
    return [
        (found.rule, found.start_s - start_s, found.end_s - found.start_s)
        for found in legal(log(*duties, start_s=start_s), rules=rules)
    ]


def test_eleven_hours_of_driving_are_legal_and_one_second_more_is_not():
    assert broken("D 8", "OFF 0:30", "D 3") == []
    assert broken("D 8", "OFF 0:30", "D 3:00:01") == [("driving_11h", hours("11:30"), 1)]


def test_driving_may_end_with_the_fourteenth_hour_and_not_after_it():
    assert broken("ON 7", "D 7") == []
    assert broken("ON 7", "D 7:00:01") == [("window_14h", 14 * HOUR, 1)]


def test_the_window_runs_through_a_long_break_and_other_work_stays_legal():
    assert broken("ON 1", "OFF 9:59:59", "D 4") == [("window_14h", 14 * HOUR, 59 * MINUTE + 59)]
    assert broken("D 5", "ON 12") == []


def test_twenty_nine_minutes_and_a_bit_interrupt_nothing():
    assert broken("D 8", "OFF 0:29:59", "D 0:01") == [("break_30min_8h", hours("8:29:59"), MINUTE)]
    assert broken("D 8", "OFF 0:30", "D 0:01") == []


def test_thirty_minutes_in_two_parts_interrupt_nothing():
    assert [rule for rule, *_ in broken("D 4", "ON 0:15", "D 4", "ON 0:15", "D 1")] == [
        "break_30min_8h"
    ]


@pytest.mark.parametrize("status", ["OFF", "SB", "ON", "YM", "PC"])
def test_any_thirty_minutes_without_driving_interrupt(status):
    assert broken("D 8", f"{status} 0:30", "D 3") == []


def test_a_mix_of_thirty_minutes_without_driving_interrupts():
    assert broken("D 8", "ON 0:10", "OFF 0:10", "SB 0:10", "D 3") == []


def test_no_interruption_is_due_when_driving_stops_at_eight_hours():
    assert broken("D 8", "ON 0:05", "OFF 10", "D 8") == []
    assert broken("D 8:00:01") == [("break_30min_8h", 8 * HOUR, 1)]


def test_ten_hours_of_rest_in_any_mix_start_anew_and_a_second_less_does_not():
    assert broken("D 8", "SB 6", "OFF 3", "PC 1", "D 8") == []
    found = broken("D 8", "SB 9:59:59", "D 8")
    assert [rule for rule, *_ in found] == ["window_14h", "driving_11h"]


def test_work_in_the_night_spoils_the_reset():
    assert "window_14h" in [rule for rule, *_ in broken("D 8", "OFF 5", "ON 0:01", "OFF 5", "D 1")]


def test_a_gap_counts_as_off_duty():
    first, later = log("D 8"), log("D 8", start_s=MONDAY + 18 * HOUR)
    assert legal([*first, *later]) == []
    early = log("D 8", start_s=MONDAY + 18 * HOUR - 1)
    assert {found.rule for found in legal([*first, *early])} == {"window_14h", "driving_11h"}


@pytest.mark.parametrize(
    "segments",
    [
        [Segment("D", 0, 10), Segment("ON", 9, 20)],
        [Segment("D", 10, 0)],
        [Segment("D", 10, 20), Segment("ON", 0, 5)],
    ],
    ids=["overlap", "backwards", "unsorted"],
)
def test_a_log_that_cannot_be_is_refused(segments):
    with pytest.raises(InvalidValueError):
        legal(segments)


def test_an_empty_log_is_legal():
    assert legal([]) == []


def days_of(work: str, rest: str, days: int) -> list[str]:
    """The same work and rest each day."""
    return [f"ON {work}", f"OFF {rest}"] * days


def test_seventy_hours_in_eight_days_bar_driving_to_the_second():
    week = days_of("10", "14", 6)
    assert broken(*week, "ON 9", "OFF 15", "D 1") == []
    assert broken(*week, "ON 9", "OFF 15", "D 1:00:01") == [("cycle_70_8", 169 * HOUR, 1)]


def test_sixty_hours_in_seven_days_bar_driving_to_the_second():
    week = days_of("10", "14", 5)
    assert broken(*week, "ON 9", "OFF 15", "D 1", rules=US_60_7) == []
    assert broken(*week, "ON 9", "OFF 15", "D 1:00:01", rules=US_60_7) == [
        ("cycle_60_7", 145 * HOUR, 1)
    ]


def test_the_oldest_day_drops_out_at_midnight_of_the_home_terminal():
    # 70 h 30 min in eight days, then driving over the midnight at which the first day drops out.
    duties = [*days_of("10", "14", 7), "ON 0:30", "OFF 21:30", "D 4"]
    assert broken(*duties) == [("cycle_70_8", 190 * HOUR, 2 * HOUR)]
    start_s = MONDAY + 6 * HOUR  # midnight in Chicago, where the clocks go forward on Sunday
    (found,) = legal(log(*duties, start_s=start_s), timezone="America/Chicago")
    assert (found.start_s - start_s, found.end_s - start_s) == (190 * HOUR, 191 * HOUR)


def test_work_beyond_the_cycle_is_legal_and_still_counts():
    assert broken(*days_of("12", "12", 6), "ON 12") == []
    assert [rule for rule, *_ in broken(*days_of("12", "12", 6), "D 0:01")] == ["cycle_70_8"]


def test_thirty_four_hours_of_rest_empty_the_cycle_and_a_second_less_does_not():
    week = days_of("14", "10", 5)[:-1]
    assert broken(*week, "OFF 34", "D 8") == []
    assert [rule for rule, *_ in broken(*week, "OFF 33:59:59", "D 8")] == ["cycle_70_8"]


@pytest.mark.parametrize(
    ("name", "rules"),
    [(None, US_70_8), ("US_70_8", US_70_8), ("property_60_7", US_60_7), ("canada", US_60_7)],
)
def test_rule_sets_are_found_by_their_cycle(name, rules):
    assert planning_ruleset(name) == rules


def test_an_unknown_rule_set_is_refused_with_those_that_are_known():
    assert ruleset(None) == US_70_8
    with pytest.raises(InvalidValueError) as refused:
        ruleset("canada")
    assert "CA_SOUTH_CYCLE_1" in refused.value.remedy


def test_a_solo_driver_pauses_after_eight_hours_and_rests_after_eleven():
    (driver,) = drive_schedule(17 * HOUR, start_s=0)
    assert [(activity, end_s - start_s) for activity, start_s, end_s in driver] == [
        (DRIVING, 8 * HOUR),
        (OFF_DUTY, 30 * MINUTE),
        (DRIVING, 3 * HOUR),
        ("SB", 10 * HOUR),
        (DRIVING, 6 * HOUR),
    ]


def test_a_team_alternates_and_the_truck_hardly_stops():
    first, second = drive_schedule(30 * HOUR, start_s=0, team=True)
    assert legal(first) == legal(second) == []
    wheel = [(driver, part) for driver in (first, second) for part in driver if part[0] == DRIVING]
    shifts = sorted((part.start_s, part.end_s) for _, part in wheel)
    assert all(before[1] <= after[0] for before, after in pairwise(shifts))
    assert sum(end_s - start_s for start_s, end_s in shifts) == 30 * HOUR
    assert first[-1].end_s == second[-1].end_s <= 32 * HOUR


@settings(max_examples=60, deadline=None)
@given(drive_s=st.integers(1, 60 * HOUR), team=st.booleans())
def test_every_schedule_is_legal_drives_it_all_and_takes_the_time_of_its_lane(drive_s, team):
    logs = drive_schedule(drive_s, start_s=MONDAY, team=team)
    free = ("driving_11h", "window_14h", "break_30min_8h")
    assert [found for each in logs for found in legal(each) if found.rule in free] == []
    driven = sum(s.end_s - s.start_s for each in logs for s in each if s.activity == DRIVING)
    assert driven == drive_s
    transit_s = team_transit_s if team else solo_transit_s
    assert logs[0][-1].end_s - MONDAY == transit_s(np.array([drive_s]))[0]


TASKS = st.tuples(st.sampled_from(["work", "drive", "rest", "wait"]), st.integers(0, 14 * HOUR))


@settings(max_examples=60, deadline=None)
@given(tasks=st.lists(TASKS, max_size=8), seats=st.sampled_from([1, 2]))
def test_whatever_a_crew_is_told_its_logs_stay_legal_and_alike_in_time(tasks, seats):
    crew = Crew.rested(MONDAY, seats)
    for task, duration_s in tasks:
        match task:
            case "work":
                crew.work(duration_s)
            case "drive":
                crew.drive(duration_s)
            case "rest":
                crew.rest(duration_s)
            case _:
                crew.wait_until(crew.now_s + duration_s)
    logs = crew.segments()
    assert {each[-1].end_s for each in logs if each} <= {crew.now_s}
    for each in logs:
        assert [found for found in legal(each) if not found.rule.startswith("cycle")] == []


@settings(max_examples=60, deadline=None)
@given(
    tasks=st.lists(TASKS, max_size=5),
    drive_s=st.one_of(st.integers(1, 40 * HOUR), st.integers(2, 80).map(lambda n: n * HOUR // 2)),
)
def test_one_driver_arrives_as_early_as_the_engine_finds_whatever_went_before(tasks, drive_s):
    crew = Crew.rested(MONDAY)
    for task, duration_s in tasks:
        {"work": crew.work, "drive": crew.drive, "rest": crew.rest}.get(task, crew.work)(duration_s)
    begins_s, clocks = crew.now_s, crew.logs[0].plan_clocks
    crew.drive(drive_s)
    earliest_s = check_route([PlanStop(drive_s, 0)], limits_of(US_70_8), clocks)
    assert crew.now_s - begins_s == earliest_s


@settings(max_examples=30, deadline=None)
@given(
    tasks=st.lists(TASKS, max_size=12),
    drive_s=st.integers(40 * HOUR, 120 * HOUR),
    seats=st.sampled_from([1, 2]),
    rules=st.sampled_from([US_70_8, US_60_7]),
)
def test_a_crew_that_keeps_its_cycle_stays_within_it(tasks, drive_s, seats, rules):
    zone = "America/Denver"
    crew = Crew([DutyLog(MONDAY, rules, Cycle(rules, zone)) for _ in range(seats)])
    for task, duration_s in tasks:
        {"drive": crew.drive, "rest": crew.rest}.get(task, crew.work)(duration_s)
    assert crew.drive(drive_s) == 0
    for each in crew.segments():
        assert audit(Timeline.of(each, timezone=zone), rules) == []


def test_sixteen_hours_are_two_eights_with_a_rest_between():
    (log,) = drive_schedule(16 * HOUR, start_s=0)
    assert [(part.activity, part.end_s - part.start_s) for part in log] == [
        (DRIVING, 8 * HOUR),
        (SLEEPER, 10 * HOUR),
        (DRIVING, 8 * HOUR),
    ]


def test_waiting_under_ten_hours_is_work_and_longer_is_rest():
    crew = Crew.rested(0)
    crew.wait_until(10 * HOUR - 1)
    assert crew.segments()[0][0].activity == ON_DUTY
    crew.wait_until(20 * HOUR - 1)
    assert crew.segments()[0][1].activity in RESTING
    assert crew.worked_s == 10 * HOUR - 1


EXAMPLES = data_root() / "compliance" / "hos_examples.json"
NOT_JUDGED = ("s73", "s82", "s-end10off", "s-opt2")
"""Cases of split sleeper berth."""


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="reference data are not installed")
def test_published_examples_without_splits_and_exceptions_come_out_the_same():
    cases = [
        case
        for case in json.loads(EXAMPLES.read_text())["cases"]
        if not case["id"].startswith(NOT_JUDGED) and not case.get("exceptions")
    ]
    assert len(cases) >= 9
    for case in cases:
        zone_s = _seconds(case["segments"][0]["start"])
        segments = _worked_before(zone_s, case.get("prior_on_duty_hours", ())) + [
            Segment(part["status"], _seconds(part["start"]), _seconds(part["end"]))
            for part in case["segments"]
        ]
        found = {
            (each.rule, each.start_s, each.end_s)
            for each in legal(segments, rules=ruleset(case["cycle"]))
        }
        expected = {
            (each["rule"], _seconds(each["from"]), _seconds(each["to"]))
            for each in case["expect"].get("violations", ())
        }
        assert found == expected, case["id"]


def _seconds(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def _worked_before(start_s: int, hours_by_day) -> list[Segment]:
    """On-duty hours of the days before, oldest first, each from its own midnight."""
    midnight_s = start_s - start_s % (24 * HOUR)
    return [
        Segment(ON_DUTY, day_s, day_s + int(worked * HOUR))
        for before, worked in zip(range(len(hours_by_day), 0, -1), hours_by_day, strict=True)
        for day_s in [midnight_s - before * 24 * HOUR]
    ]
