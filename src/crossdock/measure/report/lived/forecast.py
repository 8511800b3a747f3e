"""How good the arrival times told at release were: coverage, error, and whether 90 % means 90 %."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl

from crossdock.measure.actual import wilson
from crossdock.measure.report.lived.days import Days, Ratio

_BANDS = (0.5, 0.8, 0.9, 0.95, 0.99)
_QUANTILES = (("p50", 0.50), ("p80", 0.80), ("p95", 0.95))


def forecast_content(days: Days) -> dict[str, Any]:
    """Coverage of the quantiles by service, error of the median, reliability of the promise."""
    told = days.parcels.filter(pl.col("eta_p50").is_not_null()).with_columns(
        *(
            (
                (pl.col("final_state") == "delivered") & (pl.col("final_at") <= pl.col(f"eta_{q}"))
            ).fill_null(value=False).alias(q)
            for q, _ in _QUANTILES
        )
    )  # fmt: skip
    return {
        "parcels": told.height,
        "coverage": [
            {"name": name, "parcels": part.height, "cells": _coverage(part)}
            for name, part in _by_service(told)
        ],
        "error": _error(told),
        "bands": _bands(days.parcels.filter(pl.col("p_on_time_promise").is_not_null())),
    }


def _by_service(told: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    if told.is_empty():
        return []
    services = told.drop_nulls("service").partition_by("service", maintain_order=True)
    services.sort(key=lambda part: (-part.height, str(part["service"][0])))
    return [("All", told), *((str(part["service"][0]), part) for part in services)]


def _coverage(part: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "quantile": name,
            "said": said,
            "share": Ratio.of(float(part[name].sum()), part.height),
            "gap": float(part[name].sum()) / part.height - said,
        }
        for name, said in _QUANTILES
    ]


def _error(told: pl.DataFrame) -> dict[str, float | None] | None:
    hours = told.filter(pl.col("final_state") == "delivered").select(
        hours=(pl.col("final_at") - pl.col("eta_p50")).dt.total_seconds() / 3600
    )["hours"]
    if hours.is_empty():
        return None
    return {
        "parcels": hours.len(),
        "p10": hours.quantile(0.1, "linear"),
        "p50": hours.quantile(0.5, "linear"),
        "p90": hours.quantile(0.9, "linear"),
    }


def _bands(parcels: pl.DataFrame) -> list[dict[str, Any]]:
    """Parcels by the probability told that their promise is kept, and how often it was."""
    edges = (0.0, *_BANDS, 1.0)
    rows: list[dict[str, Any]] = []
    for place, (low, high) in enumerate(pairwise(edges)):
        last = place == len(edges) - 2
        said = pl.col("expected")
        part = parcels.filter((said >= low) & ((said <= high) if last else (said < high)))
        if part.is_empty():
            continue
        kept = Ratio.of(float(part["kept"].sum()), part.height)
        interval = wilson(kept.numerator, kept.denominator)
        mean = float(part["expected"].sum()) / part.height
        rows.append(
            {
                "name": f"{100 * low:.0f}–{100 * high:.0f} %",
                "parcels": part.height,
                "said": mean,
                "kept": kept,
                "low": 100 * interval[0] if interval else 0.0,
                "high": 100 * interval[1] if interval else 0.0,
                "honest": interval is not None and interval[0] <= mean <= interval[1],
            }
        )
    return rows
