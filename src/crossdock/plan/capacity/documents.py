"""Documents that have run out: what is known to be invalid does not run."""

from __future__ import annotations

import datetime as dt

import polars as pl


def expired_subjects(documents: pl.DataFrame, subject_kind: str, date: dt.date) -> pl.Series:
    """Ids of the drivers, vehicles or carriers with a document that ends before ``date``."""
    return documents.filter(pl.col("subject_kind") == subject_kind, pl.col("expires") < date)[
        "subject_id"
    ].unique(maintain_order=True)
