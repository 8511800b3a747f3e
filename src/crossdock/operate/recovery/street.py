"""Where a driver who knows the street puts a parcel that no route has: next to its nearest stop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads import drive_seconds, great_circle_m, street_distance_m

Floats = NDArray[np.float64]
Place = tuple[float, float]

NEIGHBOUR_M = 30.0
"""A parcel this near to a stop is handed over on the same stop. †"""

PARK_S, HANDLE_S = 75.0, 38.0
"""Time of a stop, as the route planner counts it."""


def leg(start: Place, end: Place) -> tuple[float, float]:
    """Street metres and usual driving seconds between two places."""
    metres = float(street_distance_m(*start, *end))
    return metres, float(drive_seconds(metres))


def by_distance(place: Place, latitude: Floats, longitude: Floats) -> tuple[list[int], Floats]:
    """Places from the nearest on, and their distances in metres."""
    metres = np.asarray(great_circle_m(*place, latitude, longitude), dtype=np.float64)
    return np.argsort(metres, kind="stable").tolist(), metres


def nearest_neighbour(start: Place, latitude: Floats, longitude: Floats) -> list[int]:
    """Order of a round that always goes to the nearest place left."""
    left = list(range(len(latitude)))
    order: list[int] = []
    here = start
    while left:
        metres = great_circle_m(*here, latitude[left], longitude[left])
        chosen = left.pop(int(np.argmin(metres)))
        order.append(chosen)
        here = (float(latitude[chosen]), float(longitude[chosen]))
    return order
