"""Commands in a real browser: hold a load from its exception and see what that saves first.

Needs Chromium and Playwright for Python; without them, or without built pages, it is skipped.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import TowerClient
from crossdock.platform.server.pages.built import STATIC
from stored_plan import keep_plan

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the pages are not built"),
]
PASSWORD = "correct horse battery 9"


class Tower:
    """A server with a released plan, and one load of it that a carrier rejected."""

    def __init__(self, place: Path) -> None:
        url = f"sqlite:///{place}/store.db"
        plan = keep_plan(url, "acme", place / "run")
        self.process = ServerProcess(url, place / "log", sweep_s=1, heartbeat_s=0.5)
        for name, role in (("Ann", "dispatcher"), ("Vic", "viewer")):
            subprocess.run(
                [
                    sys.executable, "-m", "crossdock.platform.cli", "admin", "create-user",
                    "--store", url, "--tenant", "acme", "--role", role,
                    "--email", f"{name}@acme.test", "--name", name, "--password-stdin",
                ],
                input=PASSWORD.encode(), check=True, capture_output=True,
            )  # fmt: skip
        self.process.start()
        self.client = TowerClient(self.process.url, make_key(url, "planner"))
        self.client.release(plan["plan_id"])
        loads = list(self.client.plan_loads(plan["plan_id"]))
        self.load = max(loads, key=lambda load: load["parcels"])
        now = dt.datetime.now(dt.UTC).isoformat()
        load_id = self.load["load_id"]
        self.client.send_events(
            [
                {
                    "source": "carrier", "source_event_id": "1", "kind": "tender_rejected",
                    "occurred_at": now, "payload": {"load_id": load_id, "carrier_id": "SUMMIT"},
                }
            ]
        )  # fmt: skip

    def given(self) -> list[dict[str, Any]]:
        return list(self.client.commands())


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tower]:
    tower = Tower(tmp_path_factory.mktemp("tower"))
    with tower.client:
        yield tower
    tower.process.stop()


@pytest.fixture
def visit(browser, tower) -> Iterator[Any]:
    faults: list[str] = []
    contexts: list[Any] = []

    def signed_in(name: str) -> Any:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: "Security Policy" in said.text and faults.append(said.text))
        page.goto(tower.process.url)
        page.fill("input[name=email]", f"{name}@acme.test")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".virtual-row")
        page.keyboard.press("j")
        page.wait_for_selector(".detail h2")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert faults == []


def test_a_hold_is_previewed_changed_and_done_with_the_keyboard(visit, tower):
    page = visit("Ann")
    page.get_by_role("button", name="Hold…").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".effect:not(.pending):has-text('It can be done')")
    assert tower.given() == []
    page.keyboard.type("9999")  # the field is chosen and selected
    page.wait_for_selector(".effect:has-text('the longest hold is 12 h')")
    assert page.locator("button.main:has-text('Hold')").is_disabled()
    page.keyboard.press("Enter")
    assert tower.given() == []
    page.keyboard.press("Control+a")
    page.keyboard.type("45")
    page.wait_for_selector(".effect:not(.pending):has-text('It can be done')")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".command:has-text('{tower.load['load_id']} is held')")
    (given,) = tower.given()
    held = dt.datetime.fromisoformat(given["arguments"]["until"])
    planned = dt.datetime.fromisoformat(tower.load["departs_at"])
    assert held - planned == dt.timedelta(minutes=45)
    assert given["by"] == "Ann"
    page.keyboard.press("Escape")
    page.wait_for_selector(".command", state="detached")


def test_a_command_is_begun_from_the_palette_and_left(visit, tower):
    before = tower.given()
    page = visit("Ann")
    page.keyboard.press("/")
    page.keyboard.type(f"cancel {tower.load['load_id']}")
    page.wait_for_selector(".choice[aria-selected=true]:has-text('Cancel')")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .effect:has-text('It can be done')")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog .command", state="detached")
    assert tower.given() == before


def test_who_may_only_look_is_offered_nothing(visit):
    page = visit("Vic")
    page.wait_for_selector("text=may look, not act")
    assert page.get_by_role("button", name="Hold…").count() == 0
