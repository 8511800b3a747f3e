"""What a map says of the roads of a region, for every vehicle at once, as columns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crossdock.model.errors import InvalidValueError

FORMAT = "crossdock-roads-1"
DEGREES_E7 = 1e-7
"""Positions are whole numbers of ten-millionths of a degree, as in OpenStreetMap."""


class RoadClass(IntEnum):
    """Classes of roads, the largest first; links to a class belong to it."""

    MOTORWAY = 0
    TRUNK = 1
    PRIMARY = 2
    SECONDARY = 3
    TERTIARY = 4
    STREET = 5
    """Unclassified, residential, living streets."""
    SERVICE = 6


class Mode(IntEnum):
    """Kinds of vehicles that maps tell apart."""

    CAR = 0
    GOODS = 1
    """Vans of goods up to 3.5 t."""
    HGV = 2
    """Trucks."""


class Access(IntEnum):
    """Whether a road may be driven."""

    NO = 0
    LAST_MILE = 1
    """By those who have business there: at the beginning and the end of a way only."""
    OPEN = 2


FORWARD, BACKWARD = 0, 1


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Roads between junctions, a row each, whichever way they may be driven.

    Attributes
    ----------
    start, end
        Junctions, numbered from 0, int32.
    length_m
        float32.
    road_class
        `RoadClass`, uint8.
    speed_kmh
        Without traffic, (edges, 2): forward and backward; float32.
    hgv_kmh
        Most that a truck may or can drive there; float32, infinite where nothing is said.
    access
        `Access` by `Mode` and direction, (edges, 3, 2); uint8.
    signals
        Traffic lights at the end that is reached, (edges, 2): 1 or 0; uint8.
    limits
        Most height (m), width (m), length (m) and weight (t), (edges, 4); float32, infinite where
        nothing is said.
    way_id
        Of the map, int64.
    shape_first, shape_latitude_e7, shape_longitude_e7
        The line of edge i are the points from ``shape_first[i]`` to ``shape_first[i + 1]``.
    turns
        Turns that may not be taken, (turns, 4): from edge, at junction, into edge, and the modes
        for which it holds, a bit each; int32.
    source, source_hash
        The file it was made from, and its SHA-256.
    attribution
        Who is to be named with what is made of it.
    remarks
        What was left out or could not be understood, and how often.
    """

    start: NDArray[np.int32]
    end: NDArray[np.int32]
    length_m: NDArray[np.float32]
    road_class: NDArray[np.uint8]
    speed_kmh: NDArray[np.float32]
    hgv_kmh: NDArray[np.float32]
    access: NDArray[np.uint8]
    signals: NDArray[np.uint8]
    limits: NDArray[np.float32]
    way_id: NDArray[np.int64]
    shape_first: NDArray[np.int64]
    shape_latitude_e7: NDArray[np.int32]
    shape_longitude_e7: NDArray[np.int32]
    turns: NDArray[np.int32]
    source: str = ""
    source_hash: str = ""
    attribution: str = ""
    remarks: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        self._check_shapes()
        self._check_values()

    @property
    def edges(self) -> int:
        """Rows."""
        return len(self.start)

    @cached_property
    def nodes(self) -> int:
        """Junctions."""
        return int(max(self.start.max(initial=-1), self.end.max(initial=-1))) + 1

    @cached_property
    def version(self) -> str:
        """Hash of all columns: equal for equal graphs."""
        digest = hashlib.blake2b(FORMAT.encode(), digest_size=16)
        for name, _, _ in COLUMNS:
            column = np.ascontiguousarray(getattr(self, name))
            digest.update(f"{name}{column.dtype}{column.shape}".encode())
            digest.update(column.data)
        return digest.hexdigest()

    @property
    def shape_latitude(self) -> NDArray[np.float64]:
        """Degrees."""
        return self.shape_latitude_e7.astype(np.float64) * DEGREES_E7

    @property
    def shape_longitude(self) -> NDArray[np.float64]:
        """Degrees."""
        return self.shape_longitude_e7.astype(np.float64) * DEGREES_E7

    def _check_shapes(self) -> None:
        counts = {"edges": len(self.start), "points": len(self.shape_latitude_e7)}
        counts |= {"ends": counts["edges"] + 1, "turns": len(self.turns)}
        for name, kind, shape in COLUMNS:
            column: NDArray[np.generic] = getattr(self, name)
            right = tuple(counts.get(str(size), size) for size in shape)
            if column.dtype != np.dtype(kind) or column.shape != right:
                raise InvalidValueError(
                    f"the column {name} of roads is {column.dtype} {column.shape}",
                    remedy=f"give {kind} {right}",
                )

    def _check_values(self) -> None:
        steps = np.diff(self.shape_first)
        faults = {
            "start": self.start.min(initial=0) < 0,
            "end": self.end.min(initial=0) < 0,
            # A negative or infinite length or speed would turn a search in circles.
            "length_m": not (np.isfinite(self.length_m) & (self.length_m >= 0)).all(),
            "speed_kmh": not (np.isfinite(self.speed_kmh) & (self.speed_kmh > 0)).all(),
            "hgv_kmh": not (self.hgv_kmh > 0).all(),
            "limits": not (self.limits >= 0).all(),
            "road_class": self.road_class.max(initial=0) > max(RoadClass),
            "access": self.access.max(initial=0) > max(Access),
            "shape_first": self.shape_first[0] != 0
            or self.shape_first[-1] != len(self.shape_latitude_e7)
            or steps.min(initial=2) < 2,
            "turns": self._has_bad_turns(),
        }
        for name, wrong in faults.items():
            if wrong:
                raise InvalidValueError(
                    f"the column {name} of roads holds what cannot be",
                    remedy="build the roads again from their map",
                )

    def _has_bad_turns(self) -> bool:
        if not len(self.turns):
            return False
        edges = self.turns[:, [0, 2]]
        return bool(self.turns.min() < 0 or edges.max() >= self.edges)


COLUMNS: tuple[tuple[str, type[np.generic], tuple[str | int, ...]], ...] = (
    ("start", np.int32, ("edges",)),
    ("end", np.int32, ("edges",)),
    ("length_m", np.float32, ("edges",)),
    ("road_class", np.uint8, ("edges",)),
    ("speed_kmh", np.float32, ("edges", 2)),
    ("hgv_kmh", np.float32, ("edges",)),
    ("access", np.uint8, ("edges", len(Mode), 2)),
    ("signals", np.uint8, ("edges", 2)),
    ("limits", np.float32, ("edges", 4)),
    ("way_id", np.int64, ("edges",)),
    ("shape_first", np.int64, ("ends",)),
    ("shape_latitude_e7", np.int32, ("points",)),
    ("shape_longitude_e7", np.int32, ("points",)),
    ("turns", np.int32, ("turns", 4)),
)
"""Name, kind and shape of each column."""
