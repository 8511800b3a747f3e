"""What the routes of facilities and shift notes answer, as the OpenAPI document shows it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field


class Facility(BaseModel):
    """A facility, what waits there, what is wrong there."""

    facility_id: str
    name: str | None
    timezone: str
    roles: list[str]
    queue: int = Field(description="Parcels that it holds.")
    exceptions: int = Field(description="Open ones that name it.")


class Facilities(BaseModel):
    """Every facility, by id."""

    at: dt.datetime
    items: list[Facility]


class OnDuty(BaseModel):
    """A driver of a load."""

    driver_id: str
    activity: str | None = Field(
        description="D driving, ON on duty, OFF, SB; null: nothing is known."
    )
    driving_left_h: float | None = Field(
        description="By every limit of the driver's rules but the pause, as the fleet has it: now, "
        "or at the departure of who rests until then."
    )
    drive_now_h: float | None = Field(description="Until a pause is due, too.")
    to_drive_h: float | None = Field(description="Planned, up to the first rest of 10 hours.")


class Advice(BaseModel):
    """Hold or go."""

    action: Literal["hold", "go", "none"]
    hold_min: int
    saves: int = Field(description="Parcels that are ready by the end of the hold.")
    reason: str


class Departure(BaseModel):
    """A load that leaves, or left in the last hour."""

    load_id: str
    kind: str | None
    to: str
    state: Literal["planned", "held", "departed", "cancelled"]
    added: bool = Field(description="Bought beyond the plan.")
    door: int = Field(description="Assigned by the tower: a plan names none.")
    departs_at: dt.datetime = Field(description="As planned.")
    leaves_at: dt.datetime = Field(description="When it left, or is expected to.")
    held_until: dt.datetime | None
    held_by: str | None
    departed_at: dt.datetime | None
    late_s: int
    arrives_at: dt.datetime | None = Field(description="As planned.")
    comes_at: dt.datetime | None = Field(description="Expected.")
    cutoff_at: dt.datetime | None = Field(
        description="Of the wave at the other end that the planned arrival meets."
    )
    slack_s: int | None = Field(description="From the expected arrival to the cut-off.")
    carrier_id: str | None
    vehicle_type: str | None
    units: int | None
    driver_mode: str | None
    drivers: list[OnDuty]
    planned: int = Field(description="Parcels that the plan puts on it.")
    loaded: int
    ready: int = Field(description="Sorted, at the dock.")
    in_sort: int
    to_come: int = Field(description="Not here yet.")
    stopped: int = Field(description="Held, damaged and the like.")
    gone: int = Field(description="On another way, or over.")
    planned_m3: float | None
    now_m3: float | None = Field(description="Of what is loaded or ready.")
    space_m3: float | None
    planned_share: float | None
    now_share: float | None
    advice: Advice


class Arrival(BaseModel):
    """A load that comes, or came in the last hour."""

    load_id: str
    kind: str | None
    from_facility_id: str = Field(alias="from")
    state: Literal["planned", "held", "rolling", "arrived"]
    arrives_at: dt.datetime | None = Field(description="As planned.")
    comes_at: dt.datetime | None = Field(description="When it came, or is expected to.")
    arrived_at: dt.datetime | None
    late_s: int | None
    cutoff_at: dt.datetime | None
    slack_s: int | None
    parcels: int
    carrier_id: str | None
    vehicle_type: str | None


class BoardWave(BaseModel):
    """A sort wave."""

    wave: str
    state: Literal["planned", "sorting", "ended"]
    inbound_cutoff_at: dt.datetime
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    ready_at: dt.datetime | None
    capacity_parcels: float | None
    waiting: int = Field(description="Parcels here that it is to sort.")
    left: int | None = Field(description="Parcels that it did not sort.")


class Queue(BaseModel):
    """Parcels that the facility holds, by their next step."""

    present: int
    for_sort: int
    for_departure: int
    for_route: int
    for_partner: int
    held: int
    oldest_at: dt.datetime | None
    oldest_parcel_id: str | None


class BoardOfFacility(BaseModel):
    """The board of a facility: the last hour and those to come."""

    at: dt.datetime
    hours: float
    facility: Facility
    queue: Queue
    waves: list[BoardWave]
    departures: list[Departure]
    arrivals: list[Arrival]


class NoteAsked(BaseModel):
    """What the next dispatcher is to know."""

    text: str = Field(min_length=1, max_length=4_000)
    to: str = Field(default="", max_length=200, description="Whom it is for; empty: who is next.")


class NoteStanding(BaseModel):
    """How the day stood, or stands."""

    open: int
    untouched: int
    owned: int = Field(description="By who wrote the note.")
    owned_ids: list[str] = Field(description="The worst five of them.")
    held_loads: list[str]


class NoteSince(BaseModel):
    """What changed since a note was written."""

    opened: int
    closed: int


class NoteReading(BaseModel):
    """Who took a note over."""

    by: str
    at: dt.datetime


class ShiftNote(BaseModel):
    """A note from one shift to the next."""

    note_id: str
    by: str
    to: str
    text: str
    at: dt.datetime
    read: bool = Field(description="By who asks, or written by them.")
    readings: list[NoteReading]
    standing: NoteStanding = Field(description="When it was written.")
    now: NoteStanding
    since: NoteSince


class ShiftNotes(BaseModel):
    """Notes, the newest first."""

    at: dt.datetime
    items: list[ShiftNote]
