"""A store that is migrated once for a file of tests, and emptied after each of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.tables import METADATA


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Store]:
    with open_database(f"sqlite:///{folder}/store.db") as store:
        yield store


@contextmanager
def on_postgres(server: str) -> Iterator[Store]:
    name = f"store_{uuid.uuid4().hex}"
    admin = create_engine(server, poolclass=NullPool)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    options = {"options": f"-csearch_path={name}"}
    url = make_url(server).update_query_dict(options).render_as_string()
    with open_database(url) as store:
        yield store


def empty(store: Store) -> None:
    with store.backend.engine.begin() as connection:
        for table in METADATA.sorted_tables:
            connection.execute(table.delete())
