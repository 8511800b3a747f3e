"""What ties stops to each other and to vehicles: relations and pins, by node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crossdock.plan.routing.jobs import Pin, Relation, RelationKind


@dataclass(frozen=True)
class Tie:
    """A relation or a pin with its stops as nodes."""

    kind: RelationKind | None
    vehicle_type: str
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Ties:
    """All of a problem.

    Attributes
    ----------
    relations, pins
        In the order of the problem.
    by_node
        Those that a node is in.
    """

    relations: tuple[Tie, ...]
    pins: tuple[Tie, ...]
    by_node: Mapping[int, tuple[Tie, ...]]

    @classmethod
    def of(cls, ids: Sequence[str], relations: Sequence[Relation], pinned: Sequence[Pin]) -> Ties:
        """Ties of nodes with these ids."""
        if not relations and not pinned:
            return cls((), (), {})
        number = {each: node for node, each in enumerate(ids)}
        nodes = [tuple(number[stop] for stop in each.stops) for each in (*relations, *pinned)]
        tied = tuple(Tie(each.kind, "", own) for each, own in zip(relations, nodes, strict=False))
        pins = tuple(
            Tie(None, each.vehicle_type, own)
            for each, own in zip(pinned, nodes[len(relations) :], strict=True)
        )
        by_node: dict[int, list[Tie]] = {}
        for tie in (*tied, *pins):
            for node in tie.nodes:
                by_node.setdefault(node, []).append(tie)
        return cls(tied, pins, {node: tuple(all_) for node, all_ in by_node.items()})

    def broken(self, vehicle_type: str, nodes: Sequence[int]) -> Iterator[tuple[str, int]]:
        """Relations and pins that a route breaks, each with the node at which it does."""
        if not self.by_node:
            return
        at = {node: place for place, node in enumerate(nodes)}
        seen: dict[int, Tie] = {}
        for node in nodes:
            for tie in self.by_node.get(node, ()):
                seen.setdefault(id(tie), tie)
        for tie in seen.values():
            if tie.kind is None:
                begins = tuple(nodes[: len(tie.nodes)]) == tie.nodes
                if not begins or tie.vehicle_type != vehicle_type:
                    yield "pinned", tie.nodes[0]
                continue
            away = [node for node in tie.nodes if node not in at]
            if away:
                yield "relations.same_vehicle", away[0]
                continue
            places = [at[node] for node in tie.nodes]
            for before, after, node in zip(places, places[1:], tie.nodes[1:], strict=False):
                if tie.kind is RelationKind.ORDER and after < before:
                    yield "relations.order", node
                if tie.kind is RelationKind.SEQUENCE and after != before + 1:
                    yield "relations.sequence", node
