"""What waiting is worth: the dispatch game by the greedy and by the best policy, side by side."""

from __future__ import annotations

import csv
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path

import numpy as np

from crossdock.model import Progress
from crossdock.plan.routing.dynamic import EpochResult, PolicyName
from crossdock.platform.bench.lastmile import find_instances
from crossdock.platform.routing import dispatch_file

POLICIES = (PolicyName.GREEDY, PolicyName.BEST)


@dataclass(frozen=True)
class DispatchRow:
    """What a policy came to on one day.

    Attributes
    ----------
    limit_s
        Of an epoch.
    cost
        Seconds of driving of all routes.
    below_greedy_pct
        By how much that is less than by the greedy policy.
    longest_epoch_s
        Of wall clock.
    cpu_s
        Of this process and of workers that have ended.
    load
        Average load of the machine over a minute, before the start.
    """

    instance: str
    seed: int
    policy: str
    limit_s: float
    workers: int
    cost: int
    below_greedy_pct: float
    longest_epoch_s: float
    cpu_s: float
    load: float


def measure_dispatch(
    folder: Path,
    seconds: float,
    seeds: Sequence[int],
    out: Path,
    progress: Progress,
    *,
    workers: int,
    only: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[DispatchRow]:
    """Play each day twice, one after the other; rows are in the file ``out`` as they come.

    Parameters
    ----------
    folder, only
        As of `find_instances`.
    seconds
        An epoch.
    tell
        Told a line a row.
    """
    rows: list[DispatchRow] = []
    with tempfile.TemporaryDirectory() as scratch:
        found = find_instances(folder, only, Path(scratch))
        days = [(each.path, seed) for each in found for seed in seeds]
        out.parent.mkdir(parents=True, exist_ok=True)
        with (
            out.open("w", encoding="utf-8", newline="") as lines,
            progress.task("bench dispatch", len(days) * len(POLICIES)) as task,
        ):
            table = csv.DictWriter(lines, [each.name for each in fields(DispatchRow)])
            table.writeheader()
            for path, seed in days:
                greedy = 0
                for policy in POLICIES:
                    row = _played(path, seed, policy, seconds, workers, greedy)
                    greedy = greedy or row.cost
                    rows.append(row)
                    table.writerow(asdict(row))
                    lines.flush()
                    tell(_said(row))
                    task.advance()
    return rows


def write_dispatch(rows: Sequence[DispatchRow], page: Path) -> Path:
    """Write the summary into the file ``page``; returns its path."""
    best = [row for row in rows if row.policy == PolicyName.BEST]
    gains = np.array([row.below_greedy_pct for row in best])
    greedy = {(row.instance, row.seed): row.cost for row in rows if row.policy == PolicyName.GREEDY}
    lines = [
        "# A day on which requests appear: the best policy beside the greedy one",
        "",
        f"Made by `crossdock bench dispatch` on {os.cpu_count()} cores with "
        f"Python {platform.python_version()}, pyvrp {version('pyvrp')}.",
        f"{best[0].limit_s:g} s of wall clock an epoch, {best[0].workers} workers; the longest "
        f"epoch took {max(row.longest_epoch_s for row in rows):.1f} s. Load of the machine at "
        f"the starts: {min(row.load for row in rows):.1f} to {max(row.load for row in rows):.1f} "
        "(1 is one busy core).",
        "",
        f"Best is {gains.mean():.1f} % below greedy on average over {len(best)} days, from "
        f"{gains.min():.1f} % to {gains.max():.1f} %.",
        "",
        "| instance | seed | greedy | best | below greedy % |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {row.instance} | {row.seed} | {greedy[row.instance, row.seed]:,} | {row.cost:,} "
            f"| {row.below_greedy_pct:.1f} |"
            for row in best
        ),
        "",
        f"System: {platform.system()} {platform.machine()}.",
        "",
    ]
    page.write_text("\n".join(lines), encoding="utf-8")
    return page


def _played(
    path: Path, seed: int, policy: PolicyName, seconds: float, workers: int, greedy: int
) -> DispatchRow:
    """A day; ``greedy`` is what the greedy policy came to, 0 if it is this one."""
    load, before = os.getloadavg()[0], os.times()
    # From the end of the first epoch on: before it the instance is read and workers start.
    ends: list[float] = []

    def note(_: EpochResult) -> None:
        ends.append(time.perf_counter())

    told = dispatch_file(path, policy, seed, seconds, note, workers=workers)
    after = os.times()
    return DispatchRow(
        instance=path.stem,
        seed=seed,
        policy=policy,
        limit_s=seconds,
        workers=workers if policy is PolicyName.BEST else 1,
        cost=told["cost"],
        below_greedy_pct=round(100 * (1 - told["cost"] / greedy), 2) if greedy else 0.0,
        longest_epoch_s=round(float(np.diff(ends).max(initial=0.0)), 2),
        cpu_s=round(sum(after[:4]) - sum(before[:4]), 2),
        load=round(load, 2),
    )


def _said(row: DispatchRow) -> str:
    gain = f", {row.below_greedy_pct:.1f} % below greedy" if row.policy == PolicyName.BEST else ""
    return f"{row.instance} seed {row.seed}: {row.policy} {row.cost:,}{gain}"
