"""The first request of a key gets its turn; the others get what it was answered."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, select, update

from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import writing
from crossdock.platform.store.database.insert_new import insert_if_new
from crossdock.platform.store.database.instants import microseconds
from crossdock.platform.store.database.tables import IDEMPOTENCY

GIVEN_UP_AFTER = dt.timedelta(minutes=5)
"""A request that is not answered by then went down with its server; the next one takes over."""

_SWEEP_EVERY = dt.timedelta(hours=1)
_ROW = IDEMPOTENCY.c


@dataclass(frozen=True)
class KeptAnswer:
    """The first answer, as it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Turn:
    """The right to answer a key.

    Attributes
    ----------
    token
        Random, and the same for one who takes a crashed request over: ids that grow from it name
        the same things again.
    began_us
        Tells this turn from one that took it over.
    """

    tenant: str
    actor: str
    key: str
    token: str
    began_us: int


class NoTurn(StrEnum):
    """Why a request is neither answered nor may be."""

    IN_FLIGHT = "in flight"
    OTHER_REQUEST = "other request"


class KeptAnswers:
    """Keys and answers of all tenants and actors in one store.

    Parameters
    ----------
    now
        Tells the time.
    kept
        How long an answer is given again; then the key is new.
    """

    def __init__(
        self, backend: Backend, now: Callable[[], dt.datetime], *, kept: dt.timedelta
    ) -> None:
        self._backend = backend
        self._now = now
        self._kept = kept
        self._swept_at = dt.datetime.min.replace(tzinfo=dt.UTC)

    def begin(
        self, tenant: str, actor: str, key: str, request_hash: str
    ) -> Turn | KeptAnswer | NoTurn:
        """What a request with this key is to do.

        Parameters
        ----------
        request_hash
            Of everything that makes two requests the same.
        """
        now = self._now()
        with writing(self._backend) as connection:
            self._sweep(connection, now, _of(tenant, actor, key))
            turn = Turn(tenant, actor, key, uuid.uuid4().hex, microseconds(now))
            row = {
                "tenant": tenant,
                "actor": actor,
                "key": key,
                "request_hash": request_hash,
                "token": turn.token,
                "created_at": turn.began_us,
            }
            while not insert_if_new(connection, IDEMPOTENCY, row):
                known = self._known(connection, turn, request_hash)
                if known is not None:
                    return known
            return turn

    def keep(self, turn: Turn, answer: KeptAnswer) -> None:
        """Keep what was answered; nothing happens where another took the turn over."""
        kept = update(IDEMPOTENCY).where(_held(turn))
        with writing(self._backend) as connection:
            connection.execute(
                kept.values(
                    status=answer.status,
                    headers=json.dumps(dict(answer.headers)),
                    body=answer.body,
                )
            )

    def forget(self, turn: Turn) -> None:
        """Let the key be tried anew: the request failed and changed nothing that lasts."""
        with writing(self._backend) as connection:
            connection.execute(delete(IDEMPOTENCY).where(_held(turn)))

    def _known(
        self, connection: Connection, turn: Turn, request_hash: str
    ) -> Turn | KeptAnswer | NoTurn | None:
        """None where the key was forgotten this moment."""
        this = _of(turn.tenant, turn.actor, turn.key)
        found = connection.execute(select(IDEMPOTENCY).where(this).with_for_update()).first()
        if found is None:
            return None
        if found.request_hash != request_hash:
            return NoTurn.OTHER_REQUEST
        if found.status is not None:
            return KeptAnswer(found.status, json.loads(found.headers), bytes(found.body))
        given_up = turn.began_us - GIVEN_UP_AFTER // dt.timedelta(microseconds=1)
        if found.created_at > given_up:
            return NoTurn.IN_FLIGHT
        connection.execute(update(IDEMPOTENCY).where(this).values(created_at=turn.began_us))
        return Turn(turn.tenant, turn.actor, turn.key, found.token, turn.began_us)

    def _sweep(self, connection: Connection, now: dt.datetime, this: ColumnElement[bool]) -> None:
        """Drop what is too old: of this key always, of all from time to time."""
        old = _ROW.created_at <= microseconds(now - self._kept)
        if now - self._swept_at < _SWEEP_EVERY:
            old &= this
        else:
            self._swept_at = now
        connection.execute(delete(IDEMPOTENCY).where(old))


def _of(tenant: str, actor: str, key: str) -> ColumnElement[bool]:
    return (_ROW.tenant == tenant) & (_ROW.actor == actor) & (_ROW.key == key)


def _held(turn: Turn) -> ColumnElement[bool]:
    return (
        _of(turn.tenant, turn.actor, turn.key)
        & _ROW.status.is_(None)
        & (_ROW.created_at == turn.began_us)
    )
