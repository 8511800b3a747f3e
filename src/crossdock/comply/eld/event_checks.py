"""The check values of events: which are right, which are wrong, which nobody can recompute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crossdock.comply.eld.checks import character_sum, event_check, event_check_of_sum
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
    unit = _power_units(file).get(event.cmv_order, file.header.power_unit)
    return replace(event, check=event_check([*parts, unit, username]))


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
    named, nameless = _sums(names), _sums(names.union(_UNIDENTIFIED))
    units = _power_units(file)
    others = _orders_of_others(file)
    driver = character_sum(header.driver_username)
    for each in seen:
        unit = units.get(each.event.cmv_order, header.power_unit)
        stem = sum(map(character_sum, (*each.parts, unit)))
        unidentified = isinstance(each.event, UnidentifiedEvent)
        tried = nameless if unidentified else named
        said = each.event.check.upper()
        if any(event_check_of_sum(stem + name) == said for name in tried):
            continue
        if unidentified or (isinstance(each.event, Event) and each.event.user_order in others):
            unverified += 1
        else:
            computed = event_check_of_sum(stem + driver)
            wrong.append(WrongCheck("event", each.line, each.event.check, computed))
    return wrong, unverified


def _sums(names: Iterable[str]) -> set[int]:
    """What names add to a check value: at most 256 different values, however many names."""
    return {character_sum(name) % 256 for name in names}


def _power_units(file: EldFile) -> dict[int | None, str]:
    return {cmv.order: cmv.power_unit for cmv in reversed(file.cmvs)}


def _orders_of_others(file: EldFile) -> set[int]:
    """Numbers in the user list of those who are not the driver."""
    driver = (file.header.driver_last_name, file.header.driver_first_name)
    return {user.order for user in file.users if (user.last_name, user.first_name) != driver}
