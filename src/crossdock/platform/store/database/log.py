"""The log itself: append once, read in order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import polars as pl
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select

from crossdock.model import InvalidValueError
from crossdock.model.event import EVENTS, check_events
from crossdock.model.tables import INSTANT
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.rows import EventRow
from crossdock.platform.store.database.tables import CHECKPOINTS, EVENT_ROWS, KEY

_EVENT = EVENT_ROWS.c
_LOGGED = {**EVENTS, "sequence": pl.Int64}


@dataclass(frozen=True)
class Appended:
    """What became of a batch.

    Attributes
    ----------
    accepted
        Events that were new.
    duplicates
        Events that were there already, or came before in the same batch.
    last_sequence
        Of the log after the batch; 0 where it is empty.
    accepted_events
        The new events in the order of the log, as `EventLog.read` gives them.
    """

    accepted: int
    duplicates: int
    last_sequence: int
    accepted_events: pl.DataFrame


@dataclass(frozen=True)
class AppendedRows:
    """What became of rows: as `Appended`, the new ones with their sequences."""

    accepted: int
    duplicates: int
    last_sequence: int
    rows: Sequence[EventRow]
    sequences: Sequence[int]


class EventLog:
    """One tenant's events, each once, in the order in which they were appended.

    Get one from `open_store`. Frames have the columns of `crossdock.model.event.EVENTS` and
    ``sequence``, which only grows and may have gaps. Every method raises `StoreUnavailableError`
    where the database does not answer.
    """

    def __init__(self, backend: Backend, tenant: str) -> None:
        self._backend = backend
        self._tenant = tenant
        # Asked twice a batch: to word it anew costs more than the answer.
        self._greatest = select(func.max(_EVENT.sequence)).where(_EVENT.tenant == tenant)

    def append(
        self, events: pl.DataFrame, *, checkpoint: tuple[str, bytes] | None = None
    ) -> Appended:
        """Store the events that are new, in one durable transaction.

        Parameters
        ----------
        events
            Rows of `EVENTS`; an empty ``tenant`` is the log's. Of several with the same tenant,
            source and source event id the first is kept.
        checkpoint
            Name and content of a state that holds all events of the log, these included; it
            replaces the one of that name in the same transaction.

        Raises
        ------
        InvalidValueError
            A row is not one that the log takes (`check_events`), or is another tenant's.
        """
        rows = self._checked(events)
        once = rows.unique(KEY, keep="first", maintain_order=True)
        with self._writing() as connection:
            before = self._last(connection)
            added = self._backend.insert(connection, once) if once.height else 0
            last = self._last(connection) if added else before
            accepted = self._added(connection, once, range(before + 1, last + 1), added)
            if checkpoint is not None:
                self._keep(connection, checkpoint, last)
        return Appended(added, rows.height - added, last, accepted)

    def append_rows(self, rows: Sequence[EventRow]) -> AppendedRows:
        """Store the events that are new, as `append` does, of rows that were checked one by one.

        It is for many small batches, where a frame for each costs more than the database.

        Raises
        ------
        InvalidValueError
            A row is another tenant's.
        """
        other = next((row[0] for row in rows if row[0] != self._tenant), None)
        if other is not None:
            raise InvalidValueError(
                f"an event is of the tenant {other}, the log of {self._tenant}",
                remedy="append each tenant's events to a log of its own",
            )
        once: dict[tuple[str, str], EventRow] = {}
        for row in rows:
            once.setdefault((row[1], row[2]), row)
        fresh = list(once.values())
        with self._writing() as connection:
            before = self._last(connection)
            added = self._backend.insert_rows(connection, fresh) if fresh else 0
            last = self._last(connection) if added else before
            sequences: Sequence[int] = range(before + 1, last + 1)
            if not len(sequences) == added == len(fresh):
                found = self._keys_after(connection, before)
                fresh = [once[source, event_id] for source, event_id, _ in found]
                sequences = [sequence for *_, sequence in found]
        return AppendedRows(added, len(rows) - added, last, fresh, sequences)

    def read(
        self, after: int = 0, *, upto: int | None = None, batch: int = 50_000
    ) -> Iterator[pl.DataFrame]:
        """Events with ``after < sequence <= upto`` in the order of the log, in frames of ``batch``.

        Each frame is read in a transaction of its own: nothing stays open between them.
        """
        while True:
            span = _EVENT.sequence > after
            if upto is not None:
                span &= _EVENT.sequence <= upto
            frame = self._frame(self._events(span).order_by(_EVENT.sequence).limit(batch))
            if frame.is_empty():
                return
            yield frame
            after = int(frame["sequence"][-1])

    def all_events(self) -> pl.DataFrame:
        """The whole log in one frame."""
        return pl.concat([pl.DataFrame(schema=_LOGGED), *self.read()])

    def events_of(self, parcel_id: str) -> pl.DataFrame:
        """Events of one parcel by the time they occurred, then by the order of the log."""
        mine = self._events(_EVENT.parcel_id == parcel_id)
        return self._frame(mine.order_by(_EVENT.occurred_at, _EVENT.sequence))

    def count(self) -> int:
        """How many events the log has."""
        with self._reading() as connection:
            mine = select(func.count()).where(_EVENT.tenant == self._tenant)
            return connection.execute(mine).scalar_one()

    def last_sequence(self) -> int:
        """Sequence of the last event; 0 where there is none."""
        with self._reading() as connection:
            return self._last(connection)

    def load_checkpoint(self, name: str) -> tuple[int, bytes] | None:
        """The sequence up to which the state ``name`` holds, and its content; None without one."""
        mine = (CHECKPOINTS.c.tenant == self._tenant) & (CHECKPOINTS.c.name == name)
        with self._reading() as connection:
            found = connection.execute(
                select(CHECKPOINTS.c.sequence, CHECKPOINTS.c.content).where(mine)
            ).one_or_none()
        return None if found is None else (found.sequence, bytes(found.content))

    def keep_checkpoint(self, name: str, content: bytes, sequence: int) -> None:
        """Keep a state that holds all events up to ``sequence``; it replaces an older one."""
        with self._writing() as connection:
            self._keep(connection, (name, content), sequence)

    def _checked(self, events: pl.DataFrame) -> pl.DataFrame:
        named = events if "tenant" in events.columns else events.with_columns(tenant=None)
        rows = check_events(named.with_columns(pl.col("tenant").fill_null(self._tenant)))
        others = rows.filter(pl.col("tenant") != self._tenant)["tenant"]
        if len(others):
            raise InvalidValueError(
                f"{len(others):,} events are of the tenant {others[0]}, the log of {self._tenant}",
                remedy="append each tenant's events to a log of its own: open_store(tenant=...)",
            )
        return rows

    def _added(
        self, connection: Connection, once: pl.DataFrame, span: range, added: int
    ) -> pl.DataFrame:
        """The rows of ``once`` that the transaction added within ``span``, with their sequences."""
        if len(span) == added == once.height:  # all of them, without a gap: no need to ask
            return once.with_columns(sequence=pl.int_range(span.start, span.stop, dtype=pl.Int64))
        own = KEY[1:]  # the tenant is the log's
        keys = (*own, "sequence")
        query = (
            select(*(_EVENT[key] for key in keys))
            .where(_EVENT.tenant == self._tenant, _EVENT.sequence >= span.start)
            .order_by(_EVENT.sequence)
        )
        found = _as_frame(connection.execute(query).all(), keys)
        return found.join(once, on=own, maintain_order="left").select(*_LOGGED)

    def _keys_after(self, connection: Connection, before: int) -> list[tuple[str, str, int]]:
        """Source, event id and sequence of what this transaction added."""
        query = (
            select(_EVENT.source, _EVENT.source_event_id, _EVENT.sequence)
            .where(_EVENT.tenant == self._tenant, _EVENT.sequence > before)
            .order_by(_EVENT.sequence)
        )
        return [(source, event_id, at) for source, event_id, at in connection.execute(query)]

    def _keep(self, connection: Connection, checkpoint: tuple[str, bytes], last: int) -> None:
        name, content = checkpoint
        mine = (CHECKPOINTS.c.tenant == self._tenant) & (CHECKPOINTS.c.name == name)
        connection.execute(delete(CHECKPOINTS).where(mine))
        connection.execute(
            insert(CHECKPOINTS).values(
                tenant=self._tenant,
                name=name,
                sequence=last,
                content=content,
                updated_at=time.time_ns() // 1_000,
            )
        )

    def _last(self, connection: Connection) -> int:
        return connection.execute(self._greatest).scalar() or 0

    def _events(self, which: ColumnElement[bool]) -> Select[tuple[object, ...]]:
        return select(*(_EVENT[name] for name in _LOGGED)).where(
            _EVENT.tenant == self._tenant, which
        )

    def _frame(self, query: Select[tuple[object, ...]]) -> pl.DataFrame:
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return _as_frame(rows, tuple(_LOGGED))

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._backend)

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self._backend, lock=self._tenant)


def _as_frame(rows: Sequence[Row[tuple[object, ...]]], names: Sequence[str]) -> pl.DataFrame:
    """Rows of the database as a frame: by column, since Polars reads rows more slowly."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pl.DataFrame(
        [
            pl.Series(name, values, pl.Int64 if _LOGGED[name] == INSTANT else _LOGGED[name])
            for name, values in zip(names, columns, strict=True)
        ]
    ).cast({name: _LOGGED[name] for name in names})
