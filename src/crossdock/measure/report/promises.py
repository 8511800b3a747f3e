"""What is kept by lane, what is not offered and what would fix it, what has no vehicle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from crossdock.measure.frames import on_time_for_promise, on_time_for_service
from crossdock.measure.report.page import Page

MOST_GAPS = 40
LEVELS = (0.5, 0.8, 0.9, 0.97)
"""Shares at which the colour of a cell steps up."""


def promise_content(page: Page) -> dict[str, Any]:
    """Matrices of promise kept, origins down and destinations across."""
    parcels = page.table("parcels").with_columns(
        service_kept=on_time_for_service(), promise_kept=on_time_for_promise()
    )
    return lane_matrix(
        parcels,
        {
            "service_kept": "Against the service sold",
            "promise_kept": "Against what the buyer is told",
        },
    )


def lane_matrix(parcels: pl.DataFrame, measures: Mapping[str, str]) -> dict[str, Any]:
    """Means of some columns of parcels by lane.

    Parameters
    ----------
    parcels
        With ``origin_facility_id, destination_facility_id`` and the columns of ``measures``.
    measures
        Columns, each with its label.

    Returns
    -------
    dict
        ``destinations``, the largest first, and ``matrices``, each with ``name, label, rows``.
    """
    origins = parcels["origin_facility_id"].drop_nulls().unique().sort().to_list()
    cells = parcels.group_by("origin_facility_id", "destination_facility_id").agg(
        pl.len().alias("parcels"), pl.col(list(measures)).mean()
    )
    by_lane = {
        (row["origin_facility_id"], row["destination_facility_id"]): row for row in cells.to_dicts()
    }
    largest = (
        parcels.group_by("destination_facility_id")
        .len()
        .sort("len", "destination_facility_id", descending=[True, False])
    )
    destinations = largest["destination_facility_id"].drop_nulls().to_list()
    return {
        "destinations": destinations,
        "matrices": [
            {
                "name": name,
                "label": label,
                "rows": [
                    {
                        "origin": origin,
                        "cells": [
                            _cell(by_lane.get((origin, place)), name) for place in destinations
                        ],
                    }
                    for origin in origins
                ],
            }
            for name, label in measures.items()
        ],
    }


def gap_content(page: Page) -> dict[str, Any]:
    """Parcels sold faster than their lane goes, shortfalls, and rejected rows."""
    gaps = _gaps(page)
    rejects = page.tables.get("rejects", pl.DataFrame(schema={"reason": pl.String}))
    return {
        "gaps": gaps.head(MOST_GAPS).to_dicts(),
        "gaps_left_out": max(0, gaps.height - MOST_GAPS),
        "parcels_not_offered": int(gaps["parcels"].sum()),
        "lanes_not_offered": gaps.height,
        "shortfalls": _shortfalls(page),
        "rejects": rejects.group_by("reason")
        .len()
        .sort("len", "reason", descending=[True, False])
        .to_dicts(),
    }


def _cell(row: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    if row is None:
        return None
    kept = float(row[name])
    return {
        "kept": kept,
        "parcels": row["parcels"],
        "level": sum(kept >= level for level in LEVELS),
    }


def _gaps(page: Page) -> pl.DataFrame:
    """Lanes and services not offered: parcels, how late, and the nearest origin that can."""
    parcels = page.table("parcels")
    lanes = ["origin_facility_id", "destination_facility_id", "service"]
    offered_from = (
        parcels.filter(pl.col("service_offered"))
        .group_by("destination_facility_id", "service")
        .agg(pl.col("origin_facility_id").unique().sort().alias("offered_from"))
    )
    late_h = (pl.col("eta_p50") - pl.col("service_due_at")).dt.total_seconds() / 3600
    gaps = (
        parcels.filter(~pl.col("service_offered").fill_null(True))
        .group_by(lanes)
        .agg(
            pl.len().alias("parcels"),
            late_h.filter(late_h > 0).median().alias("late_h"),
            pl.col("cost_usd").mean().alias("usd_per_parcel"),
        )
        .join(offered_from, on=["destination_facility_id", "service"], how="left")
        .sort("parcels", *lanes, descending=[True, False, False, False])
    )
    fixes = [
        _fix(row["destination_facility_id"], row["service"], row["offered_from"])
        for row in gaps.to_dicts()
    ]
    return gaps.with_columns(pl.Series("fix", fixes, dtype=pl.String))


def _fix(destination: str, service: str, offered_from: list[str] | None) -> str:
    if offered_from:
        nearer = ", ".join(offered_from)
        return f"Stock nearer: {service} to {destination} is offered from {nearer}"
    return f"Air, or a partner with {service} to {destination}; no ground origin of this plan can"


def _shortfalls(page: Page) -> list[dict[str, Any]]:
    opened = page.table("exceptions").filter(pl.col("kind") == "capacity_shortfall")
    return (
        opened.group_by("facility_id")
        .agg(pl.len().alias("parcels"), pl.col("evidence").drop_nulls().unique().sort().head(3))
        .sort("parcels", "facility_id", descending=[True, False])
        .to_dicts()
    )
