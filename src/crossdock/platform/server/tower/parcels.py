"""Parcels as the API shows them: filtered first, then filled in for one page."""

from __future__ import annotations

from typing import Any

import msgspec
import polars as pl

from crossdock.model.event import PARCEL_STATUSES
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

_PLANNED = ("order_id", "promised_at", "service_due_at", "service", "eta_p50", "eta_p80",
            "eta_p95", "origin_facility_id", "destination_facility_id",
            "delivery_mode")  # fmt: skip
_SHOWN = (
    "parcel_id", "order_id", "status", "group", "terminal", "planned", "status_at",
    "last_event_at", "promised_at", "service_due_at", "service", "eta", "custody_kind",
    "custody_id", "facility_id", "load_id", "origin_facility_id", "destination_facility_id",
    "delivery_mode", "attempts", "future_clock",
)  # fmt: skip
_SILENT = "unknown"
"""Status of a planned parcel of which no event tells."""


def parcel_page(
    present: Present,
    plan: PlanView,
    *,
    status: str | None,
    asked: str | None,
    after: str | None,
    count: int,
) -> list[dict[str, Any]]:
    """Up to ``count`` parcels by id.

    Parameters
    ----------
    asked
        Part of a parcel's or an order's id, in any case.
    after
        The last id of the page before.
    """
    found = _ids(present, plan, status)
    if asked:
        found = found.filter(_contains("parcel_id", asked) | _in_order(plan, asked))
    if after is not None:
        found = found.filter(pl.col("parcel_id") > after)
    return parcel_rows(present, plan, found.bottom_k(count, by="parcel_id")["parcel_id"])


def parcel_rows(present: Present, plan: PlanView, ids: pl.Series) -> list[dict[str, Any]]:
    """What is shown of some parcels, by id; one that nobody knows is left out."""
    among = pl.col("parcel_id").is_in(ids.implode())
    known = present.parcels.filter(among).drop("revision")
    planned = plan.parcels.filter(among).select("parcel_id", *_PLANNED, planned=pl.lit(value=True))
    rows = (
        known.join(planned, on="parcel_id", how="full", coalesce=True)
        .with_columns(
            pl.col("status").fill_null(_SILENT),
            pl.col("group").fill_null(PARCEL_STATUSES[_SILENT].group),
            pl.col("planned", "terminal", "future_clock").fill_null(value=False),
            pl.col("attempts").fill_null(0),
            eta=pl.when(pl.col("eta_p50").is_not_null()).then(
                pl.struct(p50="eta_p50", p80="eta_p80", p95="eta_p95")
            ),
        )
        .sort("parcel_id")
    )
    return rows.select(_SHOWN).to_dicts()


def planned_path(plan: PlanView, parcel_id: str) -> list[dict[str, Any]]:
    """The planned legs of a parcel."""
    return (
        plan.legs.filter(pl.col("parcel_id") == parcel_id)
        .sort("seq")
        .select(
            "load_id",
            "departs_at",
            "arrives_at",
            from_facility_id="from",
            to_facility_id="to",
        )
        .to_dicts()
    )


def event_rows(events: pl.DataFrame) -> list[dict[str, Any]]:
    """Events of a parcel as they are shown; a payload that is no JSON object is left out."""
    rows = events.select(
        "source", "source_event_id", "kind", "occurred_at", "received_at", "facility_id",
        "vehicle_id", "driver_id", "payload",
    ).to_dicts()  # fmt: skip
    for row in rows:
        row["payload"] = msgspec.json.decode(row["payload"]) if row["payload"] else None
    return rows


def _ids(present: Present, plan: PlanView, status: str | None) -> pl.DataFrame:
    known = present.parcels.select("parcel_id", "status")
    if status is not None:
        told = known.filter(pl.col("status") == status).select("parcel_id")
        if status != _SILENT:
            return told
        return pl.concat([told, _silent(known, plan)])
    return pl.concat([known.select("parcel_id"), _silent(known, plan)])


def _silent(known: pl.DataFrame, plan: PlanView) -> pl.DataFrame:
    return plan.parcels.select("parcel_id").join(known, on="parcel_id", how="anti")


def _contains(column: str, asked: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.contains(asked.lower(), literal=True)


def _in_order(plan: PlanView, asked: str) -> pl.Expr:
    orders = plan.parcels.filter(_contains("order_id", asked))["parcel_id"]
    return pl.col("parcel_id").is_in(orders.implode())
