"""Is what is stored what the log says? Every fold anew, compared with the tables of the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crossdock.model import UsageError
from crossdock.model.tables import RUN_TABLES, conform
from crossdock.platform.running.outcome import read_outcome
from crossdock.platform.running.run import FINISHED
from crossdock.platform.store import RunFolder


@dataclass(frozen=True)
class Rebuilt:
    """Which tables of a run agree with its log."""

    equal: tuple[str, ...]
    different: tuple[str, ...]


def rebuild_run(run_path: Path) -> Rebuilt:
    """Fold and measure the log of a finished run anew and compare with what is stored.

    Raises
    ------
    NotFoundError, InputUnusableError
        ``run_path`` is no run.
    UsageError
        The run has not come to its end.
    """
    run = RunFolder.open(run_path)
    if run.manifest.get("state") != FINISHED:
        raise UsageError(
            f"{run_path} has not come to its end", remedy=f"crossdock resume {run_path}"
        )
    equal: list[str] = []
    different: list[str] = []
    for name, frame in sorted(read_outcome(run_path).tables.items()):
        stored = run_path / f"{name}.parquet"
        shaped = conform(frame, RUN_TABLES[name]) if name in RUN_TABLES else frame
        same = stored.is_file() and pl.read_parquet(stored).equals(shaped)
        (equal if same else different).append(name)
    return Rebuilt(tuple(equal), tuple(different))
