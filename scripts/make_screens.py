"""Take the pictures of the tower's screens for README and docs.

``python scripts/make_screens.py`` runs a day of the built-in network under an open tower, stops its
clock in the evening, when trucks are on the road and sorters at work, and takes each screen with
Debian's Chromium, light and dark, 1440 and 900 pixels wide, into ``docs/images/``. Pictures in the
documentation are produced, not drawn.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
WIDTHS = {1440: 900, 900: 1200}
"""Widths with their heights, in pixels."""
THEMES = ("light", "dark")
EVENING = dt.datetime(2026, 12, 1, 3, 30, tzinfo=dt.UTC)  # 22:30 in the east
PORT = 8_765
PATIENCE_S = 900.0


def main() -> int:
    """Run a day up to its evening and take every screen."""
    parser = argparse.ArgumentParser(description="Take the pictures of the tower.")
    parser.add_argument("--parcels", type=int, default=20_000)
    parser.add_argument("--only", help="one screen: tower, parcel, board, fleet, plan or report")
    asked = parser.parse_args()
    browser = shutil.which("chromium")
    if browser is None:
        print("error: there is no chromium\nremedy: apt-get install chromium", file=sys.stderr)
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, _day(Path(scratch), asked.parcels) as token:
        base = f"http://127.0.0.1:{PORT}"
        with httpx.Client(base_url=base, timeout=60.0) as tower, sync_playwright() as started:
            tower.post("/session/link", json={"token": token}).raise_for_status()
            _play_until_evening(tower)
            chrome = started.chromium.launch(
                executable_path=browser, args=["--disable-gpu", "--no-sandbox"]
            )
            _take_all(chrome, tower, base, asked.only)
            chrome.close()
    return 0


@contextmanager
def _day(scratch: Path, parcels: int) -> Iterator[str]:
    """A run under an open tower; yields the token that signs in."""
    command = [
        sys.executable, "-m", "crossdock.platform.cli", "--quiet", "demo", "--parcels",
        str(parcels),
        "--port", str(PORT), "--speed", "600", "--out", str(scratch / "demo"),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            found = re.search(r"/session/link/(\S+)", process.stdout.readline())
            if found is None:
                raise SystemExit("error: the tower did not open")
            yield found[1]
        finally:
            process.terminate()
            process.wait(60)


def _play_until_evening(tower: httpx.Client) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        day = tower.get("/v1/day").raise_for_status().json()
        now = dt.datetime.fromisoformat(day["now"])
        if day["state"] == "playing" and now >= EVENING:
            headers = {"X-CSRF-Token": tower.get("/session").json()["csrf"]}
            tower.post("/v1/day", json={"paused": True}, headers=headers).raise_for_status()
            return
        time.sleep(0.3)
    raise SystemExit("error: the evening did not come")


def _take_all(chrome: Any, tower: httpx.Client, base: str, only: str | None) -> None:
    cookies = [
        {"name": cookie.name, "value": cookie.value or "", "url": base}
        for cookie in tower.cookies.jar
    ]
    for theme in THEMES:
        for width, height in WIDTHS.items():
            context = chrome.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            context.add_cookies(cookies)
            page = context.new_page()
            for name, path in _screens(tower):
                if only in (None, name):
                    _take(page, base + path, IMAGES / f"{name}-{theme}-{width}.png")
            context.close()


def _screens(tower: httpx.Client) -> Iterator[tuple[str, str]]:
    """Each screen with the address that shows it at work."""
    worst = tower.get("/v1/exceptions", params={"limit": 50}).json()["items"]
    yield "tower", f"/tower?id={worst[0]['id']}"
    parcel = next((each["parcel_id"] for each in worst if each["parcel_id"]), None)
    yield "parcel", f"/parcel/{parcel}"
    places = tower.get("/v1/facilities").json()["items"]
    busiest = max(places, key=lambda place: place["queue"])
    yield "board", f"/board/{busiest['facility_id']}"
    drivers = tower.get("/v1/drivers", params={"kind": "linehaul", "limit": 1}).json()["items"]
    yield "fleet", f"/fleet?driver={quote(drivers[0]['driver_id'])}"
    plan = tower.get("/v1/plans").json()["items"][0]["plan_id"]
    yield "plan", f"/plan/{plan}"
    yield "report", f"/report/{plan}"


def _take(page: Page, url: str, picture: Path) -> None:
    page.goto(url)
    page.wait_for_selector("main h1")
    page.wait_for_timeout(1_000)
    page.wait_for_selector(".skeleton", state="detached", timeout=PATIENCE_S * 1_000)
    page.wait_for_timeout(3_000)  # the map, and the curves beside the figures
    page.screenshot(path=picture)
    print(picture.relative_to(ROOT))


if __name__ == "__main__":
    raise SystemExit(main())
