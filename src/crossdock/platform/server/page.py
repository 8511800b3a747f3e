"""Long lists in pages: a cursor names the last row of the page before."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar, cast

from fastapi import Query

from crossdock.platform.server.problems import RefusedError

MOST_ROWS, USUAL_ROWS = 1_000, 100
_LARGEST = 2**63 - 1
_UNPROCESSABLE = 422

CursorText = Annotated[
    str | None,
    Query(max_length=2_000, description="`next_cursor` of the page before; without, the first."),
]
LimitNumber = Annotated[
    int, Query(ge=1, le=MOST_ROWS, description=f"Most items of the page, 1 to {MOST_ROWS:,}.")
]

Item = TypeVar("Item")
Position = tuple[str | int, ...]


def position_of(cursor: str | None, scope: str, kinds: tuple[type, ...]) -> Position | None:
    """Where the page before ended; None for the first page.

    Parameters
    ----------
    scope
        The list and its filters: a cursor of another list is refused.
    kinds
        What the position is made of, such as ``(int, str)``.

    Raises
    ------
    RefusedError
        It is no cursor of this list.
    """
    if cursor is None:
        return None
    told = _decoded(cursor)
    if told is not None and len(told) == len(kinds) + 1 and told[0] == _mark(scope):
        position = told[1:]
        if all(_fits(part, kind) for part, kind in zip(position, kinds, strict=True)):
            return cast("Position", tuple(position))
    said = "is not a cursor of this list; use next_cursor of the page before as it is"
    raise RefusedError(_UNPROCESSABLE, f"cursor {said}", errors=[("query.cursor", said)])


def page_of(
    found: Sequence[Item], limit: int, scope: str, position: Callable[[Item], Position]
) -> tuple[list[Item], str | None]:
    """The items of a page and the cursor of the next one; None where it is the last.

    Parameters
    ----------
    found
        Up to ``limit + 1`` items: the one too many tells that there is a next page.
    position
        Of an item in the order of the list.
    """
    items = list(found[:limit])
    if len(found) <= limit:
        return items, None
    told = json.dumps([_mark(scope), *position(items[-1])], separators=(",", ":"))
    return items, base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> list[object] | None:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return cast("list[object]", told) if isinstance(told, list) else None


def _fits(part: object, kind: type) -> bool:
    """Whether a database can be asked for it."""
    if kind is int:
        return type(part) is int and abs(part) <= _LARGEST
    return isinstance(part, str) and part.isprintable()


def _mark(scope: str) -> str:
    return hashlib.blake2b(scope.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
