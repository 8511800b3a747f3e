"""Typed adapter to SciPy's KD-tree: who is near whom in the plane."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from crossdock.model.units import EARTH_RADIUS_M

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def local_xy(latitude: Floats, longitude: Floats) -> Floats:
    """Metres east and north of the mean point (equirectangular: good to 0.1 % within 100 km)."""
    scale = np.cos(np.radians(latitude.mean()))
    east = np.radians(longitude - longitude.mean()) * scale * EARTH_RADIUS_M
    north = np.radians(latitude - latitude.mean()) * EARTH_RADIUS_M
    return np.column_stack([east, north])


def nearest(points: Floats, count: int) -> Ints:
    """Indices of the ``count`` nearest points of each point, itself included; (n, count)."""
    found = KDTree(points).query(points, k=count)[1]
    return np.asarray(found, dtype=np.int64).reshape(len(points), count)


def within(points: Floats, centres: Floats, radius_m: float) -> list[Ints]:
    """Indices of the points within ``radius_m`` of each centre, ascending."""
    found = KDTree(points).query_ball_point(centres, radius_m, return_sorted=True)
    return [np.array(members, dtype=np.int64) for members in found]
