"""The place of a position, in the words that a log uses (App. A 4.4.2, 7.29)."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from crossdock.locate.zips import zip_table

_MILES_PER_RADIAN = 3958.8
_DIRECTIONS = (
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
    "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
)  # fmt: skip
FARTHEST_MI = 99
"""A place has at most two digits of miles in the rule's words; farther is not near."""


def near_place(latitude: float, longitude: float) -> str:
    """Distance and direction from the nearest place: ``2mi ESE IL Darien``; empty if none is near.

    The places are those of United States ZIPs, not the federal list of places (GNIS) that a
    certified device must use; the distance is to the centre of the ZIP.
    """
    names, latitudes, longitudes = _centres()
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return ""
    north = np.radians(latitude - latitudes)
    east = np.radians((longitude - longitudes + 180) % 360 - 180) * math.cos(math.radians(latitude))
    miles = np.hypot(north, east) * _MILES_PER_RADIAN
    nearest = int(np.argmin(miles))
    distance = round(float(miles[nearest]))
    if distance > FARTHEST_MI:
        return ""
    if distance == 0:
        return names[nearest]
    bearing = math.degrees(math.atan2(float(east[nearest]), float(north[nearest]))) % 360
    direction = _DIRECTIONS[round(bearing / 22.5) % len(_DIRECTIONS)]
    return f"{distance}mi {direction} {names[nearest]}"


@cache
def _centres() -> tuple[list[str], np.ndarray, np.ndarray]:
    table = zip_table().filter(
        (zip_table()["zip_type"] == "STANDARD") & zip_table()["latitude"].is_not_null()
    )
    names = [f"{state} {city}" for state, city in table.select("state", "city").iter_rows()]
    return names, table["latitude"].to_numpy(), table["longitude"].to_numpy()
