"""Build the ZIP table that `crossdock.locate.zips` reads.

Source: package ``zipcodes`` (MIT). Taking its half a million objects out at every start would cost
a second.

    python scripts/build_zip_table.py src/crossdock/locate/data/zips.parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl
import zipcodes

SCHEMA = {
    "zip_code": pl.String,
    "zip_code_type": pl.String,
    "active": pl.Boolean,
    "city": pl.String,
    "acceptable_cities": pl.List(pl.String),
    "unacceptable_cities": pl.List(pl.String),
    "state": pl.String,
    "timezone": pl.String,
    "lat": pl.String,
    "long": pl.String,
}


def main() -> None:
    """Write the table to the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    options = parser.parse_args()
    zip_table().write_parquet(options.table, compression_level=19)


def zip_table() -> pl.DataFrame:
    """Every active ZIP; see `crossdock.locate.zips.zip_table`."""
    table = (
        pl.from_dicts(zipcodes.list_all(), schema=SCHEMA)
        .filter("active")
        .select(
            pl.col("zip_code").alias("zip5"),
            pl.col("zip_code").str.head(3).alias("zip3"),
            pl.col("zip_code_type").alias("zip_type"),
            "city",
            "acceptable_cities",
            "unacceptable_cities",
            "state",
            "timezone",
            *(
                pl.col(name).replace("", "0").cast(pl.Float64).alias(alias)
                for name, alias in (("lat", "latitude"), ("long", "longitude"))
            ),
        )
        .unique("zip5", keep="first", maintain_order=True)
    )
    return (
        table.with_columns(*filled_coordinates(), filled_timezone())
        .with_columns(
            *(
                pl.when(pl.col("zip_type") == "MILITARY")
                .then(None)
                .otherwise(pl.col(name))
                .alias(name)
                for name in ("latitude", "longitude")
            )
        )
        .sort("zip5")
    )


def filled_coordinates() -> list[pl.Expr]:
    """Latitude and longitude, those missing from the area or the state."""
    located = (pl.col("latitude") != 0) & (pl.col("longitude") != 0)

    def filled(name: str) -> pl.Expr:
        known = pl.when(located).then(pl.col(name))
        return pl.coalesce(
            known, known.median().over("zip3", "state"), known.median().over("state")
        ).alias(name)

    return [filled("latitude"), filled("longitude")]


def filled_timezone() -> pl.Expr:
    """Time zone, where it is no IANA name the state's most frequent one."""
    named = pl.when(pl.col("timezone").str.contains("/", literal=True)).then(pl.col("timezone"))
    usual = named.drop_nulls().mode().sort().first().over("state")
    return pl.coalesce(named, usual).alias("timezone")


if __name__ == "__main__":
    main()
