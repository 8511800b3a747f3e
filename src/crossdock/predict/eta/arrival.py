"""ETA as quantiles: the planned time, and what a missed connection or a slow street adds.

A parcel whose legs all connect arrives about its planned time. One that misses a connection waits
for the next departure that leads there, which is a delivery day later; missing twice costs two.
The arrival is therefore a mixture of three days, each with a normal spread of the time of day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import (  # pyright: ignore[reportMissingTypeStubs]
    ndtr,  # pyright: ignore[reportUnknownVariableType]
    ndtri,  # pyright: ignore[reportUnknownVariableType]
)

from crossdock.model.tables import INSTANT

_TAIL = 0.005
_MICROSECONDS = 1_000_000

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ArrivalModel:
    """Constants of the arithmetic model; trade-practice assumptions until history replaces them.

    Attributes
    ----------
    second_miss_share
        Of the parcels that miss a connection, the share that miss the next one too.
    quantiles
        Levels that are answered, ascending.
    """

    name: str = "transit-arithmetic-1"
    second_miss_share: float = 0.1
    quantiles: tuple[float, ...] = (0.5, 0.8, 0.95)


def arrival_quantiles(parcels: pl.DataFrame, model: ArrivalModel | None = None) -> pl.DataFrame:
    """Arrival quantiles of each parcel, never falling with the level.

    Parameters
    ----------
    parcels
        Columns ``planned_at`` (arrival if all connects), ``next_day_at``, ``second_day_at`` (the
        same a delivery day and two later), ``p_connect`` (probability that every leg connects) and
        ``spread_s`` (standard deviation of the time of day).

    Returns
    -------
    polars.DataFrame
        Columns ``eta_p50, eta_p80, eta_p95`` (names follow ``model.quantiles``), in row order.
    """
    chosen = model or ArrivalModel()
    weights, days, spread_us = _mixture(parcels, chosen)
    on_day, next_day, second_day = weights
    columns: dict[str, FloatArray] = {}
    floor = np.zeros(parcels.height)
    for level in chosen.quantiles:
        within = np.select(
            [level <= on_day, level <= on_day + next_day],
            [level / on_day, (level - on_day) / np.maximum(next_day, _TAIL)],
            (level - on_day - next_day) / np.maximum(second_day, _TAIL),
        )
        day = np.select([level <= on_day, level <= on_day + next_day], days[:2], days[2])
        score = np.asarray(ndtri(np.clip(within, _TAIL, 1.0 - _TAIL)), dtype=np.float64)
        floor = np.maximum(floor, day + score * spread_us)
        columns[f"eta_p{round(level * 100)}"] = floor
    return pl.DataFrame(
        {
            name: pl.Series(values.astype(np.int64), dtype=pl.Int64).cast(INSTANT)
            for name, values in columns.items()
        }
    )


def arrival_probability(
    parcels: pl.DataFrame, deadlines: pl.Series, model: ArrivalModel | None = None
) -> pl.Series:
    """Probability that each parcel arrives by its deadline; columns as `arrival_quantiles`."""
    weights, days, spread_us = _mixture(parcels, model or ArrivalModel())
    by = deadlines.cast(pl.Int64).to_numpy().astype(np.float64)
    reached = sum(
        weight * np.asarray(ndtr((by - day) / spread_us), dtype=np.float64)
        for weight, day in zip(weights, days, strict=True)
    )
    return pl.Series(np.clip(reached, 0.0, 1.0), dtype=pl.Float64)


def _mixture(
    parcels: pl.DataFrame, model: ArrivalModel
) -> tuple[list[FloatArray], list[FloatArray], FloatArray]:
    """Weights and means of the three days, and the spread of the time of day, in microseconds."""
    on_day = np.clip(parcels["p_connect"].to_numpy(), _TAIL, 1.0)
    next_day = (1.0 - on_day) * (1.0 - model.second_miss_share)
    days = [
        parcels[name].cast(pl.Int64).to_numpy().astype(np.float64)
        for name in ("planned_at", "next_day_at", "second_day_at")
    ]
    spread_us = np.maximum(parcels["spread_s"].to_numpy(), 1.0) * _MICROSECONDS
    return [on_day, next_day, 1.0 - on_day - next_day], days, spread_us
