"""One day's orders: who sells what to whom, from where, when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.model import InvalidValueError, Network, stream
from crossdock.simulate.orders.addresses import address_lines, recipients
from crossdock.simulate.orders.goods import draw_goods
from crossdock.simulate.orders.merchants import draw_merchants
from crossdock.simulate.orders.places import OUTSIDE, draw_destinations

FASTEST_SERVICE_SHARE = 0.6
"""Share of the fastest service (network.md §4: 2-day); the others share the rest. †"""

_HOURLY = (
    *(1.2, 0.8, 0.5, 0.4, 0.5, 0.9, 1.8, 3.2, 5.2, 7.0, 8.2, 8.8, 9.0, 9.0, 8.8, 8.5),
    *(1.2, 0.7, 0.4),
)
"""Orders by local hour, midnight to 19:00: a peak Monday's curve, about 3 % after 16:00. †"""


@dataclass(frozen=True)
class GeneratedOrders:
    """Orders and how real their addresses are.

    Attributes
    ----------
    frame
        The columns of an orders file with one-line addresses, numbers typed, ``created_at`` as
        ISO 8601 text with the offset of the origin.
    real_share_by_metro
        ``facility_id, name, parcels, real_addresses, real_share``, one row a destination station
        and one, ``outside``, for ZIPs beyond 60 miles of all.
    """

    frame: pl.DataFrame
    real_share_by_metro: pl.DataFrame


def generate_orders(
    network: Network,
    *,
    parcels: int,
    start_date: dt.date,
    seed: int,
    zips: pl.DataFrame,
    reference: pl.DataFrame | None = None,
) -> GeneratedOrders:
    """Make one day's orders for a network.

    Parameters
    ----------
    network
        Gives the destination stations, the origin stations and the services.
    parcels
        How many orders; one parcel each.
    start_date
        Local date at the origins on which every order is placed.
    seed
        Root seed: the same seed, date and number give the same orders. Merchants are the same on
        every date of a seed.
    zips
        `crossdock.locate.zips.zip_table`.
    reference
        Real addresses (``line1, city, state, zip5, latitude, longitude``); where a ZIP has too few,
        or without a reference, streets are made up.

    Raises
    ------
    InvalidValueError
        No order is asked for, or the network has no located origin or destination station.
    """
    if parcels < 1:
        raise InvalidValueError(
            f"cannot make {parcels} orders", remedy="ask for at least one parcel"
        )
    day = start_date.isoformat()
    destinations = draw_destinations(network, zips, parcels, stream(seed, "orders", day, "places"))
    lines = address_lines(destinations, reference, stream(seed, "orders", day, "addresses"))
    merchants = draw_merchants(
        network,
        zips,
        destinations,
        market=stream(seed, "merchants"),
        choice=stream(seed, "orders", day, "merchants"),
    )
    rng = stream(seed, "orders", day, "day")
    frame = pl.DataFrame(
        {
            "order_id": _order_ids(start_date, parcels),
            "created_at": _created_at(start_date, merchants["timezone"], rng),
            "merchant_id": merchants["merchant_id"],
            "ship_from_zip": merchants["ship_from_zip"],
            "recipient": recipients(parcels, stream(seed, "orders", day, "recipients")),
            "address": lines["address"],
            "service": _services(network, parcels, rng),
        }
    ).hstack(draw_goods(parcels, stream(seed, "orders", day, "goods")))
    return GeneratedOrders(frame, _real_share(network, destinations, lines["real"]))


def _order_ids(date: dt.date, parcels: int) -> pl.Series:
    numbers = pl.int_range(1, parcels + 1, eager=True).cast(pl.String).str.zfill(7)
    return pl.select(pl.format(f"O-{date:%Y%m%d}-{{}}", numbers)).to_series()


def _services(network: Network, parcels: int, rng: np.random.Generator) -> pl.Series:
    services = network["services"].sort("transit_days", "service")["service"].to_list()
    if not services:
        services = ["2-day", "3-day"]
    others = len(services) - 1
    share = [FASTEST_SERVICE_SHARE, *[(1 - FASTEST_SERVICE_SHARE) / others] * others]
    chosen = rng.choice(len(services), size=parcels, p=share if others else [1.0])
    return pl.Series(services).gather(chosen)


def _created_at(date: dt.date, timezones: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Local instants of the day as ISO 8601 with the offset of each origin's zone."""
    share = np.array(_HOURLY) / sum(_HOURLY)
    hours = rng.choice(len(share), size=len(timezones), p=share)
    seconds = hours * 3600 + rng.integers(0, 3600, size=len(timezones))
    midnight = dt.datetime.combine(date, dt.time())
    local = pl.DataFrame(
        {"timezone": timezones, "seconds": seconds}, schema_overrides={"seconds": pl.Int64}
    ).select("timezone", local=pl.lit(midnight) + pl.duration(seconds="seconds"))
    text = pl.lit(None, pl.String)
    for timezone in timezones.unique(maintain_order=True):
        # A local hour that the spring change of clocks skips is read an hour later.
        instant = pl.coalesce(
            shifted.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
            for shifted in (pl.col("local"), pl.col("local").dt.offset_by("1h"))
        )
        written = instant.dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
        text = pl.when(pl.col("timezone") == timezone).then(written).otherwise(text)
    return local.select(text.alias("created_at")).to_series()


def _real_share(network: Network, destinations: pl.DataFrame, real: pl.Series) -> pl.DataFrame:
    names = network["facilities"].select("facility_id", "name")
    counted = (
        destinations.select("facility_id")
        .with_columns(real.alias("real"))
        .group_by("facility_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("parcels"),
            pl.col("real").sum().cast(pl.Int64).alias("real_addresses"),
        )
    )
    return (
        counted.join(names, on="facility_id", how="left")
        .sort(pl.col("facility_id") == OUTSIDE, "facility_id")
        .select(
            "facility_id",
            pl.col("name").fill_null(pl.col("facility_id")),
            "parcels",
            "real_addresses",
            (pl.col("real_addresses") / pl.col("parcels")).alias("real_share"),
        )
    )
