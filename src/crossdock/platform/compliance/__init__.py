"""Compliance at the edge: case files of formulas, and trips to judge, as JSON."""

from crossdock.platform.compliance.calc import CASE_KINDS, Calculated, CaseFault, calculate_cases
from crossdock.platform.compliance.documents import read_object, write_json
from crossdock.platform.compliance.hos_cases import Audited, audit_cases
from crossdock.platform.compliance.plan_cases import Planned, plan_cases
from crossdock.platform.compliance.trip import answer_document, read_trip

__all__ = [
    "CASE_KINDS",
    "Audited",
    "Calculated",
    "CaseFault",
    "Planned",
    "answer_document",
    "audit_cases",
    "calculate_cases",
    "plan_cases",
    "read_object",
    "read_trip",
    "write_json",
]
