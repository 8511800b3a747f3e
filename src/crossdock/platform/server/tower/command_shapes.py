"""What the routes of commands take and answer, as the OpenAPI document shows it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crossdock.operate.commands import COMMANDS

CommandName = Literal[
    "hold_departure", "add_load", "cancel_load", "move_stops", "reattempt", "divert"
]
assert set(COMMANDS) == set(CommandName.__args__)
_Id = Annotated[str, Field(max_length=200)]


class CommandAsked(BaseModel):
    """A command, or with `preview` the question what it would do.

    `hold_departure`: load_id, until. `add_load`: from, to, departs_at?, volume_m3?. `cancel_load`:
    load_id. `move_stops`: route_id, to_route_id, parcel_ids. `reattempt`: parcel_id. `divert`: a
    load on the road (load_id, to), or parcels at a station to a partner (parcel_ids, carrier_id).
    """

    model_config = ConfigDict(populate_by_name=True)

    command: CommandName
    preview: bool = Field(default=False, description="Answer what it would do; change nothing.")
    load_id: _Id | None = None
    until: dt.datetime | None = Field(default=None, description="With a time zone.")
    from_facility_id: _Id | None = Field(default=None, alias="from")
    to_facility_id: _Id | None = Field(default=None, alias="to")
    departs_at: dt.datetime | None = Field(
        default=None, description="Without: when the next wave is sorted."
    )
    volume_m3: float | None = Field(
        default=None, description="Without: of the parcels that it would save."
    )
    route_id: _Id | None = None
    to_route_id: _Id | None = None
    parcel_ids: Annotated[list[_Id], Field(max_length=1_000)] | None = None
    parcel_id: _Id | None = None
    carrier_id: _Id | None = None


class CommandLoad(BaseModel):
    """The load that a command is about, as it is now."""

    model_config = ConfigDict(populate_by_name=True)

    load_id: str
    from_facility_id: str | None = Field(alias="from")
    to_facility_id: str | None = Field(alias="to")
    state: Literal["planned", "held", "departed", "arrived", "cancelled"]
    departs_at: dt.datetime | None = Field(description="As planned.")
    expected_departs_at: dt.datetime | None
    expected_arrives_at: dt.datetime | None
    timezone: str = Field(description="Of the place that it leaves.")


class CommandAnswer(BaseModel):
    """What a command does: an estimate of the day with it, beside the day without it."""

    command: CommandName
    preview: bool
    at: dt.datetime
    late_parcels: int = Field(
        description="Of `parcels`, those expected after their promise with the command."
    )
    late_parcels_before: int = Field(description="The same without it.")
    parcels: int = Field(description="Parcels that it touches.")
    saved_parcels: int = Field(description="Late without it, in time with it.")
    lost_parcels: int = Field(description="In time without it, late with it.")
    riders: int | None = Field(description="Parcels that make the load, with the command.")
    riders_before: int | None = Field(description="The same without it.")
    cost_usd: float = Field(description="Money of the command itself; below 0: it saves.")
    late_cost_usd: float = Field(description="Change of late parcel-days at the planner's price.")
    legal: bool
    reasons: list[str]
    codes: list[str] = Field(
        description="Of what a move of stops is refused for: volume, weight, parcels, window, "
        "duty, shift, hours, breaks; station, date, left, stranger, timing, unknown."
    )
    load: CommandLoad | None
    event_id: str | None = Field(description="Of what was done; null for a preview.")


class CommandDone(BaseModel):
    """One command that was given."""

    event_id: str
    command: CommandName
    by: str
    at: dt.datetime
    arguments: dict[str, Any]


class CommandPage(BaseModel):
    """Commands, the newest first."""

    items: list[CommandDone]
    next_cursor: str | None
