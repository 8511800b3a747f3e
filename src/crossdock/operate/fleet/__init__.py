"""The fleet's drivers: hours that the law leaves each, and whether one can still take a load."""

from crossdock.operate.duty_logs import KnownLog, Piece
from crossdock.operate.fleet.days import LogDay, log_days
from crossdock.operate.fleet.explain import Reason, limit_in_words, reasons
from crossdock.operate.fleet.hours import (
    DriverHours,
    Standing,
    hours_of,
    is_cycle_whole,
)
from crossdock.operate.fleet.loads import LoadTrip, load_trip
from crossdock.operate.fleet.places import places
from crossdock.operate.fleet.planned import PlannedDuty, planned_duties
from crossdock.operate.fleet.roster import Driver, coverage_of, roster
from crossdock.operate.fleet.trips import Trip
from crossdock.operate.fleet.what_if import Binding, WhatIf, what_if

__all__ = [
    "Binding",
    "Driver",
    "DriverHours",
    "KnownLog",
    "LoadTrip",
    "LogDay",
    "Piece",
    "PlannedDuty",
    "Reason",
    "Standing",
    "Trip",
    "WhatIf",
    "coverage_of",
    "hours_of",
    "is_cycle_whole",
    "limit_in_words",
    "load_trip",
    "log_days",
    "places",
    "planned_duties",
    "reasons",
    "roster",
    "what_if",
]
