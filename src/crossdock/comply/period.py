"""The time that a verdict must cover: a trip, in instants and in the days of the home terminal."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.model import InvalidValueError

_FIRST_YEAR, _LAST_YEAR = 1970, 9_000


@dataclass(frozen=True)
class Period:
    """From departure to the end of a trip.

    Attributes
    ----------
    starts_at, ends_at
        Instants with an offset.
    timezone
        IANA name of the driver's home terminal: a document is valid through the end of its last
        day there.

    Raises
    ------
    InvalidValueError
        An instant without an offset, an end before the start, an unknown time zone.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    timezone: str

    def __post_init__(self) -> None:
        utc_instant("starts_at", self.starts_at)
        utc_instant("ends_at", self.ends_at)
        if self.ends_at < self.starts_at:
            raise InvalidValueError(
                f"ends_at {self.ends_at.isoformat()} is before "
                f"starts_at {self.starts_at.isoformat()}",
                remedy="give the end of the trip at or after its start",
            )
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidValueError(
                f"timezone {self.timezone!r} is unknown",
                remedy="use an IANA name such as America/Chicago",
            ) from error

    @property
    def first_day(self) -> dt.date:
        """Day of departure at the home terminal."""
        return self.starts_at.astimezone(ZoneInfo(self.timezone)).date()

    @property
    def last_day(self) -> dt.date:
        """Day of the end at the home terminal."""
        return self.ends_at.astimezone(ZoneInfo(self.timezone)).date()

    def end_of(self, day: dt.date) -> dt.datetime:
        """The instant, in UTC, at which ``day`` ends at the home terminal."""
        if day >= dt.date.max - dt.timedelta(days=2):
            return dt.datetime.max.replace(tzinfo=dt.UTC)
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
        return midnight.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(dt.UTC)


def utc_instant(name: str, instant: dt.datetime) -> dt.datetime:
    """An instant in UTC.

    Raises
    ------
    InvalidValueError
        It has no offset, or a year that no trip is in.
    """
    if instant.utcoffset() is None:
        raise InvalidValueError(
            f"{name} {instant.isoformat()} has no offset",
            remedy="end it in Z or an offset such as -06:00",
        )
    if not _FIRST_YEAR <= instant.year < _LAST_YEAR:
        raise InvalidValueError(
            f"{name} {instant.isoformat()} is not in our time",
            remedy=f"give a year from {_FIRST_YEAR} to {_LAST_YEAR - 1}",
        )
    return instant.astimezone(dt.UTC)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month, that many months later; the month's last day if it is shorter."""
    month = day.month - 1 + months
    year = day.year + month // 12
    if year > dt.date.max.year:
        return dt.date.max
    month = month % 12 + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))
