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
    lanes = most_late(days.parcels, "lane")
    return {
        "services": services(days),
        "lanes": [_lane_row(row) for row in lanes.head(MOST_LANES).to_dicts()],
        "lanes_left_out": max(0, lanes.height - MOST_LANES),
        "late_left_out": int(lanes["late"].slice(MOST_LANES).sum()),
        "lanes_clean": days.parcels["lane"].n_unique() - lanes.height,
        "matrix": lane_matrix(days.parcels, {"kept": "As promised, what happened"}),
    }


def services(days: Days) -> list[dict[str, Any]]:
    """Services by parcels that are due, each with what was kept and what was expected."""
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


def most_late(parcels: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Groups with late parcels, most of them first, with the cause that most of them have.

    Parameters
    ----------
    parcels
        Of `Days.parcels`.
    by
        The columns that make a group.
    """
    keys = list(by)
    causes = (
        parcels.filter(~pl.col("kept"))
        .group_by(*keys, "cause")
        .agg(of_cause=pl.len())
        .sort("of_cause", "cause", descending=[True, False])
        .unique(keys, keep="first", maintain_order=True)
    )
    return (
        parcels.group_by(keys)
        .agg(
            pl.len().alias("parcels"),
            pl.col("kept").sum(),
            pl.col("expected").mean(),
            late=(~pl.col("kept")).sum(),
        )
        .filter(pl.col("late") > 0)
        .join(causes, on=keys, how="left", maintain_order="left", nulls_equal=True)
        .sort("late", *keys, descending=[True, *[False] * len(keys)])
    )


def _lane_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "share": Ratio.of(row["kept"], row["parcels"]),
        "cause_name": cause_name(row["cause"] or "unexplained"),
    }
