"""The tables of the store as the newest migration leaves them.

Instants are whole microseconds since 1970 in UTC, so that both databases keep them exactly.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from crossdock.model.event import EVENTS, NEEDED
from crossdock.model.tables import INSTANT

METADATA = MetaData()
VERSION_TABLE = "crossdock_version"
KEY = ("tenant", "source", "source_event_id")
"""What makes two deliveries the same event."""

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


def event_columns() -> list[Column[int | str]]:
    """The columns of an event, in the order of `EVENTS`."""
    return [
        Column(name, BigInteger() if dtype == INSTANT else Text(), nullable=name not in NEEDED)
        for name, dtype in EVENTS.items()
    ]


EVENT_ROWS = Table(
    "events",
    METADATA,
    Column("sequence", SEQUENCE, Identity(always=False), primary_key=True),
    *event_columns(),
    UniqueConstraint(*KEY, name="events_once"),
    sqlite_autoincrement=True,
)
"""``sequence``: the order of the log. It only grows and may have gaps."""

_OF_A_PARCEL = EVENT_ROWS.c.parcel_id.is_not(None)
Index(
    "events_of_parcel",
    EVENT_ROWS.c.tenant,
    EVENT_ROWS.c.parcel_id,
    EVENT_ROWS.c.occurred_at,
    sqlite_where=_OF_A_PARCEL,
    postgresql_where=_OF_A_PARCEL,
)
Index("events_in_order", EVENT_ROWS.c.tenant, EVENT_ROWS.c.sequence)

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("name", Text(), primary_key=True),
    Column("sequence", BigInteger(), nullable=False),
    Column("content", LargeBinary(), nullable=False),
    Column("updated_at", BigInteger(), nullable=False),
)
"""State folded from the events up to ``sequence``, to go on from."""
