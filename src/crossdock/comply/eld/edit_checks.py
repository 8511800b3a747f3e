"""What an edit may take out and bring in (App. A 4.3.2.6, 4.3.2.8, 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossdock.comply.eld.columns import clean
from crossdock.comply.eld.records import (
    ACTIVE,
    EVENT_CODES,
    INTERMEDIATE,
    REQUESTED,
    EldFile,
    Event,
)
from crossdock.comply.rule_value import RuleValue
from crossdock.model.errors import InvalidValueError

_PUBLISHED = dt.date(2015, 12, 16)  # 80 FR 78385
_COPY = "App. A (stored copy of the eCFR of 2026-10-06)"

SHORTEST_ANNOTATION = RuleValue(
    4,
    "characters",
    "49 CFR 395 subpart B, App. A 4.3.2.6(b), 7.6",
    _PUBLISHED,
    compared_with=_COPY,
)
LONGEST_ANNOTATION = RuleValue(
    60, "characters", "49 CFR 395 subpart B, App. A 7.6", _PUBLISHED, compared_with=_COPY
)
SHORTEST_LOCATION = RuleValue(
    5, "characters", "49 CFR 395 subpart B, App. A 7.12", _PUBLISHED, compared_with=_COPY
)
LONGEST_LOCATION = RuleValue(
    60, "characters", "49 CFR 395 subpart B, App. A 7.12", _PUBLISHED, compared_with=_COPY
)
_MOST_QUOTED = 60
"""Characters of a text that an error repeats."""


@dataclass(frozen=True)
class Change:
    """A record that an edit brings in.

    Attributes
    ----------
    at
        On the clock of the home terminal.
    event_type, code
        As in `Event`; intermediate records cannot be entered (4.3.2.8.2(a)).
    location
        Where that was, in the driver's words.
    """

    at: dt.datetime
    event_type: int
    code: int
    location: str = ""


@dataclass(frozen=True)
class Edit:
    """What an edit takes out and brings in, as the records stand in the file."""

    removes: tuple[Event, ...]
    adds: tuple[Event, ...]


def checked_annotation(text: str) -> str:
    """An annotation as the file holds it.

    Raises
    ------
    InvalidValueError
        It is not 4 to 60 characters long.
    """
    kept = clean(text.strip())
    shortest, longest = int(SHORTEST_ANNOTATION.value), int(LONGEST_ANNOTATION.value)
    if not shortest <= len(kept) <= longest:
        raise InvalidValueError(
            f"the annotation {kept[:_MOST_QUOTED]!r} has {len(kept)} characters",
            remedy=f"say why in {shortest} to {longest} characters "
            f"({SHORTEST_ANNOTATION.citation})",
        )
    return kept


def check_removable(file: EldFile, removes: Sequence[Event]) -> None:
    """Refuse records that are not of the file, not active or intermediate."""
    for event in removes:
        if event not in file.events:
            raise InvalidValueError(
                f"the file has no record {event.sequence_id:X} of {event.at} like the one given",
                remedy="take the records to remove from the file's events",
            )
        if event.status != ACTIVE:
            raise InvalidValueError(
                f"record {event.sequence_id:X} of {event.at} is not active",
                remedy="edit the active record of that time",
            )
        if event.event_type == INTERMEDIATE:
            raise InvalidValueError(
                f"record {event.sequence_id:X} of {event.at} is an intermediate one, which may not "
                "be edited",
                remedy="annotate it instead (App. A 4.3.2.8.2(a))",
            )


def check_change(file: EldFile, change: Change) -> None:
    """Refuse a record that cannot be entered."""
    codes = EVENT_CODES.get(change.event_type, ())
    if change.event_type == INTERMEDIATE or change.code not in codes:
        raise InvalidValueError(
            f"type {change.event_type} with code {change.code} cannot be entered",
            remedy="use type 1 with codes 1 to 4, or type 3 with codes 0 to 2 (App. A 7.20)",
        )
    if change.at.tzinfo is not None:
        raise InvalidValueError(
            f"the time {change.at.isoformat()} has an offset",
            remedy="give the time on the clock of the home terminal",
        )
    output_at = file.header.output_at
    if output_at is not None and change.at > output_at:
        raise InvalidValueError(
            f"{change.at} is after the end of the file at {output_at}",
            remedy="enter what has happened",
        )
    location = clean(change.location.strip())
    shortest, longest = int(SHORTEST_LOCATION.value), int(LONGEST_LOCATION.value)
    if location and not shortest <= len(location) <= longest:
        raise InvalidValueError(
            f"the location {location[:_MOST_QUOTED]!r} has {len(location)} characters",
            remedy=f"use {shortest} to {longest}, such as 'Reston; VA' "
            f"({SHORTEST_LOCATION.citation})",
        )


def check_certified(file: EldFile, instants: Iterable[dt.datetime]) -> None:
    """Refuse a carrier's request for a day that the driver has not certified."""
    certified = {row.certified_date for row in file.certifications}
    for at in instants:
        if at.date() not in certified:
            raise InvalidValueError(
                f"the driver has not certified {at.date()} yet",
                remedy="let the driver correct it, or ask once it is certified (49 CFR 395.30(d))",
            )


def check_pending(file: EldFile, edit: Edit) -> None:
    """Refuse an edit that does not wait for the driver."""
    for event in edit.adds:
        if event.status != REQUESTED or event not in file.events:
            raise InvalidValueError(
                f"record {event.sequence_id:X} of {event.at} is not a pending request of the file",
                remedy="accept or reject an edit once, in the file in which it was proposed",
            )
