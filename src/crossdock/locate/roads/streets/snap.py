"""From points to roads: the nearest place on a road where the vehicle can stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossdock.locate.roads.streets._scipy_package import Marks
from crossdock.locate.roads.streets.vehicle_roads import VehicleRoads
from crossdock.model.errors import InputUnusableError, InvalidValueError, NotFoundError
from crossdock.model.units import EARTH_RADIUS_M

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SNAP_LIMIT_M = 500.0
"""A point farther from every road is not on this map."""
_SPACING_M = 60.0
_BATCH = 4096
_OFF_ROAD = -1
_HAIR = 1e-7


@dataclass(frozen=True, eq=False)
class RoadPoints:
    """Places on roads.

    Attributes
    ----------
    edge
        -1 where no road is within the limit.
    share
        Of the length of the edge, from its start.
    latitude, longitude
        Of the place on the road.
    offset_m
        Between the point and that place; the distance to the nearest road known, also beyond the
        limit.
    """

    edge: Ints
    share: Floats
    latitude: Floats
    longitude: Floats
    offset_m: Floats

    def __len__(self) -> int:
        """How many points."""
        return len(self.edge)

    @cached_property
    def off_road(self) -> Ints:
        """Points that are too far from every road."""
        return np.flatnonzero(self.edge == _OFF_ROAD)

    def part(self, points: Ints) -> RoadPoints:
        """Some of the points, in this order."""
        return RoadPoints(
            self.edge[points],
            self.share[points],
            self.latitude[points],
            self.longitude[points],
            self.offset_m[points],
        )

    def all_on_roads(self, names: Sequence[str] | None = None) -> RoadPoints:
        """The same points.

        Raises
        ------
        NotFoundError
            One is too far from every road; it is named.
        """
        if len(self.off_road):
            point = int(self.off_road[0])
            name = names[point] if names is not None else f"point {point}"
            others = len(self.off_road) - 1
            more = f" (and {others:,} others)" if others else ""
            raise NotFoundError(
                f"{name}{more} is {self.offset_m[point]:,.0f} m from the nearest road that the "
                "vehicle can use",
                remedy="correct its latitude and longitude, raise the limit, or take a larger map",
            )
        return self


class RoadSnapper:
    """Finds places on the roads of a vehicle; keep it as long as you have points to find.

    Every straight piece of a road is a candidate, not only its ends: a tree of marks along all of
    them, at most 60 m apart, tells which pieces can be the nearest, and those are measured.

    Raises
    ------
    InputUnusableError
        There is no road that the vehicle can both reach and leave.
    """

    def __init__(self, roads: VehicleRoads) -> None:
        if not roads.usable.any():
            raise InputUnusableError(
                f"no road of {roads.graph.source or 'the graph'} can be both reached and left "
                f"by a {roads.vehicle.name}",
                remedy="choose another vehicle or a larger extract",
            )
        self._pieces(roads)
        self._mark()

    def snap(
        self, latitude: ArrayLike, longitude: ArrayLike, *, limit_m: float = SNAP_LIMIT_M
    ) -> RoadPoints:
        """The nearest place on a road of each point.

        Parameters
        ----------
        latitude, longitude
            Degrees, one-dimensional.
        limit_m
            How far a road may be.

        Raises
        ------
        InvalidValueError
            A position is none.
        """
        lat, lon = (np.asarray(degrees, dtype=np.float64) for degrees in (latitude, longitude))
        _check_degrees(lat, lon)
        nothing = np.empty(0)
        parts = [RoadPoints(np.empty(0, np.int64), nothing, nothing, nothing, nothing)]
        for at in range(0, len(lat), _BATCH):
            parts.append(self._snap(lat[at : at + _BATCH], lon[at : at + _BATCH], limit_m))
        return RoadPoints(
            np.concatenate([part.edge for part in parts]),
            np.concatenate([part.share for part in parts]),
            np.concatenate([part.latitude for part in parts]),
            np.concatenate([part.longitude for part in parts]),
            np.concatenate([part.offset_m for part in parts]),
        )

    def _pieces(self, roads: VehicleRoads) -> None:
        """Straight pieces of usable edges: from point ``i`` of the lines to point ``i + 1``."""
        graph = roads.graph
        sizes = np.diff(graph.shape_first)
        edge = np.repeat(np.arange(graph.edges), sizes)
        last = np.zeros(len(edge), dtype=np.bool_)
        last[graph.shape_first[1:] - 1] = True
        piece = np.flatnonzero(~last & roads.usable[edge])
        self._edge = edge[piece]
        lat, lon = graph.shape_latitude, graph.shape_longitude
        self._from = np.column_stack([lat[piece], lon[piece]])
        self._to = np.column_stack([lat[piece + 1], lon[piece + 1]])
        north, east = _metres(self._from, self._to - self._from)
        length = np.hypot(north, east)
        along = np.cumsum(length) - length
        starts = np.flatnonzero(np.append(True, self._edge[1:] != self._edge[:-1]))
        counts = np.diff(np.append(starts, len(piece)))
        self._before_m = along - np.repeat(along[starts], counts)
        self._length_m = length
        self._edge_m = np.repeat(np.add.reduceat(length, starts), counts)

    def _mark(self) -> None:
        counts = np.maximum(np.ceil(self._length_m / _SPACING_M), 1).astype(np.int64)
        self._piece = np.repeat(np.arange(len(counts)), counts)
        step = np.arange(len(self._piece)) - np.repeat(np.cumsum(counts) - counts, counts)
        # In the middle of its stretch: no place of the piece is farther than half of the spacing.
        share = (step + 0.5) / counts[self._piece]
        place = self._from[self._piece] + share[:, None] * (self._to - self._from)[self._piece]
        self._reach_m = float((self._length_m / counts).max(initial=0.0)) / 2
        self._marks = Marks(_on_globe(place))

    def _snap(self, lat: Floats, lon: Floats, limit_m: float) -> RoadPoints:
        here = _on_globe(np.column_stack([lat, lon]))
        # The nearest place is at most as far as the nearest mark; its own mark is near it.
        point, mark = self._marks.around(here, self._reach_m + 0.1)
        pieces = self._piece[mark]
        position = np.column_stack([lat, lon])[point]
        share, off_m = self._measured(pieces, position)
        # Of several that are equally near the first edge of the graph, whatever the tree says.
        order = np.lexsort((pieces, off_m, point))
        best = order[np.searchsorted(point[order], np.arange(len(lat)))]
        piece, share, off_m = pieces[best], share[best], off_m[best]
        place = self._from[piece] + share[:, None] * (self._to - self._from)[piece]
        along = self._before_m[piece] + share * self._length_m[piece]
        whole = self._edge_m[piece]
        along_share = np.divide(along, whole, out=np.zeros_like(along), where=whole > 0)
        return RoadPoints(
            np.where(off_m <= limit_m, self._edge[piece], _OFF_ROAD),
            # Sums of pieces are right to a hair: who is at the end is at the junction.
            np.where(along_share > 1 - _HAIR, 1.0, np.where(along_share < _HAIR, 0.0, along_share)),
            place[:, 0],
            place[:, 1],
            off_m,
        )

    def _measured(self, piece: Ints, position: Floats) -> tuple[Floats, Floats]:
        """Share of the piece at the foot of the perpendicular, and metres from there."""
        north, east = _metres(position, self._to[piece] - self._from[piece])
        up, right = _metres(position, position - self._from[piece])
        square = north**2 + east**2
        dot = north * up + east * right
        share = np.divide(dot, square, out=np.zeros_like(dot), where=square > 0).clip(0.0, 1.0)
        return share, np.hypot(up - share * north, right - share * east)


def _metres(at: Floats, degrees: Floats) -> tuple[Floats, Floats]:
    """Metres north and east of small steps in degrees, in the plane that touches the globe."""
    north = np.radians(degrees[:, 0]) * EARTH_RADIUS_M
    east = np.radians(degrees[:, 1]) * EARTH_RADIUS_M * np.cos(np.radians(at[:, 0]))
    return north, east


def _on_globe(degrees: Floats) -> Floats:
    """Points in space, in metres from the centre of the Earth."""
    lat, lon = np.radians(degrees).T
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return unit * EARTH_RADIUS_M


def _check_degrees(latitude: Floats, longitude: Floats) -> None:
    if latitude.shape != longitude.shape or latitude.ndim != 1:
        raise InvalidValueError(
            f"{latitude.shape} latitudes and {longitude.shape} longitudes",
            remedy="give one of each a point",
        )
    wrong = np.flatnonzero(~((np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)))
    if len(wrong):
        at = wrong[0]
        raise InvalidValueError(
            f"point {at} is at {latitude[at]}, {longitude[at]}",
            remedy="give latitudes from -90 to 90 and longitudes from -180 to 180",
        )
