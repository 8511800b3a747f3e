"""What really happened: actual times, costs, KPIs and causes of a run, from its events alone."""

from crossdock.measure.actual.doors import REATTEMPTS
from crossdock.measure.actual.drivers import kpi_drivers
from crossdock.measure.actual.due import is_due
from crossdock.measure.actual.fates import FINAL_STATES, JOURNEYS
from crossdock.measure.actual.intervals import SURE_FROM, share_text, wilson
from crossdock.measure.actual.kpis import run_kpis
from crossdock.measure.actual.lateness import CAUSES, EXCUSES, LATENESS, late_causes
from crossdock.measure.actual.log import DayLog, read_log
from crossdock.measure.actual.money import LIABILITY_USD, RETURN_USD
from crossdock.measure.actual.rides import LOAD_RUNS
from crossdock.measure.actual.scope import events_of_plan
from crossdock.measure.actual.tables import actual_tables

__all__ = [
    "CAUSES",
    "EXCUSES",
    "FINAL_STATES",
    "JOURNEYS",
    "LATENESS",
    "LIABILITY_USD",
    "LOAD_RUNS",
    "REATTEMPTS",
    "RETURN_USD",
    "SURE_FROM",
    "DayLog",
    "actual_tables",
    "events_of_plan",
    "is_due",
    "kpi_drivers",
    "late_causes",
    "read_log",
    "run_kpis",
    "share_text",
    "wilson",
]
