"""The last mile: which van takes which parcels to which doors, in which order and by when."""

from crossdock.plan.lastmile.board import RouteBoard
from crossdock.plan.lastmile.day import FacilityDay, compile_day
from crossdock.plan.lastmile.estimate import estimate_stop_costs
from crossdock.plan.lastmile.fleet import FleetYard, last_mile_fleet
from crossdock.plan.lastmile.gantt import TOUR_SEGMENTS, tour_segments
from crossdock.plan.lastmile.goods import GOODS, Goods, at_stops, planned_goods
from crossdock.plan.lastmile.live import (
    LiveDay,
    LiveRoute,
    ParcelMove,
    Station,
    Vans,
    live_routes,
    move_parcels,
    vans_of,
)
from crossdock.plan.lastmile.moves import (
    ArrivalChange,
    DayRoutes,
    Move,
    TourChange,
    arrival_changes,
    late_stops,
    move_stops,
    weigh_vehicles,
)
from crossdock.plan.lastmile.plan import LastMilePlan, RouteRows, rows_of_tours
from crossdock.plan.lastmile.problem import LAST_MILE_PARCELS, LastMileProblem
from crossdock.plan.lastmile.question import BreakTime, routes_of, routing_problem
from crossdock.plan.lastmile.refusals import Refusal, refusals
from crossdock.plan.lastmile.replanning import replan_routes
from crossdock.plan.lastmile.schedule import Tour, tour_of
from crossdock.plan.lastmile.solve import plan_routes

__all__ = [
    "GOODS",
    "LAST_MILE_PARCELS",
    "TOUR_SEGMENTS",
    "ArrivalChange",
    "BreakTime",
    "DayRoutes",
    "FacilityDay",
    "FleetYard",
    "Goods",
    "LastMilePlan",
    "LastMileProblem",
    "LiveDay",
    "LiveRoute",
    "Move",
    "ParcelMove",
    "Refusal",
    "RouteBoard",
    "RouteRows",
    "Station",
    "Tour",
    "TourChange",
    "Vans",
    "arrival_changes",
    "at_stops",
    "compile_day",
    "estimate_stop_costs",
    "last_mile_fleet",
    "late_stops",
    "live_routes",
    "move_parcels",
    "move_stops",
    "plan_routes",
    "planned_goods",
    "refusals",
    "replan_routes",
    "routes_of",
    "routing_problem",
    "rows_of_tours",
    "tour_of",
    "tour_segments",
    "vans_of",
    "weigh_vehicles",
]
