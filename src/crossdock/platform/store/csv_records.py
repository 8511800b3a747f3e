"""CSV records read one by one, so that a broken line spoils itself and nothing after it."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from crossdock.model import InputUnusableError

MAX_LINE_CHARACTERS = 8_000_000
"""Longest line that is read in one piece, and how far the end of a quoted cell is looked for."""

_SHOWN = 200
_UTF8_REMEDY = "save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8)"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_PROBE_BYTES = 4_096


class BadRecord(NamedTuple):
    """A line that is not a record of the table: its start, its cells as far as known, and why."""

    text: str
    cells: list[str]
    reason: str
    remedy: str


class CsvRecords:
    """Records below the header of an open CSV text: lists of cells, or what is wrong.

    A quoted cell may hold line breaks. Where a quote is never closed, or what it would close
    over does not fit the header, only the line that opened it is bad, and reading goes on with the
    line after it. Blank lines are skipped.
    """

    def __init__(self, text: IO[str], *, max_characters: int) -> None:
        self._lines = _Lines(text, max_characters)
        first = next(self._lines, "")
        while first and not first.strip():
            first = next(self._lines, "")
        self.header = _cells(first) or [first.strip()]

    def __iter__(self) -> Iterator[list[str] | BadRecord]:
        """Records in the order of the file."""
        width = len(self.header)
        for line in self._lines:
            text = line.rstrip("\r\n")
            if '"' not in text:
                if text.strip():
                    cells = text.split(",")
                    yield cells if len(cells) == width else _ragged(text, cells, width)
            else:
                yield self._quoted(line, width)

    def _quoted(self, line: str, width: int) -> list[str] | BadRecord:
        text = line.rstrip("\r\n")
        cells = _cells(line)
        if cells is not None:
            return cells if len(cells) == width else _ragged(text, cells, width)
        if text.count('"') % 2 == 0:
            return BadRecord(
                text[:_SHOWN],
                text.split(","),
                "a quote stands inside a quoted cell",
                "double the quotes inside a cell",
            )
        more = self._lines.until_odd_quotes()
        cells = _cells("".join((line, *more))) if more else None
        if cells is not None and len(cells) == width:
            return cells
        self._lines.put_back(more)
        return BadRecord(
            text[:_SHOWN],
            text.split(","),
            "a quote is opened and not closed",
            "close the quote or double it",
        )


@contextmanager
def open_records(path: Path, max_bytes: int) -> Generator[CsvRecords]:
    """Open a CSV file, plain or ``.gz``, for reading record by record.

    Bytes that are not UTF-8 become U+FFFD, so that the rows that hold them can be rejected.

    Raises
    ------
    InputUnusableError
        The file is no UTF-8 text, cannot be unpacked, or unpacks to more than ``max_bytes``.
    """
    packed = path.suffix.lower() == ".gz"
    previous_limit = csv.field_size_limit(MAX_LINE_CHARACTERS)
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as source:
            binary = cast("io.BufferedReader", source)  # GzipFile peeks and reads like one
            _check_text(path, binary.peek(_PROBE_BYTES)[:_PROBE_BYTES])
            with io.TextIOWrapper(
                binary, encoding="utf-8-sig", errors="replace", newline=""
            ) as text:
                yield CsvRecords(text, max_characters=max_bytes)
    except (OSError, EOFError, zlib.error) as error:
        raise InputUnusableError(
            f"{path} cannot be read: {error}",
            remedy="pack the file again" if packed else "check that the file can be opened",
        ) from error
    finally:
        csv.field_size_limit(previous_limit)


def _check_text(path: Path, start: bytes) -> None:
    if not start.strip():
        raise InputUnusableError(
            f"{path} is empty", remedy="give a file with a header and data rows"
        )
    header = start.split(b"\n", 1)[0]
    if start.startswith(_BYTE_ORDER_MARKS) or b"\x00" in header:
        raise InputUnusableError(f"{path} is not UTF-8 text", remedy=_UTF8_REMEDY)


def _cells(text: str) -> list[str] | None:
    """Cells of one record; None where its quoting is broken."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        record = next(reader, None)
        extra = next(reader, None)
    except csv.Error:
        return None
    return record if extra is None else None


def _ragged(text: str, cells: list[str], width: int) -> BadRecord:
    return BadRecord(
        text[:_SHOWN],
        cells,
        f"the line has {len(cells)} cells, the header {width}",
        "quote cells that hold commas, and fill in missing ones",
    )


class _Lines:
    """Lines of a text, of which some can be put back."""

    def __init__(self, text: IO[str], max_characters: int) -> None:
        self._text = text
        self._left = max_characters
        self._ahead: deque[str] = deque()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._ahead:
            return self._ahead.popleft()
        line = self._text.readline(MAX_LINE_CHARACTERS)
        if not line:
            raise StopIteration
        self._left -= len(line)
        if self._left < 0:
            raise InputUnusableError(
                "the rows unpack to more than the size bound",
                remedy="split the file or raise the bound",
            )
        return line

    def put_back(self, lines: list[str]) -> None:
        self._ahead.extendleft(reversed(lines))

    def until_odd_quotes(self) -> list[str]:
        """Lines up to the one that closes an open quote; none if it comes too late or never."""
        taken: list[str] = []
        characters = 0
        for line in self:
            taken.append(line)
            characters += len(line)
            if line.count('"') % 2:
                return taken
            if characters > MAX_LINE_CHARACTERS:
                break
        self.put_back(taken)
        return []
