"""What moves together: stops in blocks, blocks in units, units in requests.

A block is one stop, or the stops of a sequence, one straight after the other. A unit is blocks of
one vehicle, with an order between some of them: the ends of a shipment, the stops of a relation. A
request is the units of which one is to be served: one alone, or one for each job of a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.jobs import RelationKind
from crossdock.plan.routing.problem import Problem


@dataclass(frozen=True)
class Units:
    """Blocks, units and requests of a problem.

    Attributes
    ----------
    blocks
        Nodes of each, in order.
    units
        Blocks of each, those before others first.
    before
        By block, all blocks of its unit that must come before it.
    stops
        By unit, its jobs, and its shipments by their pickups.
    requests
        Units of each.
    """

    blocks: tuple[tuple[int, ...], ...]
    units: tuple[tuple[int, ...], ...]
    before: tuple[frozenset[int], ...]
    stops: tuple[tuple[int, ...], ...]
    requests: tuple[tuple[int, ...], ...]


def units_of(problem: Problem) -> Units:
    """Blocks, units and requests of ``problem``.

    Raises
    ------
    InvalidValueError
        Relations contradict each other, or bind a job that has alternatives.
    """
    nodes = len(problem.nodes)
    blocks = _blocks(problem, nodes)
    block_of = {node: block for block, own in enumerate(blocks) for node in own}
    pairs, bonds = _bonds(problem)
    before: list[set[int]] = [set() for _ in blocks]
    for first, then in pairs:
        one, other = block_of[first], block_of[then]
        if one != other:
            before[other].add(one)
        elif blocks[one].index(first) > blocks[one].index(then):
            _contradiction(problem, (first, then))
    members = _components(len(blocks), [(block_of[a], block_of[b]) for a, b in bonds])
    ordered = [_in_order(problem, blocks, own, before) for own in members]
    for own in ordered:
        for block in own:
            for earlier in tuple(before[block]):
                before[block] |= before[earlier]
    stops = [
        tuple(node for block in own for node in blocks[block] if _is_stop(problem, node))
        for own in ordered
    ]
    return Units(
        blocks=tuple(blocks),
        units=tuple(map(tuple, ordered)),
        before=tuple(map(frozenset, before)),
        stops=tuple(stops),
        requests=_requests(problem, stops),
    )


def _is_stop(problem: Problem, node: int) -> bool:
    return node < len(problem.jobs) + len(problem.shipments)


def _blocks(problem: Problem, nodes: int) -> list[tuple[int, ...]]:
    after: dict[int, int] = {}
    ahead: dict[int, int] = {}
    for tie in problem.ties.relations:
        if tie.kind is not RelationKind.SEQUENCE:
            continue
        for one, other in pairwise(tie.nodes):
            if after.setdefault(one, other) != other or ahead.setdefault(other, one) != one:
                _contradiction(problem, (one, other))
    found: list[tuple[int, ...]] = []
    done: set[int] = set()
    for node in range(nodes):
        if node in ahead:
            continue
        chain = [node]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        done.update(chain)
        found.append(tuple(chain))
    if len(done) < nodes:
        _contradiction(problem, [node for node in range(nodes) if node not in done])
    return found


def _bonds(problem: Problem) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs of nodes in order, and pairs of nodes of one vehicle."""
    jobs, shipments = len(problem.jobs), len(problem.shipments)
    pairs = [(jobs + at, jobs + shipments + at) for at in range(shipments)]
    bonds = list(pairs)
    for tie in problem.ties.relations:
        for node in tie.nodes:
            if node < jobs and problem.jobs[node].group is not None:
                raise InvalidValueError(
                    f"the relation of {', '.join(problem.nodes.ids[each] for each in tie.nodes)}: "
                    f"{problem.nodes.ids[node]} has alternatives",
                    remedy=f"leave {problem.nodes.ids[node]} out of the relation or of its group",
                )
        bonds += pairwise(tie.nodes)
        if tie.kind is not RelationKind.SAME_VEHICLE:
            pairs += pairwise(tie.nodes)
    return pairs, bonds


def _components(count: int, bonds: Iterable[tuple[int, int]]) -> list[list[int]]:
    root = list(range(count))

    def find(block: int) -> int:
        while root[block] != block:
            root[block] = root[root[block]]
            block = root[block]
        return block

    for one, other in bonds:
        first, second = sorted((find(one), find(other)))
        root[second] = first
    members: dict[int, list[int]] = {}
    for block in range(count):
        members.setdefault(find(block), []).append(block)
    return list(members.values())


def _in_order(
    problem: Problem,
    blocks: Sequence[tuple[int, ...]],
    own: list[int],
    before: Sequence[set[int]],
) -> list[int]:
    """The blocks of a unit, each after those that must come before it."""
    left, found = list(own), list[int]()
    while left:
        ready = next((block for block in left if before[block].issubset(found)), None)
        if ready is None:
            _contradiction(problem, [node for block in left for node in blocks[block]])
        found.append(ready)
        left.remove(ready)
    return found


def _requests(problem: Problem, stops: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = []
    groups: dict[str, int] = {}
    for unit, own in enumerate(stops):
        group = problem.jobs[own[0]].group if own and own[0] < len(problem.jobs) else None
        if group is not None and group in groups:
            found[groups[group]].append(unit)
            continue
        if group is not None:
            groups[group] = len(found)
        found.append([unit])
    return tuple(map(tuple, found))


def _contradiction(problem: Problem, nodes: Sequence[int]) -> NoReturn:
    names = ", ".join(problem.nodes.ids[node] for node in nodes)
    raise InvalidValueError(
        f"the relations of {names} contradict each other",
        remedy="let relations and shipments agree on one order",
    )
