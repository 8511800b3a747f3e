"""What an ELD output file holds: one type a kind of record (App. A 4.8.2.1, 7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

STATUS_CHANGE, INTERMEDIATE, INDICATION = 1, 2, 3
"""Types of the events of a driver's record (App. A 7.25)."""
ACTIVE, CHANGED, REQUESTED, REJECTED = 1, 2, 3, 4
"""Status of a record: active, inactive as changed, a change requested, a change rejected (7.23)."""
AUTOMATIC, DRIVER, OTHER_USER, ASSUMED = 1, 2, 3, 4
"""Origin of a record: the ELD, the driver, another user's request, unidentified driving (7.22)."""

EVENT_CODES = {STATUS_CHANGE: (1, 2, 3, 4), INTERMEDIATE: (1, 2), INDICATION: (0, 1, 2)}
"""Codes of each type (7.20): OFF, SB, D, ON; usual or reduced precision; none, PC, YM.

Table 6 was not compared with the official text.
"""


class Stamped:
    """Something of a date and a time of the home terminal."""

    date: dt.date
    time: dt.time

    @property
    def at(self) -> dt.datetime:
        """When, on the clock of the home terminal."""
        return dt.datetime.combine(self.date, self.time)


@dataclass(frozen=True)
class Header:
    """The seven lines at the head of a file; what a file does not tell is empty or None.

    Attributes
    ----------
    multiday_basis
        7 for 60 hours in 7 days, 8 for 70 in 8.
    period_starts
        When the 24-hour period begins at the home terminal.
    utc_offset_h
        Hours that the home terminal is behind UTC, as the rule writes it: without a sign.
    exempt
        ``E`` for a driver whom the carrier set as exempt, else ``0``.
    output_date, output_time
        When the file was made, at the home terminal; the log ends there.
    latitude, longitude
        Degrees as written, or X (none), M (entered by hand), E (positioning malfunction).
    """

    driver_last_name: str = ""
    driver_first_name: str = ""
    driver_username: str = ""
    licence_state: str = ""
    licence_number: str = ""
    codriver_last_name: str = ""
    codriver_first_name: str = ""
    codriver_username: str = ""
    power_unit: str = ""
    vin: str = ""
    trailers: str = ""
    usdot_number: str = ""
    carrier_name: str = ""
    multiday_basis: int | None = None
    period_starts: dt.time | None = None
    utc_offset_h: int | None = None
    shipping_documents: str = ""
    exempt: str = "0"
    output_date: dt.date | None = None
    output_time: dt.time | None = None
    latitude: str = ""
    longitude: str = ""
    total_miles: int | None = None
    total_engine_h: float | None = None
    registration_id: str = ""
    eld_identifier: str = ""
    authentication: str = ""
    comment: str = ""

    @property
    def output_at(self) -> dt.datetime | None:
        """When the file was made, on the clock of the home terminal."""
        if self.output_date is None or self.output_time is None:
            return None
        return dt.datetime.combine(self.output_date, self.output_time)


@dataclass(frozen=True)
class User:
    """An account: ``D`` of a driver, ``S`` of the carrier's staff."""

    order: int
    account_type: str
    last_name: str
    first_name: str


@dataclass(frozen=True)
class Cmv:
    """A vehicle of the file."""

    order: int
    power_unit: str
    vin: str


@dataclass(frozen=True)
class Event(Stamped):
    """A change of duty status, an intermediate record or a change of PC and YM.

    Attributes
    ----------
    sequence_id
        0 to 65,535, going round.
    status, origin, event_type, code
        As `ACTIVE`, `AUTOMATIC`, `STATUS_CHANGE` and `EVENT_CODES` name them.
    miles, engine_h
        Since the engine was last switched on; None where they were not known (7.19, 7.43).
    latitude, longitude
        As in `Header`.
    fix_distance_mi
        Miles since the last valid position, 6 for more.
    cmv_order, user_order
        Places in the lists of vehicles and of users; the user is whoever made the record.
    check
        Event check value; it goes with the record from the day it was made (4.4.5(c)).
    """

    sequence_id: int
    status: int
    origin: int
    event_type: int
    code: int
    date: dt.date
    time: dt.time
    miles: int | None = None
    engine_h: float | None = None
    latitude: str = "X"
    longitude: str = "X"
    fix_distance_mi: int | None = 0
    cmv_order: int | None = None
    user_order: int | None = None
    malfunction: int | None = 0
    diagnostic: int | None = 0
    check: str = ""


@dataclass(frozen=True)
class UnidentifiedEvent(Stamped):
    """A record of driving for which nobody had logged in; its fields are those of `Event`."""

    sequence_id: int
    status: int
    origin: int
    event_type: int
    code: int
    date: dt.date
    time: dt.time
    miles: int | None = None
    engine_h: float | None = None
    latitude: str = "X"
    longitude: str = "X"
    fix_distance_mi: int | None = 0
    cmv_order: int | None = None
    malfunction: int | None = 0
    check: str = ""


@dataclass(frozen=True)
class Annotation(Stamped):
    """What someone wrote to a record, and where the driver said that it was."""

    sequence_id: int
    username: str
    text: str
    date: dt.date
    time: dt.time
    location: str = ""


@dataclass(frozen=True)
class Certification(Stamped):
    """A driver's statement that a day is right; code n for its n-th, 9 for every later one."""

    sequence_id: int
    code: int
    date: dt.date
    time: dt.time
    certified_date: dt.date
    cmv_order: int | None = None


@dataclass(frozen=True)
class Malfunction(Stamped):
    """A malfunction (codes 1 logged, 2 cleared) or data diagnostic (3 logged, 4 cleared)."""

    sequence_id: int
    code: int
    kind: str
    date: dt.date
    time: dt.time
    total_miles: int | None = None
    total_engine_h: float | None = None
    cmv_order: int | None = None


@dataclass(frozen=True)
class Login(Stamped):
    """A login (code 1) or logout (2)."""

    sequence_id: int
    code: int
    username: str
    date: dt.date
    time: dt.time
    total_miles: int | None = None
    total_engine_h: float | None = None


@dataclass(frozen=True)
class EngineEvent(Stamped):
    """An engine started (codes 1, 2) or stopped (3, 4); the even codes place it less exactly."""

    sequence_id: int
    code: int
    date: dt.date
    time: dt.time
    total_miles: int | None = None
    total_engine_h: float | None = None
    latitude: str = "X"
    longitude: str = "X"
    power_unit: str = ""
    vin: str = ""
    trailers: str = ""
    shipping_documents: str = ""


@dataclass(frozen=True)
class EldFile:
    """The content of an output file. Records stand newest first, as the rule wants them."""

    header: Header = Header()
    users: tuple[User, ...] = ()
    cmvs: tuple[Cmv, ...] = ()
    events: tuple[Event, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    certifications: tuple[Certification, ...] = ()
    malfunctions: tuple[Malfunction, ...] = ()
    logins: tuple[Login, ...] = ()
    engine_events: tuple[EngineEvent, ...] = ()
    unidentified_events: tuple[UnidentifiedEvent, ...] = ()
