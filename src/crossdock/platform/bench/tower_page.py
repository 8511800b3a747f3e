"""The tower's page in a real browser: how soon it shows, how heavy it is, how smoothly it moves."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import math
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from crossdock.platform.bench.tower_load import Line, Served
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.pages import STATIC
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts

POINTS = 50_000
_POSITIONS_PER_S = 5_000
_BATCH = 1_000
_WATCHED_S = 5.0
_PATIENCE_MS = 60_000
_PAINTS = 5
_EMAIL = "bench@crossdock.test"
_SHOWS_DATA = """() => {
  const figures = [...document.querySelectorAll('.kpi-value')];
  if (!figures.some((each) => /[0-9]/.test(each.textContent))) return false;
  if (!document.querySelector('.virtual-row')) return false;
  const canvas = document.querySelectorAll('.map canvas')[1];
  if (!canvas || !canvas.width || !canvas.height) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((each) => each !== 0) ? performance.now() : false;
}"""
"""The milliseconds since the navigation began, once figures, queue and map all show data."""
_FRAMES = """(seconds) => new Promise((done) => {
  const times = [];
  const next = (now) => {
    times.push(now);
    if (now - times[0] < seconds * 1000) requestAnimationFrame(next);
    else done(times);
  };
  requestAnimationFrame(next);
})"""


@dataclass(frozen=True)
class PageFigures:
    """What was seen of the page.

    Attributes
    ----------
    first_paint_s
        From the start of the navigation, nothing cached, until figures, queue and map show data;
        the median of some visits.
    first_screen_kb
        What the browser had to load for that, data apart, compressed by gzip.
    frames_per_s
        While positions of the ``points`` arrive.
    frame_p95_ms
        Time between two frames.
    """

    first_paint_s: float
    first_screen_kb: float
    points: int
    positions_per_s: float
    frames_per_s: float
    frame_p95_ms: float


def measure_page(server: Served) -> PageFigures | str:
    """What a signed-in dispatcher sees of a tower; where that cannot be seen, why."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if importlib.util.find_spec("playwright") is None:
        return "Playwright for Python is not installed"
    if chromium is None:
        return "Chromium is not installed"
    if not (STATIC / "index.html").is_file():
        return "the pages are not built (scripts/build_web.py)"
    sent = _Positions(server)
    sent.once(range(100))  # the map has something to show
    password = _account(server)
    playwright: Any = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", "--no-sandbox"]
        )
        cookies = _signed_in(browser, server, password)
        paints_s, files = _first_paints(browser, server, cookies)
        sent.once(range(POINTS))
        frames_ms, positions_per_s = _frames(browser, server, cookies, sent)
        browser.close()
    return PageFigures(
        first_paint_s=float(np.median(paints_s)),
        first_screen_kb=sum(map(_gzipped_kb, files)),
        points=POINTS,
        positions_per_s=positions_per_s,
        frames_per_s=1_000 / float(np.mean(frames_ms)),
        frame_p95_ms=float(np.quantile(frames_ms, 0.95)),
    )


class _Positions:
    """Vehicles on their way over the country, told by the ingest that telematics use."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._round = 0

    def once(self, vehicles: Sequence[int]) -> None:
        """A position of each."""
        self._round += 1
        line = self._server.line()
        for first in range(0, len(vehicles), _BATCH):
            self._post(line, vehicles[first : first + _BATCH])
        line.close()

    def keep_on(self, rate_per_s: float, over: threading.Event) -> float:
        """Positions of all, again and again; returns how many a second."""
        began_s, batches = time.monotonic(), 0
        line = self._server.line()
        while not over.is_set():
            first = batches * _BATCH % POINTS
            self._round += first == 0
            self._post(line, range(first, first + _BATCH))
            batches += 1
            over.wait(max(0.0, began_s + batches * _BATCH / rate_per_s - time.monotonic()))
        line.close()
        return batches * _BATCH / (time.monotonic() - began_s)

    def _post(self, line: Line, vehicles: Sequence[int]) -> None:
        at = dt.datetime.now(dt.UTC).isoformat()
        rows = (
            f'{{"source":"gps","source_event_id":"{self._round}/{n}","kind":"position",'
            f'"occurred_at":"{at}","vehicle_id":"V{n:05}","latitude":{self._latitude(n):.5f},'
            f'"longitude":{self._longitude(n):.5f}}}'
            for n in vehicles
        )
        line.post("/v1/events", f"[{','.join(rows)}]".encode())

    def _latitude(self, vehicle: int) -> float:
        return 30 + vehicle % 180 / 10 + 0.5 * math.sin(self._round / 5 + vehicle)

    def _longitude(self, vehicle: int) -> float:
        return -120 + vehicle // 180 % 450 / 10 + 0.5 * math.cos(self._round / 5 + vehicle)


def _account(server: Served) -> str:
    password = secrets.token_urlsafe(12)
    with open_database(server.process.store_url) as store:
        users = Accounts(store.backend, SystemClock().now).users
        users.create("bench", _EMAIL, "Bench", "dispatcher", by="bench", password=password)
    return password


def _signed_in(browser: Any, server: Served, password: str) -> Any:
    """What a browser keeps of a session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.process.url)
    page.fill("input[name=email]", _EMAIL)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".kpis", timeout=_PATIENCE_MS)
    kept = context.storage_state()
    context.close()
    return kept


def _opened(browser: Any, server: Served, cookies: Any) -> tuple[Any, float]:
    """A page of the tower in a browser without a cache, and when it showed data."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=cookies)
    page = context.new_page()
    page.goto(f"{server.process.url}/tower", wait_until="commit")
    shown = page.wait_for_function(_SHOWS_DATA, polling="raf", timeout=_PATIENCE_MS)
    return page, float(shown.json_value())


def _first_paints(browser: Any, server: Served, cookies: Any) -> tuple[list[float], list[str]]:
    """Seconds of some visits, and the files that one loads."""
    seconds: list[float] = []
    files: list[str] = []
    for _ in range(_PAINTS):
        page, shown_ms = _opened(browser, server, cookies)
        seconds.append(shown_ms / 1_000)
        loaded: list[str] = page.evaluate(
            "performance.getEntriesByType('resource').map((each) => each.name)"
        )
        files = sorted({page.url, *(name for name in loaded if _is_file(name, server))})
        page.context.close()
    return seconds, files


def _is_file(address: str, server: Served) -> bool:
    path = address.removeprefix(server.process.url)
    return not path.startswith(("/v1", "/session"))


def _gzipped_kb(address: str) -> float:
    with httpx.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(len(chunk) for chunk in answer.iter_raw()) / 1_000


def _frames(
    browser: Any, server: Served, cookies: Any, sent: _Positions
) -> tuple[list[float], float]:
    """Milliseconds between the frames while positions arrive, and how many of them a second."""
    page, _ = _opened(browser, server, cookies)
    over = threading.Event()
    rates: list[float] = []
    sender = threading.Thread(
        target=lambda: rates.append(sent.keep_on(_POSITIONS_PER_S, over)), daemon=True
    )
    sender.start()
    try:
        page.wait_for_timeout(1_000)
        times: list[float] = page.evaluate(_FRAMES, _WATCHED_S)
    finally:
        over.set()
        sender.join()
    return list(np.diff(times)), rates[0]
