"""Time travel in a real browser: into the past by keyboard, reading it, and back to now.

Needs Chromium and Playwright for Python; without them, or without built pages, it is skipped.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from crossdock.model.event import EVENTS
from crossdock.model.tables import conform
from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.server.pages.built import STATIC
from crossdock.platform.store.database import open_database

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the pages are not built"),
]
PASSWORD = "correct horse battery 9"
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
TOLD = (
    (300, "PKG-1", "picked_up"), (290, "PKG-1", "damaged"), (170, "PKG-2", "address_issue"),
    (60, "PKG-3", "attempt_failed"),
)  # fmt: skip
"""Minutes ago, parcel, kind: what was heard, when it happened."""


def at(minutes: float) -> dt.datetime:
    return NOW - dt.timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("past")
    process = ServerProcess(
        f"sqlite:///{place}/store.db", place / "log", sweep_s=1, heartbeat_s=0.5
    )
    make_key(process.store_url, "viewer")
    rows = [
        {
            "tenant": "acme", "source": "scanner", "source_event_id": str(minutes), "kind": kind,
            "parcel_id": parcel_id, "facility_id": "LAX", "occurred_at": at(minutes),
            "received_at": at(minutes),
        }
        for minutes, parcel_id, kind in TOLD
    ]  # fmt: skip
    with open_database(process.store_url) as store:
        store.log("acme").append(conform(pl.DataFrame(rows), EVENTS))
    subprocess.run(
        [
            sys.executable, "-m", "crossdock.platform.cli", "admin", "create-user",
            "--store", process.store_url, "--tenant", "acme", "--role", "dispatcher",
            "--email", "ann@acme.test", "--name", "Ann", "--password-stdin",
        ],
        input=PASSWORD.encode(), check=True, capture_output=True,
    )  # fmt: skip
    process.start()
    yield process
    process.stop()


@pytest.fixture
def visit(browser, server) -> Iterator[Any]:
    """Ann's page; what goes wrong in it fails the test."""
    faults: list[str] = []
    contexts: list[Any] = []

    def signed_in(address: str, *, scheme: str = "light") -> Any:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme=scheme, timezone_id="UTC"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: "Security Policy" in said.text and faults.append(said.text))
        page.goto(server.url + address)
        page.fill("input[name=email]", "ann@acme.test")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert faults == []


def instant(minutes: float) -> str:
    return at(minutes).strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(page: Any, count: int) -> list[str]:
    """The subjects of the list, once there are so many."""
    page.wait_for_function(
        "count => document.querySelectorAll('.virtual-row').length === count", arg=count
    )
    return sorted(page.locator(".queue-subject").all_inner_texts())


def test_the_past_is_reached_read_and_left_by_keyboard_alone(visit):
    page = visit("/tower")
    assert listed(page, 3) == ["PKG-1", "PKG-2", "PKG-3"]
    page.keyboard.press("t")
    page.wait_for_selector(".past-bar:has-text('read-only')")
    assert "at=" in page.url
    # The slider has the focus: four steps of an hour lie before the last and the second exception.
    assert page.evaluate("document.activeElement.type") == "range"
    page.select_option("select[aria-label='How far back']", label="14 d")
    page.focus("input[type=range]")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert listed(page, 1) == ["PKG-1"]
    page.keyboard.press("j")
    page.wait_for_selector(".detail h2:has-text('Damage')")
    assert page.locator(".detail .acts").count() == 0
    assert "only be read" in page.inner_text(".read-only")
    page.keyboard.press("o")
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert page.locator(".undo, .act-panel").count() == 0
    page.keyboard.press("t")
    assert listed(page, 3) == ["PKG-1", "PKG-2", "PKG-3"]
    assert "at=" not in page.url
    assert page.locator(".past-bar").count() == 0
    page.wait_for_selector(".detail .acts:has-text('Take')")
    page.wait_for_selector(".done:has-text('Ann')", state="detached")


def test_a_link_leads_to_the_same_instant_and_from_there_to_the_parcel_as_it_was(visit):
    page = visit(f"/tower?at={instant(120)}")
    assert listed(page, 2) == ["PKG-1", "PKG-2"]
    page.keyboard.press("j")
    page.wait_for_selector(".detail h2:has-text('Damage')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".truth-line:has-text('Damaged')")
    assert f"at={instant(120)}" in page.url
    page.goto(page.url.replace(instant(120), instant(295)))
    page.wait_for_selector(".truth-line:has-text('Picked up')")
    page.goto(page.url.replace(instant(295), instant(310)))
    page.wait_for_selector(".face-title:has-text('There is no parcel')")
    page.click("text=Back to now")
    page.wait_for_selector(".truth-line:has-text('Damaged')")


def test_what_happens_now_is_not_mixed_into_the_past(visit, server):
    page = visit(f"/tower?at={instant(120)}")
    listed(page, 2)
    page.wait_for_selector(".live-dot:has-text('live')")
    key = make_key(server.store_url, "ingest")
    told = {"source": "scanner", "source_event_id": "now", "kind": "damaged", "parcel_id": "PKG-9"}
    httpx.post(
        f"{server.url}/v1/events", json=[told | {"occurred_at": NOW.isoformat()}],
        headers={"Authorization": f"Bearer {key}"},
    ).raise_for_status()  # fmt: skip
    page.wait_for_timeout(1_500)
    assert listed(page, 2) == ["PKG-1", "PKG-2"]
    page.click("text=Back to now")
    assert "PKG-9" in listed(page, 4)
    page.go_back()
    assert listed(page, 2) == ["PKG-1", "PKG-2"]


def test_the_list_of_the_past_is_written_as_csv(visit):
    page = visit(f"/tower?at={instant(120)}")
    listed(page, 2)
    with page.expect_download() as started:
        page.click("button:has-text('CSV')")
    assert (
        started.value.suggested_filename == f"exceptions-{instant(120)[:16].replace(':', '')}Z.csv"
    )
    text = Path(started.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["parcel_id"], row["state"]) for row in rows] == [
        ("PKG-1", "open"), ("PKG-2", "open"),
    ]  # fmt: skip


def test_an_instant_that_is_not_past_is_said_to_be_none_and_leads_back(visit):
    page = visit("/tower?at=2999-01-01T00:00:00Z")
    page.wait_for_selector(".tower-queue .face:has-text('is not past')")
    page.keyboard.press("t")
    page.wait_for_selector(".virtual-row")


@pytest.mark.skipif(not AXE.is_file(), reason="axe is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_past(visit, scheme):
    page = visit(f"/tower?at={instant(120)}", scheme=scheme)
    listed(page, 2)
    page.wait_for_selector(".sparkline path")
    page.keyboard.press("j")
    page.wait_for_selector(".detail h2")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for where in ("/tower", "/parcel"):
        found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
        assert [
            (each["id"], [n["html"] for n in each["nodes"]]) for each in found["violations"]
        ] == [], where
        page.click("nav >> text=Parcels")
        page.wait_for_selector("table")
