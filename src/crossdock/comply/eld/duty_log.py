"""An ELD file as a duty log, and a duty log as an ELD file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from crossdock.comply.eld.columns import MOST_OFFSET_H
from crossdock.comply.eld.event_checks import stamped
from crossdock.comply.eld.order import home_zone, hours_behind, output_s, timed
from crossdock.comply.eld.records import (
    ACTIVE,
    DRIVER,
    INDICATION,
    STATUS_CHANGE,
    Cmv,
    EldFile,
    Event,
    Header,
    User,
)
from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    PASSENGER,
    PERSONAL,
    SLEEPER,
    YARD_MOVE,
    Timeline,
)
from crossdock.model.errors import InvalidValueError

STATUS_OF_CODE = {1: OFF_DUTY, 2: SLEEPER, 3: DRIVING, 4: ON_DUTY}
"""Codes of type 1 (App. A 7.20)."""
CODE_OF_STATUS = {status: code for code, status in STATUS_OF_CODE.items()}
INDICATIONS = {1: (OFF_DUTY, PERSONAL), 2: (ON_DUTY, YARD_MOVE)}
"""Codes of type 3: the status that carries the indication, and what the two are together."""
_CARRIED = {shown: (base, code) for code, (base, shown) in INDICATIONS.items()}
_CLEARED = 0


def timeline_of(file: EldFile, *, timezone: str | None = None) -> Timeline:
    """The driver's log: active changes of status and of PC and YM, until the file was made.

    Off duty with an indication of personal use is PC, on duty with one of a yard move is YM. An
    indication ends when it is cleared or the status becomes one that does not carry it.

    Parameters
    ----------
    timezone
        IANA name of the home terminal's zone. Without it the file's own offset holds throughout,
        which is right where the clocks did not change within the file.

    Raises
    ------
    InvalidValueError
        The file does not tell its end or its offset, or the zone contradicts it.
    """
    zone_name = home_zone(file.header, timezone)
    zone = Timeline.of((), timezone=zone_name).zone
    ends_s = output_s(file.header, zone)
    changes = duty_changes(timed(active_changes(file.events), zone))
    return log_until(ends_s, changes, zone_name)


def active_changes(events: Iterable[Event]) -> list[Event]:
    """The events that make the log: no intermediate ones, none that were changed or rejected."""
    return [
        event
        for event in events
        if event.status == ACTIVE and event.event_type in (STATUS_CHANGE, INDICATION)
    ]


def duty_changes(timed_events: Iterable[tuple[int, Event]]) -> list[tuple[int, str]]:
    """Instants and what the driver was from then on, from events in time order."""
    changes: list[tuple[int, str]] = []
    status, indication = "", _CLEARED
    for at_s, event in timed_events:
        if event.event_type == INDICATION:
            indication = event.code
        else:
            status = STATUS_OF_CODE[event.code]
            if INDICATIONS.get(indication, ("", ""))[0] != status:
                indication = _CLEARED
        if not status:
            continue  # an indication before the first status says nothing
        carrier, together = INDICATIONS.get(indication, ("", ""))
        shown = together if carrier == status else status
        if changes and changes[-1][0] == at_s:
            changes[-1] = (at_s, shown)
        else:
            changes.append((at_s, shown))
    return changes


def log_until(ends_s: int, changes: Iterable[tuple[int, str]], timezone: str = "UTC") -> Timeline:
    """A log of changes in time order that ends at an instant; what comes later is left out."""
    told = [(at_s, status) for at_s, status in changes if at_s < ends_s]
    if not told:
        return Timeline.of((), timezone=timezone)
    return Timeline.from_changes(told, ends_s, timezone=timezone)


def eld_of(
    timeline: Timeline,
    header: Header,
    *,
    users: Sequence[User] = (),
    cmvs: Sequence[Cmv] = (),
    origin: int = DRIVER,
) -> EldFile:
    """A file that holds a log, for export.

    `timeline_of` with the log's time zone gives the log back, but for the on-duty time of days
    before it, which no file holds, and for changes in the hour that the clock shows twice.

    Parameters
    ----------
    header
        Of driver, vehicle and carrier; the log sets when the file was made and the offset.
    origin
        Of every record. By default they count as entered by the driver: a log alone does not prove
        that a device recorded it.

    Raises
    ------
    InvalidValueError
        The log is empty, has passenger-seat time, for which an ELD has no code, or its zone is not
        a whole number of hours behind UTC.
    """
    if not timeline.segments:
        raise InvalidValueError("the log is empty", remedy="export a log that has a duty status")
    file = EldFile(_header_at_end(timeline, header), tuple(users), tuple(cmvs))
    events: list[Event] = []
    before = ""
    for activity, start_s, _ in timeline.segments:
        at = dt.datetime.fromtimestamp(start_s, timeline.zone)
        for event_type, code in _codes(before, activity):
            event = Event(
                len(events) + 1,
                ACTIVE,
                origin,
                event_type,
                code,
                at.date(),
                at.time(),
                cmv_order=cmvs[0].order if cmvs else None,
                user_order=users[0].order if users else None,
            )
            events.append(stamped(file, event, header.driver_username))
        before = activity
    return replace(file, events=tuple(reversed(events)))


def _header_at_end(timeline: Timeline, header: Header) -> Header:
    ends_at = dt.datetime.fromtimestamp(timeline.ends_s, timeline.zone)
    offset_h = hours_behind(ends_at)
    if offset_h != int(offset_h) or not 0 <= offset_h <= MOST_OFFSET_H:
        raise InvalidValueError(
            f"{timeline.timezone} is {offset_h:g} hours behind UTC, which a file cannot say",
            remedy="use a home terminal whose clock is 0 to 12 whole hours behind UTC",
        )
    return replace(
        header,
        period_starts=header.period_starts or dt.time(),
        utc_offset_h=int(offset_h),
        output_date=ends_at.date(),
        output_time=ends_at.time(),
    )


def _codes(before: str, activity: str) -> list[tuple[int, int]]:
    """Types and codes of the events that lead from one activity to another."""
    if activity == PASSENGER:
        raise InvalidValueError(
            "an ELD has no code for time in the passenger seat (PS)",
            remedy="say OFF where it is off duty by 49 CFR 395.1(g)(1)(i)(D), else ON",
        )
    base_before = _CARRIED[before][0] if before in _CARRIED else before
    base, indication = _CARRIED.get(activity, (activity, _CLEARED))
    codes: list[tuple[int, int]] = []
    if before in _CARRIED:
        codes.append((INDICATION, _CLEARED))
    if base != base_before:
        codes.append((STATUS_CHANGE, CODE_OF_STATUS[base]))
    if indication:
        codes.append((INDICATION, indication))
    return codes
