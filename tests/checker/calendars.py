"""Operating days, and instants from local clock times."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

FEDERAL_HOLIDAYS = frozenset(
    dt.date.fromisoformat(day)
    for day in (
        # 2026; 4 July is a Saturday, observed on Friday the 3rd
        "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03",
        "2026-07-04", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25",
        # 2027; Juneteenth, Christmas and New Year 2028 are Saturdays, 4 July is a Sunday
        "2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-18", "2027-06-19",
        "2027-07-04", "2027-07-05", "2027-09-06", "2027-10-11", "2027-11-11", "2027-11-25",
        "2027-12-24", "2027-12-25", "2027-12-31",
    )
)  # fmt: skip
"""5 USC 6103, with the days on which they are observed."""

DAY = dt.timedelta(days=1)


class Calendars:
    """Which dates are open, by the network's ``calendars`` and the federal holidays."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._dates: dict[tuple[str, dt.date], bool] = {}
        self._weekdays: dict[tuple[str, int], bool] = {}
        for row in rows.to_dicts():
            if row.get("date") is not None:
                self._dates.setdefault((row["calendar_id"], row["date"]), bool(row["open"]))
            elif row.get("weekday") is not None:
                key = (row["calendar_id"], int(row["weekday"]))
                self._weekdays.setdefault(key, bool(row["open"]))

    def is_open(self, calendar_id: str | None, date: dt.date) -> bool:
        dated = self._dates.get((calendar_id or "", date))
        if dated is not None:
            return dated
        if date in FEDERAL_HOLIDAYS:
            return False
        weekday = date.isoweekday()
        return self._weekdays.get((calendar_id or "", weekday), weekday <= 6)

    def all_open(self, calendar_ids: tuple[str | None, ...], date: dt.date) -> bool:
        return all(self.is_open(each, date) for each in calendar_ids)

    def runs(self, calendar_id: str | None, mask: str | None, date: dt.date) -> bool:
        """Whether something with a weekday mask runs: the mask, but no holiday or dated closure."""
        if not mask:
            return self.is_open(calendar_id, date)
        dated = self._dates.get((calendar_id or "", date))
        closed = date in FEDERAL_HOLIDAYS if dated is None else not dated
        return not closed and mask[date.weekday()] not in "-_."

    def after(self, calendar_ids: tuple[str | None, ...], date: dt.date, days: int) -> dt.date:
        """The ``days``-th open date after ``date``; 0: the first one not before it."""
        if days == 0:
            while not self.all_open(calendar_ids, date):
                date += DAY
        for _ in range(days):
            date += DAY
            while not self.all_open(calendar_ids, date):
                date += DAY
        return date


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def instant(date: dt.date, clock: dt.time, timezone: str) -> dt.datetime:
    return dt.datetime.combine(date, clock, zone(timezone)).astimezone(dt.UTC)


def local(at: dt.datetime, timezone: str) -> dt.datetime:
    return at.astimezone(zone(timezone))
