"""The answer: routes with times and costs, and what no route serves, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Sequences = Sequence[tuple[int, Sequence[int]]]
"""Bare routes: index of the vehicle type; rows of `Nodes`, and ``reload_at(depot index)``."""


def reload_at(depot: int) -> int:
    """How a reload at a depot is written among nodes: as a negative number."""
    return -1 - depot


class VisitKind(StrEnum):
    """What a vehicle does at a visit."""

    JOB = "job"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    RELOAD = "reload"


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a route; times in the unit of the problem.

    Attributes
    ----------
    id
        Of the job, the end of a shipment, or the depot of a reload.
    arrives, begins, departs
        Arrival, begin of service (after parking and waiting), departure.
    """

    id: str
    kind: VisitKind
    arrives: float
    begins: float
    departs: float


@dataclass(frozen=True, slots=True)
class Break:
    """Time off within a route, after one stop and before the drive to the next.

    Attributes
    ----------
    kind
        ``meal``, ``rest``, or ``pause`` (without driving, as the hours of service ask for).
    """

    kind: str
    starts: float
    ends: float


@dataclass(frozen=True, slots=True)
class Route:
    """What one vehicle does.

    Attributes
    ----------
    start_depot, end_depot
        Ids; None where the vehicle starts or ends elsewhere.
    starts, ends
        The start waits as long as no stop suffers.
    cost
        Fixed, distance, duration and overtime, and of stops off the vehicle's territory.
    breaks
        Of a vehicle with ``hos_rules``, in order.
    """

    vehicle_type: str
    start_depot: str | None
    end_depot: str | None
    visits: tuple[Visit, ...]
    starts: float
    ends: float
    distance: float
    cost: float
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A limit that a route breaks.

    Attributes
    ----------
    limit, of
        As of `Relaxation`.
    by
        Excess, in the unit of the limit.
    """

    limit: str
    of: str
    by: float


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The least change of one limit that would serve a job that is not served.

    Attributes
    ----------
    limit
        What would have to change, as ``prize``, ``capacity.load``, ``windows.closes``.
    of
        Id of the job or vehicle type whose limit it is.
    by
        How much more of it is needed.
    cost
        What serving the job would then add to the routes.
    """

    limit: str
    of: str
    by: float
    cost: float


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A job or shipment that no route serves.

    Attributes
    ----------
    faults
        Limits that the cheapest route with it would break.
    """

    id: str
    required: bool
    reason: str
    cheapest_relaxation: Relaxation | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Solution:
    """Routes that keep every limit, and what is left.

    Attributes
    ----------
    sequences
        The same routes bare, as `improve` takes them.
    cost
        Of the routes, of the longest one, and the prizes of optional jobs that are left out.
    complete
        Whether everything required is served.
    interrupted
        Whether the user stopped the search.
    iterations
        Of the search.
    """

    routes: tuple[Route, ...]
    sequences: Sequences
    unassigned: tuple[Unassigned, ...]
    cost: float
    complete: bool
    iterations: int = 0
    interrupted: bool = False
