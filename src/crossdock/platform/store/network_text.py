"""Network files as text: what can be read of a CSV or Parquet file, row by row."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import polars as pl

from crossdock.model.network import LONGEST_VALUE, RawTable, all_faults, one_fault

CSV_SUFFIXES = (".csv", ".csv.gz")
LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""Unpacked size up to which a file is read."""

LONGEST_CELL = 65_536
"""Characters; a longer cell is a broken quotation, not a value."""

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OTHER_SEPARATORS = (";", "\t", "|")
_UNDECODED = re.compile("[\udc80-\udcff]")


def read_csv_text(name: str, path: Path) -> RawTable:
    """Cells of a CSV file (UTF-8, commas, one header), with the rows that cannot be read.

    Never raises for what the file holds: a file that is unreadable as a whole has one fault of row
    0. Blank lines are no rows.
    """
    try:
        reader = csv.reader(io.StringIO(_decoded(path), newline=""))
        columns = _header(reader)
    except _UnreadableFileError as error:
        return error.as_table(name)
    return _rows(name, columns, reader)


def read_parquet_text(name: str, path: Path) -> RawTable:
    """Cells of a Parquet file as the texts that a CSV file would hold.

    Never raises for what the file holds: an unreadable file has one fault of row 0.
    """
    try:
        cells = _parquet_cells(path)
    except _UnreadableFileError as error:
        return error.as_table(name)
    too_long = pl.any_horizontal(pl.all().str.len_chars() > LONGEST_CELL).fill_null(value=False)
    with_nul = pl.any_horizontal(pl.all().str.contains("\0", literal=True)).fill_null(value=False)
    numbers = pl.Series(range(1, cells.height + 1), dtype=pl.Int64)
    bad = {
        problem: cells.select(where).to_series()
        for problem, where in ((_TOO_LONG, too_long), (_NUL, with_nul))
    }
    faults = [
        _row_fault(name, row, "", problem)
        for problem, where in bad.items()
        for row in numbers.filter(where)
    ]
    good = ~(bad[_TOO_LONG] | bad[_NUL])
    return RawTable(cells.filter(good), numbers.filter(good), all_faults(faults))


class _RowProblem(NamedTuple):
    reason: str
    remedy: str


_TOO_LONG = _RowProblem(
    f"a cell is longer than {LONGEST_CELL:,} characters", "shorten it; check its quotation marks"
)
_NUL = _RowProblem("the row holds a NUL character", "remove the binary content")
_NOT_UTF8 = _RowProblem("the row is not UTF-8", "save the file as CSV UTF-8")


class _UnreadableFileError(Exception):
    """The file as a whole cannot be used."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy

    def as_table(self, name: str) -> RawTable:
        """Table without cells, with the reason as its one fault."""
        fault = one_fault(name, "", reason=f"the file {self.reason}", remedy=self.remedy)
        return RawTable(pl.DataFrame(), faults=fault)


def _decoded(path: Path) -> str:
    """Text of the file; bytes that are no UTF-8 become lone surrogates, lost with their rows."""
    try:
        content = _unpacked(path)
    except (OSError, EOFError, zlib.error) as error:
        raise _UnreadableFileError(
            f"cannot be read: {error}", "check the file and its permissions"
        ) from error
    if len(content) > LARGEST_FILE_BYTES:
        raise _too_large()
    if content.startswith(_BYTE_ORDER_MARKS):
        raise _UnreadableFileError("is UTF-16, not UTF-8", "save it as CSV UTF-8")
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")


def _unpacked(path: Path) -> bytes:
    """Bytes of the file, unpacked; one more than allowed when it is too large."""
    if path.name.lower().endswith(".gz"):
        with gzip.open(path) as packed:
            return packed.read(LARGEST_FILE_BYTES + 1)
    with path.open("rb") as plain:
        return plain.read(LARGEST_FILE_BYTES + 1)


def _parquet_cells(path: Path) -> pl.DataFrame:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise _too_large()
        table = pl.read_parquet(path)
        texts = [_as_text(column) for column in table.get_columns()]
    # A damaged Parquet file can make its decoder panic, which is no PolarsError.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        said = str(error).partition("\n")[0]
        raise _UnreadableFileError(
            f"cannot be read as Parquet: {said}", "write the file again"
        ) from error
    names = _checked_names([column.name for column in texts])
    return pl.DataFrame([text.alias(name) for text, name in zip(texts, names, strict=True)])


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), None)
    except csv.Error as error:
        raise _UnreadableFileError(
            f"has no readable header: {error}", "check its quotation marks"
        ) from error
    if header is None:
        raise _UnreadableFileError("is empty", "write a header and at least one row")
    return _checked_names(header)


def _checked_names(header: Sequence[str]) -> list[str]:
    """Column names in lower case; a nameless column is called by its position."""
    columns = [
        name.strip().lower() or f"(column {position})"
        for position, name in enumerate(header, start=1)
    ]
    if len(columns) == 1:
        for separator in _OTHER_SEPARATORS:
            if separator in columns[0]:
                raise _UnreadableFileError(
                    f"is separated by {separator!r}", "save it with commas between the cells"
                )
    joined = ",".join(columns)
    if _UNDECODED.search(joined) or "\0" in joined:
        raise _UnreadableFileError("has a header that is not UTF-8 text", "save it as CSV UTF-8")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise _UnreadableFileError(
            f"has the column {twice[0][:LONGEST_VALUE]} twice", "remove or rename one of them"
        )
    return columns


def _rows(name: str, columns: Sequence[str], reader: Iterator[list[str]]) -> RawTable:
    """Rows under the header; those that are not as wide as it, or hold no text, are faults."""
    good: list[list[str]] = []
    numbers: list[int] = []
    faults: list[pl.DataFrame] = []
    for number, row in enumerate(_records(reader), start=1):
        problem = row if isinstance(row, _RowProblem) else _row_problem(row, len(columns))
        if problem is None:
            good.append(list(row))
            numbers.append(number)
        else:
            value = "" if isinstance(row, _RowProblem) else ",".join(row)
            faults.append(_row_fault(name, number, value, problem))
    by_column = zip(*good, strict=True) if good else repeat((), len(columns))
    cells = pl.DataFrame(
        {column: list(values) for column, values in zip(columns, by_column, strict=True)},
        schema=dict.fromkeys(columns, pl.String),
    )
    return RawTable(cells, pl.Series(numbers, dtype=pl.Int64), all_faults(faults))


def _records(reader: Iterator[list[str]]) -> Iterator[list[str] | _RowProblem]:
    """Every row that is not blank; one the reader cannot read is its problem."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader goes on with the next line
            yield _RowProblem(f"the row cannot be read: {error}", _TOO_LONG.remedy)
            continue
        if any(cell.strip() for cell in row):
            yield row


def _row_problem(row: Sequence[str], width: int) -> _RowProblem | None:
    if len(row) != width:
        return _RowProblem(
            f"the row has {len(row)} cells, the header {width}",
            "give each row as many cells as the header; quote cells that hold commas",
        )
    if any(len(cell) > LONGEST_CELL for cell in row):
        return _TOO_LONG
    joined = "".join(row)
    if "\0" in joined:
        return _NUL
    return _NOT_UTF8 if _UNDECODED.search(joined) else None


def _row_fault(name: str, row: int, value: str, problem: _RowProblem) -> pl.DataFrame:
    return one_fault(
        name,
        "",
        row=row,
        value=_UNDECODED.sub("\ufffd", value[:LONGEST_VALUE]).replace("\0", "\ufffd"),
        reason=problem.reason,
        remedy=problem.remedy,
    )


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


def _too_large() -> _UnreadableFileError:
    megabytes = LARGEST_FILE_BYTES // 1024**2
    return _UnreadableFileError(
        f"is larger than {megabytes} MB", "split it or remove what is unused"
    )
