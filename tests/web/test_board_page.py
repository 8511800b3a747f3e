"""The board in a real browser: who is missing, what a hold saves, the note of the last shift."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from looking import keep_picture, violations

from board_evening import HUB, keep_evening


@pytest.fixture(scope="module", autouse=True)
def evening(server, tenant, tmp_path_factory) -> dt.datetime:
    # The machine may take a minute to come to the first question.
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(minutes=2)
    keep_evening(server.store_url, tenant, tmp_path_factory.mktemp("evening") / "run", now)
    return now


def row(page: Any, load_id: str) -> str:
    return page.inner_text(f"#load-{load_id}")


@pytest.mark.parametrize(("scheme", "width"), [("light", 900), ("dark", 1440)])
def test_the_board_says_who_is_missing_and_what_to_do(visit, scheme, width):
    page = visit("Ann", f"/board/{HUB}", color_scheme=scheme, width=width)
    page.wait_for_selector("#load-B1")
    assert page.title() == f"Board {HUB} · Crossdock"
    assert "Hold" in row(page, "B1")
    if width > 1000:  # narrower, the reason is among the details
        assert "40 of 120 parcels not ready" in row(page, "B1")
    assert "Held by Ruiz" in row(page, "B6")
    assert "Cancelled" in row(page, "B5")
    assert "✓ all ready" in row(page, "B2") or width < 1150
    assert "25 min late" in page.inner_text(".board-arrivals")
    fits = "() => document.querySelector('.departures').scrollWidth"
    fits += " <= document.querySelector('.board-departures').clientWidth"
    assert page.evaluate(fits)
    assert "CST" in page.inner_text(".board-head")
    keep_picture(page, f"board-{scheme}-{width}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_selector("#load-B1[aria-current]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".load-details:has-text('40 of 120 parcels not ready')")
    keep_picture(page, f"board-details-{scheme}-{width}")
    assert violations(page) == []


def test_what_is_not_legal_cannot_be_done(visit):
    page = visit("Ann", f"/board/{HUB}?load=B6")
    page.wait_for_selector("#load-B6[aria-current]:has-text('6.0 h left, needs 7.0')")
    page.keyboard.press("h")
    page.wait_for_selector(".effect:not(.pending):has-text('Not legal')")
    assert "driver D-103 has" in page.inner_text(".command")
    assert page.is_disabled(".command button[type=submit]")
    page.keyboard.press("Escape")
    page.wait_for_selector(".command", state="detached")


def test_who_may_only_look_has_nothing_to_press(visit):
    page = visit("Vic", f"/board/{HUB}?load=B1")
    page.wait_for_selector("#load-B1[aria-current]")
    page.keyboard.press("h")
    assert page.locator(".row-acts button").count() == 0
    assert page.locator(".command").count() == 0


def test_the_palette_leads_to_a_board_and_the_last_one_is_remembered(visit):
    page = visit("Ann", "/board")
    page.wait_for_selector(".boards td:has-text('Dallas station')")
    keep_picture(page, "boards")
    page.keyboard.press("/")
    page.keyboard.type("dallas")
    page.wait_for_selector(".choice:has-text('DFW')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#load-B1")
    page.click("nav >> text=Tower")
    page.wait_for_selector(".kpis")
    page.click("nav >> text=Board")
    page.wait_for_selector("#load-B1")
    assert page.url.endswith(f"/board/{HUB}")
    page.click("text=other facility")
    page.wait_for_selector(".boards")


def test_a_facility_that_is_not_there_is_said_to_be_so(visit):
    page = visit("Ann", "/board/NOWHERE")
    page.wait_for_selector(".face:has-text('There is no facility NOWHERE')")


def test_a_note_is_handed_to_the_next_dispatcher_until_it_is_read(visit):
    ann, ruiz = visit("Ann", "/tower"), visit("Ruiz", "/tower")
    ruiz.wait_for_selector(".live-dot:has-text('live')")
    ann.click("text=Hand over…")
    ann.fill(".shift-write textarea", "B6 waits for <b>19</b> parcels.")
    ann.keyboard.press("Control+Enter")
    ann.wait_for_selector(".shift-line:has-text('Last shift note: Ann')")
    assert ann.locator(".shift-note").count() == 0
    ruiz.wait_for_selector(".shift-note:has-text('B6 waits for <b>19</b> parcels.')")
    assert "held: B6" in ruiz.inner_text(".shift-note")
    keep_picture(ruiz, "shift-note")
    ruiz.click(".shift-note >> text=Read")
    ruiz.wait_for_selector(".shift-note", state="detached")
    ann.wait_for_selector(".shift-line:has-text('read by Ruiz')")


def test_in_the_past_the_board_is_as_it_was_and_can_only_be_read(visit, evening):
    before = evening - dt.timedelta(minutes=30)
    page = visit("Ann", f"/board/{HUB}?load=B6&at={before:%Y-%m-%dT%H:%M:%SZ}")
    page.wait_for_selector(".past-bar:has-text('read-only')")
    # Ruiz has not held B6 yet, B4 has not left, A3 has not come.
    page.wait_for_selector("#load-B6:has-text('25 min')")
    assert "Held" not in row(page, "B6")
    assert "10 min" in row(page, "B4")
    assert "Cancelled" in row(page, "B5")
    assert "30 in sort" in row(page, "B1")
    assert "On the road" in page.inner_text(".board-arrivals tr:has-text('A3')")
    assert page.locator(".row-acts button").count() == 0
    for key in "hgx":
        page.keyboard.press(key)
    assert page.locator(".command").count() == 0
    keep_picture(page, "board-past")
    page.keyboard.press("t")
    page.wait_for_selector("#load-B6:has-text('Held by Ruiz')")
    assert "at=" not in page.url
    page.keyboard.press("h")
    page.wait_for_selector(".command")
    page.go_back()  # into the past again: what was about to be done is not
    page.wait_for_selector("#load-B6:has-text('25 min')")
    assert page.locator(".command").count() == 0
    page.go_forward()
    page.wait_for_selector("#load-B6 .row-acts button")
    assert page.locator(".command").count() == 0
    page.keyboard.press("t")
    page.wait_for_selector(".past-bar")
    assert "at=" in page.url
