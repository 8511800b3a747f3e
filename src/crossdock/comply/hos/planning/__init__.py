"""Plans that are legal: the earliest end of a stop sequence, with its rests and pauses."""

from crossdock.comply.hos.planning.answer import ClocksLeft, HosPlan, PlanSegment
from crossdock.comply.hos.planning.from_log import clocks_of_log
from crossdock.comply.hos.planning.plan import completes_s, plan
from crossdock.comply.hos.planning.question import (
    FAR_S,
    FRESH,
    PlanClocks,
    PlanLimits,
    PlanOptions,
    PlanStop,
    Relay,
    limits_of,
)
from crossdock.comply.hos.planning.route_check import RouteArrays, check_route, check_routes

__all__ = [
    "FAR_S",
    "FRESH",
    "ClocksLeft",
    "HosPlan",
    "PlanClocks",
    "PlanLimits",
    "PlanOptions",
    "PlanSegment",
    "PlanStop",
    "Relay",
    "RouteArrays",
    "check_route",
    "check_routes",
    "clocks_of_log",
    "completes_s",
    "limits_of",
    "plan",
]
