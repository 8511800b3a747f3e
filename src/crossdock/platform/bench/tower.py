"""How much a server takes and how soon it is on the screen; traffic stays on this machine."""

from __future__ import annotations

import datetime as dt
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crossdock.model import Progress, WorkerFailedError
from crossdock.platform.bench.tower_load import Answer, Line, Load, Served, TowerRun, loaded, served
from crossdock.platform.bench.tower_page import PageFigures, measure_page
from crossdock.platform.store import versions

_SETTLES_S = 4.0
LOADS = (Load(500, 1), Load(10_000, 100))


@dataclass(frozen=True)
class TowerFigures:
    """A whole measurement.

    Attributes
    ----------
    reads_ms
        Median time of an answer by what was asked, with ``open_parcels`` known.
    page
        What a browser showed of them, or why none was asked.
    """

    ready_s: float
    idle_mb: float
    runs: Sequence[TowerRun]
    open_parcels: int
    reads_ms: dict[str, float]
    page: PageFigures | str


def measure_tower(
    seconds: float, open_parcels: int, progress: Progress, *, loads: Sequence[Load] = LOADS
) -> TowerFigures:
    """Start a server, load it for ``seconds`` each, and read from it.

    Raises
    ------
    WorkerFailedError
        The server did not start.
    """
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as scratch:
        runs: list[TowerRun] = []
        ready_s = idle_mb = 0.0
        with progress.task("bench tower", len(loads) + 2) as task:
            for number, load in enumerate(loads):
                with served(Path(scratch) / f"{number}.db") as server:
                    ready_s, idle_mb = server.ready_s, server.memory_mb()
                    runs.append(loaded(server, load, seconds))
                task.advance()
            with served(Path(scratch) / "open.db") as server:
                reads_ms = _reads(server, open_parcels)
                task.advance()
                page = measure_page(server)
            task.advance()
    return TowerFigures(ready_s, idle_mb, runs, open_parcels, reads_ms, page)


def write_tower(figures: TowerFigures, folder: Path) -> Path:
    """Write ``tower.md`` into ``folder``; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "tower.md"
    page.write_text(_markdown(figures), encoding="utf-8")
    return page


def _reads(server: Served, open_parcels: int) -> dict[str, float]:
    line = server.line()
    at = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat()
    for first in range(0, open_parcels, 5_000):
        kinds = {n: "attempt_failed" if n % 20 == 0 else "arrived_facility" for n in range(20)}
        rows = (
            f'{{"source":"s","source_event_id":"{n}","kind":"{kinds[n % 20]}",'
            f'"occurred_at":"{at}","parcel_id":"P{n:07}","facility_id":"F1"}}'
            for n in range(first, min(first + 5_000, open_parcels))
        )
        _check(line.post("/v1/events", f"[{','.join(rows)}]".encode()), "/v1/events")
    time.sleep(_SETTLES_S)
    asked = {
        "first page of parcels": "/v1/parcels?limit=100",
        "parcels by status": "/v1/parcels?status=attempt_failed&limit=100",
        "parcels by part of an id": "/v1/parcels?q=99&limit=100",
        "open exceptions": "/v1/exceptions?state=open&limit=100",
        "figures": "/v1/kpis",
    }
    times_ms = {
        name: float(np.median([_timed(line, path) for _ in range(15)]))
        for name, path in asked.items()
    }
    line.close()
    return times_ms


def _timed(line: Line, path: str) -> float:
    began_s = time.perf_counter()
    answer = line.get(path)
    took_s = time.perf_counter() - began_s
    _check(answer, path)
    return took_s * 1_000


def _check(answer: Answer, path: str) -> None:
    if answer.status != 200:
        raise WorkerFailedError(f"bench tower: {path} was answered by {answer.status}")


def _markdown(figures: TowerFigures) -> str:
    made = ", ".join(f"{name} {number}" for name, number in versions().items())
    lines = [
        "# The tower: what a server takes, and how soon it shows",
        "",
        f"Made by `crossdock bench tower` on {os.cpu_count()} cores with {made}; senders, listener "
        "and server share them. SQLite, each batch durable before its answer.",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} (1 is one busy core).",
        "",
        f"Ready {figures.ready_s:.1f} s after the start; {figures.idle_mb:.0f} MB when idle.",
        "",
        "| offered | taken/s | errors | answer p50 ms | p99 ms | sent to screen p50 ms | p99 ms "
        "| told |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {run.load.rate_per_s:,}/s in batches of {run.load.batch} | {run.taken_per_s:,.0f} "
            f"| {run.errors} | {run.post_p50_ms:.1f} | {run.post_p99_ms:.1f} "
            f"| {run.screen_p50_ms:.0f} | {run.screen_p99_ms:.0f} | {100 * run.told_share:.1f} % |"
            for run in figures.runs
        ),
        "",
        f"With {figures.open_parcels:,} open parcels:",
        "",
        "| asked | median ms |",
        "| --- | ---: |",
        *(f"| {name} | {ms:.0f} |" for name, ms in figures.reads_ms.items()),
        "",
        *_page_lines(figures.page),
        "",
        f"System: {platform.system()} {platform.machine()}.",
        "",
    ]
    return "\n".join(lines)


def _page_lines(page: PageFigures | str) -> list[str]:
    if isinstance(page, str):
        return [f"The page was not opened: {page}."]
    return [
        "The tower's page over the same, in headless Chromium with `--disable-gpu` at 1440 × 900. "
        "First paint: from the start of the navigation, nothing cached, until figures, queue and "
        "map all show data; frames: by `requestAnimationFrame` while positions come through the "
        "ingest and the stream.",
        "",
        "| seen | |",
        "| --- | ---: |",
        f"| first paint, s | {page.first_paint_s:.2f} |",
        f"| loaded for it, gzipped, kB | {page.first_screen_kb:.0f} |",
        f"| moving points | {page.points:,} |",
        f"| positions/s | {page.positions_per_s:,.0f} |",
        f"| frames/s | {page.frames_per_s:.0f} |",
        f"| between frames p95, ms | {page.frame_p95_ms:.0f} |",
    ]
