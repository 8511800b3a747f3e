"""Bulk requests alike: which bodies are read, how many items, and the verdict on each."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import BaseModel, Field

from crossdock.platform.server.problems import RefusedError

JSON_TYPE, LINES_TYPE = "application/json", "application/x-ndjson"


class ItemRejected(BaseModel):
    """An item of a batch that was not taken, counted from 0."""

    index: int
    field: str = Field(description="Empty where the whole item is wrong.")
    reason: str


class Verdicts(BaseModel):
    """What became of a batch: every item counts as one of the three."""

    accepted: int
    duplicates: int
    rejected: list[ItemRejected]


def is_lines(content_type: str) -> bool:
    """Whether a body has an item a line, rather than an array of them.

    Raises
    ------
    RefusedError
        415: it is of another type.
    """
    kind = content_type.partition(";")[0].strip().lower() or JSON_TYPE
    if kind not in (JSON_TYPE, LINES_TYPE):
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"a body of {kind} is not read; send {JSON_TYPE} or {LINES_TYPE}",
        )
    return kind == LINES_TYPE


def unreadable(said: str) -> RefusedError:
    """400: the body as a whole cannot be read."""
    return RefusedError(HTTPStatus.BAD_REQUEST, f"the body {said}", errors=[("body", said)])


def check_count(count: int, most: int) -> None:
    """Raise RefusedError (413) where a batch has more than ``most`` items."""
    if count > most:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"{count:,} items are more than the {most:,} of one request; send them in parts",
        )
