"""Line-haul driver duties: how a lane is driven, by whom, and the log that proves it legal."""

from crossdock.plan.duties.frame import duty_rows, instant
from crossdock.plan.duties.modes import DOCK_S, LANE_KEY, PRE_TRIP_S, RELAY_SWAP_S, lane_modes
from crossdock.plan.duties.roster import INVENTED_USD_H, Assignment, OwnRoster, Seat
from crossdock.plan.duties.trip import CrewDuty, Trip, crew_duty

__all__ = [
    "DOCK_S",
    "INVENTED_USD_H",
    "LANE_KEY",
    "PRE_TRIP_S",
    "RELAY_SWAP_S",
    "Assignment",
    "CrewDuty",
    "OwnRoster",
    "Seat",
    "Trip",
    "crew_duty",
    "duty_rows",
    "instant",
    "lane_modes",
]
