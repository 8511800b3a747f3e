"""Hours of service: what a driver may drive, and whether a log is legal (49 CFR 395.3)."""

from crossdock.comply.hos.audit import Violation, legal
from crossdock.comply.hos.crew import Crew, drive_schedule
from crossdock.comply.hos.log import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    SLEEPER,
    DutyLog,
    Segment,
)
from crossdock.comply.hos.rules import US_60_7, US_70_8, HosRules, ruleset
from crossdock.comply.hos.transit import solo_transit_s, team_transit_s

__all__ = [
    "DRIVING",
    "OFF_DUTY",
    "ON_DUTY",
    "RESTING",
    "SLEEPER",
    "US_60_7",
    "US_70_8",
    "Crew",
    "DutyLog",
    "HosRules",
    "Segment",
    "Violation",
    "drive_schedule",
    "legal",
    "ruleset",
    "solo_transit_s",
    "team_transit_s",
]
