"""What was decided about loads beyond the plan: bought, held, called off, sent elsewhere.

A state of its own beside tracking: these events are few, and their payloads are read here alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.cases import from_desk
from crossdock.operate.layers import Layers, union
from crossdock.operate.readings import LATEST_S, payload_of, read_events

_ADDED, _ADD = "load_added", "command_add_load"
_HOLD, _CANCEL, _DIVERT = "command_hold_departure", "command_cancel_load", "command_divert"

_TEXTS = ("from", "to", "kind", "carrier_id", "vehicle_type", "driver_mode", "by")
_NUMBERS = ("units", "parcels", "miles", "cost_usd", "volume_m3")
_INSTANTS = ("departs_at", "arrives_at", "until")
_EVENT: Schema = {
    "source": pl.String,
    "source_event_id": pl.String,
    "at": INSTANT,
    "received_at": INSTANT,
    "what": pl.String,
}
_CALLS: Schema = {
    **_EVENT,
    "load_id": pl.String,
    **dict.fromkeys(_TEXTS, pl.String),
    **dict.fromkeys(_NUMBERS, pl.Float64),
    **dict.fromkeys(_INSTANTS, INSTANT),
}

ADDED_LOADS: Schema = {
    "load_id": pl.String,
    "from": pl.String,
    "to": pl.String,
    "kind": pl.String,
    "departs_at": INSTANT,
    "arrives_at": INSTANT,
    "carrier_id": pl.String,
    "vehicle_type": pl.String,
    "units": pl.Int64,
    "driver_mode": pl.String,
    "parcels": pl.Int64,
    "miles": pl.Float64,
    "cost_usd": pl.Float64,
    "space_m3": pl.Float64,
}
"""Loads that were bought beyond the plan; ``space_m3``: usable space that is paid for."""

HOLDS: Schema = {
    "load_id": pl.String,
    "held_until": INSTANT,
    "held_by": pl.String,
    "held_at": INSTANT,
}
"""The newest hold of each load; one until no later than its planned departure releases it."""

DIVERTED: Schema = {
    "load_id": pl.String,
    "diverted_to": pl.String,
    "diverted_arrives_at": INSTANT,
}
"""Where loads go that were sent elsewhere, and when they are expected there."""


def _no_calls() -> Layers:
    return Layers(_CALLS, union)


@dataclass(frozen=True)
class LoadCalls:
    """The decisions so far; equal for equal sets of events, in any order, any batch."""

    calls: Layers = field(default_factory=_no_calls)

    def after(self, events: pl.DataFrame) -> LoadCalls:
        """These decisions after ``events`` (columns `EVENTS`)."""
        # Whoever brings events may say that a load was bought, not what the desk decided.
        commands = pl.col("kind").is_in([_ADD, _HOLD, _CANCEL, _DIVERT]) & from_desk()
        told = events.filter((pl.col("kind") == _ADDED) | commands)
        if told.is_empty():
            return self
        read = read_events(told).select(
            "source", "source_event_id", "at", "received_at", what="kind"
        )
        cells = pl.DataFrame(
            [_cells(payload) for payload in told["payload"]],
            schema={name: dtype for name, dtype in _CALLS.items() if name not in read.columns},
        )
        rows = pl.concat([read, cells], how="horizontal")
        return LoadCalls(
            self.calls.with_rows(conform(rows.filter(pl.col("load_id").is_not_null()), _CALLS))
        )

    def added(self) -> pl.DataFrame:
        """`ADDED_LOADS`, sorted by id; of two tellings of one load the newest counts.

        A load that was bought counts more than the command to buy it, from which it may differ.
        """
        told = self.calls.whole.filter(pl.col("what").is_in([_ADDED, _ADD]))
        in_order = told.sort(pl.col("what") == _ADDED, "at", "source", "source_event_id")
        cells = [name for name in _CALLS if name not in ("load_id", *_EVENT)]
        rows = in_order.group_by("load_id").agg(pl.col(cells).drop_nulls().last())
        return conform(rows.rename({"volume_m3": "space_m3"}), ADDED_LOADS).sort("load_id")

    def holds(self) -> pl.DataFrame:
        """`HOLDS`, sorted by load."""
        rows = self._newest(_HOLD).with_columns(held_until="until", held_by="by", held_at="at")
        return conform(rows.filter(pl.col("held_until").is_not_null()), HOLDS).sort("load_id")

    def diverted(self) -> pl.DataFrame:
        """`DIVERTED`, sorted by load."""
        rows = self._newest(_DIVERT).with_columns(
            diverted_to="to", diverted_arrives_at="arrives_at"
        )
        return conform(rows.filter(pl.col("diverted_to").is_not_null()), DIVERTED).sort("load_id")

    def called_off(self) -> pl.Series:
        """Loads that the desk cancelled."""
        return self._newest(_CANCEL)["load_id"].sort()

    def to_frames(self) -> dict[str, pl.DataFrame]:
        """The state as tables, equal for equal sets of events."""
        return {"load_calls": self.calls.stored()}

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame]) -> LoadCalls:
        """The state that `to_frames` stored."""
        return cls(_no_calls().restored(frames["load_calls"]))

    def _newest(self, what: str) -> pl.DataFrame:
        told = self.calls.whole.filter(pl.col("what") == what)
        return told.sort("at", "source", "source_event_id").unique(subset=["load_id"], keep="last")


def _cells(payload: str | None) -> dict[str, object]:
    """What a payload says, cell by cell; null where it is absent or not of its type."""
    told = payload_of(payload)
    load_id = told.get("load_id")
    return {
        "load_id": load_id if isinstance(load_id, str) and load_id else None,
        **{name: told[name] if isinstance(told.get(name), str) else None for name in _TEXTS},
        **{name: _number(told.get(name)) for name in _NUMBERS},
        **{name: _instant(told.get(name)) for name in _INSTANTS},
    }


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def _instant(value: object) -> dt.datetime | None:
    """An instant as seconds since 1970 or as ISO text; one without a zone is UTC."""
    if isinstance(value, str):
        try:
            found = dt.datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            value = float(value) if value.isdecimal() and len(value) < 12 else None
    seconds = _number(value)
    if seconds is None or not 0 <= seconds <= LATEST_S:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
