"""Events as they come over the wire: read, judged one by one, made a frame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from crossdock.model.event import LONGEST_ID, LONGEST_PAYLOAD
from crossdock.operate.cases import DESK
from crossdock.platform.server.batches import ItemRejected, check_count, is_lines, unreadable
from crossdock.platform.store.database import EventRow, microseconds


class EventIn(msgspec.Struct, forbid_unknown_fields=False):
    """One event of a batch."""

    source: str
    source_event_id: str
    kind: str
    occurred_at: dt.datetime
    parcel_id: str | None = None
    facility_id: str | None = None
    vehicle_id: str | None = None
    driver_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    payload: dict[str, Any] | None = None


_MANY = msgspec.json.Decoder(list[EventIn])
_RAW = msgspec.json.Decoder(list[msgspec.Raw])
_ONE = msgspec.json.Decoder(EventIn)
_CANONICAL = msgspec.json.Encoder(order="deterministic")
_TEXTS = ("source", "source_event_id", "kind", "parcel_id", "facility_id", "vehicle_id",
          "driver_id")  # fmt: skip
_NEEDED = ("source", "source_event_id", "kind")


def read_events(
    body: bytes, content_type: str, *, tenant: str, received_at: dt.datetime, most: int
) -> tuple[list[EventRow], list[ItemRejected]]:
    """The good events of a body, and what is wrong with the others.

    Raises
    ------
    RefusedError
        400: the body cannot be read; 413: more than ``most`` items.
    """
    events, rejected = _decoded(body, content_type, most)
    received_us = microseconds(received_at)
    rows: list[EventRow] = []
    for index, event in events:
        fault = _fault(event)
        payload = None if fault else _payload(event)
        if fault is None and payload is not None and len(payload) > LONGEST_PAYLOAD:
            fault = ("payload", f"is longer than {LONGEST_PAYLOAD:,} bytes")
        if fault is not None:
            rejected.append(ItemRejected(index=index, field=fault[0], reason=fault[1]))
            continue
        rows.append(_row(event, tenant, received_us, payload))
    rejected.sort(key=lambda each: each.index)
    return rows, rejected


def case_event(
    *,
    tenant: str,
    kind: str,
    exception_id: str,
    version: int,
    by: str,
    at: dt.datetime,
    text: str = "",
    until: dt.datetime | None = None,
    owner: str = "",
) -> EventRow:
    """An action on an exception as an event.

    Its id is the exception's with the version: of two actions on the same version the log takes
    one.
    """
    told = {
        "case_id": exception_id,
        "version": version,
        "by": by,
        "text": text,
        "owner": owner,
        "until": None if until is None else until.isoformat(),
    }
    return desk_event(
        tenant=tenant,
        kind=kind,
        event_id=f"{exception_id}/{version}",
        told={name: value for name, value in told.items() if value not in ("", None)},
        at=at,
    )


def desk_event(
    *, tenant: str, kind: str, event_id: str, told: Mapping[str, object], at: dt.datetime
) -> EventRow:
    """What somebody did at the desk, as an event of the log."""
    at_us = microseconds(at)
    return (
        tenant, DESK, event_id, kind, None, None, None, None, at_us, at_us,
        _CANONICAL.encode(told).decode(),
    )  # fmt: skip


def _decoded(
    body: bytes, content_type: str, most: int
) -> tuple[list[tuple[int, EventIn]], list[ItemRejected]]:
    if is_lines(content_type):
        return _each([line for line in body.split(b"\n") if line.strip()], most)
    try:
        events = _MANY.decode(body)
    except msgspec.ValidationError:
        return _each(_items(body), most)  # some item is wrong: find out which
    except msgspec.DecodeError as error:
        raise unreadable(f"is not JSON: {error}") from None
    check_count(len(events), most)
    return list(enumerate(events)), []


def _items(body: bytes) -> list[msgspec.Raw]:
    try:
        return _RAW.decode(body)
    except msgspec.ValidationError:
        raise unreadable("is not an array of items") from None


def _each(
    items: Sequence[bytes | msgspec.Raw], most: int
) -> tuple[list[tuple[int, EventIn]], list[ItemRejected]]:
    """The items that are events, and what is wrong with the others."""
    check_count(len(items), most)
    found: list[tuple[int, EventIn]] = []
    rejected: list[ItemRejected] = []
    for index, item in enumerate(items):
        try:
            found.append((index, _ONE.decode(item)))
        except msgspec.ValidationError as error:
            field, reason = _told(error)
            rejected.append(ItemRejected(index=index, field=field, reason=reason))
        except msgspec.DecodeError:
            rejected.append(ItemRejected(index=index, field="", reason="is not JSON"))
    return found, rejected


def _told(error: msgspec.ValidationError) -> tuple[str, str]:
    """Field and reason of a message such as ``Expected `str`, got `int` - at `$.kind```."""
    said, _, place = str(error).partition(" - at `$")
    field = place.rstrip("`").lstrip(".")
    if "missing required field" in said:
        field = said.rsplit("`", 2)[-2]
        said = "is missing"
    return field, said


def _fault(event: EventIn) -> tuple[str, str] | None:
    """The first field that is wrong, and how; None where all is well."""
    if event.source.partition(":")[0] == DESK:
        return "source", "is the tower's own; what people do has routes of its own"
    return next(
        (
            (name, said)
            for name in _TEXTS
            if (said := _text_fault(name, getattr(event, name))) is not None
        ),
        None,
    ) or _number_fault(event)


def _text_fault(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    if name in _NEEDED and not text.strip():
        return "must not be empty"
    if len(text) > LONGEST_ID:
        return f"is longer than {LONGEST_ID} characters"
    return "must not hold a NUL character" if "\0" in text else None


def _number_fault(event: EventIn) -> tuple[str, str] | None:
    if event.occurred_at.tzinfo is None:
        return "occurred_at", "needs a time zone, such as Z"
    if not 1970 <= event.occurred_at.year <= 2200:
        return "occurred_at", "is not an instant of our time"
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        degrees = getattr(event, name)
        if degrees is not None and not -most <= degrees <= most:
            return name, f"must be from -{most:g} to {most:g} degrees"
    return None


def _payload(event: EventIn) -> str | None:
    told = dict(event.payload or {})
    if event.latitude is not None and event.longitude is not None:
        told |= {"latitude": event.latitude, "longitude": event.longitude}
    if not told:
        return None
    return _CANONICAL.encode(told).decode()


def _row(event: EventIn, tenant: str, received_us: int, payload: str | None) -> EventRow:
    return (
        tenant,
        event.source,
        event.source_event_id,
        event.kind,
        event.parcel_id or None,
        event.facility_id or None,
        event.vehicle_id or None,
        event.driver_id or None,
        microseconds(event.occurred_at),
        received_us,
        payload,
    )
