"""The Fleet page in a real browser: who has hours, since when, and who can take a load."""

from __future__ import annotations

import datetime as dt

import pytest
from looking import keep_picture, saved, violations

from crossdock.platform.bench import make_key
from crossdock.platform.client import TowerClient
from fleet_evening import keep_fleet

NEWS_MS = 12_000
"""Well within the 20 s after which the page asks anew without being told."""


@pytest.fixture(scope="module", autouse=True)
def evening(server, tenant, tmp_path_factory) -> dt.datetime:
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    keep_fleet(server.store_url, tenant, tmp_path_factory.mktemp("evening") / "run", now)
    return now


@pytest.mark.parametrize(("scheme", "width"), [("light", 900), ("dark", 1440)])
def test_the_fewest_hours_come_first_and_keys_go_through_them(visit, scheme, width):
    page = visit("Vic", "/fleet", color_scheme=scheme, width=width)
    page.wait_for_selector("#row-0:has-text('D-105')")
    assert page.title() == "Fleet · Crossdock"
    assert "Over the limit" in page.inner_text("#row-0")
    assert "Under an hour left" in page.inner_text("#row-1")
    unknown = page.inner_text(".virtual-row:has-text('D-107')")
    assert "Hours not known" in unknown
    assert "0:00" not in unknown
    assert "Not regulated" in page.inner_text(".virtual-row:has-text('V-201')")
    keep_picture(page, f"fleet-{scheme}-{width}")
    page.keyboard.press("j")
    page.wait_for_selector(".driver h2:has-text('D-105')")
    assert "driver=D-105" in page.url
    page.wait_for_selector(".findings:has-text('8 h of driving without a pause of 30 min')")
    assert "49 CFR 395.3(a)(3)(ii)" in page.inner_text(".findings")
    assert page.locator(".rods svg .rods-forbidden").count() >= 1
    keep_picture(page, f"fleet-driver-{scheme}-{width}")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("text=No driver is chosen")


def test_can_she_still_take_this_load(visit):
    page = visit("Ann", "/fleet?driver=D-104")
    page.wait_for_selector(".what-if datalist option[value=B1]", state="attached")
    page.keyboard.press("w")
    page.keyboard.type("B1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer:has-text('No, not legal')")
    assert "load=B1" in page.url
    assert "49 CFR 395.3(a)(3)(i)" in page.inner_text(".answer")
    assert "after rest until then" in page.inner_text(".answer")
    keep_picture(page, "fleet-what-if-no")
    # The question stays while one goes through the drivers.
    page.click("text=D-109")
    page.wait_for_selector(".driver h2:has-text('D-109')")
    page.wait_for_selector(".answer:has-text('Yes, legal')")
    keep_picture(page, "fleet-what-if-yes")
    page.fill(".what-if-load input", "B4")
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer:has-text('cannot be taken any more')")
    assert violations(page) == []


def test_half_a_split_is_told_with_its_obligation_and_the_record_can_be_saved(visit):
    page = visit("Vic", "/fleet?driver=D-106")
    page.wait_for_selector(".if-split:has-text('2 h 55 of rest')")
    assert "395.1(g)(1)(ii)" in page.inner_text(".if-split")
    assert "Sleeper berth" in page.inner_text(".remarks")
    keep_picture(page, "fleet-split")
    assert "sleeper" not in saved(page, ".driver .save:has-text('CSV')")
    page.keyboard.press("[")
    page.wait_for_function("location.search.includes('day=')")
    listed = saved(page, ".fleet-find .save")
    assert len(listed.splitlines()) == 10
    assert "D-107" in listed


def test_in_the_past_it_is_as_it_was_and_the_palette_finds_a_driver(visit, evening):
    before = evening - dt.timedelta(minutes=330)
    page = visit("Vic", f"/fleet?driver=D-104&drive=5&at={before:%Y-%m-%dT%H:%M:%SZ}")
    page.wait_for_selector(".past-bar:has-text('read-only')")
    page.wait_for_selector(".driver-title:has-text('Rests, may drive')")
    page.wait_for_selector(".answer:has-text('Yes, legal')")
    page.keyboard.press("/")
    page.keyboard.type("d-108")
    page.click(".choice:has-text('Driver')")
    page.wait_for_selector(".driver h2:has-text('D-108')")
    assert "at=" in page.url


def test_a_driver_who_is_not_there_and_one_of_whom_nothing_is_known(visit):
    page = visit("Vic", "/fleet?driver=NOBODY")
    page.wait_for_selector(".face:has-text('There is no driver NOBODY')")
    page.click("text=D-107")
    page.wait_for_selector(".driver:has-text('Nothing is known of this driver')")
    keep_picture(page, "fleet-unknown")


def test_a_change_of_duty_is_seen_when_it_is_told(visit, server, tenant):
    page = visit("Vic", "/fleet?driver=D-109")
    page.wait_for_selector(".driver-title:has-text('Rests, may drive')")
    page.wait_for_selector(".virtual-row:has-text('D-109'):has-text('Rests, may drive')")
    now = dt.datetime.now(dt.UTC).isoformat()
    event = {"source": "eld", "source_event_id": now, "kind": "duty_changed", "occurred_at": now}
    with TowerClient(server.url, make_key(server.store_url, "dispatcher", tenant)) as tower:
        tower.send_events([event | {"driver_id": "D-109", "payload": {"activity": "ON"}}])
    page.wait_for_selector(".driver-title:has-text('Has hours')", timeout=NEWS_MS)
    page.wait_for_selector(".virtual-row:has-text('D-109'):has-text('Has hours')", timeout=NEWS_MS)


def test_the_palette_says_that_the_clipboard_refuses(visit):
    page = visit("Vic", "/fleet", permissions=[])
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')); }")
    page.keyboard.press("/")
    page.keyboard.type("copy link")
    page.wait_for_selector(".choice[aria-selected=true]:has-text('Copy link')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".finder-said:has-text('copy the link from the address bar')")
    page.keyboard.type("x")
    page.wait_for_selector(".finder-said:not(:has-text('clipboard'))", state="attached")
    page.evaluate("() => { navigator.clipboard.writeText = async (t) => { window.copied = t; }; }")
    page.keyboard.press("Backspace")
    page.wait_for_selector(".choice[aria-selected=true]:has-text('Copy link')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".finder", state="detached")
    assert page.evaluate("window.copied") == page.url
