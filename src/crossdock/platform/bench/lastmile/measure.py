"""Every instance by every solver, one after the other, a row each as it comes."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from crossdock.model import CrossdockError, InputUnusableError, Progress, UsageError
from crossdock.platform.bench.lastmile.instances import Found, best_known, find_instances
from crossdock.platform.bench.lastmile.process import run_alone, same_cores
from crossdock.platform.bench.lastmile.solvers import (
    Missing,
    Solver,
    answer,
    find_peers,
    may_have_answered,
    not_supported,
    ours,
    prepare,
)
from crossdock.platform.bench.lastmile.verdict import judge
from crossdock.platform.bench.lastmile.whole import rounding_of
from crossdock.platform.routing import Instance, read_instance

_SHARE_OVER, _SECONDS_OVER = 1.05, 1.0
_LIMIT_TIMES, _LIMIT_MORE_S = 3.0, 60.0


@dataclass(frozen=True)
class BenchRow:
    """What one solver did with one instance.

    Attributes
    ----------
    cost
        Of its routes by our own metric; None unless they are feasible.
    best_known_objective
        ``vehicles first`` where the best known cost is not that of least distance.
    gap_pct
        Above the best known.
    wall_s
        From start to end of its process.
    over_time
        Whether that is beyond the limit by more than 5 % and a second.
    feasible
        None where it was not run.
    load
        Average load of the machine over a minute, before the start.
    note
        ``not supported: ...``, or what is wrong.
    """

    set: str
    instance: str
    kind: str
    stops: int
    rounding: str
    solver: str
    version: str
    limit_s: float
    seed: int
    cost: float | None = None
    best_known: float | None = None
    best_known_objective: str = ""
    gap_pct: float | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    peak_mb: float | None = None
    over_time: bool | None = None
    feasible: bool | None = None
    load: float | None = None
    note: str = ""


@dataclass(frozen=True)
class BenchRun:
    """All rows, in order.

    Attributes
    ----------
    skipped
        Files that are no instances, with the reason.
    """

    rows: list[BenchRow]
    missing: list[Missing]
    skipped: list[str]
    interrupted: bool


def measure_lastmile(
    folder: Path,
    seconds: float,
    peers: Sequence[str],
    out: Path,
    progress: Progress,
    *,
    only: str | None = None,
    peer_python: str | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> BenchRun:
    """Solve every instance of ``folder`` for ``seconds`` by us and each of ``peers``.

    Parameters
    ----------
    out
        CSV file; each row is written when it is known, so that an interruption loses none.
    only
        Pattern of instances, as of `find_instances`.
    peer_python
        Interpreter that has peers; those it has not are looked for beside us.
    tell
        Told in one line of peers that are missing and files that are skipped.

    Raises
    ------
    InputUnusableError
        There is no folder, or no instance in it.
    UsageError
        A peer is not known, or there is no such interpreter.
    """
    solvers, missing = find_peers(peers, peer_python)
    for each in missing:
        tell(f"{each.name} is missing: {each.remedy}")
    rows: list[BenchRow] = []
    skipped: list[str] = []
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as scratch, same_cores():
        unpacked = Path(scratch) / "unpacked"
        unpacked.mkdir()
        found = find_instances(folder, only, unpacked)
        with _table(out) as write, progress.task("bench lastmile", len(found)) as task:
            try:
                for each in found:
                    try:
                        instance = read_instance(each.path)
                    except CrossdockError as error:
                        skipped.append(f"{each.name}: {error.message}")
                        task.advance(1)
                        continue
                    for solver in [ours(), *solvers]:
                        with tempfile.TemporaryDirectory(dir=scratch) as room:
                            row = _row(each, instance, solver, seconds, seed, Path(room))
                        write(row)
                        rows.append(row)
                    task.advance(1)
            except KeyboardInterrupt:
                interrupted = True
    for each in skipped:
        tell(f"skipped: {each}")
    if not rows and not interrupted:
        remedy = "give VRPLIB, Solomon or Li-Lim files; the first reason is above"
        raise InputUnusableError(f"no file in {folder} is an instance", remedy=remedy)
    return BenchRun(rows, missing, skipped, interrupted)


@contextmanager
def _table(out: Path) -> Generator[Callable[[BenchRow], None]]:
    if out.suffix != ".csv":
        raise UsageError(f"--out is {out}", remedy="name a .csv file; the summary goes beside it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        opened = out.open("w", encoding="utf-8", newline="")
    except OSError as error:
        remedy = "name a file that can be written"
        raise UsageError(f"cannot write {out}: {error.strerror}", remedy=remedy) from error
    with opened as file:
        writer = csv.DictWriter(file, [field.name for field in fields(BenchRow)])
        writer.writeheader()

        def write(row: BenchRow) -> None:
            writer.writerow({name: _cell(value) for name, value in asdict(row).items()})
            file.flush()

        file.flush()
        yield write


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _row(
    found: Found, instance: Instance, solver: Solver, seconds: float, seed: int, room: Path
) -> BenchRow:
    problem = instance.problem
    best = best_known(found, problem)
    said: dict[str, Any] = {
        "set": found.set,
        "instance": found.path.stem,
        "kind": instance.kind,
        "stops": len(problem.nodes),
        "rounding": rounding_of(problem),
        "solver": solver.name,
        "version": solver.version,
        "limit_s": seconds,
        "seed": seed,
        "best_known": None if best is None else best.cost,
        "best_known_objective": "" if best is None else best.objective,
    }
    beyond = not_supported(solver, problem)
    if beyond:
        return BenchRow(**said, note=f"not supported: {beyond}")
    command = prepare(solver, instance, found.path, seconds, seed, room)
    load = os.getloadavg()[0]
    ran = run_alone(command, _LIMIT_TIMES * seconds + _LIMIT_MORE_S)
    said |= {
        "wall_s": round(ran.wall_s, 2),
        "cpu_s": round(ran.cpu_s, 2),
        "peak_mb": round(ran.peak_mb, 1),
        "over_time": ran.code is None or ran.wall_s > _SHARE_OVER * seconds + _SECONDS_OVER,
        "load": round(load, 2),
    }
    routes = answer(solver, problem, room) if may_have_answered(solver, ran.code) else None
    if routes is None:
        if ran.code is None:
            note = f"ended after {ran.wall_s:.0f} s without an answer"
        else:
            note = f"failed with exit code {ran.code}: {ran.said}"
        return BenchRow(**said, feasible=False, note=note)
    verdict = judge(problem, routes)
    if verdict.wrong:
        return BenchRow(**said, feasible=False, note=verdict.wrong)
    gap = None if best is None or not best.cost else 100 * (verdict.cost / best.cost - 1)
    return BenchRow(
        **said,
        cost=round(verdict.cost, 6),
        gap_pct=None if gap is None else round(gap, 4),
        feasible=True,
    )
