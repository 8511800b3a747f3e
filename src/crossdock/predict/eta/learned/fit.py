"""Learning: observations of many days become distributions, thin groups drawn to the mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from crossdock.model import InvalidValueError
from crossdock.predict.eta.learned.groups import fit_curves, fit_shares
from crossdock.predict.eta.learned.history import (
    PARTNER_FIRST,
    REDO_FIRST,
    HistoryDay,
    Observations,
    observe,
)
from crossdock.predict.eta.learned.model import EtaModel

# Prior weight (observations) and what is believed where nothing was ever seen (assumptions).
_HOUR = 3_600.0
_CURVES: dict[str, tuple[float, tuple[float, ...]]] = {
    "delay": (150.0, (0.0, 600.0, 1_800.0)),
    "road": (80.0, (0.95, 1.0, 1.15)),
    "detour": (40.0, (6 * _HOUR, 24 * _HOUR, 48 * _HOUR)),
    "street": (150.0, (-1_200.0, 0.0, 2_400.0)),
    "redo_hour": (60.0, (9 * _HOUR, 13 * _HOUR, 19 * _HOUR)),
    "partner_hour": (60.0, (10 * _HOUR, 14 * _HOUR, 18 * _HOUR)),
    "counter": (5.0, (_HOUR, 60 * _HOUR, 120 * _HOUR)),
    "scan_lag": (0.0, (0.0, 900.0, 3_600.0)),
}


def _days(first: int, *shares: float) -> tuple[float, ...]:
    """Outcomes of a number of days that begin at ``first``: ``shares`` are of 0, 1, 2 days."""
    outcomes = [0.0] * 8
    outcomes[-first : -first + len(shares)] = shares
    return tuple(outcomes)


_SHARES: dict[str, tuple[float, tuple[float, ...]]] = {
    "unsorted": (400.0, (0.99, 0.01)),
    "detour_never": (60.0, (0.95, 0.05)),
    "skipped": (300.0, (0.99, 0.01)),
    "redo": (20.0, _days(REDO_FIRST, 1.0)),
    "first_failure": (300.0, (0.94, 0.06)),
    "after_failure": (5.0, (0.95, 0.02, 0.03)),
    "gap": (60.0, _days(0, 0.0, 1.0)),
    "again_failure": (20.0, (0.75, 0.25)),
    "early": (20.0, (1.0, 0.0, 0.0)),
    "partner": (150.0, _days(PARTNER_FIRST, 0.94, 0.04, 0.02)),
    "collected": (5.0, (0.6, 0.4)),
    "missed_scan": (50.0, (0.98, 0.02)),
}


def fit_eta(
    history: Iterable[HistoryDay], *, name: str = "learned-1", shrinkage: float = 1.0
) -> EtaModel:
    """Learn how the parts of a path go from days that were planned and then happened.

    Parameters
    ----------
    history
        Days; read once, one after another.
    name
        Of the model, written with each prediction.
    shrinkage
        How strongly thin groups are drawn to the group above them; 1 is usual.

    Raises
    ------
    InvalidValueError
        There is no day in the history.
    """
    days: list[Observations] = []
    dates: list[dt.date] = []
    parcels = 0
    for day in history:
        days.append(observe(day))
        parcels += day.tables["parcels"].height
        dates += day.tables["parcels"]["ship_date"].drop_nulls().unique().to_list()
    if not days:
        raise InvalidValueError("there is no day to learn from", remedy="give a history of days")
    seen = {
        question: _together([day[question] for day in days]) for question in (*_CURVES, *_SHARES)
    }
    facts: dict[str, Any] = {
        "days": len(days),
        "parcels": parcels,
        "first_date": str(min(dates, default="")),
        "last_date": str(max(dates, default="")),
    }
    return EtaModel(
        name,
        facts,
        {
            question: fit_curves(seen[question], weight=weight * shrinkage, otherwise=otherwise)
            for question, (weight, otherwise) in _CURVES.items()
        },
        {
            question: fit_shares(
                seen[question],
                outcomes=len(otherwise),
                weight=weight * shrinkage,
                otherwise=otherwise,
            )
            for question, (weight, otherwise) in _SHARES.items()
        },
    )


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    schema = {"group": pl.String, "value": pl.Float64}
    whole = pl.concat([frame.select("group", "value").cast(schema) for frame in frames])  # pyright: ignore[reportArgumentType]
    return whole.drop_nulls()
