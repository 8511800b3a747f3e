"""Time travel in a real browser: into the past by keyboard, reading it, and back to now."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from looking import violations

from crossdock.model.event import EVENTS
from crossdock.model.tables import conform
from crossdock.platform.bench import make_key
from crossdock.platform.store.database import open_database

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
TOLD = (
    (300, "PKG-1", "picked_up"), (290, "PKG-1", "damaged"), (170, "PKG-2", "address_issue"),
    (60, "PKG-3", "attempt_failed"),
)  # fmt: skip
"""Minutes ago, parcel, kind: what was heard, when it happened."""


def at(minutes: float) -> dt.datetime:
    return NOW - dt.timedelta(minutes=minutes)


@pytest.fixture(scope="module", autouse=True)
def scanned(server, tenant) -> None:
    rows = [
        {
            "tenant": tenant, "source": "scanner", "source_event_id": str(minutes), "kind": kind,
            "parcel_id": parcel_id, "facility_id": "LAX", "occurred_at": at(minutes),
            "received_at": at(minutes),
        }
        for minutes, parcel_id, kind in TOLD
    ]  # fmt: skip
    with open_database(server.store_url) as store:
        store.log(tenant).append(conform(pl.DataFrame(rows), EVENTS))


@pytest.fixture
def shown(visit) -> Any:
    """Ann's page of an address, whose list says the times of UTC."""
    return functools.partial(visit, "Ann", timezone_id="UTC")


def instant(minutes: float) -> str:
    return at(minutes).strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(page: Any, count: int) -> list[str]:
    """The subjects of the list, once there are so many."""
    page.wait_for_function(
        "count => document.querySelectorAll('.virtual-row').length === count", arg=count
    )
    return sorted(page.locator(".queue-subject").all_inner_texts())


def test_the_past_is_reached_read_and_left_by_keyboard_alone(shown):
    page = shown("/tower")
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


def test_a_link_leads_to_the_same_instant_and_from_there_to_the_parcel_as_it_was(shown):
    page = shown(f"/tower?at={instant(120)}")
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


def test_what_happens_now_is_not_mixed_into_the_past(shown, server, tenant):
    page = shown(f"/tower?at={instant(120)}")
    listed(page, 2)
    page.wait_for_selector(".live-dot:has-text('live')")
    key = make_key(server.store_url, "ingest", tenant)
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


def test_the_list_of_the_past_is_written_as_csv(shown):
    page = shown(f"/tower?at={instant(120)}")
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


def test_an_instant_that_is_not_past_is_said_to_be_none_and_leads_back(shown):
    page = shown("/tower?at=2999-01-01T00:00:00Z")
    page.wait_for_selector(".tower-queue .face:has-text('is not past')")
    page.keyboard.press("t")
    page.wait_for_selector(".virtual-row")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_past(shown, scheme):
    page = shown(f"/tower?at={instant(120)}", color_scheme=scheme)
    listed(page, 2)
    page.wait_for_selector(".sparkline path")
    page.keyboard.press("j")
    page.wait_for_selector(".detail h2")
    assert violations(page) == []
    page.click("nav >> text=Parcels")
    page.wait_for_selector("table")
    assert violations(page) == []
