"""What the command line asks of roads: build a graph, fill a matrix, draw a way."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.locate.roads.streets import (
    VEHICLES,
    RoadMatrix,
    RoadPoints,
    RoadSearch,
    RoadSnapper,
    RoadVehicle,
    Traffic,
    VehicleRoads,
)
from crossdock.model import UsageError
from crossdock.platform.roads.graph_file import read_roads
from crossdock.platform.roads.matrix_store import MatrixStore, matrix_key
from crossdock.platform.roads.osrm import osrm_matrix
from crossdock.platform.roads.road_server import RoadServer
from crossdock.platform.roads.tables import Places, read_places
from crossdock.platform.roads.valhalla import valhalla_matrix

AUTHORIZATION = "CROSSDOCK_ROADS_AUTHORIZATION"
"""Environment variable: the ``Authorization`` header for a road server."""
SERVERS = ("valhalla:", "osrm:")
_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = 24


@dataclass(frozen=True)
class MatrixRequest:
    """A matrix of places.

    Parameters
    ----------
    source
        A graph file; ``valhalla:URL``; or ``osrm:URL`` with the profile as its last part.
    snap_m
        How far a place may be from a road of the graph.
    limit_s
        Ways of the graph that take longer are not looked for; infinite: every pair must have one.
    traffic, at
        Speeds by the hour, and the weekday (Monday 0) and hour of departure.
    store
        Where matrices are kept for the next time.
    """

    source: str
    places: Path
    vehicle: str = "van"
    snap_m: float = 500.0
    limit_s: float = np.inf
    traffic: Traffic | None = None
    at: tuple[int, int] = (0, 0)
    store: MatrixStore | None = None


@dataclass(frozen=True)
class FoundMatrix:
    """A matrix as a table ``from_id, to_id, duration_s, distance_m``, and remarks on it."""

    table: pl.DataFrame
    remarks: list[str]


def fill_matrix(asked: MatrixRequest) -> FoundMatrix:
    """Seconds and metres between all places of a table.

    Raises
    ------
    InfeasibleError
        There is no way between two places, and no limit; they are named.
    NotFoundError
        A place is too far from every road; it is named.
    """
    places = read_places(asked.places)
    if asked.source.startswith(SERVERS):
        matrix, remarks = _of_server(asked, places), list[str]()
    else:
        matrix, remarks = _of_graph(asked, places)
    return FoundMatrix(_table(matrix, places.names), remarks)


def write_matrix(found: FoundMatrix, path: Path) -> None:
    """Write a matrix as Parquet, whole or not at all."""
    draft = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        found.table.write_parquet(draft)
        draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", remedy="name a file in a writable folder"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def draw_way(
    graph_path: Path,
    vehicle: str,
    ends: tuple[tuple[float, float], tuple[float, float]],
    snap_m: float,
) -> dict[str, Any]:
    """The quickest way between two places as a GeoJSON feature.

    Raises
    ------
    InfeasibleError
        There is none.
    NotFoundError
        An end is too far from every road.
    """
    roads = _roads(graph_path, vehicle)
    points = RoadSnapper(roads).snap(*np.array(ends).T, limit_m=snap_m)
    way = RoadSearch(roads).way(points.all_on_roads(("--from", "--to")))
    line = np.round(np.column_stack([way.longitude, way.latitude]), 7).tolist()
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": {
            "duration_s": round(way.duration_s, 1),
            "distance_m": round(way.distance_m, 1),
            "vehicle": roads.vehicle.name,
            "snapped_m": [round(offset, 1) for offset in points.offset_m.tolist()],
            "attribution": roads.graph.attribution,
        },
    }


def parse_hour(text: str) -> tuple[int, int]:
    """Weekday and hour of ``Mon-08``.

    Raises
    ------
    UsageError
        It is neither.
    """
    day, _, hour = text.lower().partition("-")
    if day not in _DAY_NAMES or not hour.isdecimal() or int(hour) >= _HOURS:
        raise UsageError(f"{text!r} is no hour of a week", remedy="give such as Mon-08")
    return _DAY_NAMES.index(day), int(hour)


def _roads(path: Path, vehicle: str) -> VehicleRoads:
    return VehicleRoads.of(read_roads(path), VEHICLES[vehicle])


def _of_graph(asked: MatrixRequest, places: Places) -> tuple[RoadMatrix, list[str]]:
    roads = _roads(Path(asked.source), asked.vehicle)
    if asked.traffic is not None:
        roads = roads.with_speeds(asked.traffic.at(*asked.at))
    latitude, longitude = places.degrees.T
    points = RoadSnapper(roads).snap(latitude, longitude, limit_m=asked.snap_m)
    points.all_on_roads(places.names)
    factors = "" if asked.traffic is None else repr(asked.traffic.at(*asked.at).tolist())
    parts = [roads.graph.version, repr(roads.vehicle), str(asked.limit_s), factors]
    matrix = _kept(
        asked.store,
        matrix_key(*parts, places=[latitude, longitude]),
        lambda: RoadSearch(roads).matrix(points, points, limit_s=asked.limit_s),
    )
    if not np.isfinite(asked.limit_s):
        matrix.without_gaps(places.names, places.names)
    return matrix, _remarks(roads, points, places.names)


def _of_server(asked: MatrixRequest, places: Places) -> RoadMatrix:
    if asked.traffic is not None or np.isfinite(asked.limit_s):
        raise UsageError(
            "a road server takes neither traffic nor a limit from here",
            remedy="leave --traffic and --limit-min out, or ask a graph file",
        )
    vehicle = VEHICLES[asked.vehicle]
    return server_matrix(asked.source, vehicle, places.degrees, places.names, asked.store)


def server_matrix(
    source: str,
    vehicle: RoadVehicle,
    degrees: NDArray[np.float64],
    names: Sequence[str],
    store: MatrixStore | None = None,
) -> RoadMatrix:
    """Seconds and metres between all places by a server.

    Parameters
    ----------
    source
        ``valhalla:URL``, or ``osrm:URL`` with the profile as its last part.
    degrees
        Latitudes and longitudes, (places, 2).

    Raises
    ------
    InfeasibleError
        There is no way between two places; they are named.
    """
    kind, _, address = source.partition(":")
    both = (names, names)
    secret = os.environ.get(AUTHORIZATION, "").strip()
    headers = {"Authorization": secret} if secret else {}

    def find() -> RoadMatrix:
        if kind == "valhalla":
            server = RoadServer(address, headers)
            return valhalla_matrix(server, vehicle, degrees, degrees, both)
        url, _, profile = address.rstrip("/").rpartition("/")
        server = RoadServer(url, headers)
        return osrm_matrix(server, profile, degrees, degrees, both)

    key = matrix_key(source, repr(vehicle), places=list(degrees.T))
    return _kept(store, key, find)


def _kept(store: MatrixStore | None, key: str, find: Callable[[], RoadMatrix]) -> RoadMatrix:
    return find() if store is None else store.matrix(key, find)


def _remarks(roads: VehicleRoads, points: RoadPoints, names: Sequence[str]) -> list[str]:
    edges, metres = roads.dropped
    farthest = int(points.offset_m.argmax())
    told = [
        f"places are {np.median(points.offset_m):,.0f} m from their road (median), "
        f"{names[farthest]} is {points.offset_m[farthest]:,.0f} m"
    ]
    if edges:
        told.append(
            f"left out: {edges:,} roads ({metres / 1000:,.1f} km) that a {roads.vehicle.name} "
            "cannot both reach and leave"
        )
    return told


def _table(matrix: RoadMatrix, names: list[str]) -> pl.DataFrame:
    ids = pl.Series("from_id", names)
    rows, columns = np.indices(matrix.duration_s.shape).reshape(2, -1)
    return pl.DataFrame(
        {
            "from_id": ids.gather(rows),
            "to_id": ids.gather(columns),
            "duration_s": matrix.duration_s.ravel(),
            "distance_m": matrix.distance_m.ravel(),
        }
    ).with_columns(
        pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name)
        for name in ("duration_s", "distance_m")
    )
