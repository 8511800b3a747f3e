"""A growing set of rows under a join, kept so that a batch costs its own size, not the history's.

Rows lie in layers, each at least twice the one above; a layer that grows up to its neighbour is
joined with it. A row is therefore touched a logarithmic number of times, whatever the batches.
The joins are associative, commutative and idempotent, so the whole is the same for any order of
arrival, any batch size and any number of deliveries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from crossdock.model.tables import Schema, conform, empty

Join = Callable[[pl.DataFrame], pl.DataFrame]

EVENT_ID = ("source", "source_event_id")


@dataclass(frozen=True)
class Layers:
    """Rows of ``schema`` under ``join``.

    Attributes
    ----------
    join
        Takes rows of several layers, gives the rows of one.
    frames
        The layers, largest first.
    """

    schema: Schema
    join: Join
    frames: tuple[pl.DataFrame, ...] = field(default=())

    def with_rows(self, rows: pl.DataFrame) -> Layers:
        """These rows and ``rows`` (columns of the schema; others are dropped)."""
        if rows.is_empty():
            return self
        frames = [*self.frames, self.join(rows[list(self.schema)])]
        while len(frames) > 1 and frames[-2].height < 2 * frames[-1].height:
            frames[-2:] = [self.join(pl.concat(frames[-2:]))]
        return replace(self, frames=tuple(frames))

    def __bool__(self) -> bool:
        """Whether there is any row."""
        return any(frame.height for frame in self.frames)

    @cached_property
    def whole(self) -> pl.DataFrame:
        """All rows, joined, in no particular order."""
        if not self.frames:
            return empty(self.schema)
        return self.frames[0] if len(self.frames) == 1 else self.join(pl.concat(self.frames))

    def of(self, column: str, values: pl.Series) -> Layers:
        """Only the rows whose ``column`` is among ``values``."""
        among = pl.col(column).is_in(values.implode())
        chosen = (frame.filter(among) for frame in self.frames)
        return replace(self, frames=tuple(frame for frame in chosen if frame.height))

    def stored(self) -> pl.DataFrame:
        """All rows in an order that depends on nothing but the rows."""
        return self.whole.sort(list(self.schema), nulls_last=True)

    def restored(self, rows: pl.DataFrame) -> Layers:
        """These layers with the rows that `stored` gave."""
        return replace(self, frames=()).with_rows(conform(rows, self.schema))


def union(rows: pl.DataFrame) -> pl.DataFrame:
    """One row an event; of several deliveries the earliest."""
    once = rows.unique(subset=EVENT_ID, keep="any")
    if once.height == rows.height:
        return rows
    columns = ["received_at", *(name for name in rows.columns if name != "received_at")]
    return rows.sort(columns).unique(subset=EVENT_ID, keep="first")


def latest(key: str) -> Join:
    """Join that keeps, for each ``key``, the event with the greatest time, source and id."""

    def newest(rows: pl.DataFrame) -> pl.DataFrame:
        order = ["at", *EVENT_ID]
        rest = [name for name in rows.columns if name not in {*order, key}]
        return rows.sort(order + rest).unique(subset=[key], keep="last")

    return newest


def newest(key: str, revision: str) -> Join:
    """Join that keeps, for each ``key``, the row of the greatest ``revision``."""

    def joined(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.sort(revision).unique(subset=[key], keep="last")

    return joined
