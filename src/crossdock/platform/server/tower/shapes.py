"""What the tower's routes answer, as the OpenAPI document shows it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field


class EventItem(BaseModel):
    """One event to be taken."""

    source: str = Field(min_length=1, max_length=200)
    source_event_id: str = Field(min_length=1, max_length=200)
    kind: str = Field(min_length=1, max_length=200)
    occurred_at: dt.datetime
    parcel_id: str | None = None
    facility_id: str | None = None
    vehicle_id: str | None = None
    driver_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    payload: dict[str, object] | None = None


class Eta(BaseModel):
    """When a parcel arrives: quantiles."""

    p50: dt.datetime
    p80: dt.datetime | None
    p95: dt.datetime | None


class Parcel(BaseModel):
    """Where a parcel stands."""

    parcel_id: str
    order_id: str | None
    status: str
    group: str | None
    terminal: bool
    planned: bool
    status_at: dt.datetime | None
    last_event_at: dt.datetime | None
    promised_at: dt.datetime | None
    service_due_at: dt.datetime | None
    service: str | None
    eta: Eta | None
    custody_kind: str | None
    custody_id: str | None
    facility_id: str | None
    load_id: str | None
    origin_facility_id: str | None
    destination_facility_id: str | None
    delivery_mode: str | None
    attempts: int
    future_clock: bool


class ParcelPage(BaseModel):
    """A page of parcels, by id."""

    items: list[Parcel]
    next_cursor: str | None


class PathStep(BaseModel):
    """One planned leg of a parcel."""

    load_id: str
    from_facility_id: str
    to_facility_id: str
    departs_at: dt.datetime
    arrives_at: dt.datetime


class ParcelDetail(Parcel):
    """A parcel with its planned path and what is wrong with it."""

    path: list[PathStep]
    exceptions: list[ExceptionItem]


class ParcelEvent(BaseModel):
    """One event of a parcel."""

    source: str
    source_event_id: str
    kind: str
    occurred_at: dt.datetime
    received_at: dt.datetime
    facility_id: str | None
    vehicle_id: str | None
    driver_id: str | None
    payload: dict[str, object] | None


class ParcelEvents(BaseModel):
    """The events of a parcel in event time."""

    items: list[ParcelEvent]


class Act(BaseModel):
    """One action on an exception."""

    version: int
    action: str
    by: str
    at: dt.datetime
    text: str
    until: dt.datetime | None
    owner: str


class ExceptionItem(BaseModel):
    """Something that is or was wrong."""

    id: str
    kind: str
    severity: str
    state: Literal["open", "acknowledged", "snoozed", "resolved", "closed"]
    subject: str | None
    parcel_id: str | None
    load_id: str | None
    route_id: str | None
    vehicle_id: str | None
    facility_id: str | None
    carrier_id: str | None
    owner: str | None
    responsible: str | None = Field(description="Who answers for the cause, where an event said.")
    escalated: bool
    version: int
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    promises_at_risk: int
    money_at_risk_usd: float


class ExceptionDetail(ExceptionItem):
    """An exception with its evidence and what was done."""

    evidence: dict[str, object]
    acts: list[Act]


class ExceptionPage(BaseModel):
    """A page of exceptions: worst first among the open, then by opening."""

    items: list[ExceptionItem]
    next_cursor: str | None


class Action(BaseModel):
    """What is to be done with an exception."""

    action: Literal["own", "acknowledge", "snooze", "escalate", "note", "resolve", "reopen", "undo"]
    version: int = Field(ge=0, description="Of the exception as it was seen.")
    text: str = Field(default="", max_length=4_000)
    until: dt.datetime | None = Field(default=None, description="Needed to snooze.")
    owner: str = Field(default="", max_length=200, description="Somebody else than who acts.")


class Incident(BaseModel):
    """Open exceptions that share a cause."""

    incident_id: str
    cause: str
    subject: str | None
    facility_id: str | None
    severity: str
    opened_at: dt.datetime
    exceptions: int
    parcels: int
    kinds: str
    promises_at_risk: int
    money_at_risk_usd: float


class Incidents(BaseModel):
    """Every incident, worst first."""

    at: dt.datetime
    items: list[Incident]


class Kpi(BaseModel):
    """A figure."""

    name: str
    value: float | None
    numerator: float
    denominator: float
    unit: str


class NextCutoff(BaseModel):
    """What of the plans comes next at any facility."""

    at: dt.datetime
    what: Literal["inbound_cutoff", "departure"]
    facility_id: str
    timezone: str | None
    load_id: str | None


class Kpis(BaseModel):
    """The figures of a moment."""

    at: dt.datetime
    items: list[Kpi]
    next_cutoff: NextCutoff | None


class Trend(BaseModel):
    """One figure at each instant; null where nothing was to be measured by then."""

    name: str
    unit: str
    values: list[float | None]


class Trends(BaseModel):
    """How the figures came to what they are.

    Each point tells what had happened by its instant, as far as is known at `at`: an event that
    came late counts when it happened. Promises and money at risk of an exception are as they stand
    last.
    """

    at: dt.datetime
    begins_at: dt.datetime | None = Field(description="When the first event of a parcel happened.")
    instants: list[dt.datetime]
    items: list[Trend]


class ChartFacility(BaseModel):
    """A facility on the map."""

    facility_id: str
    name: str | None
    latitude: float | None
    longitude: float | None
    timezone: str
    roles: list[str]
    queue: int = Field(description="Parcels that it holds.")
    exceptions: int = Field(description="Open ones that name it.")


class ChartVehicle(BaseModel):
    """Where a vehicle was seen last."""

    vehicle_id: str
    latitude: float
    longitude: float
    at: dt.datetime
    load_id: str | None
    route_id: str | None
    down: bool
    kind: Literal["truck", "van"]
    to_facility_id: str | None = Field(
        default=None, description="Where its load is bound for, as planned."
    )


class ChartLane(BaseModel):
    """What the plans send from one facility to another."""

    from_facility_id: str = Field(alias="from")
    to_facility_id: str = Field(alias="to")
    loads: int
    rolling: int
    parcels: int
    fill: float | None = Field(description="Volume over the space that is paid for.")


class Chart(BaseModel):
    """The map."""

    at: dt.datetime
    facilities: list[ChartFacility]
    vehicles: list[ChartVehicle]
    lanes: list[ChartLane]


class Health(BaseModel):
    """Whether the server works."""

    status: Literal["ok", "failing"]
    reasons: list[str] = []


ParcelDetail.model_rebuild()
