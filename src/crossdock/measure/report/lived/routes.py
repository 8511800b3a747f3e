"""The last mile as it was driven: hours, stops, and what came back."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.measure.report.lived.days import Days, word
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

MOST_ROUTES = 10


def route_content(days: Days) -> dict[str, Any]:
    """Totals beside the plan, and the routes furthest from it."""
    routes = _routes(days)
    driven = routes.filter(pl.col("driven"))
    worst = driven.filter(pl.col("planned_h").is_not_null()).sort(
        "over_h", "route_id", descending=[True, False]
    )
    return {
        "planned": days.page.table("tours").height,
        "driven": driven.height,
        "added": driven["planned_h"].null_count(),
        "not_driven": routes.filter(~pl.col("driven")).height,
        "undelivered": int(driven["undelivered"].sum()),
        "carried": int(driven["loaded"].sum()),
        "totals": _totals(days, driven),
        "worst": [_row(days, row) for row in worst.head(MOST_ROUTES).to_dicts()],
        "over_h": float(worst["over_h"].sum()),
        "compared": worst.height,
    }


def _routes(days: Days) -> pl.DataFrame:
    """Every route, planned or added, with hours of both and what came back."""
    left = days.told("route_departed").select(
        word("payload", "route_id"), word("payload", "parcels").cast(pl.Float64, strict=False)
    )
    back = days.told("route_returned").select(
        word("payload", "route_id"), word("payload", "undelivered").cast(pl.Float64, strict=False)
    )
    planned = days.page.table("tours").select(
        "route_id", planned_h=pl.col("paid_s") / SECONDS_PER_HOUR, planned_stops="stops"
    )
    return (
        days.table("tours")
        .select(
            "route_id", "facility_id", "carrier_id", "stops", "paid_s", "delivery_date",
            driven=pl.col("departs_at").is_not_null(),
            hours=pl.col("paid_s") / SECONDS_PER_HOUR,
        )
        .join(planned, on="route_id", how="left", maintain_order="left")
        .join(_once(left), on="route_id", how="left", maintain_order="left")
        .join(_once(back), on="route_id", how="left", maintain_order="left")
        .with_columns(
            over_h=pl.col("hours") - pl.col("planned_h"),
            loaded=pl.col("parcels").fill_null(0),
            undelivered=pl.col("undelivered").fill_null(0),
        )
    )  # fmt: skip


def _once(told: pl.DataFrame) -> pl.DataFrame:
    return told.drop_nulls("route_id").unique("route_id", keep="first", maintain_order=True)


def _totals(days: Days, driven: pl.DataFrame) -> list[dict[str, Any]]:
    before, after = days.page.table("tours"), days.table("tours")
    after = after.filter(pl.col("departs_at").is_not_null())
    rows: list[tuple[str, float | None, float | None, int]] = [
        ("Routes", before.height, driven.height, 0),
        (
            "Paid hours",
            _sum(before, "paid_s") / SECONDS_PER_HOUR,
            _sum(after, "paid_s") / SECONDS_PER_HOUR,
            0,
        ),
        ("Stops", _sum(before, "stops"), _sum(after, "stops"), 0),
        (
            "Miles",
            _sum(before, "distance_m") / METERS_PER_MILE,
            _sum(after, "distance_m") / METERS_PER_MILE,
            0,
        ),
        ("Stops an hour", days.planned("stops_per_hour"), days.kpi("stops_per_hour").value, 2),
        (
            "Parcels a route",
            days.planned("parcels_per_route"),
            days.kpi("parcels_per_route").value,
            1,
        ),
    ]
    return [
        {
            "name": name,
            "planned": planned,
            "actual": actual,
            "digits": digits,
            "change": actual / planned - 1 if planned and actual is not None else None,
        }
        for name, planned, actual, digits in rows
    ]


def _row(days: Days, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"place": days.place(row["facility_id"])}


def _sum(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].sum())
