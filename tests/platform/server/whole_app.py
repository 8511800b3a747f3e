"""The whole application in this process, asked as machines and browsers ask it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from crossdock.platform.client import TowerClient
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.problems import PROBLEM_TYPE
from crossdock.platform.server.serving import create_app
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.accounts import Accounts

PROTECTIVE = (
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy",
    "x-request-id",
)  # fmt: skip


class WholeApp:
    """The application with its life around it, on an event loop of its own."""

    def __init__(self, app: FastAPI, store: Store, portal: BlockingPortal) -> None:
        self.app = app
        self.store = store
        self.accounts: Accounts = app.state.accounts
        self.portal = portal

    def ask(self, method: str, path: str, **asked: Any) -> httpx.Response:
        """The answer to a request; a stream is ended as soon as it is open."""
        return self.portal.call(self._ask, method, path, asked)

    def client(self, headers: Mapping[str, str]) -> TowerClient:
        """A client with such headers."""
        key = headers["Authorization"].removeprefix("Bearer ")
        return TowerClient("http://tower", key, transport=httpx.MockTransport(self._pass_on))

    def key(self, role: str, tenant: str = "acme") -> dict[str, str]:
        """The headers of a new key."""
        self.accounts.make_tenant(tenant, by="test")
        made = self.accounts.keys.create(tenant, f"{role} of {tenant}", role, by="test")
        return {"Authorization": f"Bearer {made.clear}"}

    def _pass_on(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of the client."""
        got = self.ask(
            request.method, str(request.url), headers=request.headers, content=request.read()
        )
        return httpx.Response(got.status_code, headers=got.headers, content=got.content)

    async def _ask(self, method: str, path: str, asked: Mapping[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://tower") as client:
            asking = asyncio.ensure_future(client.request(method, path, **asked))
            while not asking.done():
                if path.endswith("/v1/stream"):
                    for desk in self.app.state.desks.open.values():
                        desk.hub.close()
                await asyncio.wait({asking}, timeout=0.05)
            return asking.result()


@contextmanager
def whole_app(
    store_url: str,
    settings: ServerSettings | None = None,
    now: Callable[[], dt.datetime] | None = None,
) -> Iterator[WholeApp]:
    with open_database(store_url) as store, start_blocking_portal() as portal:
        app = create_app(store, settings or ServerSettings(), now=now or SystemClock().now)
        with portal.wrap_async_context_manager(app.router.lifespan_context(app)):
            yield WholeApp(app, store, portal)


def faults_of_a_problem(answer: httpx.Response) -> list[str]:
    """What an error of the API lacks."""
    if answer.headers.get("content-type") != PROBLEM_TYPE:
        return [f"is {answer.headers.get('content-type')}"]
    told = answer.json()
    faults = [f"lacks {name}" for name in ("type", "title", "status", "detail") if name not in told]
    if told.get("status") != answer.status_code:
        faults.append(f"says status {told.get('status')}")
    return [*faults, *unprotected(answer)]


def unprotected(answer: httpx.Response) -> list[str]:
    """The protective headers that an answer lacks."""
    return [f"lacks {name}" for name in PROTECTIVE if name not in answer.headers]
