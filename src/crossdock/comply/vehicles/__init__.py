"""Vehicles: inspection reports, annual inspections, out of service (49 CFR 392.7, 396)."""

from crossdock.comply.vehicles.dvir import ACTIONS, Dvir, certify, close, report, review
from crossdock.comply.vehicles.units import ANNUAL_MONTHS, Unit, unit_verdicts

__all__ = [
    "ACTIONS",
    "ANNUAL_MONTHS",
    "Dvir",
    "Unit",
    "certify",
    "close",
    "report",
    "review",
    "unit_verdicts",
]
