"""How the whole house grows: seconds and memory of each stage of a plan at several sizes."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.model import CrossdockError, Progress, WorkerFailedError
from crossdock.platform.store import RunFolder, versions

HOUSE_SIZES = (2_000, 20_000, 200_000)
TOTAL = "whole command"
_ROWS_REJECTED = 3


@dataclass(frozen=True)
class HouseRun:
    """One plan of ``parcels``: ``(seconds, peak MB)`` by stage, the whole command last."""

    parcels: int
    stages: dict[str, tuple[float, float]]


def measure_house(sizes: Sequence[int], seed: int, progress: Progress) -> list[HouseRun]:
    """Plan each of ``sizes`` once, each in a process of its own.

    Raises
    ------
    WorkerFailedError
        A plan ended with an error; the message has its last line.
    """
    runs: list[HouseRun] = []
    with progress.task("bench house", len(sizes)) as task:
        for parcels in sizes:
            runs.append(_measured(parcels, seed))
            task.advance()
    return runs


def write_house(runs: Sequence[HouseRun], folder: Path) -> Path:
    """Write ``house.md`` and ``house.csv`` into ``folder``; returns the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(_growth_rows(sorted(runs, key=lambda run: run.parcels)))
    header = ",".join(("parcels", "stage", "seconds", "peak_mb", "seconds_growth", "mb_growth"))
    lines = [header, *(",".join(_csv_cell(cell) for cell in row) for row in rows)]
    (folder / "house.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = folder / "house.md"
    page.write_text(_markdown(rows), encoding="utf-8")
    return page


_Row = tuple[int, str, float, float, float | None, float | None]


def _measured(parcels: int, seed: int) -> HouseRun:
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as scratch:
        out = Path(scratch) / "run"
        command = [sys.executable, "-m", "crossdock.platform.cli", "--quiet", "plan"]
        options = ["--parcels", str(parcels), "--seed", str(seed), "--out", str(out)]
        started_s = time.monotonic()
        finished = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started_s
        if finished.returncode not in (0, _ROWS_REJECTED):
            raise _failure(parcels, finished)
        stages = {
            record["stage"]: (float(record["seconds"]), float(record["peak_mb"]))
            for record in RunFolder.open(out).manifest["stages"]
        }
    peak_mb = max((peak for _, peak in stages.values()), default=0.0)
    return HouseRun(parcels, stages | {TOTAL: (round(seconds, 3), peak_mb)})


def _failure(parcels: int, finished: subprocess.CompletedProcess[str]) -> CrossdockError:
    said = finished.stderr.strip().splitlines() or [f"exit code {finished.returncode}"]
    return WorkerFailedError(
        f"bench house: the plan of {parcels:,} parcels failed: {said[0]}",
        remedy=f"run it alone: crossdock plan --parcels {parcels} --out RUN/",
    )


def _growth_rows(runs: Iterable[HouseRun]) -> Iterable[_Row]:
    before: HouseRun | None = None
    for run in runs:
        for stage, (seconds, peak_mb) in run.stages.items():
            earlier = before.stages.get(stage) if before else None
            yield (
                run.parcels,
                stage,
                seconds,
                peak_mb,
                _ratio(seconds, earlier[0] if earlier else None),
                _ratio(peak_mb, earlier[1] if earlier else None),
            )
        before = run


def _ratio(now: float, earlier: float | None) -> float | None:
    return round(now / earlier, 2) if earlier else None


def _csv_cell(cell: float | str | None) -> str:
    return "" if cell is None else json.dumps(cell) if isinstance(cell, str) else str(cell)


def _markdown(rows: Iterable[_Row]) -> str:
    lines = [
        "# The house: what a plan costs to make",
        "",
        f"Made by `crossdock bench house` on {os.cpu_count()} cores with "
        + ", ".join(f"{name} {number}" for name, number in versions().items())
        + ".",
        "Growth is against the size before; a stage that grows like the parcels shows their ratio.",
        "",
        "| parcels | stage | seconds | peak MB | seconds grow | memory grows |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for parcels, stage, seconds, peak_mb, seconds_growth, mb_growth in rows:
        lines.append(
            f"| {parcels:,} | {stage} | {seconds:,.2f} | {peak_mb:,.0f} "
            f"| {_times(seconds_growth)} | {_times(mb_growth)} |"
        )
    return "\n".join([*lines, "", f"System: {platform.system()} {platform.machine()}.", ""])


def _times(growth: float | None) -> str:
    return "" if growth is None else f"× {growth:,.1f}"
