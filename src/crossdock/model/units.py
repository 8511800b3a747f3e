"""Units: SI inside, miles and pounds at the edge; conversions have one home."""

from __future__ import annotations

METERS_PER_MILE = 1609.344
KG_PER_POUND = 0.45359237
M3_PER_CUBIC_FOOT = 0.0283168466
CM3_PER_M3 = 1_000_000.0
SECONDS_PER_HOUR = 3600
SECONDS_PER_MINUTE = 60
EARTH_RADIUS_M = 6_371_008.8
"""Mean Earth radius, IUGG (R1)."""


def miles(distance_m: float) -> float:
    """Metres to statute miles."""
    return distance_m / METERS_PER_MILE


def meters(distance_miles: float) -> float:
    """Statute miles to metres."""
    return distance_miles * METERS_PER_MILE
