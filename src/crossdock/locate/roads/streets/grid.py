"""A city from the drawing board: for measuring and for tests without a map."""

from __future__ import annotations

import numpy as np

from crossdock.locate.roads.distance import great_circle_m
from crossdock.locate.roads.streets.road_graph import (
    DEGREES_E7,
    Access,
    Mode,
    RoadClass,
    RoadGraph,
)
from crossdock.model import stream

_BLOCK_E7 = 9_000  # some 100 m
_JITTER_E7 = 1_500
_ONEWAYS = 0.2
_SPEEDS_KMH = (20.0, 60.0)


def grid_of_streets(side: int, seed: int) -> RoadGraph:
    """A grid of ``side`` x ``side`` crooked crossings about 0, 0, one street in five one-way.

    Its rim is open both ways, so that every crossing can be reached and left.
    """
    draw = stream(seed, "grid of streets", side)
    node = np.arange(side * side).reshape(side, side)
    start = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    end = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    north, east = np.indices((side, side)).reshape(2, -1)
    jitter = draw.integers(-_JITTER_E7, _JITTER_E7 + 1, (2, side * side))
    latitude = ((north - side // 2) * _BLOCK_E7 + jitter[0]).astype(np.int32)
    longitude = ((east - side // 2) * _BLOCK_E7 + jitter[1]).astype(np.int32)
    edges = len(start)
    rim = (north % (side - 1) == 0) | (east % (side - 1) == 0)
    access = np.full((edges, len(Mode), 2), Access.OPEN, dtype=np.uint8)
    oneway = (draw.random(edges) < _ONEWAYS) & ~(rim[start] & rim[end])
    access[np.flatnonzero(oneway), :, draw.integers(2, size=int(oneway.sum()))] = Access.NO
    line = np.column_stack([start, end]).ravel()
    speed = draw.uniform(*_SPEEDS_KMH, (edges, 1)).astype(np.float32)
    return RoadGraph(
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        length_m=great_circle_m(
            latitude[start] * DEGREES_E7, longitude[start] * DEGREES_E7,
            latitude[end] * DEGREES_E7, longitude[end] * DEGREES_E7,
        ).astype(np.float32),
        road_class=np.full(edges, RoadClass.STREET, dtype=np.uint8),
        speed_kmh=np.repeat(speed, 2, axis=1),
        hgv_kmh=np.full(edges, np.inf, dtype=np.float32),
        access=access,
        signals=np.zeros((edges, 2), dtype=np.uint8),
        limits=np.full((edges, 4), np.inf, dtype=np.float32),
        way_id=np.arange(edges, dtype=np.int64),
        shape_first=np.arange(edges + 1, dtype=np.int64) * 2,
        shape_latitude_e7=latitude[line],
        shape_longitude_e7=longitude[line],
        turns=np.empty((0, 4), dtype=np.int32),
        source=f"a grid of {side} x {side}",
    )  # fmt: skip
