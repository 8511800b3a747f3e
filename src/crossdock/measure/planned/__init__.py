"""What a plan has, as a planner reads it: its lanes, their departures, its metros and tours."""

from crossdock.measure.planned.day_changes import DayChanges, day_changes
from crossdock.measure.planned.departures import lane_cutoffs, lane_departures, load_decisions
from crossdock.measure.planned.lanes import plan_lanes
from crossdock.measure.planned.metros import plan_metros
from crossdock.measure.planned.tour_costs import COST_KINDS, tour_costs
from crossdock.measure.planned.tours import plan_tours, tour_stops

__all__ = [
    "COST_KINDS",
    "DayChanges",
    "day_changes",
    "lane_cutoffs",
    "lane_departures",
    "load_decisions",
    "plan_lanes",
    "plan_metros",
    "plan_tours",
    "tour_costs",
    "tour_stops",
]
