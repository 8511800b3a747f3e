"""Reads an ELD output file: what is right goes through, what is wrong is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.comply.eld.checks import file_check, line_check
from crossdock.comply.eld.columns import Column, UnreadableError
from crossdock.comply.eld.event_checks import SeenEvent, judge_events
from crossdock.comply.eld.layout import (
    END_TITLE,
    HEADER_LINES,
    HEADER_TITLE,
    SEGMENT_OF_TITLE,
    SEGMENTS,
    Segment,
    title_key,
)
from crossdock.comply.eld.records import EldFile, Event, Header, UnidentifiedEvent
from crossdock.comply.eld.wrong import BadRow, WrongCheck
from crossdock.model.errors import InputUnusableError

MOST_BYTES, MOST_LINES = 8_000_000, 100_000
"""A file that is larger is not read. Six months of one driver are about a tenth of it."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_HEX_BYTE, _HEX_WORD = re.compile(r"[0-9A-F]{2}"), re.compile(r"[0-9A-F]{4}")
_END_KEYS = (title_key(END_TITLE), title_key("File Data Check Value"))
_HEADER_KEY = title_key(HEADER_TITLE)


@dataclass(frozen=True)
class EldRead:
    """A file as it was read.

    Attributes
    ----------
    rows
        Title of each segment that the file has, and how many rows went through.
    missing
        Titles of segments that it does not have.
    wrong_checks
        Check values that are not those of their lines. Such a file is read all the same.
    bad_rows
        Rows, or values of rows, that did not go through.
    unverified_events
        Events whose check value nobody can recompute from the file: it covers the user name of
        whoever made the record, and the file gives no user name of other users.
    """

    file: EldFile
    rows: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]
    wrong_checks: tuple[WrongCheck, ...]
    bad_rows: tuple[BadRow, ...]
    unverified_events: int


def read_eld(data: bytes | str) -> EldRead:
    """Read an output file.

    Lines may end in CR, LF or both; titles match in any case; segments may be missing.

    Raises
    ------
    InputUnusableError
        The file is larger than `MOST_BYTES` or `MOST_LINES`, or has none of the segments that
        make it an output file.
    """
    reader = _Reader()
    for number, line in enumerate(_lines(data), start=1):
        if line.strip():
            reader.take(number, line)
    return reader.done()


def _lines(data: bytes | str) -> list[str]:
    if len(data) > MOST_BYTES:
        raise InputUnusableError(
            f"the file has {len(data):,} bytes, more than the {MOST_BYTES:,} that are read",
            remedy="export fewer days at once",
        )
    text = data if isinstance(data, str) else _decoded(data)
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    if len(lines) > MOST_LINES:
        raise InputUnusableError(
            f"the file has {len(lines):,} lines, more than the {MOST_LINES:,} that are read",
            remedy="export fewer days at once",
        )
    return lines


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")  # the rule wants ASCII; names in the wild have accents


@dataclass
class _Reader:
    """What was read so far, and in which segment we are."""

    segment: Segment | str = ""
    header_lines: int = 0
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    records: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    events: list[SeenEvent] = field(default_factory=list[SeenEvent])
    line_checks: list[str] = field(default_factory=list[str])
    file_line: tuple[int, str] | None = None
    wrong: list[WrongCheck] = field(default_factory=list[WrongCheck])
    bad: list[BadRow] = field(default_factory=list[BadRow])

    def take(self, number: int, line: str) -> None:
        key = title_key(line)
        if key == _HEADER_KEY:
            self.segment = HEADER_TITLE
        elif key in _END_KEYS:
            self.segment = END_TITLE
        elif key in SEGMENT_OF_TITLE:
            self.segment = SEGMENT_OF_TITLE[key]
            self.records.setdefault(self.segment.attribute, [])
        elif line.rstrip().endswith(":") and "," not in line:
            self._unknown_segment(number, line)
        elif self.segment == HEADER_TITLE:
            self._header_line(number, line)
        elif self.segment == END_TITLE:
            self._end_line(number, line)
        elif isinstance(self.segment, Segment):
            self._row(number, line, self.segment)
        elif self.segment == "":
            self._unknown_segment(number, line)
        else:
            self._checked(number, line)

    def done(self) -> EldRead:
        if not self.header_lines and "events" not in self.records:
            raise InputUnusableError(
                "the file has neither the header nor the event list of an ELD output file",
                remedy=f"its first line must be {HEADER_TITLE!r} (49 CFR 395 subpart B, "
                "App. A 4.8.2.1)",
            )
        self._judge_file()
        lists = {name: tuple(rows) for name, rows in self.records.items()}
        file = EldFile(Header(**self.header), **lists)
        wrong_events, unverified = judge_events(file, self.events)
        found = [(each.title, len(lists[each.attribute])) for each in _found(self.records)]
        if self.header_lines:
            found.insert(0, (HEADER_TITLE, self.header_lines))
        return EldRead(
            file,
            tuple(found),
            tuple(self._missing()),
            tuple(sorted([*self.wrong, *wrong_events], key=lambda check: check.line)),
            tuple(self.bad),
            unverified,
        )

    def _missing(self) -> Iterator[str]:
        if not self.header_lines:
            yield HEADER_TITLE
        yield from (each.title for each in SEGMENTS if each.attribute not in self.records)
        if self.file_line is None:
            yield END_TITLE

    def _unknown_segment(self, number: int, line: str) -> None:
        self.segment = line.strip() or "?"
        self._report(
            number,
            "title",
            "no segment has this title",
            "its rows are left out (App. A 4.8.2.1)",
        )

    def _header_line(self, number: int, line: str) -> None:
        if self.header_lines == len(HEADER_LINES):
            self._report(number, "line", "the header has seven lines", "leave further ones out")
            self._checked(number, line)
            return
        columns = HEADER_LINES[self.header_lines]
        self.header_lines += 1
        texts = self._texts(number, line, columns)
        if texts is not None:
            self.header |= self._values(number, columns, texts) or {}

    def _end_line(self, number: int, line: str) -> None:
        if self.file_line is None:
            self.file_line = (number, line.strip(" \t,").upper())
        else:
            self._report(number, "line", "the file goes on after its end", "leave it out")

    def _row(self, number: int, line: str, segment: Segment) -> None:
        texts = self._texts(number, line, segment.columns)
        values = None if texts is None else self._values(number, segment.columns, texts)
        if texts is None or values is None:
            return
        record = segment.record(**values)
        if segment.check is not None:
            try:
                segment.check(record)
            except UnreadableError as error:
                self._report(number, "Event Type", error.reason, error.remedy)
                return
        self.records[segment.attribute].append(record)
        if isinstance(record, Event | UnidentifiedEvent):
            self.events.append(SeenEvent(number, record, tuple(texts[3:11])))

    def _texts(self, number: int, line: str, columns: Sequence[Column]) -> list[str] | None:
        """The values of a line; None if there are too many or too few."""
        values, said, computed = _split(line)
        if len(values) == len(columns) - 1 and said.upper() != computed:
            values, said, computed = [*values, said], "", line_check(line)
        self._compare(number, said, computed)
        if len(values) == len(columns):
            return values
        self._report(
            number,
            "line",
            f"it has {len(values)} values and a check value, {len(columns)} belong here",
            "write a comma inside of a value as a semicolon",
        )
        return None

    def _checked(self, number: int, line: str) -> None:
        """Count a line whose values are not used: it is in the check value of the file."""
        _, said, computed = _split(line)
        self._compare(number, said, computed)

    def _compare(self, number: int, said: str, computed: str) -> None:
        said = said.strip().upper()
        self.line_checks.append(said if _HEX_BYTE.fullmatch(said) else computed)
        if said != computed:
            self.wrong.append(WrongCheck("line", number, said, computed))

    def _judge_file(self) -> None:
        if self.file_line is None:
            return
        number, said = self.file_line
        computed = file_check(self.line_checks)
        if said != computed or not _HEX_WORD.fullmatch(said):
            self.wrong.append(WrongCheck("file", number, said, computed))

    def _values(
        self, number: int, columns: Sequence[Column], texts: Sequence[str]
    ) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for column, text in zip(columns, texts, strict=True):
            try:
                values[column.attribute] = column.read(text)
            except UnreadableError as error:
                kept = not column.needed
                self._report(number, column.name, error.reason, error.remedy, kept=kept)
                if not kept:
                    return None
                values[column.attribute] = column.fallback
        return values

    def _report(
        self, number: int, name: str, reason: str, remedy: str, *, kept: bool = False
    ) -> None:
        title = self.segment.title if isinstance(self.segment, Segment) else self.segment
        self.bad.append(BadRow(number, title.rstrip(":"), name, reason, remedy, kept))


def _split(line: str) -> tuple[list[str], str, str]:
    """The values of a line, its check value, and the one that it should have."""
    content, comma, said = line.rpartition(",")
    if not comma:
        return [], line, line_check("")
    return content.split(","), said.strip(), line_check(content)


def _found(records: Iterable[str]) -> Iterator[Segment]:
    return (segment for segment in SEGMENTS if segment.attribute in records)
