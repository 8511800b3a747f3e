"""What was kept, by service and by lane, beside what was expected."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.measure.frames import on_time_for_service
from crossdock.measure.report.lived.days import Days, Ratio
from crossdock.measure.report.promises import lane_matrix
from crossdock.measure.words import cause_name

MOST_LANES = 15


def on_time_content(days: Days) -> dict[str, Any]:
    """Services, the lanes that lost most promises, and every lane in a matrix."""
    lanes = _lanes(days.parcels)
    return {
        "services": _services(days),
        "lanes": [_lane_row(row) for row in lanes.head(MOST_LANES).to_dicts()],
        "lanes_left_out": max(0, lanes.height - MOST_LANES),
        "late_left_out": int(lanes["late"].slice(MOST_LANES).sum()),
        "lanes_clean": days.parcels["lane"].n_unique() - lanes.height,
        "matrix": lane_matrix(days.parcels, {"kept": "As promised, what happened"}),
    }


def _services(days: Days) -> list[dict[str, Any]]:
    planned = (
        days.parcels.with_columns(in_plan=on_time_for_service())
        .group_by("service")
        .agg(pl.len().alias("parcels"), pl.col("expected", "in_plan").mean())
        .drop_nulls("service")
        .sort("parcels", "service", descending=[True, False])
    )
    return [
        {
            "name": row["service"],
            "parcels": row["parcels"],
            "expected": row["expected"],
            "in_plan": row["in_plan"],
            **{
                name: days.kpi(kpi, "service", row["service"])
                for name, kpi in (
                    ("gross", "on_time_delivery"),
                    ("net", "on_time_delivery_net"),
                    ("as_sold", "on_time_service"),
                )
            },
        }
        for row in planned.to_dicts()
    ]


def _lanes(parcels: pl.DataFrame) -> pl.DataFrame:
    """Lanes with late parcels, most of them first, with the cause that most of them have."""
    causes = (
        parcels.filter(~pl.col("kept"))
        .group_by("lane", "cause")
        .agg(of_cause=pl.len())
        .sort("of_cause", "cause", descending=[True, False])
        .unique("lane", keep="first", maintain_order=True)
    )
    return (
        parcels.group_by("lane")
        .agg(
            pl.len().alias("parcels"),
            pl.col("kept").sum(),
            pl.col("expected").mean(),
            late=(~pl.col("kept")).sum(),
        )
        .filter(pl.col("late") > 0)
        .join(causes, on="lane", how="left", maintain_order="left")
        .sort("late", "lane", descending=[True, False])
    )


def _lane_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "share": Ratio.of(row["kept"], row["parcels"]),
        "cause_name": cause_name(row["cause"] or "unexplained"),
    }
