"""The map: facilities with what waits there, vehicles where they were seen last, lanes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from crossdock.operate.figures import rolling_loads
from crossdock.operate.present import Present
from crossdock.operate.tracking import vehicle_states
from crossdock.platform.server.tower.ground import Ground


def chart(present: Present, ground: Ground, at: dt.datetime) -> dict[str, Any]:
    """What the map shows at ``at``."""
    return {
        "at": at,
        "facilities": _facilities(present, ground),
        "vehicles": vehicle_rows(present),
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


def _facilities(present: Present, ground: Ground) -> list[dict[str, Any]]:
    waiting = (
        present.parcels.filter(pl.col("custody_kind") == "facility")
        .group_by(facility_id="custody_id")
        .agg(queue=pl.len())
    )
    wrong = (
        present.standing_exceptions.filter(pl.col("closed_at").is_null())
        .group_by("facility_id")
        .agg(exceptions=pl.len())
    )
    return (
        ground.facilities.join(waiting, on="facility_id", how="left", maintain_order="left")
        .join(wrong, on="facility_id", how="left", maintain_order="left")
        .with_columns(pl.col("queue", "exceptions").fill_null(0))
        .sort("facility_id")
        .to_dicts()
    )


def _lanes(present: Present, ground: Ground) -> list[dict[str, Any]]:
    rolls = pl.col("load_id").is_in(rolling_loads(present).implode())
    space_m3 = pl.col("volume_m3") / pl.col("cube_share")
    paid = space_m3.is_finite() & (pl.col("cube_share") > 0)
    fill = pl.col("volume_m3").filter(paid).sum() / space_m3.filter(paid).sum()
    return (
        ground.plan.loads.group_by("from", "to")
        .agg(
            loads=pl.len(),
            rolling=rolls.sum(),
            parcels=pl.col("parcels").sum(),
            fill=pl.when(paid.any()).then(fill),
        )
        .sort("from", "to")
        .to_dicts()
    )
