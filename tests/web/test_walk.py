"""One walk through an evening, from signing in to signing out, as a dispatcher takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from looking import keep_picture

from board_evening import HUB, keep_evening
from crossdock.platform.bench import make_key
from crossdock.platform.client import TowerClient

PASSWORD = "correct horse battery 9"
PREVIEWED = ".effect:not(.pending)"


@pytest.fixture(scope="module")
def tower(server, accounts, tenant, tmp_path_factory) -> Iterator[TowerClient]:
    """The evening, with a truck on the road and a parcel that was damaged."""
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(minutes=2)
    keep_evening(server.store_url, tenant, tmp_path_factory.mktemp("walk") / "run", now)
    for name in ("Ann", "Ruiz"):
        accounts.users.create(
            tenant, f"{name}@{tenant}.test", name, "dispatcher", by="test", password=PASSWORD
        )
    with TowerClient(server.url, make_key(server.store_url, "dispatcher", tenant)) as tower:
        tell(tower, "damaged", parcel_id="B2-007", facility_id=HUB)
        tell(tower, "position", vehicle_id="T-1", latitude=40, longitude=-100)
        yield tower


def tell(tower: TowerClient, kind: str, **cells: Any) -> None:
    now = dt.datetime.now(dt.UTC).isoformat()
    event = {"source": "scanner", "source_event_id": now, "kind": kind, "occurred_at": now}
    tower.send_events([event | cells])


def sign_in(page: Any, name: str, tenant: str) -> None:
    page.focus("input[name=email]")
    page.keyboard.type(f"{name}@{tenant}.test")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".live-dot:has-text('live')")


def choose(page: Any, said: str, choice: str) -> None:
    """Of what the palette finds."""
    page.keyboard.press("/")
    page.keyboard.type(said)
    page.wait_for_selector(f".choice[aria-selected=true]:has-text('{choice}')")
    page.keyboard.press("Enter")


def given(tower: TowerClient, name: str) -> list[dict[str, Any]]:
    return [each for each in tower.commands() if each["by"] == name]


def states(page: Any) -> list[str]:
    """Of the departures on the board, with what is selected."""
    cells = page.locator(".departures tbody tr td:nth-child(5)").all_inner_texts()
    return [*cells, page.locator("[aria-current=true][id^=load]").get_attribute("id")]


def test_by_keyboard_from_signing_in_to_signing_out(visit, tower, tenant):
    ann = visit(None, "/", permissions=["clipboard-read", "clipboard-write"])
    sign_in(ann, "Ann", tenant)
    assert ann.url.endswith("/tower")

    # The worst is found, owned, given back, owned, and followed to its parcel.
    worst = next(tower.exceptions())
    ann.wait_for_selector(".virtual-row")
    ann.keyboard.press("j")
    ann.wait_for_selector(f".detail-subject:has-text('{worst['parcel_id']}')")
    assert worst["kind"] == "damage"
    ann.keyboard.press("o")
    ann.wait_for_selector(".undo:has-text('Now yours')")
    ann.wait_for_selector(".done li:has-text('Ann')")
    ann.keyboard.press("z")
    ann.wait_for_selector(".done li", state="detached")
    ann.keyboard.press("o")
    ann.wait_for_selector(".done li:has-text('Ann')")
    assert tower.exception(worst["id"])["owner"] == "Ann"
    ann.keyboard.press("Enter")
    ann.wait_for_selector(".truth-line:has-text('Damaged')")
    assert ann.url.endswith("/parcel/B2-007")

    # On the board a departure is held, for what the preview says that it saves.
    choose(ann, "dallas", HUB)
    ann.wait_for_selector("#load-B1")
    ann.keyboard.press("j")
    ann.keyboard.press("j")
    ann.wait_for_selector("#load-B1[aria-current]")
    ann.keyboard.press("h")
    ann.wait_for_selector(f"{PREVIEWED} .command-said:has-text('Saves 30 parcels')")
    for said in ("Late 40 → 10", "Costs $8", "✓ Legal", "12.8 h left of 14"):
        assert said in ann.inner_text(".command")
    keep_picture(ann, "walk-hold")
    ann.keyboard.press("ArrowRight")
    ann.wait_for_function("document.querySelectorAll('.command input')[1].checked")
    ann.wait_for_selector(f"{PREVIEWED} .command-said")
    assert given(tower, "Ann") == []
    ann.keyboard.press("Enter")
    ann.wait_for_selector("#load-B1:has-text('Held by Ann')")
    (command,) = given(tower, "Ann")
    assert (command["command"], command["arguments"]["load_id"]) == ("hold_departure", "B1")
    (held,) = (row for row in tower.board(HUB)["departures"] if row["load_id"] == "B1")
    until, departs_at, leaves_at = (
        dt.datetime.fromisoformat(each)
        for each in (command["arguments"]["until"], held["departs_at"], held["leaves_at"])
    )
    assert leaves_at == until == departs_at + dt.timedelta(minutes=30)

    # The map moves when a truck says where it is.
    choose(ann, "what is wrong", "Tower")
    vehicles = ann.locator(".map canvas").nth(1)
    vehicles.wait_for()
    ann.wait_for_timeout(300)
    before = vehicles.evaluate("canvas => canvas.toDataURL()")
    tell(tower, "position", vehicle_id="T-1", latitude=44, longitude=-90)
    ann.wait_for_function(
        "before => document.querySelectorAll('.map canvas')[1].toDataURL() !== before",
        arg=before,
        timeout=5_000,  # well within the time after which the whole map is asked anew
    )

    # Who opens the link signs in and sees the same; what they do is seen by who sent it.
    ann.go_back()
    ann.wait_for_selector("#load-B1:has-text('Held by Ann')")
    choose(ann, "copy link", "Copy link")
    ann.wait_for_function("navigator.clipboard.readText().then((text) => text === location.href)")
    link = ann.url
    ruiz = visit(None, link[link.index("/board") :])
    sign_in(ruiz, "Ruiz", tenant)
    ruiz.wait_for_selector("#load-B1:has-text('Held by Ann')")
    assert ruiz.url == ann.url
    assert states(ruiz) == states(ann)
    ruiz.keyboard.press("g")
    ruiz.wait_for_selector(f"{PREVIEWED}:has-text('✓ Legal')")
    ruiz.keyboard.press("Enter")
    ruiz.wait_for_selector("#load-B1:has-text('On plan')")
    ann.wait_for_selector("#load-B1:has-text('On plan')")

    # Who signs out is out: the address alone shows nothing any more.
    choose(ann, "sign out", "Sign out")
    ann.wait_for_selector("input[name=password]")
    ann.goto(link)
    ann.wait_for_selector("input[name=password]")
    assert ann.locator(".board").count() == 0
    ruiz.reload()
    ruiz.wait_for_selector("#load-B1:has-text('On plan')")
