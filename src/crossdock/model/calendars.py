# pyright: reportUnknownMemberType=false
"""Operating days: on which dates a facility, a carrier or a service works."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import holidays
import polars as pl

from crossdock.model.errors import InvalidValueError
from crossdock.model.network import runs_on_weekday

CalendarIds = str | None | Sequence[str | None]
"""One calendar, none, or several that must all be open (a service's and a facility's)."""

LONGEST_CLOSURE_DAYS = 400
"""A calendar that stays closed longer never opens again, as far as a plan is concerned."""

_SUNDAY = 7


@dataclass(frozen=True)
class _Rule:
    open: bool
    opens: dt.time | None
    closes: dt.time | None
    effective_from: dt.date
    effective_to: dt.date


class OperatingCalendar:
    """Which days are operating days, by the network's ``calendars`` table.

    For a date, the first of these that speaks decides: a row of that date; US federal holidays and
    their observed days, closed; a row of that weekday; Monday to Saturday open, Sunday closed. So a
    weekly pattern does not open a holiday: only a dated row does.

    Parameters
    ----------
    calendars
        The checked ``calendars`` file (weekday 1 is Monday). A ``calendar_id`` without rows, and
        null, follow the defaults. An earlier row wins over a later one for the same day.
    """

    def __init__(self, calendars: pl.DataFrame) -> None:
        self._holidays = holidays.country_holidays("US", observed=True)
        self._of_date: dict[tuple[str, dt.date], list[_Rule]] = {}
        self._of_weekday: dict[tuple[str, int], list[_Rule]] = {}
        for row in calendars.iter_rows(named=True):
            rule = _Rule(
                row["open"],
                row["opens"],
                row["closes"],
                row["effective_from"] or dt.date.min,
                row["effective_to"] or dt.date.max,
            )
            if row["date"] is not None:
                self._of_date.setdefault((row["calendar_id"], row["date"]), []).append(rule)
            elif row["weekday"] is not None:
                self._of_weekday.setdefault((row["calendar_id"], row["weekday"]), []).append(rule)
        self._open: dict[tuple[str | None, dt.date], bool] = {}

    def is_open(self, calendars: CalendarIds, date: dt.date) -> bool:
        """Whether ``date`` is an operating day of every one of ``calendars``."""
        return all(self._is_open(calendar_id, date) for calendar_id in _ids(calendars))

    def runs_on(self, calendars: CalendarIds, mask: str | None, date: dt.date) -> bool:
        """Whether something with its own day ``mask`` happens on ``date``.

        The mask replaces the weekly pattern; holidays and dated closures still apply. Without a
        mask it happens on operating days.
        """
        if not mask:
            return self.is_open(calendars, date)
        return runs_on_weekday(mask, date.weekday()) and not any(
            self._closed_by_date(calendar_id, date) for calendar_id in _ids(calendars)
        )

    def next_open(self, calendars: CalendarIds, date: dt.date) -> dt.date:
        """First operating day on or after ``date``.

        Raises
        ------
        InvalidValueError
            The calendars have no common operating day within `LONGEST_CLOSURE_DAYS`.
        """
        for offset in range(LONGEST_CLOSURE_DAYS):
            day = date + dt.timedelta(days=offset)
            if self.is_open(calendars, day):
                return day
        named = ", ".join(str(calendar_id) for calendar_id in _ids(calendars))
        raise InvalidValueError(
            f"calendar {named} has no operating day in the {LONGEST_CLOSURE_DAYS} days from {date}",
            remedy="open at least one weekday in calendars",
        )

    def nth_open(self, calendars: CalendarIds, date: dt.date, count: int) -> dt.date:
        """The ``count``-th operating day after ``date``; for 0, ``date`` or the next one open.

        Raises
        ------
        InvalidValueError
            The calendars have no common operating day.
        """
        if count == 0:
            return self.next_open(calendars, date)
        day = date
        for _ in range(count):
            day = self.next_open(calendars, day + dt.timedelta(days=1))
        return day

    def opens(self, calendars: CalendarIds, date: dt.date) -> dt.time | None:
        """Latest opening time of ``calendars`` on ``date``; null where none states one."""
        rules = [self._rule(calendar_id, date) for calendar_id in _ids(calendars)]
        return max((rule.opens for rule in rules if rule and rule.opens), default=None)

    def closes(self, calendars: CalendarIds, date: dt.date) -> dt.time | None:
        """Earliest closing time of ``calendars`` on ``date``; null where none states one."""
        rules = [self._rule(calendar_id, date) for calendar_id in _ids(calendars)]
        return min((rule.closes for rule in rules if rule and rule.closes), default=None)

    def _is_open(self, calendar_id: str | None, date: dt.date) -> bool:
        key = (calendar_id, date)
        if key not in self._open:
            self._open[key] = self._decide(calendar_id, date)
        return self._open[key]

    def _decide(self, calendar_id: str | None, date: dt.date) -> bool:
        if self._closed_by_date(calendar_id, date):
            return False
        rule = self._rule(calendar_id, date)
        return rule.open if rule else date.isoweekday() != _SUNDAY

    def _closed_by_date(self, calendar_id: str | None, date: dt.date) -> bool:
        """Closed by a dated row or, where no row of the date opens it, by a holiday."""
        rule = self._dated_rule(calendar_id, date)
        return not rule.open if rule else date in self._holidays

    def _rule(self, calendar_id: str | None, date: dt.date) -> _Rule | None:
        dated = self._dated_rule(calendar_id, date)
        if dated or calendar_id is None:
            return dated
        return _in_force(self._of_weekday.get((calendar_id, date.isoweekday()), ()), date)

    def _dated_rule(self, calendar_id: str | None, date: dt.date) -> _Rule | None:
        return _in_force(self._of_date.get((calendar_id, date), ()), date) if calendar_id else None


def _ids(calendars: CalendarIds) -> Sequence[str | None]:
    return (calendars,) if calendars is None or isinstance(calendars, str) else calendars


def _in_force(rules: Sequence[_Rule], date: dt.date) -> _Rule | None:
    return next((rule for rule in rules if rule.effective_from <= date <= rule.effective_to), None)
