"""What every part of the page reads: the run, its network, its yardstick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.ledger import RunSummary
from crossdock.model.network import Network


@dataclass(frozen=True)
class Page:
    """A run as its report shows it.

    Attributes
    ----------
    summary
        Money and KPIs of the run.
    baseline
        The same of the run it is compared with; None: nothing is compared.
    """

    tables: Tables
    manifest: Mapping[str, Any]
    network: Network
    summary: RunSummary
    baseline: RunSummary | None

    def table(self, name: str) -> pl.DataFrame:
        """Run table ``name``."""
        return table(self.tables, name)

    @property
    def names(self) -> dict[str, str]:
        """Name by facility id; the id where there is none."""
        facilities = self.network["facilities"]
        return {
            place: name or place
            for place, name in facilities.select("facility_id", "name").iter_rows()
        }

    def kpi(self, name: str) -> float | None:
        """A network KPI of the run."""
        return self.summary.kpis.get(name)

    def kpi_change(self, name: str) -> float | None:
        """A network KPI less the baseline's."""
        if self.baseline is None:
            return None
        mine, other = self.kpi(name), self.baseline.kpis.get(name)
        return None if mine is None or other is None else mine - other
