"""Hours of service: what a driver may drive, and whether a log is legal (49 CFR 395.3)."""

from crossdock.comply.hos.audit import Policy, Violation, audit, audit_sides
from crossdock.comply.hos.clocks import Change, Clocks, SplitClocks, clocks
from crossdock.comply.hos.crew import Crew
from crossdock.comply.hos.cycle import Cycle
from crossdock.comply.hos.log import DutyLog, DutyUsed
from crossdock.comply.hos.logged import logged_segments
from crossdock.comply.hos.planning import HosPlan, PlanClocks, PlanOptions, PlanStop, plan
from crossdock.comply.hos.reliefs import RELIEF_KINDS, Relief
from crossdock.comply.hos.rules import Limit, Measure, RuleSet, Since, Split
from crossdock.comply.hos.rulesets import RULE_SETS, US_60_7, US_70_8, planning_ruleset, ruleset
from crossdock.comply.hos.timeline import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    PASSENGER,
    PERSONAL,
    RESTING,
    SLEEPER,
    STATUSES,
    YARD_MOVE,
    Segment,
    Timeline,
)
from crossdock.comply.hos.transit import solo_transit_s, team_transit_s
from crossdock.comply.hos.trip import TripHours, trip_hours

__all__ = [
    "DRIVING",
    "OFF_DUTY",
    "ON_DUTY",
    "PASSENGER",
    "PERSONAL",
    "RELIEF_KINDS",
    "RESTING",
    "RULE_SETS",
    "SLEEPER",
    "STATUSES",
    "US_60_7",
    "US_70_8",
    "YARD_MOVE",
    "Change",
    "Clocks",
    "Crew",
    "Cycle",
    "DutyLog",
    "DutyUsed",
    "HosPlan",
    "Limit",
    "Measure",
    "PlanClocks",
    "PlanOptions",
    "PlanStop",
    "Policy",
    "Relief",
    "RuleSet",
    "Segment",
    "Since",
    "Split",
    "SplitClocks",
    "Timeline",
    "TripHours",
    "Violation",
    "audit",
    "audit_sides",
    "clocks",
    "logged_segments",
    "plan",
    "planning_ruleset",
    "ruleset",
    "solo_transit_s",
    "team_transit_s",
    "trip_hours",
]
