"""What is to be done: jobs, shipments, and what ties them together.

Times, service and prizes are in the units of the problem (seconds and dollars in the product; those
of the file for a benchmark instance), amounts in whole units of each capacity dimension.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ANY_TIME = float("inf")


@dataclass(frozen=True, slots=True)
class Window:
    """When service may begin."""

    opens: float = 0.0
    closes: float = ANY_TIME


ALWAYS = (Window(),)


@dataclass(frozen=True, slots=True)
class Job:
    """One stop that brings goods from a depot, takes goods to one, or both.

    Attributes
    ----------
    id
        Unique among jobs and ends of shipments.
    place
        Number of the place in the problem's metric; neighbours may share one.
    delivery, pickup
        Amount by capacity dimension; empty for nothing.
    windows
        Service begins within one of them; in order, not overlapping.
    service
        Duration of service itself.
    parking
        Added where the vehicle comes from another place, so that neighbours share it.
    lot
        Number of the spot where one parks for several places; they share the parking, the way
        between them is driven. All jobs of a place name the same.
    release
        The tour that serves it begins to load no earlier.
    prize
        Cost of leaving it out, if it is not ``required``.
    group
        Of the jobs that name the same group just one is served (at most one if not ``required``);
        all have the same prize, which is paid where none is.
    skills
        All must be among the vehicle's.
    allowed_vehicles, excluded_vehicles
        Ids of vehicle types; None allows all.
    priority
        Of two that cannot both be served, the larger number is; what is required comes before what
        is not. An optional job with a priority above 0 is left out only where it does not fit, one
        of priority 0 where it costs more than its prize.
    territory
        Name of the area it belongs to; vehicles prefer their own.
    """

    id: str
    place: int
    delivery: tuple[int, ...] = ()
    pickup: tuple[int, ...] = ()
    windows: tuple[Window, ...] = ALWAYS
    service: float = 0.0
    parking: float = 0.0
    lot: int | None = None
    release: float = 0.0
    prize: float = 0.0
    required: bool = True
    group: str | None = None
    skills: frozenset[str] = frozenset()
    allowed_vehicles: frozenset[str] | None = None
    excluded_vehicles: frozenset[str] = frozenset()
    priority: int = 0
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class ShipmentEnd:
    """Where a shipment is taken up or put down; fields as of `Job`."""

    id: str
    place: int
    windows: tuple[Window, ...] = ALWAYS
    service: float = 0.0
    parking: float = 0.0


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods that one vehicle takes up at one stop and later puts down at another.

    Attributes
    ----------
    amount
        By capacity dimension; empty for nothing.
    prize, required, skills, allowed_vehicles, excluded_vehicles, priority
        As of `Job`.
    """

    id: str
    pickup: ShipmentEnd
    delivery: ShipmentEnd
    amount: tuple[int, ...] = ()
    prize: float = 0.0
    required: bool = True
    skills: frozenset[str] = frozenset()
    allowed_vehicles: frozenset[str] | None = None
    excluded_vehicles: frozenset[str] = frozenset()
    priority: int = 0


class RelationKind(StrEnum):
    """How the stops of a relation belong together."""

    SAME_VEHICLE = "same_vehicle"
    """One vehicle serves them all."""
    ORDER = "order"
    """One vehicle serves them in this order, others may come between."""
    SEQUENCE = "sequence"
    """One vehicle serves them one straight after the other."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Jobs (or ends of shipments), by id, that belong together."""

    kind: RelationKind
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pin:
    """What is settled of one route: a vehicle of this type begins with these stops, in this order.

    As of a vehicle under way, or of a route that has been promised. Others may come after them.
    """

    vehicle_type: str
    stops: tuple[str, ...]
