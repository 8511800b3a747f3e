"""Delivery days: on which date a wave's parcels reach the door under a coverage row."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.model import Network
from crossdock.model.calendars import OperatingCalendar


class DeliveryDays:
    """Answers which dates a facility delivers on, under the day mask of a coverage row."""

    def __init__(self, network: Network) -> None:
        self._calendar = OperatingCalendar(network["calendars"])
        self._calendar_of: dict[str, str | None] = dict(
            network["facilities"].select("facility_id", "calendar_id").iter_rows()
        )

    def first_from(self, facility_id: str, days: str | None, date: dt.date) -> dt.date:
        """First delivery date at or after ``date``."""
        calendar_id = self._calendar_of[facility_id]
        for offset in range(30):
            candidate = date + dt.timedelta(days=offset)
            if self._calendar.runs_on(calendar_id, days, candidate):
                return candidate
        return date

    def after(self, facility_id: str, days: str | None, date: dt.date, count: int) -> dt.date:
        """Delivery date that is ``count`` delivery days after the first one from ``date``."""
        current = self.first_from(facility_id, days, date)
        for _ in range(count):
            current = self.first_from(facility_id, days, current + dt.timedelta(days=1))
        return current

    def delivered_on(self, handoffs: pl.DataFrame) -> pl.Series:
        """Date at the door of each row of ``facility_id, days, partner_days, date``.

        ``date`` is the day on which the facility hands the parcel to a route or a partner; null
        stays null.
        """
        keys = ["facility_id", "days", "partner_days", "date"]
        asked = handoffs.select(keys)
        unique = asked.unique(maintain_order=True)
        dates = [
            None if date is None else self.after(facility, days, date, count)
            for facility, days, count, date in unique.iter_rows()
        ]
        known = unique.with_columns(delivered_on=pl.Series(dates, dtype=pl.Date))
        return asked.join(known, on=keys, nulls_equal=True, maintain_order="left")["delivered_on"]
