"""Playing a released plan in the twin: events into the log, hour by hour, each step durable."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import polars as pl

from crossdock.model import Network, Progress
from crossdock.platform.running.player import TWIN, Player
from crossdock.platform.store import PLAN, RunFolder
from crossdock.platform.store.database import open_store
from crossdock.simulate.twin import TwinInput

STORE = "store.sqlite"
STEP_S = 2 * 3600
SAVE_S = 2.0


def store_url(run_path: Path) -> str:
    """URL of the event log of a run."""
    return f"sqlite:///{run_path / STORE}"


def keep_plan(run_path: Path) -> None:
    """Put the plan's tables aside as they were released; what happened goes beside them."""
    kept = run_path / PLAN
    if kept.is_dir():
        return
    draft = run_path / f".{PLAN}.partial"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for table in sorted(run_path.glob("*.parquet")):
        shutil.copy2(table, draft / table.name)
    draft.rename(kept)


def planned_tables(run_path: Path) -> dict[str, pl.DataFrame]:
    """The released plan's tables by name."""
    return {
        table.stem: pl.read_parquet(table) for table in sorted((run_path / PLAN).glob("*.parquet"))
    }


def twin_input(run_path: Path) -> TwinInput:
    """What the twin plays: the plan of a run, on its network, with its seed."""
    run = RunFolder.open(run_path)
    tables = planned_tables(run_path)
    return TwinInput(
        tables, tables["orders"], in_force(run.read_network(), tables), int(run.manifest["seed"])
    )


def in_force(network: Network, tables: dict[str, pl.DataFrame]) -> Network:
    """The network on the plan's first ship day."""
    first = tables["parcels"]["ship_date"].min()
    return network.on(first) if first is not None else network  # pyright: ignore[reportArgumentType]


def play_run(run_path: Path, progress: Progress) -> None:
    """Play on from where the log ends until every parcel has come to its end.

    Each step is one transaction, with the state of the twin after it every `SAVE_S`: a run that
    is killed goes on from its last saved state, and what it tells again is in the log already.
    """
    given = twin_input(run_path)
    with open_store(store_url(run_path)) as log:
        player = Player(log, given)
        spans = max(1, -(-(player.ends_at - player.now) // STEP_S))
        saved = time.monotonic()
        with progress.task("Playing the days", spans) as task:
            while not player.finished:
                before = player.now
                until = player.next_at - player.next_at % STEP_S + STEP_S
                events = player.advance(until)
                due = time.monotonic() - saved > SAVE_S or player.finished
                log.append(events, checkpoint=(TWIN, player.save()) if due else None)
                saved = time.monotonic() if due else saved
                task.advance((player.now - before) // STEP_S)
