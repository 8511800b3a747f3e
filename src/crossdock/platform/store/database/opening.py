"""Open a store: read its URL, make or migrate its tables, hand out its logs."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect, make_url, text
from sqlalchemy.exc import ArgumentError

from crossdock.model import InputUnusableError, UsageError
from crossdock.platform.store.database.backend import Backend, PostgresBackend, SqliteBackend
from crossdock.platform.store.database.connections import reading
from crossdock.platform.store.database.faults import told
from crossdock.platform.store.database.log import EventLog
from crossdock.platform.store.database.tables import VERSION_TABLE

NEWEST = "0005"
"""The revision that the newest migration makes."""

_FORMS = "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"


class Store:
    """One database: each tenant's log, and what a server keeps beside it.

    Get one from `open_database`.

    Attributes
    ----------
    backend
        The database, as the repositories of this package use it.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def log(self, tenant: str) -> EventLog:
        """The event log of a tenant."""
        return EventLog(self.backend, tenant)

    def check(self) -> None:
        """Raise `StoreUnavailableError` where the database does not answer."""
        with reading(self.backend) as connection:
            connection.execute(text("SELECT 1"))


@contextmanager
def open_store(url: str, *, tenant: str = "default") -> Generator[EventLog]:
    """The event log of one tenant at ``url``; see `open_database`."""
    with open_database(url) as store:
        yield store.log(tenant)


@contextmanager
def open_database(url: str) -> Generator[Store]:
    """The store at ``url``, made or migrated where it is new or older than this code.

    Parameters
    ----------
    url
        ``sqlite:///PATH`` or ``postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE``.

    Raises
    ------
    UsageError
        ``url`` is of another form, or the driver for it is not installed.
    InputUnusableError
        What is there is no event log, or one of a newer Crossdock.
    StoreUnavailableError
        It cannot be reached, opened or written.
    """
    backend = _backend(url)
    try:
        with told(backend):
            _bring_up_to_date(backend)
        yield Store(backend)
    finally:
        backend.engine.dispose()


def _backend(text_of_url: str) -> Backend:
    """Errors here show nothing of the URL: what cannot be parsed may be a password."""
    try:
        url = make_url(text_of_url)
        name = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise UsageError("the store's URL cannot be read", remedy=f"write it as {_FORMS}") from None
    if url.host and "@" in url.host:
        raise UsageError(
            "the store's URL has an @ within its password or host",
            remedy="write special characters of the password percent-encoded: @ as %40",
        )
    if name == "sqlite" and url.database and url.database != ":memory:":
        return SqliteBackend(url.set(drivername="sqlite"))
    if name == "postgresql":
        try:
            return PostgresBackend(url.set(drivername="postgresql+psycopg"))
        except ModuleNotFoundError as error:
            raise UsageError(
                f"the driver for PostgreSQL is not installed ({error.name})",
                remedy="install it: pip install 'crossdock[postgres]'",
            ) from error
    raise UsageError(
        f"an event log cannot be kept in {name} without a place", remedy=f"write it as {_FORMS}"
    )


def _bring_up_to_date(backend: Backend) -> None:
    with backend.engine.connect() as connection:
        if _revision(backend.reading(connection)) == NEWEST:
            return
    with backend.engine.begin() as connection:
        backend.lock(connection, VERSION_TABLE)
        found = _revision(connection)  # another process may have been faster
        if found is None:
            backend.refuse_foreign(connection, inspect(connection).get_table_names())
        if found != NEWEST:
            _migrate(connection, found, backend.place)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _migrate(connection: Connection, found: str | None, place: str) -> None:
    # Alembic is imported for this alone: a store that is up to date opens without it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise InputUnusableError(
            f"{place} is an event log of a newer Crossdock (revision {found}, this one knows "
            f"{NEWEST})",
            remedy="update Crossdock, or name another place",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
