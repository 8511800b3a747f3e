"""Quickest ways between places on roads: many to many, pairs, and one as a line on a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.distance import great_circle_m
from crossdock.locate.roads.streets.arcs import Arcs, Ends
from crossdock.locate.roads.streets.road_graph import RoadGraph
from crossdock.locate.roads.streets.snap import RoadPoints
from crossdock.locate.roads.streets.vehicle_roads import VehicleRoads
from crossdock.model.errors import InfeasibleError, InvalidValueError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_PAIRS = 100_000_000
"""Pairs of one matrix: 800 MB of seconds and metres."""
_LEAST_BUCKET_S = 0.01
_NO_ARC = -1
_MOST_BUCKETS = 1 << 16


@dataclass(frozen=True, eq=False)
class RoadMatrix:
    """Seconds and metres of the quickest ways, a row a place of departure.

    Attributes
    ----------
    duration_s, distance_m
        float32; infinite where there is no way, or none within the limit.
    """

    duration_s: NDArray[np.float32]
    distance_m: NDArray[np.float32]

    def without_gaps(
        self, sources: Sequence[str] | None = None, targets: Sequence[str] | None = None
    ) -> RoadMatrix:
        """The same matrix.

        Raises
        ------
        InfeasibleError
            There is no way between two places; they are named.
        """
        gaps = np.argwhere(~np.isfinite(self.duration_s))
        if len(gaps):
            source, target = gaps[0].tolist()
            start = sources[source] if sources is not None else f"place {source}"
            end = targets[target] if targets is not None else f"place {target}"
            more = f", nor between {len(gaps) - 1:,} other pairs" if len(gaps) > 1 else ""
            raise InfeasibleError(
                f"there is no way from {start} to {end}{more}",
                remedy="check where both are, leave one out, or choose another vehicle",
            )
        return self


@dataclass(frozen=True, eq=False)
class RoadWay:
    """One way.

    Attributes
    ----------
    latitude, longitude
        The line of it.
    edges
        Edges in their order, the first and last driven in part.
    """

    duration_s: float
    distance_m: float
    latitude: Floats
    longitude: Floats
    edges: Ints


class RoadSearch:
    """Answers for the roads of one vehicle; made once, asked often."""

    def __init__(self, roads: VehicleRoads) -> None:
        self.roads = roads
        first = np.searchsorted(roads.tail, np.arange(len(roads.junction) + 1)).astype(np.int64)
        through_s = roads.arc_s + roads.arc_wait_s
        longest_s = float(through_s.max(initial=0.0))
        # A third of a usual arc: few states come back within their bucket, few buckets are empty.
        bucket_s = max(float(through_s.mean()) / 3, 4 * longest_s / _MOST_BUCKETS, _LEAST_BUCKET_S)
        buckets = 1 << int(np.ceil(np.log2(longest_s / bucket_s + 3)))
        self._arcs = Arcs(
            first,
            roads.head.astype(np.int32),
            through_s.astype(np.float32),
            roads.arc_m.astype(np.float32),
            bucket_s,
            buckets,
        )

    def matrix(
        self, sources: RoadPoints, targets: RoadPoints, *, limit_s: float = np.inf
    ) -> RoadMatrix:
        """Quickest ways from every source to every target.

        Parameters
        ----------
        limit_s
            Ways that take longer are not looked for: what bounds the time in a large graph.

        Raises
        ------
        NotFoundError
            A point is on no road.
        InvalidValueError
            There are more than `MOST_PAIRS` pairs.
        """
        from crossdock.locate.roads.streets.search import table  # noqa: PLC0415 slow to load

        if len(sources) * len(targets) > MOST_PAIRS:
            raise InvalidValueError(
                f"{len(sources):,} x {len(targets):,} places are too many pairs",
                remedy=f"ask for up to {MOST_PAIRS:,} at once",
            )
        starts, goals = self._leaving(sources).ends, self._arriving(targets).ends
        shape = (len(sources), len(targets))
        duration_s, distance_m = np.empty(shape, np.float32), np.empty(shape, np.float32)
        table(self._arcs, starts, goals, limit_s, duration_s, distance_m)
        row, column = _on_one_edge(sources, targets)
        direct_s, direct_m = self._direct(sources.part(row), targets.part(column))
        better = (direct_s <= duration_s[row, column]) & (direct_s <= limit_s)
        duration_s[row[better], column[better]] = direct_s[better]
        distance_m[row[better], column[better]] = direct_m[better]
        return RoadMatrix(duration_s, distance_m)

    def pairs(self, points: RoadPoints, start: Ints, end: Ints) -> tuple[Floats, Floats]:
        """Seconds and metres from place ``start[i]`` to place ``end[i]``.

        Each search ends when its targets are found: near ones cost little in any graph.
        """
        from crossdock.locate.roads.streets.search import pairs  # noqa: PLC0415 slow to load

        order = np.argsort(start, kind="stable")
        source, where = np.unique(start[order], return_index=True)
        asked_first = np.append(where, len(start)).astype(np.int64)
        starts = self._leaving(points.part(source)).ends
        goals = self._arriving(points).ends
        found_s, found_m = np.empty(len(start), np.float32), np.empty(len(start), np.float32)
        pairs(self._arcs, starts, goals, asked_first, end[order].astype(np.int64), found_s, found_m)
        duration_s, distance_m = np.empty(len(start)), np.empty(len(start))
        duration_s[order], distance_m[order] = found_s, found_m
        same = np.flatnonzero(points.edge[start] == points.edge[end])
        direct_s, direct_m = self._direct(points.part(start[same]), points.part(end[same]))
        better = direct_s <= duration_s[same]
        duration_s[same[better]], distance_m[same[better]] = direct_s[better], direct_m[better]
        return duration_s, distance_m

    def way(self, points: RoadPoints) -> RoadWay:
        """The quickest way from the first to the second of two points.

        Raises
        ------
        InfeasibleError
            There is none.
        """
        from crossdock.locate.roads.streets.search import tree  # noqa: PLC0415 slow to load

        source, target = points.part(np.array([0])), points.part(np.array([1]))
        leaving, arriving = self._leaving(source), self._arriving(target)
        seconds, parent = tree(self._arcs, leaving.ends, arriving.ends)
        through_s = seconds[arriving.ends.state] + arriving.ends.seconds
        best = int(through_s.argmin()) if len(through_s) else _NO_ARC
        best_s = float(through_s[best]) if best >= 0 else np.inf
        direct_s, _ = self._direct(source, target)
        if direct_s[0] <= best_s and np.isfinite(direct_s[0]):
            legs = [(int(source.edge[0]), float(source.share[0]), float(target.share[0]))]
            return self._drawn(legs, float(direct_s[0]))
        if not np.isfinite(best_s):
            raise InfeasibleError(
                "there is no way between the two places",
                remedy="check where both are, or choose another vehicle",
            )
        state, arcs = int(arriving.ends.state[best]), list[int]()
        while parent[state] >= 0:
            arcs.append(int(parent[state]))
            state = int(self.roads.tail[parent[state]])
        begins_s = np.where(leaving.ends.state == state, leaving.ends.seconds, np.inf)
        begin, end = int(leaving.arc[begins_s.argmin()]), int(arriving.arc[best])
        legs = [self._leg(arc, None, None) for arc in reversed(arcs) if self._is_road(arc)]
        if begin != _NO_ARC:
            legs.insert(0, self._leg(begin, float(source.share[0]), None))
        if end != _NO_ARC:
            legs.append(self._leg(end, None, float(target.share[0])))
        if not legs:  # both at one junction
            legs = [(int(source.edge[0]), float(source.share[0]), float(source.share[0]))]
        return self._drawn(legs, best_s)

    def _is_road(self, arc: int) -> bool:
        return bool(self.roads.arc_edge[arc] >= 0)

    def _leg(self, arc: int, begin: float | None, until: float | None) -> tuple[int, float, float]:
        """Edge of an arc, and from which share of it to which it is driven; None: all of it."""
        ends = (1.0, 0.0) if self.roads.arc_backward[arc] else (0.0, 1.0)
        return (
            int(self.roads.arc_edge[arc]),
            ends[0] if begin is None else begin,
            ends[1] if until is None else until,
        )

    def _drawn(self, legs: list[tuple[int, float, float]], duration_s: float) -> RoadWay:
        graph = self.roads.graph
        lines = [stretch(graph, *leg) for leg in legs]
        line = np.concatenate(lines)
        fresh = np.append(True, (np.diff(line, axis=0) != 0).any(axis=1))
        return RoadWay(
            duration_s,
            sum(float(graph.length_m[edge]) * abs(until - begin) for edge, begin, until in legs),
            line[fresh, 0],
            line[fresh, 1],
            np.array([edge for edge, _, _ in legs], dtype=np.int64),
        )

    def _leaving(self, points: RoadPoints) -> _Parts:
        """States that a way from each point comes to first."""
        roads = self.roads
        arc, point = self._arcs_of(points)
        share = np.where(roads.arc_backward[arc], points.share[point], 1.0 - points.share[point])
        driven_s = roads.arc_s[arc] * share + roads.arc_wait_s[arc]
        return self._parts(points, _Rows(arc, point, roads.head[arc], share, driven_s))

    def _arriving(self, points: RoadPoints) -> _Parts:
        """States that a way to each point comes by last."""
        roads = self.roads
        arc, point = self._arcs_of(points)
        share = np.where(roads.arc_backward[arc], 1.0 - points.share[point], points.share[point])
        driven_s = roads.arc_s[arc] * share
        return self._parts(points, _Rows(arc, point, roads.tail[arc], share, driven_s))

    def _parts(self, points: RoadPoints, rows: _Rows) -> _Parts:
        """Ends by point: on their edge, and the junction itself for those who are at one."""
        at_start, at_end = points.share == 0, points.share == 1
        graph = self.roads.graph
        corner = np.flatnonzero(at_start | at_end)
        edge = points.edge[corner]
        states, own = self._states_at(
            np.where(at_start[corner], graph.start[edge], graph.end[edge])
        )
        point = np.concatenate([rows.point, corner[own]])
        order = np.argsort(point, kind="stable")
        nothing = np.zeros(len(own))
        state = np.concatenate([rows.state, states])[order]
        seconds = np.concatenate([rows.seconds, nothing])[order]
        waits = self.roads.can_arrive[state]
        ends = Ends(
            np.searchsorted(point[order], np.arange(len(points) + 1)),
            state.astype(np.int32),
            seconds,
            np.concatenate([self.roads.arc_m[rows.arc] * rows.share, nothing])[order],
            waits.astype(np.uint8),
            float(seconds[~waits].max(initial=0.0)),
        )
        return _Parts(ends, np.concatenate([rows.arc, np.full(len(own), _NO_ARC)])[order])

    def _arcs_of(self, points: RoadPoints) -> tuple[Ints, Ints]:
        """All arcs of the edges of points, and whose they are."""
        points.all_on_roads()
        return _gathered(*self._by_edge, points.edge)

    def _states_at(self, junctions: Ints) -> tuple[Ints, Ints]:
        """All states of junctions, and whose they are."""
        return _gathered(*self._by_junction, junctions)

    @cached_property
    def _by_junction(self) -> tuple[Ints, Ints]:
        """States sorted by junction, and where those of each junction begin."""
        junction = self.roads.junction
        order = np.argsort(junction, kind="stable")
        return order, np.searchsorted(junction[order], np.arange(self.roads.graph.nodes + 1))

    @cached_property
    def _by_edge(self) -> tuple[Ints, Ints]:
        """Arcs sorted by edge, and where those of each edge begin."""
        order = np.argsort(self.roads.arc_edge, kind="stable")
        edges = np.arange(self.roads.graph.edges + 1)
        return order, np.searchsorted(self.roads.arc_edge[order], edges)

    @cached_property
    def _edge_s(self) -> Floats:
        """Seconds over each edge, forward and backward; infinite where it may not be driven."""
        seconds = np.full((self.roads.graph.edges, 2), np.inf)
        driven = self.roads.arc_edge >= 0
        edge, backward = self.roads.arc_edge[driven], self.roads.arc_backward[driven]
        seconds[edge, backward.astype(np.int64)] = self.roads.arc_s[driven]
        return seconds

    def _direct(self, sources: RoadPoints, targets: RoadPoints) -> tuple[Floats, Floats]:
        """Seconds and metres between two places of one edge without leaving it, pair by pair."""
        step = targets.share - sources.share
        same = sources.edge == targets.edge
        edge = np.where(same, sources.edge, 0)
        allowed_s = np.where(
            step == 0,
            self._edge_s[edge].min(axis=1),
            self._edge_s[edge, (step < 0).astype(np.int64)],
        )
        drives = same & np.isfinite(allowed_s)
        share = np.abs(step)
        seconds = np.where(drives, share * np.where(drives, allowed_s, 0.0), np.inf)
        return seconds, np.where(drives, share * self.roads.graph.length_m[edge], np.inf)


class _Rows(NamedTuple):
    """Arcs on which points are, the state at the end of the way on it, and the share driven."""

    arc: Ints
    point: Ints
    state: Ints
    share: Floats
    seconds: Floats


class _Parts(NamedTuple):
    """Ends of ways, and the arc that each is on; -1 at a junction."""

    ends: Ends
    arc: Ints


def _gathered(order: Ints, first: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Rows of a sorted table for each key, and which key they are of."""
    counts = first[keys + 1] - first[keys]
    which = np.repeat(np.arange(len(keys)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[np.repeat(first[keys], counts) + step], which


def stretch(graph: RoadGraph, edge: int, begin: float, until: float) -> Floats:
    """The line of an edge from one share of its length to another; (points, latitude/longitude)."""
    rows = slice(int(graph.shape_first[edge]), int(graph.shape_first[edge + 1]))
    lat, lon = graph.shape_latitude[rows], graph.shape_longitude[rows]
    legs_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    along = np.append(0.0, np.cumsum(legs_m))
    along /= along[-1] or 1.0
    low, high = min(begin, until), max(begin, until)
    inner = along[(along > low) & (along < high)]
    shares = np.concatenate([[low], inner, [high]])
    line = np.column_stack([np.interp(shares, along, lat), np.interp(shares, along, lon)])
    return line if begin <= until else line[::-1]


def _on_one_edge(sources: RoadPoints, targets: RoadPoints) -> tuple[Ints, Ints]:
    """Every pair of a source and a target on the same edge."""
    order = np.argsort(targets.edge, kind="stable")
    edges = targets.edge[order]
    low, high = (np.searchsorted(edges, sources.edge, side) for side in ("left", "right"))
    counts = high - low
    row = np.repeat(np.arange(len(sources)), counts)
    step = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, order[np.repeat(low, counts) + step]
