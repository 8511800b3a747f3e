"""The gate of the API: nothing under ``/v1`` is looked at before it is known who asks."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.platform.server.security.authentication import Authentication
from crossdock.platform.server.security.permission import keep_principal

_CLOSED = "/v1"


class Gate:
    """Lets a request under ``/v1`` in with a good key or session alone.

    So a path that is not there, a method that is not allowed and a body that cannot be read are
    told to nobody outside, and a route that forgot to ask is closed all the same. Every other
    request counts against the address it comes from.
    """

    def __init__(self, app: ASGIApp, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            path: str = scope["path"]
            if path == _CLOSED or path.startswith(f"{_CLOSED}/"):
                keep_principal(scope, await self._authentication.principal(connection))
            else:
                self._authentication.count_address(connection)
        await self._app(scope, receive, send)
