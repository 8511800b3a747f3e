"""What subscribers are told, kept for those who come back: packets of numbered messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, func, insert, select

from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import microseconds
from crossdock.platform.store.database.tables import OUTBOX

_ROW = OUTBOX.c
_INSERT = insert(OUTBOX)
_DECODE = msgspec.json.Decoder(list[tuple[str, msgspec.Raw]])


@dataclass(frozen=True)
class Message:
    """One thing that subscribers are told.

    Attributes
    ----------
    number
        Grows by one within a tenant.
    event
        Its kind, such as ``parcel``.
    data
        JSON.
    """

    number: int
    event: str
    data: bytes


class Outbox:
    """One tenant's messages, in packets that are committed whole."""

    def __init__(self, backend: Backend, tenant: str) -> None:
        self._backend = backend
        self._tenant = tenant

    def append(
        self,
        first_number: int,
        messages: Sequence[tuple[str, bytes]],
        *,
        sequence: int,
        now: dt.datetime,
    ) -> list[Message]:
        """Keep a packet: ``event`` and JSON of each message.

        Parameters
        ----------
        sequence
            Of the log: every event up to it has been told of.
        """
        numbered = [
            Message(number, event, data)
            for number, (event, data) in enumerate(messages, start=first_number)
        ]
        packed = msgspec.json.encode([(each.event, msgspec.Raw(each.data)) for each in numbered])
        with writing(self._backend, lock=f"outbox of {self._tenant}") as connection:
            connection.execute(
                _INSERT,
                {
                    "tenant": self._tenant,
                    "first_number": first_number,
                    "last_number": first_number + len(numbered) - 1,
                    "sequence": sequence,
                    "messages": packed,
                    "created_at": microseconds(now),
                },
            )
        return numbered

    def last(self) -> tuple[int, int]:
        """Number of the last message, and the sequence up to which the log has been told of."""
        mine = _ROW.tenant == self._tenant
        with reading(self._backend) as connection:
            number, sequence = connection.execute(
                select(func.max(_ROW.last_number), func.max(_ROW.sequence)).where(mine)
            ).one()
        return number or 0, sequence or 0

    def first_kept(self) -> int:
        """Number of the oldest message that is kept; 0 without one."""
        with reading(self._backend) as connection:
            oldest = select(func.min(_ROW.first_number)).where(_ROW.tenant == self._tenant)
            return connection.execute(oldest).scalar() or 0

    def after(self, number: int, *, most: int) -> list[Message]:
        """The messages after ``number``, at most so many, in their order."""
        later = (
            select(_ROW.first_number, _ROW.messages)
            .where(_ROW.tenant == self._tenant, _ROW.last_number > number)
            .order_by(_ROW.last_number)
        )
        found: list[Message] = []
        with reading(self._backend) as connection:
            for first, packed in connection.execute(later):
                found += [
                    Message(at, event, bytes(data))
                    for at, (event, data) in enumerate(_DECODE.decode(packed), start=first)
                    if at > number
                ]
                if len(found) >= most:
                    break
        return found[:most]

    def forget(self, before: dt.datetime) -> int:
        """Drop packets that were made before an instant, but the newest; returns how many."""
        newest = select(func.max(_ROW.last_number)).where(_ROW.tenant == self._tenant)
        old = (
            (_ROW.tenant == self._tenant)
            & (_ROW.created_at < microseconds(before))
            & (_ROW.last_number < newest.scalar_subquery())
        )
        with writing(self._backend, lock=f"outbox of {self._tenant}") as connection:
            return connection.execute(delete(OUTBOX).where(old)).rowcount
