"""Roads that meet at a point where nothing can be decided become one."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.streets.road_graph import RoadGraph

Ints = NDArray[np.int64]
_Kind = TypeVar("_Kind", bound=np.generic)


def merge_chains(graph: RoadGraph) -> RoadGraph:
    """The same roads with junctions numbered without gaps, and chains of like edges as one edge.

    Maps cut a street wherever anything changes, be it the number of lanes. Two edges are joined at
    a point where no other ends, where no light or sign for turns stands, if all that matters here
    is the same on both.
    """
    joined = _Chains(graph)
    return joined.graph()


class _Chains:
    """Edges in the order and direction in which they are strung together."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._alike = self._kinds()
        self._other = self._joints()

    def graph(self) -> RoadGraph:
        """The merged graph."""
        old = self._graph
        chains = self._strings()
        sizes = np.array([len(chain) for chain in chains])
        edge = np.array([edge for chain in chains for edge, _ in chain], dtype=np.int64)
        turned = np.array([turned for chain in chains for _, turned in chain], dtype=np.bool_)
        first = np.concatenate([[0], np.cumsum(sizes)])[:-1]
        last = first + sizes - 1
        start = np.where(turned, old.end[edge], old.start[edge])[first]
        end = np.where(turned, old.start[edge], old.end[edge])[last]
        nodes, renumbered = np.unique(np.concatenate([start, end]), return_inverse=True)
        signals = np.where(turned[:, None], old.signals[edge][:, ::-1], old.signals[edge])
        shape_first, shape = self._shapes(edge, turned, first, last)
        lead = edge[first]
        return replace(
            old,
            start=renumbered[: len(start)].astype(np.int32),
            end=renumbered[len(start) :].astype(np.int32),
            length_m=np.add.reduceat(old.length_m[edge], first).astype(np.float32),
            road_class=old.road_class[lead],
            speed_kmh=_flipped(old.speed_kmh[lead], turned[first]),
            hgv_kmh=old.hgv_kmh[lead],
            access=_flipped(old.access[lead], turned[first]),
            signals=np.column_stack([signals[last, 0], signals[first, 1]]),
            limits=old.limits[lead],
            way_id=old.way_id[lead],
            shape_first=shape_first,
            shape_latitude_e7=old.shape_latitude_e7[shape],
            shape_longitude_e7=old.shape_longitude_e7[shape],
            turns=self._turns(edge, np.repeat(np.arange(len(sizes)), sizes), nodes),
        )

    def _kinds(self) -> tuple[Ints, Ints]:
        """A number of all that matters of each edge, seen forward and seen backward."""
        old = self._graph
        seen: list[NDArray[np.float64]] = []
        for turned in (False, True):
            all_turned = np.full(old.edges, turned)
            parts = [
                _flipped(old.speed_kmh, all_turned),
                _flipped(old.access, all_turned).reshape(old.edges, -1),
                old.limits,
                old.hgv_kmh[:, None],
                old.road_class[:, None],
            ]
            seen.append(np.concatenate([part.astype(np.float64) for part in parts], axis=1))
        both = np.concatenate(seen)
        _, kind = np.unique(both, axis=0, return_inverse=True)
        kind = kind.ravel().astype(np.int64)
        return kind[: old.edges], kind[old.edges :]

    def _joints(self) -> dict[tuple[int, bool], tuple[int, bool]]:
        """From an edge as it is left (turned or not) to the edge that goes on, as it is entered."""
        old = self._graph
        ends = np.concatenate([old.start, old.end]).astype(np.int64)
        count = np.bincount(ends, minlength=old.nodes)
        bound = np.zeros(old.nodes, dtype=np.bool_)
        bound[old.turns[:, 1]] = True
        bound[old.end[old.signals[:, 0] > 0]] = True
        bound[old.start[old.signals[:, 1] > 0]] = True
        plain = np.flatnonzero((count == 2) & ~bound)
        order = np.argsort(ends, kind="stable")
        first = np.searchsorted(ends[order], plain)
        one, two = order[first], order[first + 1]
        forward, backward = self._alike
        other: dict[tuple[int, bool], tuple[int, bool]] = {}
        for here, there in zip(one.tolist(), two.tolist(), strict=True):
            # An end below `edges` is a start: to leave the edge by it is to drive it turned.
            edge, leaves_turned = here % old.edges, here < old.edges
            onward, enters_turned = there % old.edges, there >= old.edges
            if edge == onward:
                continue
            kind = backward[edge] if leaves_turned else forward[edge]
            if kind != (backward[onward] if enters_turned else forward[onward]):
                continue
            other[edge, leaves_turned] = (onward, enters_turned)
            other[onward, not enters_turned] = (edge, not leaves_turned)
        return other

    def _strings(self) -> list[list[tuple[int, bool]]]:
        """Each chain from its one end to the other; its first edge decides the direction."""
        done = np.zeros(self._graph.edges, dtype=np.bool_)
        chains: list[list[tuple[int, bool]]] = []
        for edge in range(self._graph.edges):
            if done[edge]:
                continue
            ahead = self._walk((edge, False), done)
            back = [(each, not turned) for each, turned in reversed(self._walk((edge, True), done))]
            chains.append([*back, (edge, False), *ahead])
        return chains

    def _walk(self, at: tuple[int, bool], done: NDArray[np.bool_]) -> list[tuple[int, bool]]:
        """What follows an edge, up to where something can be decided or a circle closes."""
        done[at[0]] = True
        chain: list[tuple[int, bool]] = []
        while (onward := self._other.get(at)) is not None and not done[onward[0]]:
            done[onward[0]] = True
            chain.append(onward)
            at = onward
        return chain

    def _shapes(
        self, edge: Ints, turned: NDArray[np.bool_], first: Ints, last: Ints
    ) -> tuple[Ints, Ints]:
        """Where the line of each chain begins, and the points of all lines one after the other."""
        old = self._graph
        begin, until = old.shape_first[edge], old.shape_first[edge + 1]
        # Each edge gives all points but its last; the last edge of a chain gives that too.
        sizes = until - begin - 1
        sizes[last] += 1
        offset = np.concatenate([[0], np.cumsum(sizes)])
        step = np.arange(int(offset[-1])) - np.repeat(offset[:-1], sizes)
        points = np.where(
            np.repeat(turned, sizes),
            np.repeat(until - 1, sizes) - step,
            np.repeat(begin, sizes) + step,
        )
        return np.append(offset[first], offset[-1]), points

    def _turns(self, edge: Ints, chain: Ints, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        old = self._graph.turns
        if not len(old):
            return old
        of_edge = np.empty(self._graph.edges, dtype=np.int64)
        of_edge[edge] = chain
        via = np.searchsorted(nodes, old[:, 1])
        return np.column_stack([of_edge[old[:, 0]], via, of_edge[old[:, 2]], old[:, 3]]).astype(
            np.int32
        )


def _flipped(column: NDArray[_Kind], turned: NDArray[np.bool_]) -> NDArray[_Kind]:
    """A column of forward and backward values (last axis), the other way round where turned."""
    wide = turned.reshape(-1, *[1] * (column.ndim - 1))
    return np.where(wide, column[..., ::-1], column)
