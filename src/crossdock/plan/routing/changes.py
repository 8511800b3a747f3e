"""What was planned before, what it costs to change it, and what a new plan has changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from crossdock.plan.routing.solution import Solution


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """A route as it was planned, from now on.

    Attributes
    ----------
    stops
        Ids in order, what is served already left out; a depot where the vehicle may reload is a
        reload. Stops that are gone are passed over.
    etas
        When service was promised to begin, by stop; may leave stops out.
    """

    vehicle_type: str
    stops: tuple[str, ...]
    etas: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class ChangeWeights:
    """What it costs to change a plan, in the unit of cost of the problem.

    Attributes
    ----------
    moved
        A stop that another vehicle than the planned one serves.
    eta
        A promised time that is off by more than ``tolerance``, early or late.
    """

    moved: float = 0.0
    eta: float = 0.0
    tolerance: float = 900.0


@dataclass(frozen=True, slots=True)
class MovedStop:
    """A stop that goes to another vehicle.

    Attributes
    ----------
    was, now
        Vehicle types; ``now`` is None where no route serves it any more.
    """

    stop: str
    was: str
    now: str | None


@dataclass(frozen=True, slots=True)
class MovedEta:
    """A promised time that is off by more than the tolerance."""

    stop: str
    was: float
    now: float


@dataclass(frozen=True, slots=True)
class Changes:
    """Where a new plan differs from the one before.

    Attributes
    ----------
    moved
        Stops of a route before that another vehicle serves, or none.
    etas
        Of stops with a promised time.
    added
        Stops of no route before that are now served.
    late
        Pinned stops that cannot be reached within their windows: they are served all the same.
    cost
        What the changes weigh.
    """

    moved: tuple[MovedStop, ...]
    etas: tuple[MovedEta, ...]
    added: tuple[str, ...]
    late: tuple[str, ...]
    cost: float


@dataclass(frozen=True)
class Replanned:
    """A new plan and how it differs from the one before."""

    solution: Solution
    changes: Changes
