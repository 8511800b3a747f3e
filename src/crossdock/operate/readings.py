"""Events as the folds read them: a trusted time, a place in a parcel's life, the payload apart."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import polars as pl

from crossdock.model.errors import InvalidValueError
from crossdock.model.event import EVENT_KINDS, EVENTS, PARCEL_STATUSES
from crossdock.model.tables import INSTANT, Schema, conform

FUTURE_TOLERANCE = dt.timedelta(minutes=5)
"""A source's clock may be this much ahead of ours; beyond it, the time of arrival counts."""

LIFE: Mapping[str, int] = {name: place for place, name in enumerate(PARCEL_STATUSES)}
"""Place of a status in the order of a parcel's life."""

_TEXTS = {
    "load_id": "load_id",
    "route_id": "route_id",
    "carrier_id": "carrier_id",
    "merchant_id": "merchant_id",
    "from_id": "from",
    "to_id": "to",
    "expected": "expected",
    "entry_level": "entry_level",
    "reason": "reason",
    "owner": "owner",
    "activity": "activity",
    "wave": "wave",
    "code": "code",
}
_WHOLE = {
    "sequence": "sequence",
    "attempt": "attempt",
    "parcels": "parcels",
    "left": "left",
    "undelivered": "undelivered",
}
_NUMBERS = {
    "latitude": "latitude",
    "longitude": "longitude",
    "paid_s": "paid_s",
    "distance_m": "distance_m",
}
_INSTANTS = {"expected_at": "expected_at", "next_at": "next_at"}
LATEST_S = 7.3e9
"""Seconds since 1970 beyond which a number is no instant of our time."""
_FLAGS = {"beyond_delivery": "beyond_delivery", "opening": "opening"}
_KEYS = (
    *_TEXTS.values(),
    *_WHOLE.values(),
    *_NUMBERS.values(),
    *_INSTANTS.values(),
    *_FLAGS.values(),
)
_PAYLOAD = pl.Struct(dict.fromkeys(_KEYS, pl.String))

READINGS: Schema = {
    "source": pl.String,
    "source_event_id": pl.String,
    "kind": pl.String,
    "known": pl.Boolean,
    "life": pl.Int16,
    "at": INSTANT,
    "received_at": INSTANT,
    "future_clock": pl.Boolean,
    "parcel_id": pl.String,
    "facility_id": pl.String,
    "vehicle_id": pl.String,
    "driver_id": pl.String,
    **dict.fromkeys(_TEXTS, pl.String),
    **dict.fromkeys(_WHOLE, pl.Int64),
    **dict.fromkeys(_NUMBERS, pl.Float64),
    **dict.fromkeys(_INSTANTS, INSTANT),
    **dict.fromkeys(_FLAGS, pl.Boolean),
}
"""``at``: event time, `occurred_at` unless it lies in the future of its arrival
(``future_clock``); ``life``: null for a kind that is no parcel status; ``known``: published kind.
The others are keys of the payload, null where absent or not of their type."""


def read_events(events: pl.DataFrame) -> pl.DataFrame:
    """``events`` (columns `EVENTS`, one tenant) as `READINGS`, in their order.

    Raises
    ------
    InvalidValueError
        Events of several tenants: a state belongs to one.
    """
    rows = conform(events, EVENTS)
    tenants = rows["tenant"]
    if len(tenants) and (tenants != tenants[0]).any():
        raise InvalidValueError(
            f"events of {tenants.n_unique()} tenants in one batch",
            remedy="fold each tenant's events into a state of its own",
        )
    payloads = rows["payload"]
    if payloads.null_count() == len(payloads):
        return rows.lazy().with_columns(_TIMES).select(_WITHOUT_PAYLOAD).collect()
    told = rows.with_columns(_decoded(payloads).alias("payload")).lazy()
    return told.with_columns(_TIMES).select(_WITH_PAYLOAD).collect()


def picked(read: pl.DataFrame, tests: Mapping[str, pl.Expr]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows that pass each test, by its name, where there are any; in one query for all."""
    for name, passed in read.select(**tests).to_dict().items():
        if passed.any():
            yield name, read if passed.all() else read.filter(passed)


def _fields() -> list[pl.Expr]:
    field = pl.col("payload").struct.field
    return [
        *(field(key).alias(name) for name, key in _TEXTS.items()),
        *(
            field(key).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False).alias(name)
            for name, key in _WHOLE.items()
        ),
        *(field(key).cast(pl.Float64, strict=False).alias(name) for name, key in _NUMBERS.items()),
        *(_instant(field(key)).alias(name) for name, key in _INSTANTS.items()),
        *((field(key) == "true").alias(name) for name, key in _FLAGS.items()),
    ]


def _instant(text: pl.Expr) -> pl.Expr:
    """ISO text, or seconds since 1970 as the twin and many carriers write them."""
    iso = text.str.replace("Z$", "+00:00")
    seconds = text.cast(pl.Float64, strict=False)
    ours = pl.when(seconds.is_between(0, LATEST_S)).then(seconds)
    return pl.coalesce(
        iso.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False),
        (ours * 1e6).cast(pl.Int64).cast(INSTANT),
    )


def _decoded(payload: pl.Series) -> pl.Series:
    """Payloads as structs of text; what is no JSON object reads as one without keys."""
    objects = pl.select(
        pl.when(payload.str.starts_with("{")).then(payload).otherwise(pl.lit("{}"))
    ).to_series()
    return _decoded_objects(objects)


def _decoded_objects(objects: pl.Series) -> pl.Series:
    """Decode all at once; where one is broken, halve until it stands alone.

    So a good payload reads the same whatever travels beside it.
    """
    try:
        return objects.str.json_decode(_PAYLOAD)
    except pl.exceptions.ComputeError:
        if len(objects) == 1:
            return pl.Series([_salvaged(str(objects[0]))], dtype=_PAYLOAD)
        half = len(objects) // 2
        return pl.concat([_decoded_objects(objects[:half]), _decoded_objects(objects[half:])])


def _salvaged(text: str) -> Mapping[str, str | None]:
    try:
        found = cast("Mapping[str, object]", json.loads(text))
    except (ValueError, RecursionError):
        return dict.fromkeys(_KEYS)
    return {key: _as_text(found.get(key)) for key in _KEYS}


def _as_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, int | float) else None


_IN_THE_FUTURE = pl.col("occurred_at") > pl.col("received_at") + FUTURE_TOLERANCE
_TIMES = (
    pl.col("kind").is_in(list(EVENT_KINDS)).alias("known"),
    pl.col("kind").replace_strict(LIFE, default=None, return_dtype=pl.Int16).alias("life"),
    pl.when(_IN_THE_FUTURE).then("received_at").otherwise("occurred_at").alias("at"),
    _IN_THE_FUTURE.alias("future_clock"),
)
_OF_PAYLOAD = {each.meta.output_name(): each for each in _fields()}
# Made once: making these queries costs as much as reading a small batch.
_WITH_PAYLOAD = [_OF_PAYLOAD.get(name, pl.col(name)) for name in READINGS]
_WITHOUT_PAYLOAD = [
    pl.lit(None, kind).alias(name) if name in _OF_PAYLOAD else pl.col(name)
    for name, kind in READINGS.items()
]


def payload_of(text: str | None) -> dict[str, Any]:
    """A payload as a mapping; empty where it is no JSON object."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def event_ids(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Ids of events as evidence names them: ``source/source_event_id``."""
    return [f"{source}/{event_id}" for source, event_id in rows]
