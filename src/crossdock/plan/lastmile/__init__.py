"""The last mile: which van takes which parcels to which doors, in which order and by when."""

from crossdock.plan.lastmile.board import RouteBoard
from crossdock.plan.lastmile.day import FacilityDay, compile_day
from crossdock.plan.lastmile.estimate import estimate_stop_costs
from crossdock.plan.lastmile.fleet import FleetYard, last_mile_fleet
from crossdock.plan.lastmile.gantt import TOUR_SEGMENTS, tour_segments
from crossdock.plan.lastmile.plan import LastMilePlan
from crossdock.plan.lastmile.problem import LAST_MILE_PARCELS, LastMileProblem
from crossdock.plan.lastmile.question import BreakTime, routes_of, routing_problem
from crossdock.plan.lastmile.solve import plan_routes

__all__ = [
    "LAST_MILE_PARCELS",
    "TOUR_SEGMENTS",
    "BreakTime",
    "FacilityDay",
    "FleetYard",
    "LastMilePlan",
    "LastMileProblem",
    "RouteBoard",
    "compile_day",
    "estimate_stop_costs",
    "last_mile_fleet",
    "plan_routes",
    "routes_of",
    "routing_problem",
    "tour_segments",
]
