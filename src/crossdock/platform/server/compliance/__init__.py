"""Compliance over HTTP: logs audited, stops planned, formulas, the gates of a trip, ELD files."""

from crossdock.platform.server.compliance.routes import compliance_router

__all__ = ["compliance_router"]
