"""Insert rows that may be there already, in the words of each database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_new(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert ``row`` unless one with its key is there; returns whether it was new."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(table).values(row).on_conflict_do_nothing()
    return connection.execute(new.execution_options(preserve_rowcount=True)).rowcount == 1
