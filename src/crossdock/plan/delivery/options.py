"""Who may deliver a ZIP: the coverage rows that count for it."""

from __future__ import annotations

import polars as pl

from crossdock.model import Network
from crossdock.model.tables import REJECTS, conform


def coverage_options(network: Network, zip5s: pl.Series) -> pl.DataFrame:
    """Coverage rows of each ZIP: its five-digit rows if it has any, else its three-digit rows.

    Returns
    -------
    polars.DataFrame
        ``zip5, facility_id, carrier_id, mode, entry_level, days, priority``, one row an option.
    """
    asked = pl.DataFrame({"zip5": zip5s.unique(maintain_order=True)})
    coverage = network["coverage"].with_columns(priority=pl.col("priority").fill_null(1))
    columns = ["facility_id", "carrier_id", "mode", "entry_level", "days", "priority"]
    by_zip5 = asked.join(
        coverage.filter(pl.col("zip").str.len_chars() == 5).select("zip", *columns),
        left_on="zip5",
        right_on="zip",
        maintain_order="left",
    )
    without = asked.join(by_zip5, on="zip5", how="anti", maintain_order="left")
    by_zip3 = without.join(
        coverage.filter(pl.col("zip").str.len_chars() == 3).select("zip", *columns),
        left_on=pl.col("zip5").str.slice(0, 3),
        right_on="zip",
        maintain_order="left",
    )
    return pl.concat([by_zip5.select("zip5", *columns), by_zip3.select("zip5", *columns)]).unique(
        maintain_order=True
    )


def uncovered_orders(network: Network, orders: pl.DataFrame) -> pl.DataFrame:
    """Orders whose ZIP no coverage row serves, as ``REJECTS`` rows."""
    covered = coverage_options(network, orders["zip5"])["zip5"].unique()
    bare = orders.filter(~pl.col("zip5").is_in(covered.implode()))
    return conform(
        bare.select(
            "row",
            "order_id",
            field=pl.lit("zip"),
            value="zip5",
            reason=pl.lit("no row of the network's coverage file serves this ZIP"),
            remedy=pl.lit("add a coverage row for the ZIP or its first three digits"),
        ),
        REJECTS,
    )
