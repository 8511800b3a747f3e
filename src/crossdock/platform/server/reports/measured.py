"""A released plan measured against the log of its tenant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.measure import RunSummary
from crossdock.measure.actual import (
    actual_tables,
    events_of_plan,
    late_causes,
    read_log,
    run_kpis,
)
from crossdock.measure.report import Lived, render_report, report_record
from crossdock.model import Network
from crossdock.model.tables import LOCATED_ORDERS, conform
from crossdock.operate.exceptions import incidents
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView
from crossdock.platform.server.plans import PlanRecords
from crossdock.platform.store.database import EventLog

_BESIDES = ("withdrawn", "revision")


@dataclass(frozen=True)
class Known:
    """What a tenant's desk knows at an instant: its log, and what is wrong."""

    log: EventLog
    present: Present
    at: dt.datetime


@dataclass(frozen=True)
class MeasuredPlan:
    """What happened to a plan up to a place in the log.

    Attributes
    ----------
    sequence
        Of the last event that was read.
    events
        Those of the plan.
    """

    records: PlanRecords
    network: Network
    lived: Lived
    sequence: int
    events: pl.DataFrame
    at: dt.datetime

    def record(self) -> dict[str, Any]:
        """The report as plain data."""
        return report_record(self.records.tables, self.records.manifest, self.network, self.lived)

    def document(self) -> str:
        """The report as a page of its own."""
        kept = self.records.manifest.get("baseline")
        return render_report(
            self.records.tables,
            self.records.manifest,
            self.network,
            baseline=None if kept is None else RunSummary.from_dict(kept),
            lived=self.lived,
        )


def measure_plan(
    records: PlanRecords, known: Known, before: MeasuredPlan | None = None
) -> MeasuredPlan:
    """Measure a plan from the log; after ``before``, only what came since is read."""
    plan = {**records.tables, "orders": conform(records.orders, LOCATED_ORDERS)}
    events, sequence = _events(records, known.log, before)
    network = _in_force(records)
    told = read_log(events)
    view = PlanView.of(records.tables, records.orders)
    exceptions = _exceptions(known.present, records)
    tables = {**plan, **actual_tables(plan, told, network), "exceptions": exceptions}
    tables["incidents"] = incidents(
        exceptions.filter(pl.col("closed_at").is_null()),
        view,
        known.present.folded.tracking,
        known.at,
    )
    tables["lateness"] = late_causes(tables, told, at=known.at)
    tables["kpis"] = run_kpis(tables, told, exceptions, plan=plan, at=known.at)
    lived = Lived(tables, events, known.at)
    return MeasuredPlan(records, network, lived, sequence, events, known.at)


def _events(
    records: PlanRecords, log: EventLog, before: MeasuredPlan | None
) -> tuple[pl.DataFrame, int]:
    sequence = 0 if before is None else before.sequence
    parts = [] if before is None else [before.events]
    for batch in log.read(sequence):
        sequence = int(batch["sequence"][-1])
        parts.append(events_of_plan(batch.drop("sequence"), records.tables))
    return (pl.concat(parts) if parts else log.all_events().drop("sequence")), sequence


def _in_force(records: PlanRecords) -> Network:
    """The network on the plan's first ship day."""
    first = records.tables["parcels"]["ship_date"].min()
    return records.network.on(first) if isinstance(first, dt.date) else records.network


def _exceptions(present: Present, records: PlanRecords) -> pl.DataFrame:
    """What stands or stood wrong with a parcel, a load or a route of the plan."""
    standing = present.standing_exceptions
    mine = pl.lit(value=False)
    for name, column in (("parcels", "parcel_id"), ("loads", "load_id"), ("tours", "route_id")):
        ids = records.tables[name][column]
        mine |= pl.col(column).is_in(ids.implode()).fill_null(value=False)
    return standing.filter(mine).drop(_BESIDES)
