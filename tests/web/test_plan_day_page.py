"""A facility-day of a draft in a real browser: weighed before it is dropped, moved, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from looking import keep_picture, violations

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import PlanDay, TowerClient
from crossdock.platform.server.plans.packing import packed
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import PlansStore
from played_run import planned
from stored_plan import NOW, finish_draft

PLAN, KIND = "plan_day_page", "made_for_a_page"


@pytest.fixture(scope="module")
def run(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("runs") / "run", parcels=400, metros=2)


@pytest.fixture(scope="module")
def place(run: Path) -> tuple[str, dt.date]:
    """The facility-day with the most routes."""
    most = pl.read_parquet(run / "tours.parquet").group_by("facility_id", "delivery_date").len()
    facility, date, _ = most.sort("len").row(-1)
    return facility, date


@pytest.fixture(scope="module")
def day(
    server: ServerProcess, tenant: str, run: Path, place: tuple[str, dt.date]
) -> Iterator[PlanDay]:
    with open_database(server.store_url) as store:
        jobs, plans = Jobs(store.backend, NOW), PlansStore(store.backend, NOW)
        asked = {"plan_id": PLAN, "job_id": f"job_{PLAN}", "asked_by": "key:1"}
        plans.ask(jobs, tenant, KIND, {}, **asked)
        orders = OrdersStore(store.backend, NOW)
        finish_draft(jobs, plans, orders, tenant, PLAN, packed(run), kind=KIND)
    with TowerClient(server.url, make_key(server.store_url, "planner", tenant)) as tower:
        yield tower.plan_day(PLAN, *place)


@pytest.fixture
def address(day: PlanDay, place: tuple[str, dt.date]) -> str:
    return f"/plan/{PLAN}?metro={place[0]}&show=metros&day={place[1]}"


def a_move(day: PlanDay) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A route, a stop of it, and the cheapest other route that can take it."""
    for route in day.read()["routes"]:
        stop = route["visits"][len(route["visits"]) // 2]
        able = [e for e in day.preview([stop["stop_id"]]) if e["fits"] and e["route_id"]]
        if able:
            return route, stop, min(able, key=lambda each: (each["cost_usd"], each["vehicle_id"]))
    raise AssertionError("no stop of this day fits elsewhere")


def dearer(day: PlanDay) -> None:
    """Have a stop go where it costs dollars more."""
    for route in day.read()["routes"]:
        stop = route["visits"][0]["stop_id"]
        able = [each for each in day.preview([stop]) if each["fits"] and each["cost_usd"] > 1]
        if able:
            day.move([stop], max(able, key=lambda each: each["cost_usd"])["vehicle_id"])
            return
    raise AssertionError("no stop of this day is dearer elsewhere")


def row(page: Any, vehicle: str) -> Any:
    return page.locator(f".time-row[data-vehicle='{vehicle}']")


def middle(found: Any) -> tuple[float, float]:
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def told_cost(usd: float) -> str:
    return f"{'+' if usd >= 0.005 else ''}{'−' if usd <= -0.005 else ''}${abs(usd):.2f}"


def test_a_stop_is_weighed_while_it_is_dragged_and_taken_back_after_it_was_dropped(
    visit, day, address
):
    route, stop, best = a_move(day)
    before = day.version
    page = visit("Pia", f"{address}&route={route['route_id']}&stop={stop['stop_id']}")
    taken = row(page, route["vehicle_id"]).locator(".part.picked")
    taken.wait_for()
    page.mouse.move(*middle(taken))
    page.mouse.down()
    target = row(page, best["vehicle_id"]).locator(".time-row-back")
    page.mouse.move(*middle(target), steps=4)
    page.wait_for_selector(f".drag-ghost:has-text('{told_cost(best['cost_usd'])}')")
    assert "ETA" in page.inner_text(".drag-ghost")
    assert day.read()["version"] == before
    keep_picture(page, "plan-day-drag")
    page.mouse.up()
    page.wait_for_selector(".undo:has-text('1 stop to')")
    after = day.read()
    assert after["version"] == before + 1
    rode = {v["stop_id"]: r["vehicle_id"] for r in after["routes"] for v in r["visits"]}
    assert rode[stop["stop_id"]] == best["vehicle_id"]
    page.keyboard.press("z")
    page.wait_for_selector(f".time-row[data-vehicle='{route['vehicle_id']}'] .part.picked")
    assert day.read()["version"] == before + 2


def test_a_drop_where_it_cannot_be_and_escape_change_nothing(visit, day, address):
    told = day.read()
    route = told["routes"][0]
    barred = next(
        each for each in day.preview([route["visits"][0]["stop_id"]])
        if not each["fits"] and each["route_id"] and each["route_id"] != route["route_id"]
    )  # fmt: skip
    page = visit("Pia", f"{address}&route={route['route_id']}&stop={route['visits'][0]['stop_id']}")
    taken = row(page, route["vehicle_id"]).locator(".part.picked")
    taken.wait_for()
    for end in ("drop", "escape"):
        page.mouse.move(*middle(taken))
        page.mouse.down()
        page.mouse.move(*middle(row(page, barred["vehicle_id"]).locator(".time-row-back")), steps=4)
        page.wait_for_selector(f".drag-ghost:has-text('{barred['refusals'][0]['said']}')")
        if end == "escape":
            page.keyboard.press("Escape")
        page.mouse.up()
        page.wait_for_selector(".drag-ghost", state="detached")
    assert page.locator(".time-row.chosen").count() == 1
    assert day.read()["version"] == told["version"]


def test_the_keyboard_alone_picks_weighs_moves_and_locks(visit, day, address):
    before = day.version
    page = visit("Pia", address)
    page.locator(".time-row").first.wait_for()
    page.locator(".gantt-scroll").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".time-told:has-text('serves stop')")
    page.keyboard.press("Space")
    page.wait_for_selector(".part.picked")
    page.keyboard.press("m")
    page.wait_for_selector(".move-target.over .move-said")
    first = page.inner_text(".move-target.over .move-name")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(f".move-target.over:not(:has-text('{first}'))")
    assert page.locator(".time-row.over").count() == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector(".undo:has-text('1 stop to')")
    assert day.read()["version"] == before + 1
    page.wait_for_selector(".gantt-scroll:focus")  # the keyboard goes on where it was
    page.keyboard.press("l")
    page.wait_for_selector(".row-lock")
    locked = [each["vehicle_id"] for each in day.read()["routes"] if each["locked"]]
    assert len(locked) == 1
    page.keyboard.press("l")
    page.wait_for_selector(".row-lock", state="detached")


def test_who_comes_second_sees_what_the_first_did(visit, day, address):
    route, stop, _ = a_move(day)
    page = visit("Pia", f"{address}&route={route['route_id']}&stop={stop['stop_id']}")
    page.click("text=Move 1 to…")
    page.wait_for_selector(".move-target.over .move-said")
    other = next(each for each in route["visits"] if each["stop_id"] != stop["stop_id"])
    day.lock(parcel_ids=[other["stop_id"]])
    page.keyboard.press("Enter")
    page.wait_for_selector(".day-refusal:has-text('changed by somebody else')")
    page.wait_for_selector(".part.held")
    day.lock(parcel_ids=[other["stop_id"]], locked=False)


def test_the_rest_is_planned_anew_while_one_watches_and_compared(visit, day, address):
    dearer(day)
    page = visit("Pia", address)
    version, cost = day.read()["version"], day.read()["cost_usd"]
    page.select_option(".ask-anew select", "600")
    page.click("text=Plan the day anew")
    page.wait_for_selector(".search-curve")
    page.reload()  # the search goes on, and so does who watches it
    page.wait_for_selector(".searching:has-text('left')")
    page.click(".searching >> text=Discard")
    page.wait_for_selector(".searching .mark:has-text('discarded')")
    page.click(".searching >> text=Close")
    page.wait_for_selector(".searching", state="detached")
    assert day.read()["version"] == version
    page.click("text=Plan the day anew")
    page.wait_for_selector(".search-figures .better", timeout=120_000)
    shares = page.locator(".searching progress").get_attribute("value")
    assert int(shares) > 5
    keep_picture(page, "plan-day-anew")
    assert violations(page) == []
    page.click("text=End, keep the best")
    page.wait_for_selector(".searching .mark.done:has-text('−$')")
    found = day.read()
    assert found["version"] == version + 1
    assert found["cost_usd"] < cost - 0.01
    told = page.inner_text(".searching .mark.done")
    assert told_cost(found["cost_usd"] - cost) in told
    page.click("text=What changed")
    page.wait_for_selector(".compare-table caption:has-text('Totals')")
    assert f"compare=edit:{version}" in page.url
    found = day.changes(at=version)
    page.wait_for_selector(f"caption:has-text('Parcels that differ: {found['parcels_changed']}')")
    assert page.locator("caption:has-text('newest first') ~ tbody tr").count() == day.version
    page.select_option(".compare select", f"edit:{day.version}")
    page.wait_for_selector("text=Nothing differs")
    assert f"compare=edit:{day.version}" in page.url


def test_a_viewer_reads_saves_and_links_but_changes_nothing(visit, day, address):
    route = day.read()["routes"][0]
    stop = route["visits"][1]["stop_id"]
    page = visit("Vic", f"{address}&route={route['route_id']}&stop={stop}")
    page.wait_for_selector(".stops li.picked")
    assert page.locator(".time-row.chosen .part.picked").count() == 1
    assert page.locator(".grabbable, .ask-anew, .searching").count() == 0
    assert page.locator("text=Lock the route").count() == 0
    with page.expect_download() as waited:
        page.click(".exports >> text=Manifests")
    assert Path(waited.value.path()).read_bytes() == day.export("pdf")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_either_theme(visit, day, address, colours):
    route = day.read()["routes"][0]
    picked = f"{address}&route={route['route_id']}&stop={route['visits'][0]['stop_id']}"
    page = visit("Pia", picked, color_scheme=colours)
    page.wait_for_selector(".stops li.picked")
    assert violations(page) == []
    page.click("text=Move 1 to…")
    page.wait_for_selector(".move-target.over .move-said")
    keep_picture(page, f"plan-day-{colours}")
    assert violations(page) == []
    page = visit("Pia", f"{address}&compare=made", color_scheme=colours, width=900)
    page.wait_for_selector(".compare-table, .compare .face-title")
    assert violations(page) == []
    keep_picture(page, f"plan-day-compare-{colours}")
