"""What the log says, once: events without repetitions, their payloads read into columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crossdock.model.event import PARCEL_STATUSES
from crossdock.model.tables import INSTANT

_SCAN_WORDS: Mapping[str, tuple[str, ...]] = {
    "arrived_facility": ("load_id", "route_id"),
    "departed_facility": ("load_id", "to"),
    "handed_to_partner": ("carrier_id",),
    "out_for_delivery": ("route_id",),
    "attempt_failed": ("route_id", "sequence", "attempt", "reason", "owner"),
    "delivered": ("route_id", "sequence", "to_whom"),
    "damaged": ("beyond_delivery",),
    "delayed": ("reason", "owner"),
    "pickup_failed": ("reason", "owner"),
    "returning": ("reason", "owner"),
    "lost": ("reason", "owner"),
}
_LOAD_KINDS = (
    "load_departed", "load_arrived", "load_delayed", "load_cancelled", "vehicle_down",
)  # fmt: skip
_LOAD_WORDS = ("load_id", "reason", "owner")
_ADDED_WORDS = (
    "load_id", "from", "to", "kind", "carrier_id", "vehicle_type", "units", "driver_mode", "miles",
    "departs_at", "arrives_at", "cost_usd", "volume_m3", "weight_kg",
)  # fmt: skip
_ROUTE_WORDS: Mapping[str, tuple[str, ...]] = {
    "route_added": ("route_id", "carrier_id", "vehicle_type", "departs_at"),
    "route_departed": ("route_id", "parcels"),
    "route_returned": ("route_id", "paid_s", "distance_m", "undelivered"),
    "stop_arrived": ("route_id", "sequence"),
    "stop_departed": ("route_id", "sequence"),
    "vehicle_down": ("route_id", "reason"),
}


@dataclass(frozen=True)
class DayLog:
    """Events by what they are about; every payload word is text, null where it was not told.

    Attributes
    ----------
    scans
        ``parcel_id, kind, at, facility_id, source`` and the words of parcel statuses, by instant.
    loads
        ``kind, load_id, at, facility_id, reason, owner`` of departures, arrivals, delays,
        cancellations and breakdowns.
    added
        Loads bought beyond the plan, one row each.
    routes
        ``kind, at, facility_id, vehicle_id, driver_id`` and the words of routes and their stops.
    """

    scans: pl.DataFrame
    loads: pl.DataFrame
    added: pl.DataFrame
    routes: pl.DataFrame


def read_log(events: pl.DataFrame) -> DayLog:
    """Read a log; of an event that came more than once, the one received first counts.

    Parameters
    ----------
    events
        Schema ``EVENTS``, in any order.
    """
    wanted = {*PARCEL_STATUSES, *_ROUTE_WORDS, *_LOAD_KINDS, "load_added"}
    once = (
        events.filter(pl.col("kind").is_in(sorted(wanted)))
        .sort("received_at", "source", "source_event_id")
        .unique(["tenant", "source", "source_event_id"], keep="first", maintain_order=True)
        .rename({"occurred_at": "at"})
    )
    of = {str(key[0]): rows for key, rows in once.group_by("kind", maintain_order=True)}
    return DayLog(_scans(of), _loads(of), _added(of), _routes(of))


def read_once(events: pl.DataFrame | DayLog) -> DayLog:
    """``events`` as a `DayLog`, which it may be already."""
    return events if isinstance(events, DayLog) else read_log(events)


def instants(word: str) -> pl.Expr:
    """A told instant: seconds since the epoch, or ISO 8601 with its offset."""
    seconds = pl.col(word).cast(pl.Float64, strict=False)
    exact = (seconds * 1_000_000).round().cast(pl.Int64)
    written = pl.col(word).str.to_datetime(strict=False, time_unit="us", time_zone="UTC")
    return pl.coalesce(exact.cast(INSTANT), written)


def _scans(of: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    words = {kind: _SCAN_WORDS.get(kind, ()) for kind in PARCEL_STATUSES}
    rows = _in_columns(of, words, ("parcel_id", "kind", "at", "facility_id", "source"))
    return rows.filter(pl.col("parcel_id").is_not_null()).sort("at", "parcel_id", "kind")


def _loads(of: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    rows = _in_columns(of, dict.fromkeys(_LOAD_KINDS, _LOAD_WORDS), ("kind", "at", "facility_id"))
    return rows.filter(pl.col("load_id").is_not_null()).sort("at", "load_id")


def _added(of: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    rows = _in_columns(of, {"load_added": _ADDED_WORDS}, ("at",))
    told = rows.filter(pl.col("load_id").is_not_null()).sort("at")
    return told.unique("load_id", keep="first", maintain_order=True)


def _routes(of: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    about = ("kind", "at", "facility_id", "vehicle_id", "driver_id")
    rows = _in_columns(of, _ROUTE_WORDS, about)
    return rows.filter(pl.col("route_id").is_not_null()).sort("at", "route_id")


def _in_columns(
    of: Mapping[str, pl.DataFrame], words: Mapping[str, Sequence[str]], about: Sequence[str]
) -> pl.DataFrame:
    """Rows of the kinds in ``words`` with every word as a column; null where a kind has none."""
    every = sorted({word for told in words.values() for word in told})
    nothing = pl.DataFrame(
        schema={name: INSTANT if name == "at" else pl.String() for name in (*about, *every)}
    )
    parts = [
        _with_words(of[kind], told).select(
            *about,
            *(word if word in told else pl.lit(None, pl.String).alias(word) for word in every),
        )
        for kind, told in words.items()
        if kind in of
    ]
    return pl.concat([nothing, *parts])


def _with_words(rows: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """``rows`` with words of their payloads; each different payload is read once."""
    if not words:
        return rows
    texts = rows.select("payload").unique()
    read = texts.with_columns(
        pl.col("payload").str.json_path_match(f"$.{word}").alias(word) for word in words
    )
    own = rows.drop(words, strict=False)  # a payload may have a word that is a column of events
    return own.join(read, on="payload", how="left", maintain_order="left")
