"""Rows of a table as JSON, and their shape for the OpenAPI document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import GenericAlias
from typing import Any

import polars as pl
from pydantic import BaseModel, create_model

_PYTHON: Mapping[type[pl.DataType], type] = {
    pl.String: str,
    pl.Int64: int,
    pl.Int32: int,
    pl.Int8: int,
    pl.Float64: float,
    pl.Boolean: bool,
    pl.Date: dt.date,
    pl.Datetime: dt.datetime,
    pl.Time: dt.time,
}


def row_model(name: str, schema: Mapping[str, Any]) -> type[BaseModel]:
    """A model of the rows of a frame of ``schema``; any cell may be null."""
    fields: dict[str, Any] = {
        column: (_PYTHON[type(kind)] | None, None) for column, kind in pl.Schema(schema).items()
    }
    return create_model(name, **fields)


def page_model(name: str, row: type[BaseModel]) -> type[BaseModel]:
    """A model of a page of such rows."""
    items: Any = GenericAlias(list, (row,))
    return create_model(name, items=(items, ...), next_cursor=(str | None, None))


def json_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain JSON: instants as RFC 3339 in UTC, what is no number as null."""
    told = [_as_json(name, kind) for name, kind in frame.schema.items()]
    return frame.select(told).to_dicts()


def _as_json(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if kind.is_temporal():
        return column.cast(pl.String)
    if kind.is_float():
        return pl.when(column.is_finite()).then(column)
    return column
