"""What the two databases do each in their own way: lock the log, and insert rows fast."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec
import polars as pl
from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from crossdock.model import InputUnusableError
from crossdock.model.event import EVENTS
from crossdock.platform.store.database.rows import EventRow, frame_of, rows_of
from crossdock.platform.store.database.tables import EVENT_ROWS, KEY, METADATA, event_columns

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10
_CHECKPOINT_PAGES = 10_000
_CACHE_KIB = 65_536
_ROWS_A_STATEMENT = 1_000
_LOCKS = 0x0C0D0C  # our own space among the advisory locks of a PostgreSQL database
_COLUMNS = tuple(EVENTS)


class Backend(Protocol):
    """One database that holds a log.

    Attributes
    ----------
    engine
        Its connections; a transaction of them may write.
    place
        Where it is, for people; without user and password.
    """

    engine: Engine
    place: str

    def reading(self, connection: Connection) -> Connection:
        """``connection``, set to read without a lock."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Wait, before a transaction that writes, until this process may begin one."""
        ...

    def lock(self, connection: Connection, tenant: str) -> None:
        """Be the only one who appends for ``tenant`` until the transaction ends."""
        ...

    def insert(self, connection: Connection, events: pl.DataFrame) -> int:
        """Insert the events that are not there yet, in their order; returns how many."""
        ...

    def insert_rows(self, connection: Connection, rows: Sequence[EventRow]) -> int:
        """The same of rows whose values were checked before."""
        ...

    def refuse_foreign(self, connection: Connection, tables: Collection[str]) -> None:
        """Raise where a database without our version has ``tables``, or cannot hold the log."""
        ...


class SqliteBackend:
    """A file in WAL mode; each commit is on the disk before it is acknowledged."""

    def __init__(self, url: URL) -> None:
        self.place = str(url.database)
        self._turn = threading.Lock()
        self.engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(self.engine, "connect", _set_up_sqlite)
        event.listen(self.engine, "begin", _begin_sqlite)
        cells = ", ".join(f"value ->> {place}" for place in range(len(_COLUMNS)))
        self._insert = (
            f"INSERT INTO events ({', '.join(_COLUMNS)}) SELECT {cells} FROM json_each(?)"
            f" WHERE true ON CONFLICT ({', '.join(KEY)}) DO NOTHING"
        )

    def reading(self, connection: Connection) -> Connection:
        """A transaction that starts without the lock of a writer."""
        return connection.execution_options(reads_only=True)

    @contextmanager
    def turn(self) -> Generator[None]:
        """One writer of this process after the other.

        SQLite lets one write at a time, and has the others sleep and try again: of two threads
        that write by turns each sleeps for tens of milliseconds. A lock of our own wakes the next
        one at once. Against other processes, and past the time-out, SQLite's own lock stands.
        """
        has_it = self._turn.acquire(timeout=BUSY_TIMEOUT_S)
        try:
            yield
        finally:
            if has_it:
                self._turn.release()

    def lock(self, connection: Connection, tenant: str) -> None:
        """Nothing to do: ``BEGIN IMMEDIATE`` has locked the file."""

    def insert(self, connection: Connection, events: pl.DataFrame) -> int:
        """As rows."""
        return self.insert_rows(connection, rows_of(events))

    def insert_rows(self, connection: Connection, rows: Sequence[EventRow]) -> int:
        """Many rows a statement, as JSON.

        A statement a row would cost the same, but the driver gives the interpreter away around
        each, and where other threads are busy waits for it each time.
        """
        added = 0
        for first in range(0, len(rows), _ROWS_A_STATEMENT):
            told = msgspec.json.encode(rows[first : first + _ROWS_A_STATEMENT]).decode()
            added += connection.exec_driver_sql(self._insert, (told,)).rowcount
        return added

    def refuse_foreign(self, connection: Connection, tables: Collection[str]) -> None:
        """A file is ours alone."""
        if tables:
            raise _foreign(self.place, min(tables))


class PostgresBackend:
    """A PostgreSQL database; commits are as durable as the server is set to make them."""

    def __init__(self, url: URL) -> None:
        self.place = f"{url.host or 'the local server'}/{url.database or ''}"
        limits = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT_S}
        # Read committed: after waiting for the lock, the next statement sees who held it.
        self.engine = create_engine(url, connect_args=limits, isolation_level="READ COMMITTED")
        stage = Table(
            "event_stage",
            MetaData(),
            Column("position", BigInteger()),
            *event_columns(),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DELETE ROWS",
        )
        self._make_stage = CreateTable(stage, if_not_exists=True)
        self._fill_stage = f"COPY event_stage (position, {', '.join(_COLUMNS)}) FROM STDIN".encode()
        self._merge = (
            postgresql.insert(EVENT_ROWS)
            .from_select(
                _COLUMNS, select(*(stage.c[name] for name in _COLUMNS)).order_by(stage.c.position)
            )
            .on_conflict_do_nothing(index_elements=KEY)
            .execution_options(preserve_rowcount=True)
        )

    def reading(self, connection: Connection) -> Connection:
        """The same connection: readers never wait here."""
        return connection

    def turn(self) -> AbstractContextManager[None]:
        """At once: its locks wake who waits."""
        return nullcontext()

    def lock(self, connection: Connection, tenant: str) -> None:
        """An advisory lock, so that sequences become visible in their order."""
        statement = text("SELECT pg_advisory_xact_lock(:space, hashtext(:tenant))")
        connection.execute(statement, {"space": _LOCKS, "tenant": tenant})

    def insert(self, connection: Connection, events: pl.DataFrame) -> int:
        """COPY into a temporary table, since COPY itself cannot skip what is there; then merge."""
        connection.execute(self._make_stage)
        cursor = cast("psycopg.Cursor[Any]", connection.connection.cursor())
        with cursor.copy(self._fill_stage) as copy:
            copy.write(_copy_text(events))
        return connection.execute(self._merge).rowcount

    def insert_rows(self, connection: Connection, rows: Sequence[EventRow]) -> int:
        """As `insert`."""
        return self.insert(connection, frame_of(rows))

    def refuse_foreign(self, connection: Connection, tables: Collection[str]) -> None:
        """A database may be shared, not the names of our tables; it must hold any text."""
        taken = sorted(METADATA.tables.keys() & set(tables))
        if taken:
            raise _foreign(self.place, taken[0])
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise InputUnusableError(
                f"the database {self.place} is encoded in {encoding} and cannot hold every payload",
                remedy="create it with ENCODING 'UTF8'",
            )


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin_sqlite
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        f"cache_size = -{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _as_stored(events: pl.DataFrame) -> pl.DataFrame:
    return events.with_columns(pl.col("occurred_at", "received_at").to_physical())


def _copy_text(events: pl.DataFrame) -> str:
    r"""``events`` in COPY's text format, with their positions.

    Not its CSV format: there a line of a payload that is ``\.`` would end the data.
    """
    escaped = pl.col(pl.String).str.replace_many(
        {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    )
    return (
        _as_stored(events)
        .with_columns(escaped)
        .with_row_index("position")
        .write_csv(include_header=False, separator="\t", quote_style="never", null_value="\\N")
    )


def _foreign(place: str, table: str) -> InputUnusableError:
    return InputUnusableError(
        f"{place} is not an event log of Crossdock: it has a table {table} of something else",
        remedy="name a new file or an empty database",
    )
