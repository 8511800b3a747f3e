"""The evidence that exceptions rest on, and the fold that gathers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from crossdock.model.event import EVENT_KINDS
from crossdock.operate.layers import Layers, union
from crossdock.operate.readings import READINGS, picked, read_events

EVIDENCE_KINDS = (
    "pickup_failed",
    "customs_hold",
    "delayed",
    "missorted",
    "damaged",
    "address_issue",
    "attempt_failed",
    "returning",
    "lost",
    "unknown",
    "vehicle_down",
    "vehicle_up",
    "handoff_missed",
    "wave_ended",
    "load_delayed",
    "load_added",
    "load_cancelled",
    "tender_rejected",
    "tender_accepted",
    "command_divert",
)
"""Kinds that open or close an exception by themselves; with them, every unpublished kind."""

_HARMLESS = sorted(frozenset(EVENT_KINDS) - frozenset(EVIDENCE_KINDS))
_COLUMNS = (
    "source", "source_event_id", "kind", "known", "at", "received_at", "parcel_id", "facility_id",
    "vehicle_id", "driver_id", "load_id", "route_id", "carrier_id", "to_id", "expected", "reason",
    "owner", "code", "wave", "attempt", "left", "parcels", "expected_at", "next_at",
    "beyond_delivery",
)  # fmt: skip


@dataclass(frozen=True)
class ExceptionState:
    """The union of the evidence so far; exceptions are a view of it, of tracking and of a plan."""

    evidence: Layers

    def of_parcels(self, parcel_ids: pl.Series) -> ExceptionState:
        """The evidence that names one of these parcels, or none."""
        frames = (
            frame.filter(
                pl.col("parcel_id").is_null() | pl.col("parcel_id").is_in(parcel_ids.implode())
            )
            for frame in self.evidence.frames
        )
        return ExceptionState(replace(self.evidence, frames=tuple(frames)))

    def to_frames(self) -> dict[str, pl.DataFrame]:
        """The state as tables, equal for equal sets of events."""
        return {"evidence": self.evidence.stored()}

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame]) -> ExceptionState:
        """The state that `to_frames` stored."""
        return cls(empty_exceptions().evidence.restored(frames["evidence"]))


def empty_exceptions() -> ExceptionState:
    """The state before the first event."""
    return ExceptionState(Layers({name: READINGS[name] for name in _COLUMNS}, union))


def fold(state: ExceptionState, events: pl.DataFrame) -> ExceptionState:
    """``state`` after ``events`` of one tenant (columns `EVENTS`), in any order, any batch."""
    return state if events.is_empty() else fold_read(state, read_events(events))


def fold_read(state: ExceptionState, read: pl.DataFrame) -> ExceptionState:
    """`fold` of events that were read already (`READINGS`)."""
    for _, telling in picked(read, _TELLING):
        return ExceptionState(state.evidence.with_rows(telling))
    return state


_TELLING = {"evidence": ~pl.col("kind").is_in(_HARMLESS)}
