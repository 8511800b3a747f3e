"""Where orders go: metros by population, ZIPs by nearness to their middle."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.locate.roads import great_circle_m, nearest_place
from crossdock.locate.zips import SERVED_STATES
from crossdock.model import InvalidValueError, Network
from crossdock.model.units import meters
from crossdock.simulate.builtin import metro_table

METRO_RADIUS_M = meters(60)
"""A station's own area (network.md §2)."""

METRO_SHARE = 0.88
"""Share of the orders that go into the stations' areas. †"""

DECAY_M = 25_000.0
"""A ZIP's demand falls by e for each 25 km from the station. †"""

OUTSIDE = "outside"
"""``facility_id`` of ZIPs that lie in no station's area."""


def draw_destinations(
    network: Network, zips: pl.DataFrame, parcels: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Destination ZIP of each order.

    Returns
    -------
    polars.DataFrame
        ``zip5, city, state, latitude, longitude`` (of the ZIP), ``facility_id`` (station or
        `OUTSIDE`), one row an order.

    Raises
    ------
    InvalidValueError
        The network has no destination station with coordinates, or covers no ZIP.
    """
    stations = located(network, "destination_station")
    places = zips.filter(
        (pl.col("zip_type") == "STANDARD")
        & pl.col("state").is_in(SERVED_STATES)
        & pl.col("latitude").is_not_null()
        & _covered(network)
    ).select("zip5", "city", "state", "latitude", "longitude")
    if places.is_empty():
        raise InvalidValueError(
            "no ZIP that orders could go to is covered",
            remedy="give coverage.csv rows for ZIPs of the 48 states",
        )
    nearest, distance_m = nearest_of(places, stations)
    weight = _weights(nearest, distance_m, _people(stations))
    chosen = rng.choice(places.height, size=parcels, p=weight)
    ids = stations["facility_id"].gather(nearest)
    inside = pl.Series(distance_m <= METRO_RADIUS_M)
    return places.with_columns(
        pl.when(inside).then(ids).otherwise(pl.lit(OUTSIDE)).alias("facility_id")
    )[chosen]


def _covered(network: Network) -> pl.Expr:
    """Whether a coverage row serves the ZIP, by its five digits or its first three."""
    rows = network["coverage"]["zip"].unique().to_list()
    return pl.col("zip5").is_in(rows) | pl.col("zip5").str.head(3).is_in(rows)


def located(network: Network, role: str) -> pl.DataFrame:
    """Facilities of a role that have coordinates, by id.

    Raises
    ------
    InvalidValueError
        There is none.
    """
    facilities = network["facilities"].filter(
        pl.col("roles").list.contains(role)
        & pl.col("latitude").is_not_null()
        & pl.col("longitude").is_not_null()
    )
    if facilities.is_empty():
        raise InvalidValueError(
            f"the network has no located facility with the role {role}",
            remedy=f"give a facility the role {role} and its coordinates",
        )
    return facilities.sort("facility_id")


def nearest_of(
    places: pl.DataFrame, facilities: pl.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Index of the nearest facility of each place, and its distance in metres."""
    here = (places["latitude"].to_numpy(), places["longitude"].to_numpy())
    there = (facilities["latitude"].to_numpy(), facilities["longitude"].to_numpy())
    nearest = nearest_place(*here, *there)
    return nearest, great_circle_m(*here, there[0][nearest], there[1][nearest])


def _weights(
    nearest: NDArray[np.int64], distance_m: NDArray[np.float64], people: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability of each ZIP: people of the metro, spread by nearness; the rest evenly."""
    inside = distance_m <= METRO_RADIUS_M
    pull = np.where(inside, np.exp(-distance_m / DECAY_M), 0.0)
    total = np.bincount(nearest, weights=pull, minlength=len(people))
    reached = np.where(total > 0, people, 0.0)
    share = reached / max(reached.sum(), 1e-12)
    metro = pull * (share / np.where(total > 0, total, 1.0))[nearest]
    rest = np.where(inside, 0.0, 1.0)
    if not metro.any():
        return rest / rest.sum()
    if not rest.any():
        return metro / metro.sum()
    weight = METRO_SHARE * metro / metro.sum() + (1 - METRO_SHARE) * rest / rest.sum()
    return weight / weight.sum()


def _people(stations: pl.DataFrame) -> NDArray[np.float64]:
    """Population of each station's area: that of the metro it stands in, shared among stations.

    A station in none of the known metros counts as one in the smallest.
    """
    metros = metro_table()
    nearest, distance_m = nearest_of(stations, metros)
    population = metros["population_thousands"].to_numpy()
    in_metro = distance_m <= METRO_RADIUS_M
    stations_there = np.bincount(nearest[in_metro], minlength=metros.height)
    shared = population[nearest] / np.maximum(stations_there[nearest], 1)
    return np.where(in_metro, shared, population.min())
