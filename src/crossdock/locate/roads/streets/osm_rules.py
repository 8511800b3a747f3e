"""What the tags of a way of OpenStreetMap mean to those who drive on it.

Speeds without a sign, and the share of a signed speed that is driven, are those of the car profile
of OSRM (BSD-2-Clause). Conditions by the hour (``*:conditional``) are not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossdock.locate.roads.streets.osm_values import metres, speed_kmh, tonnes
from crossdock.locate.roads.streets.road_graph import Access, Mode, RoadClass

Tags = Mapping[str, str]

SHARE_OF_SIGNED_SPEED = 0.8
LIMIT_KEYS = ("maxheight", "maxwidth", "maxlength", "maxweight")

_CLASSES: dict[str, tuple[RoadClass, float]] = {
    "motorway": (RoadClass.MOTORWAY, 90.0),
    "motorway_link": (RoadClass.MOTORWAY, 45.0),
    "trunk": (RoadClass.TRUNK, 85.0),
    "trunk_link": (RoadClass.TRUNK, 40.0),
    "primary": (RoadClass.PRIMARY, 65.0),
    "primary_link": (RoadClass.PRIMARY, 30.0),
    "secondary": (RoadClass.SECONDARY, 55.0),
    "secondary_link": (RoadClass.SECONDARY, 25.0),
    "tertiary": (RoadClass.TERTIARY, 40.0),
    "tertiary_link": (RoadClass.TERTIARY, 20.0),
    "unclassified": (RoadClass.STREET, 25.0),
    "residential": (RoadClass.STREET, 25.0),
    "road": (RoadClass.STREET, 25.0),
    "living_street": (RoadClass.STREET, 10.0),
    "service": (RoadClass.SERVICE, 15.0),
}
_NOT_ROADS = {"emergency_access", "busway"}
_YARDS = {"driveway", "parking_aisle", "drive-through"}
"""Services that lead to a door and are no way through."""

_OPEN = {"yes", "permissive", "designated", "official", "public"}
_LAST_MILE = {
    "destination", "delivery", "customers", "private", "permit", "local", "residents", "unloading",
}  # fmt: skip
_KEYS = {
    Mode.CAR: ("access", "vehicle", "motor_vehicle", "motorcar"),
    Mode.GOODS: ("access", "vehicle", "motor_vehicle", "goods"),
    Mode.HGV: ("access", "vehicle", "motor_vehicle", "hgv"),
}
"""Keys that speak of a mode, the most particular last: it decides."""
_ROUND = {"roundabout", "circular"}
_DIRECTIONS = ("forward", "backward")
_PASSABLE_BARRIERS = {
    "border_control", "bump_gate", "cattle_grid", "checkpoint", "entrance", "gate",
    "height_restrictor", "kerb", "lift_gate", "no", "rope", "sally_port", "sliding_gate",
    "spikes", "swing_gate", "toll_booth",
}  # fmt: skip


@dataclass(frozen=True)
class WayRules:
    """What holds on a way.

    Attributes
    ----------
    speed_kmh
        Forward and backward.
    access
        By mode, forward and backward.
    limits
        Height, width, length (m), weight (t); infinite where nothing is said.
    """

    road_class: RoadClass
    speed_kmh: tuple[float, float]
    hgv_kmh: float
    access: tuple[tuple[Access, Access], ...]
    limits: tuple[float, float, float, float]


def way_rules(tags: Tags) -> WayRules | None:
    """The rules of a way; None where nothing on wheels may or can go."""
    kind = _CLASSES.get(tags.get("highway", ""))
    if kind is None or tags.get("service") in _NOT_ROADS or tags.get("area") == "yes":
        return None
    access = tuple(_access(tags, mode) for mode in Mode)
    if not any(value for both in access for value in both):
        return None
    road_class, usual_kmh = kind
    return WayRules(
        road_class,
        (_speed(tags, "forward", usual_kmh), _speed(tags, "backward", usual_kmh)),
        _share_of(tags.get("maxspeed:hgv"), math.inf),
        access,
        _limits(tags),
    )


def closes_road(tags: Tags) -> bool:
    """Whether a point on a road lets nothing on wheels pass: a bollard, a locked gate."""
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    said = [tags[key] for key in _KEYS[Mode.CAR] if key in tags]
    if said:
        return said[-1] not in _OPEN | _LAST_MILE
    return barrier not in _PASSABLE_BARRIERS


def _access(tags: Tags, mode: Mode) -> tuple[Access, Access]:
    forward, backward = (_allowed(tags, mode, direction) for direction in _DIRECTIONS)
    if tags.get("oneway") == "reversible":  # by the hour: which way it runs now is not known
        return Access.NO, Access.NO
    runs = _oneway(tags, mode)
    return (
        Access.NO if runs < 0 else forward,
        Access.NO if runs > 0 else backward,
    )


def _allowed(tags: Tags, mode: Mode, direction: str) -> Access:
    decided = ""
    for key in _KEYS[mode]:
        decided = tags.get(f"{key}:{direction}", tags.get(key, decided))
    words = {word.strip() for word in decided.split(";")} - {""}
    yard = tags.get("service") in _YARDS
    if not words:
        return Access.LAST_MILE if yard else Access.OPEN
    if words & _OPEN:
        return Access.LAST_MILE if yard else Access.OPEN
    return Access.LAST_MILE if words & _LAST_MILE else Access.NO


def _oneway(tags: Tags, mode: Mode) -> int:
    """1 along the way only, -1 against it only, 0 both."""
    said = tags.get("oneway", "")
    for key in _KEYS[mode][1:]:
        said = tags.get(f"oneway:{key}", said)
    if said in {"yes", "true", "1"}:
        return 1
    if said in {"-1", "reverse"}:
        return -1
    if said in {"no", "false", "0", "alternating"}:
        return 0
    is_round = tags.get("junction") in _ROUND
    return 1 if is_round or tags.get("highway") == "motorway" else 0


def _speed(tags: Tags, direction: str, usual_kmh: float) -> float:
    signed = tags.get(f"maxspeed:{direction}", tags.get("maxspeed"))
    return _share_of(signed, usual_kmh)


def _share_of(signed: str | None, otherwise: float) -> float:
    kmh = speed_kmh(signed) if signed is not None else None
    return otherwise if kmh is None else kmh * SHARE_OF_SIGNED_SPEED


def _limits(tags: Tags) -> tuple[float, float, float, float]:
    height, width, length = (
        _least(metres(tags[key]) for key in _spellings(name) if key in tags)
        for name in LIMIT_KEYS[:3]
    )
    weight = _least(
        tonnes(tags[key]) for key in (*_spellings("maxweight"), "maxweightrating") if key in tags
    )
    return height, width, length, weight


def _spellings(name: str) -> tuple[str, ...]:
    return (name, f"{name}:physical", f"{name}:signed")


def _least(values: Iterable[float | None]) -> float:
    return min((value for value in values if value is not None), default=math.inf)
