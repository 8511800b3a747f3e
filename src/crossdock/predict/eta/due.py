"""What the service says and what the buyer is told (network.md §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model.calendars import OperatingCalendar
from crossdock.model.tables import INSTANT


def due_dates(
    calendar: OperatingCalendar,
    shipments: pl.DataFrame,
    transit_days: Mapping[str, int],
    service_calendar: Mapping[str, str | None],
    facility_calendar: Mapping[str, str | None],
) -> pl.Series:
    """Date of the n-th operating day after the ship day, in service and facility calendar.

    Parameters
    ----------
    shipments
        Columns ``ship_date``, ``service`` and ``station_id`` (the facility whose calendar counts).
    """
    keys = shipments.select("ship_date", "service", "station_id").unique(maintain_order=True)
    dates = [
        calendar.nth_open(
            (service_calendar[service], facility_calendar.get(station)),
            ship_date,
            transit_days[service],
        )
        for ship_date, service, station in keys.iter_rows()
    ]
    known = keys.with_columns(due_date=pl.Series(dates, dtype=pl.Date))
    return shipments.join(known, on=["ship_date", "service", "station_id"], maintain_order="left")[
        "due_date"
    ]


def due_instants(dates: pl.Series, times: Sequence[dt.time], timezones: Sequence[str]) -> pl.Series:
    """UTC instants of local ``times`` on ``dates`` in ``timezones``, element by element."""
    frame = pl.DataFrame({"date": dates, "time": times, "timezone": timezones})
    keys = frame.unique(maintain_order=True)
    instants = [
        dt.datetime.combine(date, time, tzinfo=ZoneInfo(timezone)).astimezone(dt.UTC)
        for date, time, timezone in keys.iter_rows()
    ]
    known = keys.with_columns(instant=pl.Series(instants, dtype=INSTANT))
    return frame.join(known, on=["date", "time", "timezone"], maintain_order="left")["instant"]


def promised_at(
    parcels: pl.DataFrame, calendar: OperatingCalendar, *, by: dt.time = dt.time(20, 0)
) -> pl.Series:
    """What the buyer is told: ``service_due_at`` where offered, else the day of the p95 ETA.

    Never before ``service_due_at``. The day is an operating day of ``calendar_id``, ends ``by``
    local time.

    Parameters
    ----------
    parcels
        Columns ``service_offered, service_due_at, eta_p95, timezone, calendar_id``.
    """
    local_day = pl.concat(
        [
            group.select(
                "position",
                "timezone",
                "calendar_id",
                day=pl.col("eta_p95").dt.convert_time_zone(str(timezone)).dt.date(),
                late=pl.col("eta_p95").dt.convert_time_zone(str(timezone)).dt.time() > by,
            )
            for (timezone,), group in parcels.with_row_index("position").group_by(
                "timezone", maintain_order=True
            )
        ]
    ).sort("position")
    keys = local_day.select("timezone", "calendar_id", "day", "late").unique(maintain_order=True)
    told = [
        dt.datetime.combine(
            calendar.next_open((calendar_id,), day + dt.timedelta(days=int(late))),
            by,
            tzinfo=ZoneInfo(timezone),
        ).astimezone(dt.UTC)
        for timezone, calendar_id, day, late in keys.iter_rows()
    ]
    known = keys.with_columns(told=pl.Series(told, dtype=INSTANT))
    by_eta = local_day.join(
        known,
        on=["timezone", "calendar_id", "day", "late"],
        nulls_equal=True,
        maintain_order="left",
    )["told"]
    return parcels.select(
        promised_at=pl.when(pl.col("service_offered"))
        .then(pl.col("service_due_at"))
        .otherwise(pl.max_horizontal(pl.col("service_due_at"), by_eta.alias("told")))
    )["promised_at"]
