"""Split sleeper berth, exceptions and live clocks, against a plain oracle and worked cases."""

from __future__ import annotations

import datetime as dt
import json
from itertools import accumulate

import pytest
from hos_oracle import DAY, REST, Log, cost_of, least_cost
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.hos import (
    US_70_8,
    Policy,
    Relief,
    Timeline,
    audit,
    audit_sides,
    clocks,
    ruleset,
)
from crossdock.model import InvalidValueError
from crossdock.platform.store.reference_data import data_root

MINUTE_S = 60
BEGAN_S = int(dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC).timestamp())
NO_CYCLE = US_70_8.without("cycle_70_8", "break_30min_8h")


def timeline(log: Log, **options) -> Timeline:
    ends = list(accumulate(length for _, length in log))
    starts = [0, *ends]
    return Timeline.of(
        [
            (status, BEGAN_S + MINUTE_S * start, BEGAN_S + MINUTE_S * end)
            for (status, _), start, end in zip(log, starts, ends, strict=False)
        ],
        **options,
    )


def log_of(*duties: str) -> Log:
    """``"D 5:30"`` and the like."""
    found = []
    for duty in duties:
        status, clock = duty.split()
        hours, _, minutes = clock.partition(":")
        found.append((status, 60 * int(hours) + int(minutes or 0)))
    return found


def broken(*duties: str, rules=US_70_8, **options) -> list[tuple[str, int, int]]:
    """Rule, minute from the start and minutes of each violation."""
    return [
        (each.rule, (each.start_s - BEGAN_S) // 60, (each.end_s - each.start_s) // 60)
        for each in audit(timeline(log_of(*duties)), rules, **options)
    ]


PARTS = st.tuples(
    st.sampled_from(["D", "D", "ON", "OFF", "SB", "SB", "YM", "PC"]),
    st.sampled_from([15, 30, 60, 100, 120, 150, 180, 240, 300, 400, 420, 430, 480, 600]),
)
LOGS = st.lists(PARTS, min_size=1, max_size=14)


@settings(max_examples=250)
@given(LOGS)
def test_the_pairing_breaks_as_little_as_any_and_leaves_as_much(log: Log) -> None:
    found = audit(timeline(log), NO_CYCLE)
    minutes: dict[str, list[int]] = {"driving_11h": [], "window_14h": []}
    for each in found:
        start, end = ((at - BEGAN_S) // 60 for at in (each.start_s, each.end_s))
        minutes[each.rule] += range(start, end)
    cost, (driving, window) = least_cost(log)
    assert cost_of(minutes) == cost
    now = clocks(timeline(log), rules=NO_CYCLE)
    assert (now.driving_s, now.window_s) == (max(0, driving) * 60, max(0, window) * 60)


@settings(max_examples=150)
@given(LOGS, st.integers(1, 60 * 60))
def test_to_cut_a_segment_in_two_changes_nothing(log: Log, at: int) -> None:
    whole = timeline(log)
    pieces = []
    for activity, start_s, end_s in whole.segments:
        cut_s = min(start_s + at, end_s)
        pieces += [(activity, start_s, cut_s), (activity, cut_s, end_s)]
    assert audit(Timeline.of(pieces)) == audit(whole)


@settings(max_examples=100)
@given(LOGS, st.integers(-40, 40))
def test_the_same_days_earlier_or_later_are_judged_alike(log: Log, days: int) -> None:
    moved_s = days * DAY * 60
    one = timeline(log)
    other = Timeline.of([(a, s + moved_s, e + moved_s) for a, s, e in one.segments])
    assert [(v.rule, v.start_s + moved_s, v.end_s + moved_s) for v in audit(one)] == [
        (v.rule, v.start_s, v.end_s) for v in audit(other)
    ]


@settings(max_examples=150)
@given(LOGS, st.data())
def test_work_that_turns_into_rest_breaks_nothing_more(log: Log, data) -> None:
    """In logs without splits: no time in the berth, so no two rests are a pair."""
    plain = [(("OFF" if status in REST else status), length) for status, length in log]
    place = data.draw(st.integers(0, len(plain) - 1))
    easier = [("OFF", n) if at == place else (s, n) for at, (s, n) in enumerate(plain)]
    before = {
        (v.rule, minute) for v in audit(timeline(plain)) for minute in range(v.start_s, v.end_s, 60)
    }
    after = {
        (v.rule, minute)
        for v in audit(timeline(easier))
        for minute in range(v.start_s, v.end_s, 60)
    }
    assert after <= before


@settings(max_examples=150)
@given(LOGS, st.data())
def test_the_clocks_say_to_the_second_how_long_driving_is_legal(log: Log, data) -> None:
    rules = US_70_8.without("cycle_70_8")  # midnight would give hours back on a long drive
    whole = timeline(log)
    at_s = BEGAN_S + 60 * data.draw(st.integers(1, sum(length for _, length in log)))
    known = whole.cut(at_s)
    now = clocks(whole, at_s, rules)
    assert now.drive_now_s == min(s for _, s in now.left)

    def cost_after(drive_s: int) -> tuple[int, int, int, int]:
        driven = Timeline.of([*known.segments, ("D", at_s, at_s + drive_s)]) if drive_s else known
        lengths = [each.end_s - each.start_s for each in audit(driven, rules)]
        return (
            sum(length > 10_800 for length in lengths),
            sum(900 <= length <= 10_800 for length in lengths),
            sum(length < 900 for length in lengths),
            sum(lengths),
        )

    assert cost_after(now.drive_now_s) <= cost_after(0)
    if not cost_after(0)[3]:
        assert cost_after(now.drive_now_s + 1) > cost_after(0)


@settings(max_examples=100)
@given(LOGS)
def test_what_is_said_to_give_hours_back_does(log: Log) -> None:
    now = clocks(timeline(log))
    left = dict(now.left)
    for change in now.changes:
        if change.what not in {"reset", "pause", "restart"} or change.at_s <= now.at_s:
            continue
        rested = Timeline.of(
            [*timeline(log).segments, ("OFF", now.at_s, change.at_s)], gaps_are_rest=True
        )
        then = dict(clocks(rested).left)
        assert then[change.rule] >= left[change.rule] + change.gains_s, change


class TestSplits:
    @pytest.mark.parametrize(
        ("first", "second"),
        [("SB 7", "OFF 3"), ("OFF 3", "SB 7"), ("SB 8", "OFF 2"), ("SB 7:30", "SB 2:30"),
         ("OFF 5", "SB 7"), ("SB 7", "SB 7")],
    )  # fmt: skip
    def test_a_valid_pair_is_out_of_the_window(self, first: str, second: str) -> None:
        assert broken("D 5", first, "D 6", second, "D 5", rules=NO_CYCLE) == []

    @pytest.mark.parametrize(
        ("first", "second"),
        [("SB 7", "OFF 2:45"), ("OFF 7", "SB 3"), ("SB 6:59", "OFF 3:01"), ("SB 8:30", "OFF 1:30")],
    )
    def test_less_is_none(self, first: str, second: str) -> None:
        assert "window_14h" in {
            rule for rule, *_ in broken("D 5", first, "D 6", second, "D 2", rules=NO_CYCLE)
        }

    def test_pairs_chain_without_end(self) -> None:
        days = ["D 5", "SB 7", "D 5", "OFF 3"] * 6
        assert broken(*days, rules=NO_CYCLE) == []
        (first, *_) = broken(*days, "D 6:01", rules=NO_CYCLE)
        assert first == ("driving_11h", 60 * 6 * 20 + 6 * 60, 1)

    def test_before_and_after_each_rest_at_most_eleven_hours_are_driven(self) -> None:
        assert broken("D 6", "SB 7", "D 6", "OFF 3", rules=NO_CYCLE) == [
            ("driving_11h", 18 * 60, 60)
        ]

    def test_a_reset_may_be_the_second(self) -> None:
        assert broken("ON 4", "D 3", "SB 7", "D 7", "OFF 10", rules=NO_CYCLE) == []
        assert broken("D 5", "OFF 3", "ON 1", "D 6", "SB 10", rules=NO_CYCLE) == []
        assert broken("D 5", "OFF 3", "ON 1", "D 6", "OFF 10", rules=NO_CYCLE) == [
            ("window_14h", 14 * 60, 60)
        ]

    def test_a_reset_as_the_first_is_a_matter_of_policy(self) -> None:
        duties = ("ON 1", "SB 10", "ON 7", "D 4", "OFF 2", "D 3")
        assert [rule for rule, *_ in broken(*duties, rules=NO_CYCLE)] == ["window_14h"]
        lenient = Policy(reset_may_begin_pair=True)
        assert broken(*duties, rules=NO_CYCLE, policy=lenient) == []

    def test_a_violation_names_the_pairing(self) -> None:
        (found,) = audit(timeline(log_of("D 6", "SB 7", "D 6", "OFF 3")), NO_CYCLE)
        ((first, second),) = found.pairing
        assert (first.berth_s, second.length_s) == (7 * 3600, 3 * 3600)
        assert (found.severity, found.citation) == ("violation", "49 CFR 395.3(a)(3)(i)")

    def test_the_pilot_lets_five_and_five_pair(self) -> None:
        duties = ("D 5", "SB 5", "D 6", "SB 5", "D 5")
        assert broken(*duties, rules=NO_CYCLE)
        pilot = ruleset("US_70_8_PILOT_SPLIT").without("cycle_70_8", "break_30min_8h")
        assert broken(*duties, rules=pilot) == []

    def test_the_other_pilot_pauses_the_window_once(self) -> None:
        pilot = ruleset("US_70_8_PILOT_PAUSE").without("break_30min_8h")
        assert broken("ON 8", "OFF 3", "D 6", rules=pilot) == []
        assert broken("ON 8", "OFF 3", "D 5", "OFF 1", "D 1", rules=pilot) == [
            ("window_14h", 17 * 60, 60)
        ]


class TestClocks:
    def test_the_last_long_rest_as_the_first_of_a_pair(self) -> None:
        now = clocks(timeline(log_of("ON 2", "D 4", "OFF 3", "D 1")))
        assert now.window_s == 4 * 3600
        assert now.if_split is not None
        assert now.if_split.window_s == 7 * 3600
        assert (now.if_split.owed_s, now.if_split.in_berth) == (7 * 3600, True)
        assert now.if_split.by_s == now.at_s + 7 * 3600
        split = [change for change in now.changes if change.what == "split"]
        assert {change.at_s for change in split} == {now.at_s + 7 * 3600}
        assert all(change.in_berth for change in split)

    def test_a_rest_too_short_to_pair_gives_nothing(self) -> None:
        assert clocks(timeline(log_of("D 4", "OFF 1:59", "D 1"))).if_split is None

    def test_midnight_gives_back_the_oldest_day(self) -> None:
        log = timeline(log_of("ON 1"), prior_on_duty_s=[3600 * h for h in (9, 8, 8, 8, 8, 8, 8)])
        now = clocks(log)
        assert now.cycle_s == 3600 * (70 - 58)
        (midnight,) = [change for change in now.changes if change.what == "midnight"]
        assert midnight.gains_s == 9 * 3600
        assert midnight.at_s == BEGAN_S + 18 * 3600

    def test_at_the_start_of_the_log_the_days_before_it_count(self) -> None:
        log = timeline(log_of("ON 1"), prior_on_duty_s=[3600 * h for h in (9, 8, 8, 8, 8, 8, 8)])
        now = clocks(log, BEGAN_S)
        assert (now.cycle_s, now.driving_s) == (3600 * (70 - 57), 3600 * 11)

    def test_the_log_must_reach_the_instant(self) -> None:
        with pytest.raises(InvalidValueError, match="asked for"):
            clocks(timeline(log_of("D 1")), BEGAN_S + 3601)


class TestExceptions:
    def test_a_passenger_rests_beside_seven_hours_in_the_berth_for_three(self) -> None:
        assert broken("D 11", "PS 3", "SB 7", "D 8", rules=NO_CYCLE) == []
        assert broken("D 11", "SB 7", "PS 3", "D 8", rules=NO_CYCLE) == []
        assert broken("D 8", "ON 0:30", "D 3", "PS 4", "SB 6", "D 1", rules=NO_CYCLE)
        # a fourth hour is work: it opens the window, an hour before the rest
        assert broken("ON 1", "SB 7", "PS 4", "ON 11", "D 3", rules=NO_CYCLE) == [
            ("window_14h", 60 * 25, 60)
        ]

    def test_a_relief_is_of_its_tour_alone(self) -> None:
        day = ("D 8", "ON 0:30", "D 4")
        claim = Relief("adverse_driving", BEGAN_S)
        assert broken(*day, rules=NO_CYCLE, reliefs=[claim]) == []
        found = broken(*day, "OFF 10", *day, rules=NO_CYCLE, reliefs=[claim])
        assert [rule for rule, *_ in found] == ["driving_11h"]

    def test_short_haul_needs_no_pause(self) -> None:
        assert broken("D 9") == [("break_30min_8h", 480, 60)]
        assert broken("D 9", reliefs=[Relief("short_haul_150")]) == []
        assert broken("D 9", rules=ruleset("US_70_8_SHORT_HAUL")) == []

    def test_an_unknown_relief_is_refused(self) -> None:
        with pytest.raises(InvalidValueError, match="moonlight"):
            broken("D 1", reliefs=[Relief("moonlight")])


class TestElsewhere:
    CANADA = ruleset("CA_SOUTH_CYCLE_1")

    def test_thirteen_hours_of_driving_and_sixteen_of_the_clock(self) -> None:
        assert [each[0] for each in broken("D 13", "OFF 11", rules=self.CANADA)] == []
        rules = {each[0] for each in broken("D 13:01", "OFF 10:59", rules=self.CANADA)}
        assert rules == {"driving_13h", "driving_13h_day"}
        assert ("elapsed_16h", 16 * 60, 60) in broken("ON 6", "OFF 5", "D 6", rules=self.CANADA)

    def test_eight_hours_off_are_a_reset_and_a_day_needs_two_more(self) -> None:
        start = BEGAN_S - 6 * 3600  # midnight
        log = Timeline.of(
            [("OFF", start, start + 8 * 3600), ("D", start + 8 * 3600, start + 20 * 3600),
             ("ON", start + 20 * 3600, start + 23 * 3600),
             ("OFF", start + 23 * 3600, start + DAY * 60)]
        )  # fmt: skip
        found = {(each.rule, each.start_s, each.end_s) for each in audit(log, self.CANADA)}
        assert ("off_duty_10h_day", start, start + DAY * 60) in found

    def test_a_border_is_crossed_with_the_whole_log(self) -> None:
        log = timeline(log_of("D 8", "ON 0:30", "D 5"))
        noon = BEGAN_S + 12 * 3600
        sides = [(BEGAN_S, ruleset("CA_SOUTH_CYCLE_1")), (noon, NO_CYCLE)]
        (found,) = audit_sides(log, sides)
        assert (found.rule, found.start_s, found.end_s) == (
            "driving_11h", noon, BEGAN_S + 13 * 3600 + 1800,
        )  # fmt: skip

    def test_alaska_counts_work_and_not_the_clock(self) -> None:
        alaska = ruleset("US_ALASKA_70_7")
        assert broken("D 5", "OFF 9", "D 10", rules=alaska) == []
        assert broken("ON 18", "OFF 4", "D 3", rules=alaska) == [("on_duty_20h", 24 * 60, 60)]

    def test_mexico_pauses_after_five_hours(self) -> None:
        assert broken("D 5", "OFF 0:30", "D 5", rules=ruleset("MX_FREIGHT")) == []
        assert broken("D 5:01", rules=ruleset("MX_FREIGHT")) == [("pause_30min_5h", 300, 1)]


def worked_cases() -> list:
    file = data_root() / "compliance" / "hos_examples.json"
    return json.loads(file.read_text())["cases"] if file.is_file() else []


@pytest.mark.skipif(not worked_cases(), reason="the shared compliance cases are not here")
@pytest.mark.parametrize("case", worked_cases(), ids=lambda case: case["id"])
def test_worked_cases_are_judged_to_the_second(case: dict) -> None:
    def second(text: str) -> int:
        return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())

    log = Timeline.of(
        [(each["status"], second(each["start"]), second(each["end"])) for each in case["segments"]],
        prior_on_duty_s=[round(3600 * hours) for hours in case.get("prior_on_duty_hours", ())],
    )
    reliefs = [
        Relief(each["type"], second(each["tour_start"]) if "tour_start" in each else None)
        for each in case.get("exceptions", ())
    ]
    rules = ruleset(case["cycle"])
    found = [(each.rule, each.start_s, each.end_s) for each in audit(log, rules, reliefs=reliefs)]
    expected = case["expect"]
    assert found == [
        (each["rule"], second(each["from"]), second(each["to"])) for each in expected["violations"]
    ]
    for wanted in expected.get("available", ()):
        now = clocks(log, second(wanted["at"]), rules, reliefs=reliefs)
        pause = now.until_break_s
        split = now.if_split
        assert {
            "driving_min": now.driving_s / 60,
            "window_min": now.window_s / 60,
            "until_break_min": None if pause is None else pause / 60,
            "cycle_min": now.cycle_s / 60,
            "drive_now_min": now.drive_now_s / 60,
        } == {name: wanted[name] for name in wanted if name.endswith("_min")}
        told = split and {
            "driving_min": split.driving_s / 60,
            "window_min": split.window_s / 60,
            "drive_now_min": split.drive_now_s / 60,
        }
        assert told == wanted.get("if_split_completed")
