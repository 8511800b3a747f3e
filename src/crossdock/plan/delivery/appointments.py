"""When a partner takes parcels over: appointment windows, critical entry, manifest lead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import Network
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.tables import INSTANT

_DAYS_AHEAD = 10


@dataclass(frozen=True)
class Entry:
    """One handoff: when it happens, and by when the partner must have parcels and manifest."""

    handoff_at: dt.datetime
    critical_entry_at: dt.datetime | None
    manifest_due_at: dt.datetime | None


class Appointments:
    """Answers when a parcel that is ready at a facility enters a partner's network.

    A missed window takes the next one (network.md §6). A partner without a row takes parcels over
    as soon as they are ready.
    """

    def __init__(self, network: Network) -> None:
        self._rows: dict[tuple[str, str], list[dict[str, object]]] = {}
        for row in network["appointments"].iter_rows(named=True):
            self._rows.setdefault((row["facility_id"], row["partner_id"]), []).append(row)
        facilities = network["facilities"]
        self._calendar = OperatingCalendar(network["calendars"])
        self._calendar_of: dict[str, str | None] = dict(
            facilities.select("facility_id", "calendar_id").iter_rows()
        )
        self._zone_of = {
            facility: ZoneInfo(timezone)
            for facility, timezone in facilities.select("facility_id", "timezone").iter_rows()
        }

    def entry(self, facility_id: str, partner_id: str, ready_at: dt.datetime) -> Entry:
        """First entry at or after ``ready_at``."""
        rows = self._rows.get((facility_id, partner_id))
        found = [
            entry
            for row in rows or ()
            if (entry := self._first_window(facility_id, row, ready_at)) is not None
        ]
        return min(found, key=lambda entry: entry.handoff_at, default=Entry(ready_at, None, None))

    def entries(self, handoffs: pl.DataFrame) -> pl.DataFrame:
        """Entries of rows ``facility_id, carrier_id, ready_at``, in row order.

        Returns
        -------
        polars.DataFrame
            ``handoff_at, critical_entry_at, manifest_due_at, handoff_date`` (local).
        """
        keys = ["facility_id", "carrier_id", "ready_at"]
        unique = handoffs.select(keys).unique(maintain_order=True)
        rows = [self.entry(*key) for key in unique.iter_rows()]
        known = unique.with_columns(
            pl.Series("handoff_at", [row.handoff_at for row in rows], dtype=INSTANT),
            pl.Series("critical_entry_at", [row.critical_entry_at for row in rows], dtype=INSTANT),
            pl.Series("manifest_due_at", [row.manifest_due_at for row in rows], dtype=INSTANT),
            pl.Series(
                "handoff_date",
                [
                    row.handoff_at.astimezone(self._zone_of[facility]).date()
                    for row, facility in zip(rows, unique["facility_id"], strict=True)
                ],
                dtype=pl.Date,
            ),
        )
        return handoffs.select(keys).join(known, on=keys, maintain_order="left").drop(keys)

    def _first_window(
        self, facility_id: str, row: dict[str, object], ready_at: dt.datetime
    ) -> Entry | None:
        zone = self._zone_of[facility_id]
        first = ready_at.astimezone(zone).date() - dt.timedelta(days=1)
        for offset in range(_DAYS_AHEAD):
            date = first + dt.timedelta(days=offset)
            days = row["days"]
            if not self._calendar.runs_on(
                self._calendar_of[facility_id], None if days is None else str(days), date
            ):
                continue
            opens, closes = (
                _at(date, row["opens"], zone),
                _at(date, row["closes"], zone),
            )
            if closes <= opens:  # the window runs over midnight
                closes += dt.timedelta(days=1)
            critical = _within(opens, closes, row["critical_entry"], zone)
            if ready_at <= (critical or closes):
                handoff_at = max(ready_at, opens)
                lead = row["manifest_lead_min"]
                manifest = (
                    handoff_at - dt.timedelta(minutes=lead) if isinstance(lead, float) else None
                )
                return Entry(handoff_at, critical or closes, manifest)
        return None


def _at(date: dt.date, time: object, zone: ZoneInfo) -> dt.datetime:
    assert isinstance(time, dt.time)
    return dt.datetime.combine(date, time, tzinfo=zone).astimezone(dt.UTC)


def _within(
    opens: dt.datetime, closes: dt.datetime, time: object, zone: ZoneInfo
) -> dt.datetime | None:
    """The clock ``time`` inside the window, on whichever of its dates that is; null: none set."""
    if not isinstance(time, dt.time):
        return None
    for date in (opens.astimezone(zone).date(), closes.astimezone(zone).date()):
        instant = _at(date, time, zone)
        if opens <= instant <= closes:
            return instant
    return None
