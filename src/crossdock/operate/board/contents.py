"""What is on a load and what is meant to be: every planned parcel, and where it is now."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.operate.present import Present
from crossdock.operate.tracking import HELD, PlanView, sorting

PLACES = ("loaded", "ready", "in_sort", "to_come", "stopped", "gone")


def contents(
    present: Present,
    plan: PlanView,
    facility_id: str,
    at: dt.datetime,
    departures: pl.DataFrame,
    loads: pl.DataFrame,
) -> pl.DataFrame:
    """One row a load of ``departures`` and planned parcel: ``place`` (of `PLACES`), ``ready_at``.

    ``ready_at``: when it can be loaded; null where nobody can say. ``loads``: of `facility_loads`;
    what they bring is ready after the wave that they meet.
    """
    mine = (
        plan.legs.filter(pl.col("load_id").is_in(departures["load_id"].implode()))
        .select("load_id", "parcel_id", "seq")
        .unique(["load_id", "parcel_id"], keep="first", maintain_order=True)
    )
    among = pl.col("parcel_id").is_in(mine["parcel_id"].unique().implode())
    known = present.parcels.filter(among).select(
        "parcel_id", "status", "group", "terminal", "custody_kind", "custody_id", "custody_since",
        rides="load_id",
    )  # fmt: skip
    volumes = plan.parcels.filter(among).select("parcel_id", "volume_m3")
    rows = (
        mine.join(known, on="parcel_id", how="left", maintain_order="left")
        .join(volumes, on="parcel_id", how="left", maintain_order="left")
        .join(_ways_here(plan, mine, known, loads), on=["load_id", "parcel_id"], how="left")
    )
    return _with_readiness(present, plan, facility_id, at, _placed(rows, facility_id))


def _ways_here(
    plan: PlanView, mine: pl.DataFrame, known: pl.DataFrame, loads: pl.DataFrame
) -> pl.DataFrame:
    """Whether each parcel is still before the facility on its path, and when it is to come."""
    among = pl.col("parcel_id").is_in(mine["parcel_id"].unique().implode())
    earlier = (
        plan.legs.filter(among)
        .select("parcel_id", way="load_id", place="from", leg="seq")
        .join(mine, on="parcel_id")
        .filter(pl.col("leg") < pl.col("seq"))
        .join(known.select("parcel_id", "custody_kind", "custody_id"), on="parcel_id", how="left")
        .join(loads.select(way="load_id", comes_at="comes_at"), on="way", how="left")
        .sort("leg")
    )
    held = pl.col("custody_id")
    return earlier.group_by("load_id", "parcel_id").agg(
        before=(
            ((pl.col("custody_kind") == "load") & (held == pl.col("way")))
            | ((pl.col("custody_kind") == "facility") & (held == pl.col("place")))
        ).any(),
        brought_at=pl.col("comes_at").last(),
    )


def _placed(rows: pl.DataFrame, facility_id: str) -> pl.DataFrame:
    here = (pl.col("custody_kind") == "facility") & (pl.col("custody_id") == facility_id)
    started = ~pl.col("group").is_in(["pre_transit", "unknown"])
    place = (
        pl.when(pl.col("rides") == pl.col("load_id"))
        .then(pl.lit("loaded"))
        .when(pl.col("terminal").fill_null(value=False))
        .then(pl.lit("gone"))
        .when(here & pl.col("status").is_in(HELD))
        .then(pl.lit("stopped"))
        .when(here)
        .then(pl.lit("in_sort"))
        .when(pl.col("before").fill_null(value=False) | ~started.fill_null(value=False))
        .then(pl.lit("to_come"))
        .otherwise(pl.lit("gone"))
    )
    return rows.with_columns(place=place)


def _with_readiness(
    present: Present, plan: PlanView, facility_id: str, at: dt.datetime, rows: pl.DataFrame
) -> pl.DataFrame:
    expected = pl.max_horizontal(pl.when(pl.col("place") == "to_come").then("brought_at"), at)
    came_at = (
        pl.when(pl.col("place") == "in_sort")
        .then("custody_since")
        .when(pl.col("brought_at").is_not_null())
        .then(expected)
    )
    waved = sorting(
        present.folded.tracking,
        plan,
        rows.with_columns(facility_id=pl.lit(facility_id), came_at=came_at),
    )
    is_ready = (pl.col("place") == "in_sort") & pl.col("sorted")
    waits = pl.col("place").is_in(["in_sort", "to_come"]) & ~is_ready
    return waved.select(
        "load_id",
        "parcel_id",
        "volume_m3",
        place=pl.when(is_ready).then(pl.lit("ready")).otherwise("place"),
        came_at=pl.when(waits).then("came_at"),
        # A wave that should be through and did not say so is through now at the earliest.
        ready_at=pl.when(waits & pl.col("ready_at").is_not_null()).then(
            pl.max_horizontal("ready_at", at)
        ),
    )
