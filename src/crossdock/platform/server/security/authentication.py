"""Who sends a request: a machine with its key, or a browser with its session."""

from __future__ import annotations

import hmac
import ipaddress
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security.buckets import TokenBuckets
from crossdock.platform.server.security.cookies import SessionCookie
from crossdock.platform.store.database.accounts import Accounts, ApiKey, Session

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_IPV6_SITE = 64  # the part of an address that its owner does not choose


class Authentication:
    """Finds out who sends a request, and counts it against their limit.

    Parameters
    ----------
    requests
        The limit of each key, user and address.
    """

    def __init__(self, accounts: Accounts, cookie: SessionCookie, requests: TokenBuckets) -> None:
        self._accounts = accounts
        self._cookie = cookie
        self._requests = requests

    async def principal(self, connection: HTTPConnection) -> Principal:
        """Who asks.

        Raises
        ------
        RefusedError
            401 without a good key or session, 403 where a session does not repeat its CSRF token,
            429 over the limit.
        """
        header = connection.headers.get("authorization")
        if header is not None:
            asker = await self._with_key(connection, header)
        else:
            asker = await self._with_session(connection)
        self._requests.take(asker.actor)
        return asker

    async def session(self, connection: HTTPConnection) -> Session | None:
        """The session that a browser sends along, whether or not it may be used for this."""
        token = self._cookie.token(connection)
        if token is None:
            return None
        # Whatever asks the store who someone is counts against where it comes from.
        self.count_address(connection)
        return await run_in_threadpool(self._accounts.sessions.find, token)

    def count_address(self, connection: HTTPConnection) -> None:
        """Count a request against the address it comes from."""
        self._requests.take(f"address:{address_of(connection)}")

    async def _with_key(self, connection: HTTPConnection, header: str) -> Principal:
        scheme, _, clear = header.partition(" ")
        clear = clear.strip()
        if scheme.lower() != "bearer" or not clear:
            self.count_address(connection)
            raise _unknown("the Authorization header is not `Bearer KEY`")
        found = self._accounts.keys.remembered(clear)
        if found is None:
            self.count_address(connection)
            found = await run_in_threadpool(self._accounts.keys.find, clear)
        if found is None:
            raise _unknown("the key is unknown or was revoked", error="invalid_token")
        return _of_key(found)

    async def _with_session(self, connection: HTTPConnection) -> Principal:
        found = await self.session(connection)
        if found is None:
            if self._cookie.token(connection) is None:
                self.count_address(connection)
            raise _unknown("sign in, or send a key as `Authorization: Bearer KEY`")
        if connection.scope["method"] not in _SAFE:
            sent = connection.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode("latin-1"), found.csrf.encode()):
                raise RefusedError(
                    HTTPStatus.FORBIDDEN,
                    f"the header {CSRF_HEADER} does not carry the token of this session",
                )
        return of_session(found)


def of_session(session: Session) -> Principal:
    """The user of a session."""
    user = session.user
    return Principal(user.tenant, f"user:{user.user_id}", user.name, user.role, session.csrf)


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from; of IPv6 the network, in which a sender has addresses enough."""
    if connection.client is None:
        return "unknown"
    try:
        address = ipaddress.ip_address(connection.client.host)
    except ValueError:
        return connection.client.host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _IPV6_SITE), strict=False))


def _of_key(key: ApiKey) -> Principal:
    return Principal(key.tenant, f"key:{key.key_id}", key.name, key.role)


def _unknown(detail: str, **challenge: Any) -> RefusedError:
    said = "".join(f', {name}="{value}"' for name, value in challenge.items())
    headers = {"WWW-Authenticate": f'Bearer realm="crossdock"{said}'}
    return RefusedError(HTTPStatus.UNAUTHORIZED, detail, headers=headers)
