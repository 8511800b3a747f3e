"""Faults of network files: file, row, field, value, reason, remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from crossdock.model.tables import NETWORK_REJECTS, empty

LONGEST_VALUE = 80
"""Characters of a cell that a fault repeats."""

WHOLE_FILE = 0
"""Row number of a fault of the file itself or of its header."""


class Fault(NamedTuple):
    """One fault; ``row`` is 1-based, `WHOLE_FILE` for the file or its header."""

    file: str
    row: int
    field: str
    value: str
    reason: str
    remedy: str


def fault_table(faults: Iterable[Fault]) -> pl.DataFrame:
    """Faults as `NETWORK_REJECTS`, in their order."""
    rows = [fault._replace(value=fault.value[:LONGEST_VALUE]) for fault in faults]
    return pl.DataFrame(rows, schema=pl.Schema(NETWORK_REJECTS), orient="row")


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
    return fault_table([Fault(file, row, field, value, reason, remedy)])


def all_faults(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Faults in reading order: by file, row, field."""
    return pl.concat([empty(NETWORK_REJECTS), *parts]).sort(
        "file", "row", "field", maintain_order=True
    )
