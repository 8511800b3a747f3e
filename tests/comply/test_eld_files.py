"""ELD output files: what is written is read back, what is wrong is named and stops nothing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.eld import (
    MOST_LINES,
    Annotation,
    Certification,
    Cmv,
    EldFile,
    EngineEvent,
    Event,
    Header,
    Login,
    Malfunction,
    UnidentifiedEvent,
    User,
    eld_file_name,
    event_check,
    file_check,
    line_check,
    read_eld,
    write_eld,
)
from crossdock.model.errors import InputUnusableError, InvalidValueError
from eld_samples import EVENTS, HEADER, sample

PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters=","))
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
TIMES = st.times().map(lambda time: time.replace(microsecond=0))
MILES = st.none() | st.integers(0, 9_999_999)
HOURS = st.none() | st.integers(0, 999_999).map(lambda tenths: tenths / 10)
PLACES = st.sampled_from(["X", "M", "E", ""]) | st.integers(-18_000, 18_000).map(
    lambda hundredths: f"{hundredths / 100:.2f}"
)
SEQUENCES = st.integers(0, 0xFFFF)
ORDERS = st.none() | st.integers(1, 99)
FLAGS = st.none() | st.integers(0, 1)
CHECKS = st.integers(0, 255).map(lambda value: f"{value:02X}")
TYPES = st.sampled_from([(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2)])


def events(kind: type, *, of_a_user: bool):
    def build(type_and_code: tuple[int, int], **values):
        return kind(event_type=type_and_code[0], code=type_and_code[1], **values)

    more = {"user_order": ORDERS, "diagnostic": FLAGS} if of_a_user else {}
    return st.builds(
        build,
        TYPES,
        sequence_id=SEQUENCES,
        status=st.integers(1, 4),
        origin=st.integers(1, 4),
        date=DATES,
        time=TIMES,
        miles=MILES,
        engine_h=HOURS,
        latitude=PLACES,
        longitude=PLACES,
        fix_distance_mi=st.none() | st.integers(0, 6),
        cmv_order=ORDERS,
        malfunction=FLAGS,
        check=CHECKS,
        **more,
    )


HEADERS = st.builds(
    Header,
    **{field.name: PLAIN for field in fields(Header) if field.type == "str"}
    | {"latitude": PLACES, "longitude": PLACES},
    multiday_basis=st.sampled_from([None, 7, 8]),
    period_starts=st.none() | TIMES,
    utc_offset_h=st.none() | st.integers(0, 12),
    output_date=st.none() | DATES,
    output_time=st.none() | TIMES,
    total_miles=MILES,
    total_engine_h=HOURS,
)
FILES = st.builds(
    EldFile,
    header=HEADERS,
    users=st.lists(
        st.builds(User, st.integers(1, 99), st.sampled_from("DS"), PLAIN, PLAIN), max_size=3
    ).map(tuple),
    cmvs=st.lists(st.builds(Cmv, st.integers(1, 99), PLAIN, PLAIN), max_size=3).map(tuple),
    events=st.lists(events(Event, of_a_user=True), max_size=5).map(tuple),
    annotations=st.lists(
        st.builds(Annotation, SEQUENCES, PLAIN, PLAIN, DATES, TIMES, PLAIN), max_size=3
    ).map(tuple),
    certifications=st.lists(
        st.builds(Certification, SEQUENCES, st.integers(1, 9), DATES, TIMES, DATES, ORDERS),
        max_size=2,
    ).map(tuple),
    malfunctions=st.lists(
        st.builds(
            Malfunction,
            SEQUENCES,
            st.integers(1, 4),
            st.sampled_from("PETLRSO123456"),
            DATES,
            TIMES,
            MILES,
            HOURS,
            ORDERS,
        ),
        max_size=2,
    ).map(tuple),
    logins=st.lists(
        st.builds(Login, SEQUENCES, st.integers(1, 2), PLAIN, DATES, TIMES, MILES, HOURS),
        max_size=2,
    ).map(tuple),
    engine_events=st.lists(
        st.builds(
            EngineEvent,
            SEQUENCES,
            st.integers(1, 4),
            DATES,
            TIMES,
            MILES,
            HOURS,
            PLACES,
            PLACES,
            PLAIN,
            PLAIN,
            PLAIN,
            PLAIN,
        ),
        max_size=2,
    ).map(tuple),
    unidentified_events=st.lists(events(UnidentifiedEvent, of_a_user=False), max_size=3).map(tuple),
)


@given(FILES)
@settings(max_examples=60)
def test_a_file_that_is_written_is_read_back(file: EldFile):
    text = write_eld(file)
    read = read_eld(text)
    assert read.file == file
    assert read.bad_rows == ()
    assert [check for check in read.wrong_checks if check.kind != "event"] == []
    assert write_eld(read.file) == text


def test_the_sample_has_every_segment_and_no_fault():
    read = read_eld(write_eld(sample()))
    assert read.file == sample()
    assert (read.missing, read.wrong_checks, read.bad_rows) == ((), (), ())
    assert dict(read.rows)["ELD Event List:"] == len(EVENTS)


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("", "96"),
        # A is 17 = 00010001, rotated left by three 10001000 = 88, with 96 exclusively 1E.
        ("A", "1E"),
        # 0 and the comma count nothing, z is 74 = 01001010, rotated 01010010 = 52, gives C4.
        ("0,z.", "C4"),
        # 35+29+25+36+24 + 26+31+24+30 = 260, low byte 4, rotated 20, gives B6.
        ("SMITH,JOHN", "B6"),
    ],
)
def test_line_checks_computed_by_hand(line: str, check: str):
    assert line_check(line) == check


def test_event_and_file_checks_computed_by_hand():
    assert event_check([]) == "C3"
    # 1 + 3 + 9 = 13 = 00001101, rotated 01101000 = 68, with C3 exclusively AB.
    assert event_check(["1", "3", "", "", "0", "0.0", "X"[:0], "", "9"]) == "AB"
    assert file_check([]) == "969C"
    assert file_check(["01"]) == "9694"  # 0001: 01 rotated 08
    assert file_check(["FF", "FF"]) == "9E6B"  # 01FE: 01 rotated 08, FE rotated F7


def test_a_wrong_line_check_is_reported_with_both_values_and_the_row_is_read():
    text = write_eld(sample()).replace("1,T-1187,1FUJGHDV0CLBP8834,", "1,T-1188,1FUJGHDV0CLBP8834,")
    read = read_eld(text)
    assert read.file.cmvs[0].power_unit == "T-1188"
    wrong = next(check for check in read.wrong_checks if check.kind == "line")
    row = text.splitlines()[wrong.line - 1]
    assert row.startswith("1,T-1188,")
    assert wrong.said == row[-2:]
    assert wrong.computed == line_check(row[:-3])
    assert wrong.said != wrong.computed


def test_a_moved_status_change_breaks_the_check_of_its_event():
    """Whoever also mends the line and the file is still found out."""
    file = sample()
    driving = file.events[-5]
    moved = replace(driving, time=dt.time(6, 30))
    forged = replace(file, events=tuple(moved if e == driving else e for e in file.events))
    wrong = read_eld(write_eld(forged)).wrong_checks
    assert [(check.kind, check.said) for check in wrong] == [("event", driving.check)]


def test_events_of_users_whose_name_the_file_lacks_are_unverified_not_wrong():
    proposed = replace(EVENTS[0], user_order=2, check="00")
    read = read_eld(write_eld(sample((proposed, *EVENTS[1:]))))
    assert read.wrong_checks == ()
    assert read.unverified_events == 1 + len(sample().unidentified_events)


def test_a_wrong_file_check_is_reported():
    text = re.sub(r"[0-9A-F]{4}\r\n$", "0000\r\n", write_eld(sample()))
    assert [check.kind for check in read_eld(text).wrong_checks] == ["file"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_kind_of_line_end_is_read(end: str):
    assert read_eld(write_eld(sample()).replace("\r\n", end)).file == sample()


def test_titles_match_in_any_case_and_by_the_names_of_their_sections():
    text = write_eld(sample())
    text = text.replace("User List:", "USER LIST").replace(
        "ELD Event List:", "eld event list for driver’s record of duty status:"
    )
    assert read_eld("\ufeff" + text).file == sample()
    assert read_eld(("\ufeff" + text).encode()).file == sample()


def test_segments_may_be_missing():
    text = write_eld(replace(sample(), logins=()))
    read = read_eld(text.replace("ELD Login/Logout Report:\r\n", ""))
    assert read.missing == ("ELD Login/Logout Report:",)
    assert read.file == replace(sample(), logins=())


def test_a_bad_row_is_named_by_line_field_and_remedy_and_the_others_go_through():
    rows = write_eld(sample()).split("\r\n")
    place = rows.index("ELD Event List:") + 3
    parts = rows[place].split(",")
    parts[5] = "133126"
    rows[place] = ",".join(parts)
    read = read_eld("\r\n".join(rows))
    assert len(read.file.events) == len(EVENTS) - 1
    (fault,) = read.bad_rows
    assert (fault.line, fault.field, fault.kept) == (place + 1, "Event Date", False)
    assert "133126" in str(fault)
    assert "MMDDYY" in fault.remedy


def test_a_status_change_with_bad_miles_stays_in_the_log_without_them():
    rows = write_eld(sample()).split("\r\n")
    place = rows.index("ELD Event List:") + 3
    parts = rows[place].split(",")
    parts[7] = "12.5"
    rows[place] = ",".join(parts)
    read = read_eld("\r\n".join(rows))
    assert len(read.file.events) == len(EVENTS)
    assert read.file.events[2].miles is None
    assert [(fault.field, fault.kept) for fault in read.bad_rows] == [
        ("Accumulated Vehicle Miles", True)
    ]


def test_a_comma_inside_of_a_value_is_named():
    text = write_eld(sample()).replace("Springfield; IL", "Springfield, IL")
    (fault,) = read_eld(text).bad_rows
    assert "7 values" in fault.reason
    assert "semicolon" in fault.remedy


def test_a_row_of_an_unknown_segment_is_left_out():
    text = write_eld(sample()).replace("End of File:", "Vendor Extras:\r\n1,2,3\r\nEnd of File:")
    read = read_eld(text)
    assert [(fault.segment, fault.field) for fault in read.bad_rows] == [("Vendor Extras", "title")]
    assert read.file == sample()


def test_commas_and_line_ends_in_values_are_written_as_semicolons():
    file = replace(sample(), header=replace(HEADER, carrier_name="Smith, Sons\r\nInc.\né"))
    assert read_eld(write_eld(file)).file.header.carrier_name == "Smith; Sons;Inc.;?"


@pytest.mark.parametrize("data", [b"", b"name,hours\nSmith,3\n", b"\x00" * 100])
def test_something_else_than_an_output_file_is_refused_with_a_remedy(data: bytes):
    with pytest.raises(InputUnusableError, match="neither the header nor the event list") as caught:
        read_eld(data)
    assert "ELD File Header Segment:" in caught.value.remedy


def test_a_file_of_too_many_lines_is_refused():
    with pytest.raises(InputUnusableError, match="lines"):
        read_eld("\n" * MOST_LINES)


def test_the_name_of_a_file_follows_the_rule():
    header = replace(
        HEADER,
        driver_last_name="Lee",
        licence_number="W8569238",
        output_date=dt.date(2013, 2, 5),
    )
    assert eld_file_name(header) == "Lee__3841020513-000000000"
    with pytest.raises(InvalidValueError, match="serial"):
        eld_file_name(header, "1")


def test_a_year_that_two_digits_cannot_say_is_not_written():
    old = replace(EVENTS[0], date=dt.date(1999, 12, 31))
    with pytest.raises(InvalidValueError, match="two digits of a year"):
        write_eld(sample((old,)))
