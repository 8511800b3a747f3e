"""Buildings of the built-in network and their day: waves, calendars, services, appointments."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.simulate.builtin.carriers import PARCEL_PARTNER, POSTAL_SERVICE
from crossdock.simulate.builtin.metros import PEAK_DAY_PARCELS

CALENDAR = "delivery"
HUB_HANDLING_USD = 0.35  # †
STATION_HANDLING_USD = 0.45  # †

_DAILY = "MTWTFSU"
_MONDAY_TO_SATURDAY = "MTWTFS-"
_TWILIGHT_HOURS = 4.5
_PRELOAD_HOURS = 4.5
_LARGEST_ORIGIN_SHARE = 0.6  # of all orders that one origin may have to sort in a night †
_HUB_SHARE = 0.4  # of all parcels that one hub may have to sort in a night †
_SORT_SLACK = 1.5  # sorters are built for more than the peak day †
_SMALLEST_SORTER_PER_H = 600.0


def facilities(metros: pl.DataFrame, scale: float) -> pl.DataFrame:
    """One building a metro; doors and trailer slots grow with population and scale (†)."""
    is_hub = pl.col("roles").list.contains("hub")
    growth = max(scale, 0.25) ** 0.5
    doors = ((6 + pl.col("population_thousands") / 500) * growth).ceil().cast(pl.Int64)
    return metros.select(
        "facility_id",
        name=pl.col("city") + pl.when(is_hub).then(pl.lit(" hub")).otherwise(pl.lit(" station")),
        roles="roles",
        latitude="latitude",
        longitude="longitude",
        timezone="timezone",
        calendar_id=pl.lit(CALENDAR),
        doors=pl.when(is_hub).then(doors * 3).otherwise(doors),
        trailer_slots=pl.when(is_hub).then(doors * 9).otherwise(doors * 2),
        handling_usd_parcel=pl.when(is_hub).then(HUB_HANDLING_USD).otherwise(STATION_HANDLING_USD),
    )


def sort_waves(metros: pl.DataFrame, scale: float) -> pl.DataFrame:
    """Twilight at origins, night and day sorts at hubs, preload everywhere (network.md §3).

    Hubs sort every day, since line-haul rolls through Sunday; origins and preloads run Monday to
    Saturday.
    """
    parcels = PEAK_DAY_PARCELS * scale
    origin_rate = max(
        _SMALLEST_SORTER_PER_H, parcels * _LARGEST_ORIGIN_SHARE * _SORT_SLACK / _TWILIGHT_HOURS
    )
    hub_rate = max(_SMALLEST_SORTER_PER_H, parcels * _HUB_SHARE * _SORT_SLACK / _TWILIGHT_HOURS)
    preload_rate = (pl.col("share") * parcels * _SORT_SLACK / _PRELOAD_HOURS).clip(
        _SMALLEST_SORTER_PER_H
    )
    kinds = [
        ("origin_station", "twilight", _MONDAY_TO_SATURDAY, (19, 30), (18, 0), (22, 30), 30.0),
        ("hub", "night", _DAILY, (2, 30), (23, 0), (3, 30), 30.0),
        ("hub", "day", _DAILY, (13, 0), (11, 30), (15, 0), 30.0),  # †
        ("destination_station", "preload", _MONDAY_TO_SATURDAY, (5, 0), (4, 0), (8, 30), 0.0),
    ]
    rate_of = {
        "twilight": pl.lit(origin_rate),
        "night": pl.lit(hub_rate),
        "day": pl.lit(hub_rate / 2),
        "preload": preload_rate,
    }
    return pl.concat(
        metros.filter(pl.col("roles").list.contains(role)).select(
            "facility_id",
            wave=pl.lit(wave),
            days=pl.lit(days),
            inbound_cutoff=pl.lit(dt.time(*cutoff)),
            starts=pl.lit(dt.time(*starts)),
            ends=pl.lit(dt.time(*ends)),
            rate_per_h=rate_of[wave].round(0),
            ready_min=pl.lit(ready_min),
        )
        for role, wave, days, cutoff, starts, ends, ready_min in kinds
    )


def calendars() -> pl.DataFrame:
    """Monday to Saturday, 08:00 to 20:00; federal holidays stay closed by default."""
    weekdays = list(range(1, 8))
    is_open = [day < 7 for day in weekdays]
    return pl.DataFrame(
        {
            "calendar_id": [CALENDAR] * 7,
            "weekday": weekdays,
            "open": is_open,
            "opens": [dt.time(8) if day_open else None for day_open in is_open],
            "closes": [dt.time(20) if day_open else None for day_open in is_open],
            "note": [None if day_open else "no Sunday delivery" for day_open in is_open],
        }
    )


def services() -> pl.DataFrame:
    """2-day and 3-day: ordered by 16:00, delivered by 20:00."""
    return pl.DataFrame(
        {
            "service": ["2-day", "3-day"],
            "transit_days": [2, 3],
            "order_cutoff": [dt.time(16)] * 2,
            "delivery_by": [dt.time(20)] * 2,
            "calendar_id": [CALENDAR] * 2,
        }
    )


def appointments(metros: pl.DataFrame, scale: float) -> pl.DataFrame:
    """When USPS and the parcel partner take parcels over (†).

    Mornings after the preload at every station; late evenings after the twilight sort at origins.
    """
    windows = [
        ("destination_station", POSTAL_SERVICE, (8, 30), (11, 30), (10, 30), 120.0),
        ("destination_station", PARCEL_PARTNER, (8, 30), (11, 0), (10, 0), 90.0),
        ("origin_station", POSTAL_SERVICE, (22, 0), (23, 59), (23, 30), 120.0),
    ]
    return pl.concat(
        metros.filter(pl.col("roles").list.contains(role)).select(
            "facility_id",
            partner_id=pl.lit(partner),
            days=pl.lit(_MONDAY_TO_SATURDAY),
            opens=pl.lit(dt.time(*opens)),
            closes=pl.lit(dt.time(*closes)),
            critical_entry=pl.lit(dt.time(*critical_entry)),
            capacity_trailers=pl.lit(max(2, round(4 * scale)), dtype=pl.Int64),
            manifest_lead_min=pl.lit(manifest_lead_min),
            unload=pl.lit("live"),
            free_min=pl.lit(60.0),
            detention_usd_h=pl.lit(75.0),
        )
        for role, partner, opens, closes, critical_entry, manifest_lead_min in windows
    )
