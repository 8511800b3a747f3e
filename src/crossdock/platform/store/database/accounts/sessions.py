"""Signed-in browsers: a random token in a cookie, of which only the digest is stored."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from crossdock.model import StoreUnavailableError
from crossdock.platform.store.database.accounts.rules import AccountRules
from crossdock.platform.store.database.accounts.tokens import digest, new_token
from crossdock.platform.store.database.accounts.users import User, as_user
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.tables import SESSIONS, USERS

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """A signed-in browser.

    Attributes
    ----------
    token
        For the cookie alone.
    csrf
        What a request that changes something must repeat. It follows from the token, so that it
        changes with it and need not be stored; the token does not follow from it.
    """

    token: str = field(repr=False)
    user: User
    expires_at: datetime

    @property
    def csrf(self) -> str:
        """See the class."""
        return digest(f"csrf {self.token}")


class Sessions:
    """The sessions of all users."""

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], datetime],
        audit: AuditLog,
        rules: AccountRules,
    ) -> None:
        self._backend = backend
        self._now = now
        self._audit = audit
        self._rules = rules

    def open(self, user: User, *, how: str) -> Session:
        """Sign a user in with a token that nobody had before.

        Parameters
        ----------
        how
            What proved who they are, for the audit log: ``password``, ``link``.
        """
        with writing(self._backend) as connection:
            return self.open_within(connection, user, how=how)

    def open_within(self, connection: Connection, user: User, *, how: str) -> Session:
        """`open` in the transaction that uses up what proves who they are."""
        now = self._now()
        self._forget_ended(connection, user.user_id, now)
        session = Session(new_token(), user, now + self._rules.session_most)
        connection.execute(
            insert(SESSIONS).values(
                token_hash=digest(session.token),
                user_id=user.user_id,
                created_at=microseconds(now),
                last_seen_at=microseconds(now),
                expires_at=microseconds(session.expires_at),
            )
        )
        self._write_down(connection, user, "session.opened", {"how": how})
        return session

    def find(self, token: str) -> Session | None:
        """The session of a cookie; None where it has ended, or its user may not come in."""
        now, kept = self._now(), digest(token)
        query = (
            select(USERS, SESSIONS.c.last_seen_at, SESSIONS.c.expires_at)
            .join(USERS, USERS.c.user_id == SESSIONS.c.user_id)
            .where(SESSIONS.c.token_hash == kept, USERS.c.disabled_at.is_(None))
        )
        with reading(self._backend) as connection:
            found = connection.execute(query).first()
        if found is None or now >= instant_of(int(found.expires_at)):
            return None
        silence = now - instant_of(int(found.last_seen_at))
        if silence >= self._rules.session_idle:
            return None
        if silence >= min(_SEEN_EVERY, self._rules.session_idle / 4):
            self._saw(kept, now)
        return Session(token, as_user(found), instant_of(int(found.expires_at)))

    def end(self, session: Session) -> None:
        """Sign out."""
        with writing(self._backend) as connection:
            this = SESSIONS.c.token_hash == digest(session.token)
            connection.execute(delete(SESSIONS).where(this))
            self._write_down(connection, session.user, "session.ended", {})

    def end_all(self, user: User) -> int:
        """Sign a user out everywhere; returns how many sessions ended."""
        with writing(self._backend) as connection:
            of_user = SESSIONS.c.user_id == user.user_id
            ended = connection.execute(delete(SESSIONS).where(of_user)).rowcount
            self._write_down(connection, user, "session.all_ended", {"sessions": ended})
        return ended

    def _saw(self, token_hash: str, now: datetime) -> None:
        # A store that cannot be written should still show what it holds.
        with contextlib.suppress(StoreUnavailableError), writing(self._backend) as connection:
            connection.execute(
                update(SESSIONS)
                .where(SESSIONS.c.token_hash == token_hash)
                .values(last_seen_at=microseconds(now))
            )

    def _forget_ended(self, connection: Connection, user_id: str, now: datetime) -> None:
        silent = SESSIONS.c.last_seen_at <= microseconds(now - self._rules.session_idle)
        over = (SESSIONS.c.expires_at <= microseconds(now)) | silent
        connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, over))

    def _write_down(
        self, connection: Connection, user: User, action: str, detail: dict[str, object]
    ) -> None:
        who = f"user:{user.user_id}"
        self._audit.append_within(connection, user.tenant, who, action, who, detail)
