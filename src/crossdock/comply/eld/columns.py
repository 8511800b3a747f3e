"""Columns of an ELD output file: how the text of each becomes a value, and back (App. A 7)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FIRST_YEAR = 2000
"""The year that ``00`` means; ELDs are younger."""
MOST_OFFSET_H = 12
"""Largest hours behind UTC that are read. The rule has 04 to 11; Canada's Atlantic is at 03."""


class UnreadableError(ValueError):
    """A value that is not of its kind: ``args`` are reason and remedy."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Column:
    """A column of a line.

    Attributes
    ----------
    attribute
        Of the record.
    name
        Of the data element, in the words of the rule.
    read, write
        The value of a text, and the text of a value.
    needed
        Without it the row says nothing; else the row is kept with `fallback` in its place.
    """

    attribute: str
    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    needed: bool = False
    fallback: Any = None


def clean(text: str) -> str:
    """A text as a file can hold it: ``;`` for commas and line ends (4.8.2.1(b)(3)), ASCII."""
    folded = re.sub(r"\r\n|[,\r\n]", ";", text)
    return "".join(
        character if " " <= character <= "~" else "?" if character != "\t" else " "
        for character in folded
    )


def _is_text(text: str) -> str:
    return text


def matching(pattern: str, wanted: str) -> Callable[[str], str]:
    """A reader of texts of a pattern."""
    form = re.compile(pattern, re.ASCII)

    def read(text: str) -> str:
        value = text.strip()
        if not form.fullmatch(value):
            raise UnreadableError(f"{_shown(text)} is not {wanted}", f"give {wanted}")
        return value

    return read


def whole(pattern: str, wanted: str, *, base: int = 10) -> Callable[[str], int]:
    """A reader of whole numbers."""
    match = matching(pattern, wanted)
    return lambda text: int(match(text), base)


def optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same reader, and None for an empty text."""
    return lambda text: read(text) if text.strip() else None


_HOURS = matching(r"\d{1,7}(\.\d{1,2})?", "hours such as 1.5")
_DATE = matching(r"\d{6}", "a date as MMDDYY")
_TIME = matching(r"\d{6}", "a time as HHMMSS")
_OFFSET = whole(r"-?\d{1,2}", "hours behind UTC such as 05")


def _hours(text: str) -> float | None:
    return round(float(_HOURS(text)), 1)


def _date(text: str) -> dt.date:
    value = _DATE(text)
    try:
        return dt.date(FIRST_YEAR + int(value[4:]), int(value[:2]), int(value[2:4]))
    except ValueError:
        raise UnreadableError(
            f"{_shown(text)} is no day of the calendar", "give month, day, year as MMDDYY"
        ) from None


def _time(text: str) -> dt.time:
    value = _TIME(text)
    try:
        return dt.time(int(value[:2]), int(value[2:4]), int(value[4:]))
    except ValueError:
        raise UnreadableError(
            f"{_shown(text)} is no time of a day", "give 000000 to 235959"
        ) from None


def read_offset(text: str) -> int:
    """Hours behind UTC; a minus sign, which the rule omits, is let through."""
    hours = _OFFSET(text)
    if abs(hours) > MOST_OFFSET_H:
        raise UnreadableError(f"{hours} hours behind UTC is out of range", "give 04 to 11")
    return abs(hours)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def text_column(attribute: str, name: str) -> Column:
    """A column of free text."""
    return Column(attribute, name, _is_text, clean)


def number_column(attribute: str, name: str, pattern: str, wanted: str) -> Column:
    """A column of a whole number that may be empty."""
    return Column(attribute, name, optional(whole(pattern, wanted)), _number)


def code_column(attribute: str, name: str, pattern: str) -> Column:
    """A column of one digit that must be there."""
    return Column(attribute, name, whole(pattern, f"a digit of {pattern}"), str, needed=True)


def date_column(attribute: str, name: str, *, needed: bool = True) -> Column:
    """A column of a day, MMDDYY."""
    return Column(
        attribute,
        name,
        _date if needed else optional(_date),
        lambda day: "" if day is None else f"{day:%m%d}{day.year % 100:02d}",
        needed,
    )


def time_column(attribute: str, name: str, *, needed: bool = True) -> Column:
    """A column of a time of the day, HHMMSS."""
    return Column(
        attribute,
        name,
        _time if needed else optional(_time),
        lambda time: "" if time is None else f"{time:%H%M%S}",
        needed,
    )


def hours_column(attribute: str, name: str) -> Column:
    """A column of engine hours, to a tenth."""
    return Column(
        attribute, name, optional(_hours), lambda hours: "" if hours is None else f"{hours:.1f}"
    )
