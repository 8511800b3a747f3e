"""Events on their way into the log: plain rows, since a frame for each request costs more."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from crossdock.model.event import EVENTS
from crossdock.model.tables import INSTANT

EventRow = tuple[
    str, str, str, str, str | None, str | None, str | None, str | None, int, int, str | None
]
"""The columns of `EVENTS` in their order; instants are microseconds since 1970."""

_STORED = {name: pl.Int64 if kind == INSTANT else kind for name, kind in EVENTS.items()}


def rows_of(events: pl.DataFrame) -> list[EventRow]:
    """A frame of `EVENTS` as rows."""
    return events.select(pl.col(list(EVENTS)).to_physical()).rows()  # pyright: ignore[reportReturnType]


def frame_of(rows: Sequence[EventRow], sequences: Sequence[int] | None = None) -> pl.DataFrame:
    """Rows as a frame of `EVENTS`; with their ``sequence``, where that is given."""
    frame = pl.DataFrame(rows, schema=_STORED, orient="row").cast(EVENTS)  # pyright: ignore
    if sequences is None:
        return frame
    return frame.with_columns(pl.Series("sequence", sequences, dtype=pl.Int64))
