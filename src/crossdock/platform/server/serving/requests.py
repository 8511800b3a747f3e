"""How many requests are being answered, so that a stop can wait for them."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.platform.server.problems import problem

_ALWAYS = ("/livez", "/readyz")


class UnderWay:
    """The requests that are being answered.

    Attributes
    ----------
    count
        How many.
    draining
        The server stops: what comes new is sent away.
    """

    def __init__(self) -> None:
        self.count = 0
        self.draining = False


class CountRequests:
    """Counts requests from their first byte to the last of their answer."""

    def __init__(self, app: ASGIApp, under_way: UnderWay) -> None:
        self._app = app
        self._under_way = under_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._under_way.draining and scope["path"] not in _ALWAYS:
            stops = problem(503, "the server stops; ask again", headers={"Retry-After": "2"})
            await stops(scope, receive, send)
            return
        self._under_way.count += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way.count -= 1
