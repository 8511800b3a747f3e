"""An outside auditor of Crossdock runs: it reads a run folder and recomputes what it claims.

It follows the written contracts alone and imports nothing of Crossdock, so that a mistake of the
planner is not repeated here. ``python -m checker RUN`` from this folder's parent prints the faults.
"""

from __future__ import annotations

from pathlib import Path

from checker import (
    actual,
    background,
    coverage,
    drivers,
    fleet,
    kpis,
    loads,
    money,
    paths,
    promises,
    routes,
)
from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import Run, rows_of
from checker.waves import Waves

__all__ = ["Run", "audit", "check_run"]

RULES = (paths, background, loads, fleet, drivers, routes, coverage, promises, money, kpis, actual)


def check_run(run_path: str | Path, *, orders: str | Path | None = None) -> list[str]:
    """Faults of the plan in ``run_path``, and of what happened if it was played; empty if none.

    ``orders``: the file that was planned; with it, every row must be planned or rejected.
    At most 20 faults of each rule are told, then how many more there are.
    """
    rows_in = None if orders is None else rows_of(Path(orders))
    return audit(Run.read(Path(run_path)), rows_in=rows_in)


def audit(run: Run, *, rows_in: int | None = None) -> list[str]:
    """Faults of a plan already read."""
    faults = Faults()
    calendars = Calendars(run.network("calendars"))
    waves = Waves.of(run, calendars)
    for rule in RULES:
        rule.check(run, calendars, waves, faults)
    if rows_in is not None:
        paths.check_rows_in(run, rows_in, faults)
    return faults.lines()
