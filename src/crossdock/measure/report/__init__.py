"""The plan as one page that a person wants to look at."""

from crossdock.measure.report.render import render_report

__all__ = ["render_report"]
