"""A transaction that reads, and one that writes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection

from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.faults import told


@contextmanager
def reading(backend: Backend) -> Generator[Connection]:
    """A connection that takes no lock; faults of the database come as our errors."""
    with told(backend), backend.engine.connect() as connection:
        yield backend.reading(connection)


@contextmanager
def writing(backend: Backend, *, lock: str | None = None) -> Generator[Connection]:
    """A transaction that is committed at the end of the block, or not at all.

    Parameters
    ----------
    lock
        Be the only writer under this name until then, such as a tenant who appends to its log.
    """
    with told(backend), backend.turn(), backend.engine.begin() as connection:
        if lock is not None:
            backend.lock(connection, lock)
        yield connection
