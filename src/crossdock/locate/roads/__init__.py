"""Distances and driving times: between facilities, and from door to door."""

from crossdock.locate.roads.distance import (
    STREET_CIRCUITY,
    great_circle_m,
    nearest_place,
    road_miles,
    street_distance_m,
)
from crossdock.locate.roads.interstates import interstate_miles
from crossdock.locate.roads.lanes import lane_table
from crossdock.locate.roads.speed import drive_seconds

__all__ = [
    "STREET_CIRCUITY",
    "drive_seconds",
    "great_circle_m",
    "interstate_miles",
    "lane_table",
    "nearest_place",
    "road_miles",
    "street_distance_m",
]
