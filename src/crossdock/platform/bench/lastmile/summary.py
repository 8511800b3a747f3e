"""The table in short: by set and solver the mean gap, who won, and whether time was kept."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from crossdock.platform.bench.lastmile.instances import VEHICLES_FIRST
from crossdock.platform.bench.lastmile.measure import BenchRow, BenchRun
from crossdock.platform.bench.lastmile.process import CORES

_TIE = 1e-6
_ALL = "all"


def write_lastmile(run: BenchRun, page: Path) -> Path:
    """Write the summary of ``run`` as ``page``; returns its path."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_markdown(run), encoding="utf-8")
    return page


def _markdown(run: BenchRun) -> str:
    rows = run.rows
    limits = sorted({row.limit_s for row in rows})
    seconds = ", ".join(f"{limit:g}" for limit in limits) or "no"
    loads = [row.load for row in rows if row.load is not None]
    solvers = dict.fromkeys((row.solver, row.version) for row in rows)
    versions = ", ".join(f"{name} {number}" for name, number in solvers)
    lines = [
        "# Last mile: us and our peers",
        "",
        f"Made by `crossdock bench lastmile` on {min(CORES, os.cpu_count() or 1)} cores of "
        f"{_processor()} with Python {platform.python_version()}, {versions}.",
        f"{seconds} s of wall clock each, one after the other, each in a process of its own. "
        f"Load of the machine at the starts: {min(loads, default=0):.1f} to "
        f"{max(loads, default=0):.1f} (1 is one busy core).",
        "Costs are those of the routes by our own metric, after a check of coverage, loads and "
        "times; gaps are above the best known cost, over the instances that all solvers with any "
        "plan in the set have planned (their number in brackets).",
        "",
    ]
    if run.interrupted:
        lines += ["Interrupted: these are the instances that were done.", ""]
    lines += [f"{each.name} is missing: {each.remedy}.\n" for each in run.missing]
    lines += [
        "| set | solver | planned | mean gap % | worst gap % | wins | time kept | peak MB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *_lines(rows),
        "",
        "Wins: least cost of all, ties count for each. Time kept: runs that ended within 5 % and "
        "1 s of the limit. Planned: feasible, of all that are supported.",
    ]
    if any(row.best_known_objective == VEHICLES_FIRST for row in rows):
        lines.append(
            f"Best known of a set marked `{VEHICLES_FIRST}` is the distance of the fewest "
            "vehicles, which may be more than the least distance: gaps there may be negative, and "
            "only compare solvers."
        )
    return "\n".join([*lines, "", f"System: {platform.system()} {platform.machine()}.", ""])


def _lines(rows: Sequence[BenchRow]) -> list[str]:
    by_set: dict[str, list[BenchRow]] = {}
    for row in rows:
        mark = f" ({VEHICLES_FIRST})" if row.best_known_objective == VEHICLES_FIRST else ""
        by_set.setdefault(row.set + mark, []).append(row)
    lines: list[str] = []
    for name, members in by_set.items():
        lines += _set_lines(name, members)
    if len(by_set) > 1:
        lines += _set_lines(_ALL, rows)
    return lines


def _set_lines(name: str, rows: Sequence[BenchRow]) -> list[str]:
    least: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.cost is not None:
            least[_key(row)] = min(least.get(_key(row), row.cost), row.cost)
    lines: list[str] = []
    for solver in dict.fromkeys(row.solver for row in rows):
        own = [row for row in rows if row.solver == solver]
        asked = [row for row in own if row.feasible is not None]
        if not asked:
            lines.append(f"| {name} | {solver} | not supported | | | | | |")
            continue
        common = _common(rows)
        gaps = [r.gap_pct for r in asked if r.gap_pct is not None and _key(r) in common]
        wins = sum(
            row.cost is not None and row.cost <= least[_key(row)] * (1 + _TIE) for row in asked
        )
        kept = sum(not row.over_time for row in asked)
        planned = sum(bool(row.feasible) for row in asked)
        peak = max(row.peak_mb or 0.0 for row in asked)
        figures = f"{mean(gaps):.2f} ({len(gaps)}) | {max(gaps):.2f}" if gaps else " | "
        lines.append(
            f"| {name} | {solver} | {planned} of {len(asked)} | {figures} | {wins} "
            f"| {kept} of {len(asked)} | {peak:,.0f} |"
        )
    return lines


def _common(rows: Sequence[BenchRow]) -> set[tuple[str, str]]:
    """Instances that all solvers planned that planned any of ``rows``."""
    asked = {row.solver for row in rows if row.gap_pct is not None}
    planned: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row.gap_pct is not None:
            planned.setdefault(_key(row), set()).add(row.solver)
    return {key for key, solvers in planned.items() if solvers == asked}


def _key(row: BenchRow) -> tuple[str, str]:
    return row.set, row.instance


def _processor() -> str:
    """Name of the processor, where the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in told.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()
