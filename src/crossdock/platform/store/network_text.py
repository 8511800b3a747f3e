"""Network files as text: what can be read of a CSV or Parquet file, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import polars as pl

from crossdock.model import InputUnusableError
from crossdock.model.network import LONGEST_VALUE, Fault, RawTable, fault_table, one_fault
from crossdock.platform.store.csv_records import BadRecord, CsvRecords, open_records

CSV_SUFFIXES = (".csv", ".csv.gz")
LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""Unpacked size up to which a file is read."""

LONGEST_CELL = 65_536
"""Characters; a longer cell is a broken quotation, not a value."""

_OTHER_SEPARATORS = (";", "\t", "|")
_UNDECODED = "\ufffd"
"""What `open_records` puts for bytes that are no UTF-8."""


def read_csv_text(name: str, path: Path) -> RawTable:
    """Cells of a CSV file (UTF-8, commas, one header), with the rows that cannot be read.

    Never raises for what the file holds: a file that is unreadable as a whole has one fault of row
    0. Blank lines are no rows; an open quotation spoils its own line only.
    """
    try:
        with open_records(path, LARGEST_FILE_BYTES) as records:
            return _rows(name, _checked_names(records.header), records)
    except InputUnusableError as error:
        return _unreadable(name, path, error)


def read_parquet_text(name: str, path: Path) -> RawTable:
    """Cells of a Parquet file as the texts that a CSV file would hold.

    Never raises for what the file holds: an unreadable file has one fault of row 0.
    """
    try:
        cells = _parquet_cells(path)
    except InputUnusableError as error:
        return _unreadable(name, path, error)
    numbers = pl.Series(range(1, cells.height + 1), dtype=pl.Int64)
    problems = {
        _TOO_LONG: pl.any_horizontal(pl.all().str.len_chars() > LONGEST_CELL),
        _NUL: pl.any_horizontal(pl.all().str.contains("\0", literal=True)),
    }
    bad = {
        problem: cells.select(where.fill_null(value=False)).to_series()
        for problem, where in problems.items()
    }
    faults = [
        Fault(name, row, "", "", *problem)
        for problem, where in bad.items()
        for row in numbers.filter(where)
    ]
    good = ~(bad[_TOO_LONG] | bad[_NUL])
    return RawTable(cells.filter(good), numbers.filter(good), fault_table(faults))


class _RowProblem(NamedTuple):
    reason: str
    remedy: str


_TOO_LONG = _RowProblem(
    f"a cell is longer than {LONGEST_CELL:,} characters", "shorten it; check its quotation marks"
)
_NUL = _RowProblem("the row holds a NUL character", "remove the binary content")
_NOT_UTF8 = _RowProblem("the row is not UTF-8", "save the file as CSV UTF-8")


def _unreadable(name: str, path: Path, error: InputUnusableError) -> RawTable:
    """Table without cells, with the error as its one fault."""
    reason = error.message.replace(str(path), "the file", 1)
    return RawTable(pl.DataFrame(), faults=one_fault(name, "", reason=reason, remedy=error.remedy))


def _parquet_cells(path: Path) -> pl.DataFrame:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            megabytes = LARGEST_FILE_BYTES // 1024**2
            raise InputUnusableError(
                f"the file is larger than {megabytes} MB", remedy="remove what is unused"
            )
        texts = [_as_text(column) for column in pl.read_parquet(path).get_columns()]
    # A damaged Parquet file can make its decoder panic, which is no PolarsError.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        said = str(error).partition("\n")[0]
        raise InputUnusableError(
            f"the file cannot be read as Parquet: {said}", remedy="write the file again"
        ) from error
    names = _checked_names([column.name for column in texts])
    return pl.DataFrame([text.alias(name) for text, name in zip(texts, names, strict=True)])


def _checked_names(header: Sequence[str]) -> list[str]:
    """Column names in lower case; a nameless column is called by its position."""
    columns = [
        name.strip().lower() or f"(column {position})"
        for position, name in enumerate(header, start=1)
    ]
    if not columns:
        raise InputUnusableError(
            "the file has no columns", remedy="write a header and at least one row"
        )
    separator = next((mark for mark in _OTHER_SEPARATORS if mark in columns[0]), None)
    if len(columns) == 1 and separator:
        raise InputUnusableError(
            f"the file is separated by {separator!r}",
            remedy="save it with commas between the cells",
        )
    if any(_UNDECODED in column or "\0" in column for column in columns):
        raise InputUnusableError(
            "the file has a header that is not UTF-8 text", remedy="save it as CSV UTF-8"
        )
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice:
        raise InputUnusableError(
            f"the file has the column {twice[:LONGEST_VALUE]} twice",
            remedy="remove or rename one of them",
        )
    return columns


def _rows(name: str, columns: Sequence[str], records: CsvRecords) -> RawTable:
    """Rows under the header; those that are not as wide as it, or hold no text, are faults."""
    good: list[list[str]] = []
    numbers: list[int] = []
    faults: list[Fault] = []
    for number, record in enumerate(filter(_says_something, records), start=1):
        if isinstance(record, BadRecord):
            faults.append(_row_fault(name, number, record.text, (record.reason, record.remedy)))
        elif problem := _row_problem(record):
            faults.append(_row_fault(name, number, ",".join(record), problem))
        else:
            good.append(record)
            numbers.append(number)
    by_column = zip(*good, strict=True) if good else repeat((), len(columns))
    cells = pl.DataFrame(
        {column: list(values) for column, values in zip(columns, by_column, strict=True)},
        schema=dict.fromkeys(columns, pl.String),
    )
    return RawTable(cells, pl.Series(numbers, dtype=pl.Int64), fault_table(faults))


def _says_something(record: Sequence[str] | BadRecord) -> bool:
    """False for the rows of commas that a spreadsheet leaves below a table."""
    cells = record.cells if isinstance(record, BadRecord) else record
    return any(cell.strip() for cell in cells)


def _row_problem(row: Sequence[str]) -> _RowProblem | None:
    if any(len(cell) > LONGEST_CELL for cell in row):
        return _TOO_LONG
    joined = "".join(row)
    if "\0" in joined:
        return _NUL
    return _NOT_UTF8 if _UNDECODED in joined else None


def _row_fault(name: str, row: int, value: str, problem: tuple[str, str]) -> Fault:
    return Fault(name, row, "", value.replace("\0", _UNDECODED), *problem)


def _as_text(column: pl.Series) -> pl.Series:
    """A typed Parquet column as a CSV file would hold it."""
    dtype = column.dtype
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join(";")
    if dtype == pl.Boolean:
        return column.cast(pl.Int8).cast(pl.String)
    if dtype == pl.Time:
        return column.dt.to_string("%H:%M:%S")
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            utc = column.dt.convert_time_zone("UTC")
            return utc.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        if (column.dt.time().drop_nulls() == pl.Series([0]).cast(pl.Time)).all():
            return column.dt.to_string("%Y-%m-%d")
    return column.cast(pl.String)
