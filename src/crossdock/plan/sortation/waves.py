"""Sort waves laid out on real dates: local clock times become instants, DST nights included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from crossdock.model import Network
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.tables import WAVES, conform

DISPATCH_BY = dt.time(10, 0)
"""A wave ready by this local time feeds the same day's routes (they leave 08:00-09:30)."""


def wave_calendar(network: Network, first_date: dt.date, last_date: dt.date) -> pl.DataFrame:
    """Every wave that starts on a local date from ``first_date`` to ``last_date``.

    A wave with a day mask runs on the masked weekdays, closed dates of its facility's calendar
    excepted; one without a mask runs whenever the facility is open. A wave that ends at or before
    the clock time it starts at ends on the next day; its inbound cut-off is the last such clock
    time before its end.

    Returns
    -------
    polars.DataFrame
        Schema ``WAVES``, sorted by facility and inbound cut-off; ``wave_index`` is the row number,
        so that within a facility a larger index is a later cut-off.
    """
    facilities = {row["facility_id"]: row for row in network["facilities"].iter_rows(named=True)}
    calendar = OperatingCalendar(network["calendars"])
    rows: list[dict[str, object]] = []
    for wave in network["sort_waves"].iter_rows(named=True):
        facility = facilities[wave["facility_id"]]
        zone = ZoneInfo(facility["timezone"])
        for date in _dates(first_date, last_date):
            if not _in_force(wave, date):
                continue
            if not calendar.runs_on(facility["calendar_id"], wave["days"], date):
                continue
            starts, ends = wave["starts"], wave["ends"]
            end_date = date if ends > starts else date + dt.timedelta(days=1)
            starts_at = _instant(date, starts, zone)
            ends_at = _instant(end_date, ends, zone)
            cutoff_at = _last_before(end_date, wave["inbound_cutoff"], zone, ends_at)
            hours = (ends_at - starts_at).total_seconds() / 3600
            rate = wave["rate_per_h"]
            rows.append(
                {
                    "facility_id": wave["facility_id"],
                    "wave": wave["wave"],
                    "date": date,
                    "inbound_cutoff_at": cutoff_at,
                    "starts_at": starts_at,
                    "ends_at": ends_at,
                    "ready_at": ends_at + dt.timedelta(minutes=wave["ready_min"] or 0.0),
                    "capacity_parcels": None if rate is None else rate * hours,
                }
            )
    frame = conform(pl.DataFrame(rows, infer_schema_length=None), WAVES) if rows else _no_waves()
    ordered = frame.sort("facility_id", "inbound_cutoff_at", "ready_at", "wave")
    return ordered.with_columns(wave_index=pl.int_range(pl.len(), dtype=pl.Int64))


def delivery_dates(
    network: Network, waves: pl.DataFrame, *, dispatch_by: dt.time = DISPATCH_BY
) -> pl.Series:
    """First date on which parcels of each wave can be on a route, as ``pl.Date``.

    A wave that is ready by ``dispatch_by`` local time serves that day, a later one the next; the
    date moves on to the next day on which the facility's calendar is open.
    """
    calendar = OperatingCalendar(network["calendars"])
    facilities = network["facilities"]
    zones = {
        facility: ZoneInfo(timezone)
        for facility, timezone in facilities.select("facility_id", "timezone").iter_rows()
    }
    calendar_of = dict(facilities.select("facility_id", "calendar_id").iter_rows())
    dates: list[dt.date] = []
    for facility, ready_at in waves.select("facility_id", "ready_at").iter_rows():
        local = ready_at.astimezone(zones[facility])
        date = local.date() if local.time() <= dispatch_by else local.date() + dt.timedelta(days=1)
        dates.append(calendar.next_open(calendar_of[facility], date))
    return pl.Series("delivery_date", dates, dtype=pl.Date)


def first_wave_at(waves: pl.DataFrame, facility_id: str, instants: np.ndarray) -> np.ndarray:
    """Index of the first wave of ``facility_id`` whose cut-off is at or after each instant.

    Parameters
    ----------
    instants
        Microseconds since the epoch, int64.

    Returns
    -------
    numpy.ndarray
        ``wave_index`` values, -1 where no wave of the calendar is late enough.
    """
    own = waves.filter(pl.col("facility_id") == facility_id)
    cutoffs = own["inbound_cutoff_at"].cast(pl.Int64).to_numpy()
    position = np.searchsorted(cutoffs, instants, side="left")
    indices = np.append(own["wave_index"].to_numpy(), -1)
    return indices[np.minimum(position, len(cutoffs))]


def first_waves(waves: pl.DataFrame, facilities: pl.Series, instants: pl.Series) -> pl.Series:
    """`first_wave_at` of many facilities at once, in row order."""
    asked = pl.DataFrame({"facility_id": facilities, "instant": instants}).with_row_index("row")
    found = [
        group.select(
            "row",
            wave_index=pl.Series(
                first_wave_at(waves, str(facility), group["instant"].cast(pl.Int64).to_numpy())
            ),
        )
        for (facility,), group in asked.group_by("facility_id", maintain_order=True)
    ]
    return pl.concat(found).sort("row")["wave_index"]


def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for offset in range((last - first).days + 1):
        yield first + dt.timedelta(days=offset)


def _in_force(row: dict[str, object], date: dt.date) -> bool:
    starts, ends = row["effective_from"], row["effective_to"]
    begun = not isinstance(starts, dt.date) or starts <= date
    return begun and (not isinstance(ends, dt.date) or date <= ends)


def _instant(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(date, time, tzinfo=zone).astimezone(dt.UTC)


def _last_before(date: dt.date, time: dt.time, zone: ZoneInfo, ends_at: dt.datetime) -> dt.datetime:
    instant = _instant(date, time, zone)
    return instant if instant <= ends_at else _instant(date - dt.timedelta(days=1), time, zone)


def _no_waves() -> pl.DataFrame:
    return pl.DataFrame(schema=pl.Schema(WAVES))
