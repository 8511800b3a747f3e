"""One address in front of applications that come one after another."""

from __future__ import annotations

import asyncio
import contextlib

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

_LOOKS_EVERY_S = 0.05


class Switch:
    """Hands each request to the application of the moment; between two of them requests wait."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None
        self._there = asyncio.Event()
        self._under_way = 0

    @property
    def app(self) -> FastAPI | None:
        """Who answers now."""
        return self._app

    def open(self, app: FastAPI) -> None:
        """Have ``app`` answer from now on."""
        self._app = app
        self._there.set()

    async def hold(self, most_s: float) -> None:
        """Have requests wait for the next application, and those under way be answered.

        Parameters
        ----------
        most_s
            How long the slowest of them is waited for.
        """
        app, self._app = self._app, None
        self._there.clear()
        if app is not None:
            for desk in app.state.desks.open.values():
                desk.hub.close()  # streams have no end of their own
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                while self._under_way:
                    await asyncio.sleep(_LOOKS_EVERY_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        while self._app is None:
            await self._there.wait()
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1
