"""Roads from the ways of OpenStreetMap: cut at junctions, with the turns that signs forbid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.distance import great_circle_m
from crossdock.locate.roads.streets.merge import merge_chains
from crossdock.locate.roads.streets.osm_rules import WayRules
from crossdock.locate.roads.streets.road_graph import DEGREES_E7, Mode, RoadGraph
from crossdock.model.errors import InputUnusableError

ALL_MODES = sum(1 << mode for mode in Mode)
_Kind = TypeVar("_Kind", bound=np.generic)
_GRID_BITS = 16


@dataclass(frozen=True)
class OsmWay:
    """A way, or a part of one, whose points are all known."""

    way_id: int
    points: Sequence[int]
    latitude_e7: Sequence[int]
    longitude_e7: Sequence[int]
    rules: WayRules


@dataclass(frozen=True)
class OsmTurn:
    """A turn restriction with a point as ``via``.

    Attributes
    ----------
    only
        Whether this turn is the only one, rather than the one that is forbidden.
    modes
        For which it holds, a bit each.
    """

    from_ways: tuple[int, ...]
    via: int
    to_ways: tuple[int, ...]
    only: bool
    modes: int = ALL_MODES


@dataclass
class OsmRoads:
    """What matters of a map.

    Attributes
    ----------
    signals
        Points with a traffic light, and for whom it counts: ``forward, backward`` or ``both``.
    closed
        Points that let nothing on wheels pass.
    """

    ways: list[OsmWay] = field(default_factory=list[OsmWay])
    signals: dict[int, str] = field(default_factory=dict[int, str])
    closed: set[int] = field(default_factory=set[int])
    turns: list[OsmTurn] = field(default_factory=list[OsmTurn])
    remarks: Counter[str] = field(default_factory=Counter[str])


def roads_from_osm(
    osm: OsmRoads, *, source: str = "", source_hash: str = "", attribution: str = ""
) -> RoadGraph:
    """The graph of the ways of a map.

    Raises
    ------
    InputUnusableError
        There is no road among them.
    """
    ways = [way for way in osm.ways if len(way.points) > 1]
    if not ways:
        raise InputUnusableError(
            f"{source or 'the map'} has no road that can be driven",
            remedy="give an extract with roads (highway=*) and their points",
        )
    points = _Points.of(ways, osm)
    begin, until, start, end = _cut(points)
    latitude, longitude = points.latitude_e7, points.longitude_e7
    legs_m = great_circle_m(
        latitude[:-1] * DEGREES_E7, longitude[:-1] * DEGREES_E7,
        latitude[1:] * DEGREES_E7, longitude[1:] * DEGREES_E7,
    )  # fmt: skip
    along_m = np.concatenate([[0.0], np.cumsum(legs_m)])
    way = points.way[begin]
    shape_first = np.concatenate([[0], np.cumsum(until - begin + 1)])
    shape = np.arange(int(shape_first[-1])) + np.repeat(begin - shape_first[:-1], until - begin + 1)
    way_id = np.array([each.way_id for each in ways], dtype=np.int64)[way]
    remarks = Counter(osm.remarks)
    turns = _turns(osm.turns, points.number, start, end, way_id, remarks)
    graph = RoadGraph(
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        length_m=(along_m[until] - along_m[begin]).astype(np.float32),
        road_class=_column(ways, way, "road_class", np.uint8),
        speed_kmh=_column(ways, way, "speed_kmh", np.float32),
        hgv_kmh=_column(ways, way, "hgv_kmh", np.float32),
        access=_column(ways, way, "access", np.uint8),
        signals=np.column_stack(
            [points.signal_forward[until], points.signal_backward[begin]]
        ).astype(np.uint8),
        limits=_column(ways, way, "limits", np.float32),
        way_id=way_id,
        shape_first=shape_first.astype(np.int64),
        shape_latitude_e7=latitude[shape],
        shape_longitude_e7=longitude[shape],
        turns=turns,
        source=source,
        source_hash=source_hash,
        attribution=attribution,
        remarks=tuple(sorted(remarks.items())),
    )
    return merge_chains(graph)


@dataclass(frozen=True)
class _Points:
    """The points of all ways, one after the other.

    Attributes
    ----------
    node
        The same for the same point.
    number
        From the id of a point to its ``node``.
    """

    way: NDArray[np.int64]
    node: NDArray[np.int64]
    latitude_e7: NDArray[np.int32]
    longitude_e7: NDArray[np.int32]
    is_end: NDArray[np.bool_]
    closed: NDArray[np.bool_]
    signal_forward: NDArray[np.bool_]
    signal_backward: NDArray[np.bool_]
    number: Mapping[int, int]

    @classmethod
    def of(cls, ways: Sequence[OsmWay], osm: OsmRoads) -> _Points:
        counts = np.array([len(way.points) for way in ways])
        ids = np.concatenate([np.asarray(way.points, dtype=np.int64) for way in ways])
        latitude = _joined(way.latitude_e7 for way in ways)
        longitude = _joined(way.longitude_e7 for way in ways)
        unique, first, which = np.unique(ids, return_index=True, return_inverse=True)
        # Neighbours on the ground are neighbours in memory: a search is faster by it.
        order = np.argsort(_curve(latitude[first], longitude[first]), kind="stable")
        rank = np.empty(len(unique), dtype=np.int64)
        rank[order] = np.arange(len(unique))
        is_end = np.zeros(len(ids), dtype=np.bool_)
        last = np.cumsum(counts) - 1
        is_end[last], is_end[last - counts + 1] = True, True
        lights = osm.signals
        wanted = {via.via for via in osm.turns}
        return cls(
            way=np.repeat(np.arange(len(ways)), counts),
            node=rank[which],
            latitude_e7=latitude,
            longitude_e7=longitude,
            is_end=is_end,
            closed=np.isin(ids, np.fromiter(osm.closed, np.int64, len(osm.closed))),
            signal_forward=_among(ids, (p for p, way in lights.items() if way != "backward")),
            signal_backward=_among(ids, (p for p, way in lights.items() if way != "forward")),
            number={
                int(unique[at]): int(rank[at])
                for at in np.flatnonzero(_among(unique, wanted)).tolist()
            },
        )


def _cut(points: _Points) -> tuple[NDArray[np.int64], ...]:
    """First and last point of each edge, and its junctions."""
    uses = np.bincount(points.node)
    lit = points.signal_forward | points.signal_backward
    cuts = np.flatnonzero((uses[points.node] > 1) | points.is_end | points.closed | lit)
    same = points.way[cuts[:-1]] == points.way[cuts[1:]]
    begin, until = cuts[:-1][same], cuts[1:][same]
    start, end = points.node[begin], points.node[until]
    # Nobody gets past a closed point: each road that comes to it ends there by itself.
    fresh = len(uses)
    for side, at in ((start, begin), (end, until)):
        shut = np.flatnonzero(points.closed[at])
        side[shut] = fresh + np.arange(len(shut))
        fresh += len(shut)
    return begin, until, start, end


def _turns(
    turns: Iterable[OsmTurn],
    number: Mapping[int, int],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    way_id: NDArray[np.int64],
    remarks: Counter[str],
) -> NDArray[np.int32]:
    """Rows of `RoadGraph.turns`, junctions by their node."""
    vias = {number[turn.via] for turn in turns if turn.via in number}
    touching: dict[int, list[int]] = {via: [] for via in vias}
    near = np.flatnonzero(np.isin(start, list(vias)) | np.isin(end, list(vias)))
    for edge in near.tolist():
        for node in {int(start[edge]), int(end[edge])} & vias:
            touching[node].append(edge)
    rows: set[tuple[int, int, int, int]] = set()
    for turn in turns:
        via = number.get(turn.via, -1)
        edges = touching.get(via, [])
        entering = [edge for edge in edges if way_id[edge] in turn.from_ways]
        leaving = [edge for edge in edges if way_id[edge] in turn.to_ways]
        if len(entering) != len(turn.from_ways) or len(leaving) != len(turn.to_ways):
            remarks["turn restrictions that do not fit the roads"] += 1
            continue
        if turn.only:
            leaving = [edge for edge in edges if edge not in leaving]
        rows |= {(before, via, after, turn.modes) for before, after in product(entering, leaving)}
    return np.array(sorted(rows), dtype=np.int32).reshape(-1, 4)


def _column(
    ways: Sequence[OsmWay], way: NDArray[np.int64], name: str, kind: type[_Kind]
) -> NDArray[_Kind]:
    return np.array([getattr(each.rules, name) for each in ways], dtype=kind)[way]


def _joined(parts: Iterable[Sequence[int]]) -> NDArray[np.int32]:
    return np.concatenate([np.asarray(part, dtype=np.int32) for part in parts])


def _among(ids: NDArray[np.int64], wanted: Iterable[int]) -> NDArray[np.bool_]:
    return np.isin(ids, np.fromiter(wanted, np.int64))


def _curve(latitude_e7: NDArray[np.int32], longitude_e7: NDArray[np.int32]) -> NDArray[np.int64]:
    """Place of each point on a curve that fills the plane (Morton 1966)."""
    place = np.zeros(len(latitude_e7), dtype=np.int64)
    for shift, degrees in ((0, longitude_e7), (1, latitude_e7)):
        low, high = int(degrees.min()), int(degrees.max())
        cell = (degrees.astype(np.int64) - low) * ((1 << _GRID_BITS) - 1) // max(high - low, 1)
        for bit in range(_GRID_BITS):
            place |= (cell >> bit & 1) << (2 * bit + shift)
    return place
