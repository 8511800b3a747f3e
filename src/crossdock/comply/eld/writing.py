"""Writes an ELD output file and its name (App. A 4.8.2.1, 4.8.2.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from crossdock.comply.eld.checks import file_check, line_check
from crossdock.comply.eld.columns import FIRST_YEAR, Column
from crossdock.comply.eld.layout import END_TITLE, HEADER_LINES, HEADER_TITLE, SEGMENTS
from crossdock.comply.eld.records import EldFile, Header
from crossdock.model.errors import InvalidValueError

LINE_END = "\r\n"

_NAME_LENGTH = 5


def write_eld(file: EldFile) -> str:
    """The text of an output file, ASCII, every segment with its title.

    Line and file check values are made here; those of events are written as they are, since they
    go with their record (4.4.5(c)). Commas and line ends in a value become semicolons.
    """
    lines: list[str] = [HEADER_TITLE]
    checks: list[str] = []
    for columns in HEADER_LINES:
        lines.append(_row(columns, file.header, checks))
    for segment in SEGMENTS:
        lines.append(segment.title)
        for record in getattr(file, segment.attribute):
            lines.append(_row(segment.columns, record, checks))
    lines += [END_TITLE, file_check(checks), ""]
    return LINE_END.join(lines)


def eld_file_name(header: Header, serial: str = "000000000") -> str:
    """The name that the rule gives to the file: 25 characters, without an extension (4.8.2.2).

    Raises
    ------
    InvalidValueError
        The header tells no date, or the serial is not nine digits and capital letters.
    """
    if header.output_date is None:
        raise InvalidValueError(
            "the header does not say when the file was made", remedy="set its output_date"
        )
    if not re.fullmatch("[0-9A-Z]{9}", serial):
        raise InvalidValueError(
            f"serial {serial!r} is not nine digits and capital letters",
            remedy="use 000000000 or what tells your files apart",
        )
    letters = [
        letter for letter in header.driver_last_name if letter.isascii() and letter.isalpha()
    ]
    name = "".join(letters)[:_NAME_LENGTH].ljust(_NAME_LENGTH, "_")
    digits = re.findall("[0-9]", header.licence_number)
    last_two = "".join(digits)[-2:].rjust(2, "0")
    day = f"{header.output_date:%m%d}{header.output_date.year % 100:02d}"
    return f"{name}{last_two}{sum(map(int, digits)) % 100:02d}{day}-{serial}"


def _row(columns: Sequence[Column], record: Any, checks: list[str]) -> str:
    content = ",".join(_written(column, record) for column in columns)
    checks.append(line_check(content))
    return f"{content},{checks[-1]}"


def _written(column: Column, record: Any) -> str:
    value = getattr(record, column.attribute)
    year = getattr(value, "year", FIRST_YEAR)
    if not FIRST_YEAR <= year < FIRST_YEAR + 100:
        raise InvalidValueError(
            f"{column.name} {value} cannot be written: the form has two digits of a year",
            remedy=f"give a day of {FIRST_YEAR} to {FIRST_YEAR + 99}",
        )
    return column.write(value)
