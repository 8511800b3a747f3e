"""Where each parcel stands: status, custody, attempts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.model.event import PARCEL_STATUSES
from crossdock.model.tables import INSTANT, Schema, empty
from crossdock.operate.tracking.state import TrackingState
from crossdock.operate.tracking.trail import STATUS_NAMES, Indices, Mask, Trail

PARCEL_STATUS: Schema = {
    "parcel_id": pl.String,
    "status": pl.String,
    "group": pl.String,
    "terminal": pl.Boolean,
    "status_at": INSTANT,
    "last_event_at": INSTANT,
    "last_received_at": INSTANT,
    "custody_kind": pl.String,
    "custody_id": pl.String,
    "custody_since": INSTANT,
    "facility_id": pl.String,
    "load_id": pl.String,
    "attempts": pl.Int64,
    "attempt_reasons": pl.String,
    "events": pl.Int64,
    "out_of_order": pl.Boolean,
    "future_clock": pl.Boolean,
}
"""``status_at``: event time of the event that brought the status; ``facility_id``: last seen at;
``load_id``: last ridden; ``attempts``: failed attempts, and the delivery if it was brought to the
door; ``attempt_reasons``: of the failed ones, in order, joined by ``;``; ``events``: that name the
parcel. A parcel of which only other events tell is ``unknown``."""

_CUSTODY: dict[str, tuple[str, str]] = {
    "label_created": ("merchant", "merchant_id"),
    "pickup_failed": ("merchant", "merchant_id"),
    "picked_up": ("facility", "facility_id"),
    "arrived_facility": ("facility", "facility_id"),
    "missorted": ("facility", "facility_id"),
    "departed_facility": ("load", "load_id"),
    "handed_to_partner": ("partner", "carrier_id"),
    "out_for_delivery": ("route", "route_id"),
    "available_for_pickup": ("pickup_point", "facility_id"),
    "delivered": ("consignee", ""),
    "returned": ("merchant", "merchant_id"),
    "lost": ("none", ""),
    "destroyed": ("none", ""),
}
"""Who holds a parcel after a status, and the key that names the holder. Other statuses leave a
parcel where it is, as do ``missorted`` without a facility and ``out_for_delivery`` without a route
(at a partner)."""

_HOLDERS = ("merchant_id", "facility_id", "load_id", "carrier_id", "route_id")
_NONE = len(STATUS_NAMES)
_CUSTODIES = pl.Series("by", [*STATUS_NAMES, ""], dtype=pl.String)
# Queries that are the same for every batch are made once: making one costs as much as a small
# batch's answer.
# A parcel that left with a route and not on a load, as the payload of `departed_facility` may
# say, is with the route.
_BY_ROUTE = (pl.col("by") == "departed_facility") & pl.col("load_id").is_null()
_WITH = (
    pl.when(_BY_ROUTE & pl.col("route_id").is_not_null())
    .then(pl.lit("route"))
    .otherwise(
        pl.col("by").replace_strict(
            {status: holder for status, (holder, _) in _CUSTODY.items()},
            default="none",
            return_dtype=pl.String,
        )
    )
    .alias("kind")
)
_HELD_BY = (
    pl.when(_BY_ROUTE)
    .then("route_id")
    .otherwise(
        pl.coalesce(
            pl.when(
                pl.col("by").is_in([name for name, (_, key) in _CUSTODY.items() if key == column])
            ).then(column)
            for column in _HOLDERS
        )
    )
    .alias("id")
)
_TOLD = ("parcel_id", "at", "received_at", "future_clock")
_COUNTS = (
    pl.col("at").max().alias("told_at"),
    pl.col("received_at").max().alias("last_received_at"),
    pl.len().cast(pl.Int64).alias("events"),
    pl.col("future_clock").any(),
)
_OF_UNMOVED = (
    pl.col("status").fill_null("unknown"),
    pl.col("custody_kind").fill_null("none"),
    pl.coalesce("last_event_at", "told_at").alias("last_event_at"),
    pl.col("attempts").fill_null(0),
    pl.col("attempt_reasons").fill_null(""),
    pl.col("out_of_order").fill_null(value=False),
)
_OF_STATUS = pl.DataFrame(
    {
        "status": list(PARCEL_STATUSES),
        "group": [each.group for each in PARCEL_STATUSES.values()],
        "terminal": [each.terminal for each in PARCEL_STATUSES.values()],
    }
)


@dataclass(frozen=True)
class Holding:
    """The event of each parcel of a trail since which it is where it is (-1: none)."""

    places: Indices
    kinds: pl.Series
    ids: pl.Series
    since: pl.Series


def trail(state: TrackingState, until: dt.datetime | None = None) -> Trail:
    """Trail of every parcel, as far as events up to ``until`` tell."""
    steps = state.trail
    if until is None or not len(steps.at_us) or steps.latest_at <= until:
        return steps
    return steps.until(until)


def parcel_statuses(state: TrackingState) -> pl.DataFrame:
    """`PARCEL_STATUS` of every parcel that an event names, sorted by id."""
    steps = trail(state)
    current = steps.last(steps.moved)
    holding = holdings(steps)
    moved = pl.DataFrame(
        [
            steps.parcel_ids.alias("parcel_id"),
            steps.statuses(current),
            steps.column("at", current).alias("status_at"),
            steps.column("at", steps.last(np.ones_like(steps.moved))).alias("last_event_at"),
            holding.kinds.alias("custody_kind"),
            holding.ids.alias("custody_id"),
            holding.since.alias("custody_since"),
            steps.column("facility_id", steps.last(steps.moved & steps.present("facility_id"))),
            steps.column("load_id", last_ride(steps)),
            *_attempts(steps),
            pl.Series("out_of_order", steps.count(steps.misstep) > 0),
        ]
    )
    return _with_mentions(state, moved)


def last_ride(steps: Trail) -> Indices:
    """The event of each parcel that names the load it rides or rode last (-1: none)."""
    rides = steps.moved & steps.are("departed_facility", "arrived_facility")
    return steps.last(rides & steps.present("load_id"))


def holdings(steps: Trail) -> Holding:
    """Who holds each parcel of the trail."""
    places = steps.last(steps.moved & _changes_hands(steps))
    held = pl.DataFrame(
        [
            # Before the first such event nobody holds it.
            _CUSTODIES[np.where(places < 0, _NONE, steps.life[places])],
            *(steps.column(name, places) for name in _HOLDERS),
        ]
    )
    chosen = held.select(_WITH, _HELD_BY)
    return Holding(places, chosen["kind"], chosen["id"], steps.column("at", places))


def _changes_hands(steps: Trail) -> Mask:
    always = [name for name in _CUSTODY if name not in {"missorted", "out_for_delivery"}]
    return (
        steps.are(*always)
        | (steps.are("missorted") & steps.present("facility_id"))
        | (steps.are("out_for_delivery") & steps.present("route_id"))
    )


def _attempts(steps: Trail) -> tuple[pl.Series, pl.Series]:
    """``attempts`` and ``attempt_reasons`` of each parcel."""
    delivered = steps.last(steps.are("delivered") & steps.moved)
    waited = steps.last(steps.are("available_for_pickup") & steps.moved)
    to_the_door = pl.Series("attempts", ((delivered >= 0) & (waited < 0)).astype(np.int64))
    failed = steps.are("attempt_failed") & steps.moved
    if not failed.any():
        return to_the_door, pl.Series("attempt_reasons", [""]).new_from_index(0, len(to_the_door))
    # Two sources may tell of the same attempt: its number counts where there is one.
    number = pl.coalesce(
        pl.col("attempt").cast(pl.String), pl.format("{}/{}", "source", "source_event_id")
    )
    tries = steps.rows(failed, "attempt", "source", "source_event_id", "reason")
    told = tries.group_by("parcel_id", maintain_order=True).agg(
        failed=number.n_unique().cast(pl.Int64),
        attempt_reasons=pl.col("reason").fill_null("unknown").str.join(";"),
    )
    rows = pl.DataFrame([steps.parcel_ids.alias("parcel_id"), to_the_door]).join(
        told, on="parcel_id", how="left", maintain_order="left"
    )
    counted = rows.select(
        pl.col("attempts") + pl.col("failed").fill_null(0),
        pl.col("attempt_reasons").fill_null(""),
    )
    return counted["attempts"], counted["attempt_reasons"]


def _with_mentions(state: TrackingState, moved: pl.DataFrame) -> pl.DataFrame:
    """``moved`` and the parcels that only other events name, with what counts over all events."""
    parts = [part.whole.lazy().select(_TOLD) for part in (state.steps, state.mentions) if part]
    if not parts:
        return empty(PARCEL_STATUS)
    return (
        pl.concat(parts)
        .group_by("parcel_id")
        .agg(_COUNTS)
        .join(moved.lazy(), on="parcel_id", how="left")
        .with_columns(_OF_UNMOVED)
        .join(_OF_STATUS.lazy(), on="status", how="left")
        .select(list(PARCEL_STATUS))
        .sort("parcel_id")
        .collect()
    )
