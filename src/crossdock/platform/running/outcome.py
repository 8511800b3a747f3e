"""What a played run says: folds of its log, what really happened, KPIs, the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crossdock.measure.actual import actual_tables, late_causes, read_log, run_kpis
from crossdock.model import Network
from crossdock.operate.folded import fold_all
from crossdock.operate.tracking import PlanView
from crossdock.platform.running.play import in_force, planned_tables, store_url
from crossdock.platform.store import RunFolder
from crossdock.platform.store.database import open_store

_AFTER = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class PlayedRun:
    """A run whose days are over, as its log tells them.

    Attributes
    ----------
    plan
        Tables as released.
    tables
        The same with what happened, the folds, KPIs and causes: what is written.
    events
        The log.
    """

    network: Network
    plan: Mapping[str, pl.DataFrame]
    tables: dict[str, pl.DataFrame]
    events: pl.DataFrame


def read_outcome(run_path: Path) -> PlayedRun:
    """Fold and measure the log of a run: the same log gives the same tables."""
    run = RunFolder.open(run_path)
    plan = planned_tables(run_path)
    network = in_force(run.read_network(), plan)
    with open_store(store_url(run_path)) as log:
        events = log.all_events().drop("sequence")
    ends_at = events["received_at"].max()
    assert isinstance(ends_at, dt.datetime)
    view = PlanView.of(plan, plan["orders"])
    folds = fold_all(events.iter_slices(50_000)).tables(view, ends_at + _AFTER)
    told = read_log(events)
    tables = {**plan, **actual_tables(plan, told, network), **folds}
    tables["lateness"] = late_causes(tables, told)
    tables["kpis"] = run_kpis(tables, told, tables["exceptions"], plan=plan)
    tables["events"] = events
    return PlayedRun(network, plan, tables, events)
