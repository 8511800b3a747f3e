"""Every ZIP of the United States, offline: its city, state, time zone and centre."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from crossdock.locate._zipcodes_package import zip_frame

SERVED_STATES = (
    "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "IA", "ID", "IL", "IN", "KS",
    "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ",
    "NM", "NV", "NY", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT",
    "WA", "WI", "WV", "WY",
)  # fmt: skip
"""The 48 contiguous states and the District of Columbia."""

UNSERVED_STATES = ("AA", "AE", "AK", "AP", "AS", "FM", "GU", "HI", "MH", "MP", "PR", "PW", "VI")
"""Alaska, Hawaii, territories, freely associated states and military mail."""

_ZIP_IN_TEXT = re.compile(r"\b([0-9]{5})(?:-[0-9]{4})?\b")

STREETLESS_ZIP_TYPES = ("PO BOX", "MILITARY")
"""ZIP types without street delivery."""


@cache
def zip_table() -> pl.DataFrame:
    """Every active ZIP, one row each, sorted by ``zip5``.

    Returns
    -------
    polars.DataFrame
        ``zip5, zip3, zip_type`` (STANDARD, PO BOX, UNIQUE, MILITARY), ``city, acceptable_cities,
        unacceptable_cities`` (lists), ``state, timezone`` (IANA), ``latitude, longitude``
        (degrees). Zone and coordinates are null for military mail and four Pacific ZIPs. Do not
        change it: every caller shares it.

    Notes
    -----
    Source: package ``zipcodes`` (MIT). About a hundred post-box and single-company ZIPs have no
    coordinates there; they take the median of their three-digit area, else of their state. A time
    zone that is missing or no IANA name is replaced by the state's most frequent one.
    """
    table = (
        zip_frame()
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
        table.with_columns(*_filled_coordinates(), _filled_timezone())
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


@cache
def zip3_centroids() -> pl.DataFrame:
    """Centre of each three-digit area: the median of its ZIPs.

    Returns
    -------
    polars.DataFrame
        ``zip3, state`` (the most frequent), ``timezone`` (likewise), ``latitude, longitude,
        zips`` (how many ZIPs), sorted by ``zip3``; military mail is left out.
    """
    return (
        zip_table()
        .filter(pl.col("latitude").is_not_null())
        .group_by("zip3", maintain_order=True)
        .agg(
            _most_frequent("state"),
            _most_frequent("timezone"),
            pl.col("latitude").median(),
            pl.col("longitude").median(),
            pl.len().cast(pl.Int64).alias("zips"),
        )
        .sort("zip3")
    )


def place_of_address(address: str) -> tuple[float, float] | None:
    """Latitude and longitude of the last ZIP that ``address`` names: the centre of that ZIP.

    None when it names no ZIP that exists, or one without coordinates. Five digits before a street
    are its house number.
    """
    text = address.strip()
    named = [found for found in _ZIP_IN_TEXT.finditer(text) if found.start() or found[0] == text]
    return _centres().get(named[-1][1]) if named else None


@cache
def _centres() -> dict[str, tuple[float, float]]:
    located = zip_table().filter(pl.col("latitude").is_not_null())
    return {
        zip5: (latitude, longitude)
        for zip5, latitude, longitude in located.select("zip5", "latitude", "longitude").iter_rows()
    }


def _filled_coordinates() -> list[pl.Expr]:
    located = (pl.col("latitude") != 0) & (pl.col("longitude") != 0)

    def filled(name: str) -> pl.Expr:
        known = pl.when(located).then(pl.col(name))
        return pl.coalesce(
            known, known.median().over("zip3", "state"), known.median().over("state")
        ).alias(name)

    return [filled("latitude"), filled("longitude")]


def _filled_timezone() -> pl.Expr:
    named = pl.when(pl.col("timezone").str.contains("/", literal=True)).then(pl.col("timezone"))
    usual = named.drop_nulls().mode().sort().first().over("state")
    return pl.coalesce(named, usual).alias("timezone")


def _most_frequent(name: str) -> pl.Expr:
    return pl.col(name).mode().sort().first().alias(name)
