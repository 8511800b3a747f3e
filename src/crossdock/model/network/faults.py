"""Faults of network files: file, row, field, value, reason, remedy."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from crossdock.model.tables import NETWORK_REJECTS, empty

LONGEST_VALUE = 80
"""Characters of a cell that a fault repeats."""

WHOLE_FILE = 0
"""Row number of a fault of the file itself or of its header."""


def cell_faults(
    file: str, rows: pl.Series, *, field: str, values: pl.Series, reason: str, remedy: str
) -> pl.DataFrame:
    """One fault a row of ``rows``; ``values`` are the texts of the cells."""
    return pl.DataFrame(
        {
            "file": pl.repeat(file, len(rows), dtype=pl.String, eager=True),
            "row": rows.cast(pl.Int64),
            "field": pl.repeat(field, len(rows), dtype=pl.String, eager=True),
            "value": values.fill_null("").str.slice(0, LONGEST_VALUE),
            "reason": pl.repeat(reason, len(rows), dtype=pl.String, eager=True),
            "remedy": pl.repeat(remedy, len(rows), dtype=pl.String, eager=True),
        }
    )


def one_fault(
    file: str, field: str, *, reason: str, remedy: str, row: int = WHOLE_FILE, value: str = ""
) -> pl.DataFrame:
    """A single fault, of the whole file unless ``row`` is given."""
    return cell_faults(
        file,
        pl.Series([row]),
        field=field,
        values=pl.Series([value], dtype=pl.String),
        reason=reason,
        remedy=remedy,
    )


def all_faults(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Faults in reading order: by file, row, field."""
    return pl.concat([empty(NETWORK_REJECTS), *parts]).sort(
        "file", "row", "field", maintain_order=True
    )
