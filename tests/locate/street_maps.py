"""Small maps drawn by hand: streets between named corners on a grid of 100 m."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, radians

from crossdock.locate.roads.streets import (
    CAR,
    OsmRoads,
    OsmTurn,
    OsmWay,
    RoadGraph,
    RoadMatrix,
    RoadPoints,
    RoadSearch,
    RoadSnapper,
    RoadVehicle,
    VehicleRoads,
    roads_from_osm,
    way_rules,
)

LATITUDE, LONGITUDE = 39.29, -76.61
_NORTH_E7 = 100 / 111_195.08 * 1e7
_EAST_E7 = _NORTH_E7 / cos(radians(LATITUDE))

Corner = tuple[float, float]
"""Steps of 100 m east and north."""


def place_e7(corner: Corner) -> tuple[int, int]:
    """Latitude and longitude of a corner, in ten-millionths of a degree."""
    east, north = corner
    return (
        round(LATITUDE * 1e7 + north * _NORTH_E7),
        round(LONGITUDE * 1e7 + east * _EAST_E7),
    )


def point_id(corner: Corner) -> int:
    """Id of the point at a corner: the same corner is the same point."""
    return round((corner[1] + 500) * 1e7) + round((corner[0] + 500) * 1e3)


class Streets:
    """A map that is drawn way by way."""

    def __init__(self) -> None:
        self.osm = OsmRoads()

    def way(self, *corners: Corner, **tags: str) -> int:
        """Draw a way along corners; its id. ``_`` in a key stands for a colon."""
        way_id = len(self.osm.ways) + 1
        named = {"highway": "residential"} | {key.replace("_", ":"): v for key, v in tags.items()}
        rules = way_rules({key.replace("motor:", "motor_"): v for key, v in named.items()})
        assert rules is not None
        places = [place_e7(corner) for corner in corners]
        self.osm.ways.append(
            OsmWay(
                way_id,
                [point_id(corner) for corner in corners],
                [lat for lat, _ in places],
                [lon for _, lon in places],
                rules,
            )
        )
        return way_id

    def turn(self, before: int, via: Corner, after: int, *, only: bool = False) -> None:
        """Forbid a turn, or all others."""
        self.osm.turns.append(OsmTurn((before,), point_id(via), (after,), only))

    def graph(self) -> RoadGraph:
        """The graph of what is drawn."""
        return roads_from_osm(self.osm, source="hand")


class Asked:
    """A vehicle on a map, asked for ways between corners."""

    def __init__(self, graph: RoadGraph, vehicle: RoadVehicle = CAR) -> None:
        self.roads = VehicleRoads.of(graph, vehicle)
        self.search = RoadSearch(self.roads)
        self.snapper = RoadSnapper(self.roads)

    def points(self, corners: Iterable[Corner], limit_m: float = 500.0) -> RoadPoints:
        """Places on roads nearest to corners."""
        places = [place_e7(corner) for corner in corners]
        return self.snapper.snap(
            [lat * 1e-7 for lat, _ in places], [lon * 1e-7 for _, lon in places], limit_m=limit_m
        )

    def matrix(self, corners: Sequence[Corner]) -> RoadMatrix:
        """All pairs of corners."""
        points = self.points(corners, limit_m=2000.0)
        return self.search.matrix(points, points)

    def metres(self, start: Corner, end: Corner) -> float:
        """Length of the quickest way between two corners."""
        return float(self.matrix([start, end]).distance_m[0, 1])
