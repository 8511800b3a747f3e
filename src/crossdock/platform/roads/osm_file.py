"""Read the roads of an OpenStreetMap extract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import osmium
from osmium.filter import KeyFilter

from crossdock.locate.roads.streets import (
    ALL_MODES,
    Mode,
    OsmRoads,
    OsmTurn,
    OsmWay,
    RoadGraph,
    closes_road,
    roads_from_osm,
    way_rules,
)
from crossdock.model import InputUnusableError

MOST_BYTES = 1024**3
MOST_POINTS = 20_000_000
"""Points of roads: a large US state."""
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")

_TURN_KEYS = {
    "restriction": ALL_MODES,
    "restriction:hgv": 1 << Mode.HGV,
    "restriction:goods": 1 << Mode.GOODS,
    "restriction:motorcar": 1 << Mode.CAR,
}
_EXCEPT = {"motorcar": 1 << Mode.CAR, "goods": 1 << Mode.GOODS, "hgv": 1 << Mode.HGV}
_BROKEN = "the file is cut off or no OpenStreetMap extract: get it again"


def read_osm(path: Path) -> RoadGraph:
    """The road graph of an extract: ``.osm.pbf``, ``.osm``, plain or packed.

    Raises
    ------
    InputUnusableError
        The file is missing, too large, broken, or has no roads.
    """
    _check_file(path)
    try:
        roads = _read(path)
    except (RuntimeError, ValueError, OSError) as error:
        raise InputUnusableError(f"{path} cannot be read: {error}", remedy=_BROKEN) from error
    return roads_from_osm(roads, source=path.name, source_hash=_hash(path), attribution=ATTRIBUTION)


def _check_file(path: Path) -> None:
    if not path.name.endswith(SUFFIXES):
        raise InputUnusableError(
            f"{path} is no OpenStreetMap extract by its name",
            remedy=f"give a file that ends in {', '.join(SUFFIXES)}",
        )
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputUnusableError(
            f"cannot read {path}: {error.strerror}", remedy="name a file that can be read"
        ) from error
    if not path.is_file():
        raise InputUnusableError(f"{path} is no file", remedy="name an extract")
    if size == 0:
        raise InputUnusableError(f"{path} is empty", remedy="get the extract again")
    if size > MOST_BYTES:
        raise InputUnusableError(
            f"{path} has {size:,} bytes, more than {MOST_BYTES:,}",
            remedy="cut out the area that you deliver to: osmium extract --bbox",
        )


@dataclass
class _Reader:
    """Takes the objects of an extract in their order: nodes, ways, relations."""

    path: Path
    roads: OsmRoads = field(default_factory=OsmRoads)
    points: int = 0

    def node(self, node: Any) -> None:
        tags = dict(node.tags)
        if tags.get("highway") == "traffic_signals":
            facing = tags.get("traffic_signals:direction", tags.get("direction", "both"))
            self.roads.signals[node.id] = facing if facing in {"forward", "backward"} else "both"
        if closes_road(tags):
            self.roads.closed.add(node.id)

    def way(self, way: Any) -> None:
        rules = way_rules(dict(way.tags))
        if rules is None:
            return
        ids: list[int] = []
        latitude: list[int] = []
        longitude: list[int] = []
        for node in way.nodes:
            place = node.location
            if place.valid():
                ids.append(node.ref)
                longitude.append(place.x)
                latitude.append(place.y)
                continue
            # Outside of the extract: what is known goes on after it.
            self.roads.remarks["points outside of the extract"] += 1
            self._keep(OsmWay(way.id, ids, latitude, longitude, rules))
            ids, latitude, longitude = [], [], []
        self._keep(OsmWay(way.id, ids, latitude, longitude, rules))

    def relation(self, relation: Any) -> None:
        tags = dict(relation.tags)
        if tags.get("type") != "restriction":
            return
        for key, modes in _TURN_KEYS.items():
            if key in tags:
                self._turn(relation, tags, tags[key], modes)

    def _turn(self, relation: Any, tags: dict[str, str], kind: str, modes: int) -> None:
        for word in tags.get("except", "").split(";"):
            modes &= ~_EXCEPT.get(word.strip(), 0)
        members: dict[tuple[str, str], list[int]] = {}
        for member in relation.members:
            members.setdefault((member.role, member.type), []).append(member.ref)
        via = members.get(("via", "n"), [])
        before, after = members.get(("from", "w"), []), members.get(("to", "w"), [])
        if not modes or not kind.startswith(("no_", "only_")):
            return
        if len(via) != 1 or not before or not after:
            self.roads.remarks["turn restrictions over a way, or incomplete"] += 1
            return
        only = kind.startswith("only_")
        self.roads.turns.append(OsmTurn(tuple(before), via[0], tuple(after), only, modes))

    def _keep(self, way: OsmWay) -> None:
        if len(way.points) > 1:
            self.roads.ways.append(way)
            self.points += len(way.points)
        if self.points > MOST_POINTS:
            raise InputUnusableError(
                f"{self.path} has more than {MOST_POINTS:,} points of roads",
                remedy="cut out the area that you deliver to: osmium extract --bbox",
            )


def _read(path: Path) -> OsmRoads:
    reader = _Reader(path)
    objects = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(KeyFilter("highway", "barrier", "restriction", *_TURN_KEYS))
    )
    for each in cast("Iterable[Any]", objects):
        if each.is_node():
            reader.node(each)
        elif each.is_way():
            reader.way(each)
        else:
            reader.relation(each)
    return reader.roads


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
