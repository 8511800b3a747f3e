"""What a plan has, as a planner reads it: its lanes, their departures, its metros and tours."""

from crossdock.measure.planned.departures import lane_cutoffs, lane_departures, load_decisions
from crossdock.measure.planned.lanes import plan_lanes
from crossdock.measure.planned.metros import plan_metros
from crossdock.measure.planned.tours import plan_tours, tour_stops

__all__ = [
    "lane_cutoffs",
    "lane_departures",
    "load_decisions",
    "plan_lanes",
    "plan_metros",
    "plan_tours",
    "tour_stops",
]
