"""May these units leave: inspection report, annual inspection, out of service (49 CFR 396)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.period import Period, months_later
from crossdock.comply.rule_value import RuleValue
from crossdock.comply.vehicles.dvir import Dvir
from crossdock.comply.verdict import Verdict, about, failed, not_checked, passed

ANNUAL_MONTHS = RuleValue(12, "months", "49 CFR 396.17(c)", dt.date(1989, 7, 1))
"""Between two periodic inspections, to the day. Not compared with the official text.

Decals are often read as good to the end of their month; the day is the safe side.
"""


@dataclass(frozen=True)
class Unit:
    """One unit of a combination; None is not known.

    Attributes
    ----------
    kind
        Every unit is inspected each year, trailers and dollies too.
    annual_inspection
        Day of the last periodic inspection.
    out_of_service
        Whether it was declared out of service and not yet repaired (396.9(c)).
    """

    unit_id: str
    kind: Literal["power", "trailer", "dolly"] = "power"
    annual_inspection: dt.date | None = None
    out_of_service: bool | None = None
    dvir: Dvir | None = None


def unit_verdicts(units: Sequence[Unit], period: Period) -> tuple[Verdict, ...]:
    """Every rule of Part 396 on each unit, judged for all days of the trip."""
    return tuple(
        verdict
        for unit in units
        for verdict in about(
            unit.unit_id, (_out_of_service(unit), _report(unit), _annual(unit, period))
        )
    )


def _out_of_service(unit: Unit) -> Verdict:
    rule, citation = "vehicle.out_of_service", "49 CFR 396.9(c)"
    if unit.out_of_service is None:
        return not_checked(rule, citation, f"whether {unit.unit_id} is out of service is not told")
    if unit.out_of_service:
        return failed(
            rule, citation, f"{unit.unit_id} is out of service and does not move until repaired"
        )
    return passed(rule, citation, f"{unit.unit_id} is not out of service")


def _report(unit: Unit) -> Verdict:
    rule, citation = "vehicle.dvir", "49 CFR 396.11, 396.13"
    if unit.dvir is None:
        return not_checked(rule, citation, f"no inspection report of {unit.unit_id} is told")
    if not unit.dvir.may_dispatch:
        return failed(
            rule,
            citation,
            f"{unit.unit_id} has defects that the carrier has not certified: "
            f"{'; '.join(unit.dvir.defects)}",
        )
    if not unit.dvir.may_drive:
        return passed(
            rule,
            citation,
            f"the carrier has certified the defects of {unit.unit_id}; the driver must sign the "
            "report before driving",
        )
    return passed(rule, citation, f"no defect of {unit.unit_id} is open")


def _annual(unit: Unit, period: Period) -> Verdict:
    rule, citation = "vehicle.annual_inspection", ANNUAL_MONTHS.citation
    if unit.annual_inspection is None:
        return not_checked(rule, citation, f"no annual inspection of {unit.unit_id} is told")
    if unit.annual_inspection > period.first_day:
        return failed(
            rule,
            citation,
            f"the inspection of {unit.unit_id} on {unit.annual_inspection} is after the departure",
        )
    last = months_later(unit.annual_inspection, int(ANNUAL_MONTHS.value))
    if last < period.last_day:
        when = "ended" if last < period.first_day else "ends during the trip on"
        return failed(rule, citation, f"the annual inspection of {unit.unit_id} {when} {last}")
    return passed(
        rule,
        citation,
        f"the annual inspection of {unit.unit_id} is good through {last}",
        holds_until=period.end_of(last),
    )
