"""Edits that keep the originals (49 CFR 395.30; App. A 4.3.2.8, 4.4.4.2).

The carrier proposes and the driver accepts or rejects; the driver edits by himself. Nothing is
overwritten: what an edit replaces stays as inactive. Statuses, origins and limits were compared
with a copy of App. A of 2026-10-06 in a public repository, and who may do what with FMCSA's answer
to ELD question 48; section 395.30 itself was not compared with the official text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from crossdock.comply.eld.certifying import days_that_differ
from crossdock.comply.eld.columns import clean
from crossdock.comply.eld.driving import keep_recorded_driving
from crossdock.comply.eld.edit_checks import (
    Change,
    Edit,
    check_certified,
    check_change,
    check_pending,
    check_removable,
    checked_annotation,
)
from crossdock.comply.eld.event_checks import stamped
from crossdock.comply.eld.order import newest_first, next_sequence_id, oldest_first
from crossdock.comply.eld.records import (
    ACTIVE,
    CHANGED,
    DRIVER,
    OTHER_USER,
    REJECTED,
    REQUESTED,
    Annotation,
    EldFile,
    Event,
    User,
)
from crossdock.model.errors import InvalidValueError

MOST_USERS = 99
"""Largest number in the user list (7.37)."""


@dataclass(frozen=True)
class Requester:
    """Who proposes an edit on the side of the carrier."""

    username: str
    last_name: str
    first_name: str


@dataclass(frozen=True)
class Edited:
    """A file after an action on an edit.

    Attributes
    ----------
    edit
        To be handed to `accept_edit` or `reject_edit` if it was proposed.
    recertify
        Days that the driver had certified and must certify again (4.3.2.3(c)).
    """

    file: EldFile
    edit: Edit
    recertify: tuple[dt.date, ...] = ()


def propose_edit(
    file: EldFile,
    *,
    removes: Sequence[Event] = (),
    adds: Sequence[Change] = (),
    annotation: str,
    by: Requester,
) -> Edited:
    """An edit that the carrier asks for; the log waits for the driver to accept (4.4.4.2.5).

    Raises
    ------
    InvalidValueError
        A day of it is not certified yet: until then the record is the driver's alone
        (395.30(d)(2), 4.3.3.1.3); a record is not in the file, not active or may not be edited;
        the annotation is not 4 to 60 characters; or driving that a device recorded would be
        shortened.
    """
    check_certified(file, [each.at for each in (*removes, *adds)])
    file, order = _with_user(file, by)
    proposed = _entered(
        file,
        removes=removes,
        adds=adds,
        annotation=annotation,
        username=by.username,
        user_order=order,
        status=REQUESTED,
        origin=OTHER_USER,
    )
    _accepted(proposed.file, proposed.edit)  # refused now, not when the driver has accepted it
    return proposed


def accept_edit(file: EldFile, edit: Edit) -> Edited:
    """The driver accepts: the proposed records are active, the originals not (4.4.4.2.6(b)).

    Raises
    ------
    InvalidValueError
        The edit is not pending in the file, or driving that a device recorded would be shortened.
    """
    return _accepted(file, edit)


def reject_edit(file: EldFile, edit: Edit) -> Edited:
    """The driver rejects: the proposed records stay as rejected, the log as it is (4.4.4.2.6(c)).

    Raises
    ------
    InvalidValueError
        The edit is not pending in the file.
    """
    check_pending(file, edit)
    return Edited(_with_status(file, dict.fromkeys(edit.adds, REJECTED)), edit)


def edit_as_driver(
    file: EldFile,
    *,
    removes: Sequence[Event] = (),
    adds: Sequence[Change] = (),
    annotation: str,
) -> Edited:
    """An edit or entry of the driver's own, active at once (4.4.4.2.2, 4.4.4.2.3).

    Raises
    ------
    InvalidValueError
        As `propose_edit`.
    """
    entered = _entered(
        file,
        removes=removes,
        adds=adds,
        annotation=annotation,
        username=file.header.driver_username,
        user_order=driver_order(file),
        status=ACTIVE,
        origin=DRIVER,
    )
    changed = _with_status(entered.file, dict.fromkeys(removes, CHANGED))
    keep_recorded_driving(file, changed)
    return Edited(changed, entered.edit, days_that_differ(file, changed))


def driver_order(file: EldFile) -> int | None:
    """The driver's number in the user list."""
    header = file.header
    for user in file.users:
        if (user.last_name, user.first_name) == (header.driver_last_name, header.driver_first_name):
            return user.order
    return None


def _entered(
    file: EldFile,
    *,
    removes: Sequence[Event],
    adds: Sequence[Change],
    annotation: str,
    username: str,
    user_order: int | None,
    status: int,
    origin: int,
) -> Edited:
    """The file with the records of an edit brought in and annotated, nothing taken out yet."""
    text = checked_annotation(annotation)
    if not removes and not adds:
        raise InvalidValueError("the edit is empty", remedy="name records to remove or to add")
    check_removable(file, removes)
    added: list[Event] = []
    notes = list[Annotation]()
    for change in adds:
        check_change(file, change)
        event = Event(
            next_sequence_id(file),
            status,
            origin,
            change.event_type,
            change.code,
            change.at.date(),
            change.at.time().replace(microsecond=0),
            latitude="M" if change.location else "X",
            longitude="M" if change.location else "X",
            cmv_order=_cmv_at(file, change.at),
            user_order=user_order,
        )
        event = stamped(file, event, username)
        file = replace(file, events=newest_first([*file.events, event]))
        added.append(event)
        notes.append(_note(event, username, text, clean(change.location.strip())))
    if not adds:
        notes = [_note(event, username, text) for event in removes]
    annotated = replace(file, annotations=(*reversed(notes), *file.annotations))
    return Edited(annotated, Edit(tuple(removes), tuple(added)))


def _note(event: Event, username: str, text: str, location: str = "") -> Annotation:
    return Annotation(event.sequence_id, username, text, event.date, event.time, location)


def _cmv_at(file: EldFile, at: dt.datetime) -> int | None:
    """The vehicle of the last record before."""
    earlier = [event for event in oldest_first(file.events) if event.at <= at]
    orders = [event.cmv_order for event in reversed(earlier) if event.cmv_order is not None]
    return next(iter(orders), None)


def _with_user(file: EldFile, by: Requester) -> tuple[EldFile, int]:
    for user in file.users:
        if (user.account_type, user.last_name, user.first_name) == (
            "S",
            by.last_name,
            by.first_name,
        ):
            return file, user.order
    order = max((user.order for user in file.users), default=0) + 1
    if order > MOST_USERS:
        raise InvalidValueError(
            f"the user list is full at {MOST_USERS}", remedy="export fewer days at once"
        )
    added = User(order, "S", by.last_name, by.first_name)
    return replace(file, users=(*file.users, added)), order


def _accepted(file: EldFile, edit: Edit) -> Edited:
    check_pending(file, edit)
    check_removable(file, edit.removes)
    statuses = dict.fromkeys(edit.adds, ACTIVE) | dict.fromkeys(edit.removes, CHANGED)
    changed = _with_status(file, statuses)
    keep_recorded_driving(file, changed)
    return Edited(changed, edit, days_that_differ(file, changed))


def _with_status(file: EldFile, statuses: dict[Event, int]) -> EldFile:
    """The file with some events in another status; the check value does not cover it."""
    return replace(file, events=tuple(_restated(file.events, statuses)))


def _restated(events: Iterable[Event], statuses: dict[Event, int]) -> Iterable[Event]:
    for event in events:
        yield replace(event, status=statuses[event]) if event in statuses else event
