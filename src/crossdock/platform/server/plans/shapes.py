"""What the API says of the lanes, metros and tours of a plan."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field


class PlanLaneWay(BaseModel):
    """One way in which parcels go on a lane.

    ``kind``: loaded, empty or bobtail (own equipment), bought or pooled; ``step``: of the capacity
    ladder.
    """

    kind: str
    step: str | None
    driver_mode: str | None
    carrier_id: str | None
    loads: int
    units: int
    parcels: int
    volume_m3: float
    fill: float | None
    cost_usd: float


class PlanLane(BaseModel):
    """A lane of a plan.

    ``fill`` is volume over the usable space that is paid for; ``path`` and ``reason`` are the
    decision on parcels from the one end to the other.
    """

    from_: str = Field(alias="from")
    to: str
    miles: float | None
    loads: int
    units: int
    parcels: int
    volume_m3: float
    space_m3: float
    fill: float | None
    cost_usd: float
    usd_per_parcel: float | None
    first_departs_at: dt.datetime | None
    last_departs_at: dt.datetime | None
    last_arrives_at: dt.datetime | None
    ways: list[PlanLaneWay]
    path: str | None
    reason: str | None


class PlanLanePage(BaseModel):
    """Some lanes, by their ends."""

    items: list[PlanLane]
    next_cursor: str | None


class DepartureOption(BaseModel):
    """An option that was weighed and not taken."""

    option: str
    cost_usd: float | None
    service: str
    why_not: str


class DepartureDecision(BaseModel):
    """A choice with its reason; ``saved_usd``: what the best other option costs more."""

    question: str
    chosen: str
    reason: str
    saved_usd: float | None
    alternatives: list[DepartureOption]


class LaneDeparture(BaseModel):
    """A load; ``cutoff_at``: of the first wave that it lands in time for."""

    load_id: str
    from_: str = Field(alias="from")
    to: str
    kind: str
    departs_at: dt.datetime
    arrives_at: dt.datetime
    cutoff_at: dt.datetime | None
    vehicle_type: str | None
    units: int | None
    step: str | None
    driver_mode: str | None
    driver_ids: str | None
    carrier_id: str | None
    relay_facility_id: str | None
    parcels: int
    volume_m3: float
    weight_kg: float
    cube_share: float | None
    weight_share: float | None
    miles: float | None
    cost_usd: float
    transit_h_p50: float | None
    transit_h_p90: float | None
    movement_id: str | None
    decisions: list[DepartureDecision]


class LaneDepartures(BaseModel):
    """Some departures by time, and the inbound cut-offs around them where their lane ends."""

    items: list[LaneDeparture]
    cutoffs: list[dt.datetime]
    next_cursor: str | None


class PlanMetro(BaseModel):
    """A facility of a plan and what it sends out to doors.

    ``handed_over``: parcels that it gives to partners; ``originating``: parcels that start there.
    """

    facility_id: str
    name: str
    latitude: float | None
    longitude: float | None
    timezone: str | None
    routes: int
    stops: int
    parcels: int
    handed_over: int
    originating: int
    delivery_dates: list[dt.date]
    cost_usd: float | None
    usd_per_parcel: float | None
    stops_per_hour: float | None
    distance_m: float | None
    paid_s: int | None
    first_departs_at: dt.datetime | None
    last_returns_at: dt.datetime | None


class PlanMetroPage(BaseModel):
    """Some facilities of a plan, by id."""

    items: list[PlanMetro]
    next_cursor: str | None


class TourSegment(BaseModel):
    """A part of a tour.

    ``kind``: drive, service, break or wait; ``sequence``: the stop served or driven to.
    """

    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    sequence: int | None
    parcels: int | None


class TourStop(BaseModel):
    """A stop of a tour; ``distance_m``: of the leg into it."""

    sequence: int
    arrives_at: dt.datetime | None
    departs_at: dt.datetime | None
    parcels: int
    parcel_ids: list[str]
    distance_m: float
    latitude: float | None
    longitude: float | None


class PlanTour(BaseModel):
    """A tour of a plan, gate out to gate in.

    ``must_return_at``: the end of the shift or of the longest duty, whichever is first;
    ``slack_s``: from the return to it.
    """

    route_id: str
    facility_id: str
    delivery_date: dt.date | None
    vehicle_id: str | None
    vehicle_type: str | None
    driver_id: str | None
    carrier_id: str | None
    departs_at: dt.datetime | None
    returns_at: dt.datetime | None
    shift_starts_at: dt.datetime | None
    shift_ends_at: dt.datetime | None
    must_return_at: dt.datetime | None
    slack_s: int | None
    stops: int
    parcels: int
    volume_m3: float
    fill: float | None
    distance_m: float
    paid_s: int
    cost_usd: float
    reason: str | None
    segments: list[TourSegment]
    visits: list[TourStop]


class PlanTourPage(BaseModel):
    """Some tours by facility and departure."""

    items: list[PlanTour]
    next_cursor: str | None
