"""Why parcels were late: one cause each, so that the bars sum to all of them."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.measure.report.lived.days import Days, widths
from crossdock.measure.words import cause_meaning, cause_name, plain

MOST_SUBJECTS = 18
_OWNERS = ("carrier", "plan", "shipper", "consignee", "weather")
_MINUTES_AN_HOUR = 60.0


def late_content(days: Days) -> dict[str, Any]:
    """Causes, who answers for them, and the single loads, routes and places that cost most.

    ``points``: of all parcels that are due, in per cent: what the on-time share lost.
    """
    late = days.table("lateness")
    every = days.parcels.height
    causes = _causes(late, every)
    subjects = _subjects(days, late, every)
    return {
        "parcels": late.height,
        "of": every,
        "points": 100 * late.height / every if every else 0.0,
        "excused": late["excused"].count(),
        "owners": _owners(late),
        "causes": causes,
        "subjects": subjects[:MOST_SUBJECTS],
        "subjects_left_out": max(0, len(subjects) - MOST_SUBJECTS),
        "parcels_left_out": sum(row["parcels"] for row in subjects[MOST_SUBJECTS:]),
        "look_at": next((row for row in subjects if not row["excused"]), None),
    }


def _causes(late: pl.DataFrame, every: int) -> list[dict[str, Any]]:
    by_cause = (
        late.group_by("cause", "owner")
        .agg(
            parcels=pl.len(),
            excused=pl.col("excused").count(),
            hours=pl.col("minutes_late").median() / _MINUTES_AN_HOUR,
        )
        .sort("parcels", "cause", "owner", descending=[True, False, False])
    )
    rows = [
        row
        | {
            "name": cause_name(row["cause"]),
            "meaning": cause_meaning(row["cause"]),
            "points": 100 * row["parcels"] / every,
            "share": row["parcels"] / late.height,
        }
        for row in by_cause.to_dicts()
    ]
    widths(rows, "parcels")
    return rows


def _owners(late: pl.DataFrame) -> list[dict[str, Any]]:
    counts: dict[str, int] = dict(
        late.group_by(pl.col("owner").fill_null("unknown")).len().iter_rows()
    )
    order = [*_OWNERS, *sorted(set(counts) - set(_OWNERS))]
    return [
        {
            "owner": owner if owner in _OWNERS else "unknown",
            "name": plain(owner),
            "parcels": counts[owner],
            "share": counts[owner] / late.height,
        }
        for owner in order
        if owner in counts
    ]


def _subjects(days: Days, late: pl.DataFrame, every: int) -> list[dict[str, Any]]:
    """A load, a route, else a facility: what one cause at one of them cost."""
    lanes = {
        load_id: (start, end)
        for load_id, start, end in days.table("loads").select("load_id", "from", "to").iter_rows()
    }
    found = (
        late.group_by("cause", "owner", "load_id", "route_id", "facility_id")
        .agg(parcels=pl.len(), excused=pl.col("excused").count() == pl.len())
        .with_columns(at_load=pl.col("load_id").is_not_null())
        .with_columns(
            pl.when("at_load").then(None).otherwise("facility_id").alias("facility_id"),
        )
        .group_by("cause", "owner", "load_id", "route_id", "facility_id")
        .agg(pl.col("parcels").sum(), pl.col("excused").all())
        .sort(
            "parcels", "cause", "load_id", "route_id", "facility_id",
            descending=[True, False, False, False, False],
        )
    )  # fmt: skip
    return [
        row
        | {
            "subject": _subject(days, row, lanes),
            "name": cause_name(row["cause"]),
            "points": 100 * row["parcels"] / every,
        }
        for row in found.to_dicts()
    ]


def _subject(days: Days, row: dict[str, Any], lanes: dict[str, tuple[str, str]]) -> str:
    if row["load_id"] is not None:
        start, end = lanes.get(row["load_id"], ("?", "?"))
        return f"Load {row['load_id']}, {start} to {end}"
    if row["route_id"] is not None:
        return f"Route {row['route_id']} from {days.place(row['facility_id'])}"
    return days.place(row["facility_id"]) if row["facility_id"] else "No one place"
