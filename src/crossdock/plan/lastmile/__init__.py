"""The last mile: which van takes which parcels to which doors, in which order and by when."""

from crossdock.plan.lastmile.estimate import estimate_stop_costs
from crossdock.plan.lastmile.fleet import FleetYard, last_mile_fleet
from crossdock.plan.lastmile.gantt import TOUR_SEGMENTS, tour_segments
from crossdock.plan.lastmile.plan import LastMilePlan
from crossdock.plan.lastmile.problem import LAST_MILE_PARCELS, LastMileProblem
from crossdock.plan.lastmile.solve import plan_routes

__all__ = [
    "LAST_MILE_PARCELS",
    "TOUR_SEGMENTS",
    "FleetYard",
    "LastMilePlan",
    "LastMileProblem",
    "estimate_stop_costs",
    "last_mile_fleet",
    "plan_routes",
    "tour_segments",
]
