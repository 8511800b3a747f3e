"""The Plan and Report pages in a real browser, over a real plan: read, ask, release, report."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from looking import saved, violations

from crossdock.locate.zips import zip_table
from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import TowerClient
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders

PARCELS = 120
DELIVERED = 50
MADE_WITHIN_MS = 240_000


def orders() -> list[dict[str, Any]]:
    """Orders of the built-in network that shipped some days ago, as a store would send them."""
    date = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=4)
    made = generate_orders(
        builtin_network(metros=4), parcels=PARCELS, start_date=date, seed=1, zips=zip_table()
    )
    return [
        {
            name: value.isoformat() if isinstance(value, dt.datetime) else value
            for name, value in row.items()
            if value is not None
        }
        for row in made.frame.to_dicts()
    ]


@pytest.fixture(scope="module")
def api(server: ServerProcess, tenant: str) -> Iterator[TowerClient]:
    with TowerClient(server.url, make_key(server.store_url, "planner", tenant)) as tower:
        yield tower


@pytest.fixture(scope="module")
def draft(api: TowerClient) -> str:
    """A plan that may no longer be released: one of its orders changed since."""
    every = orders()
    assert api.send_orders(every)["accepted"] == PARCELS
    started = api.start_plan()
    ends_s = time.monotonic() + MADE_WITHIN_MS / 1_000
    while (job := api.job(started["job_id"]))["state"] != "done":
        assert job["state"] in ("waiting", "running"), job
        assert time.monotonic() < ends_s
        time.sleep(0.2)
    api.send_orders([every[0] | {"recipient": "Somebody Else"}], replace=True)
    return started["plan_id"]


def test_without_plans_the_pages_say_how_to_get_one(visit):
    page = visit("Pia", "/plan", of="new")
    page.wait_for_selector("text=No plan yet")
    page.click("text=Plan the open orders")
    page.wait_for_selector("[role=alert]:has-text('no stored order waits')")
    page.click("nav >> text=Report")
    page.wait_for_selector("text=No plan is released yet")
    assert violations(page) == []


def test_a_lane_is_found_by_its_cost_and_its_departures_say_why(visit, api, draft):
    page = visit("Vic", f"/plan/{draft}")
    lanes = list(api.plan_lanes(draft))
    page.wait_for_selector(f".chip:has-text('Lanes {len(lanes)}')")
    page.click("th button:has-text('Parcels')")
    most = max(lanes, key=lambda lane: lane["parcels"])
    first = page.locator("tbody tr:not([aria-hidden])").first
    assert str(most["parcels"]) in first.inner_text()
    first.locator("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".time-row")
    chosen = list(api.plan_departures(draft, origin=most["from"], destination=most["to"]))
    assert page.locator(".time-row").count() == len(chosen)
    page.wait_for_selector(f".below-side:has-text('{chosen[0]['load_id']}')")
    assert "Who carries it?" in page.inner_text(".below-side")
    assert f"from={most['from']}&to={most['to']}" in page.url
    page.reload()
    page.wait_for_selector(f".below-side:has-text('{chosen[0]['load_id']}')")
    page.keyboard.press("Escape")
    page.wait_for_selector("text=Nothing is selected")


def test_tables_and_drawings_are_saved_as_they_are_shown(visit, api, draft):
    page = visit("Vic", f"/plan/{draft}?sort-lanes=-parcels")
    page.wait_for_selector("tbody tr:not([aria-hidden])")
    rows = list(csv.DictReader(io.StringIO(saved(page, "[title='Save lanes.csv']"))))
    lanes = list(api.plan_lanes(draft))
    assert [int(row["Parcels"]) for row in rows] == sorted(
        (lane["parcels"] for lane in lanes), reverse=True
    )
    page.locator("tbody tr:not([aria-hidden]) button").first.click()
    page.wait_for_selector(".time-row")
    drawing = ElementTree.fromstring(saved(page, ".below .save:has-text('SVG')"))
    fills = {each.get("fill") for each in drawing.iter("{http://www.w3.org/2000/svg}rect")}
    assert any(fill and fill.startswith("rgb(") for fill in fills)


def test_a_metro_shows_its_routes_by_the_hour_and_the_keyboard_reads_them(visit, api, draft):
    tour = next(iter(api.plan_tours(draft)))
    metro = tour["facility_id"]
    page = visit("Vic", f"/plan/{draft}?metro={metro}&show=metros&day={tour['delivery_date']}")
    row = page.locator(".time-row").first
    row.wait_for()
    row.focus()
    page.wait_for_selector(".time-told:has-text('drives to stop')")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".time-told:has-text('serves stop')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".stops li")
    route = re.search(r"route=([^&]+)", page.url)
    assert route is not None
    chosen = next(each for each in api.plan_tours(draft) if each["route_id"] == route[1])
    assert page.locator(".stops li").count() == chosen["stops"]
    assert page.locator(".time-row.chosen .limit").count() == 1


def test_a_viewer_neither_asks_nor_releases(visit, draft):
    page = visit("Vic", "/plan")
    page.wait_for_selector("tbody tr")
    assert page.locator("text=Plan the open orders").count() == 0
    page.click(f"text={draft}")
    page.wait_for_selector("text=A planner releases it.")
    assert page.locator("text=Release…").count() == 0


def test_closed_gates_are_read_one_by_one(visit, draft):
    page = visit("Pia", f"/plan/{draft}")
    page.click("text=Release…")
    page.wait_for_selector("dialog:has-text('cannot be taken back')")
    page.click("dialog button.main")
    page.wait_for_selector(".gates summary:has-text('Orders')")
    fault = page.inner_text(".gates li")
    assert "has other values now" in fault
    rows = list(csv.DictReader(io.StringIO(saved(page, ".gates .save"))))
    assert {row["gate"] for row in rows} == {"orders"}
    assert violations(page) == []


def test_a_plan_is_asked_for_watched_and_released_and_then_reported(visit, api, draft):
    page = visit("Pia", "/plan")
    page.click("text=Plan the open orders")
    page.wait_for_selector(".making progress")
    page.wait_for_selector(".making", state="detached", timeout=MADE_WITHIN_MS)
    plan = page.locator("tbody tr").first.locator("a").inner_text()
    assert plan != draft
    page.click(f"text={plan}")
    page.click("text=Release…")
    page.click("dialog button.main")
    page.wait_for_selector(".plan-name .mark.done:has-text('released')")
    parcels = [parcel["parcel_id"] for parcel in api.parcels()]
    assert len(parcels) == PARCELS
    came = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
    api.send_events(
        [
            {
                "source": "van", "source_event_id": str(number), "kind": "delivered",
                "occurred_at": came.isoformat(), "parcel_id": parcel_id,
            }
            for number, parcel_id in enumerate(parcels[:DELIVERED])
        ]
    )  # fmt: skip
    page.click("text=What happened to it")
    page.wait_for_selector(".verdict-first")
    assert page.url.endswith(f"/report/{plan}")
    page.wait_for_selector(f".ends-said:has-text('{DELIVERED} of {PARCELS} parcels ended')")
    told = api.report(plan)
    rows = list(csv.DictReader(io.StringIO(saved(page, "[title='Save kpis.csv']"))))
    assert [row["name"] for row in rows] == [kpi["name"] for kpi in told["kpis"]]
    first = told["kpis"][0]["actual"]
    assert float(rows[0]["Actual"]) == first["value"]
    assert float(rows[0]["actual numerator"]) == first["numerator"]
    document = saved(page, "text=Document")
    assert "<!doctype html>" in document.lower()
    assert f"{told['verdict'][1][:20]}" in document
    page.click("nav >> text=Report")
    page.wait_for_selector(".verdict-first")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_either_theme(visit, server, api, draft, colours):
    # It comes after the test that released a plan: there is a report.
    tour = next(iter(api.plan_tours(draft)))
    lane = next(iter(api.plan_lanes(draft)))
    page = visit("Pia", "/plan", color_scheme=colours)
    page.wait_for_selector("tbody tr")
    found = {"/plan": violations(page)}
    for address, ready in (
        (f"/plan/{draft}?from={lane['from']}&to={lane['to']}", ".time-row"),
        (f"/plan/{draft}?metro={tour['facility_id']}&show=metros", ".time-row"),
        ("/report", ".verdict-first"),
    ):
        page.goto(server.url + address)
        page.wait_for_selector(ready)
        found[address] = violations(page)
    assert json.dumps({address: wrong for address, wrong in found.items() if wrong}) == "{}"
