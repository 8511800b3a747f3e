"""Line-haul as it ran: how late, why, how full, how empty."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.measure.frames import EMPTY_KINDS, LADDER, LADDER_NAMES, ladder_steps
from crossdock.measure.report.lived.days import Days, Ratio, word
from crossdock.measure.words import plain

MOST_LOADS = 10
_MINUTES = ((-15.0, "over 15 min early"), (15.0, "within 15 min"), (30.0, "15–30 min late"),
            (60.0, "30–60 min"), (120.0, "1–2 h"), (240.0, "2–4 h"))  # fmt: skip
_BEYOND = "over 4 h late"
ON_TIME_BINS = 2
"""The first bins are on time by the tolerance of the KPI."""


def load_content(days: Days) -> dict[str, Any]:
    """Delays of the planned loads, the latest of them, and the space that was paid for."""
    loads = _loads(days)
    planned = loads.filter(~pl.col("added"))
    return {
        "planned": planned.height,
        "ran": planned["actual_departs_at"].count(),
        "added": loads.height - planned.height,
        "delays": [
            {"name": name, "kpi": days.kpi(kpi), "bins": _bins(planned, column)}
            for name, column, kpi in (
                ("Departures", "left_late", "on_time_departure_15"),
                ("Arrivals", "came_late", "on_time_arrival_15"),
            )
        ],
        "worst": _worst(days, planned),
        "space": _space(days, loads),
        "fill": {
            "planned": days.planned("load_utilisation_cube"),
            "actual": days.kpi("load_utilisation_cube").value,
        },
        "empties": {
            "planned": days.planned("empty_miles_share"),
            "actual": days.kpi("empty_miles_share"),
        },
    }


def _loads(days: Days) -> pl.DataFrame:
    runs = days.table("load_runs")
    late = days.table("lateness").drop_nulls("load_id").group_by("load_id").agg(made_late=pl.len())
    return (
        days.table("loads")
        .join(runs, on="load_id", how="left", maintain_order="left")
        .join(late, on="load_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("added").fill_null(value=False),
            pl.col("made_late").fill_null(0),
            left_late=_minutes("departs_at"),
            came_late=_minutes("arrives_at"),
        )
    )


def _minutes(column: str) -> pl.Expr:
    return (pl.col(f"actual_{column}") - pl.col(column)).dt.total_seconds() / 60


def _bins(planned: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    """Loads by how late they were; those that never ran come last."""
    late = planned[column].drop_nulls()
    edges = [limit for limit, _ in _MINUTES]
    counts = [0] * (len(_MINUTES) + 1)
    for minutes in late:
        counts[sum(minutes > edge for edge in edges)] += 1
    rows: list[dict[str, Any]] = [
        {"name": name, "loads": count, "on_time": place < ON_TIME_BINS}
        for place, (name, count) in enumerate(
            zip([*(name for _, name in _MINUTES), _BEYOND], counts, strict=True)
        )
    ]
    never = planned[column].null_count()
    if never:
        rows.append({"name": "never", "loads": never, "on_time": False})
    most = max(row["loads"] for row in rows) or 1
    return [row | {"width": 100 * row["loads"] / most} for row in rows]


def _worst(days: Days, planned: pl.DataFrame) -> list[dict[str, Any]]:
    late = planned.filter(pl.col("came_late") > 0).sort(
        "came_late", "load_id", descending=[True, False]
    )
    reasons = _reasons(days)
    return [
        {
            "load_id": row["load_id"],
            "lane": f"{row['from']}-{row['to']}",
            "carrier_id": row["carrier_id"],
            "zone": days.zone(row["to"]),
            "planned": row["arrives_at"],
            "actual": row["actual_arrives_at"],
            "hours": row["came_late"] / 60,
            "riders": row["riders"],
            "made_late": row["made_late"],
            "reason": reasons.get(row["load_id"]) or _untold(row),
        }
        for row in late.head(MOST_LOADS).to_dicts()
    ]


def _reasons(days: Days) -> dict[str, str]:
    """What was told of each load, the last word of each kind."""
    told = days.told("load_delayed", "load_cancelled", "vehicle_down").select(
        word("payload", "load_id"), word("payload", "reason"), word("payload", "owner"), "kind"
    )
    return {
        load_id: f"{plain(reason or kind)}{f' ({owner})' if owner and owner != reason else ''}"
        for load_id, reason, owner, kind in told.iter_rows()
        if load_id is not None
    }


def _untold(row: dict[str, Any]) -> str:
    if row["left_late"] is not None and row["left_late"] > 15:
        return f"Left {row['left_late'] / 60:.1f} h late; no reason told"
    return "No reason told"


def _space(days: Days, loads: pl.DataFrame) -> list[dict[str, Any]]:
    """Miles and fill by step of the ladder; loads beyond the plan apart, then all."""
    stepped = ladder_steps(loads, days.page.network).with_columns(pl.col("step").fill_null("other"))
    ran = pl.col("actual_departs_at").is_not_null()
    empties = pl.col("kind").is_in(EMPTY_KINDS)
    planned, freight = ~pl.col("added"), pl.col("paid_m3").is_not_null() & ~empties
    space = pl.col("paid_m3") * pl.col("miles")
    marked = stepped.with_columns(
        group=pl.when(empties).then(pl.lit("empty")).when("added").then(pl.lit("added"))
        .otherwise("step"),
        planned_load=planned.cast(pl.Int64),
        ran_load=ran.cast(pl.Int64),
        planned_miles=pl.when(planned).then("miles").otherwise(0.0),
        ran_miles=pl.when(ran).then("miles").otherwise(0.0),
        planned_freight=pl.when(planned & freight).then(pl.col("volume_m3") * pl.col("miles"))
        .otherwise(0.0),
        planned_space=pl.when(planned & freight).then(space).otherwise(0.0),
        ran_freight=pl.when(ran & freight).then(pl.col("ridden_m3") * pl.col("miles"))
        .otherwise(0.0),
        ran_space=pl.when(ran & freight).then(space).otherwise(0.0),
        usd=pl.when(ran).then("cost_usd").otherwise(0.0),
    )  # fmt: skip
    sums = [
        pl.col(
            "planned_load", "ran_load", "planned_miles", "ran_miles", "planned_freight",
            "planned_space", "ran_freight", "ran_space", "usd",
        ).sum()
    ]  # fmt: skip
    by_group = {row["group"]: row for row in marked.group_by("group").agg(sums).to_dicts()}
    every = marked.select(sums).to_dicts()[0]
    order = [*LADDER, "other", "added", "empty"]
    names = {**LADDER_NAMES, "other": "Other", "added": "Beyond the plan",
             "empty": "Empties and bobtails"}  # fmt: skip
    rows = [
        _space_row(by_group[group], names[group], group) for group in order if group in by_group
    ]
    return [*rows, _space_row(every, "All", "all")]


def _space_row(row: dict[str, Any], name: str, group: str) -> dict[str, Any]:
    return row | {
        "name": name,
        "group": group,
        "planned_fill": Ratio.of(row["planned_freight"], row["planned_space"]).value,
        "ran_fill": Ratio.of(row["ran_freight"], row["ran_space"]).value,
    }
