"""How long a question about hours of service takes: a list of measured rows."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from crossdock.comply.hos import US_70_8, Timeline, audit, clocks
from crossdock.comply.hos.planning import (
    PlanStop,
    RouteArrays,
    check_route,
    check_routes,
    limits_of,
    plan,
)
from crossdock.model import Progress, stream
from crossdock.model.units import SECONDS_PER_HOUR

ROUTES = 10_000
STOPS = 10
LOGS = 10_000
DAYS = 8
_BEGAN_S = 1_795_000_000
_ROUNDS = 200
_LIBRARIES = ("numba", "numpy")


@dataclass(frozen=True)
class HosRow:
    """One thing that was measured.

    Attributes
    ----------
    what
        In words.
    repeated
        How often it was asked.
    median_us, p99_us
        Of one time.
    """

    what: str
    repeated: int
    median_us: float
    p99_us: float


def measure_hos(seed: int, progress: Progress) -> list[HosRow]:
    """Measure every row, one after the other."""
    rows: list[HosRow] = []
    with progress.task("bench hos", len(MEASURES)) as task:
        for measure in MEASURES:
            rows += measure(seed)
            task.advance(1)
    return rows


def write_hos(rows: Sequence[HosRow], folder: Path) -> Path:
    """Write ``hos.md`` into ``folder``; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = [
        "# Hours of service: how long an answer takes",
        "",
        f"Made by `crossdock bench hos` on {os.cpu_count()} cores with "
        f"Python {platform.python_version()}, {libraries}.",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} (1 is one busy core).",
        "",
        "| what | asked | median µs | p99 µs |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {row.what} | {row.repeated:,} | {row.median_us:,.1f} | {row.p99_us:,.1f} |"
            for row in rows
        ),
        "",
        f"System: {platform.system()} {platform.machine()}.",
        "",
    ]
    page = folder / "hos.md"
    page.write_text("\n".join(lines), encoding="utf-8")
    return page


def _plans(seed: int) -> Iterator[HosRow]:
    """Route checks, compiled and plain, and whole plans."""
    limits = limits_of(US_70_8)
    routes = generated_routes(ROUTES, seed)
    arrays = RouteArrays.of(routes)
    one = [RouteArrays.of([route]) for route in routes[:_ROUNDS]]
    # Load and run once: what a process pays at its first compiled check.
    yield _row("first compiled check of a process", [lambda: check_routes(one[0], limits)])
    yield _row(
        f"one route check of {STOPS} stops, compiled",
        [lambda route=route: check_routes(route, limits) for route in one],
    )
    batch = _row("", [lambda: check_routes(arrays, limits)] * 5)
    yield HosRow(
        f"the same, each of a batch of {ROUTES:,}",
        ROUTES * batch.repeated,
        batch.median_us / ROUTES,
        batch.p99_us / ROUTES,
    )
    yield _row(
        "the same in plain Python",
        [lambda route=route: check_route(route, limits) for route in routes[:_ROUNDS]],
    )
    yield _row(
        f"one plan of {STOPS} stops with its schedule, reasons and latest departure",
        [lambda route=route: plan(route) for route in routes[:_ROUNDS]],
    )


def _logs(seed: int) -> Iterator[HosRow]:
    """Audits of logs of eight days, and the clocks of many drivers."""
    logs = generated_logs(LOGS, seed)
    yield _row("one audit of 8 days", [lambda log=log: audit(log) for log in logs[:_ROUNDS]])
    everybody = _row("", [lambda: [clocks(log) for log in logs]])
    yield HosRow(
        f"the clocks of {LOGS:,} drivers, all together", 1, everybody.median_us, everybody.p99_us
    )


def generated_logs(count: int, seed: int) -> list[Timeline]:
    """Logs of `DAYS` days of work in several stretches, every third night split."""
    draw = stream(seed, "bench", "hos logs")
    hour = SECONDS_PER_HOUR
    logs: list[Timeline] = []
    for number in range(count):
        segments: list[tuple[str, int, int]] = []
        at_s = _BEGAN_S
        stretches = draw.integers(hour // 2, 3 * hour, (DAYS, 4))
        for day in range(DAYS):
            is_split = (day + number) % 3 == 0
            parts = [("ON", hour // 2), ("D", stretches[day, 0]), ("ON", hour // 2)]
            parts += [("D", stretches[day, 1]), ("OFF", hour // 2), ("D", stretches[day, 2])]
            parts += [("SB", 7 * hour), ("D", stretches[day, 3]), ("OFF", 3 * hour)]
            if not is_split:
                parts[6:] = [("D", stretches[day, 3]), ("ON", hour // 2), ("OFF", 11 * hour)]
            for status, length_s in parts:
                segments.append((status, at_s, at_s + int(length_s)))
                at_s += int(length_s)
        logs.append(Timeline.of(segments, timezone="America/Chicago"))
    return logs


MEASURES: tuple[Callable[[int], Iterator[HosRow]], ...] = (_plans, _logs)
"""What is measured, in the order of the page: add rows by adding to it."""


def generated_routes(count: int, seed: int) -> list[list[PlanStop]]:
    """Routes of `STOPS` stops over several days, with windows about when one would come."""
    draw = stream(seed, "bench", "hos")
    hour = SECONDS_PER_HOUR
    routes: list[list[PlanStop]] = []
    for _ in range(count):
        drive_s = draw.integers(hour // 2, 6 * hour, STOPS)
        service_s = draw.integers(hour // 4, 2 * hour, STOPS)
        about_s = np.cumsum(drive_s * 2 + service_s) - service_s
        opens_s = np.maximum(0, about_s - draw.integers(0, 12 * hour, STOPS))
        closes_s = opens_s + draw.integers(12 * hour, 48 * hour, STOPS)
        routes.append(
            [
                PlanStop(int(drive), int(service), ((int(opens), int(closes)),))
                for drive, service, opens, closes in zip(
                    drive_s, service_s, opens_s, closes_s, strict=True
                )
            ]
        )
    return routes


def _row(what: str, asked: Sequence[Callable[[], object]]) -> HosRow:
    took_us: list[float] = []
    for ask in asked:
        started_s = time.perf_counter()
        ask()
        took_us.append((time.perf_counter() - started_s) * 1e6)
    median, p99 = np.quantile(took_us, (0.5, 0.99))
    return HosRow(what, len(asked), float(median), float(p99))
