"""The orders file's format: its columns, as text and as typed frames."""

from __future__ import annotations

from types import MappingProxyType

import polars as pl

from crossdock.model.tables import ORDERS, Schema, conform

ORDER_COLUMNS = (
    "order_id",
    "created_at",
    "merchant_id",
    "ship_from_zip",
    "recipient",
    "service",
    "weight_kg",
    "length_cm",
    "width_cm",
    "height_cm",
    "declared_value_usd",
)
"""Columns that every orders file has, beside its address."""

ADDRESS_LINE = ("address",)
ADDRESS_PARTS = ("line1", "city", "state", "zip")
"""An orders file has `ADDRESS_LINE` or all of `ADDRESS_PARTS` (``line2`` is optional)."""

OPTIONAL_COLUMNS = ("line2", "phone", "email", "instructions", "pieces")

RAW_ORDERS: Schema = MappingProxyType(
    {
        "row": pl.Int64,
        **dict.fromkeys(
            (*ORDER_COLUMNS, *ADDRESS_LINE, *ADDRESS_PARTS, *OPTIONAL_COLUMNS), pl.String
        ),
    }
)
"""Orders as text; ``row`` is the 1-based data row of the file."""

CHECKED_ORDERS: Schema = MappingProxyType(
    {
        **{name: kind for name, kind in ORDERS.items() if name not in ("zip5",)},
        "zip": pl.String,
        "address": pl.String,
    }
)
"""`ORDERS` before its address is located: ``line1, line2, city, state, zip`` as given, or
``address`` where the row has one line (then the others are null)."""


def order_text(orders: pl.DataFrame) -> pl.DataFrame:
    """`RAW_ORDERS` of a typed frame in the format of an orders file, without loss.

    Instants with a zone become ISO 8601 with offset; instants without one keep none, so that their
    check fails instead of guessing. Columns outside the format are dropped.
    """
    columns = [
        _as_text(name, kind)
        for name, kind in orders.schema.items()
        if name in RAW_ORDERS and name != "row"
    ]
    text = orders.select(columns).with_row_index("row", offset=1)
    return conform(text, RAW_ORDERS)


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        pattern = "%Y-%m-%dT%H:%M:%S%.6f%:z" if kind.time_zone else "%Y-%m-%dT%H:%M:%S%.6f"
        return column.dt.strftime(pattern)
    return column.cast(pl.String)
