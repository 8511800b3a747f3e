"""Driving that a device recorded cannot be shortened by an edit (App. A 4.3.2.8.2(b))."""

from __future__ import annotations

import datetime as dt

from crossdock.comply.eld.duty_log import active_changes, duty_changes
from crossdock.comply.eld.order import oldest_first
from crossdock.comply.eld.records import ASSUMED, AUTOMATIC, STATUS_CHANGE, EldFile
from crossdock.comply.hos import DRIVING, STATUSES, Timeline
from crossdock.model.errors import InvalidValueError

_DRIVING_CODE = 3
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 the clock of the home terminal, whatever its zone


def keep_recorded_driving(before: EldFile, after: EldFile) -> None:
    """Refuse an edit after which recorded driving is something else.

    Raises
    ------
    InvalidValueError
        Some of it is; the message says from when to when.
    """
    log = local_log(after)
    for start_s, end_s in _recorded_driving(before):
        for activity, from_s, to_s in log.segments:
            if from_s < end_s and to_s > start_s and activity != DRIVING:
                begin, end = local_time(max(from_s, start_s)), local_time(min(to_s, end_s))
                raise InvalidValueError(
                    f"driving that the ELD recorded from {begin} to {end} would become "
                    f"{activity} ({STATUSES[activity]})",
                    remedy="leave the driving as it is and annotate it "
                    "(49 CFR 395 subpart B, App. A 4.3.2.8.2(b))",
                )


def local_log(file: EldFile) -> Timeline:
    """The log in seconds of the home terminal's clock, for questions that need no UTC."""
    changes = duty_changes(
        (_local_s(event.at), event) for event in oldest_first(active_changes(file.events))
    )
    ends_s = _end_s(file)
    return Timeline.from_changes([change for change in changes if change[0] < ends_s], ends_s)


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
