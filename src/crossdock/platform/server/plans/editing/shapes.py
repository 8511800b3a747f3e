"""What the API is asked for and says of the routes of a facility on a date."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crossdock.platform.server.plans.shapes import TourSegment

MOST_STOPS = 500
_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Ids = Annotated[list[_Id], Field(min_length=1, max_length=MOST_STOPS)]
_Version = Annotated[
    int, Field(ge=0, description="The version of the facility-day that this is meant for.")
]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: _Version


class MoveAsked(_Asked):
    """Stops that another vehicle is to serve.

    ``parcel_ids``: any parcel of a stop names the whole stop. ``behind``: put them behind so many
    stops of the tour, in the order given; without it each goes where it adds the least driving.
    """

    parcel_ids: _Ids
    to_vehicle_id: _Id
    behind: Annotated[int, Field(ge=0, le=10_000)] | None = None


class PreviewAsked(_Asked):
    """The same of every vehicle of the day, or of one."""

    parcel_ids: _Ids
    to_vehicle_id: _Id | None = None
    behind: Annotated[int, Field(ge=0, le=10_000)] | None = None


class LockAsked(_Asked):
    """Routes that stay as they are, and stops that stay on their vehicle; or no longer."""

    vehicle_ids: Annotated[list[_Id], Field(max_length=MOST_STOPS)] = []
    parcel_ids: Annotated[list[_Id], Field(max_length=MOST_STOPS)] = []
    locked: bool


class OptimiseAsked(_Asked):
    """Plan what is not locked anew, for about so many seconds (two runs may differ)."""

    seconds: Annotated[float, Field(ge=1, le=600)] = 20.0
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class TourCosts(BaseModel):
    """Cost by what it is paid for; ``parcels_usd`` with what fills up to a carrier's least."""

    fixed_usd: float
    distance_usd: float
    time_usd: float
    stops_usd: float
    parcels_usd: float
    fuel_usd: float


class DayStop(BaseModel):
    """A stop; its first parcel is its id.

    ``opens_at``, ``closes_at``: what the recipient was told; ``due_at``: what the service says.
    """

    stop_id: str
    sequence: int
    parcel_ids: list[str]
    arrives_at: dt.datetime
    departs_at: dt.datetime
    opens_at: dt.datetime | None
    closes_at: dt.datetime | None
    due_at: dt.datetime | None
    late: bool
    locked: bool
    distance_m: float
    latitude: float
    longitude: float


class DayVehicle(BaseModel):
    """A vehicle with its driver. ``more``: so many others are the same but for their names."""

    vehicle_id: str
    vehicle_type: str | None
    driver_id: str | None
    carrier_id: str | None
    mode: str
    capacity_m3: float | None
    shift_starts_at: dt.datetime
    shift_ends_at: dt.datetime
    max_duty_s: int
    hos_ruleset: str | None
    more: int = 0


class DayRoute(DayVehicle):
    """A tour. ``must_return_at``: the end of its ``limit``, shift or duty; ``slack_s`` is to it."""

    route_id: str
    locked: bool
    departs_at: dt.datetime
    returns_at: dt.datetime
    must_return_at: dt.datetime
    limit: Literal["shift", "duty"]
    slack_s: int
    stops: int
    parcels: int
    late_stops: int
    volume_m3: float
    fill: float | None
    distance_m: float
    paid_s: int
    cost_usd: float
    costs: TourCosts
    reason: str | None
    segments: list[TourSegment]
    visits: list[DayStop]


class FacilityDay(BaseModel):
    """The routes of a facility on a date, and the vehicles that stay in.

    ``version``: number of the last edit of it, 0 as it was made; whoever changes it names it.
    ``changeable``: the plan is a draft.
    """

    plan_id: str
    facility_id: str
    delivery_date: dt.date
    version: int
    changeable: bool
    timezone: str
    latitude: float
    longitude: float
    cost_usd: float
    routes: list[DayRoute]
    idle: list[DayVehicle]


class RefusedLimit(BaseModel):
    """A limit that forbids a tour, checked by timing it without: by how much it is exceeded."""

    limit: str
    said: str
    over: float
    unit: str
    parcel_id: str | None


class MovedArrival(BaseModel):
    """A stop that is reached at another time."""

    parcel_id: str
    vehicle_id: str
    was_at: dt.datetime
    now_at: dt.datetime


class WeighedMove(BaseModel):
    """What it would be to have stops on a vehicle.

    ``cost_usd``: what the day costs more; ``arrivals_moved``: stops reached at another time, of
    which ``arrivals`` are those that are moved the most (all of them where one vehicle is asked
    for); ``late_stops``: how many more come after what their service says.
    """

    vehicle_id: str
    route_id: str | None
    fits: bool
    refusals: list[RefusedLimit]
    cost_usd: float | None
    distance_m: float | None
    paid_s: int | None
    late_stops: int | None
    returns_at: dt.datetime | None
    arrivals_moved: int
    arrivals: list[MovedArrival]


class MovePreview(BaseModel):
    """Stops weighed on every vehicle that could be asked."""

    version: int
    stops: int
    weighed: list[WeighedMove]


class EditMade(BaseModel):
    """An edit of a draft. ``version``: of its facility-day from now on."""

    number: int
    version: int
    kind: str
    facility_id: str
    delivery_date: dt.date
    made_at: dt.datetime
    made_by: str
    cost_usd: float | None
    detail: dict[str, Any]
    routes_changed: bool


class EditPage(BaseModel):
    """Edits of a plan, the newest first."""

    items: list[EditMade]
    next_cursor: str | None


class OptimiseAccepted(BaseModel):
    """A job plans the rest of a facility-day; ``GET /v1/jobs/{job_id}`` tells how far it is."""

    job_id: str


class ChangeTotal(BaseModel):
    """A sum over the facility-day in both."""

    name: str
    was: float
    now: float


class ChangedRoute(BaseModel):
    """A vehicle whose tour differs; null where it stays in."""

    vehicle_id: str
    was_route_id: str | None
    was_stops: int | None
    was_distance_m: float | None
    was_departs_at: dt.datetime | None
    was_returns_at: dt.datetime | None
    was_cost_usd: float | None
    now_route_id: str | None
    now_stops: int | None
    now_distance_m: float | None
    now_departs_at: dt.datetime | None
    now_returns_at: dt.datetime | None
    now_cost_usd: float | None
    difference_usd: float


class ChangedParcel(BaseModel):
    """A parcel on another vehicle, or reached at another time; ``added``, ``gone``: in one only."""

    order_id: str
    parcel_id: str
    what: Literal["moved", "retimed", "added", "gone"]
    was_vehicle_id: str | None
    was_arrives_at: dt.datetime | None
    was_late: bool | None
    now_vehicle_id: str | None
    now_arrives_at: dt.datetime | None
    now_late: bool | None


class DayComparison(BaseModel):
    """What differs on a facility-day between ``was`` and ``now``; nothing else is told.

    ``parcels``: at most 2,000 of ``parcels_changed``, those on other vehicles first.
    """

    was: str
    now: str
    totals: list[ChangeTotal]
    routes: list[ChangedRoute]
    parcels: list[ChangedParcel]
    parcels_changed: int
