"""Decodes duty logs of the NMFTA Open Telematics API (JSON), either form of the interface."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from crossdock.comply.eld import TelematicsLog
from crossdock.model import InputUnusableError

TELEMATICS_MOST_BYTES = 64_000_000
"""A feed that is larger is not read."""
_MOST_RECORDS = 500_000

_NO_T = re.compile(r"(\d{4}-\d\d-\d\d)(\d\d:.*)", re.DOTALL)
"""The drafts themselves print instants without the T between date and time."""
_ACTIVE = ("STATE_ACTIVE", "1")
_STATES = (*_ACTIVE, "STATE_INACTIVE", "STATE_REJECTED", "STATE_REQUESTED", "2", "3", "4")


class UserIdentifier(msgspec.Struct):
    """Who a record of version 1.0 is of."""

    userId: str  # noqa: N815 the interface's name
    userType: str = "USERTYPE_DRIVER"  # noqa: N815


class Envelope(msgspec.Struct):
    """What records come in: a collection has ``data``, a feed that is followed ``feed``."""

    data: list[msgspec.Raw] | None = None
    feed: list[msgspec.Raw] | None = None


class DutyRecord(msgspec.Struct):
    """What both forms tell of a record; everything else of them is let through unread.

    ``eventType`` is the code in version 1.0 and a number in the drafts, which have the code in
    ``status``.
    """

    eventType: str | int = ""  # noqa: N815
    status: str = ""
    eventDateTime: str = ""  # noqa: N815
    eldDateTime: str = ""  # noqa: N815
    dateTime: str = ""  # noqa: N815
    userId: UserIdentifier | None = None  # noqa: N815
    driverId: str = ""  # noqa: N815
    state: str = ""
    eventRecordStatus: str | int = ""  # noqa: N815
    origin: str = ""
    sequenceId: int | float = 0  # noqa: N815
    sequence: int | float = 0


@dataclass(frozen=True)
class RecordFault:
    """A record that cannot be used.

    Attributes
    ----------
    number
        Of the record in the feed, from 0.
    """

    number: int
    field: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        """The fault in one line."""
        return f"record {self.number}, {self.field}: {self.reason}; {self.remedy}"


@dataclass(frozen=True)
class TelematicsFeed:
    """Records of a feed.

    Attributes
    ----------
    logs
        Active records of drivers.
    inactive
        Records that were edited, requested or rejected, and are not the log.
    unassigned
        Records of driving for which nobody had logged in.
    """

    logs: tuple[TelematicsLog, ...]
    faults: tuple[RecordFault, ...]
    inactive: int
    unassigned: int


class _FaultError(Exception):
    def __init__(self, field: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.field, self.reason, self.remedy = field, reason, remedy


def decode_telematics(data: bytes) -> TelematicsFeed:
    """Decode a feed: a list of records, one record, or an object with ``data`` or ``feed``.

    A record that cannot be used is named and left out.

    Raises
    ------
    InputUnusableError
        The bytes are no JSON of one of those forms, or too many.
    """
    logs: list[TelematicsLog] = []
    faults: list[RecordFault] = []
    inactive = unassigned = 0
    for number, raw in enumerate(_records(data)):
        try:
            record = msgspec.json.decode(raw, type=DutyRecord)
            if _state(record) not in _ACTIVE:
                inactive += 1
            elif record.origin == "ORIGIN_UNASSIGNED":
                unassigned += 1
            else:
                logs.append(_log(record))
        except _FaultError as error:
            faults.append(RecordFault(number, error.field, error.reason, error.remedy))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            field = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else "record"
            faults.append(
                RecordFault(number, field, str(error), "give the field as the interface has it")
            )
    return TelematicsFeed(tuple(logs), tuple(faults), inactive, unassigned)


def _records(data: bytes) -> Sequence[msgspec.Raw]:
    if len(data) > TELEMATICS_MOST_BYTES:
        raise InputUnusableError(
            f"the feed has {len(data):,} bytes, {TELEMATICS_MOST_BYTES:,} are read at the most",
            remedy="ask for fewer days at once",
        )
    try:
        records = _opened(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputUnusableError(
            f"the feed is no JSON of duty logs: {error}",
            remedy="give a list of records, or an object with them under data or feed",
        ) from error
    if len(records) > _MOST_RECORDS:
        raise InputUnusableError(
            f"the feed has {len(records):,} records, more than the {_MOST_RECORDS:,} that are read",
            remedy="ask for fewer days at once",
        )
    return records


def _opened(data: bytes) -> list[msgspec.Raw]:
    if data.lstrip()[:1] == b"[":
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    envelope = msgspec.json.decode(data, type=Envelope)
    listed = envelope.feed if envelope.data is None else envelope.data
    return [msgspec.Raw(data)] if listed is None else listed


def _state(record: DutyRecord) -> str:
    state = str(record.state or record.eventRecordStatus)
    if state not in _STATES:
        raise _FaultError(
            "eventRecordStatus",
            f"{state!r} is no state of a record" if state else "it is missing",
            f"use one of {', '.join(_STATES[:1] + _STATES[2:5])}",
        )
    return state


def _log(record: DutyRecord) -> TelematicsLog:
    code = record.status or record.eventType
    if not isinstance(code, str) or not code:
        raise _FaultError("eventType", "it is missing", "give the code of the event")
    sequence = int(record.sequenceId or record.sequence)
    return TelematicsLog(_driver(record), _instant_s(record), code, sequence)


def _driver(record: DutyRecord) -> str:
    if record.userId is not None and record.userId.userType != "USERTYPE_DRIVER":
        raise _FaultError(
            "userId.userType",
            f"{record.userId.userType!r} is no driver",
            "give the record under the driver whose log it is",
        )
    driver = record.userId.userId if record.userId is not None else record.driverId
    if not driver:
        raise _FaultError("driverId", "it is missing", "give the driver whose log it is")
    return driver


def _instant_s(record: DutyRecord) -> int:
    text = (record.eventDateTime or record.eldDateTime or record.dateTime).strip()
    if not text:
        raise _FaultError("eventDateTime", "it is missing", "give the instant of the event")
    split = _NO_T.fullmatch(text)
    try:
        instant = dt.datetime.fromisoformat(f"{split[1]}T{split[2]}" if split else text)
        if instant.utcoffset() is None:
            raise _FaultError("eventDateTime", f"{text[:40]!r} has no offset", "end it in Z")
        seconds = int(instant.timestamp())
    except (ValueError, OverflowError):
        raise _FaultError(
            "eventDateTime", f"{text[:40]!r} is no instant", "give it as 2026-03-04T05:30:00Z"
        ) from None
    if seconds < 0:
        raise _FaultError("eventDateTime", f"{text[:40]!r} is before 1970", "correct the instant")
    return seconds
