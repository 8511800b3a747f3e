"""Two runs that were played: what happened in each, and what moved the difference."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from crossdock.measure.actual import LATENESS, kpi_drivers
from crossdock.measure.frames import Tables, table
from crossdock.model import InvalidValueError
from crossdock.model.tables import empty

LIVED_KPIS = (
    "on_time_delivery",
    "on_time_delivery_net",
    "on_time_service",
    "first_attempt_success",
    "cost_per_package",
    "exceptions_per_1000",
    "load_utilisation_cube",
    "load_utilisation_weight",
    "empty_miles_share",
    "stops_per_hour",
)
"""KPIs that every played run has."""
DRIVEN = (("on_time_delivery", "lane"), ("cost_per_package", "lane"))
"""Ratios whose change is split, and into which parts."""


@dataclass(frozen=True)
class LivedDiff:
    """What differs between what happened in run ``a`` and in run ``b``, ``b`` less ``a``.

    Attributes
    ----------
    kpis
        ``name, unit, value_a, value_b, difference`` of `LIVED_KPIS`.
    drivers
        By ratio of `DRIVEN`, as `crossdock.measure.actual.kpi_drivers`: ``total`` sums to the
        difference. A ratio that one of the runs does not have is not there.
    late
        ``cause, late_a, late_b, difference`` in parcels, the largest difference first.
    """

    kpis: pl.DataFrame
    drivers: dict[str, pl.DataFrame]
    late: pl.DataFrame


def lived_diff(a: Tables, b: Tables) -> LivedDiff:
    """Compare what happened in two runs.

    Parameters
    ----------
    a, b
        Tables of what happened; needed: kpis, lateness. ``a`` is the yardstick.
    """
    one, other = table(a, "kpis"), table(b, "kpis")
    drivers: dict[str, pl.DataFrame] = {}
    for name, grain in DRIVEN:
        try:
            drivers[name] = kpi_drivers(one, other, name, grain)
        except InvalidValueError:  # nothing below the line: there is no change to split
            continue
    return LivedDiff(_kpis_beside(one, other), drivers, _late_beside(a, b))


def _kpis_beside(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    sides = [
        kpis.filter((pl.col("grain") == "network") & pl.col("name").is_in(LIVED_KPIS)).select(
            "name", "unit", "value"
        )
        for kpis in (one, other)
    ]
    order = {name: place for place, name in enumerate(LIVED_KPIS)}
    return (
        sides[0]
        .join(sides[1], on=["name", "unit"], suffix="_b")
        .sort(pl.col("name").replace_strict(order, return_dtype=pl.Int64))
        .select(
            "name",
            "unit",
            value_a="value",
            value_b="value_b",
            difference=pl.col("value_b") - pl.col("value"),
        )
    )


def _late_beside(a: Tables, b: Tables) -> pl.DataFrame:
    counted = [
        tables.get("lateness", empty(LATENESS)).group_by("cause").agg(pl.len().cast(pl.Int64))
        for tables in (a, b)
    ]
    both = counted[0].join(counted[1], on="cause", how="full", suffix="_b", coalesce=True)
    return (
        both.with_columns(pl.col("len", "len_b").fill_null(0))
        .select(
            "cause",
            late_a="len",
            late_b="len_b",
            difference=pl.col("len_b") - pl.col("len"),
        )
        .sort(pl.col("difference").abs(), "cause", descending=[True, False])
    )
