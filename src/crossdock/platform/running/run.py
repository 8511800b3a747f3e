"""A run from its first moment to its report, and the same from wherever it was stopped."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from crossdock.measure import RunSummary
from crossdock.measure.report import Lived, render_report
from crossdock.model import CrossdockError, InterruptedRunError
from crossdock.model.tables import RUN_TABLES, conform
from crossdock.platform.planning import PlanRequest, PlanWatcher, plan_to_folder
from crossdock.platform.progress import open_progress
from crossdock.platform.release import release_run
from crossdock.platform.running.note import note_text, read_note
from crossdock.platform.running.outcome import PlayedRun, read_outcome
from crossdock.platform.running.play import keep_plan, play_run
from crossdock.platform.store import RUN_NOTE, RunFolder, StageMeter, replace_file

FINISHED = "finished"


@dataclass(frozen=True)
class RunOutcome:
    """A finished run.

    Attributes
    ----------
    run_path
        Its folder.
    rejected
        Order rows that were not planned.
    """

    run_path: Path
    rejected: int


def run_to_folder(request: PlanRequest) -> RunOutcome:
    """Plan, release, play and measure; a run that is stopped can go on with `resume_run`.

    A run that is at its place already stays until the new plan is whole, and is replaced then.

    Raises
    ------
    InputUnusableError, GateClosedError
        As planning and releasing do.
    InterruptedRunError
        The user stopped it.
    """
    plan_run(request)
    return _go_on(request)


def plan_run(request: PlanRequest, *, watcher: PlanWatcher | None = None) -> None:
    """The first part of a run: its plan, which is released later; `resume_run` does the rest.

    Parameters
    ----------
    watcher
        Is told how far the plan is.
    """
    path, note = request.out, note_text(request)
    is_new = not (path / "manifest.json").is_file()
    if is_new:
        with RunFolder.create(path) as draft:
            draft.write_text(RUN_NOTE, note)
    try:
        plan_to_folder(request, keep={RUN_NOTE: note}, watcher=watcher)
    except InterruptedRunError:
        raise  # it can go on
    except CrossdockError:
        if is_new:  # there is nothing that could go on
            shutil.rmtree(path, ignore_errors=True)
        raise


def release_for_play(path: Path) -> None:
    """Release a planned run and put its plan aside, where that is not done."""
    if "release" not in RunFolder.open(path).manifest:
        release_run(path)
    keep_plan(path)


def measure_run(path: Path, *, play: Callable[[], None] | None = None) -> None:
    """The last part of a run: what its log says, as tables and a report.

    Parameters
    ----------
    play
        Plays the days first; None: they are over.
    """
    meter = StageMeter()
    if play is not None:
        with meter.stage("play"):
            play()
    with meter.stage("measure"):
        played = read_outcome(path)
    run = RunFolder.open(path)
    with meter.stage("run report"):
        report = _report(run, played)
    _write_tables(path, played.tables)
    replace_file(path / "report.html", report.encode())
    planned = [stage for stage in run.manifest["stages"] if stage["stage"] not in _LIVED]
    run.with_manifest(
        {
            "stages": [*planned, *meter.as_records()],
            "state": FINISHED,
            "played": {"events": played.events.height, "parcels": played.tables["parcels"].height},
        }
    )


def resume_run(run_path: Path, *, quiet: bool = False, workers: int | None = None) -> RunOutcome:
    """Finish a run that was stopped; its result is that of one never stopped.

    Raises
    ------
    NotFoundError
        There is no run that `run_to_folder` began.
    """
    RunFolder.recover(run_path)
    return _go_on(read_note(run_path, quiet=quiet, workers=workers))


def _go_on(request: PlanRequest) -> RunOutcome:
    path = request.out
    if not (path / "manifest.json").is_file():
        plan_to_folder(request, keep={RUN_NOTE: (path / RUN_NOTE).read_text(encoding="utf-8")})
    if RunFolder.open(path).manifest.get("state") != FINISHED:
        release_for_play(path)
        with open_progress(quiet=request.quiet) as progress:
            measure_run(path, play=partial(play_run, path, progress))
    return outcome_of(path)


def outcome_of(path: Path) -> RunOutcome:
    """What a finished run came to."""
    return RunOutcome(path, RunFolder.open(path).read_rejects().height)


_LIVED = ("play", "measure", "run report")


def _report(run: RunFolder, played: PlayedRun) -> str:
    tables = {**played.plan, "rejects": run.read_rejects()}
    return render_report(
        tables,
        run.manifest,
        played.network,
        baseline=_baseline(run.manifest),
        lived=Lived(played.tables, played.events),
    )


def _baseline(manifest: Mapping[str, Any]) -> RunSummary | None:
    told = manifest.get("baseline")
    return None if told is None else RunSummary.from_dict(told)


def _write_tables(path: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Each table whole; the manifest comes last: a run that is killed here measures anew."""
    for name, frame in tables.items():
        packed = io.BytesIO()
        shaped = conform(frame, RUN_TABLES[name]) if name in RUN_TABLES else frame
        shaped.write_parquet(packed, compression="zstd")
        replace_file(path / f"{name}.parquet", packed.getvalue())
