"""Where each parcel stands: status, custody, attempts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.model.event import PARCEL_STATUSES
from crossdock.model.tables import INSTANT, Schema, conform
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
    status = pl.Series("status", np.array(STATUS_NAMES, dtype=object)[steps.life[current]])
    holding = holdings(steps)
    moved = pl.DataFrame(
        {
            "parcel_id": steps.parcel_ids,
            "status": status.cast(pl.String),
            "status_at": steps.column("at", current),
            "last_event_at": steps.column("at", steps.last(np.ones_like(steps.moved))),
            "custody_kind": holding.kinds,
            "custody_id": holding.ids,
            "custody_since": holding.since,
            "facility_id": steps.column(
                "facility_id", steps.last(steps.moved & steps.present("facility_id"))
            ),
            "load_id": steps.column("load_id", last_ride(steps)),
            "attempts": _attempts(steps),
            "events": steps.count(np.ones_like(steps.moved)),
            "out_of_order": steps.count(steps.misstep) > 0,
        }
    ).join(_attempt_reasons(steps), on="parcel_id", how="left", maintain_order="left")
    return _with_mentions(state, moved)


def last_ride(steps: Trail) -> Indices:
    """The event of each parcel that names the load it rides or rode last (-1: none)."""
    rides = steps.moved & steps.are("departed_facility", "arrived_facility")
    return steps.last(rides & steps.present("load_id"))


def holdings(steps: Trail) -> Holding:
    """Who holds each parcel of the trail."""
    places = steps.last(steps.moved & _changes_hands(steps))
    held = pl.DataFrame(
        {
            "by": pl.Series(
                np.where(places < 0, "", np.array(STATUS_NAMES, dtype=object)[steps.life[places]]),
                dtype=pl.String,
            ),
            **{
                name: steps.column(name, places)
                for name in ("merchant_id", "facility_id", "load_id", "carrier_id", "route_id")
            },
        }
    )
    kind = pl.col("by").replace_strict(
        {status: holder for status, (holder, _) in _CUSTODY.items()},
        default="none",
        return_dtype=pl.String,
    )
    named = [
        pl.when(pl.col("by").is_in([name for name, (_, key) in _CUSTODY.items() if key == column]))
        .then(column)
        .alias(column)
        for column in ("merchant_id", "facility_id", "load_id", "carrier_id", "route_id")
    ]
    # A parcel that left with a route and not on a load, as the payload of `departed_facility` may
    # say, is with the route.
    by_route = (pl.col("by") == "departed_facility") & pl.col("load_id").is_null()
    chosen = held.select(
        kind=pl.when(by_route & pl.col("route_id").is_not_null())
        .then(pl.lit("route"))
        .otherwise(kind),
        id=pl.when(by_route).then("route_id").otherwise(pl.coalesce(named)),
    )
    return Holding(places, chosen["kind"], chosen["id"], steps.column("at", places))


def _changes_hands(steps: Trail) -> Mask:
    always = [name for name in _CUSTODY if name not in {"missorted", "out_for_delivery"}]
    return (
        steps.are(*always)
        | (steps.are("missorted") & steps.present("facility_id"))
        | (steps.are("out_for_delivery") & steps.present("route_id"))
    )


def _attempts(steps: Trail) -> pl.Series:
    failed = steps.are("attempt_failed") & steps.moved
    # Two sources may tell of the same attempt: its number counts where there is one.
    tries = steps.rows(failed, "attempt", "source", "source_event_id").select(
        "parcel_id",
        attempt=pl.coalesce(
            pl.col("attempt").cast(pl.String), pl.format("{}/{}", "source", "source_event_id")
        ),
    )
    counted = tries.group_by("parcel_id").agg(failed=pl.col("attempt").n_unique())
    delivered = steps.last(steps.are("delivered") & steps.moved)
    waited = steps.last(steps.are("available_for_pickup") & steps.moved)
    to_the_door = (delivered >= 0) & (waited < 0)
    return (
        pl.DataFrame({"parcel_id": steps.parcel_ids, "door": to_the_door})
        .join(counted, on="parcel_id", how="left", maintain_order="left")
        .select(pl.col("failed").fill_null(0).cast(pl.Int64) + pl.col("door").cast(pl.Int64))
        .to_series()
    )


def _attempt_reasons(steps: Trail) -> pl.DataFrame:
    failed = steps.rows(steps.are("attempt_failed") & steps.moved, "reason")
    return failed.group_by("parcel_id", maintain_order=True).agg(
        attempt_reasons=pl.col("reason").fill_null("unknown").str.join(";")
    )


def _with_mentions(state: TrackingState, moved: pl.DataFrame) -> pl.DataFrame:
    """``moved`` and the parcels that only other events name, with what counts over all events."""
    told = pl.concat(
        [
            part.whole.select("parcel_id", "at", "received_at", "future_clock")
            for part in (state.steps, state.mentions)
        ]
    )
    counts = told.group_by("parcel_id").agg(
        told_at=pl.col("at").max(),
        last_received_at=pl.col("received_at").max(),
        told=pl.len().cast(pl.Int64),
        future_clock=pl.col("future_clock").any(),
    )
    rows = counts.join(moved, on="parcel_id", how="left").with_columns(
        status=pl.col("status").fill_null("unknown"),
        custody_kind=pl.col("custody_kind").fill_null("none"),
        last_event_at=pl.coalesce("last_event_at", "told_at"),
        events="told",
        attempts=pl.col("attempts").fill_null(0),
        attempt_reasons=pl.col("attempt_reasons").fill_null(""),
        out_of_order=pl.col("out_of_order").fill_null(value=False),
    )
    of_status = pl.DataFrame(
        {
            "status": list(PARCEL_STATUSES),
            "group": [each.group for each in PARCEL_STATUSES.values()],
            "terminal": [each.terminal for each in PARCEL_STATUSES.values()],
        }
    )
    return conform(rows.join(of_status, on="status", how="left"), PARCEL_STATUS).sort("parcel_id")
