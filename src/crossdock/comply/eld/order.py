"""In which order records were made, and when that was in UTC."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from crossdock.comply.eld.records import EldFile, Event, Header, UnidentifiedEvent
from crossdock.comply.hos import Timeline
from crossdock.model.errors import InvalidValueError

SEQUENCE_IDS = 0x10000
"""Sequence numbers go round after FFFF (App. A 7.24)."""
_HALF_WAY = SEQUENCE_IDS // 2
_HOUR_S = 3600

Recorded = TypeVar("Recorded", Event, UnidentifiedEvent)


def unwrapped(events: Iterable[Event | UnidentifiedEvent]) -> dict[int, int]:
    """Sequence numbers that only grow: small ones are later where the file also has large ones."""
    numbers = {event.sequence_id for event in events}
    went_round = bool(numbers) and max(numbers) - min(numbers) > _HALF_WAY
    return {
        number: number + SEQUENCE_IDS if went_round and number < _HALF_WAY else number
        for number in numbers
    }


def oldest_first(events: Iterable[Recorded]) -> list[Recorded]:
    """Events by the clock of the home terminal, at the same second as they were recorded."""
    events = list(events)
    place = unwrapped(events)
    return sorted(events, key=lambda event: (event.at, place[event.sequence_id]))


def newest_first(events: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Events as a file lists them."""
    return tuple(reversed(oldest_first(events)))


def next_sequence_id(file: EldFile) -> int:
    """The number of the next record: one more than the newest, and not in use."""
    rows = (
        *file.events,
        *file.certifications,
        *file.malfunctions,
        *file.logins,
        *file.engine_events,
        *file.unidentified_events,
    )
    used = {row.sequence_id for row in rows}
    if not used:
        return 1
    went_round = max(used) - min(used) > _HALF_WAY
    newest = max(number for number in used if not went_round or number < _HALF_WAY)
    for step in range(1, SEQUENCE_IDS + 1):
        number = (newest + step) % SEQUENCE_IDS
        if number not in used:
            return number
    raise InvalidValueError(
        "the file uses all of the 65,536 sequence numbers", remedy="export fewer days at once"
    )


def home_zone(header: Header, timezone: str | None = None) -> str:
    """The zone of the home terminal: the named one, or one that is always at the file's offset.

    A file has one offset, that of the moment at which it was made. Where the clocks changed within
    the file, only the name of the zone tells what the times before the change mean.

    Raises
    ------
    InvalidValueError
        Neither a name nor an offset is told, the name is unknown, or they contradict each other.
    """
    offset_h = header.utc_offset_h
    if timezone is None:
        if offset_h is None:
            raise InvalidValueError(
                "the file does not say how far the home terminal is from UTC",
                remedy="name its time zone, such as America/Chicago",
            )
        return f"Etc/GMT+{offset_h}"
    zone = Timeline.of((), timezone=timezone).zone
    if offset_h is not None and header.output_at is not None:
        _check_offset(header.output_at, offset_h, zone)
    return timezone


def _check_offset(at: dt.datetime, offset_h: int, zone: ZoneInfo) -> None:
    possible = {hours_behind(at.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}
    if offset_h not in possible:
        raise InvalidValueError(
            f"{zone.key} is not {offset_h} hours behind UTC on {at:%Y-%m-%d}, as the file says",
            remedy="name the zone of the driver's home terminal",
        )


def hours_behind(instant: dt.datetime) -> float:
    """Hours that the clock of an instant is behind UTC."""
    offset = instant.utcoffset()
    assert offset is not None
    return -offset.total_seconds() / _HOUR_S


def utc_s(at: dt.datetime, zone: ZoneInfo, *, second_time: bool = False) -> int:
    """UTC second of a time on the clock of a zone; the repeated hour is meant the first time."""
    return int(at.replace(tzinfo=zone, fold=int(second_time)).timestamp())


def output_s(header: Header, zone: ZoneInfo) -> int:
    """UTC second at which the file was made: its offset says which of two like hours it was.

    Raises
    ------
    InvalidValueError
        The header does not tell it.
    """
    at = header.output_at
    if at is None:
        raise InvalidValueError(
            "the file does not say when it was made, so its log has no end",
            remedy="have the ELD write current date and time into the header",
        )
    second = at.replace(tzinfo=zone, fold=1)
    return utc_s(at, zone, second_time=hours_behind(second) == header.utc_offset_h)


def timed(events: Sequence[Event], zone: ZoneInfo) -> list[tuple[int, Event]]:
    """Events with their UTC seconds, oldest first.

    In the hour that the clock shows twice, the sequence numbers say which is meant: once a later
    record has an earlier time, it and those after it are of the second hour. Without such a step
    back the first hour is meant.
    """
    place = unwrapped(events)
    repeated: defaultdict[dt.date, list[Event]] = defaultdict(list)
    for event in events:
        if utc_s(event.at, zone, second_time=True) > utc_s(event.at, zone):
            repeated[event.date].append(event)
    second_hour: set[Event] = set()
    for hour in repeated.values():
        second_hour |= _after_step_back(sorted(hour, key=lambda each: place[each.sequence_id]))
    instants = [(utc_s(each.at, zone, second_time=each in second_hour), each) for each in events]
    return sorted(instants, key=lambda pair: (pair[0], place[pair[1].sequence_id]))


def _after_step_back(recorded: Sequence[Event]) -> set[Event]:
    for place in range(1, len(recorded)):
        if recorded[place].at < recorded[place - 1].at:
            return set(recorded[place:])
    return set()
