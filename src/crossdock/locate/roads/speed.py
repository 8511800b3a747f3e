"""How fast a delivery van goes: short legs crawl, long legs use the highway."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

SLOWEST_MPH = 18.0
FASTEST_MPH = 50.0
_REFERENCE_MILES = 0.5
_GROWTH = 0.235


def drive_seconds(distance_m: ArrayLike) -> NDArray[np.float64]:
    """Driving time of a last-mile leg of ``distance_m`` street metres.

    The mean speed of a leg of d miles is ``18 * (d / 0.5) ** 0.235`` mph, never under 18 and never
    above 50: 25 mph at 2 miles, 35 at 8, 50 from 39 miles on. Time rises strictly with distance.

    Notes
    -----
    Assumption †: fitted to trade practice for vans in US metro areas, lights and turns included,
    parking and walking not.
    """
    leg_m = np.asarray(distance_m, dtype=np.float64)
    leg_miles = leg_m / METERS_PER_MILE
    speed_mph = np.clip(
        SLOWEST_MPH * (leg_miles / _REFERENCE_MILES) ** _GROWTH, SLOWEST_MPH, FASTEST_MPH
    )
    return np.asarray(leg_miles / speed_mph * SECONDS_PER_HOUR)
