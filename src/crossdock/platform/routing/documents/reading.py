"""From a document to rows that can be meant so, or to every fault of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from pydantic import ValidationError

from crossdock.model import InputUnusableError
from crossdock.platform.routing.documents.checks import Numbered, check_rows
from crossdock.platform.routing.documents.faults import (
    Faults,
    FaultyDocumentError,
    RowFault,
    nearest,
    shown,
    who_is,
)
from crossdock.platform.routing.documents.on_roads import check_on_roads
from crossdock.platform.routing.documents.problem_shape import (
    ROWS,
    Given,
    ProblemHead,
    Roads,
    RouteProblem,
)
from crossdock.platform.routing.documents.speed_rows import check_speeds
from crossdock.platform.routing.documents.values import Row

if TYPE_CHECKING:
    from crossdock.platform.roads import RoadSource

MOST_BYTES = 256 * 1024 * 1024
MOST_ROWS = 100_000
MOST_MATRIX_PLACES = 6_000
_WIDEST = 1_000
"""Entries of a list or an object within a row; pins of a vehicle may be more."""
_DEEPEST = 8
SKIPPED_TABLES = ("vehicles", "jobs", "shipments", "relations")
"""Rows that may be left out, so that the others are planned."""
NAME_ROADS = (
    "name a graph of `crossdock roads build` or a road server: --roads GRAPH; or give "
    '{"kind": "streets"}'
)
IDLE_ROADS = 'leave out --roads, or give {"kind": "roads"}'
_MOST_SKIPPED = 10_000
_AGAIN = 20


@dataclass(frozen=True)
class RowsRead:
    """A document that can be planned.

    Attributes
    ----------
    skipped
        Faults of the rows that were left out.
    """

    document: RouteProblem
    skipped: tuple[RowFault, ...] = ()


def read_object_of(path: Path) -> dict[str, Any]:
    """The JSON object of a file that is not too large.

    Raises
    ------
    InputUnusableError
        No such file, too large, no JSON, or something else than an object.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputUnusableError(
                f"{path} is {size / 1e6:,.0f} MB", remedy=f"give at most {MOST_BYTES / 1e6:,.0f} MB"
            )
        content = path.read_bytes()
    except OSError as error:
        raise InputUnusableError(
            f"{path} cannot be read: {error.strerror}", remedy="check the path"
        ) from error
    return object_of(content, str(path))


def object_of(content: bytes, what: str) -> dict[str, Any]:
    """The JSON object of a text.

    Raises
    ------
    InputUnusableError
        It is no JSON, or something else than an object.
    """
    try:
        told = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputUnusableError(
            f"{what} is no JSON: {str(error).splitlines()[0]}",
            remedy="correct it at that place; JSON has neither NaN nor Infinity",
        ) from error
    if not isinstance(told, dict):
        raise InputUnusableError(
            f"{what} holds no JSON object", remedy="put the content between { and }"
        )
    return cast("dict[str, Any]", told)


def read_rows(
    told: Mapping[str, Any],
    what: str,
    *,
    skip_bad: bool = False,
    most_rows: int = MOST_ROWS,
    may_be_empty: bool = False,
    roads: RoadSource | None = None,
    no_roads: str = NAME_ROADS,
) -> RowsRead:
    """Check a document row by row.

    Parameters
    ----------
    what
        The document for errors, as ``PROBLEM.json``.
    skip_bad
        Leave out bad vehicles, jobs, shipments and relations.
    may_be_empty
        Let there be nothing to do, and vehicles be where there is no road.
    roads
        What distances of the kind ``roads`` are over; None: they are refused.
    no_roads
        What to do about that.

    Raises
    ------
    FaultyDocumentError
        Something is wrong that may not be left out.
    """
    faults = Faults(_MOST_SKIPPED, SKIPPED_TABLES) if skip_bad else Faults()
    head = _head(told, faults)
    rows = {table: _rows(told, table, faults, most_rows) for table in ROWS}
    remedy = "correct them"
    if skip_bad:
        remedy = "correct them: only vehicles, jobs, shipments and relations can be left out"
    if head is None:
        raise FaultyDocumentError(what, faults.found, remedy, more=faults.more)
    check_speeds(head, faults)
    if isinstance(head.distances, Roads):
        if roads is None:
            faults.add(None, None, "", "distances", "are of roads, and none are named", no_roads)
        else:
            rows = _without(rows, faults.rows)
            check_on_roads(head.distances, rows, faults, roads, vehicles=not may_be_empty)
    elif roads is not None and roads.for_one:
        faults.add(None, None, "", "distances", "ask for no roads, and roads are named", IDLE_ROADS)
    for _ in range(_AGAIN):
        rows = _without(rows, faults.rows)
        before = len(faults.rows)
        check_rows(head, rows, faults)
        if len(faults.rows) == before or not skip_bad:
            break
    _check_matrices(head, rows, faults)
    _check_empty(rows, faults, may_be_empty=may_be_empty)
    if not skip_bad and all(each.table in SKIPPED_TABLES for each in faults.found):
        remedy = "correct them, or have the good rows planned alone: --skip-bad"
    if faults.fatal:
        raise FaultyDocumentError(what, faults.found, remedy, more=faults.more)
    fields: dict[str, Any] = dict(head)
    for table, numbered in rows.items():
        fields[table] = [row for _, row in numbered]
    document = RouteProblem.model_construct(**fields)
    return RowsRead(document, tuple(faults.found))


def _head(told: Mapping[str, Any], faults: Faults) -> ProblemHead | None:
    head = {name: value for name, value in told.items() if name not in ROWS}
    known = RouteProblem.model_fields
    for name in [each for each in head if each not in known][:_WIDEST]:
        faults.add(None, None, "", shown(name), "is not known", nearest(name, known))
        del head[name]
    if len(head) > len(known):
        return None
    distances = head.get("distances")
    if isinstance(distances, dict):
        kind = cast("dict[str, Any]", distances).get("kind", "streets")
        head["distances"] = {**distances, "kind": kind}
    try:
        return ProblemHead.model_validate(head)
    except ValidationError as error:
        faults.of_shape(error, ProblemHead, None, None, "")
        return None


def _rows(told: Mapping[str, Any], table: str, faults: Faults, most_rows: int) -> Numbered:
    """Rows that are well formed each for itself."""
    listed = told.get(table, [])
    if not isinstance(listed, list):
        faults.add(None, None, "", table, f"is {shown(listed)}", "give a list of objects")
        return []
    entries = cast("list[Any]", listed)
    if len(entries) > most_rows:
        faults.add(None, None, "", table, f"has {len(entries):,} rows", f"give up to {most_rows:,}")
        return []
    found: list[tuple[int, Row]] = []
    model = ROWS[table]
    for number, entry in enumerate(entries):
        if faults.full:
            faults.more = True
            break
        if _is_too_wide(entry):
            reason = "has too many fields, entries or levels"
            who = who_is(table, number, entry)
            faults.add(table, number, who, "the row", reason, f"give up to {_WIDEST:,} of each")
            continue
        try:
            found.append((number, model.model_validate(entry)))
        except ValidationError as error:
            faults.of_shape(error, model, table, number, who_is(table, number, entry))
    return found


def _is_too_wide(entry: object, depth: int = 0) -> bool:
    """Whether checking the row could take long; pins are texts and cost nothing."""
    if isinstance(entry, dict):
        told = cast("dict[str, object]", entry)
        inner = [value for name, value in told.items() if depth or name != "pinned"]
        return len(told) > _WIDEST or any(_is_too_deep(each, depth) for each in inner)
    if isinstance(entry, list):
        listed = cast("list[object]", entry)
        return len(listed) > _WIDEST or any(_is_too_deep(each, depth) for each in listed)
    return False


def _is_too_deep(entry: object, depth: int) -> bool:
    return isinstance(entry, dict | list) and (
        depth >= _DEEPEST or _is_too_wide(cast("object", entry), depth + 1)
    )


def _without(rows: Mapping[str, Numbered], bad: set[tuple[str, int]]) -> dict[str, Numbered]:
    return {
        table: [(number, row) for number, row in numbered if (table, number) not in bad]
        for table, numbered in rows.items()
    }


def _check_matrices(head: ProblemHead, rows: Mapping[str, Numbered], faults: Faults) -> None:
    if not isinstance(head.distances, Given):
        return
    count = len(rows["places"])
    if count > MOST_MATRIX_PLACES:
        remedy = f"give up to {MOST_MATRIX_PLACES:,} places"
        faults.add(None, None, "", "places", f"has {count:,} rows beside matrices", remedy)
        return
    for name in ("distance_m", "duration_s"):
        told: object = getattr(head.distances, name)
        _check_matrix(f"distances.{name}", told, count, faults)


def _check_matrix(field: str, told: object, count: int, faults: Faults) -> None:
    listed = cast("list[object]", told) if isinstance(told, list) else []
    if len(listed) != count:
        reason = f"has {len(listed):,} rows for {count:,} places"
        faults.add(None, None, "", field, reason, "give a row and a column a place")
        return
    for number, row in enumerate(listed):
        numbers = cast("list[object]", row) if isinstance(row, list) else []
        who = f"{field}[{number}]"
        if len(numbers) != count:
            remedy = f"give {count:,} numbers, one a place"
            faults.add(None, None, "", who, f"has {len(numbers):,} numbers", remedy)
            continue
        for column, value in enumerate(numbers):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not 0 <= cast("float", value) <= _MOST_LEG:
                remedy = f"give a number from 0 to {_MOST_LEG:g}"
                faults.add(None, None, "", f"{who}[{column}]", f"is {shown(value)}", remedy)
                break


_MOST_LEG = 1e8


def _check_empty(rows: Mapping[str, Numbered], faults: Faults, *, may_be_empty: bool) -> None:
    bad = {table for table, _ in faults.rows}
    if not rows["vehicles"] and (not faults.fatal or "vehicles" not in bad):
        faults.add(None, None, "", "vehicles", "has no good row", "give at least one vehicle")
    nothing = not rows["jobs"] and not rows["shipments"]
    if nothing and not may_be_empty and not faults.fatal:
        reason = "has no good row, shipments neither"
        faults.add(None, None, "", "jobs", reason, "give what is to be done")
