"""Ratios by grain: what is summed above and below the line, and the one way to divide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.model.tables import KPIS, conform


@dataclass(frozen=True)
class Measure:
    """One ratio: what is summed above and below the line."""

    name: str
    numerator: pl.Expr
    denominator: pl.Expr
    unit: str


def by_grain(
    frame: pl.DataFrame, measures: Sequence[Measure], grains: Sequence[str]
) -> list[pl.DataFrame]:
    """Sums of each measure over the network and by each of ``grains``, columns of ``frame``."""
    everything = _sums(frame, measures).with_columns(key=pl.lit("all"))
    return [_long(everything, measures, "network")] + [
        _long(_sums(frame, measures, grain), measures, grain) for grain in grains
    ]


def with_values(sums: pl.DataFrame) -> pl.DataFrame:
    """``KPIS`` of numerators and denominators: null where the denominator is 0."""
    # NumPy divides each pair; Polars may multiply a constant column by a rounded reciprocal
    numerator, denominator = sums["numerator"].to_numpy(), sums["denominator"].to_numpy()
    ratio = np.divide(
        numerator, denominator, out=np.full(sums.height, np.nan), where=denominator != 0
    )
    valued = sums.with_columns(value=pl.Series(ratio).fill_nan(None))
    return conform(valued, KPIS).sort("name", "grain", "key")


def _sums(
    frame: pl.DataFrame, measures: Sequence[Measure], grain: str | None = None
) -> pl.DataFrame:
    sums = [
        side.sum().cast(pl.Float64).alias(f"{measure.name}|{label}")
        for measure in measures
        for side, label in ((measure.numerator, "over"), (measure.denominator, "under"))
    ]
    if grain is None:
        return frame.select(sums)
    known = frame.filter(pl.col(grain).is_not_null())
    return known.group_by(pl.col(grain).alias("key"), maintain_order=True).agg(sums)


def _long(sums: pl.DataFrame, measures: Sequence[Measure], grain: str) -> pl.DataFrame:
    return pl.concat(
        [
            sums.select(
                name=pl.lit(measure.name),
                grain=pl.lit("delivery_mode" if grain == "mode" else grain),
                key=pl.col("key"),
                numerator=pl.col(f"{measure.name}|over"),
                denominator=pl.col(f"{measure.name}|under"),
                unit=pl.lit(measure.unit),
            )
            for measure in measures
        ]
    )
