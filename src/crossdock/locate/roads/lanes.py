"""The lane table: road miles and driving hours of every pair that line-haul may join."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.locate.roads.distance import road_miles
from crossdock.model.network import Network
from crossdock.model.tables import LANES, conform, empty

Floats = NDArray[np.float64]

LINEHAUL_ROLES = ("origin_station", "hub", "destination_station", "usps", "3pl", "port")
"""A facility with one of these roles can be an end of a line-haul lane."""

LINEHAUL_MPH = 50.0
"""Net line-haul speed, fuel stops and traffic included (assumption †; trade practice 47-50)."""

P90_FACTOR = 1.12
"""A slow drive (90th percentile) over the median one (assumption †)."""

SHORTEST_DRIVE_H = 0.05
"""Three minutes gate to gate, however near (assumption †)."""


MilesBetween = Callable[[Floats, Floats], Floats]
"""Road miles between all pairs of places, of their latitudes and longitudes."""


def estimated_miles(latitude: Floats, longitude: Floats) -> Floats:
    """Great circle times circuity between all pairs of places."""
    return road_miles(latitude[:, None], longitude[:, None], latitude[None, :], longitude[None, :])


def lane_table(network: Network, miles: MilesBetween = estimated_miles) -> pl.DataFrame:
    """Lanes between all facilities that line-haul may join, both directions.

    A row of the network's ``lanes`` file wins; its empty cells and the missing lanes follow from
    coordinates: ``miles`` at 50 mph, p90 = 1.12 x p50. A row that gives miles but no hours takes
    its hours from its miles.

    Parameters
    ----------
    network
        Checked network in force on one date (`Network.on`): the first row of a pair counts.
    miles
        `crossdock.locate.roads.interstate_miles` for shortest ways over the Interstates.

    Returns
    -------
    polars.DataFrame
        `LANES`, sorted by from and to; ``source`` is ``file`` where a row gave miles or hours.
    """
    pairs = _pairs(network["facilities"], miles)
    if pairs.is_empty():
        return empty(LANES)
    given = network["lanes"].unique(["from", "to"], keep="first", maintain_order=True)
    joined = pairs.join(
        given.rename({"from": "from_facility_id", "to": "to_facility_id"}),
        on=["from_facility_id", "to_facility_id"],
        how="left",
        maintain_order="left",
    )
    p50 = pl.coalesce("transit_h_p50", pl.col("miles") / LINEHAUL_MPH)
    lanes = (
        joined.with_columns(
            pl.when(pl.any_horizontal(pl.col("miles", "transit_h_p50").is_not_null()))
            .then(pl.lit("file"))
            .otherwise(pl.lit("computed"))
            .alias("source"),
            pl.coalesce("miles", "computed_miles").alias("miles"),
            pl.col("toll_usd").fill_null(0.0),
        )
        .with_columns(p50.clip(lower_bound=SHORTEST_DRIVE_H).alias("drive_h_p50"))
        .with_columns(
            pl.max_horizontal(
                pl.coalesce("transit_h_p90", pl.col("drive_h_p50") * P90_FACTOR), "drive_h_p50"
            ).alias("drive_h_p90")
        )
        .sort("from_facility_id", "to_facility_id")
    )
    return conform(lanes, LANES)


def _pairs(facilities: pl.DataFrame, miles: MilesBetween) -> pl.DataFrame:
    """Every ordered pair of different line-haul facilities with its computed miles."""
    ends = (
        facilities.filter(pl.col("roles").list.eval(pl.element().is_in(LINEHAUL_ROLES)).list.any())
        .unique("facility_id", keep="first", maintain_order=True)
        .sort("facility_id")
    )
    computed = miles(ends["latitude"].to_numpy(), ends["longitude"].to_numpy())
    start, end = np.nonzero(~np.eye(ends.height, dtype=np.bool_))
    ids = ends["facility_id"]
    return pl.DataFrame(
        {
            "from_facility_id": ids.gather(start),
            "to_facility_id": ids.gather(end),
            "computed_miles": computed[start, end],
        }
    )
