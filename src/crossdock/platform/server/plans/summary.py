"""A run folder's plan in figures."""

from __future__ import annotations

from typing import Any

import polars as pl

from crossdock.platform.server.plans.asked import (
    MOST_REJECTS,
    PlanAsked,
    PlanKpi,
    PlanSummary,
    RejectedOrder,
)
from crossdock.platform.store import RunFolder


def plan_summary(asked: PlanAsked, run: RunFolder) -> PlanSummary:
    """A made plan in figures."""
    manifest: dict[str, Any] = dict(run.manifest)
    kpis = run.read_table("kpis").filter(pl.col("grain") == "network")
    rejects = run.read_rejects()
    return PlanSummary(
        asked=asked,
        start_date=manifest["start_date"],
        counts=manifest["counts"],
        kpis=[
            PlanKpi.model_validate(row) for row in kpis.select("name", "value", "unit").to_dicts()
        ],
        linehaul=manifest["linehaul"],
        baseline=manifest["baseline"],
        assumptions=manifest["assumptions"],
        rejects=[
            RejectedOrder.model_validate(row)
            for row in rejects.head(MOST_REJECTS)
            .with_columns(pl.col(pl.String).fill_null(""))
            .to_dicts()
        ],
        rejects_left_out=max(0, rejects.height - MOST_REJECTS),
    )
