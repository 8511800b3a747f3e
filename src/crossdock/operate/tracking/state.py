"""The state of tracking: sets of readings that join, and the fold that grows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

import polars as pl

from crossdock.operate.layers import Layers, latest, union
from crossdock.operate.readings import READINGS, picked, read_events
from crossdock.operate.tracking.trail import Trail, trail_of

_ID = ("source", "source_event_id", "at", "received_at")

STEP_COLUMNS = (
    *_ID, "life", "future_clock", "parcel_id", "facility_id", "vehicle_id", "load_id", "route_id",
    "carrier_id", "merchant_id", "to_id", "reason", "attempt", "opening",
)  # fmt: skip
_MENTION = (*_ID, "kind", "future_clock", "parcel_id")
_FIX = (*_ID, "vehicle_id", "latitude", "longitude")
_ERRAND = (*_ID, "kind", "vehicle_id", "load_id", "route_id")
_CONDITION = (*_ID, "kind", "vehicle_id", "reason", "load_id", "route_id")
_DUTY = (*_ID, "driver_id", "activity", "load_id", "route_id")
_LOAD = (
    *_ID, "kind", "load_id", "facility_id", "vehicle_id", "driver_id", "from_id", "to_id",
    "carrier_id", "expected_at", "reason", "owner",
)  # fmt: skip
_ROUTE = (
    *_ID, "kind", "route_id", "facility_id", "vehicle_id", "driver_id", "carrier_id", "sequence",
    "paid_s", "distance_m", "undelivered",
)  # fmt: skip
_FACILITY = (*_ID, "kind", "facility_id", "wave", "left", "carrier_id", "parcels", "next_at")
_UNKNOWN = (*_ID, "kind", "parcel_id")

LOAD_KINDS = ("load_departed", "load_arrived", "load_delayed", "load_cancelled", "load_added")
ROUTE_KINDS = (
    "route_departed",
    "route_returned",
    "route_added",
    "route_cancelled",
    "stop_arrived",
    "stop_departed",
    "break_started",
    "break_ended",
)
FACILITY_KINDS = ("wave_started", "wave_ended", "handoff_missed")


def _set(columns: tuple[str, ...]) -> Layers:
    return Layers({name: READINGS[name] for name in columns}, union)


def _newest(columns: tuple[str, ...], key: str) -> Layers:
    return Layers({name: READINGS[name] for name in columns}, latest(key))


@dataclass(frozen=True)
class TrackingState:
    """What tracking keeps of one tenant's events: each part is a join of the events so far.

    Attributes
    ----------
    steps
        Every status event of a parcel.
    mentions
        Events of other kinds that name a parcel; they make it known, and move nothing.
    fixes, errands, conditions
        Of a vehicle, the newest: coordinates; load or route; down or up.
    duties, load_events, route_events, facility_events
        Every event of these kinds.
    unknowns
        Every event of an unpublished kind.
    """

    steps: Layers
    mentions: Layers
    fixes: Layers
    errands: Layers
    conditions: Layers
    duties: Layers
    load_events: Layers
    route_events: Layers
    facility_events: Layers
    unknowns: Layers

    @cached_property
    def trail(self) -> Trail:
        """Status events of every parcel, in the order in which it followed them."""
        return trail_of(self.steps.whole)

    def of_parcels(self, parcel_ids: pl.Series) -> TrackingState:
        """The state of these parcels alone, with all that is known of what may carry them."""
        return replace(
            self,
            steps=self.steps.of("parcel_id", parcel_ids),
            mentions=self.mentions.of("parcel_id", parcel_ids),
        )

    def of_vehicles(self, vehicle_ids: pl.Series) -> TrackingState:
        """The state with what is known of these vehicles, and of no other, for `vehicle_states`."""
        kept = {name: getattr(self, name) for name in ("fixes", "errands", "conditions")}
        return replace(
            self, **{name: part.of("vehicle_id", vehicle_ids) for name, part in kept.items()}
        )

    def to_frames(self) -> dict[str, pl.DataFrame]:
        """The state as tables, equal for equal sets of events."""
        return {each.name: getattr(self, each.name).stored() for each in fields(self)}

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame]) -> TrackingState:
        """The state that `to_frames` stored."""
        fresh = empty_tracking()
        parts = {each.name: getattr(fresh, each.name) for each in fields(cls)}
        return cls(**{name: part.restored(frames[name]) for name, part in parts.items()})


def empty_tracking() -> TrackingState:
    """The state before the first event."""
    return TrackingState(
        steps=_set(STEP_COLUMNS),
        mentions=_set(_MENTION),
        fixes=_newest(_FIX, "vehicle_id"),
        errands=_newest(_ERRAND, "vehicle_id"),
        conditions=_newest(_CONDITION, "vehicle_id"),
        duties=_set(_DUTY),
        load_events=_set(_LOAD),
        route_events=_set(_ROUTE),
        facility_events=_set(_FACILITY),
        unknowns=_set(_UNKNOWN),
    )


def fold(state: TrackingState, events: pl.DataFrame) -> TrackingState:
    """``state`` after ``events`` of one tenant (columns `EVENTS`), in any order, any batch."""
    return state if events.is_empty() else fold_read(state, read_events(events))


def fold_read(state: TrackingState, read: pl.DataFrame) -> TrackingState:
    """`fold` of events that were read already (`READINGS`)."""
    return replace(
        state,
        **{name: getattr(state, name).with_rows(rows) for name, rows in picked(read, _PARTS)},
    )


_PARCEL, _VEHICLE = pl.col("parcel_id").is_not_null(), pl.col("vehicle_id").is_not_null()
_STATUS, _KIND = pl.col("life").is_not_null(), pl.col("kind")
_ON_EARTH = pl.col("latitude").is_between(-90, 90) & pl.col("longitude").is_between(-180, 180)
_BUSY = pl.col("load_id").is_not_null() | pl.col("route_id").is_not_null()
_DUTIES = (
    (_KIND == "duty_changed") & pl.col("driver_id").is_not_null() & pl.col("activity").is_not_null()
)
_PARTS = {
    "steps": _PARCEL & _STATUS,
    "mentions": _PARCEL & ~_STATUS,
    "fixes": _VEHICLE & _ON_EARTH,
    "errands": _VEHICLE & _BUSY & ~_STATUS,
    "conditions": _VEHICLE & _KIND.is_in(["vehicle_down", "vehicle_up"]),
    "duties": _DUTIES,
    "load_events": _KIND.is_in(LOAD_KINDS) & pl.col("load_id").is_not_null(),
    "route_events": _KIND.is_in(ROUTE_KINDS) & pl.col("route_id").is_not_null(),
    "facility_events": _KIND.is_in(FACILITY_KINDS) & pl.col("facility_id").is_not_null(),
    "unknowns": ~pl.col("known"),
}
"""Which readings each part of the state takes."""
