"""How a search goes while it runs, that it may be ended early, and the figures of edited plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("jobs", sa.Column("search", sa.Text()))
    op.add_column(
        "jobs", sa.Column("wants_end", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("plan_edits", sa.Column("figures", sa.Text()))
