"""An app of some routers, asked by principals that tests choose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request

from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError, answer_errors


def require(what: str) -> Callable[..., Principal]:
    """The principal that the header ``who`` names as ``tenant/role``."""

    def principal(request: Request) -> Principal:
        who = request.headers.get("who")
        if who is None:
            raise RefusedError(401, "say who you are")
        tenant, _, role = who.partition("/")
        asks = Principal(tenant, f"user:{role}", role, role)
        if not asks.may(what):
            raise RefusedError(403, f"{role} may not {what}")
        return asks

    return principal


def app_of(*routers: APIRouter) -> FastAPI:
    app = FastAPI()
    answer_errors(app)
    for router in routers:
        app.include_router(router)
    return app


class Client:
    """Asks an app in this process, as ``who`` unless a header says otherwise."""

    def __init__(self, app: FastAPI, who: str = "acme/planner") -> None:
        self._app, self._headers = app, {"who": who}

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.at_once(1, "GET", path, **options)[0]

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.at_once(1, "POST", path, **options)[0]

    def at_once(self, times: int, method: str, path: str, **options: Any) -> list[httpx.Response]:
        """The answers to as many equal requests that come together."""

        async def ask() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://server", headers=self._headers
            ) as client:
                asked = [client.request(method, path, **options) for _ in range(times)]
                return await asyncio.gather(*asked)

        return asyncio.run(ask())
