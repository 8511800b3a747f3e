"""The check values of events: which are right, which are wrong, which nobody can recompute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crossdock.comply.eld.checks import event_check
from crossdock.comply.eld.layout import SEGMENTS
from crossdock.comply.eld.records import EldFile, Event, UnidentifiedEvent
from crossdock.comply.eld.wrong import WrongCheck

_COLUMNS = {
    column.attribute: column
    for segment in SEGMENTS
    if segment.attribute == "events"
    for column in segment.columns
}
_COVERED = ("event_type", "code", "date", "time", "miles", "engine_h", "latitude", "longitude")
"""What the check value covers of the row itself, in order (4.4.5.1.1(b))."""
_UNIDENTIFIED = ("", "unidentified", "Unidentified", "Unidentified Driver")
"""User names that the profile of unidentified driving has; the rule fixes none."""


@dataclass(frozen=True)
class SeenEvent:
    """An event of a file with its line, and the covered part of the row as it is written."""

    line: int
    event: Event | UnidentifiedEvent
    parts: tuple[str, ...]


def stamped(file: EldFile, event: Event, username: str) -> Event:
    """The event with its check value, made at the moment at which it is recorded."""
    parts = [_COLUMNS[name].write(getattr(event, name)) for name in _COVERED]
    return replace(event, check=event_check([*parts, _power_unit(file, event.cmv_order), username]))


def judge_events(file: EldFile, seen: Iterable[SeenEvent]) -> tuple[list[WrongCheck], int]:
    """The wrong check values, and how many events cannot be judged.

    The check value covers the user name of whoever made the record. A file names those of driver
    and co-driver, and others only in annotations and logins; a value that fits one of them is
    right.
    """
    wrong: list[WrongCheck] = []
    unverified = 0
    header = file.header
    names = {header.driver_username, header.codriver_username}
    names |= {row.username for row in (*file.annotations, *file.logins)}
    others = _orders_of_others(file)
    for each in seen:
        stem = [*each.parts, _power_unit(file, each.event.cmv_order)]
        unidentified = isinstance(each.event, UnidentifiedEvent)
        tried = names.union(_UNIDENTIFIED) if unidentified else names
        said = each.event.check.upper()
        if any(event_check([*stem, name]) == said for name in tried):
            continue
        if unidentified or (isinstance(each.event, Event) and each.event.user_order in others):
            unverified += 1
        else:
            computed = event_check([*stem, header.driver_username])
            wrong.append(WrongCheck("event", each.line, each.event.check, computed))
    return wrong, unverified


def _power_unit(file: EldFile, order: int | None) -> str:
    for cmv in file.cmvs:
        if cmv.order == order:
            return cmv.power_unit
    return file.header.power_unit


def _orders_of_others(file: EldFile) -> set[int]:
    """Numbers in the user list of those who are not the driver."""
    driver = (file.header.driver_last_name, file.header.driver_first_name)
    return {user.order for user in file.users if (user.last_name, user.first_name) != driver}
