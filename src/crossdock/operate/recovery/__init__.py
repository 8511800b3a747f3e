"""What dispatchers do by habit when a plan does not hold: the default recovery policy.

Next departure that still leads there, next wave, next day, the nearest stop; nothing clever. Later
policies are measured against it.
"""

from crossdock.operate.recovery.street import (
    HANDLE_S,
    NEIGHBOUR_M,
    PARK_S,
    Place,
    by_distance,
    leg,
    nearest_neighbour,
)
from crossdock.operate.recovery.way import Departure, choose_way

__all__ = [
    "HANDLE_S",
    "NEIGHBOUR_M",
    "PARK_S",
    "Departure",
    "Place",
    "by_distance",
    "choose_way",
    "leg",
    "nearest_neighbour",
]
