"""Who did what: rows that nobody can change or take out unseen.

Each row carries the SHA-256 of the row before it and of itself, so that a row which was changed,
inserted or removed breaks the chain at its number. The last rows can be cut off without a break;
that shows where the number and hash of a row were kept elsewhere, as ``crossdock admin
verify-audit`` prints them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, insert, select

from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.tables import AUDIT

_START = "0" * 64
_PAGE = 1_000


@dataclass(frozen=True)
class AuditRow:
    """One act.

    Attributes
    ----------
    number
        1, 2, ... within the tenant.
    actor
        ``user:<id>``, ``key:<id>`` or ``cli``.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class AuditVerdict:
    """Whether a tenant's audit log is what was written.

    Attributes
    ----------
    rows
        How many rows were found in order.
    last_hash
        Of the last of them.
    broken
        Number of the first row that is missing or was changed; None where all hold.
    """

    rows: int
    last_hash: str
    broken: int | None


class AuditLog:
    """The audit logs of all tenants of one store, each a chain of its own."""

    def __init__(self, backend: Backend, now: Callable[[], datetime]) -> None:
        self._backend = backend
        self._now = now

    def append(
        self,
        tenant: str,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, object] | None = None,
    ) -> AuditRow:
        """Write down an act in a transaction of its own.

        Parameters
        ----------
        detail
            What JSON can hold; no secrets.
        """
        with writing(self._backend) as connection:
            return self.append_within(connection, tenant, actor, action, subject, detail)

    def append_within(
        self,
        connection: Connection,
        tenant: str,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, object] | None = None,
    ) -> AuditRow:
        """Write down an act in the transaction that does it, so that both or neither are there.

        Nobody else writes to this log until that transaction ends.
        """
        self._backend.lock(connection, f"audit:{tenant}")
        before = connection.execute(
            select(AUDIT.c.number, AUDIT.c.hash)
            .where(AUDIT.c.tenant == tenant)
            .order_by(AUDIT.c.number.desc())
            .limit(1)
        ).first()
        previous = before.hash if before else _START
        cells: dict[str, Any] = {
            "tenant": tenant,
            "number": before.number + 1 if before else 1,
            "at": microseconds(self._now()),
            "actor": _storable(actor),
            "action": _storable(action),
            "subject": _storable(subject),
            "detail": _canonical(detail or {}),
        }
        cells |= {"previous_hash": previous, "hash": _chained(previous, cells)}
        connection.execute(insert(AUDIT).values(cells))
        return AuditRow(
            number=cells["number"],
            at=instant_of(int(cells["at"])),
            actor=cells["actor"],
            action=cells["action"],
            subject=cells["subject"],
            detail=json.loads(cells["detail"]),
            hash=cells["hash"],
        )

    def newest(self, tenant: str, *, before: int | None = None, limit: int = 100) -> list[AuditRow]:
        """The last ``limit`` rows, newest first; of those with a number under ``before``."""
        which = AUDIT.c.tenant == tenant
        if before is not None:
            which &= AUDIT.c.number < before
        query = select(AUDIT).where(which).order_by(AUDIT.c.number.desc()).limit(limit)
        with reading(self._backend) as connection:
            return [_row(found) for found in connection.execute(query)]

    def verify(self, tenant: str) -> AuditVerdict:
        """Walk the chain from its start to the first row that is missing or was changed."""
        number, previous = 0, _START
        for found in self._in_order(tenant):
            linked = found["number"] == number + 1 and found["previous_hash"] == previous
            if not linked or found["hash"] != _chained(previous, found):
                return AuditVerdict(number, previous, number + 1)
            number, previous = int(found["number"]), str(found["hash"])
        return AuditVerdict(number, previous, None)

    def _in_order(self, tenant: str) -> Iterator[RowMapping]:
        after: int | None = None
        while True:
            which = AUDIT.c.tenant == tenant
            if after is not None:
                which &= AUDIT.c.number > after
            query = select(AUDIT).where(which).order_by(AUDIT.c.number).limit(_PAGE)
            with reading(self._backend) as connection:
                rows = connection.execute(query).mappings().all()
            yield from rows
            if len(rows) < _PAGE:
                return
            after = int(rows[-1]["number"])


def _chained(previous: str, cells: Mapping[str, Any] | RowMapping) -> str:
    said = {
        name: cells[name]
        for name in ("tenant", "number", "at", "actor", "action", "subject", "detail")
    }
    return hashlib.sha256(f"{previous}\n{_canonical(said)}".encode()).hexdigest()


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _storable(text: str) -> str:
    """``text`` without what a database cannot hold: lone surrogates, and NUL in PostgreSQL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _row(found: Row[Any]) -> AuditRow:
    return AuditRow(
        number=found.number,
        at=instant_of(int(found.at)),
        actor=found.actor,
        action=found.action,
        subject=found.subject,
        detail=json.loads(found.detail),
        hash=found.hash,
    )
