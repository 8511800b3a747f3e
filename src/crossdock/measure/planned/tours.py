"""Tours of a plan with their shifts, loads and stops."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table

_DAY = ["vehicle_id", "delivery_date"]
_ROUTE_QUESTION = "Why do these stops ride together?"


def plan_tours(tables: Tables, facility_id: str | None = None) -> pl.DataFrame:
    """``TOURS`` by facility, departure and id.

    Beside the schema's columns: ``shift_starts_at, shift_ends_at, max_duty_s, capacity_m3`` of the
    vehicle that day, ``fill``, ``slack_s`` (from the return to the end of the shift or of the
    longest duty, whichever is first; null where neither is known) and ``reason``.
    """
    tours = table(tables, "tours")
    if facility_id is not None:
        tours = tours.filter(pl.col("facility_id") == facility_id)
    shifts = (
        table(tables, "fleet")
        .select(*_DAY, "shift_starts_at", "shift_ends_at", "max_duty_s", "capacity_m3")
        .unique(_DAY, keep="first", maintain_order=True)
    )
    reasons = (
        table(tables, "decisions")
        .filter(pl.col("question") == _ROUTE_QUESTION)
        .select("reason", route_id="subject")
        .unique("route_id", keep="first", maintain_order=True)
    )
    duty_ends_at = pl.col("departs_at") + pl.duration(seconds=pl.col("max_duty_s"))
    return (
        tours.join(shifts, on=_DAY, how="left")
        .join(reasons, on="route_id", how="left")
        .with_columns(
            must_return_at=pl.min_horizontal("shift_ends_at", duty_ends_at),
            fill=pl.when(pl.col("capacity_m3") > 0).then(
                pl.col("volume_m3") / pl.col("capacity_m3")
            ),
        )
        .with_columns(slack_s=(pl.col("must_return_at") - pl.col("returns_at")).dt.total_seconds())
        .sort("facility_id", "departs_at", "route_id")
    )


def tour_stops(tables: Tables, tours: pl.DataFrame) -> pl.DataFrame:
    """``route_id, sequence, arrives_at, departs_at, parcels, distance_m, latitude, longitude``.

    One row a stop of ``tours``, in the order in which they are driven.
    """
    return (
        table(tables, "routes")
        .join(tours, on="route_id", how="semi")
        .group_by("route_id", "sequence")
        .agg(
            pl.col("arrives_at", "departs_at").first(),
            pl.col("distance_m").sum(),
            pl.col("latitude", "longitude").drop_nulls().first(),
            parcels=pl.len().cast(pl.Int64),
            parcel_ids=pl.col("parcel_id").sort(),
        )
        .sort("route_id", "sequence")
    )
