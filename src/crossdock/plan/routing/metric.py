"""How far and how long it is between places, without ever needing all pairs at once.

A metric answers for the rows and columns that are asked. It speaks two tongues: whole numbers for a
search kernel (`matrix`) and the units in which people read the problem (`lengths`, `times`), with a
fixed number of the former to one of the latter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads import drive_seconds, street_distance_m
from crossdock.model.errors import InvalidValueError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_HAIR = 1e-7
"""Below this share of a unit a length is the whole number it nearly is."""


class Rounding(StrEnum):
    """What becomes of a straight-line distance: the conventions of the benchmark literature."""

    EXACT = "exact"
    """Real distances; a kernel sees thousandths."""
    ROUND = "round"
    """Nearest whole number (TSPLIB's EUC_2D)."""
    DIMACS = "dimacs"
    """Truncated to one decimal (12th DIMACS implementation challenge)."""
    TRUNC = "trunc"
    """Truncated to a whole number."""


UNITS = {Rounding.EXACT: 1000, Rounding.ROUND: 1, Rounding.DIMACS: 10, Rounding.TRUNC: 1}
"""Whole numbers of a kernel to one unit of the file."""


@dataclass(frozen=True)
class Legs:
    """Whole numbers for a kernel, a row a place of departure and a column a place of arrival."""

    distance: Ints
    duration: Ints


class Metric(Protocol):
    """Distances and durations between places that are numbered from 0.

    Attributes
    ----------
    places
        How many places there are.
    distance_units, duration_units
        Whole numbers of `matrix` to one unit of the problem.
    """

    @property
    def places(self) -> int:
        """See above."""
        ...

    @property
    def distance_units(self) -> int:
        """See above."""
        ...

    @property
    def duration_units(self) -> int:
        """See above."""
        ...

    def matrix(self, rows: Ints, columns: Ints) -> Legs:
        """Whole numbers between ``rows`` and ``columns``; durations are never too short."""
        ...

    def lengths(self, start: Ints, end: Ints) -> Floats:
        """Distances in the problem's unit of the pairs ``start[i]`` to ``end[i]``."""
        ...

    def times(self, start: Ints, end: Ints) -> Floats:
        """Durations in the problem's unit of the same pairs."""
        ...

    def points(self) -> Floats:
        """A position in the plane of each place, for neighbours and pictures; (places, 2)."""
        ...

    def part(self, places: Ints) -> Metric:
        """The same metric of these places alone, numbered in this order."""
        ...


@dataclass(frozen=True, eq=False)
class PlanarMetric:
    """Straight lines in the plane at speed 1, under a rounding convention.

    Parameters
    ----------
    xy
        Coordinates, (places, 2).
    """

    xy: Floats
    rounding: Rounding = Rounding.EXACT

    def __post_init__(self) -> None:
        _check_points("xy", self.xy)

    @property
    def places(self) -> int:
        """See `Metric`."""
        return len(self.xy)

    @property
    def distance_units(self) -> int:
        """See `Metric`."""
        return UNITS[self.rounding]

    @property
    def duration_units(self) -> int:
        """See `Metric`."""
        return UNITS[self.rounding]

    def matrix(self, rows: Ints, columns: Ints) -> Legs:
        """See `Metric`."""
        straight = self._straight(self.xy[rows][:, None], self.xy[columns][None, :])
        if self.rounding is Rounding.EXACT:
            # A route that is on time by these durations is on time by the true ones.
            return Legs(_whole(np.rint(straight * 1000)), _whole(np.ceil(straight * 1000 - _HAIR)))
        distance = _whole(np.rint(self._rounded(straight) * self.distance_units))
        return Legs(distance, distance)

    def lengths(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self._rounded(self._straight(self.xy[start], self.xy[end]))

    def times(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self.lengths(start, end)

    def points(self) -> Floats:
        """See `Metric`."""
        return self.xy

    def part(self, places: Ints) -> PlanarMetric:
        """See `Metric`."""
        return replace(self, xy=self.xy[places])

    @staticmethod
    def _straight(start: Floats, end: Floats) -> Floats:
        # One rounding less than hypot: whole squares give whole distances.
        return np.sqrt(((start - end) ** 2).sum(axis=-1))

    def _rounded(self, straight: Floats) -> Floats:
        if self.rounding is Rounding.EXACT:
            return straight
        if self.rounding is Rounding.ROUND:
            return np.floor(straight + 0.5)
        if self.rounding is Rounding.DIMACS:
            return np.floor(straight * 10) / 10
        return np.floor(straight)


@dataclass(frozen=True, eq=False)
class MatrixMetric:
    """Given distances and durations, which may differ and need not be symmetric.

    Parameters
    ----------
    distance, duration
        Whole numbers, (places, places).
    xy
        Positions of the places where they are known; else all at the origin.
    units
        Whole numbers of the matrices to one unit of the problem.
    """

    distance: Ints
    duration: Ints
    xy: Floats | None = None
    units: int = 1

    def __post_init__(self) -> None:
        shape = (len(self.distance), len(self.distance))
        for name, matrix in (("distance", self.distance), ("duration", self.duration)):
            if matrix.shape != shape:
                raise InvalidValueError(
                    f"the {name} matrix is {' x '.join(map(str, matrix.shape))}",
                    remedy=f"give both as square matrices of {len(self.distance)} places",
                )
            if matrix.size and matrix.min() < 0:
                raise InvalidValueError(
                    f"the {name} matrix has {matrix.min()}", remedy="give no negative values"
                )
        if self.xy is not None:
            _check_points("xy", self.xy)

    @property
    def places(self) -> int:
        """See `Metric`."""
        return len(self.distance)

    @property
    def distance_units(self) -> int:
        """See `Metric`."""
        return self.units

    @property
    def duration_units(self) -> int:
        """See `Metric`."""
        return self.units

    def matrix(self, rows: Ints, columns: Ints) -> Legs:
        """See `Metric`."""
        asked = np.ix_(rows, columns)
        return Legs(self.distance[asked], self.duration[asked])

    def lengths(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self.distance[start, end] / self.units

    def times(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self.duration[start, end] / self.units

    def points(self) -> Floats:
        """See `Metric`."""
        return np.zeros((self.places, 2)) if self.xy is None else self.xy

    def part(self, places: Ints) -> MatrixMetric:
        """See `Metric`."""
        asked = np.ix_(places, places)
        xy = None if self.xy is None else self.xy[places]
        return replace(self, distance=self.distance[asked], duration=self.duration[asked], xy=xy)


@dataclass(frozen=True, eq=False)
class StreetMetric:
    """Great circles stretched to streets, in metres; driven at one speed, in seconds.

    Parameters
    ----------
    latitude, longitude
        Degrees of each place.
    street_factor
        Street distance over that of `crossdock.locate.roads.street_distance_m`.
    speed_m_s
        Mean speed between two stops; None for one that grows with the leg, as
        `crossdock.locate.roads.drive_seconds`.
    """

    latitude: Floats
    longitude: Floats
    street_factor: float = 1.0
    speed_m_s: float | None = 8.0

    def __post_init__(self) -> None:
        _check_points("latitude, longitude", self._degrees())
        for name, value in (("street_factor", self.street_factor), ("speed_m_s", self.speed_m_s)):
            if value is not None and not 0 < value < np.inf:
                raise InvalidValueError(f"{name} is {value}", remedy="give a number above 0")

    @property
    def places(self) -> int:
        """See `Metric`."""
        return len(self.latitude)

    @property
    def distance_units(self) -> int:
        """See `Metric`."""
        return 1

    @property
    def duration_units(self) -> int:
        """See `Metric`."""
        return 1

    def matrix(self, rows: Ints, columns: Ints) -> Legs:
        """See `Metric`."""
        metres = self._metres(rows[:, None], columns[None, :])
        return Legs(_whole(np.rint(metres)), _whole(self._seconds(metres)))

    def lengths(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return np.rint(self._metres(start, end))

    def times(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self._seconds(self._metres(start, end))

    def points(self) -> Floats:
        """See `Metric`."""
        squeeze = np.cos(np.radians(self.latitude.mean())) if self.places else 1.0
        return np.column_stack([self.longitude * squeeze, self.latitude])

    def part(self, places: Ints) -> StreetMetric:
        """See `Metric`."""
        return replace(self, latitude=self.latitude[places], longitude=self.longitude[places])

    def _metres(self, start: Ints, end: Ints) -> Floats:
        lat, lon = self.latitude, self.longitude
        metres = street_distance_m(lat[start], lon[start], lat[end], lon[end])
        return metres * self.street_factor

    def _seconds(self, metres: Floats) -> Floats:
        if self.speed_m_s is None:
            return np.ceil(drive_seconds(metres))
        return np.ceil(np.rint(metres) / self.speed_m_s)

    def _degrees(self) -> Floats:
        if self.latitude.shape != self.longitude.shape:
            raise InvalidValueError(
                f"{self.latitude.size} latitudes and {self.longitude.size} longitudes",
                remedy="give one of each a place",
            )
        return np.column_stack([self.latitude, self.longitude])


def _whole(values: Floats) -> Ints:
    return values.astype(np.int64)


def _check_points(name: str, points: Floats) -> None:
    if points.ndim != 2 or points.shape[1] != 2:
        raise InvalidValueError(f"{name} has the shape {points.shape}", remedy="give (places, 2)")
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        raise InvalidValueError(
            f"{name} of place {bad[0]} is {tuple(points[bad[0]].tolist())}",
            remedy="give two finite numbers",
        )
