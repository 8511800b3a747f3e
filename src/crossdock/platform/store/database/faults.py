"""What a database refuses, said as one of our errors with its remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from crossdock.model import CrossdockError, InputUnusableError, StoreUnavailableError
from crossdock.platform.store.database.backend import BUSY_TIMEOUT_S, Backend

_Answer = tuple[type[CrossdockError], str, str]
_FULL: _Answer = (
    StoreUnavailableError,
    "the disk of {place} is full; nothing of the batch was stored",
    "make room on the disk, then append the batch again",
)
_READ_ONLY: _Answer = (
    StoreUnavailableError,
    "{place} can be read but not written",
    "give the account the right to write it, or name another place",
)
_SQLITE: dict[int, _Answer] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_NOTADB: (
        InputUnusableError,
        "{place} is not a database",
        "name a new file, or the events.db of a run",
    ),
    sqlite3.SQLITE_CORRUPT: (
        InputUnusableError,
        "{place} is damaged: {said}",
        "bring it back from a backup",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreUnavailableError,
        "{place} cannot be opened",
        "make its folder, and see that the account may write there",
    ),
    sqlite3.SQLITE_BUSY: (
        StoreUnavailableError,
        f"{{place}} was locked by another process for {BUSY_TIMEOUT_S:.0f} seconds",
        "end the process that holds it, then append the batch again",
    ),
    sqlite3.SQLITE_IOERR: (
        StoreUnavailableError,
        "{place} cannot be read or written: {said}",
        "check the disk; keep the file on a local one",
    ),
}
_POSTGRES: dict[str, _Answer] = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "53300": (
        StoreUnavailableError,
        "{place} takes no more connections",
        "close some, or raise max_connections of the server",
    ),
}
_UNREACHABLE: _Answer = (
    StoreUnavailableError,
    "{place} cannot be used: {said}",
    "check that the server runs and that host, port, user, password and database of the URL "
    "are right; a batch that was not acknowledged can be appended again",
)


@contextmanager
def told(backend: Backend) -> Generator[None]:
    """Turn what the database raises within the block into one of our errors."""
    driver = backend.engine.dialect.loaded_dbapi.Error
    try:
        yield
    except (SQLAlchemyError, driver) as error:
        cause = getattr(error, "orig", None) or error
        kind, message, remedy = _answer(cause)
        said = next(iter(str(cause).splitlines()), type(cause).__name__)
        raise kind(message.format(place=backend.place, said=said), remedy=remedy) from error


def _answer(cause: BaseException) -> _Answer:
    if isinstance(cause, sqlite3.Error):
        extended = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_IOERR)
        return _SQLITE.get(extended & 0xFF, _SQLITE[sqlite3.SQLITE_IOERR])
    return _POSTGRES.get(getattr(cause, "sqlstate", None) or "", _UNREACHABLE)
