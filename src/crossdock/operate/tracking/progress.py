"""Loads, routes and facilities: what left, what came, what waits."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.readings import LIFE
from crossdock.operate.tracking.parcels import parcel_statuses
from crossdock.operate.tracking.plan import PlanView
from crossdock.operate.tracking.sorting import sorting
from crossdock.operate.tracking.state import TrackingState

LOAD_PROGRESS: Schema = {
    "load_id": pl.String,
    "from": pl.String,
    "to": pl.String,
    "vehicle_id": pl.String,
    "departed_at": INSTANT,
    "arrived_at": INSTANT,
    "delayed": pl.Boolean,
    "expected_at": INSTANT,
    "cancelled": pl.Boolean,
    "added": pl.Boolean,
    "scanned_out": pl.Int64,
    "scanned_in": pl.Int64,
}
"""``departed_at``, ``arrived_at``: the first such event, of the load or, where it sent none, the
first scan of a parcel that names it. ``cancelled``: and not departed. ``scanned_*``: parcels."""

ROUTE_PROGRESS: Schema = {
    "route_id": pl.String,
    "facility_id": pl.String,
    "vehicle_id": pl.String,
    "driver_id": pl.String,
    "departed_at": INSTANT,
    "returned_at": INSTANT,
    "cancelled_at": INSTANT,
    "added": pl.Boolean,
    "stops_done": pl.Int64,
    "last_sequence": pl.Int64,
    "last_stop_at": INSTANT,
    "loaded": pl.Int64,
    "delivered": pl.Int64,
    "failed": pl.Int64,
    "paid_s": pl.Float64,
    "distance_m": pl.Float64,
}
"""``stops_done``: stops with an arrival; ``loaded``: parcels out for delivery on it; ``delivered``,
``failed``: parcels with that event on it."""

FACILITY_QUEUES: Schema = {
    "facility_id": pl.String,
    "present": pl.Int64,
    "for_sort": pl.Int64,
    "for_departure": pl.Int64,
    "for_route": pl.Int64,
    "for_partner": pl.Int64,
    "held": pl.Int64,
    "oldest_at": INSTANT,
    "oldest_parcel_id": pl.String,
}
"""Parcels that a facility holds, by their next step; ``oldest_at``: came first."""

_RIDE_LIVES = (LIFE["departed_facility"], LIFE["arrived_facility"])
_ROUTE_LIVES = {
    "loaded": LIFE["out_for_delivery"],
    "delivered": LIFE["delivered"],
    "failed": LIFE["attempt_failed"],
}
HELD = ("held", "customs_hold", "address_issue", "damaged")
"""Statuses of a parcel that stays where it is until somebody decides."""


def load_progress(state: TrackingState, until: dt.datetime | None = None) -> pl.DataFrame:
    """`LOAD_PROGRESS` of every load that an event (up to ``until``) names, sorted by id."""
    told, steps = state.load_events.whole, state.steps.whole
    if until is not None:
        told, steps = (rows.filter(pl.col("at") <= until) for rows in (told, steps))
    told = told.sort("at", "source", "source_event_id")

    def first(kind: str) -> pl.Expr:
        return pl.col("at").filter(pl.col("kind") == kind).min()

    def newest(column: str) -> pl.Expr:
        return pl.col(column).drop_nulls().last()

    loads = told.group_by("load_id").agg(
        newest("from_id"),
        newest("to_id"),
        newest("vehicle_id"),
        newest("expected_at"),
        departed=first("load_departed"),
        arrived=first("load_arrived"),
        delayed=(pl.col("kind") == "load_delayed").any(),
        cancelled=(pl.col("kind") == "load_cancelled").any(),
        added=(pl.col("kind") == "load_added").any(),
    )
    rides = steps.filter(pl.col("load_id").is_not_null())
    out, come = (rides.filter(pl.col("life") == life) for life in _RIDE_LIVES)
    scans = out.group_by("load_id").agg(
        scanned_out=pl.col("parcel_id").n_unique().cast(pl.Int64), first_out=pl.col("at").min()
    )
    arrivals = come.group_by("load_id").agg(
        scanned_in=pl.col("parcel_id").n_unique().cast(pl.Int64), first_in=pl.col("at").min()
    )
    rows = (
        loads.join(scans, on="load_id", how="full", coalesce=True)
        .join(arrivals, on="load_id", how="full", coalesce=True)
        .with_columns(
            pl.col("delayed", "cancelled", "added").fill_null(value=False),
            pl.col("scanned_out", "scanned_in").fill_null(0),
            departed_at=pl.coalesce("departed", "first_out"),
            arrived_at=pl.coalesce("arrived", "first_in"),
        )
        .with_columns(cancelled=pl.col("cancelled") & pl.col("departed_at").is_null())
        .rename({"from_id": "from", "to_id": "to"})
    )
    return conform(rows, LOAD_PROGRESS).sort("load_id")


def route_progress(state: TrackingState) -> pl.DataFrame:
    """`ROUTE_PROGRESS` of every route that an event names, sorted by id."""
    told = state.route_events.whole.sort("at", "source", "source_event_id")
    kind = pl.col("kind")
    routes = told.group_by("route_id").agg(
        *(
            pl.col(name).drop_nulls().last()
            for name in ("facility_id", "vehicle_id", "driver_id", "paid_s", "distance_m")
        ),
        departed_at=pl.col("at").filter(kind == "route_departed").min(),
        returned_at=pl.col("at").filter(kind == "route_returned").min(),
        cancelled_at=pl.col("at").filter(kind == "route_cancelled").min(),
        added=(kind == "route_added").any(),
        stops_done=pl.col("sequence")
        .filter(kind == "stop_arrived")
        .drop_nulls()
        .n_unique()
        .cast(pl.Int64),
        last_sequence=pl.col("sequence").filter(kind == "stop_arrived").last(),
        last_stop_at=pl.col("at").filter(kind.is_in(["stop_arrived", "stop_departed"])).last(),
    )
    on_it = state.steps.whole.filter(pl.col("route_id").is_not_null())
    for name, life in _ROUTE_LIVES.items():
        counted = (
            on_it.filter(pl.col("life") == life)
            .group_by("route_id")
            .agg(pl.col("parcel_id").n_unique().cast(pl.Int64).alias(name))
        )
        routes = routes.join(counted, on="route_id", how="full", coalesce=True)
    rows = routes.with_columns(
        pl.col("added").fill_null(value=False),
        pl.col("stops_done", *_ROUTE_LIVES).fill_null(0),
    )
    return conform(rows, ROUTE_PROGRESS).sort("route_id")


def facility_queues(
    state: TrackingState, plan: PlanView, statuses: pl.DataFrame | None = None
) -> pl.DataFrame:
    """`FACILITY_QUEUES`, sorted by facility.

    A parcel waits to be sorted until the wave that takes it ends (`sorting`); then for a route or
    a partner at its destination, for a departure elsewhere.

    Parameters
    ----------
    statuses
        Of `parcel_statuses`, where the caller has them already.
    """
    known = parcel_statuses(state) if statuses is None else statuses
    here = known.filter((pl.col("custody_kind") == "facility") & ~pl.col("terminal")).select(
        "parcel_id", "status", "custody_since", facility_id="custody_id", came_at="custody_since"
    )
    to_partner = plan.handoffs.select("parcel_id", "facility_id").unique()
    is_last = pl.col("destination_facility_id") == pl.col("facility_id")
    back = pl.col("status") == "returning"
    next_step = (
        pl.when(pl.col("status").is_in(HELD))
        .then(pl.lit("held"))
        .when(~pl.col("sorted"))
        .then(pl.lit("for_sort"))
        .when(pl.col("partner").fill_null(value=False) & ~back)
        .then(pl.lit("for_partner"))
        .when(is_last & ~back)
        .then(pl.lit("for_route"))
        .otherwise(pl.lit("for_departure"))
    )
    rows = (
        sorting(state, plan, here)
        .join(
            plan.parcels.select("parcel_id", "destination_facility_id"), on="parcel_id", how="left"
        )
        .join(to_partner.with_columns(partner=True), on=["parcel_id", "facility_id"], how="left")
        .with_columns(next_step=next_step)
        .sort("custody_since", "parcel_id")
        .group_by("facility_id")
        .agg(
            present=pl.len().cast(pl.Int64),
            **{
                name: (pl.col("next_step") == name).sum().cast(pl.Int64)
                for name in ("for_sort", "for_departure", "for_route", "for_partner", "held")
            },
            oldest_at=pl.col("custody_since").first(),
            oldest_parcel_id=pl.col("parcel_id").first(),
        )
    )
    return conform(rows.filter(pl.col("facility_id").is_not_null()), FACILITY_QUEUES).sort(
        "facility_id"
    )
