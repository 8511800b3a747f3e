"""How far it is: great circle, and the road that goes round it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossdock.model.units import EARTH_RADIUS_M, METERS_PER_MILE

LINEHAUL_CIRCUITY = 1.19
"""Road distance over great-circle distance between cities.

Ballou, Rahardja and Sakai (2002), "Selected country circuity factors for road travel distance
estimation", Transportation Research A 36, give 1.20 for the United States; the 990 metro pairs of
the built-in network have 1.18 on average (Interstates, see ``scripts/build_lane_miles.py``).
"""

STREET_CIRCUITY = 1.35
"""Street distance over great-circle distance within a metro area.

Assumption †: a little above the 1.27 (4/pi) that a right-angled street grid gives on average, for
one-way streets, rivers and turns.
"""


def great_circle_m(
    latitude_from: ArrayLike,
    longitude_from: ArrayLike,
    latitude_to: ArrayLike,
    longitude_to: ArrayLike,
) -> NDArray[np.float64]:
    """Great-circle distance in metres (haversine), broadcasting over its arguments.

    Parameters
    ----------
    latitude_from, longitude_from, latitude_to, longitude_to
        Degrees; scalars or arrays of shapes that broadcast together.
    """
    lat_1, lon_1, lat_2, lon_2 = (
        np.radians(np.asarray(degrees, dtype=np.float64))
        for degrees in (latitude_from, longitude_from, latitude_to, longitude_to)
    )
    chord = (
        np.sin((lat_2 - lat_1) / 2) ** 2
        + np.cos(lat_1) * np.cos(lat_2) * np.sin((lon_2 - lon_1) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def nearest_place(
    latitude_from: ArrayLike,
    longitude_from: ArrayLike,
    latitude_to: ArrayLike,
    longitude_to: ArrayLike,
) -> NDArray[np.int64]:
    """Index of the nearest of the places ``to`` for each place ``from``; the first of equals.

    Compares directions from the Earth's centre, which is much faster than all distances.

    Parameters
    ----------
    latitude_from, longitude_from, latitude_to, longitude_to
        Degrees; one-dimensional.
    """
    x_1, y_1, z_1 = _directions(latitude_from, longitude_from)[:, :, None]
    x_2, y_2, z_2 = _directions(latitude_to, longitude_to)[:, None, :]
    return np.argmax(x_1 * x_2 + y_1 * y_2 + z_1 * z_2, axis=1)


def _directions(latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    """Unit vectors of places; shape (3, n)."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def road_miles(
    latitude_from: ArrayLike,
    longitude_from: ArrayLike,
    latitude_to: ArrayLike,
    longitude_to: ArrayLike,
) -> NDArray[np.float64]:
    """Estimated highway miles between places: great circle times `LINEHAUL_CIRCUITY`."""
    straight_m = great_circle_m(latitude_from, longitude_from, latitude_to, longitude_to)
    return straight_m * (LINEHAUL_CIRCUITY / METERS_PER_MILE)


def street_distance_m(
    latitude_from: ArrayLike,
    longitude_from: ArrayLike,
    latitude_to: ArrayLike,
    longitude_to: ArrayLike,
) -> NDArray[np.float64]:
    """Estimated street metres between doors: great circle times `STREET_CIRCUITY`."""
    straight_m = great_circle_m(latitude_from, longitude_from, latitude_to, longitude_to)
    return straight_m * STREET_CIRCUITY
