"""Who sells: a few large merchants, many small ones, each near an origin station."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.model import Network
from crossdock.simulate.orders.places import located, nearest_of

MERCHANTS = 200
ZIPF_EXPONENT = 1.05  # sizes fall by rank †
NEAREST_ORIGIN_SHARE = 0.8
"""Orders that ship from the origin nearest to the buyer (network.md §2)."""

ZIPS_AROUND_ORIGIN = 40


def draw_merchants(
    network: Network,
    zips: pl.DataFrame,
    destinations: pl.DataFrame,
    *,
    market: np.random.Generator,
    choice: np.random.Generator,
) -> pl.DataFrame:
    """Merchant of each order.

    Parameters
    ----------
    network, zips
        Origins and the ZIPs around them.
    destinations
        ``latitude, longitude`` of each order.
    market
        Makes the merchants, the same on every day of a seed.
    choice
        Chooses among them.

    Returns
    -------
    polars.DataFrame
        ``merchant_id, ship_from_zip, timezone`` (of the origin), one row an order.

    Raises
    ------
    InvalidValueError
        The network has no origin station with coordinates.
    """
    origins = located(network, "origin_station")
    merchants = _market(origins, zips, market)
    origin = _origins_of(destinations, origins, choice)
    chosen = np.zeros(destinations.height, dtype=np.int64)
    for index in range(origins.height):
        candidates = np.flatnonzero(merchants["origin"].to_numpy() == index)
        size = merchants["size"].to_numpy()[candidates]
        here = origin == index
        chosen[here] = choice.choice(candidates, size=int(here.sum()), p=size / size.sum())
    timezones = origins["timezone"].gather(origin)
    return merchants[chosen].select("merchant_id", "ship_from_zip").with_columns(timezone=timezones)


def _market(origins: pl.DataFrame, zips: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Merchants by size, dealt to the origins in turn: ``merchant_id, origin, size`` and ZIP."""
    count = max(MERCHANTS, origins.height)
    street = zips.filter((pl.col("zip_type") == "STANDARD") & pl.col("latitude").is_not_null())
    nearest, distance_m = nearest_of(street, origins)
    ship_from = [""] * count
    for index in range(origins.height):
        own = np.flatnonzero(nearest == index)
        around = own[np.argsort(distance_m[own], kind="stable")][:ZIPS_AROUND_ORIGIN]
        for merchant in range(index, count, origins.height):
            ship_from[merchant] = street["zip5"][int(rng.choice(around))]
    rank = np.arange(1, count + 1)
    return pl.DataFrame(
        {
            "merchant_id": [f"M-{number:04d}" for number in rank],
            "origin": (rank - 1) % origins.height,
            "size": rank**-ZIPF_EXPONENT,
            "ship_from_zip": ship_from,
        }
    )


def _origins_of(
    destinations: pl.DataFrame, origins: pl.DataFrame, rng: np.random.Generator
) -> NDArray[np.int64]:
    nearest, _ = nearest_of(destinations, origins)
    others = origins.height - 1
    if others == 0:
        return nearest
    away = rng.random(destinations.height) >= NEAREST_ORIGIN_SHARE
    step = rng.integers(1, others + 1, size=destinations.height)
    return np.where(away, (nearest + step) % origins.height, nearest)
