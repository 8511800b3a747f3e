"""Driving for which nobody had logged in (49 CFR 395.32; App. A 4.4.4.2.4).

What the carrier must do was compared with FMCSA's answer to ELD question 59; section 395.32 itself
was not compared with the official text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crossdock.comply.eld.certifying import days_that_differ
from crossdock.comply.eld.driving import keep_recorded_driving
from crossdock.comply.eld.edits import Edit, Edited, checked_annotation, driver_order
from crossdock.comply.eld.event_checks import stamped
from crossdock.comply.eld.order import newest_first, next_sequence_id
from crossdock.comply.eld.records import (
    ACTIVE,
    ASSUMED,
    CHANGED,
    Annotation,
    EldFile,
    Event,
    UnidentifiedEvent,
)
from crossdock.model.errors import InvalidValueError


def assume_driving(
    file: EldFile, records: Sequence[UnidentifiedEvent], *, annotation: str = ""
) -> Edited:
    """The driver of the file takes records over: copies of origin 4, the originals inactive.

    Take the record that ends the driving over with the one that begins it: a duty status holds
    until the driver's next record.

    Parameters
    ----------
    annotation
        Optional; 4 to 60 characters.

    Raises
    ------
    InvalidValueError
        A record is not in the file or not active, or the driver's own recorded driving would be
        shortened.
    """
    note = checked_annotation(annotation) if annotation else ""
    header, assumed = file.header, file
    events: list[Event] = []
    for record in records:
        _check_open(assumed, record)
        event = Event(
            next_sequence_id(assumed),
            ACTIVE,
            ASSUMED,
            record.event_type,
            record.code,
            record.date,
            record.time,
            record.miles,
            record.engine_h,
            record.latitude,
            record.longitude,
            record.fix_distance_mi,
            record.cmv_order,
            driver_order(file),
            record.malfunction,
        )
        event = stamped(assumed, event, header.driver_username)
        events.append(event)
        assumed = replace(
            assumed,
            events=newest_first([*assumed.events, event]),
            unidentified_events=tuple(
                replace(each, status=CHANGED) if each == record else each
                for each in assumed.unidentified_events
            ),
        )
        if note:
            assumed = _annotated(assumed, event, header.driver_username, note)
    keep_recorded_driving(file, assumed)
    return Edited(assumed, Edit((), tuple(events)), days_that_differ(file, assumed))


def annotate_unidentified(
    file: EldFile, record: UnidentifiedEvent, *, annotation: str, username: str
) -> EldFile:
    """The carrier says why a record stays without a driver, in 4 to 60 characters.

    Raises
    ------
    InvalidValueError
        The record is not in the file or not active, or the annotation has another length.
    """
    _check_open(file, record)
    return _annotated(file, record, username, checked_annotation(annotation))


def _annotated(
    file: EldFile, event: Event | UnidentifiedEvent, username: str, text: str
) -> EldFile:
    row = Annotation(event.sequence_id, username, text, event.date, event.time)
    return replace(file, annotations=(row, *file.annotations))


def _check_open(file: EldFile, record: UnidentifiedEvent) -> None:
    if record not in file.unidentified_events or record.status != ACTIVE:
        raise InvalidValueError(
            f"record {record.sequence_id:X} of {record.at} is no active record of unidentified "
            "driving in the file",
            remedy="take the record from the file's unidentified_events",
        )
