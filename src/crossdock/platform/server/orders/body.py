"""The body of a bulk request: items of JSON, as text columns with a row an item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec
import polars as pl

from crossdock.model.order import RAW_ORDERS
from crossdock.model.tables import REJECTS, conform
from crossdock.platform.server.batches import check_count, is_lines, unreadable

_FIELDS = tuple(name for name in RAW_ORDERS if name != "row")
_DECODER = msgspec.json.Decoder(float_hook=str)  # a number stays as it was written


def items_of(body: bytes, content_type: str, *, most: int) -> list[object]:
    """The items of a JSON array, or one a line.

    Raises
    ------
    RefusedError
        The type is another (415), the body cannot be read (400) or has too many items (413).
    """
    lines = is_lines(content_type)
    try:
        found = _DECODER.decode_lines(body) if lines else _DECODER.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise unreadable(f"is not JSON: {str(error).splitlines()[0]}") from error
    if not isinstance(found, list):
        raise unreadable("is not an array of items")
    items = cast("list[object]", found)
    check_count(len(items), most)
    return items


def as_text(items: Sequence[object]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items as a frame of `RAW_ORDERS`, and a frame of `REJECTS` of cells that are no text.

    ``row`` counts from 1. Fields that an order does not have are left out.
    """
    rejects: list[tuple[int, str, str]] = []
    columns: dict[str, list[str | None]] = {name: [] for name in _FIELDS}
    rows: list[int] = []
    for row, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            rejects.append((row, "", "is not an object with the fields of an order"))
            continue
        order = cast("dict[str, object]", item)
        wrong = [name for name in _FIELDS if not _is_plain(order.get(name))]
        if wrong:
            rejects.extend((row, name, "is not a text or a number") for name in wrong)
            continue
        rows.append(row)
        for name, cells in columns.items():
            cell = order.get(name)
            cells.append(None if cell is None else str(cell))
    frame = pl.DataFrame(
        {"row": rows, **columns},
        schema={"row": pl.Int64, **dict.fromkeys(_FIELDS, pl.String)},
    )
    return conform(frame, RAW_ORDERS), _rejected(rejects)


def _is_plain(cell: object) -> bool:
    return cell is None or isinstance(cell, str) or type(cell) is int


def _rejected(found: list[tuple[int, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "row": row,
                "order_id": "",
                "field": field,
                "value": "",
                "reason": reason,
                "remedy": "send each field as a text or a number",
            }
            for row, field, reason in found
        ],
        schema=pl.Schema(REJECTS),
    )
