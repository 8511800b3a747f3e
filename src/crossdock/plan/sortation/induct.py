"""Induction: which facility an order enters at, on which ship day, in which wave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from crossdock.locate.roads import great_circle_m
from crossdock.model import InputUnusableError, Network
from crossdock.model.calendars import OperatingCalendar
from crossdock.plan.sortation.waves import first_wave_at


@dataclass(frozen=True)
class Induction:
    """Orders at the door of the network.

    Attributes
    ----------
    orders
        The located orders with ``origin_facility_id, ship_date, origin_wave_index, pickup_m``
        (great-circle metres from the merchant's ZIP to the origin).
    first_date, last_ship_date
        Operating days that the plan covers, local to the origins.
    """

    orders: pl.DataFrame
    first_date: dt.date
    last_ship_date: dt.date


def ship_days(
    network: Network,
    located: pl.DataFrame,
    zips: pl.DataFrame,
    *,
    not_before: dt.date | None = None,
) -> pl.DataFrame:
    """``located`` with origin facility and ship day.

    An order goes to the facility with role ``origin_station`` nearest to ``ship_from_zip``, at any
    distance. Created until the service's order cut-off, local to that facility, on an operating
    day of service and facility, it ships that day, else on the next operating day (network.md §3);
    never before ``not_before``.
    """
    origins = network["facilities"].filter(pl.col("roles").list.contains("origin_station"))
    with_origin = located.join(
        _nearest_origin(origins, located["ship_from_zip"].unique(maintain_order=True), zips),
        on="ship_from_zip",
        how="left",
        maintain_order="left",
    )
    local = pl.concat(
        [
            group.with_columns(
                created_local=pl.col("created_at")
                .dt.convert_time_zone(str(timezone))
                .dt.replace_time_zone(None)
            )
            for (timezone,), group in with_origin.join(
                origins.select(origin_facility_id="facility_id", origin_timezone="timezone"),
                on="origin_facility_id",
                maintain_order="left",
            ).group_by("origin_timezone", maintain_order=True)
        ]
    )
    cutoffs = network["services"].select("service", "order_cutoff")
    asked = local.join(cutoffs, on="service", maintain_order="left").with_columns(
        asked_date=pl.when(pl.col("created_local").dt.time() <= pl.col("order_cutoff"))
        .then(pl.col("created_local").dt.date())
        .otherwise(pl.col("created_local").dt.date() + pl.duration(days=1))
    )
    if not_before is not None:
        asked = asked.with_columns(pl.max_horizontal("asked_date", pl.lit(not_before)))
    days = asked.select("origin_facility_id", "service", "asked_date").unique(maintain_order=True)
    shipped = days.with_columns(_ship_dates(network, days))
    return (
        asked.join(
            shipped,
            on=["origin_facility_id", "service", "asked_date"],
            maintain_order="left",
        )
        .drop("created_local", "order_cutoff", "asked_date", "origin_timezone")
        .sort("row")
    )


def induct(network: Network, shipping: pl.DataFrame, waves: pl.DataFrame) -> Induction:
    """Give each order of `ship_days` the wave that sorts it at its origin.

    It is the first wave of the facility whose inbound cut-off comes after the order cut-off of the
    ship day: the pick-up feeds it.

    Raises
    ------
    InputUnusableError
        An origin has no wave within the calendar laid out.
    """
    zones = network.timezones
    cutoff_of = dict(network["services"].select("service", "order_cutoff").iter_rows())
    groups = shipping.select("origin_facility_id", "service", "ship_date").unique(
        maintain_order=True
    )
    indices: list[int] = []
    for facility, service, date in groups.iter_rows():
        closes = dt.datetime.combine(date, cutoff_of[service], tzinfo=ZoneInfo(zones[facility]))
        instant = np.array([int(closes.timestamp() * 1_000_000) + 1], dtype=np.int64)
        index = int(first_wave_at(waves, facility, instant)[0])
        if index < 0:
            raise InputUnusableError(
                f"facility {facility} runs no sort wave after {closes:%Y-%m-%d %H:%M}",
                remedy="add a row to sort_waves for this facility, or take its origin_station role",
            )
        indices.append(index)
    waved = groups.with_columns(origin_wave_index=pl.Series(indices, dtype=pl.Int64))
    orders = shipping.join(
        waved, on=["origin_facility_id", "service", "ship_date"], maintain_order="left"
    )
    dates = orders["ship_date"]
    first, last = dates.min(), dates.max()
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    return Induction(orders, first, last)


def _nearest_origin(origins: pl.DataFrame, zip5s: pl.Series, zips: pl.DataFrame) -> pl.DataFrame:
    places = pl.DataFrame({"ship_from_zip": zip5s}).join(
        zips.select(ship_from_zip="zip5", latitude="latitude", longitude="longitude"),
        on="ship_from_zip",
        maintain_order="left",
    )
    distances = great_circle_m(
        places["latitude"].to_numpy()[:, None],
        places["longitude"].to_numpy()[:, None],
        origins["latitude"].to_numpy()[None, :],
        origins["longitude"].to_numpy()[None, :],
    )
    nearest = np.argmin(distances, axis=1)
    return pl.DataFrame(
        {
            "ship_from_zip": places["ship_from_zip"],
            "origin_facility_id": origins["facility_id"].gather(nearest),
            "pickup_m": distances[np.arange(len(nearest)), nearest],
        }
    )


def _ship_dates(network: Network, days: pl.DataFrame) -> pl.Series:
    calendar = OperatingCalendar(network["calendars"])
    facility_calendar = dict(network["facilities"].select("facility_id", "calendar_id").iter_rows())
    service_calendar = dict(network["services"].select("service", "calendar_id").iter_rows())
    return pl.Series(
        "ship_date",
        [
            calendar.next_open((service_calendar[service], facility_calendar[facility]), date)
            for facility, service, date in days.iter_rows()
        ],
        dtype=pl.Date,
    )
