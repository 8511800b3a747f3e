"""Driving that a device recorded cannot be shortened by an edit (App. A 4.3.2.8.2(b))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from crossdock.comply.eld.duty_log import active_changes, duty_changes, log_until
from crossdock.comply.eld.order import oldest_first
from crossdock.comply.eld.records import ASSUMED, AUTOMATIC, STATUS_CHANGE, EldFile
from crossdock.comply.hos import DRIVING, Timeline
from crossdock.model.errors import InvalidValueError

_DRIVING_CODE = 3
_UNTOLD = "time without a status"
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 the clock of the home terminal, whatever its zone


def keep_recorded_driving(before: EldFile, after: EldFile) -> None:
    """Refuse an edit after which recorded driving is something else, or not told at all.

    Raises
    ------
    InvalidValueError
        Some of it is; the message says from when to when.
    """
    log = local_log(after)
    for start_s, end_s in _recorded_driving(before):
        for activity, from_s, to_s in _pieces(log, start_s, end_s):
            if activity != DRIVING:
                raise InvalidValueError(
                    f"driving that the ELD recorded from {local_time(from_s)} to "
                    f"{local_time(to_s)} would become {activity}",
                    remedy="leave the driving as it is and annotate it "
                    "(49 CFR 395 subpart B, App. A 4.3.2.8.2(b))",
                )


def _pieces(log: Timeline, start_s: int, end_s: int) -> Iterator[tuple[str, int, int]]:
    """What a log says of a stretch of time, with what it leaves out."""
    at_s = start_s
    for activity, from_s, to_s in log.segments:
        if from_s >= end_s or to_s <= start_s:
            continue
        if from_s > at_s:
            yield _UNTOLD, at_s, from_s
        yield activity, max(from_s, start_s), min(to_s, end_s)
        at_s = to_s
    if at_s < end_s:
        yield _UNTOLD, at_s, end_s


def local_log(file: EldFile) -> Timeline:
    """The log in seconds of the home terminal's clock, for questions that need no UTC."""
    changes = duty_changes(
        (_local_s(event.at), event) for event in oldest_first(active_changes(file.events))
    )
    return log_until(_end_s(file), changes)


def local_time(local_s: int) -> dt.datetime:
    """A second of the home terminal's clock as a time."""
    return _EPOCH + dt.timedelta(seconds=local_s)


def _local_s(at: dt.datetime) -> int:
    return int((at - _EPOCH).total_seconds())


def _recorded_driving(file: EldFile) -> list[tuple[int, int]]:
    """From and to of every stretch that begins with driving recorded by a device."""
    changes = [
        event
        for event in oldest_first(active_changes(file.events))
        if event.event_type == STATUS_CHANGE
    ]
    ends = [_local_s(event.at) for event in changes[1:]] + [_end_s(file)]
    return [
        (_local_s(event.at), end_s)
        for event, end_s in zip(changes, ends, strict=True)
        if event.code == _DRIVING_CODE and event.origin in (AUTOMATIC, ASSUMED)
    ]


def _end_s(file: EldFile) -> int:
    """When the log ends: when the file was made, else just after the last record."""
    if file.header.output_at is not None:
        return _local_s(file.header.output_at)
    return max((_local_s(event.at) for event in file.events), default=0) + 1
