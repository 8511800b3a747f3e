"""Roads that a route problem may be planned on: a graph, an extract of a map, or a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.streets import (
    RoadGraph,
    RoadMatrix,
    RoadPlaces,
    RoadSearch,
    RoadSnapper,
    RoadVehicle,
    VehicleRoads,
)
from crossdock.model import UsageError
from crossdock.plan.routing import RoadTimes
from crossdock.platform.roads.graph_file import read_roads
from crossdock.platform.roads.matrix_store import MatrixStore, matrix_key
from crossdock.platform.roads.osm_file import SUFFIXES, read_osm
from crossdock.platform.roads.work import SERVERS, server_matrix

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROADS, ROADS_CACHE = "CROSSDOCK_ROADS", "CROSSDOCK_ROADS_CACHE"
"""Environment variables of a server: the roads that problems may be planned on, and a folder."""
MOST_PLACES_AT_ONCE = 1_500
"""Of which all pairs are found at once, and kept; a server is asked for no more."""


@dataclass(frozen=True)
class RoadSource:
    """Where roads are from.

    Parameters
    ----------
    source
        A graph of ``crossdock roads build``; an extract of OpenStreetMap; ``valhalla:URL``;
        ``osrm:URL`` with the profile as its last part.
    store
        Where matrices are kept for the next time.
    for_one
        Whether they were named for one problem, which is then to ask for them.

    Raises
    ------
    UsageError
        An address of a server without its kind.
    """

    source: str
    store: MatrixStore | None = None
    for_one: bool = False

    def __post_init__(self) -> None:
        if self.source.startswith(("http:", "https:")):
            raise UsageError(
                "an address alone does not tell what kind of road server it is",
                remedy=f"give valhalla:{self.source}, or osrm:{self.source}/PROFILE",
            )

    @property
    def is_server(self) -> bool:
        """Whether somebody else knows the roads."""
        return self.source.startswith(SERVERS)

    def off_roads(self, vehicle: RoadVehicle, latitude: Floats, longitude: Floats) -> Floats:
        """How far places are from the nearest road of a vehicle; 0 where a server is to say."""
        if self.is_server:
            return np.zeros(len(latitude))
        return self._snapper(vehicle).snap(latitude, longitude, limit_m=np.inf).offset_m

    def places(
        self,
        vehicle: RoadVehicle,
        latitude: Floats,
        longitude: Floats,
        names: Sequence[str],
        *,
        all_pairs: bool = True,
    ) -> RoadTimes:
        """Places between which times can be asked for, however far they are from a road.

        Parameters
        ----------
        all_pairs
            Find all pairs of few places at once, and keep them where there is a store.
        """
        few = len(latitude) <= MOST_PLACES_AT_ONCE
        if self.is_server:
            if not few:
                raise UsageError(
                    f"{len(latitude):,} places of a problem, for a road server",
                    remedy=f"give up to {MOST_PLACES_AT_ONCE:,}, or a graph file",
                )
            degrees = np.column_stack([latitude, longitude])

            def ask() -> RoadMatrix:
                return server_matrix(self.source, vehicle, degrees, names, self.store)

            return _Held(latitude, longitude, ask)
        roads = _vehicle_roads(self._graph(), vehicle)
        points = self._snapper(vehicle).snap(latitude, longitude, limit_m=np.inf)
        if not all_pairs or not few:
            return RoadPlaces(RoadSearch(roads), points)
        parts = [roads.graph.version, repr(vehicle), str(np.inf), ""]

        def find() -> RoadMatrix:
            return RoadSearch(roads).matrix(points, points)

        key = matrix_key(*parts, places=[latitude, longitude])
        store = self.store
        return _Held(
            points.latitude,
            points.longitude,
            find if store is None else lambda: store.matrix(key, find),
        )

    def open(self) -> None:
        """Read the graph, where there is one, so that what is wrong with it is told now."""
        if not self.is_server:
            self._graph()

    def _graph(self) -> RoadGraph:
        path = Path(self.source)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            changed = 0
        return _graph_of(path, changed)

    def _snapper(self, vehicle: RoadVehicle) -> RoadSnapper:
        return _snapper_of(self._graph(), vehicle)


def roads_of_environment(environment: Mapping[str, str] | None = None) -> RoadSource | None:
    """The roads that the operator of a server has named; None where none are."""
    told = os.environ if environment is None else environment
    source, folder = told.get(ROADS, "").strip(), told.get(ROADS_CACHE, "").strip()
    if not source:
        return None
    return RoadSource(source, MatrixStore(Path(folder)) if folder else None)


@lru_cache(maxsize=2)
def _graph_of(path: Path, changed: int) -> RoadGraph:
    del changed  # another version of the file is another graph
    return read_osm(path) if path.name.endswith(SUFFIXES) else read_roads(path)


@lru_cache(maxsize=4)
def _vehicle_roads(graph: RoadGraph, vehicle: RoadVehicle) -> VehicleRoads:
    return VehicleRoads.of(graph, vehicle)


@lru_cache(maxsize=4)
def _snapper_of(graph: RoadGraph, vehicle: RoadVehicle) -> RoadSnapper:
    return RoadSnapper(_vehicle_roads(graph, vehicle))


@dataclass(frozen=True, eq=False)
class _Held:
    """Places of which all pairs are found at once, when the first is asked for."""

    latitude: Floats
    longitude: Floats
    find: Callable[[], RoadMatrix]

    @cached_property
    def found(self) -> RoadMatrix:
        return self.find()

    def matrix(self, rows: Ints, columns: Ints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        asked = np.ix_(rows, columns)
        return self.found.duration_s[asked], self.found.distance_m[asked]

    def pairs(self, start: Ints, end: Ints) -> tuple[Floats, Floats]:
        seconds, metres = self.found.duration_s[start, end], self.found.distance_m[start, end]
        return seconds.astype(np.float64), metres.astype(np.float64)
