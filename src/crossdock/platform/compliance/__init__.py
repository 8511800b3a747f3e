"""Compliance at the edge: case files of formulas, trips to judge, ELD files, duty logs as JSON."""

from crossdock.platform.compliance.calc import CASE_KINDS, Calculated, CaseFault, calculate_cases
from crossdock.platform.compliance.case_file import Answered
from crossdock.platform.compliance.eld import (
    case_of_log,
    read_bytes,
    read_eld_file,
    write_text,
)
from crossdock.platform.compliance.hos_cases import audit_cases
from crossdock.platform.compliance.plan_cases import plan_cases
from crossdock.platform.compliance.telematics import (
    TELEMATICS_MOST_BYTES,
    RecordFault,
    TelematicsFeed,
    decode_telematics,
)
from crossdock.platform.compliance.trip import answer_document, read_trip, trip_of

__all__ = [
    "CASE_KINDS",
    "TELEMATICS_MOST_BYTES",
    "Answered",
    "Calculated",
    "CaseFault",
    "RecordFault",
    "TelematicsFeed",
    "answer_document",
    "audit_cases",
    "calculate_cases",
    "case_of_log",
    "decode_telematics",
    "plan_cases",
    "read_bytes",
    "read_eld_file",
    "read_trip",
    "trip_of",
    "write_text",
]
