"""Every ZIP of the United States, offline: its city, state, time zone and centre."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import polars as pl

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
    Made by ``scripts/build_zip_table.py`` from the package ``zipcodes`` (MIT). About a hundred
    post-box and single-company ZIPs have no coordinates there; they take the median of their
    three-digit area, else of their state. A time zone that is missing or no IANA name is replaced
    by the state's most frequent one.
    """
    return pl.read_parquet((files("crossdock.locate") / "data" / "zips.parquet").read_bytes())


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


def _most_frequent(name: str) -> pl.Expr:
    return pl.col(name).mode().sort().first().alias(name)
