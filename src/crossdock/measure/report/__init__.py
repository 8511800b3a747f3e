"""A plan, and what happened to it, as one page that a person wants to look at."""

from crossdock.measure.report.lived import Lived
from crossdock.measure.report.record import report_record
from crossdock.measure.report.render import render_report

__all__ = ["Lived", "render_report", "report_record"]
