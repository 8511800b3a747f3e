"""Local days of the places where things happen."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def local_date(instant: str, facilities: pl.Series, timezones: Mapping[str, str]) -> pl.Expr:
    """Date of a column of instants on the clocks of the row's facility; UTC where it is unknown."""
    zones = pl.lit(facilities).replace_strict(
        list(timezones), list(timezones.values()), default="UTC", return_dtype=pl.String
    )
    at = pl.col(instant)
    return pl.coalesce(
        pl.when(zones == zone).then(at.dt.convert_time_zone(zone).dt.date())
        for zone in sorted({*timezones.values(), "UTC"})
    )
