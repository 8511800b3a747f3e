"""The map: facilities with what waits there, vehicles where they were seen last, lanes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from crossdock.operate.figures import rolling_loads, with_space
from crossdock.operate.present import Present
from crossdock.operate.tracking import vehicle_states
from crossdock.platform.server.tower.facilities import facility_rows
from crossdock.platform.server.tower.ground import Ground


def chart(present: Present, ground: Ground, at: dt.datetime) -> dict[str, Any]:
    """What the map shows at ``at``."""
    return {
        "at": at,
        "facilities": facility_rows(present, ground).to_dicts(),
        "vehicles": _vehicles(present, ground),
        "lanes": _lanes(present, ground),
    }


def vehicle_rows(present: Present, vehicle_ids: pl.Series | None = None) -> list[dict[str, Any]]:
    """Vehicles that were seen, or those of ``vehicle_ids``."""
    tracking = present.folded.tracking
    if vehicle_ids is not None:
        tracking = tracking.of_vehicles(vehicle_ids)
    seen = vehicle_states(tracking).filter(pl.col("latitude").is_not_null())
    return seen.select(
        "vehicle_id",
        "latitude",
        "longitude",
        "at",
        "load_id",
        "route_id",
        "down",
        kind=pl.when(pl.col("route_id").is_not_null())
        .then(pl.lit("van"))
        .otherwise(pl.lit("truck")),
    ).to_dicts()


def _vehicles(present: Present, ground: Ground) -> list[dict[str, Any]]:
    """Every vehicle that was seen, with the facility that its load is bound for."""
    bound = dict(ground.plan.loads.select("load_id", "to").iter_rows())
    return [{**row, "to_facility_id": bound.get(row["load_id"])} for row in vehicle_rows(present)]


def _lanes(present: Present, ground: Ground) -> list[dict[str, Any]]:
    rolls = pl.col("load_id").is_in(rolling_loads(present).implode())
    lanes = ["from", "to"]
    fills = (
        with_space(ground.plan.loads)
        .group_by(lanes)
        .agg(fill=pl.col("volume_m3").sum() / pl.col("space_m3").sum())
    )
    return (
        ground.plan.loads.group_by(lanes)
        .agg(loads=pl.len(), rolling=rolls.sum(), parcels=pl.col("parcels").sum())
        .join(fills, on=lanes, how="left")
        .sort(lanes)
        .to_dicts()
    )
