"""Which rate row holds: an empty cell matches all, the most specific row wins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import polars as pl

RATE_TERMS = ("basis", "rate_usd", "minimum_usd", "fuel_pct")

DEPENDENT_CODES = frozenset(
    {
        "address_correction",
        "cancellation",
        "detention",
        "layover",
        "redelivery",
        "return",
        "team",
        "tonu",
    }
)
"""Accessorials that need an occasion, so that no plan pays them on every load. ``team`` is paid
by the loads that a team or a relay drives."""


def most_specific(asked: pl.DataFrame, rates: pl.DataFrame, cells: Sequence[str]) -> pl.DataFrame:
    """``asked`` with the terms of its rate: one row each, null where nothing is sold.

    Parameters
    ----------
    asked
        Has ``carrier_id`` and every column of ``cells``.
    rates
        Rows of the rates file of one mode.
    cells
        Columns that an empty cell leaves open. The row with most of them filled wins; of equals,
        the one that fills the earlier ones of ``cells``, then the earlier row of the file.
    """
    numbered = rates.with_row_index("rate_row").select(
        "rate_row", "carrier_id", *cells, *RATE_TERMS
    )
    found = asked.with_columns(pl.lit(None, pl.UInt32).alias("rate_row"))
    for filled in _by_specificity(cells):
        open_cells = [cell for cell in cells if cell not in filled]
        rows = (
            numbered.filter(
                *(pl.col(cell).is_not_null() for cell in filled),
                *(pl.col(cell).is_null() for cell in open_cells),
            )
            .select("carrier_id", *filled, candidate="rate_row")
            .unique(["carrier_id", *filled], keep="first", maintain_order=True)
        )
        if rows.height:
            found = (
                found.join(rows, on=["carrier_id", *filled], how="left", maintain_order="left")
                .with_columns(rate_row=pl.coalesce("rate_row", "candidate"))
                .drop("candidate")
            )
    terms = numbered.select("rate_row", *RATE_TERMS)
    return found.join(terms, on="rate_row", how="left", maintain_order="left").drop("rate_row")


def _by_specificity(cells: Sequence[str]) -> list[tuple[str, ...]]:
    """Sets of filled cells, most first; among equals, those with the earlier cells first."""
    return [filled for size in range(len(cells), -1, -1) for filled in combinations(cells, size)]


def charged_usd(amount_usd: pl.Expr) -> pl.Expr:
    """Price of ``rate x basis``: at least the minimum, plus fuel."""
    at_least = pl.max_horizontal(amount_usd, pl.col("minimum_usd").fill_null(0.0))
    return at_least * (1 + pl.col("fuel_pct").fill_null(0.0) / 100)


def accessorial_sums(accessorials: pl.DataFrame, bases: Sequence[str]) -> pl.DataFrame:
    """Sum of a carrier's standing accessorials by basis: ``carrier_id`` and ``add_<basis>_usd``."""
    standing = accessorials.filter(~pl.col("code").str.to_lowercase().is_in(DEPENDENT_CODES))
    return standing.group_by("carrier_id", maintain_order=True).agg(
        pl.col("rate_usd").filter(pl.col("basis") == basis).sum().alias(f"add_{basis}_usd")
        for basis in bases
    )
