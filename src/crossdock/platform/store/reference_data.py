"""Reference data that does not ship with the package: where it lies, and how it is read."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

DATA_VARIABLE = "CROSSDOCK_DATA"
DEFAULT_DATA = Path("..") / "shared" / "data"
_ADDRESS_REFERENCE = Path("address") / "reference_us.parquet"
_COLUMNS = ("id", "line1", "city", "state", "zip5", "latitude", "longitude", "units")
_LINE1_PARTS = ("number", "predir", "street", "suffix", "postdir")


def data_root() -> Path:
    """Folder of the reference data: ``CROSSDOCK_DATA``, else ``../shared/data``."""
    named = os.environ.get(DATA_VARIABLE, "").strip()
    return Path(named) if named else DEFAULT_DATA


def load_address_reference(root: Path | None = None) -> pl.DataFrame | None:
    """Known delivery points of the United States, or None where the data are not installed.

    Parameters
    ----------
    root
        Folder of the reference data; by default `data_root`.

    Returns
    -------
    polars.DataFrame or None
        One row a premise, sorted by ``id``: ``id, line1`` (number, street and directions in USPS
        form, without unit), ``city, state, zip5, latitude, longitude`` (degrees, may be null),
        ``units`` (how many units are known there).
    """
    path = (root or data_root()) / _ADDRESS_REFERENCE
    if not path.is_file():
        return None
    rows = pl.read_parquet(
        path, columns=["id", *_LINE1_PARTS, "unit", "city", "state", "zip5", "lat", "lon"]
    )
    line1 = pl.concat_str(
        [pl.when(pl.col(part) != "").then(pl.col(part)) for part in _LINE1_PARTS],
        separator=" ",
        ignore_nulls=True,
    )
    points = rows.select(
        "id",
        line1.alias("line1"),
        "city",
        "state",
        "zip5",
        pl.col("lat").cast(pl.Float64).alias("latitude"),
        pl.col("lon").cast(pl.Float64).alias("longitude"),
        pl.when(pl.col("unit") != "").then(pl.col("unit")).alias("unit"),
    )
    shared = points.select(pl.struct("line1", "zip5").is_duplicated()).to_series()
    # Nearly every premise has one row, and grouping half a million of them is slow.
    alone = points.filter(~shared).with_columns(
        pl.col("unit").is_not_null().cast(pl.Int64).alias("units")
    )
    return pl.concat(
        [frame.select(_COLUMNS) for frame in (alone, _premises(points.filter(shared)))]
    ).sort("id")


def _premises(points: pl.DataFrame) -> pl.DataFrame:
    """Points of one line 1 and ZIP as one premise, the first id's."""
    return (
        points.sort("id")
        .group_by("line1", "zip5", maintain_order=True)
        .agg(
            pl.col("id", "city", "state").first(),
            pl.col("latitude", "longitude").drop_nulls().first(),
            pl.col("unit").drop_nulls().n_unique().cast(pl.Int64).alias("units"),
        )
    )
