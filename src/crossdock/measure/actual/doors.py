"""At the door: every attempt in its order, and what became of the stops of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crossdock.measure.actual.log import DayLog
from crossdock.measure.actual.places import local_date
from crossdock.model.tables import ROUTES, Schema, conform

REATTEMPTS: Schema = {**ROUTES, "attempt": pl.Int64(), "outcome": pl.String()}
"""Attempts on another route than the plan's: ``sequence`` is the position that was driven,
``arrives_at`` and ``departs_at`` are null, ``attempt`` counts the parcel's attempts from 1,
``outcome`` is ``delivered`` or the reason of the failure."""

_COUNTER = "counter"


@dataclass(frozen=True)
class Doors:
    """What happened at doors.

    Attributes
    ----------
    attempts
        ``parcel_id, attempt, at, route_id, sequence, outcome, owner`` by parcel and attempt; a
        partner's have no route.
    routes
        ``ROUTES`` of the plan; ``actual_*`` null where the parcel was not tried on that route.
    reattempts
        `REATTEMPTS`.
    """

    attempts: pl.DataFrame
    routes: pl.DataFrame
    reattempts: pl.DataFrame


def doors_as_they_were(
    planned_routes: pl.DataFrame,
    tours: pl.DataFrame,
    parcels: pl.DataFrame,
    log: DayLog,
    timezones: Mapping[str, str],
) -> Doors:
    """Attempts of a log, put beside the stops of the plan by parcel and route.

    The sequence that an event tells is the position that was driven; the plan's stays as it was.
    A vehicle's arrival and departure are those of the stop; where nobody told them, the scan's.

    Parameters
    ----------
    tours
        Every route: ``route_id, facility_id, vehicle_id, driver_id, carrier_id``.
    parcels
        ``parcel_id, latitude, longitude``.
    """
    attempts = attempts_told(log)
    visits = _with_stop_times(attempts.filter(pl.col("route_id").is_not_null()), log)
    once = visits.unique(["parcel_id", "route_id"], keep="first", maintain_order=True)
    routes = planned_routes.drop("actual_arrives_at", "actual_departs_at").join(
        once.select("parcel_id", "route_id", "actual_arrives_at", "actual_departs_at"),
        on=["parcel_id", "route_id"],
        how="left",
        maintain_order="left",
    )
    planned = once.join(planned_routes, on=["parcel_id", "route_id"], how="semi")
    beside = (
        visits.join(planned, on=["parcel_id", "attempt"], how="anti")
        .join(parcels.select("parcel_id", "latitude", "longitude"), on="parcel_id")
        .join(
            tours.select("route_id", "facility_id", "vehicle_id", "driver_id", "carrier_id"),
            on="route_id",
            how="left",
        )
        .with_columns(distance_m=pl.lit(0.0))
    )
    dated = beside.with_columns(
        delivery_date=local_date("at", beside["facility_id"], timezones)
    ).sort("route_id", "sequence", "parcel_id")
    return Doors(attempts, conform(routes, ROUTES), conform(dated, REATTEMPTS))


def attempts_told(log: DayLog) -> pl.DataFrame:
    """Failures and the first delivery of each parcel; what is given out at a counter is none."""
    scans = log.scans
    failed = scans.filter(pl.col("kind") == "attempt_failed")
    # a doubled scan tells the same number again; without a number, its instant tells it apart
    told = pl.coalesce("attempt", pl.col("at").dt.epoch("s").cast(pl.String))
    failures = failed.with_columns(told=told).unique(
        ["parcel_id", "source", "route_id", "told"], keep="first", maintain_order=True
    )
    given = scans.filter(
        (pl.col("kind") == "delivered") & pl.col("to_whom").ne_missing(_COUNTER)
    ).unique("parcel_id", keep="first", maintain_order=True)
    tried = pl.concat([failures.drop("told"), given]).sort("parcel_id", "at", "kind")
    return tried.select(
        "parcel_id",
        attempt=pl.int_range(pl.len(), dtype=pl.Int64).over("parcel_id") + 1,
        at="at",
        route_id="route_id",
        sequence=pl.col("sequence").cast(pl.Float64, strict=False).cast(pl.Int64),
        outcome=pl.when(pl.col("kind") == "delivered")
        .then(pl.lit("delivered"))
        .otherwise(pl.coalesce("reason", pl.lit("unknown"))),
        owner="owner",
    )


def _with_stop_times(visits: pl.DataFrame, log: DayLog) -> pl.DataFrame:
    stops = log.routes.filter(pl.col("kind").is_in(["stop_arrived", "stop_departed"])).with_columns(
        pl.col("sequence").cast(pl.Float64, strict=False).cast(pl.Int64)
    )
    key = ["route_id", "sequence"]
    for kind, name in (("stop_arrived", "came_at"), ("stop_departed", "went_at")):
        times = (
            stops.filter(pl.col("kind") == kind).group_by(key).agg(pl.col("at").min().alias(name))
        )
        visits = visits.join(times, on=key, how="left", maintain_order="left")
    return visits.with_columns(
        actual_arrives_at=pl.coalesce("came_at", "at"),
        actual_departs_at=pl.coalesce("went_at", "at"),
    )
