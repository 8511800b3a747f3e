"""Numbered places on the roads of a vehicle: what a planner asks for times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossdock.locate.roads.streets.snap import SNAP_LIMIT_M, RoadPoints, RoadSnapper
from crossdock.locate.roads.streets.vehicle_roads import VehicleRoads
from crossdock.locate.roads.streets.ways import RoadSearch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RoadPlaces:
    """Places between which seconds and metres can be asked for.

    Attributes
    ----------
    points
        On roads, all of them.
    """

    search: RoadSearch
    points: RoadPoints

    @classmethod
    def of(
        cls,
        roads: VehicleRoads,
        latitude: ArrayLike,
        longitude: ArrayLike,
        *,
        limit_m: float = SNAP_LIMIT_M,
        names: Sequence[str] | None = None,
    ) -> RoadPlaces:
        """Places by their positions.

        Raises
        ------
        NotFoundError
            One is farther than ``limit_m`` from every road; it is named.
        """
        points = RoadSnapper(roads).snap(latitude, longitude, limit_m=limit_m)
        return cls(RoadSearch(roads), points.all_on_roads(names))

    @property
    def latitude(self) -> Floats:
        """Degrees on the road."""
        return self.points.latitude

    @property
    def longitude(self) -> Floats:
        """Degrees on the road."""
        return self.points.longitude

    def matrix(self, rows: Ints, columns: Ints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Seconds and metres between rows and columns; infinite where there is no way."""
        found = self.search.matrix(self.points.part(rows), self.points.part(columns))
        return found.duration_s, found.distance_m

    def pairs(self, start: Ints, end: Ints) -> tuple[Floats, Floats]:
        """Seconds and metres from place ``start[i]`` to place ``end[i]``."""
        return self.search.pairs(self.points, start, end)
