"""Operating days and day masks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import InvalidValueError
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.network import (
    NETWORK_FILES,
    WEEKDAY_LETTERS,
    normalised_days,
    runs_on_weekday,
)
from crossdock.model.tables import conform, empty

SCHEMA = NETWORK_FILES["calendars"].schema
DATES = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))
ANY_DAYS = st.lists(st.booleans(), min_size=7, max_size=7).filter(any)
THANKSGIVING = dt.date(2026, 11, 26)


def calendar_of(*rows: dict[str, Any]) -> OperatingCalendar:
    table = pl.DataFrame(
        [{"calendar_id": "C"} | row for row in rows],
        schema_overrides={"date": pl.Date, "weekday": pl.Int64},
    )
    return OperatingCalendar(conform(table, SCHEMA))


@pytest.fixture
def plain() -> OperatingCalendar:
    return OperatingCalendar(empty(SCHEMA))


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("MTWTFSU", "MTWTFSU"),
        ("MTWTF--", "MTWTF--"),
        ("mtwtf..", "MTWTF--"),
        ("MTWTF  ", "MTWTF--"),
        ("1111100", "MTWTF--"),
        ("__W____", "--W----"),
        ("MTWTF", "MTWTF--"),
        ("SU", "-----SU"),
        ("MWF", "M-W-F--"),
        ("T", "-T-----"),
        ("TT", "-T-T---"),
        ("TS", "-T---S-"),
    ],
)
def test_a_day_mask_is_read_by_position_or_as_letters_in_order(text: str, mask: str) -> None:
    assert normalised_days(text) == mask


@pytest.mark.parametrize("text", ["", "X", "FM", "TTT", "-------", "0000000", "MTWTFSUU", "Mon"])
def test_what_is_no_day_mask_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="day"):
        normalised_days(text)


@given(ANY_DAYS, st.sampled_from("-._ 0"))
def test_every_mask_survives_its_spellings(days: list[bool], off: str) -> None:
    mask = "".join(letter if on else "-" for letter, on in zip(WEEKDAY_LETTERS, days, strict=True))
    digits = "".join("1" if on else "0" for on in days)
    assert normalised_days(mask) == mask
    assert normalised_days(mask.replace("-", off)) == mask
    assert normalised_days(digits) == mask
    assert [runs_on_weekday(mask, day) for day in range(7)] == days


@given(st.text(max_size=9))
def test_a_text_is_a_mask_of_seven_places_or_refused(text: str) -> None:
    try:
        mask = normalised_days(text)
    except InvalidValueError:
        return
    assert len(mask) == 7
    assert all(mark in (day, "-") for mark, day in zip(mask, WEEKDAY_LETTERS, strict=True))
    assert normalised_days(mask) == mask


def test_without_rows_monday_to_saturday_are_open(plain: OperatingCalendar) -> None:
    week = [dt.date(2026, 11, 30) + dt.timedelta(days=offset) for offset in range(7)]
    assert [plain.is_open(None, day) for day in week] == [True] * 6 + [False]
    assert [plain.is_open("unheard of", day) for day in week] == [True] * 6 + [False]


def test_federal_holidays_and_their_observed_days_are_closed(plain: OperatingCalendar) -> None:
    assert not plain.is_open(None, THANKSGIVING)
    assert not plain.is_open(None, dt.date(2026, 7, 3))  # July 4th 2026 is a Saturday


def test_a_weekday_row_changes_the_week_but_opens_no_holiday() -> None:
    calendar = calendar_of({"weekday": 7, "open": True}, {"weekday": 4, "open": True})
    assert calendar.is_open("C", dt.date(2026, 11, 29))
    assert not calendar.is_open("C", THANKSGIVING)


def test_a_dated_row_beats_holiday_and_weekday() -> None:
    calendar = calendar_of(
        {"date": THANKSGIVING, "open": True},
        {"date": dt.date(2026, 12, 1), "open": False},
        {"weekday": 2, "open": True},
    )
    assert calendar.is_open("C", THANKSGIVING)
    assert not calendar.is_open("C", dt.date(2026, 12, 1))
    assert calendar.is_open("C", dt.date(2026, 12, 8))


def test_a_row_speaks_only_while_it_is_in_force() -> None:
    calendar = calendar_of(
        {"weekday": 7, "open": True, "effective_from": dt.date(2026, 12, 1)},
    )
    assert not calendar.is_open("C", dt.date(2026, 11, 29))
    assert calendar.is_open("C", dt.date(2026, 12, 6))


def test_a_day_mask_replaces_the_week_but_not_the_holidays(plain: OperatingCalendar) -> None:
    assert plain.runs_on(None, "MTWTFSU", dt.date(2026, 11, 29))
    assert not plain.runs_on(None, "MTWTFSU", THANKSGIVING)
    assert not plain.runs_on(None, "M------", dt.date(2026, 12, 1))
    assert not plain.runs_on(None, None, dt.date(2026, 11, 29))


def test_several_calendars_share_the_narrowest_hours() -> None:
    rows = [
        {"calendar_id": "early", "weekday": 1, "opens": dt.time(6), "closes": dt.time(14)},
        {"calendar_id": "late", "weekday": 1, "opens": dt.time(9), "closes": dt.time(20)},
    ]
    calendar = calendar_of(*({"open": True} | row for row in rows))
    monday = dt.date(2026, 11, 30)
    assert calendar.opens(("early", "late", None), monday) == dt.time(9)
    assert calendar.closes(("early", "late", None), monday) == dt.time(14)
    assert calendar.opens(None, monday) is None


def test_a_calendar_that_never_opens_is_an_error() -> None:
    calendar = calendar_of(*({"weekday": day, "open": False} for day in range(1, 8)))
    with pytest.raises(InvalidValueError, match="no operating day"):
        calendar.next_open("C", dt.date(2026, 11, 30))


@given(DATES, st.integers(1, 6), ANY_DAYS)
def test_the_nth_operating_day_has_n_operating_days_up_to_it(
    date: dt.date, count: int, days: list[bool]
) -> None:
    calendar = calendar_of(
        *({"weekday": day, "open": is_open} for day, is_open in enumerate(days, start=1))
    )
    both = ("C", "C")
    answer = calendar.nth_open(both, date, count)
    between = [date + dt.timedelta(days=n) for n in range(1, (answer - date).days + 1)]
    assert sum(calendar.is_open("C", day) for day in between) == count
    assert calendar.is_open("C", answer)
    assert calendar.nth_open(both, date, 0) == calendar.next_open("C", date) >= date
