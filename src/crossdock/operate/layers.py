"""A growing set of rows under a join, kept so that a batch costs its own size, not the history's.

Rows lie in layers, each at least twice the one above; a layer that grows up to its neighbour is
joined with it. A row is therefore touched a logarithmic number of times, whatever the batches.
The joins are associative, commutative and idempotent, so the whole is the same for any order of
arrival, any batch size and any number of deliveries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl

from crossdock.model.tables import Schema, conform, empty

Join = Callable[[pl.DataFrame], pl.DataFrame]

EVENT_ID = ("source", "source_event_id")


_INDEXED_ROWS = 20_000
_MOST_CHUNKS = 16


class Index:
    """Finds the rows of a frame by a column without looking at all of them."""

    def __init__(self, frame: pl.DataFrame, column: str) -> None:
        self._frame = frame
        marks = frame[column].hash().to_numpy()
        self._order = np.argsort(marks)
        self._marks = marks[self._order]

    def near(self, values: pl.Series) -> pl.DataFrame:
        """Every row whose cell is among ``values``, and perhaps a few others."""
        marks = np.unique(values.hash().to_numpy())
        first = np.searchsorted(self._marks, marks, side="left")
        counts = np.searchsorted(self._marks, marks, side="right") - first
        # Place after place of each run: a count from 0 to the end, less where its run began.
        began = np.repeat(np.cumsum(counts) - counts, counts)
        places = np.repeat(first, counts) + np.arange(len(began)) - began
        return self._frame[self._order[places]]


@dataclass(frozen=True)
class Layers:
    """Rows of ``schema`` under ``join``.

    Attributes
    ----------
    join
        Takes rows of several layers, gives the rows of one.
    frames
        The layers, largest first.
    indexes
        Of large layers, made when they are asked for the first time.
    """

    schema: Schema
    join: Join
    frames: tuple[pl.DataFrame, ...] = field(default=())
    indexes: dict[tuple[int, str], Index] = field(
        default_factory=dict[tuple[int, str], "Index"], repr=False, compare=False
    )

    def with_rows(self, rows: pl.DataFrame) -> Layers:
        """These rows and ``rows`` (columns of the schema; others are dropped)."""
        if rows.is_empty():
            return self
        frames = [*self.frames, self.join(rows[list(self.schema)])]
        while len(frames) > 1 and frames[-2].height < 2 * frames[-1].height:
            frames[-2:] = [_in_one(self.join(pl.concat(frames[-2:])))]
        return replace(self, frames=tuple(frames), indexes=self._indexes_of(frames))

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
        chosen = [self._rows_of(frame, column, values) for frame in self.frames]
        return replace(self, frames=tuple(frame for frame in chosen if frame.height), indexes={})

    def _rows_of(self, frame: pl.DataFrame, column: str, values: pl.Series) -> pl.DataFrame:
        if frame.height >= _INDEXED_ROWS:
            key = (id(frame), column)
            index = self.indexes.get(key)
            if index is None:
                index = self.indexes[key] = Index(frame, column)
            frame = index.near(values)
        return frame.filter(pl.col(column).is_in(values.implode()))

    def _indexes_of(self, frames: Sequence[pl.DataFrame]) -> dict[tuple[int, str], Index]:
        kept = {id(frame) for frame in frames}
        return {key: index for key, index in list(self.indexes.items()) if key[0] in kept}

    def stored(self) -> pl.DataFrame:
        """All rows in an order that depends on nothing but the rows."""
        return self.whole.sort(list(self.schema), nulls_last=True)

    def restored(self, rows: pl.DataFrame) -> Layers:
        """These layers with the rows that `stored` gave."""
        return replace(self, frames=()).with_rows(conform(rows, self.schema))


_MARK = pl.col(EVENT_ID[0]).hash(1) ^ pl.col(EVENT_ID[1]).hash(2)
"""Equal for equal ids, and as good as never for others."""


def union(rows: pl.DataFrame) -> pl.DataFrame:
    """One row an event; of several deliveries the earliest."""
    marks = np.sort(rows.select(_MARK).to_series().to_numpy())
    if not (marks[1:] == marks[:-1]).any():
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


def _in_one(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` in few pieces: what is read in many is read slowly."""
    return rows.rechunk() if rows.n_chunks() > _MOST_CHUNKS else rows
