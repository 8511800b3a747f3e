"""What is wrong with a document: every fault with its row, its field and what to do."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from crossdock.model import InputUnusableError

MOST_FAULTS = 50
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowFault:
    """One value that cannot be meant so.

    Attributes
    ----------
    table, row
        Which row of which list; None where it is of the document itself.
    who
        The row for people: ``jobs[17] "A-103"``.
    field
        As ``windows[0].closes_at``.
    """

    table: str | None
    row: int | None
    who: str
    field: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.who}: " if self.who else ""
        return f"{place}{self.field} {self.reason}; {self.remedy}"

    def record(self) -> dict[str, str]:
        """As documents list it."""
        return {
            "row": self.who,
            "field": self.field,
            "reason": self.reason,
            "remedy": self.remedy,
        }


class FaultyDocumentError(InputUnusableError):
    """A document cannot be meant so.

    Attributes
    ----------
    what
        The document.
    faults
        What is wrong with it, up to a bound.
    more
        Whether there is more.
    """

    def __init__(self, what: str, faults: Sequence[RowFault], remedy: str, *, more: bool) -> None:
        self.what, self.faults, self.more = what, tuple(faults), more
        super().__init__(f"{what} has {self.count}; {faults[0]}", remedy=remedy)

    @property
    def count(self) -> str:
        """How many faults there are, for people."""
        count = f"{len(self.faults):,}"
        noun = "fault" if count == "1" and not self.more else "faults"
        return f"more than {count} {noun}" if self.more else f"{count} {noun}"


class Faults:
    """Collects faults up to a bound.

    Parameters
    ----------
    may_go
        Lists whose rows may be left out.

    Attributes
    ----------
    rows
        Every row with a fault, those beyond the bound too.
    more
        Whether there are more than are kept.
    fatal
        Whether one is of something that may not be left out.
    """

    def __init__(self, most: int = MOST_FAULTS, may_go: Collection[str] = ()) -> None:
        self._most, self._may_go = most, may_go
        self.found: list[RowFault] = []
        self.rows: set[tuple[str, int]] = set()
        self.more = self.fatal = False

    @property
    def full(self) -> bool:
        """Whether no more are kept."""
        return len(self.found) >= self._most

    def add(
        self, table: str | None, row: int | None, who: str, field: str, reason: str, remedy: str
    ) -> None:
        """A fault of a row."""
        self.fatal = self.fatal or table not in self._may_go
        if table is not None and row is not None:
            self.rows.add((table, row))
        if self.full:
            self.more = True
            return
        self.found.append(RowFault(table, row, who, field, reason, remedy))

    def of_shape(
        self, error: ValidationError, model: type[BaseModel], table: str | None, row: int | None,
        who: str,
    ) -> None:  # fmt: skip
        """What pydantic found."""
        for each in error.errors(include_url=False, include_context=True):
            location = each["loc"]
            reason, remedy = _said(each["type"], each["input"], each.get("ctx") or {})
            if each["type"] == "extra_forbidden":
                remedy = nearest(str(location[-1]), _fields_at(model, location[:-1]))
            self.add(table, row, who, _path(location), reason, remedy)


def who_is(table: str, row: int, value: object) -> str:
    """A row for people, by its number and, where it has one, its id."""
    told: object = None
    if isinstance(value, Mapping):
        told = cast("Mapping[str, object]", value).get("id")
    named = f" {json.dumps(told[:_LONGEST_SHOWN], ensure_ascii=False)}" if isinstance(
        told, str
    ) else ""  # fmt: skip
    return f"{table}[{row}]{named}"


def nearest(name: str, known: Collection[str]) -> str:
    """What to do about a name that is not known."""
    found = difflib.get_close_matches(name[:_LONGEST_SHOWN], known, n=1, cutoff=0.6)
    if found:
        return f"did you mean {found[0]!r}?"
    listed = sorted(known)[:20]
    return f"known: {', '.join(listed)}" if listed else "leave it out"


def shown(value: object) -> str:
    """A value of a document, short."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "instant": "an instant with its zone, as 2026-03-02T08:00:00-06:00",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "{:g} or more"),
    "greater_than": ("gt", "more than {:g}"),
    "less_than_equal": ("le", "at most {:g}"),
    "less_than": ("lt", "less than {:g}"),
}


def _said(kind: str, value: object, told: Mapping[str, Any]) -> tuple[str, str]:
    """Reason and remedy of an error of pydantic."""
    if kind in _WITHOUT_VALUE:
        reason, remedy = _WITHOUT_VALUE[kind]
        return reason, remedy.format(**{name: f"{told[name]:,}" for name in told if "len" in name})
    remedy = str(told.get("error") or "see the schema")
    if kind in _KINDS:
        remedy = f"give {_KINDS[kind]}"
    elif kind in _BOUNDS:
        name, text = _BOUNDS[kind]
        remedy = f"give {text.format(float(told[name]))}"
    elif expected := told.get("expected") or told.get("expected_tags"):
        remedy = f"give {expected}"
    return f"is {shown(value)}", remedy


_WITHOUT_VALUE = {
    "missing": ("is missing", "give it"),
    "extra_forbidden": ("is not known", ""),
    "too_long": ("is too long", "give at most {max_length}"),
    "string_too_long": ("is too long", "give at most {max_length} characters"),
    "too_short": ("has too few entries", "give at least {min_length}"),
    "string_too_short": ("is too short", "give at least {min_length} character"),
    "string_pattern_mismatch": ("has control characters", "leave out line breaks and such"),
}


def _path(location: Sequence[int | str]) -> str:
    """A location as ``windows[0].closes_at``, without the tags of unions."""
    text = ""
    for at, part in enumerate(location):
        if isinstance(part, int):
            text += f"[{part}]"
        elif not (at and part in _TAGS and _is_tag(location, at)):
            text += f".{part[:_LONGEST_SHOWN]}" if text else part[:_LONGEST_SHOWN]
    return text or "the document"


_TAGS = {
    "streets", "matrix", "roads", "order_added", "order_cancelled", "order_moved", "vehicle_broken",
    "driver_out", "traffic",
}  # fmt: skip
"""Of unions, which pydantic puts into the locations of errors."""


def _is_tag(location: Sequence[int | str], at: int) -> bool:
    return location[at - 1] == "distances" or isinstance(location[at - 1], int)


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The fields of the object at a location."""
    found: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        below = [
            inner
            for each in found
            if part in each.model_fields
            for inner in _models_in(each.model_fields[part].annotation)
        ]
        tagged = [each for each in found if part in _tags_of(each)]
        found = below or tagged or found
    return sorted({name for each in found for name in each.model_fields})


def _tags_of(model: type[BaseModel]) -> tuple[object, ...]:
    kind = model.model_fields.get("kind")
    return () if kind is None else get_args(kind.annotation)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in {list, Union, UnionType} or get_args(annotation):
        return [inner for each in get_args(annotation) for inner in _models_in(each)]
    return []
