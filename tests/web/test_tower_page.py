"""The pages in a real browser: sign in, find what is worst, act on it, follow it to its parcel.

Needs Chromium and Playwright for Python; without them, or without built pages, it is skipped.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.server.pages.built import STATIC

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the pages are not built"),
]
PASSWORD = "correct horse battery 9"
HOSTILE = "PKG-<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("tower")
    process = ServerProcess(
        f"sqlite:///{place}/store.db", place / "log", sweep_s=1, heartbeat_s=0.5
    )
    key = make_key(process.store_url, "ingest")
    for name in ("Ann", "Ruiz"):
        subprocess.run(
            [
                sys.executable, "-m", "crossdock.platform.cli", "admin", "create-user",
                "--store", process.store_url, "--tenant", "acme", "--role", "dispatcher",
                "--email", f"{name}@acme.test", "--name", name, "--password-stdin",
            ],
            input=PASSWORD.encode(), check=True, capture_output=True,
        )  # fmt: skip
    process.start()
    httpx.post(
        f"{process.url}/v1/events", json=told(), headers={"Authorization": f"Bearer {key}"}
    ).raise_for_status()
    yield process
    process.stop()


def told() -> list[dict[str, Any]]:
    now = dt.datetime.now(dt.UTC)
    kinds = (
        ("PKG-1", "picked_up"), ("PKG-1", "attempt_failed"), ("PKG-2", "damaged"),
        (HOSTILE, "damaged"), ("PKG-3", "address_issue"),
    )  # fmt: skip
    events = [
        {
            "source": "scanner",
            "source_event_id": str(number),
            "kind": kind,
            "occurred_at": (now - dt.timedelta(minutes=30 - number)).isoformat(),
            "parcel_id": parcel_id,
            "payload": {"reason": "<script>alert(1)</script>"},
        }
        for number, (parcel_id, kind) in enumerate(kinds)
    ]
    position = {"source": "gps", "source_event_id": "1", "kind": "position", "vehicle_id": "T-1"}
    return [*events, position | {"occurred_at": now.isoformat(), "latitude": 40, "longitude": -100}]


@pytest.fixture
def visit(browser, server) -> Iterator[Any]:
    """A signed-in page of a person; what goes wrong in a page fails the test."""
    faults: list[str] = []
    contexts: list[Any] = []

    def signed_in(name: str, address: str = "/") -> Any:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: "Security Policy" in said.text and faults.append(said.text))
        page.on(
            "request",
            lambda asked: asked.url.startswith(server.url) or faults.append(asked.url),
        )
        page.goto(server.url + address)
        page.fill("input[name=email]", f"{name}@acme.test")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".virtual-row")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert faults == []


def test_the_worst_is_found_owned_and_followed_to_its_parcel_by_keyboard_alone(visit):
    page = visit("Ann")
    assert page.url.endswith("/tower")
    page.keyboard.press("j")
    page.wait_for_selector(".detail h2:has-text('Damage')")
    page.keyboard.press("o")
    page.wait_for_selector(".undo:has-text('Now yours')")
    page.wait_for_selector(".done li:has-text('Ann')")
    page.keyboard.press("z")
    page.wait_for_selector(".done li", state="detached")
    page.keyboard.press("Enter")
    page.wait_for_selector(".truth-line:has-text('Damaged')")
    assert re.search(r"/parcel/PKG-", page.url)
    page.go_back()
    page.wait_for_selector(".detail h2:has-text('Damage')")


def test_a_link_shows_another_person_the_same_and_of_two_who_act_the_second_is_told(visit):
    ann = visit("Ann", "/tower?kind=attempt_failed")
    ann.keyboard.press("j")
    ann.wait_for_selector(".detail")
    # Ann's page hears nothing from now on: she acts on what she saw.
    ann.route("**/v1/stream", lambda route: route.abort())
    ann.reload()
    ann.wait_for_selector(".detail .acts")
    address = ann.url[ann.url.index("/tower") :]
    ruiz = visit("Ruiz", address)
    ruiz.wait_for_selector(".detail h2:has-text('Attempt failed')")
    ruiz.keyboard.press("o")
    ruiz.wait_for_selector(".done li:has-text('Ruiz')")
    ann.keyboard.press("e")
    ann.wait_for_selector(".conflict:has-text('Ruiz')")
    assert "was not done" in ann.inner_text(".conflict")


def test_the_map_moves_when_a_truck_says_where_it_is(visit, server):
    page = visit("Ann")
    page.wait_for_selector(".live-dot:has-text('live')")
    vehicles = page.locator(".map canvas").nth(1)
    vehicles.wait_for()
    page.wait_for_timeout(300)
    before = vehicles.evaluate("canvas => canvas.toDataURL()")
    key = make_key(server.store_url, "ingest")
    moved = told()[-1] | {"source_event_id": "2", "latitude": 44, "longitude": -90}
    httpx.post(
        f"{server.url}/v1/events", json=[moved], headers={"Authorization": f"Bearer {key}"}
    ).raise_for_status()
    # Well within the time after which the whole map is asked anew.
    page.wait_for_function(
        "before => document.querySelectorAll('.map canvas')[1].toDataURL() !== before",
        arg=before,
        timeout=5_000,
    )


def test_what_strangers_wrote_is_shown_and_never_run(visit):
    page = visit("Ann", "/tower?q=onerror")
    page.keyboard.press("j")
    page.wait_for_selector(f".detail-subject:has-text('{HOSTILE}')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".truth-id")
    assert page.inner_text(".truth-id") == HOSTILE


def test_the_palette_finds_a_parcel_and_signing_out_ends_it(visit):
    page = visit("Ann")
    page.keyboard.press("/")
    page.keyboard.type("pkg-3")
    page.keyboard.press("Enter")
    page.wait_for_selector(".truth-line:has-text('Address issue')")
    page.click(".me summary")
    page.click("text=Sign out")
    page.wait_for_selector("input[name=password]")
    assert "/sign-in" in page.url
