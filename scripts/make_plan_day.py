"""Take the pictures of a day of a draft that is planned anew, for the docs.

``python scripts/make_plan_day.py`` plans the fixed territories of two metros, opens a server over
that draft, has its largest day planned anew, and takes the Plan page with Debian's Chromium while
the cost falls: light and dark, 1440 and 900 pixels wide, into ``docs/images/``. Then what was found
is discarded.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from playwright.sync_api import Page, sync_playwright

from crossdock.platform.bench import ServerProcess
from crossdock.platform.clock import SystemClock
from crossdock.platform.planning import PlanRequest, plan_to_folder
from crossdock.platform.server.plans import keep_draft
from crossdock.platform.server.security.cookies import COOKIE
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
WIDTHS = {1440: 900, 900: 1200}
"""Widths with their heights, in pixels."""
THEMES = ("light", "dark")
TENANT = "parcels"
PARCELS, METROS = 3_000, 2
HALFWAY = 45
"""Per cent of a search after which its picture is taken."""
PATIENCE_MS = 300_000


def main() -> int:
    """Plan a draft, serve it, and take its largest day."""
    browser = shutil.which("chromium")
    if browser is None:
        print("error: there is no chromium\nremedy: apt-get install chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run"
        plan_to_folder(
            PlanRequest(
                out=run, quiet=True, workers=1, parcels=PARCELS, metros=METROS, policy="baseline"
            )
        )
        server = ServerProcess(f"sqlite:///{scratch}/store.db", Path(scratch) / "log").start()
        try:
            token, plan = _drafted(server.store_url, run)
            with sync_playwright() as started:
                chrome = started.chromium.launch(
                    executable_path=browser, args=["--disable-gpu", "--no-sandbox"]
                )
                _take_all(chrome, server.url, token, plan, run)
                chrome.close()
        finally:
            server.stop()
    return 0


def _drafted(store_url: str, run: Path) -> tuple[str, str]:
    """Token of a planner's session, and the id of the draft."""
    with open_database(store_url) as store:
        accounts = Accounts(store.backend, SystemClock().now)
        accounts.make_tenant(TENANT, by="pictures")
        user = accounts.users.create(
            TENANT, "planner@example.com", "Planner", "planner", by="pictures"
        )
        token = accounts.sessions.open(user, how="pictures").token
        return token, keep_draft(store, TENANT, run, by="key:pictures")


def _take_all(chrome: Any, url: str, token: str, plan: str, run: Path) -> None:
    tours = pl.read_parquet(run / "tours.parquet")
    metro, date, _ = tours.group_by("facility_id", "delivery_date").len().sort("len").row(-1)
    route = tours.filter(facility_id=metro, delivery_date=date)["route_id"].sort()[1]
    first = pl.read_parquet(run / "routes.parquet").filter(route_id=route).sort("sequence")
    stop = first["parcel_id"][first.height // 2]
    address = f"{url}/plan/{plan}?metro={metro}&show=metros&day={date}&route={route}&stop={stop}"
    for theme in THEMES:
        for width, height in WIDTHS.items():
            context = chrome.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
            _take(context.new_page(), address, IMAGES / f"plan-day-{theme}-{width}.png")
            context.close()


def _take(page: Page, address: str, picture: Path) -> None:
    page.goto(address)
    page.wait_for_selector(".time-row")
    page.click("text=Plan the day anew")
    page.wait_for_selector(".search-figures .better", timeout=PATIENCE_MS)
    while int(page.locator(".searching progress").get_attribute("value") or 0) < HALFWAY:
        page.wait_for_timeout(500)
    page.locator(".plan-below").scroll_into_view_if_needed()
    page.screenshot(path=picture)
    print(picture.relative_to(ROOT))
    page.click("text=Discard")
    page.wait_for_selector(".searching >> text=Close")


if __name__ == "__main__":
    raise SystemExit(main())
