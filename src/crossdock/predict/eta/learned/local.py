"""Local clocks and delivery days, column by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.model.calendars import OperatingCalendar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_S = 86_400.0


def wall_clock(instants: pl.Series, timezones: pl.Series) -> pl.Series:
    """Local time of each instant in its zone, without a zone; null where either is."""
    frame = pl.DataFrame({"at": instants, "zone": timezones}).with_row_index("position")
    shown = [
        group.select(
            "position",
            local=pl.col("at").dt.convert_time_zone(str(zone)).dt.replace_time_zone(None),
        )
        for (zone,), group in frame.filter(pl.col("zone").is_not_null()).group_by("zone")
    ]
    nothing = pl.DataFrame(
        schema={"position": frame.schema["position"], "local": pl.Datetime("us")}
    )
    known = pl.concat([nothing, *shown])
    return frame.join(known, on="position", how="left", maintain_order="left")["local"]


class DeliveryDates:
    """The delivery days of facilities, numbered: the ``n``-th open day since a first one.

    Parameters
    ----------
    facilities
        ``facility_id, timezone, calendar_id``.
    calendars
        The network's ``calendars`` table.
    first, last
        Dates that are asked about; it goes on for another ``beyond`` open days.
    """

    def __init__(
        self,
        facilities: pl.DataFrame,
        calendars: pl.DataFrame,
        first: dt.date,
        last: dt.date,
        *,
        beyond: int = 30,
    ) -> None:
        self._calendar = OperatingCalendar(calendars)
        self._facilities = {
            row["facility_id"]: (row["calendar_id"], row["timezone"])
            for row in facilities.iter_rows(named=True)
        }
        self._first, self._last, self._beyond = first, last, beyond
        self._rows: dict[tuple[str | None, str], int] = {}
        self._dates: list[Ints] = []
        self._midnights: list[Floats] = []

    def rows(self, facilities: Sequence[str]) -> Ints:
        """Row of each facility's delivery days."""
        row_of = {facility: self._row(facility) for facility in sorted(set(facilities))}
        return np.array([row_of[facility] for facility in facilities], dtype=np.int64)

    def positions(self, rows: Ints, dates: Ints) -> Ints:
        """Number of the first delivery day on or after each date (days since the epoch)."""
        answer = np.zeros(len(rows), np.int64)
        met: list[int] = np.unique(rows).tolist()
        for row in met:
            mine = rows == row
            answer[mine] = np.searchsorted(self._dates[row], dates[mine])
        return answer

    @property
    def midnights(self) -> Floats:
        """Local midnight of each delivery day, in seconds since the epoch: a line a row."""
        width = max((len(line) for line in self._midnights), default=1)
        lines = [
            np.append(line, line[-1] + DAY_S * np.arange(1, width - len(line) + 1))
            for line in self._midnights
        ]
        return np.array(lines).reshape(len(lines), width)

    def _row(self, facility: str) -> int:
        calendar_id, timezone = key = self._facilities[facility]
        if key not in self._rows:
            self._rows[key] = len(self._dates)
            dates = self._open_dates(calendar_id)
            zone = ZoneInfo(timezone)
            self._dates.append(np.array([date.toordinal() for date in dates]) - _EPOCH)
            self._midnights.append(
                np.array([dt.datetime.combine(d, dt.time(), zone).timestamp() for d in dates])
            )
        return self._rows[key]

    def _open_dates(self, calendar_id: str | None) -> list[dt.date]:
        """Open dates from the first on; a calendar that hardly ever opens ends after a year."""
        dates: list[dt.date] = []
        beyond, date = 0, self._first
        for _ in range((self._last - self._first).days + 400):
            if self._calendar.is_open(calendar_id, date):
                dates.append(date)
                beyond += date > self._last
                if beyond >= self._beyond:
                    break
            date += dt.timedelta(days=1)
        return dates or [self._last + dt.timedelta(days=self._beyond)]


_EPOCH = dt.date(1970, 1, 1).toordinal()
_LONGEST_DAY_S = 25 * 3600.0


def day_positions(midnights: Floats, rows: Ints, instants: Floats) -> Ints:
    """Position of the delivery day of each instant, of the next one where its day is closed."""
    answer = np.zeros(len(rows), np.int64)
    for row in np.unique(rows).tolist():
        mine = rows == row
        line, at = midnights[row], instants[mine]
        day = np.clip(np.searchsorted(line, at, side="right") - 1, 0, len(line) - 1)
        answer[mine] = day + (at - line[day] >= _LONGEST_DAY_S)
    return answer
