"""A duty log that is whole: one driver's statuses without gap or overlap, to the second."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crossdock.model.errors import InvalidValueError

DRIVING = "D"
ON_DUTY = "ON"
OFF_DUTY = "OFF"
SLEEPER = "SB"
PERSONAL = "PC"
YARD_MOVE = "YM"
PASSENGER = "PS"

STATUSES = {
    OFF_DUTY: "off duty",
    SLEEPER: "sleeper berth",
    DRIVING: "driving",
    ON_DUTY: "on duty, not driving",
    PERSONAL: "personal conveyance: off duty",
    YARD_MOVE: "yard move: on duty, not driving",
    PASSENGER: "passenger seat of a moving team vehicle",
}
"""Duty statuses (49 CFR 395.2, 395.28)."""
RESTING = frozenset({OFF_DUTY, SLEEPER, PERSONAL})
"""Statuses that always count as rest."""

_EARLIEST_S, _LATEST_S = 0, 253_370_764_800  # 1970 to 9999: what a calendar can show


class Segment(NamedTuple):
    """One duty status over ``[start_s, end_s)``, UTC seconds since 1970."""

    activity: str
    start_s: int
    end_s: int


@dataclass(frozen=True)
class Timeline:
    """The log of one driver. Make one with `of` or `from_changes`.

    Attributes
    ----------
    segments
        Contiguous, in time order, no two neighbours alike.
    timezone
        IANA name of the home terminal's zone, whose midnights bound the days (49 CFR 395.8(d)).
    prior_on_duty_s
        On-duty seconds of the calendar days just before the first segment's, oldest first. Before
        the first segment the driver is rested.
    """

    segments: tuple[Segment, ...]
    timezone: str = "UTC"
    prior_on_duty_s: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        segments: Iterable[tuple[str, int, int]],
        *,
        timezone: str = "UTC",
        prior_on_duty_s: Sequence[int] = (),
        gaps_are_rest: bool = False,
    ) -> Timeline:
        """A log of status, start and end.

        Parameters
        ----------
        gaps_are_rest
            Time between segments is off duty; else a gap is refused.

        Raises
        ------
        InvalidValueError
            A status or zone is unknown, a segment ends before it starts, or there is a gap or an
            overlap; the message names both segments. A segment of no length is left out.
        """
        zone_of(timezone)
        whole: list[Segment] = []
        for each in segments:
            segment = _checked(Segment(*each))
            if segment.start_s == segment.end_s:
                continue
            if whole and segment.start_s != whole[-1].end_s:
                _check_order(whole[-1], segment, gaps_are_rest=gaps_are_rest)
                _append(whole, Segment(OFF_DUTY, whole[-1].end_s, segment.start_s))
            _append(whole, segment)
        if any(worked < 0 for worked in prior_on_duty_s):
            raise InvalidValueError(
                "on-duty time of a day before the log is negative",
                remedy="give the hours of each earlier day, oldest first, 0 for a day off",
            )
        return cls(tuple(whole), timezone, tuple(prior_on_duty_s))

    @classmethod
    def from_changes(
        cls,
        changes: Iterable[tuple[int, str]],
        ends_s: int,
        *,
        timezone: str = "UTC",
        prior_on_duty_s: Sequence[int] = (),
    ) -> Timeline:
        """A log of the instants at which the status changed, the last lasting until ``ends_s``.

        Raises
        ------
        InvalidValueError
            The instants do not grow, or a status or zone is unknown.
        """
        told = list(changes)
        if not told:
            return cls.of((), timezone=timezone, prior_on_duty_s=prior_on_duty_s)
        ends = [at for at, _ in told[1:]] + [ends_s]
        segments = [(status, at, end) for (at, status), end in zip(told, ends, strict=True)]
        return cls.of(segments, timezone=timezone, prior_on_duty_s=prior_on_duty_s)

    @property
    def starts_s(self) -> int:
        """Start of the first segment; 0 without one."""
        return self.segments[0].start_s if self.segments else 0

    @property
    def ends_s(self) -> int:
        """End of the last segment; 0 without one."""
        return self.segments[-1].end_s if self.segments else 0

    @cached_property
    def zone(self) -> ZoneInfo:
        """The home terminal's."""
        return zone_of(self.timezone)

    def status_at(self, at_s: int) -> str | None:
        """The status at an instant; None outside of the log."""
        place = bisect_right(self.segments, at_s, key=lambda segment: segment.start_s) - 1
        if place < 0 or at_s >= self.segments[place].end_s:
            return None
        return self.segments[place].activity

    def cut(self, at_s: int) -> Timeline:
        """The log as it was at an instant: nothing after it."""
        kept = [
            segment if segment.end_s <= at_s else segment._replace(end_s=at_s)
            for segment in self.segments
            if segment.start_s < at_s
        ]
        return replace(self, segments=tuple(kept))

    def days(self) -> Iterator[tuple[dt.date, int, int]]:
        """Each day of the home terminal that the log touches, with its first second and its end.

        A day has 23 or 25 hours where the clocks change.
        """
        if not self.segments:
            return
        day = dt.datetime.fromtimestamp(self.starts_s, self.zone).date()
        starts_s = midnight_s(day, self.zone)
        while starts_s < self.ends_s:
            following = day + dt.timedelta(days=1)
            ends_s = midnight_s(following, self.zone)
            yield day, starts_s, ends_s
            day, starts_s = following, ends_s


def zone_of(timezone: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises
    ------
    InvalidValueError
        There is none of that name.
    """
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise InvalidValueError(
            f"there is no time zone {timezone!r}",
            remedy="use the IANA name of the home terminal's zone, such as America/Chicago",
        ) from None


@lru_cache(maxsize=4096)  # drivers of a zone share their days
def midnight_s(day: dt.date, zone: ZoneInfo) -> int:
    """UTC second at which a day begins in a zone."""
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp())


def said(segment: Segment) -> str:
    """A segment in words."""
    start, end = (
        dt.datetime.fromtimestamp(at_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for at_s in (segment.start_s, segment.end_s)
    )
    return f"{segment.activity} from {start} to {end}"


def _checked(segment: Segment) -> Segment:
    if segment.activity not in STATUSES:
        raise InvalidValueError(
            f"{segment.activity!r} is no duty status",
            remedy=f"use one of {', '.join(STATUSES)}",
        )
    if not _EARLIEST_S <= segment.start_s <= _LATEST_S or segment.end_s > _LATEST_S:
        raise InvalidValueError(
            f"the {segment.activity} segment at {segment.start_s} is outside of the years 1970 to "
            "9999",
            remedy="give instants as whole UTC seconds since 1970",
        )
    if segment.end_s < segment.start_s:
        raise InvalidValueError(
            f"the segment {said(segment)} ends before it starts",
            remedy="correct its start or end, or leave it out",
        )
    return segment


def _check_order(one: Segment, other: Segment, *, gaps_are_rest: bool) -> None:
    if other.start_s < one.end_s:
        raise InvalidValueError(
            f"the segments {said(one)} and {said(other)} overlap",
            remedy="sort the log by time and correct the overlap",
        )
    if not gaps_are_rest:
        raise InvalidValueError(
            f"between the segments {said(one)} and {said(other)} there is a gap",
            remedy="say what the driver did in between, OFF if nothing",
        )


def _append(whole: list[Segment], segment: Segment) -> None:
    if whole and whole[-1].activity == segment.activity:
        whole[-1] = whole[-1]._replace(end_s=segment.end_s)
    else:
        whole.append(segment)
