"""Reports over the API: what happened to a released plan so far, measured from the log."""

from crossdock.platform.server.reports.reports import Reports
from crossdock.platform.server.reports.routes import reports_router

__all__ = ["Reports", "reports_router"]
