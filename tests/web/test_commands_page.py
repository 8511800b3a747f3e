"""Commands in a real browser: hold a load from its exception and see what that saves first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock.platform.bench import make_key
from crossdock.platform.client import TowerClient
from stored_plan import keep_plan


@pytest.fixture(scope="module")
def tower(server, tenant, tmp_path_factory) -> Iterator[TowerClient]:
    place = tmp_path_factory.mktemp("commands")
    keep_plan(server.store_url, tenant, place / "run", released=True)
    with TowerClient(server.url, make_key(server.store_url, "planner", tenant)) as tower:
        yield tower


@pytest.fixture(scope="module")
def load(tower, tenant) -> dict[str, Any]:
    """The load with the most parcels of a released plan; a carrier rejected it."""
    load = max(tower.plan_loads(f"plan_{tenant}"), key=lambda load: load["parcels"])
    tower.send_events(
        [
            {
                "source": "carrier", "source_event_id": "1", "kind": "tender_rejected",
                "occurred_at": dt.datetime.now(dt.UTC).isoformat(),
                "payload": {"load_id": load["load_id"], "carrier_id": "SUMMIT"},
            }
        ]
    )  # fmt: skip
    return load


@pytest.fixture
def shown(visit, load) -> Any:
    """A page of somebody with the exception of the load."""

    def page_of(name: str) -> Any:
        page = visit(name, "/tower")
        page.wait_for_selector(".virtual-row")
        page.keyboard.press("j")
        page.wait_for_selector(".detail h2")
        return page

    return page_of


def test_a_hold_is_previewed_changed_and_done_with_the_keyboard(shown, tower, load):
    page = shown("Ann")
    page.get_by_role("button", name="Hold…").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".effect:not(.pending):has-text('It can be done')")
    assert list(tower.commands()) == []
    page.keyboard.type("9999")  # the field is chosen and selected
    page.wait_for_selector(".effect:has-text('the longest hold is 12 h')")
    assert page.locator("button.main:has-text('Hold')").is_disabled()
    page.keyboard.press("Enter")
    assert list(tower.commands()) == []
    page.keyboard.press("Control+a")
    page.keyboard.type("45")
    page.wait_for_selector(".effect:not(.pending):has-text('It can be done')")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".command:has-text('{load['load_id']} is held')")
    (given,) = list(tower.commands())
    held = dt.datetime.fromisoformat(given["arguments"]["until"])
    planned = dt.datetime.fromisoformat(load["departs_at"])
    assert held - planned == dt.timedelta(minutes=45)
    assert given["by"] == "Ann"
    page.keyboard.press("Escape")
    page.wait_for_selector(".command", state="detached")


def test_a_command_is_begun_from_the_palette_and_left(shown, tower, load):
    before = list(tower.commands())
    page = shown("Ann")
    page.keyboard.press("/")
    page.keyboard.type(f"cancel {load['load_id']}")
    page.wait_for_selector(".choice[aria-selected=true]:has-text('Cancel')")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .effect:has-text('It can be done')")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog .command", state="detached")
    assert list(tower.commands()) == before


def test_who_may_only_look_is_offered_nothing(shown):
    page = shown("Vic")
    page.wait_for_selector("text=may look, not act")
    assert page.get_by_role("button", name="Hold…").count() == 0
