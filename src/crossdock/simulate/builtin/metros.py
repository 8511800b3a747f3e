"""The metros of the built-in network: where they are, how many people, what stands there."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import polars as pl

from crossdock.model import UsageError

LARGEST_METROS = 45
PEAK_DAY_PARCELS = 20_000
"""Parcels of one peak operating day at scale 1, over all stations."""


def metro_table(metros: int = LARGEST_METROS) -> pl.DataFrame:
    """The ``metros`` largest metros, largest first; the three origins always come along.

    With fewer than three metros the largest origins are taken.

    Returns
    -------
    polars.DataFrame
        ``facility_id, cbsa, metro, city, state, population_thousands, core_zip3, latitude,
        longitude, timezone, roles`` (list) and ``share`` of the chosen metros' population. Place
        and coordinates are the station's.

    Raises
    ------
    UsageError
        ``metros`` is not between 1 and 45.
    """
    if not 1 <= metros <= LARGEST_METROS:
        raise UsageError(
            f"the built-in network has no {metros} metros",
            remedy=f"ask for 1 to {LARGEST_METROS} metros",
        )
    everywhere = _every_metro()
    is_origin = pl.col("roles").list.contains("origin_station")
    chosen = (
        everywhere.sort(is_origin, "population_thousands", descending=True, maintain_order=True)
        .head(metros)
        .sort("population_thousands", descending=True, maintain_order=True)
    )
    people = pl.col("population_thousands")
    return chosen.with_columns((people / people.sum()).alias("share"))


@cache
def lane_miles() -> pl.DataFrame:
    """Road miles of every unordered pair of stations: ``from, to, miles``."""
    return _embedded("lane_miles.csv", {"from": pl.String, "to": pl.String, "miles": pl.Float64})


@cache
def _every_metro() -> pl.DataFrame:
    people = _embedded(
        "us_metros_45.csv",
        {
            "cbsa": pl.String,
            "name": pl.String,
            "state": pl.String,
            "population_thousands_2023": pl.Float64,
            "core_zip3": pl.String,
            "lat": pl.Float64,
            "lon": pl.Float64,
            "timezone": pl.String,
        },
    ).select(
        "cbsa",
        "core_zip3",
        "timezone",
        metro="name",
        population_thousands="population_thousands_2023",
    )
    stations = _embedded(
        "stations.csv",
        {
            "facility_id": pl.String,
            "cbsa": pl.String,
            "city": pl.String,
            "state": pl.String,
            "latitude": pl.Float64,
            "longitude": pl.Float64,
            "roles": pl.String,
        },
    ).with_columns(pl.col("roles").str.split(";"))
    return stations.join(people, on="cbsa", how="inner", maintain_order="left").select(
        "facility_id",
        "cbsa",
        "metro",
        "city",
        "state",
        "population_thousands",
        "core_zip3",
        "latitude",
        "longitude",
        "timezone",
        "roles",
    )


def _embedded(name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    content = files("crossdock.simulate.builtin").joinpath("data", name).read_bytes()
    return pl.read_csv(content, schema=pl.Schema(schema))
