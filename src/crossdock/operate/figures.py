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
    departed = load_times(present, "load_departed")["load_id"]
    rolled = with_space(plan.loads.filter(pl.col("load_id").is_in(departed.implode())))
    used_m3, paid_m3 = rolled.select(pl.col("volume_m3", "space_m3").sum()).row(0)
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
        _share("utilisation", used_m3, paid_m3),
    ]


def next_cutoff(present: Present, plan: PlanView, at: dt.datetime) -> dict[str, Any] | None:
    """What of the plans comes next anywhere: ``what`` is ``inbound_cutoff`` or ``departure``.

    A load that left, or was cancelled, has no departure before it any more. None: nothing is left.
    """
    gone = load_times(present, "load_departed", "load_cancelled")["load_id"]
    cutoffs = plan.waves.select(
        at="inbound_cutoff_at", facility_id="facility_id", load_id=pl.lit(None, pl.String)
    ).with_columns(what=pl.lit("inbound_cutoff"))
    departures = (
        plan.loads.filter(~pl.col("load_id").is_in(gone.implode()))
        .select("load_id", at="departs_at", facility_id="from")
        .with_columns(what=pl.lit("departure"))
    )
    coming = pl.concat([cutoffs, departures], how="diagonal").filter(pl.col("at") > at)
    order = ["at", "what", "facility_id", "load_id"]
    rows = coming.sort(order, nulls_last=True).head(1).to_dicts()
    return rows[0] if rows else None


def rolling_loads(present: Present) -> pl.Series:
    """Loads that left and have not come in."""
    left = load_times(present, "load_departed")["load_id"]
    ended = load_times(present, "load_arrived", "load_cancelled")["load_id"]
    return left.filter(~left.is_in(ended.implode()))


def load_times(present: Present, *kinds: str) -> pl.DataFrame:
    """Loads of which an event of these ``kinds`` tells, with the first of their times: ``at``."""
    told = present.folded.tracking.load_events.whole
    return told.filter(pl.col("kind").is_in(kinds)).group_by("load_id").agg(pl.col("at").min())


def with_space(loads: pl.DataFrame) -> pl.DataFrame:
    """Those of ``loads`` whose space is known, with the ``space_m3`` that is paid for."""
    space_m3 = pl.col("volume_m3") / pl.col("cube_share")
    known = space_m3.is_finite() & (pl.col("cube_share") > 0)
    return loads.filter(known.fill_null(value=False)).with_columns(space_m3=space_m3)


def _share(name: str, numerator: float, denominator: float) -> dict[str, Any]:
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
