"""VRPLIB text as fields and sections, each with the lines that it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from crossdock.platform.routing.instance import number_at, refuse, whole_at

_FIELD = re.compile(r"^\s*([A-Z][A-Z0-9_]*)\s*:\s*(.*?)\s*$")
_SECTION = re.compile(r"^\s*([A-Z][A-Z0-9_]*)_SECTION\s*:?\s*$")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a section."""

    line: int
    words: list[str]


@dataclass
class VrplibText:
    """What a file says.

    Attributes
    ----------
    fields
        Value and line by name.
    sections
        Rows by name, without ``_SECTION``.
    lines
        Line of each section's head.
    """

    path: Path
    fields: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    sections: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    lines: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def parse(cls, path: Path, text: str) -> VrplibText:
        """Fields and sections of ``text``; nothing after ``EOF`` counts."""
        told = cls(path)
        rows: list[Row] | None = None
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split()
            if not words:
                continue
            if words[0] == "EOF":
                break
            if found := _SECTION.match(line):
                rows = told.sections.setdefault(found[1], [])
                told.lines[found[1]] = number
            elif found := _FIELD.match(line):
                told.fields[found[1]] = (found[2], number)
                rows = None
            elif rows is not None:
                rows.append(Row(number, words))
            else:
                remedy = "give `NAME : value` or a section"
                refuse(path, number, f"{line.strip()[:40]!r} belongs to no section", remedy)
        return told

    def text(self, name: str, default: str = "") -> str:
        """A field as it stands."""
        return self.fields.get(name, (default, 0))[0]

    def number(self, name: str) -> float | None:
        """A field as a number; None if it is not there."""
        if name not in self.fields:
            return None
        value, line = self.fields[name]
        return number_at(self.path, line, value)

    def whole(self, name: str) -> int | None:
        """A field as a whole number; None if it is not there."""
        if name not in self.fields:
            return None
        value, line = self.fields[name]
        return whole_at(self.path, line, value)

    def by_id(self, name: str, least: int, most: int) -> dict[int, Row] | None:
        """Rows of a section by the id they begin with, which is from ``least`` to ``most``."""
        if name not in self.sections:
            return None
        found: dict[int, Row] = {}
        for row in self.sections[name]:
            number = whole_at(self.path, row.line, row.words[0])
            if not least <= number <= most:
                remedy = f"give an id from {least} to {most}"
                refuse(self.path, row.line, f"{name}_SECTION has the id {number}", remedy)
            if number in found:
                remedy = "give each id once"
                refuse(self.path, row.line, f"{name}_SECTION has {number} twice", remedy)
            found[number] = row
        return found

    def columns(self, name: str, count: int, width: int | None = None) -> list[list[float]] | None:
        """Numbers of ids 1 to ``count``; None if there is no such section.

        Parameters
        ----------
        width
            Numbers a row; None for any, of which the first row tells.
        """
        rows = self.by_id(name, 1, count)
        if rows is None:
            return None
        if len(rows) < count:
            missing = next(number for number in range(1, count + 1) if number not in rows)
            remedy = f"give a row for each of 1 to {count}"
            refuse(self.path, self.lines[name], f"{name}_SECTION lacks {missing}", remedy)
        wanted = width or len(rows[1].words) - 1
        found: list[list[float]] = []
        for number in range(1, count + 1):
            row = rows[number]
            if len(row.words) != wanted + 1:
                message = f"{name}_SECTION has {len(row.words) - 1} values for {number}"
                refuse(self.path, row.line, message, f"give {wanted}")
            found.append([number_at(self.path, row.line, word) for word in row.words[1:]])
        return found

    def lists(self, name: str, count: int) -> dict[int, tuple[int, ...]] | None:
        """Whole numbers by id, any number of them a row; None if there is no such section."""
        rows = self.by_id(name, 1, count)
        if rows is None:
            return None
        return {
            number: tuple(whole_at(self.path, row.line, word) for word in row.words[1:])
            for number, row in rows.items()
        }
