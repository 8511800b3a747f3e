"""What is due while a run is under way: what is neither due nor done counts in no figure."""

from __future__ import annotations

import datetime as dt

import polars as pl


def is_due(limit: str | pl.Expr, at: dt.datetime | None) -> pl.Expr:
    """Whether ``limit`` has passed by ``at``; without ``at`` the run is over: always."""
    if at is None:
        return pl.lit(value=True)
    by = pl.col(limit) if isinstance(limit, str) else limit
    return (by <= pl.lit(at)).fill_null(value=False)
