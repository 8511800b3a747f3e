"""The roads of one vehicle, ready for searches.

A search goes over states, not junctions, so that what it may do depends on how it came:

- Roads for those who have business there only (`Access.LAST_MILE`) are there twice, once to leave
  by and once to arrive by; from the first one comes onto open roads, from those into the second,
  and never back. So a way never leads through them.
- Where a turn is forbidden, those who come by that road are at the junction in a state of their
  own, from which the forbidden road does not go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.streets._scipy_package import main_part
from crossdock.locate.roads.streets.road_graph import BACKWARD, FORWARD, Access, Mode, RoadGraph
from crossdock.locate.roads.streets.vehicle import RoadVehicle
from crossdock.model.errors import InputUnusableError, InvalidValueError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_NO_EDGE = -1
_M_S_PER_KMH = 1 / 3.6


@dataclass(frozen=True, eq=False)
class VehicleRoads:
    """Roads of a graph that a vehicle can reach and leave again.

    Attributes
    ----------
    graph, vehicle
        What they were made of.
    tail, head
        States that each arc joins, sorted by ``tail``.
    arc_edge
        Edge of an arc, -1 between the states of one junction.
    arc_backward
        Whether it is driven from end to start.
    arc_s, arc_m, arc_wait_s
        Seconds and metres of driving, and seconds of waiting at its far end.
    junction
        Of each state.
    can_leave, can_arrive
        States from which a way goes on into the main part of the roads, and that it can reach.
    """

    graph: RoadGraph
    vehicle: RoadVehicle
    tail: Ints
    head: Ints
    arc_edge: Ints
    arc_backward: NDArray[np.bool_]
    arc_s: Floats
    arc_m: Floats
    arc_wait_s: Floats
    junction: Ints
    can_leave: NDArray[np.bool_]
    can_arrive: NDArray[np.bool_]

    @classmethod
    def of(cls, graph: RoadGraph, vehicle: RoadVehicle) -> VehicleRoads:
        """The roads of ``graph`` that ``vehicle`` may drive.

        Raises
        ------
        InputUnusableError
            There are none.
        """
        arcs, junction = _banned(graph, vehicle, *_layers(graph, vehicle))
        order = np.argsort(arcs.tail, kind="stable")
        arcs = _Arcs(arcs.tail[order], arcs.head[order], arcs.edge[order], arcs.backward[order])
        edge, direction = arcs.edge, arcs.backward.astype(np.int64)
        real = edge != _NO_EDGE
        if not real.any():
            raise InputUnusableError(
                f"{graph.source or 'the graph'} has no road for a {vehicle.name}",
                remedy="choose another vehicle or another extract",
            )
        arc_m = np.where(real, graph.length_m[edge].astype(np.float64), 0.0)
        can_leave, can_arrive = main_part(arcs.tail, arcs.head, arc_m, len(junction))
        return cls(
            graph=graph,
            vehicle=vehicle,
            tail=arcs.tail,
            head=arcs.head,
            arc_edge=edge,
            arc_backward=arcs.backward,
            arc_s=np.where(real, _driving_s(graph, vehicle)[edge, direction], 0.0),
            arc_m=arc_m,
            arc_wait_s=np.where(real, graph.signals[edge, direction] * vehicle.signal_s, 0.0),
            junction=junction,
            can_leave=can_leave,
            can_arrive=can_arrive,
        )

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Edges where a stop can be: they can be reached, and left again."""
        usable = np.zeros((2, self.graph.edges), dtype=np.bool_)
        driven = self.arc_edge != _NO_EDGE
        usable[0, self.arc_edge[driven & self.can_arrive[self.tail]]] = True
        usable[1, self.arc_edge[driven & self.can_leave[self.head]]] = True
        return usable[0] & usable[1]

    @cached_property
    def dropped(self) -> tuple[int, float]:
        """Edges that the vehicle might drive but cannot reach or leave, and their metres."""
        might = np.zeros(self.graph.edges, dtype=np.bool_)
        might[self.arc_edge[self.arc_edge != _NO_EDGE]] = True
        islands = might & ~self.usable
        return int(islands.sum()), float(self.graph.length_m[islands].sum())

    def with_speeds(self, factor: NDArray[np.float64]) -> VehicleRoads:
        """The same roads where each class goes at ``factor`` of its speed, by `RoadClass`.

        For the hours of a day: see `crossdock.locate.roads.traffic`.
        """
        if not (np.isfinite(factor) & (factor > 0)).all():
            raise InvalidValueError(
                f"a factor of speeds is {factor.min()}", remedy="give finite numbers above 0"
            )
        driven = self.arc_edge != _NO_EDGE
        slowed = np.where(
            driven, self.arc_s / factor[self.graph.road_class[self.arc_edge]], self.arc_s
        )
        return replace(self, arc_s=slowed)


@dataclass(frozen=True)
class _Arcs:
    tail: Ints
    head: Ints
    edge: Ints
    backward: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[_Arcs]) -> _Arcs:
        return cls(
            np.concatenate([part.tail for part in parts]),
            np.concatenate([part.head for part in parts]),
            np.concatenate([part.edge for part in parts]),
            np.concatenate([part.backward for part in parts]),
        )


def _layers(graph: RoadGraph, vehicle: RoadVehicle) -> tuple[_Arcs, Ints]:
    """Open roads once, those of the last mile for leaving and for arriving; junction by state."""
    measures = np.array(
        [vehicle.height_m, vehicle.width_m, vehicle.length_m, vehicle.weight_t], dtype=np.float32
    )
    fits = np.logical_and.reduce(graph.limits >= measures, axis=1)
    access = np.where(fits[:, None], graph.access[:, vehicle.mode], Access.NO)
    opened, last_mile = (_driven(graph, access, kind) for kind in (Access.OPEN, Access.LAST_MILE))
    nodes = np.unique(np.concatenate([last_mile.tail, last_mile.head]))
    leaving = graph.nodes + np.arange(len(nodes))
    arriving = leaving + len(nodes)
    tail, head = (np.searchsorted(nodes, side) for side in (last_mile.tail, last_mile.head))
    between = np.full(len(nodes), _NO_EDGE)
    onward = np.zeros(len(nodes), dtype=np.bool_)
    parts = [
        opened,
        _Arcs(leaving[tail], leaving[head], last_mile.edge, last_mile.backward),
        _Arcs(arriving[tail], arriving[head], last_mile.edge, last_mile.backward),
        _Arcs(leaving, nodes, between, onward),
        _Arcs(nodes, arriving, between, onward),
    ]
    return _Arcs.joined(parts), np.concatenate([np.arange(graph.nodes), nodes, nodes])


def _driven(graph: RoadGraph, access: NDArray[np.uint8], kind: Access) -> _Arcs:
    """Both directions of the edges where the access is of one kind."""
    start, end = graph.start.astype(np.int64), graph.end.astype(np.int64)
    parts: list[_Arcs] = []
    for direction, tail, head in ((FORWARD, start, end), (BACKWARD, end, start)):
        edge = np.flatnonzero(access[:, direction] == kind)
        backward = np.full(len(edge), direction == BACKWARD)
        parts.append(_Arcs(tail[edge], head[edge], edge, backward))
    return _Arcs.joined(parts)


def _banned(
    graph: RoadGraph, vehicle: RoadVehicle, arcs: _Arcs, junction: Ints
) -> tuple[_Arcs, Ints]:
    """The same arcs with states of their own for those who may not take a turn."""
    bans: dict[tuple[int, int], set[int]] = {}
    for before, via, after, modes in graph.turns.tolist():
        if modes >> vehicle.mode & 1:
            bans.setdefault((before, via), set()).add(after)
    if not bans:
        return arcs, junction
    leaving = _by_key(arcs.tail, _states_near(arcs, bans))
    entering = _by_key(arcs.edge, {edge for edge, _ in bans})
    fresh, places = len(junction), list[int]()
    own_state: dict[tuple[int, bool, int], int] = {}
    added: list[tuple[int, int, int, bool]] = []
    for (edge, via), banned in bans.items():
        for arc in entering.get(edge, ()):
            backward, state = bool(arcs.backward[arc]), int(arcs.head[arc])
            at = int(graph.start[edge] if backward else graph.end[edge])
            if at != via or (edge, backward, state) in own_state:
                continue
            own_state[edge, backward, state] = fresh
            for onward in _onward(arcs, leaving, state):
                if int(arcs.edge[onward]) not in banned:
                    row = (int(arcs.head[onward]), int(arcs.edge[onward]))
                    added.append((fresh, *row, bool(arcs.backward[onward])))
            places.append(via)
            fresh += 1
    return _redirected(arcs, added, own_state), np.append(junction, places).astype(np.int64)


def _states_near(arcs: _Arcs, bans: dict[tuple[int, int], set[int]]) -> set[int]:
    """States of the junctions where turns are forbidden."""
    vias = np.array(sorted({via for _, via in bans}))
    near = np.isin(arcs.tail, vias) | np.isin(arcs.head, vias)
    linked = (arcs.edge == _NO_EDGE) & near
    return {*vias.tolist(), *arcs.tail[linked].tolist(), *arcs.head[linked].tolist()}


def _onward(arcs: _Arcs, leaving: dict[int, list[int]], state: int) -> list[int]:
    """Arcs of roads that go on from a state, also by way of the other states of the junction."""
    found: list[int] = []
    for arc in leaving.get(state, ()):
        if arcs.edge[arc] == _NO_EDGE:
            found += _onward(arcs, leaving, int(arcs.head[arc]))
        else:
            found.append(arc)
    return found


def _redirected(
    arcs: _Arcs,
    added: list[tuple[int, int, int, bool]],
    own_state: dict[tuple[int, bool, int], int],
) -> _Arcs:
    """All arcs, where those with a state of their own at their head lead there."""
    more = np.array(added, dtype=np.int64).reshape(-1, 4)
    extra = _Arcs(more[:, 0], more[:, 1], more[:, 2], more[:, 3].astype(np.bool_))
    arcs = _Arcs.joined([arcs, extra])
    tail, head, edge, backward = arcs.tail, arcs.head, arcs.edge, arcs.backward
    concerned = np.flatnonzero(np.isin(edge, [edge for edge, _, _ in own_state]))
    for arc in concerned.tolist():
        state = int(head[arc])
        head[arc] = own_state.get((int(edge[arc]), bool(backward[arc]), state), state)
    return _Arcs(tail, head, edge, backward)


def _by_key(column: Ints, wanted: set[int]) -> dict[int, list[int]]:
    """Rows of each wanted value."""
    rows: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(column, sorted(wanted))).tolist():
        rows.setdefault(int(column[row]), []).append(row)
    return rows


def _driving_s(graph: RoadGraph, vehicle: RoadVehicle) -> Floats:
    """Seconds over each edge, forward and backward."""
    kmh = graph.speed_kmh.astype(np.float64) * vehicle.speed_factor
    top = np.full(graph.edges, vehicle.top_kmh)
    if vehicle.mode is Mode.HGV:
        top = np.minimum(top, graph.hgv_kmh)
    return graph.length_m[:, None] / (np.minimum(kmh, top[:, None]) * _M_S_PER_KMH)
