"""The browser in which the pages are tested, the server that it visits, and who visits.

It needs Chromium and Playwright for Python; without them, or without built pages, the tests of
this folder are skipped.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock.model import NotFoundError
from crossdock.platform.bench import ServerProcess
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.pages.built import STATIC
from crossdock.platform.server.security.cookies import COOKIE
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts

CAST = {"Ann": "dispatcher", "Ruiz": "dispatcher", "Vic": "viewer", "Pia": "planner"}
"""Who visits, wherever they do, and what they may do there."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Its path."""
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed")
    if not (STATIC / "index.html").is_file():
        pytest.skip("the pages are not built")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Of the module: while it is open an event loop runs, which tests of other folders may not."""
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as started:
        # The software renderer of a GPU is far slower than no GPU at all.
        yield started.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", "--no-sandbox"]
        )


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all: each module of tests is a tenant of its own."""
    place = tmp_path_factory.mktemp("server")
    url = f"sqlite:///{place}/store.db"
    process = ServerProcess(url, place / "log", sweep_s=2, heartbeat_s=0.5).start()
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="session")
def accounts(server: ServerProcess) -> Iterator[Accounts]:
    with open_database(server.store_url) as store:
        yield Accounts(store.backend, SystemClock().now)


@pytest.fixture(scope="module")
def tenant(accounts: Accounts, request: pytest.FixtureRequest) -> str:
    """Of the module: ``board-page``. What it knows is kept before the first question."""
    name = request.module.__name__.removeprefix("test_").replace("_", "-")
    accounts.make_tenant(name, by="test")
    return name


@pytest.fixture
def visit(browser: Any, server: ServerProcess, accounts: Accounts, tenant: str) -> Iterator[Any]:
    """Pages of people who are signed in; what goes wrong in a page fails the test.

    ``visit("Ann", "/board/DFW", width=900)``; with another ``of``, Ann of that tenant. Without a
    name nobody is signed in.
    """
    faults: list[str] = []
    contexts: list[Any] = []

    def visited(
        name: str | None, address: str, *, of: str = tenant, width: int = 1440, **looks: Any
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **looks)
        contexts.append(context)
        if name is not None:
            token = _session(accounts, of, name)
            context.add_cookies([{"name": COOKIE, "value": token, "url": server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: "Security Policy" in said.text and faults.append(said.text))
        page.on("request", lambda asked: _stays(asked.url, server.url) or faults.append(asked.url))
        page.goto(server.url + address)
        page.wait_for_selector(".live-dot" if name else "input[name=email]")
        return page

    yield visited
    for context in contexts:
        context.close()
    assert faults == []


def _session(accounts: Accounts, tenant: str, name: str) -> str:
    """The token of a session, without the form that asks for a password (`test_walk`)."""
    email = f"{name}@{tenant}.test"
    accounts.make_tenant(tenant, by="test")
    try:
        user = accounts.users.of_email(email)
    except NotFoundError:
        user = accounts.users.create(tenant, email, name, CAST[name], by="test")
    return accounts.sessions.open(user, how="test").token


def _stays(asked: str, url: str) -> bool:
    return asked.startswith((url, f"blob:{url}"))
