"""An orders file as text: every row readable or rejected, the file as a whole usable or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crossdock.model import InputUnusableError
from crossdock.model.order import (
    ADDRESS_LINE,
    ADDRESS_PARTS,
    ORDER_COLUMNS,
    RAW_ORDERS,
    order_text,
    shown,
)
from crossdock.model.tables import REJECTS, conform, empty
from crossdock.platform.store.csv_records import BadRecord, CsvRecords, open_records

MAX_FILE_BYTES = 2_000_000_000
MAX_CELL_CHARACTERS = 32 * 1024
_CHUNK_RECORDS = 50_000


@dataclass(frozen=True)
class RawOrders:
    """What an orders file holds.

    Attributes
    ----------
    frame
        Frame of `crossdock.model.order.RAW_ORDERS`: the rows that could be read.
    rejects
        Frame of `REJECTS`: the rows that could not.
    rows
        Data rows of the file: ``frame.height`` and the distinct rows of ``rejects``.
    warnings
        What was ignored, one sentence each.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    rows: int
    warnings: tuple[str, ...]


def read_orders(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> RawOrders:
    """Read an orders file: ``.csv``, ``.csv.gz`` or ``.parquet``.

    Parameters
    ----------
    path
        The file.
    max_bytes
        Largest file that is read, also after unpacking.

    Raises
    ------
    InputUnusableError
        The file is missing, empty, too large, no table, not UTF-8, or lacks a required column.
    """
    path = Path(path)
    _check_present(path, max_bytes)
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path)
    return _read_csv(path, max_bytes)


def _check_present(path: Path, max_bytes: int) -> None:
    if not path.exists():
        raise InputUnusableError(f"{path} does not exist", remedy="check the path of the orders")
    if not path.is_file():
        raise InputUnusableError(
            f"{path} is not a file", remedy="name one CSV or Parquet file of orders"
        )
    size = path.stat().st_size
    if size == 0:
        raise InputUnusableError(f"{path} is empty", remedy="give a file with a header and orders")
    if size > max_bytes:
        raise InputUnusableError(
            f"{path} has {size:,} bytes, more than {max_bytes:,}",
            remedy="split the file or raise the bound",
        )


def _read_parquet(path: Path) -> RawOrders:
    try:
        table = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputUnusableError(
            f"{path} is not a Parquet table: {error}", remedy="write the file again as Parquet"
        ) from error
    columns, warnings = _known_columns(path, table.columns)
    if table.is_empty():
        raise InputUnusableError(f"{path} has no orders", remedy="give a file with data rows")
    named = table.select(pl.col(table.columns[at]).alias(name) for name, at in columns.items())
    nested = [name for name, kind in named.schema.items() if kind.is_nested()]
    if nested:
        raise InputUnusableError(
            f"{path} holds lists or structs in {', '.join(nested)}",
            remedy="write one plain value a cell",
        )
    frame = order_text(named)
    frame, rejects = _without_oversized(frame)
    return RawOrders(frame, rejects, table.height, warnings)


def _read_csv(path: Path, max_bytes: int) -> RawOrders:
    with open_records(path, max_bytes) as records:
        columns, warnings = _known_columns(path, records.header)
        frames, broken, rows = _read_records(records, columns)
    if rows == 0:
        raise InputUnusableError(f"{path} has no orders", remedy="give a file with data rows")
    frame = pl.concat([empty(RAW_ORDERS), *frames])
    frame, oversized = _without_oversized(frame)
    rejects = pl.concat([_broken_rejects(broken, columns), oversized]).sort(
        "row", maintain_order=True
    )
    return RawOrders(frame, rejects, rows, warnings)


def _known_columns(path: Path, header: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Position of each column of the format, and a warning for each column that is ignored.

    Raises
    ------
    InputUnusableError
        A required column is missing.
    """
    columns: dict[str, int] = {}
    warnings: list[str] = []
    for position, written in enumerate(header):
        name = written.strip().strip("\ufeff").strip().lower()
        if name not in RAW_ORDERS or name == "row":
            warnings.append(f"column {written.strip()!r} is not part of the format and is ignored")
        elif name in columns:
            warnings.append(f"column {name!r} comes again as column {position + 1}; it is ignored")
        else:
            columns[name] = position
    missing = [name for name in ORDER_COLUMNS if name not in columns]
    in_line = all(name in columns for name in ADDRESS_LINE)
    if not in_line:
        absent = [name for name in ADDRESS_PARTS if name not in columns]
        missing += ["address"] if len(absent) == len(ADDRESS_PARTS) else absent
    if missing:
        found = ", ".join("".join(filter(str.isprintable, name)).strip() for name in header)
        raise InputUnusableError(
            f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            remedy=f"add them to the comma-separated header, which has: {found[:300]}",
        )
    return columns, tuple(warnings)


def _read_records(
    records: CsvRecords, columns: dict[str, int]
) -> tuple[list[pl.DataFrame], list[tuple[int, BadRecord]], int]:
    """Frames of the readable records, the unreadable ones by row, and the number of rows."""
    frames: list[pl.DataFrame] = []
    broken: list[tuple[int, BadRecord]] = []
    kept: list[list[str]] = []
    kept_rows: list[int] = []
    row = 0
    for row, record in enumerate(records, start=1):
        if isinstance(record, BadRecord):
            broken.append((row, record))
            continue
        kept.append(record)
        kept_rows.append(row)
        if len(kept) == _CHUNK_RECORDS:
            frames.append(_frame(kept, kept_rows, columns))
            kept, kept_rows = [], []
    if kept:
        frames.append(_frame(kept, kept_rows, columns))
    return frames, broken, row


def _frame(records: list[list[str]], rows: list[int], columns: dict[str, int]) -> pl.DataFrame:
    cells = list(zip(*records, strict=True))
    texts = {name: pl.Series(name, cells[at], pl.String) for name, at in columns.items()}
    return conform(pl.DataFrame({"row": rows, **texts}), RAW_ORDERS)


def _broken_rejects(broken: list[tuple[int, BadRecord]], columns: dict[str, int]) -> pl.DataFrame:
    at = columns["order_id"]
    rows = pl.DataFrame(
        {
            "row": [row for row, _ in broken],
            "order_id": [
                record.cells[at].strip() if at < len(record.cells) else "" for _, record in broken
            ],
            "field": [""] * len(broken),
            "value": [record.text for _, record in broken],
            "reason": [record.reason for _, record in broken],
            "remedy": [record.remedy for _, record in broken],
        },
        schema=pl.Schema(REJECTS),
    )
    return rows.with_columns(shown(pl.col("order_id")), shown(pl.col("value")))


def _without_oversized(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose cells all have a sane size, and a reject for each cell that has not."""
    texts = [name for name in RAW_ORDERS if name != "row"]
    too_long = pl.any_horizontal(pl.col(texts).str.len_bytes() > MAX_CELL_CHARACTERS)
    oversized = frame.filter(too_long)
    if oversized.is_empty():
        return frame, empty(REJECTS)
    found = [
        oversized.filter(pl.col(name).str.len_bytes() > MAX_CELL_CHARACTERS).select(
            "row",
            shown(pl.col("order_id")).alias("order_id"),
            pl.lit(name).alias("field"),
            shown(pl.col(name)).alias("value"),
            pl.format("the cell has {} bytes", pl.col(name).str.len_bytes()).alias("reason"),
            pl.lit(f"shorten it to {MAX_CELL_CHARACTERS:,} bytes or less").alias("remedy"),
        )
        for name in texts
    ]
    rejects = pl.concat(found).sort("row", maintain_order=True).cast(pl.Schema(REJECTS))
    return frame.filter(~too_long.fill_null(value=False)), rejects
