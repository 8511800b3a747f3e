"""What subscribers are told: the kind of each message and its JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import polars as pl

from crossdock.operate.cases import ACTIONS
from crossdock.operate.commands import COMMAND_KINDS, given_by_desk
from crossdock.operate.present import Present
from crossdock.operate.readings import payload_of
from crossdock.operate.shift_notes import KINDS
from crossdock.platform.server.tower.chart import vehicle_rows

Told = tuple[str, bytes]

_OF_PARCELS = ("parcel_id", "status", "status_at", "last_event_at", "kind", "occurred_at",
               "facility_id", "sequence")  # fmt: skip
_OF_EVENTS = ("parcel_id", "kind", "occurred_at", "sequence")
_OF_STATUSES = ("parcel_id", "status", "status_at", "last_event_at", "facility_id")
_INSTANTS = ("status_at", "last_event_at", "occurred_at")
_AS_JSON = (
    pl.struct(
        pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ") if name in _INSTANTS else pl.col(name)
        for name in _OF_PARCELS
    )
    .struct.json_encode()
    .alias("told")
)
_OF_EXCEPTIONS = ("exception_id", "kind", "severity", "subject", "parcel_id", "load_id",
                  "facility_id", "opened_at", "closed_at", "promises_at_risk",
                  "money_at_risk_usd", "change")  # fmt: skip


def event_messages(events: pl.DataFrame, statuses: pl.DataFrame, present: Present) -> list[Told]:
    """What events of the log come to, under the ``present`` after them.

    Parameters
    ----------
    statuses
        `PARCEL_STATUS` of the parcels that the events name.
    """
    kinds = set(events["kind"].to_list())
    messages = _parcel_messages(events, statuses)
    if not kinds.isdisjoint(ACTIONS.values()):
        messages += _case_messages(events)
    if not kinds.isdisjoint(COMMAND_KINDS):
        messages += _command_messages(events)
    if not kinds.isdisjoint(KINDS):
        messages += _note_messages(events)
    if "duty_changed" in kinds:
        messages += _duty_messages(events)
    if "position" in kinds:
        seen = events.filter(pl.col("kind") == "position")["vehicle_id"].drop_nulls().unique()
        messages += _encoded("position", vehicle_rows(present, seen))
    return messages


def exception_messages(changes: pl.DataFrame) -> list[Told]:
    """What changed of exceptions (`Present.with_found`)."""
    if changes.is_empty():
        return []
    return _encoded("exception", changes.select(_OF_EXCEPTIONS).to_dicts())


def _parcel_messages(events: pl.DataFrame, statuses: pl.DataFrame) -> list[Told]:
    """One message an event of a parcel, with the parcel's new status."""
    rows = (
        events.lazy()
        .select(_OF_EVENTS)
        .filter(pl.col("parcel_id").is_not_null())
        .join(
            statuses.lazy().select(_OF_STATUSES),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
        .select(_AS_JSON)
        .collect()
    )
    return [("parcel", told.encode()) for told in rows["told"].to_list()]


def _case_messages(events: pl.DataFrame) -> list[Told]:
    """One message an action on an exception, as its payload tells of it."""
    acted = events.filter(
        pl.col("kind").is_in(list(ACTIONS.values())) & pl.col("payload").is_not_null()
    )
    return [("case", payload.encode()) for payload in acted["payload"]]


def _command_messages(events: pl.DataFrame) -> list[Told]:
    """One message a command: its payload with ``event_id`` and ``at``, for who is to obey it."""
    told: list[Told] = []
    for row in events.filter(given_by_desk()).iter_rows(named=True):
        payload = payload_of(row["payload"])
        message = {**payload, "event_id": row["source_event_id"], "at": row["occurred_at"]}
        told += _encoded("command", [message])
    return told


def _note_messages(events: pl.DataFrame) -> list[Told]:
    """One message a shift note or reading: which, by whom; the note itself is asked for."""
    told = events.filter(pl.col("kind").is_in(list(KINDS)) & pl.col("payload").is_not_null())
    rows: list[object] = []
    for kind, payload in told.select("kind", "payload").iter_rows():
        note = msgspec.json.decode(payload)
        rows.append({"kind": kind, "note_id": note.get("note_id"), "by": note.get("by")})
    return _encoded("shift_note", rows)


def _duty_messages(events: pl.DataFrame) -> list[Told]:
    """One message a change of duty: whose, to what; the hours that it leaves are asked for."""
    told = events.filter((pl.col("kind") == "duty_changed") & pl.col("driver_id").is_not_null())
    rows: list[object] = []
    for driver_id, at, payload in told.select("driver_id", "occurred_at", "payload").iter_rows():
        more = payload_of(payload)
        known = {name: more.get(name) for name in ("activity", "load_id")}
        rows.append({"driver_id": driver_id, "at": at, **known})
    return _encoded("duty", rows)


def _encoded(event: str, rows: Sequence[object]) -> list[Told]:
    encode = msgspec.json.Encoder().encode
    return [(event, encode(row)) for row in rows]
