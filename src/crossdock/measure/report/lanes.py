"""Line-haul lane by lane: fill, ladder step, carrier, cost, promise."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.measure.frames import (
    LADDER,
    LADDER_NAMES,
    ladder_steps,
    lane,
    on_time_for_service,
)
from crossdock.measure.report.page import Page

MOST_ROWS = 600
"""Rows shown; on a larger network the costliest."""


def lane_content(page: Page) -> dict[str, Any]:
    """Rows of the lanes table, costliest first, and how many are left out."""
    rows = _lane_rows(page)
    return {
        "rows": rows.head(MOST_ROWS).to_dicts(),
        "left_out": max(0, rows.height - MOST_ROWS),
        "cost_usd": float(rows["cost_usd"].sum()),
        "steps": _by_step(rows),
    }


def _lane_rows(page: Page) -> pl.DataFrame:
    loads = ladder_steps(page.table("loads"), page.network).with_columns(
        lane(), pl.col("step").fill_null("other")
    )
    kept = (
        page.table("legs")
        .join(page.table("parcels").select("parcel_id", kept=on_time_for_service()), on="parcel_id")
        .group_by("load_id")
        .agg(pl.col("kept").sum(), riding=pl.len())
    )
    paid = pl.when(pl.col("cube_share") > 0).then(pl.col("volume_m3") / pl.col("cube_share"))
    by_lane = (
        loads.join(kept, on="load_id", how="left")
        .with_columns(paid_m3=paid)
        .group_by("lane", "kind", "step", "carrier_id")
        .agg(
            pl.len().alias("loads"),
            pl.col("parcels", "volume_m3", "paid_m3", "cost_usd", "kept", "riding").sum(),
            pl.col("miles").first(),
        )
    )
    return by_lane.with_columns(
        fill=_ratio("volume_m3", "paid_m3"),
        usd_per_parcel=_ratio("cost_usd", "parcels"),
        kept_share=_ratio("kept", "riding"),
        step_name=pl.col("step").replace(LADDER_NAMES),
    ).sort(
        "cost_usd",
        "lane",
        "kind",
        "step",
        "carrier_id",
        descending=[True, False, False, False, False],
    )


def _by_step(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Freight, fill and cost by step of the ladder, in the order of the ladder."""
    freight = rows.filter(pl.col("paid_m3") > 0)
    sums = freight.group_by("step", "step_name").agg(
        pl.col("loads", "parcels", "volume_m3", "paid_m3", "cost_usd").sum()
    )
    order = {step: place for place, step in enumerate((*LADDER, "other"))}
    found = sums.with_columns(
        fill=_ratio("volume_m3", "paid_m3"),
        usd_per_m3=_ratio("cost_usd", "volume_m3"),
        place=pl.col("step").replace_strict(order, default=len(order), return_dtype=pl.Int64),
    )
    return found.sort("place", "step").to_dicts()


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))
