"""Compliance at the edge: case files of formulas, trips to judge, ELD files, duty logs as JSON."""

from crossdock.platform.compliance.calc import CASE_KINDS, Calculated, CaseFault, calculate_cases
from crossdock.platform.compliance.documents import read_object, write_json
from crossdock.platform.compliance.eld import (
    audit_case,
    audit_cases,
    changes_clock,
    read_bytes,
    read_eld_file,
    write_text,
)
from crossdock.platform.compliance.telematics import (
    TELEMATICS_MOST_BYTES,
    RecordFault,
    TelematicsFeed,
    decode_telematics,
)
from crossdock.platform.compliance.trip import answer_document, read_trip

__all__ = [
    "CASE_KINDS",
    "TELEMATICS_MOST_BYTES",
    "Calculated",
    "CaseFault",
    "RecordFault",
    "TelematicsFeed",
    "answer_document",
    "audit_case",
    "audit_cases",
    "calculate_cases",
    "changes_clock",
    "decode_telematics",
    "read_bytes",
    "read_eld_file",
    "read_object",
    "read_trip",
    "write_json",
    "write_text",
]
