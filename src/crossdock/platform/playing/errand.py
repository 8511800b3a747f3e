"""The process that plans or measures a run while the tower is open: ``python -m``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from crossdock.locate.zips import zip_table
from crossdock.model import Network
from crossdock.plan.sortation import ship_days
from crossdock.platform.child import Report, run_errand
from crossdock.platform.planning import PLAN_STAGES
from crossdock.platform.running import measure_run, plan_run, release_for_play, request_of

_RELEASED = 0.97


def main() -> None:
    """Do the errand on stdin."""
    run_errand(_do)


def _do(errand: Mapping[str, Any], report: Report) -> None:
    path = Path(errand["path"])
    if errand["do"] == "measure":
        report("measuring what happened", 0.0)
        measure_run(path)
        return
    request = request_of(errand["note"], path, quiet=True)
    plan_run(request, watcher=_Reporter(report))
    report("release", _RELEASED)
    release_for_play(path)


class _Reporter:
    """Reports each stage of a plan, and where its orders wait."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._report(name, PLAN_STAGES.get(name, 0.0))

    def orders(self, network: Network, located: pl.DataFrame) -> None:
        """The orders are known: so many enter at each facility."""
        entering = ship_days(network, located, zip_table())["origin_facility_id"].value_counts()
        self._report("locate", PLAN_STAGES["locate"], waiting=dict(entering.iter_rows()))


if __name__ == "__main__":
    main()
