"""The form of an output file, declared once for the reader and the writer (App. A 4.8.2.1).

Titles, order and columns were compared with a copy of the text of 2026-10-06 in a public
repository. Values never hold a comma, so a line is split at its commas and nothing is quoted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crossdock.comply.eld import records
from crossdock.comply.eld.columns import (
    Column,
    UnreadableError,
    clean,
    code_column,
    date_column,
    hours_column,
    matching,
    number_column,
    optional,
    read_offset,
    text_column,
    time_column,
    whole,
)
from crossdock.comply.eld.records import EVENT_CODES


@dataclass(frozen=True)
class Segment:
    """A part of the file: its title, where its rows go, and what other titles it is known by."""

    attribute: str
    title: str
    record: type
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()
    check: Callable[[Any], None] | None = None


_SEQUENCE = Column(
    "sequence_id",
    "Event Sequence ID Number",
    whole(r"[0-9A-Fa-f]{1,4}", "a hexadecimal number of 1 to 4 digits", base=16),
    lambda number: f"{number:X}",
    needed=True,
)
_DATE, _TIME = date_column("date", "Event Date"), time_column("time", "Event Time")
_MILES = number_column("miles", "Accumulated Vehicle Miles", r"\d{1,7}", "whole miles")
_TOTAL_MILES = number_column("total_miles", "Total Vehicle Miles", r"\d{1,7}", "whole miles")
_ELAPSED_H = hours_column("engine_h", "Elapsed Engine Hours")
_TOTAL_H = hours_column("total_engine_h", "Total Engine Hours")
_PLACE = matching(r"[XME]|-?\d{1,3}(\.\d{1,6})?|", "X, M, E or degrees such as 41.32")
_LATITUDE = Column("latitude", "Event Latitude", _PLACE, clean, fallback="")
_LONGITUDE = Column("longitude", "Event Longitude", _PLACE, clean, fallback="")
_CMV = number_column("cmv_order", "CMV Order Number", r"\d{1,3}", "a number of the CMV list")
_FLAG = r"[01]"
_STEM = (
    _SEQUENCE,
    code_column("status", "Event Record Status", "[1-4]"),
    code_column("origin", "Event Record Origin", "[1-4]"),
    code_column("event_type", "Event Type", "[1-7]"),
    code_column("code", "Event Code", "[0-9]"),
    _DATE,
    _TIME,
    _MILES,
    _ELAPSED_H,
    _LATITUDE,
    _LONGITUDE,
    number_column(
        "fix_distance_mi", "Distance Since Last Valid Coordinates", "[0-6]", "0 to 6 miles"
    ),
    _CMV,
)
_CHECK = Column("check", "Event Data Check Value", str.strip, clean)
_MALFUNCTION = number_column("malfunction", "Malfunction Indicator Status", _FLAG, "0 or 1")

HEADER_TITLE = "ELD File Header Segment:"
END_TITLE = "End of File:"
HEADER_LINES: tuple[tuple[Column, ...], ...] = (
    (
        text_column("driver_last_name", "Driver's Last Name"),
        text_column("driver_first_name", "Driver's First Name"),
        text_column("driver_username", "ELD Username of the driver"),
        text_column("licence_state", "Driver's License Issuing State"),
        text_column("licence_number", "Driver's License Number"),
    ),
    (
        text_column("codriver_last_name", "Co-Driver's Last Name"),
        text_column("codriver_first_name", "Co-Driver's First Name"),
        text_column("codriver_username", "ELD Username of the co-driver"),
    ),
    (
        text_column("power_unit", "CMV Power Unit Number"),
        text_column("vin", "CMV VIN"),
        text_column("trailers", "Trailer Number(s)"),
    ),
    (
        text_column("usdot_number", "Carrier's USDOT Number"),
        text_column("carrier_name", "Carrier Name"),
        number_column("multiday_basis", "Multiday Basis Used", "[78]", "7 or 8 days"),
        time_column("period_starts", "24-Hour Period Starting Time", needed=False),
        Column(
            "utc_offset_h",
            "Time Zone Offset from UTC",
            optional(read_offset),
            lambda hours: "" if hours is None else f"{hours:02d}",
        ),
    ),
    (
        text_column("shipping_documents", "Shipping Document Number"),
        text_column("exempt", "Exempt Driver Configuration"),
    ),
    (
        date_column("output_date", "Current Date", needed=False),
        time_column("output_time", "Current Time", needed=False),
        Column("latitude", "Current Latitude", _PLACE, clean, fallback=""),
        Column("longitude", "Current Longitude", _PLACE, clean, fallback=""),
        _TOTAL_MILES,
        _TOTAL_H,
    ),
    (
        text_column("registration_id", "ELD Registration ID"),
        text_column("eld_identifier", "ELD Identifier"),
        text_column("authentication", "ELD Authentication Value"),
        text_column("comment", "Output File Comment"),
    ),
)


def _known_code(event: Any) -> None:
    codes = EVENT_CODES.get(event.event_type)
    if codes is None:
        raise UnreadableError(
            f"events of type {event.event_type} have a segment of their own",
            f"keep types {', '.join(map(str, EVENT_CODES))} here",
        )
    if event.code not in codes:
        raise UnreadableError(
            f"type {event.event_type} has no code {event.code}",
            f"use one of {', '.join(map(str, codes))}",
        )


SEGMENTS: tuple[Segment, ...] = (
    Segment(
        "users",
        "User List:",
        records.User,
        (
            Column("order", "Order Number", whole(r"\d{1,3}", "a number"), str, needed=True),
            Column(
                "account_type", "ELD Account Type", matching("[DS]", "D or S"), clean, needed=True
            ),
            text_column("last_name", "Last Name"),
            text_column("first_name", "First Name"),
        ),
    ),
    Segment(
        "cmvs",
        "CMV List:",
        records.Cmv,
        (
            Column("order", "Order Number", whole(r"\d{1,3}", "a number"), str, needed=True),
            text_column("power_unit", "CMV Power Unit Number"),
            text_column("vin", "CMV VIN"),
        ),
    ),
    Segment(
        "events",
        "ELD Event List:",
        records.Event,
        (
            *_STEM,
            number_column(
                "user_order", "User Order Number", r"\d{1,3}", "a number of the user list"
            ),
            _MALFUNCTION,
            number_column("diagnostic", "Data Diagnostic Event Indicator Status", _FLAG, "0 or 1"),
            _CHECK,
        ),
        ("ELD Event List for Driver's Record of Duty Status",),
        _known_code,
    ),
    Segment(
        "annotations",
        "ELD Event Annotations or Comments:",
        records.Annotation,
        (
            _SEQUENCE,
            text_column("username", "ELD Username"),
            text_column("text", "Comment Text or Annotation"),
            _DATE,
            _TIME,
            text_column("location", "Driver's Location Description"),
        ),
        ("Event Annotations, Comments, and Driver's Location Description",),
    ),
    Segment(
        "certifications",
        "Driver's Certification/Recertification Actions:",
        records.Certification,
        (
            _SEQUENCE,
            code_column("code", "Event Code", "[1-9]"),
            _DATE,
            _TIME,
            date_column("certified_date", "Date of the certified record"),
            _CMV,
        ),
        ("ELD Event List for Driver's Certification of Own Records",),
    ),
    Segment(
        "malfunctions",
        "Malfunctions and Data Diagnostic Events:",
        records.Malfunction,
        (
            _SEQUENCE,
            code_column("code", "Event Code", "[1-4]"),
            Column(
                "kind",
                "Malfunction/Diagnostic Code",
                matching("[PETLRSO1-6]", "one of P E T L R S O 1 2 3 4 5 6"),
                clean,
                needed=True,
            ),
            _DATE,
            _TIME,
            _TOTAL_MILES,
            _TOTAL_H,
            _CMV,
        ),
        ("Malfunction and Diagnostic Event Records", "Malfunction and Data Diagnostic Events"),
    ),
    Segment(
        "logins",
        "ELD Login/Logout Report:",
        records.Login,
        (
            _SEQUENCE,
            code_column("code", "Event Code", "[12]"),
            text_column("username", "ELD Username"),
            _DATE,
            _TIME,
            _TOTAL_MILES,
            _TOTAL_H,
        ),
    ),
    Segment(
        "engine_events",
        "CMV Engine Power-Up and Shut Down Activity:",
        records.EngineEvent,
        (
            _SEQUENCE,
            code_column("code", "Event Code", "[1-4]"),
            _DATE,
            _TIME,
            _TOTAL_MILES,
            _TOTAL_H,
            _LATITUDE,
            _LONGITUDE,
            text_column("power_unit", "CMV Power Unit Number"),
            text_column("vin", "CMV VIN"),
            text_column("trailers", "Trailer Number(s)"),
            text_column("shipping_documents", "Shipping Document Number"),
        ),
        ("CMV's Engine Power-Up and Shut Down Activity",),
    ),
    Segment(
        "unidentified_events",
        "Unidentified Driver Profile Records:",
        records.UnidentifiedEvent,
        (*_STEM, _MALFUNCTION, _CHECK),
        ("ELD Event Log List for the Unidentified Driver Profile", "Unidentified Driver Records"),
        _known_code,
    ),
)
"""The lists between header and end, in the order of the rule."""


def title_key(title: str) -> str:
    """A title without case, spacing, colon and kind of apostrophe."""
    return " ".join(title.strip(" \t,:").replace("\u2019", "'").lower().split())


SEGMENT_OF_TITLE: dict[str, Segment] = {
    title_key(title): segment for segment in SEGMENTS for title in (segment.title, *segment.aliases)
}
