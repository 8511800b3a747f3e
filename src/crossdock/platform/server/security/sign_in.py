"""Sign-in by password and by link, with its limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from math import ceil
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import HTTPConnection

from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security.authentication import address_of
from crossdock.platform.server.security.buckets import TokenBuckets
from crossdock.platform.store.database.accounts import (
    Accounts,
    Session,
    SignInRefusedError,
)

_A_MINUTE_FROM_AN_ADDRESS = 20
_A_MINUTE_WITH_AN_EMAIL = 10
_PASSWORDS_AT_ONCE = 2  # each takes 64 MiB and the better part of a core

Answer = TypeVar("Answer")


class SignIn:
    """Opens sessions to those who prove who they are, as often as anyone needs to try."""

    def __init__(self, accounts: Accounts, now: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._by_address = _by_minute(_A_MINUTE_FROM_AN_ADDRESS, now)
        self._by_email = _by_minute(_A_MINUTE_WITH_AN_EMAIL, now)
        self._passwords = anyio.CapacityLimiter(_PASSWORDS_AT_ONCE)

    async def with_password(self, connection: HTTPConnection, email: str, password: str) -> Session:
        """Open a session with email and password.

        Raises
        ------
        RefusedError
            401 where they do not belong together, 429 after too many tries.
        """
        self._count(connection, email)
        return await self._checking(lambda: self._opened(email, password))

    async def with_link(self, connection: HTTPConnection, token: str) -> Session:
        """Open a session with a one-time link, which is then used up; as `with_password`."""
        self._count(connection)
        return await self._checking(lambda: self._accounts.links.redeem(token))

    async def change_password(
        self, connection: HTTPConnection, session: Session, current: str, new: str
    ) -> Session:
        """Give a user a new password; all their sessions end, and a new one opens here.

        Raises
        ------
        RefusedError
            As `with_password` for ``current``, which a user without a password need not give.
        """
        self._count(connection, session.user.email)
        return await self._checking(lambda: self._changed(session, current, new))

    def _opened(self, email: str, password: str) -> Session:
        user = self._accounts.users.check_password(email, password)
        return self._accounts.sessions.open(user, how="password")

    def _changed(self, session: Session, current: str, new: str) -> Session:
        user, users = session.user, self._accounts.users
        if user.has_password:
            users.check_password(user.email, current)
        users.set_password(user.tenant, user.user_id, new, by=f"user:{user.user_id}")
        return self._accounts.sessions.open(user, how="password")

    def _count(self, connection: HTTPConnection, email: str = "") -> None:
        self._by_address.take(address_of(connection))
        if email:
            self._by_email.take(email.strip().lower())

    async def _checking(self, check: Callable[[], Answer]) -> Answer:
        try:
            return await anyio.to_thread.run_sync(check, limiter=self._passwords)
        except SignInRefusedError as error:
            if error.retry_after is None:
                raise RefusedError(HTTPStatus.UNAUTHORIZED, error.message) from None
            raise RefusedError(
                HTTPStatus.TOO_MANY_REQUESTS,
                error.message,
                headers={"Retry-After": str(ceil(error.retry_after.total_seconds()))},
            ) from None


def _by_minute(tries: int, now: Callable[[], datetime]) -> TokenBuckets:
    return TokenBuckets(tries / 60, tries, now)
