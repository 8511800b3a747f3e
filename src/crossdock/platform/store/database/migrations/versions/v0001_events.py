"""The log of events, and the checkpoints of what is folded from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "events",
        sa.Column("sequence", sequence, sa.Identity(always=False), primary_key=True),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parcel_id", sa.Text()),
        sa.Column("facility_id", sa.Text()),
        sa.Column("vehicle_id", sa.Text()),
        sa.Column("driver_id", sa.Text()),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text()),
        sa.UniqueConstraint("tenant", "source", "source_event_id", name="events_once"),
        sqlite_autoincrement=True,
    )
    of_a_parcel = sa.text("parcel_id IS NOT NULL")
    op.create_index(
        "events_of_parcel",
        "events",
        ["tenant", "parcel_id", "occurred_at"],
        sqlite_where=of_a_parcel,
        postgresql_where=of_a_parcel,
    )
    op.create_index("events_in_order", "events", ["tenant", "sequence"])
    op.create_table(
        "checkpoints",
        sa.Column("tenant", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
