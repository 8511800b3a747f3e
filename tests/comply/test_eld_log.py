"""An ELD file as a duty log, and a duty log as a file: codes, clocks, the end of the log."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossdock.comply.eld import eld_of, read_eld, timeline_of, write_eld
from crossdock.comply.hos import Timeline
from crossdock.model.errors import InvalidValueError
from eld_samples import DAY, HEADER, event, sample

ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "Etc/GMT+6",
]


def shown(events: list[tuple[str, int, int]]) -> list[str]:
    """The activities of a log of those times, types and codes, each an hour after the last."""
    made = [
        event(number, f"2026-03-04T{time}", event_type, code)
        for number, (time, event_type, code) in enumerate(events, start=1)
    ]
    log = timeline_of(sample(made))
    return [segment.activity for segment in log.segments]


def test_the_log_is_in_utc_and_ends_when_the_file_was_made():
    log = timeline_of(sample())
    assert log.timezone == "Etc/GMT+6"
    assert log.starts_s == dt.datetime(2026, 3, 4, 0, tzinfo=dt.UTC).timestamp()
    assert log.ends_s == dt.datetime(2026, 3, 5, 14, 30, tzinfo=dt.UTC).timestamp()
    assert [segment.activity for segment in log.segments] == (
        ["SB", "YM", "ON", "D", "OFF", "D", "ON", "D", "ON", "OFF", "PC", "OFF", "SB", "ON"]
    )


@pytest.mark.parametrize(
    ("events", "activities"),
    [
        ([("05:00", 1, 1), ("06:00", 3, 1), ("07:00", 3, 0)], ["OFF", "PC", "OFF"]),
        ([("05:00", 1, 4), ("06:00", 3, 2), ("07:00", 3, 0)], ["ON", "YM", "ON"]),
        ([("05:00", 1, 2), ("05:00", 1, 1), ("05:00", 3, 1)], ["PC"]),
        ([("05:00", 3, 1), ("05:00", 1, 1)], ["PC"]),  # told in the other order
        ([("05:00", 1, 1), ("05:00", 3, 1), ("06:00", 1, 4)], ["PC", "ON"]),
        ([("05:00", 1, 1), ("05:00", 3, 1), ("06:00", 1, 3), ("07:00", 1, 1)], ["PC", "D", "OFF"]),
        ([("05:00", 1, 3), ("05:00", 3, 2), ("06:00", 1, 1)], ["D", "OFF"]),
        ([("05:00", 1, 3), ("06:00", 2, 1), ("07:00", 1, 4)], ["D", "ON"]),
        ([("05:00", 3, 1), ("06:00", 1, 2)], ["SB"]),
        ([], []),
    ],
)
def test_indications_hold_while_the_status_carries_them(
    events: list[tuple[str, int, int]], activities: list[str]
):
    assert shown(events) == activities


@pytest.mark.parametrize("status", [2, 3, 4])
def test_changed_requested_and_rejected_records_are_not_in_the_log(status: int):
    events = [
        event(1, "2026-03-04T05:00", 1, 4),
        event(2, "2026-03-04T06:00", 1, 3, status=status),
    ]
    assert [segment.activity for segment in timeline_of(sample(events)).segments] == ["ON"]


def test_records_of_one_second_count_in_the_order_in_which_they_were_made():
    """Numbers go round after FFFF."""
    events = [
        event(0xFFFF, "2026-03-04T05:00", 1, 4),
        event(0x0001, "2026-03-04T05:00", 1, 3),
    ]
    assert [segment.activity for segment in timeline_of(sample(events)).segments] == ["D"]


def test_records_after_the_file_was_made_are_left_out():
    events = [event(1, "2026-03-05T08:00", 1, 4), event(2, "2026-03-05T08:30", 1, 3)]
    assert [segment.activity for segment in timeline_of(sample(events)).segments] == ["ON"]


@pytest.mark.parametrize("lost", ["output_date", "output_time", "utc_offset_h"])
def test_a_header_without_clock_is_refused_with_a_remedy(lost: str):
    with pytest.raises(InvalidValueError) as caught:
        timeline_of(replace(sample(), header=replace(HEADER, **{lost: None})))
    assert caught.value.remedy


def test_a_zone_that_contradicts_the_offset_is_refused():
    with pytest.raises(InvalidValueError, match="not 6 hours behind UTC"):
        timeline_of(sample(), timezone="America/New_York")


def test_times_before_a_change_of_the_clocks_are_read_by_the_zone():
    """New York, Sunday 8 March 2026: 02:00 becomes 03:00; the file is made at UTC-4."""
    header = replace(HEADER, utc_offset_h=4, output_date=dt.date(2026, 3, 8))
    file = replace(
        sample([event(1, "2026-03-08T01:00", 1, 3), event(2, "2026-03-08T04:00", 1, 4)]),
        header=header,
    )
    log = timeline_of(file, timezone="America/New_York")
    assert [segment.end_s - segment.start_s for segment in log.segments] == [2 * 3600, 4.5 * 3600]
    assert [segment.end_s - segment.start_s for segment in timeline_of(file).segments] == [
        3 * 3600,
        4.5 * 3600,
    ]


def test_the_hour_that_the_clock_shows_twice_is_told_by_the_order_of_the_records():
    """New York, 1 November 2026: 01:30 and 01:15 half an hour apart mean the second 01:15."""
    header = replace(HEADER, utc_offset_h=5, output_date=dt.date(2026, 11, 1))
    file = replace(
        sample(
            [
                event(1, "2026-11-01T01:15", 1, 2),
                event(2, "2026-11-01T01:30", 1, 4),
                event(3, "2026-11-01T01:15", 1, 3),
            ]
        ),
        header=header,
    )
    log = timeline_of(file, timezone="America/New_York")
    assert [(s.activity, s.end_s - s.start_s) for s in log.segments[:2]] == [
        ("SB", 15 * 60),
        ("ON", 45 * 60),
    ]


@pytest.mark.parametrize("offset_h", [4, 5])
def test_a_file_made_in_the_repeated_hour_ends_by_its_offset(offset_h: int):
    header = replace(
        HEADER,
        utc_offset_h=offset_h,
        output_date=dt.date(2026, 11, 1),
        output_time=dt.time(1, 30),
    )
    file = replace(sample([event(1, "2026-11-01T00:30", 1, 3)]), header=header)
    log = timeline_of(file, timezone="America/New_York")
    assert log.ends_s - log.starts_s == (offset_h - 3) * 3600


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    zone = draw(st.sampled_from(ZONES))
    begin = draw(st.integers(946_800_000, 4_102_000_000))  # 2000 to 2099
    at_s, segments = begin, list[tuple[str, int, int]]()
    for activity, length_s in draw(
        st.lists(
            st.tuples(
                st.sampled_from(["OFF", "SB", "D", "ON", "PC", "YM"]),
                st.integers(1, 60) | st.integers(1, 20_000),
            ),
            min_size=1,
            max_size=25,
        )
    ):
        segments.append((activity, at_s, at_s + length_s))
        at_s += length_s
    return Timeline.of(segments, timezone=zone)


def repeated(timeline: Timeline) -> bool:
    """Whether something happened in an hour that the clock shows twice."""
    zone = ZoneInfo(timeline.timezone)
    return any(
        (at := dt.datetime.fromtimestamp(segment.start_s, zone)).utcoffset()
        != at.replace(fold=1 - at.fold).utcoffset()
        for segment in timeline.segments
    )


@given(timelines())
@settings(max_examples=150)
def test_a_log_goes_through_a_file_unchanged(timeline: Timeline):
    assume(not repeated(timeline))
    file = read_eld(write_eld(eld_of(timeline, HEADER))).file
    assert timeline_of(file, timezone=timeline.timezone) == timeline


def test_a_log_over_both_changes_of_the_clocks_goes_through_a_file():
    zone = ZoneInfo("America/Chicago")
    starts_s, ends_s = (
        int(dt.datetime(2026, month, 5, tzinfo=zone).timestamp()) for month in (3, 11)
    )
    day_s = 86_400
    segments = [
        (("D", "OFF")[number % 2], at_s, min(at_s + 9 * 3600, ends_s))
        for number, at_s in enumerate(range(starts_s, ends_s, 9 * 3600))
    ]
    timeline = Timeline.of(segments, timezone="America/Chicago")
    assert ends_s - starts_s > 240 * day_s
    assert timeline_of(eld_of(timeline, HEADER), timezone="America/Chicago") == timeline


def test_an_export_has_right_checks_and_counts_as_entered_by_the_driver():
    file = eld_of(timeline_of(sample()), HEADER)
    assert {record.origin for record in file.events} == {2}
    assert read_eld(write_eld(file)).wrong_checks == ()
    assert file.header.output_at == HEADER.output_at
    assert file.events[0].date == DAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("activity", "zone", "match"),
    [
        ("PS", "America/Chicago", "passenger seat"),
        ("D", "America/St_Johns", "3.5 hours behind"),
        ("D", "Europe/Berlin", "hours behind"),
    ],
)
def test_what_a_file_cannot_say_is_refused(activity: str, zone: str, match: str):
    timeline = Timeline.of([(activity, 1_767_300_000, 1_767_310_000)], timezone=zone)
    with pytest.raises(InvalidValueError, match=match):
        eld_of(timeline, HEADER)


def test_an_empty_log_is_not_exported():
    with pytest.raises(InvalidValueError, match="empty"):
        eld_of(Timeline.of([]), HEADER)
