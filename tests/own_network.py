"""Network files whose carriers are so dear that the own fleet drives."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from crossdock.platform.cli import main


def write_own_network(folder: Path, metros: int = 5) -> Path:
    """CSV files of the largest metros, in ``folder``."""
    assert main(["--quiet", "network", "init", "--metros", str(metros), str(folder)]) == 0
    rates = pl.read_csv(folder / "rates.csv", infer_schema=False)
    dear = pl.col("mode") == "linehaul"
    rates.with_columns(
        pl.when(dear)
        .then((pl.col(name).cast(pl.Float64) * 30).cast(pl.String))
        .otherwise(name)
        .alias(name)
        for name in ("rate_usd", "minimum_usd")
    ).write_csv(folder / "rates.csv")
    coverage = pl.read_csv(folder / "coverage.csv", infer_schema=False)
    coverage.filter(pl.col("entry_level").ne_missing("origin")).write_csv(folder / "coverage.csv")
    return folder
