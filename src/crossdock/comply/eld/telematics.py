"""Duty logs of telematics providers: the codes of the NMFTA Open Telematics API.

Both forms of the interface are known: the *Duty Status Log* of its drafts (``STATUS_D``) and the
*Log Event* of version 1.0 (``EVENTTYPE_DUTY_D``), as its blueprint in the public repository
``nmfta-repo/nmfta-opentelematics-api`` lists them. JSON is decoded at the edge of the system.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossdock.comply.eld.duty_log import log_until
from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    PERSONAL,
    SLEEPER,
    YARD_MOVE,
    Timeline,
)

CLEARED = ""
"""An end of PC or YM: the status below it holds on."""
DUTY_OF_CODE: dict[str, str] = {
    "STATUS_OFF": OFF_DUTY,
    "STATUS_SB": SLEEPER,
    "STATUS_D": DRIVING,
    "STATUS_ON": ON_DUTY,
    "STATUS_PC": PERSONAL,
    "STATUS_YM": YARD_MOVE,
    "STATUS_WT": OFF_DUTY,  # waiting at a well site is off duty by 49 CFR 395.1(d)(2)
    "STATUS_SITUATIONALDRIVINGCLEAR": CLEARED,
    "EVENTTYPE_DUTY_OFF": OFF_DUTY,
    "EVENTTYPE_DUTY_OFF_WT": OFF_DUTY,
    "EVENTTYPE_DUTY_SB": SLEEPER,
    "EVENTTYPE_DUTY_D": DRIVING,
    "EVENTTYPE_DUTY_ON": ON_DUTY,
    "EVENTTYPE_INDICATION_PC": PERSONAL,
    "EVENTTYPE_INDICATION_YM": YARD_MOVE,
    "EVENTTYPE_INDICATION_NONE": CLEARED,
}
"""Codes that change what a driver is."""
NO_DUTY = frozenset(
    {
        "STATUS_ADVERSEWEATHER", "STATUS_AUTHORITY", "STATUS_CERTIFY", "STATUS_CONNECTED",
        "STATUS_DATARECORDINGCOMPLIANCE", "STATUS_DATATRANSFERCOMPLIANCE",
        "STATUS_DISCONNECTED", "STATUS_ENGINEPOWERUP", "STATUS_ENGINEPOWERUPPC",
        "STATUS_ENGINESHUTDOWN", "STATUS_ENGINESHUTDOWNPC", "STATUS_ENGINESYNCCOMPLIANCE",
        "STATUS_EXEMPTION16H", "STATUS_EXEMPTIONOFFDUTYDEFERRAL", "STATUS_INT_D",
        "STATUS_INT_PC", "STATUS_LOGIN", "STATUS_LOGOFF", "STATUS_MISSINGELEMENTCOMPLIANCE",
        "STATUS_OTHERCOMPLIANCE", "STATUS_POSITIONINGCOMPLIANCE", "STATUS_POWERCOMPLIANCE",
        "STATUS_TIMINGCOMPLIANCE", "STATUS_UNIDENTIFIEDDRIVINGCOMPLIANCE",
        "EVENTTYPE_ENGINE_POWERUP", "EVENTTYPE_ENGINE_SHUTDOWN", "EVENTTYPE_INTERMEDIATE",
        "EVENTTYPE_DRIVER_LOGIN", "EVENTTYPE_DRIVER_LOGOFF",
        "EVENTTYPE_MALFUNCTION_POWERCOMPLIANCE",
        "EVENTTYPE_MALFUNCTION_ENGINESYNCCOMPLIANCE",
        "EVENTTYPE_MALFUNCTION_TIMINGCOMPLIANCE",
        "EVENTTYPE_MALFUNCTION_POSITIONINGCOMPLIANCE",
        "EVENTTYPE_MALFUNCTION_DATARECORDINGCOMPLIANCE",
        "EVENTTYPE_MALFUNCTION_DATATRANSFERCOMPLIANCE",
        "EVENTTYPE_MALFUNCTION_OTHERCOMPLIANCE", "EVENTTYPE_MALFUNCTION_NONE",
        "EVENTTYPE_DIAGNOSTIC_POWERDATA", "EVENTTYPE_DIAGNOSTIC_ENGINESYNCDATA",
        "EVENTTYPE_DIAGNOSTIC_MISSINGELEMENT", "EVENTTYPE_DIAGNOSTIC_DATATRANSFERDATA",
        "EVENTTYPE_DIAGNOSTIC_UNIDENTIFIEDDRIVINGRECORDS", "EVENTTYPE_DIAGNOSTIC_OTHER",
        "EVENTTYPE_DIAGNOSTIC_NONE", "EVENTTYPE_CERTIFICATION",
        "EVENTTYPE_DEVICE_CONNECTED", "EVENTTYPE_DEVICE_DISCONNECTED",
        "EVENTTYPE_EXEMPTION_OFFDUTYDEFERRAL", "EVENTTYPE_EXEMPTION_ADVERSEWEATHER",
        "EVENTTYPE_EXEMPTION_16H",
    }
)  # fmt: skip
"""Codes that are known and change nothing of it."""

_BASE = {PERSONAL: OFF_DUTY, YARD_MOVE: ON_DUTY}


@dataclass(frozen=True)
class TelematicsLog:
    """An active record of a provider's feed.

    Attributes
    ----------
    at_s
        UTC seconds of the event itself, not of its arrival.
    code
        As the provider writes it.
    sequence
        The device's number of the record, for records of one second.
    """

    driver_id: str
    at_s: int
    code: str
    sequence: int = 0


@dataclass(frozen=True)
class TelematicsRead:
    """Logs of drivers from a feed.

    Attributes
    ----------
    timelines
        By driver.
    unknown_codes
        Codes that are in neither list, with how often they came. What they meant is not in the
        logs.
    """

    timelines: dict[str, Timeline]
    unknown_codes: dict[str, int]


def timelines_of(
    logs: Iterable[TelematicsLog], *, timezone: str, until_s: int | None = None
) -> TelematicsRead:
    """The log of each driver.

    Parameters
    ----------
    timezone
        IANA name of the home terminal's zone; the feed does not tell it.
    until_s
        When the logs end, such as the moment of the question. By default a log ends with the
        driver's last record of any kind: nothing is known of what came after.

    Raises
    ------
    InvalidValueError
        The zone is unknown.
    """
    records = list(logs)
    unknown = Counter(
        record.code
        for record in records
        if record.code not in DUTY_OF_CODE and record.code not in NO_DUTY
    )
    of_driver: defaultdict[str, list[TelematicsLog]] = defaultdict(list)
    for record in records:
        of_driver[record.driver_id].append(record)
    timelines = {
        driver: _timeline(sorted(of_driver[driver], key=_time_order), timezone, until_s)
        for driver in sorted(of_driver)
    }
    return TelematicsRead(timelines, dict(sorted(unknown.items())))


def _time_order(record: TelematicsLog) -> tuple[int, int]:
    return record.at_s, record.sequence


def _timeline(records: Sequence[TelematicsLog], timezone: str, until_s: int | None) -> Timeline:
    ends_s = records[-1].at_s if until_s is None else until_s
    changes: list[tuple[int, str]] = []
    shown = ""
    for record in records:
        status = DUTY_OF_CODE.get(record.code)
        if status is None:
            continue
        if status == CLEARED:
            status = _BASE.get(shown, shown)
        elif status == _BASE.get(shown) and changes and changes[-1][0] == record.at_s:
            status = shown  # PC told just before the off duty that carries it
        if not status:
            continue  # cleared before anything was told
        shown = status
        if changes and changes[-1][0] == record.at_s:
            changes[-1] = (record.at_s, shown)
        else:
            changes.append((record.at_s, shown))
    return log_until(ends_s, changes, timezone)
