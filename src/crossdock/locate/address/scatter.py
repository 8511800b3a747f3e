"""Points for addresses that no reference places: spread over their ZIP, always the same way."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.locate.address._scipy_package import distance_to_neighbour
from crossdock.model.units import EARTH_RADIUS_M

NEIGHBOURS = 3
SPACING_SHARE = 0.5
"""Radius of a ZIP's disc over the distance to its third neighbour. †

Cells of a regular triangular lattice of spacing d have the area 0.866 d2, a disc of radius 0.525 d.
"""
RADIUS_RANGE_M = (250.0, 12_000.0)
POINT_ZIP_RADIUS_M = 100.0
"""Post-box and single-company ZIPs are one building. †"""
_HASH_SCALE = float(2**32)


def zip_radii(zips: pl.DataFrame) -> pl.DataFrame:
    """Radius within which the doors of each ZIP are scattered.

    Parameters
    ----------
    zips
        ``zip5, zip_type, latitude, longitude``.

    Returns
    -------
    polars.DataFrame
        ``zip5, radius_m`` of the ZIPs that have coordinates.
    """
    placed = zips.filter(pl.col("latitude").is_not_null() & pl.col("longitude").is_not_null())
    points = _unit_vectors(placed["latitude"].to_numpy(), placed["longitude"].to_numpy())
    street = (placed["zip_type"] == "STANDARD").to_numpy()
    spacing_m = _spacing_m(points[street] if street.any() else points, points)
    radius_m = np.clip(SPACING_SHARE * spacing_m, *RADIUS_RANGE_M)
    return placed.select(
        "zip5", pl.Series("radius_m", np.where(street, radius_m, POINT_ZIP_RADIUS_M))
    )


def scattered(frame: pl.DataFrame) -> pl.DataFrame:
    """Points drawn uniformly over each row's disc by a hash of its ``address_key``.

    Parameters
    ----------
    frame
        ``address_key, latitude, longitude`` (centre) and ``radius_m``.

    Returns
    -------
    polars.DataFrame
        ``latitude, longitude`` in the order of ``frame``; equal keys have equal points.
    """
    draws = np.frombuffer(
        b"".join(
            hashlib.blake2b(key.encode(), digest_size=8).digest() for key in frame["address_key"]
        ),
        dtype="<u4",
    ).reshape(-1, 2)
    share = draws / _HASH_SCALE
    distance = frame["radius_m"].to_numpy() * np.sqrt(share[:, 0]) / EARTH_RADIUS_M
    bearing = 2 * np.pi * share[:, 1]
    latitude = frame["latitude"].to_numpy()
    north = np.degrees(distance * np.cos(bearing))
    east = np.degrees(distance * np.sin(bearing) / np.cos(np.radians(latitude)))
    return pl.DataFrame(
        {"latitude": latitude + north, "longitude": frame["longitude"].to_numpy() + east}
    )


def _unit_vectors(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Points on the unit sphere, shape (n, 3), of degrees: their chords order as distances do."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def _spacing_m(neighbours: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from each point to its third distinct neighbour, in metres."""
    distinct = np.unique(np.round(neighbours, 9), axis=0)
    wanted = min(NEIGHBOURS + 1, len(distinct))  # the nearest is the point itself
    return distance_to_neighbour(points, distinct, wanted) * EARTH_RADIUS_M
