"""Who does it: depots, and kinds of vehicles with their shifts, limits and costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crossdock.plan.routing.jobs import ANY_TIME

MEALS_AND_RESTS = "MEALS_AND_RESTS"
"""Rules of drivers outside of the hours of service."""


@dataclass(frozen=True, slots=True)
class Depot:
    """Where tours start, end and reload.

    Attributes
    ----------
    place
        Number of the place in the problem's metric.
    opens, closes
        Vehicles begin to load, and come home, within.
    loading
        Duration of loading before each tour from here.
    """

    id: str
    place: int
    opens: float = 0.0
    closes: float = ANY_TIME
    loading: float = 0.0


@dataclass(frozen=True, slots=True)
class HoursUsed:
    """What the driver of a vehicle under way has done of the day; times as of the problem.

    Attributes
    ----------
    on_duty_since
        When the duty began, before the vehicle's ``shift_starts``.
    driven, driven_since_pause
        Driving since then, and since the last pause that the rules ask for.
    meals, rests
        Breaks taken.
    """

    on_duty_since: float
    driven: float = 0.0
    driven_since_pause: float = 0.0
    meals: int = 0
    rests: int = 0


class Backhauls(StrEnum):
    """Whether deliveries and pickups of jobs may alternate on a tour."""

    MIXED = "mixed"
    LAST = "last"
    """Deliveries first (there must be one), pickups after them.

    A job that does both delivers first: it is the last delivery and the first pickup. What a
    shipment takes up is put down on the same route: its ends may be anywhere.
    """


@dataclass(frozen=True, slots=True)
class VehicleType:
    """Vehicles that are alike in everything.

    Attributes
    ----------
    count
        How many there are; None for as many as wanted.
    capacity
        By dimension of the problem; None for no limit in a dimension.
    start_depot, start_place
        Where routes start: a depot, or any place (a vehicle under way).
    end_depot, end_place
        Where they end; neither leaves the route open at its last stop.
    shift_starts, shift_ends
        A route starts and ends within.
    latest_start
        A route starts no later.
    fixed_cost
        Of a vehicle that is used at all.
    distance_cost, duration_cost
        A unit of distance, of time from start to end.
    regular_duration, overtime_cost
        Time beyond the former costs the latter more.
    max_duration, max_distance, max_stops
        Of a route, from its start, which waits for the first stop, to its end.
    reload_depots, max_reloads
        Depots by id where a new tour may begin, and how often; None for any number.
    skills
        What jobs may ask for.
    hos_rules
        Name of a rule set of `crossdock.comply.hos`, as ``US_70_8``, or ``MEALS_AND_RESTS`` for a
        driver outside of the hours of service; empty for none. The problem is then in seconds.
    hours_used
        Of a driver who is not rested at the start.
    on_board
        Load at the start that stays until the next depot.
    territory
        Name of the area that it prefers.
    """

    id: str
    count: int | None = None
    capacity: tuple[int | None, ...] = ()
    start_depot: str | None = None
    start_place: int | None = None
    end_depot: str | None = None
    end_place: int | None = None
    shift_starts: float = 0.0
    shift_ends: float = ANY_TIME
    latest_start: float = ANY_TIME
    fixed_cost: float = 0.0
    distance_cost: float = 1.0
    duration_cost: float = 0.0
    regular_duration: float = ANY_TIME
    overtime_cost: float = 0.0
    max_duration: float = ANY_TIME
    max_distance: float = ANY_TIME
    max_stops: int | None = None
    reload_depots: tuple[str, ...] = ()
    max_reloads: int | None = None
    backhauls: Backhauls = Backhauls.MIXED
    skills: frozenset[str] = frozenset()
    hos_rules: str = ""
    on_board: tuple[int, ...] = ()
    territory: str | None = None
    hours_used: HoursUsed | None = None
