"""What the API says of what happened to a plan."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel


class ReportRatio(BaseModel):
    """A figure with what it is made of; ``value`` is null where nothing is below the line."""

    numerator: float
    denominator: float
    value: float | None


class ReportKpi(BaseModel):
    """A KPI, planned and so far.

    ``better``: 1 more is, -1 less is, 0 neither; ``interval``: the 95 % one of a share of few.
    """

    name: str
    label: str
    unit: str
    better: int
    definition: str
    planned: ReportRatio | None
    actual: ReportRatio
    interval: tuple[float, float] | None


class ReportProgress(BaseModel):
    """How far the plan has come, in counts; ``due``: parcels that are due by now or delivered."""

    parcels: int
    due: int
    ended: int
    delivered: int
    loads_planned: int
    loads_run: int
    loads_added: int
    routes_planned: int
    routes_driven: int


class ReportEnd(BaseModel):
    """How many parcels came to an end."""

    state: str
    name: str
    parcels: int


class LateCause(BaseModel):
    """A cause of lateness and who answers for it.

    ``share``: of late parcels; ``points``: of all that are due, in per cent; ``hours``: median.
    """

    cause: str
    name: str
    meaning: str
    owner: str | None
    parcels: int
    excused: int
    share: float
    points: float
    hours: float | None


class LateOwner(BaseModel):
    """Who answers for late parcels."""

    owner: str
    name: str
    parcels: int
    share: float


class LateSubject(BaseModel):
    """A load, a route, else a place, and what one cause at it made late."""

    subject: str
    cause: str
    name: str
    load_id: str | None
    route_id: str | None
    facility_id: str | None
    parcels: int


class ReportLate(BaseModel):
    """Late parcels, each with one cause."""

    parcels: int
    of: int
    excused: int
    causes: list[LateCause]
    owners: list[LateOwner]
    subjects: list[LateSubject]


class CostPart(BaseModel):
    """Dollars a parcel of one part of the cost."""

    part: str
    name: str
    planned: float
    actual: float
    why: str


class ReportCost(BaseModel):
    """Dollars a parcel, planned and booked so far; the parts sum to them."""

    planned_usd: float | None
    actual_usd: float | None
    parts: list[CostPart]


class ReportService(BaseModel):
    """On time by service; ``expected`` (the promise) and ``in_plan`` (the service): as planned."""

    service: str
    parcels: int
    expected: float | None
    in_plan: float | None
    gross: ReportRatio
    net: ReportRatio
    as_sold: ReportRatio


class WorstMetro(BaseModel):
    """A destination that lost promises, with the cause that most of its late parcels have."""

    destination_facility_id: str | None
    name: str
    parcels: int
    late: int
    kept: int
    expected: float | None
    cause: str
    cause_name: str
    cause_parcels: int | None
    usd_per_parcel: float | None


class WorstLane(WorstMetro):
    """The same of an origin and a destination."""

    origin_facility_id: str | None


class PlanReport(BaseModel):
    """What happened to a released plan up to ``at``; it may be served again for a minute.

    ``took_s``: what measuring took; ``events``: of the plan in the log.
    """

    plan_id: str
    at: dt.datetime
    took_s: float
    events: int
    verdict: list[str]
    progress: ReportProgress
    ends: list[ReportEnd]
    kpis: list[ReportKpi]
    late: ReportLate
    cost: ReportCost
    services: list[ReportService]
    lanes: list[WorstLane]
    metros: list[WorstMetro]
