"""Routes that come out late by the hour are put right: stops are taken out and placed exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from crossdock.plan.routing.explain_stop import best_place, pinned_length, shipment_insertions
from crossdock.plan.routing.insert import Gaps, Insertion, insertions
from crossdock.plan.routing.jobs import Job, Shipment
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible, schedule, stop_of
from crossdock.plan.routing.solution import Fault, Sequences

Way = tuple[int, list[int]]

_MOST_CANDIDATES = 60
"""Stops of a late route that are tried without."""
_ALL_PLACES_UP_TO = 60
"""Routes of which every place is tried; of more only the nearest gaps."""
_HAIR = 1e-9


class Late(NamedTuple):
    """A route that came out late, and by which share of its duration."""

    nodes: tuple[int, ...]
    share: float


def repaired(
    problem: Problem,
    routes: Sequences,
    *,
    slots: bool = False,
    is_over: Callable[[], bool] = lambda: False,
) -> tuple[list[Way], list[Late]]:
    """Routes without faults, with what could be placed again, and which were late before.

    Parameters
    ----------
    slots
        ``routes`` are those of all vehicles, empty ones too: no others are begun.
    is_over
        Whether to leave out what is not placed yet.
    """
    ways: list[Way] = []
    late: list[Late] = []
    for vehicle, nodes in routes:
        kept, was_late = _mended(problem, vehicle, list(nodes))
        if was_late is not None:
            late.append(was_late)
        if kept or slots:
            ways.append((vehicle, kept))
    _Placing(problem, ways, slots=slots).everything(is_over)
    return ways, late


def _mended(problem: Problem, vehicle: int, nodes: list[int]) -> tuple[list[int], Late | None]:
    """As many of the stops of a route as keep every limit."""
    timed = schedule(problem, vehicle, nodes)
    if not timed.faults or not any(node >= 0 for node in nodes):
        return nodes, None
    lasts = max(timed.route.ends - timed.route.starts, 1.0)
    by_time = [each.by for each in timed.faults if each.limit in _IN_TIME]
    late = Late(tuple(nodes), min(max([0.02, *(by / lasts for by in by_time)]), 0.25))
    while timed.faults:
        pinned = set(nodes[: pinned_length(problem, vehicle, nodes)])
        shorter = [
            [node for node in nodes if node not in unit]
            for unit in _units(problem, nodes)
            if not unit & pinned
        ]
        if not shorter:
            return [], late
        tried = [(schedule(problem, vehicle, each), each) for each in shorter[:_MOST_CANDIDATES]]
        timed, nodes = min(
            tried, key=lambda each: (_excess(each[0].faults), each[0].route.cost, each[1])
        )
        if not any(node >= 0 for node in nodes):
            return [], late
    return nodes, late


_IN_TIME = frozenset({"windows.closes", "shift_ends", "max_duration", "latest_start"})


def _excess(faults: Sequence[Fault]) -> float:
    """How far a route is from keeping its limits; a limit that is not of time counts most."""
    return sum(each.by if each.limit in _IN_TIME else 1e6 for each in faults)


def _units(problem: Problem, nodes: Sequence[int]) -> list[frozenset[int]]:
    """Stops of a route that go together: ends of a shipment, stops of a relation."""
    found: dict[int, frozenset[int]] = {}
    for node in nodes:
        if node >= 0 and node not in found:
            unit = together(problem, node)
            found |= dict.fromkeys(unit, unit)
    return list(dict.fromkeys(found[node] for node in nodes if node >= 0))


def together(problem: Problem, node: int) -> frozenset[int]:
    """All stops that are served by the vehicle of ``node`` or not at all, itself among them."""
    rows = problem.nodes
    seen, todo = {node}, [node]
    while todo:
        own = todo.pop()
        near = [each for tie in problem.ties.by_node.get(own, ()) if tie.kind for each in tie.nodes]
        if own >= rows.jobs + rows.shipments:
            near.append(own - rows.shipments)
        elif own >= rows.jobs:
            near.append(own + rows.shipments)
        todo += [each for each in near if each not in seen]
        seen.update(near)
    return frozenset(seen)


class _Placing:
    """Stops that no route serves, put where they cost least by exact times."""

    def __init__(self, problem: Problem, ways: list[Way], *, slots: bool) -> None:
        self._problem, self._ways = problem, ways
        self._free: dict[int, int] = {}
        for index, kind in enumerate(problem.vehicles):
            used = sum(vehicle == index for vehicle, _ in ways)
            count = len(problem.nodes) if kind.count is None else kind.count
            self._free[index] = 0 if slots else max(count - used, 0)

    def everything(self, is_over: Callable[[], bool]) -> None:
        rows, jobs = self._problem.nodes, len(self._problem.jobs)
        served = {node for _, nodes in self._ways for node in nodes}
        groups = {job.group for node, job in enumerate(self._problem.jobs) if node in served} - {
            None
        }
        loose = [
            node
            for node in range(jobs + len(self._problem.shipments))
            if node not in served and len(together(self._problem, node)) == 1 + (node >= jobs)
        ]
        loose.sort(key=lambda node: (not rows.required[node], -self._stop(node).priority,
                                     rows.closes[node], node))  # fmt: skip
        for node in loose:
            if is_over():
                return
            group = self._problem.jobs[node].group if node < jobs else None
            if group is not None and group in groups:
                continue
            if self._placed(node) and group is not None:
                groups.add(group)

    def _placed(self, node: int) -> bool:
        stop = self._stop(node)
        feasible = [each for each in self._places(node) if not each.faults]
        best = min(feasible, key=lambda each: each.cost, default=None)
        worth = stop.required or stop.priority > 0
        if best is None or (not worth and best.cost > stop.prize + _HAIR):
            return False
        if best.route is None:
            self._ways.append((best.vehicle, list(best.nodes)))
            self._free[best.vehicle] -= 1
        else:
            self._ways[best.route] = (best.vehicle, list(best.nodes))
        return True

    def _places(self, node: int) -> list[Insertion]:
        problem, ways = self._problem, self._ways
        is_job = node < len(problem.jobs)
        moved = (node,) if is_job else (node, node + len(problem.shipments))
        if len(ways) <= _ALL_PLACES_UP_TO:
            found = [
                best_place(problem, at, vehicle, nodes, moved)
                for at, (vehicle, nodes) in enumerate(ways)
            ]
            return [*(each for each in found if each is not None), *self._alone(moved)]
        costs = [schedule(problem, *way).route.cost for way in ways]
        if is_job:
            gaps = Gaps.of(problem, ways)
            return insertions(problem, ways, self._free, node, gaps, costs)
        return shipment_insertions(problem, ways, self._free, node, costs)

    def _alone(self, moved: Sequence[int]) -> list[Insertion]:
        problem, found = self._problem, list[Insertion]()
        for vehicle, kind in enumerate(problem.vehicles):
            if self._free[vehicle] and not incompatible(stop_of(problem, moved[0]), kind):
                timed = schedule(problem, vehicle, moved)
                found.append(Insertion(None, vehicle, tuple(moved), timed.route.cost, timed.faults))
        return found

    def _stop(self, node: int) -> Job | Shipment:
        return stop_of(self._problem, node)
