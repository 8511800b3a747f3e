"""How many requests are being answered, so that a stop can wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.platform.server.problems import problem

_ALWAYS = ("/livez", "/readyz")


class UnderWay:
    """The requests that are being answered.

    Attributes
    ----------
    draining
        The server stops: what comes new is sent away.
    """

    def __init__(self) -> None:
        self.draining = False
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def count(self) -> int:
        """How many."""
        return len(self._tasks)

    @contextmanager
    def one_more(self) -> Generator[None]:
        """Count the task that runs this as a request."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    def cut_off(self) -> None:
        """End every request as it is."""
        for task in self._tasks:
            task.cancel()


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
        with self._under_way.one_more():
            await self._app(scope, receive, send)
