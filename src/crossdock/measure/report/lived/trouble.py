"""What was opened as wrong, by kind, and what is still open, by its cause."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.measure.report.lived.days import Days, widths
from crossdock.measure.words import kind_name, kind_trigger, plain

MOST_INCIDENTS = 15
_SECONDS_AN_HOUR = 3600.0


def trouble_content(days: Days) -> dict[str, Any]:
    """Kinds, most first; incidents, most promises and money first."""
    opened, parcels = days.table("exceptions"), days.table("parcels").height
    incidents = days.table("incidents").sort(
        "promises_at_risk", "money_at_risk_usd", "exceptions", "incident_id",
        descending=[True, True, True, False],
    )  # fmt: skip
    return {
        "opened": opened.height,
        "parcels": parcels,
        "touched": days.table("parcels").join(opened, on="parcel_id", how="semi").height,
        "of_others": opened.drop_nulls("parcel_id")
        .join(days.table("parcels"), on="parcel_id", how="anti")
        .height,
        "still_open": opened["closed_at"].null_count(),
        "kinds": _kinds(opened, parcels),
        "incidents": [_incident(days, row) for row in incidents.head(MOST_INCIDENTS).to_dicts()],
        "incidents_in_all": incidents.height,
        "promises": int(incidents["promises_at_risk"].sum()),
        "money": float(incidents["money_at_risk_usd"].sum()),
    }


def _kinds(opened: pl.DataFrame, parcels: int) -> list[dict[str, Any]]:
    lasted = (pl.col("closed_at") - pl.col("opened_at")).dt.total_seconds() / _SECONDS_AN_HOUR
    counts = (
        opened.group_by("kind")
        .agg(
            opened=pl.len(),
            open=pl.col("closed_at").is_null().sum(),
            hours=lasted.median(),
            money=pl.col("money_at_risk_usd").sum(),
        )
        .sort("opened", "kind", descending=[True, False])
    )
    rows = [
        row
        | {
            "name": kind_name(row["kind"]),
            "trigger": kind_trigger(row["kind"]),
            "per_1000": 1000 * row["opened"] / parcels if parcels else None,
        }
        for row in counts.to_dicts()
    ]
    widths(rows, "opened")
    return rows


def _incident(days: Days, row: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind_name(kind) for kind in (row["kinds"] or "").split(";") if kind]
    return row | {
        "about": days.place(row["subject"]),
        "cause_name": "On its own" if row["cause"] == "single" else plain(row["cause"]),
        "kind_names": ", ".join(kinds).capitalize(),
        "zone": days.zone(row["facility_id"]),
    }
