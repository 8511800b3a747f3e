"""Cells: the text of one column, read as its type, with what is wrong where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model.errors import InvalidValueError
from crossdock.model.network.days import normalised_days
from crossdock.model.network.spec import Cell, Column

LIST_SEPARATOR = ";"

_TRUE = ("1", "true", "yes", "y", "t")
_FALSE = ("0", "false", "no", "n", "f")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_LETTERS = "mtwrfsu"
_EPOCH = pl.Series([dt.datetime(1970, 1, 1, tzinfo=dt.UTC)])


@dataclass(frozen=True)
class Problem:
    """What is wrong with the cells where ``cells`` is true, and what to write instead."""

    cells: pl.Series
    reason: str
    remedy: str


@dataclass(frozen=True)
class ColumnReading:
    """``values``: the typed column, null where empty or wrong."""

    values: pl.Series
    problems: tuple[Problem, ...]


def read_column(text: pl.Series, column: Column) -> ColumnReading:
    """Read ``text`` as ``column`` says: its type, then needed, choices and bounds.

    Parameters
    ----------
    text
        Strings; null and blank are empty cells.
    """
    trimmed = text.str.strip_chars()
    filled = text.set(trimmed.fill_null("") == "", None)
    source = filled if column.cell is Cell.DAYS else filled.str.strip_chars()
    values = _READERS[column.cell](source)
    problems = [
        Problem(
            source.is_not_null() & values.is_null(),
            *_EXPECTED[column.cell],
        )
    ]
    if column.needed:
        problems.append(
            Problem(source.is_null(), "the cell is empty", f"fill in {column.name} for this row")
        )
    values, further = _limited(values, column)
    problems.extend(further)
    return ColumnReading(
        values.alias(column.name), tuple(problem for problem in problems if problem.cells.any())
    )


def _limited(values: pl.Series, column: Column) -> tuple[pl.Series, list[Problem]]:
    """Apply choices and bounds: ``values`` with null where they are broken, and the problems."""
    if column.choices:
        values, outside = _chosen(values, column.choices)
        allowed = ", ".join(column.choices)
        return values, [Problem(outside, "unknown value", f"use one of: {allowed}")]
    problems: list[Problem] = []
    outside = pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    if column.low is not None:
        outside = outside | (values < column.low).fill_null(False)
    if column.high is not None:
        outside = outside | (values > column.high).fill_null(False)
    if outside.any():
        problems.append(Problem(outside, "out of bounds", f"use a number {_bounds(column)}"))
        values = values.set(outside, None)
    return values, problems


def _bounds(column: Column) -> str:
    bounds = (
        "" if column.low is None else f"from {column.low:,}",
        "" if column.high is None else f"up to {column.high:,}",
    )
    return " ".join(filter(None, bounds))


def _chosen(values: pl.Series, choices: Sequence[str]) -> tuple[pl.Series, pl.Series]:
    """``values`` in the spelling of ``choices``, and where a value is none of them."""
    spelling = {choice.lower(): choice for choice in choices}
    if values.dtype == pl.List(pl.String):
        lowered = values.list.eval(pl.element().str.to_lowercase())
        outside = lowered.list.eval(~pl.element().is_in(list(spelling))).list.any()
        spelled = lowered.list.eval(pl.element().replace(spelling))
    else:
        lowered = values.str.to_lowercase()
        outside = values.is_not_null() & ~lowered.is_in(list(spelling))
        spelled = lowered.replace(spelling)
    outside = outside.fill_null(False)
    empty_cell = pl.Series([None], dtype=values.dtype)
    return spelled.zip_with(~outside, pl.concat([empty_cell] * max(1, len(values)))), outside


def _text(source: pl.Series) -> pl.Series:
    return source


def _list(source: pl.Series) -> pl.Series:
    parts = source.str.split(LIST_SEPARATOR).list.eval(
        pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != "")
    )
    return parts.set(parts.list.len() == 0, None) if (parts.list.len() == 0).any() else parts


def _integer(source: pl.Series) -> pl.Series:
    whole = source.str.extract(r"^([+-]?[0-9]{1,18})(?:\.0*)?$")
    return whole.str.strip_prefix("+").cast(pl.Int64, strict=False)


def _number(source: pl.Series) -> pl.Series:
    numbers = source.cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite().fill_null(True), None)


def _local_time(source: pl.Series) -> pl.Series:
    clock = source.str.extract(r"^([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:\.0+)?$")
    with_seconds = clock.set(clock.str.count_matches(":") == 1, None).fill_null(clock + ":00")
    return with_seconds.str.to_time("%H:%M:%S", strict=False)


def _date(source: pl.Series) -> pl.Series:
    days = source.str.extract(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})$").str.to_date(
        "%Y-%m-%d", strict=False
    )
    return days.set(days.dt.year() < dt.MINYEAR, None)


def _boolean(source: pl.Series) -> pl.Series:
    meaning = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    return source.str.to_lowercase().replace_strict(meaning, default=None, return_dtype=pl.Boolean)


def _zip(source: pl.Series) -> pl.Series:
    return source.str.extract(r"^([0-9]{3}|[0-9]{5})$")


def _each_distinct(
    read: Callable[[str], object], dtype: pl.DataType | type[pl.DataType]
) -> Callable[[pl.Series], pl.Series]:
    """Reader that calls ``read`` once for each distinct text; its InvalidValueError is a null."""

    def reader(source: pl.Series) -> pl.Series:
        meaning: dict[str, object] = {}
        for text in source.drop_nulls().unique(maintain_order=True):
            try:
                meaning[text] = read(text)
            except InvalidValueError:
                meaning[text] = None
        return pl.Series([None if text is None else meaning[text] for text in source], dtype=dtype)

    return reader


def _instant(text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidValueError(f"{text!r} is no ISO 8601 instant") from error
    if instant.tzinfo is None:
        raise InvalidValueError(f"{text!r} has no offset")
    try:
        return instant.astimezone(dt.UTC)
    except OverflowError as error:
        raise InvalidValueError(f"{text!r} is before year 1 or after year 9999") from error


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
        # Polars has its own list, without the files that a system keeps beside the IANA names.
        _EPOCH.dt.convert_time_zone(text)
    # ZoneInfo looks a name up as a file: odd names raise whatever the file system raises.
    except (KeyError, ValueError, OSError, pl.exceptions.PolarsError) as error:
        raise InvalidValueError(f"{text!r} is no time zone") from error
    return text


def _weekday(text: str) -> int:
    word = text.lower()
    if word in ("1", "2", "3", "4", "5", "6", "7"):
        return int(word)
    if len(word) == 1 and word in _WEEKDAY_LETTERS:
        return _WEEKDAY_LETTERS.index(word) + 1
    for number, name in enumerate(_WEEKDAYS, start=1):
        if len(word) >= 3 and name.startswith(word):
            return number
    raise InvalidValueError(f"{text!r} is no weekday")


_READERS: Mapping[Cell, Callable[[pl.Series], pl.Series]] = MappingProxyType(
    {
        Cell.TEXT: _text,
        Cell.LIST: _list,
        Cell.INTEGER: _integer,
        Cell.NUMBER: _number,
        Cell.LOCAL_TIME: _local_time,
        Cell.DATE: _date,
        Cell.DAYS: _each_distinct(normalised_days, pl.String),
        Cell.BOOLEAN: _boolean,
        Cell.INSTANT: _each_distinct(_instant, pl.Datetime("us", "UTC")),
        Cell.TIMEZONE: _each_distinct(_timezone, pl.String),
        Cell.WEEKDAY: _each_distinct(_weekday, pl.Int64),
        Cell.ZIP: _zip,
    }
)

_EXPECTED: Mapping[Cell, tuple[str, str]] = MappingProxyType(
    {
        Cell.TEXT: ("not a text", "write a text"),
        Cell.LIST: ("an empty list", "separate the entries by ;"),
        Cell.INTEGER: ("not a whole number", "write digits only, for example 12"),
        Cell.NUMBER: ("not a finite number", "write a plain number such as 12.5, without units"),
        Cell.LOCAL_TIME: ("not a local time", "write HH:MM from 00:00 to 23:59"),
        Cell.DATE: ("not a date", "write YYYY-MM-DD"),
        Cell.DAYS: (
            "not a day mask",
            "write MTWTFSU with - for days off, for example MTWTF--, or the letters alone",
        ),
        Cell.BOOLEAN: ("neither yes nor no", "write 1 or 0"),
        Cell.INSTANT: (
            "not an instant with its offset",
            "write ISO 8601, for example 2026-11-30T06:00:00-05:00",
        ),
        Cell.TIMEZONE: ("unknown time zone", "write an IANA name, for example America/Chicago"),
        Cell.WEEKDAY: ("not a weekday", "write Mon to Sun, M T W R F S U, or 1 to 7"),
        Cell.ZIP: (
            "not a ZIP",
            "write 5 digits, or 3 for an area; keep leading zeros (format the column as text)",
        ),
    }
)
