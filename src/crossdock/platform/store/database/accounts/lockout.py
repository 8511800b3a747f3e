"""Wrong passwords in a row lock an email for a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from crossdock.platform.store.database.accounts.rules import AccountRules, SignInRefusedError
from crossdock.platform.store.database.accounts.tokens import digest
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.tables import SIGN_IN_FAILURES


class Lockout:
    """Counts wrong passwords by email, in the transactions that it is handed.

    The email is kept as a digest, since what is typed there may be a password.
    """

    def __init__(self, rules: AccountRules) -> None:
        self._rules = rules

    def refuse_locked(self, connection: Connection, email: str, now: datetime) -> None:
        """Raise SignInRefusedError where ``email`` is locked."""
        query = select(SIGN_IN_FAILURES.c.locked_until).where(_of(email))
        until = connection.execute(query).scalar()
        if until is not None and until > microseconds(now):
            raise SignInRefusedError(
                "too many wrong passwords: sign-in with this email is locked for a while",
                retry_after=instant_of(int(until)) - now,
            )

    def count(self, connection: Connection, email: str, now: datetime) -> bool:
        """Count a wrong password; returns whether it locks the email."""
        # A count is forgotten when it is as old as a lock lasts, and so is a lock that is over.
        table, old = SIGN_IN_FAILURES.c, microseconds(now - self._rules.lockout)
        connection.execute(delete(SIGN_IN_FAILURES).where(table.last_at <= old))
        before = connection.execute(select(table.failures).where(_of(email))).scalar() or 0
        locks = before + 1 >= self._rules.lockout_failures
        self.forget(connection, email)
        connection.execute(
            insert(SIGN_IN_FAILURES).values(
                email_hash=digest(email),
                failures=before + 1,
                last_at=microseconds(now),
                locked_until=microseconds(now + self._rules.lockout) if locks else None,
            )
        )
        return locks

    def forget(self, connection: Connection, email: str) -> None:
        """Start to count anew."""
        connection.execute(delete(SIGN_IN_FAILURES).where(_of(email)))


def _of(email: str) -> ColumnElement[bool]:
    return SIGN_IN_FAILURES.c.email_hash == digest(email)
