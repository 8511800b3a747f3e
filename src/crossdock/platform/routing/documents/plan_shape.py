"""PLAN.json: the answer of ``crossdock route plan`` as a document; its schema is made from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crossdock.platform.routing.documents.problem_shape import WindowRow
from crossdock.platform.routing.documents.values import Instant, Row

_Amount = Annotated[float, Field(ge=-1e15, le=1e15)]
Loads = dict[str, _Amount]
"""Load by dimension."""


class PlanSpot(Row):
    """Where a route starts or ends."""

    depot: str | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None


class PlanStop(Row):
    """A stop of a route; ``kind`` reload: a depot, by its id.

    ``arrives_at``, ``begins_at``, ``departs_at``: arrival, begin of service after parking and
    waiting, departure. ``distance_m``: of the leg to it. ``load``: after it.
    """

    id: str
    kind: Literal["job", "pickup", "delivery", "reload"]
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    arrives_at: Instant
    begins_at: Instant
    departs_at: Instant
    waits_s: float = 0.0
    distance_m: float = 0.0
    load: Loads = {}
    delivery: Loads = {}
    pickup: Loads = {}
    parcels: int = 0
    windows: list[WindowRow] | None = None
    name: str = ""
    address: str = ""
    note: str = ""


class PlanBreak(Row):
    """Time off, before the drive to the next stop."""

    kind: str
    starts_at: Instant
    ends_at: Instant


class CostsByKind(Row):
    """Cost by what it is paid for."""

    fixed_usd: float = 0.0
    distance_usd: float = 0.0
    duration_usd: float = 0.0
    overtime_usd: float = 0.0
    territory_usd: float = 0.0


class TotalCosts(CostsByKind):
    """Cost of a plan, with ``prizes_usd`` of what is left out and that of the longest route."""

    prizes_usd: float = 0.0
    longest_usd: float = 0.0


class LimitLeft(Row):
    """The limit that a route is nearest to, and what is left of it."""

    limit: str
    of: str
    left: float
    unit: str


class PlanRoute(Row):
    """What one vehicle does.

    ``vehicle``: the vehicle, as ``van/2`` of the type ``van``. ``slack_s``: how much later the
    whole route may start; null where nothing forbids.
    """

    vehicle: str
    vehicle_type: str
    start: PlanSpot
    end: PlanSpot | None
    starts_at: Instant
    ends_at: Instant
    distance_m: float
    duration_s: float
    cost_usd: float
    costs: CostsByKind
    slack_s: float | None = None
    binding: LimitLeft | None = None
    load_at_start: Loads = {}
    stops: list[PlanStop]
    breaks: list[PlanBreak] = []
    name: str = ""


class RelaxationRow(Row):
    """The least change of one limit that would serve it: ``by`` how much, at which cost."""

    limit: str
    of: str
    by: float
    unit: str
    cost_usd: float


class UnassignedRow(Row):
    """A job or shipment that no route serves, and why."""

    id: str
    required: bool
    reason: str
    cheapest_relaxation: RelaxationRow | None = None


class SkippedRow(Row):
    """A fault for which a row of the problem was left out."""

    row: str
    field: str
    reason: str
    remedy: str


class PlanTotals(Row):
    """A plan in figures."""

    routes: int
    stops: int
    unassigned: int
    distance_m: float
    duration_s: float
    cost_usd: float
    costs: TotalCosts


class MovedStopRow(Row):
    """A stop that another vehicle serves than was planned, or none."""

    stop: str
    was: str
    now: str | None


class MovedEtaRow(Row):
    """A promised time that is off by more than the tolerance."""

    stop: str
    was_at: Instant
    now_at: Instant


class ChangesRow(Row):
    """What a re-plan changed; ``late``: settled stops that cannot be reached in time."""

    moved: list[MovedStopRow] = []
    etas: list[MovedEtaRow] = []
    added: list[str] = []
    late: list[str] = []


class DoneRow(Row):
    """What a vehicle had served before a re-plan, in order."""

    vehicle: str
    stops: list[str]


class RoutePlan(Row):
    """Routes that keep every limit, and what is left out.

    ``complete``: everything required is served. ``trace``: seconds and cost at each improvement.
    ``changes``, ``as_of``, ``done``, ``lost``: of a re-plan.
    """

    version: Literal[1] = 1
    name: str = ""
    starts_at: Instant
    dimensions: list[str]
    complete: bool
    interrupted: bool = False
    seed: int
    iterations: int
    wall_s: float
    totals: PlanTotals
    routes: list[PlanRoute]
    unassigned: list[UnassignedRow]
    skipped: list[SkippedRow] = []
    trace: list[Annotated[list[float], Field(min_length=2, max_length=2)]] = []
    changes: ChangesRow | None = None
    as_of: Instant | None = None
    done: list[DoneRow] = []
    lost: list[str] = []
