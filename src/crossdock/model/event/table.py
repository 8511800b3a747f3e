"""The table of events, and the check of rows that come from outside."""

from __future__ import annotations

import polars as pl

from crossdock.model.errors import InvalidValueError
from crossdock.model.tables import INSTANT, conform

EVENTS = {
    "tenant": pl.String,
    "source": pl.String,
    "source_event_id": pl.String,
    "kind": pl.String,
    "parcel_id": pl.String,
    "facility_id": pl.String,
    "vehicle_id": pl.String,
    "driver_id": pl.String,
    "occurred_at": INSTANT,
    "received_at": INSTANT,
    "payload": pl.String,
}
"""One row an event. ``(tenant, source, source_event_id)`` is unique; ``occurred_at`` is the
source's clock, ``received_at`` ours; ``payload`` is JSON text with sorted keys, as it came."""

NEEDED = ("tenant", "source", "source_event_id", "kind", "occurred_at", "received_at")
"""Columns of `EVENTS` that no event leaves empty."""
LONGEST_ID = 200
LONGEST_PAYLOAD = 64_000


def check_events(events: pl.DataFrame) -> pl.DataFrame:
    """``events`` in the schema `EVENTS`.

    Raises
    ------
    InvalidValueError
        A needed cell is empty, an id or a payload is longer than the log takes, or a text has a
        NUL character, which JSON forbids and PostgreSQL cannot hold.
    """
    rows = conform(events, EVENTS)
    texts = [name for name, dtype in EVENTS.items() if dtype == pl.String and name != "payload"]
    counts = rows.select(
        *(pl.col(name).null_count().alias(f"{name} is empty") for name in NEEDED),
        *(
            (pl.col(name).str.len_chars() > LONGEST_ID).sum().alias(f"{name} is over {LONGEST_ID}")
            for name in texts
        ),
        *(
            pl.col(name).str.contains("\0", literal=True).sum().alias(f"{name} has a NUL character")
            for name in (*texts, "payload")
        ),
        (pl.col("payload").str.len_bytes() > LONGEST_PAYLOAD)
        .sum()
        .alias(f"payload is over {LONGEST_PAYLOAD}"),
    ).row(0, named=True)
    for fault, count in counts.items():
        if count:
            raise InvalidValueError(
                f"{count:,} events cannot be stored: {fault}",
                remedy="correct or leave out these events",
            )
    return rows
