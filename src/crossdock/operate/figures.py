"""The figures of now: what a dispatcher reads first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from crossdock.operate.cases import Cases
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView


def figures(
    present: Present, plan: PlanView, cases: Cases, at: dt.datetime
) -> list[dict[str, Any]]:
    """KPIs of this moment, each from its numerator and denominator."""
    parcels = present.parcels.join(
        plan.parcels.select("parcel_id", "promised_at"), on="parcel_id", how="left"
    )
    delivered = pl.col("status") == "delivered"
    promised = pl.col("promised_at").is_not_null()
    kept = delivered & (pl.col("status_at") <= pl.col("promised_at"))
    due = promised & ((pl.col("promised_at") <= at) | delivered)
    told = parcels.select(
        parcels=pl.len(),
        over=pl.col("terminal").sum(),
        delivered=delivered.sum(),
        due=due.sum(),
        kept=(due & kept).sum(),
        attempted=(pl.col("attempts") > 0).sum(),
        first=(delivered & (pl.col("attempts") == 1)).sum(),
    ).row(0, named=True)
    standing = present.standing_exceptions.filter(pl.col("closed_at").is_null())
    untouched = sum(
        cases.of(exception_id).state(at, over=False) == "open"
        for exception_id in standing["exception_id"]
    )
    return [
        _share("on_time", told["kept"], told["due"]),
        _share("first_attempt", told["first"], told["attempted"]),
        _count("parcels", max(told["parcels"], plan.parcels.height)),
        _count("under_way", told["parcels"] - told["over"]),
        _count("delivered", told["delivered"]),
        _count("exceptions_open", standing.height),
        _count("exceptions_untouched", untouched),
        _sum("promises_at_risk", standing["promises_at_risk"], "parcels"),
        _sum("money_at_risk", standing["money_at_risk_usd"], "usd"),
        _share("loads_rolling", len(rolling_loads(present)), plan.loads.height),
    ]


def rolling_loads(present: Present) -> pl.Series:
    """Loads that left and have not come in."""
    told = present.folded.tracking.load_events.whole
    left = told.filter(pl.col("kind") == "load_departed")["load_id"].unique()
    ended = told.filter(pl.col("kind").is_in(["load_arrived", "load_cancelled"]))["load_id"]
    return left.filter(~left.is_in(ended.implode()))


def _share(name: str, numerator: int, denominator: int) -> dict[str, Any]:
    value = numerator / denominator if denominator else None
    return _row(name, value, numerator, denominator, "share")


def _count(name: str, value: int) -> dict[str, Any]:
    return _row(name, value, value, 1, "count")


def _sum(name: str, values: pl.Series, unit: str) -> dict[str, Any]:
    total = float(values.sum() or 0.0)
    return _row(name, total, total, 1, unit)


def _row(
    name: str, value: float | None, numerator: float, denominator: float, unit: str
) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "unit": unit,
    }
