"""Is a parcel a limited quantity, and what does that spare it (49 CFR 173.150-155)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.rule_value import RuleValue
from crossdock.comply.verdict import Verdict, failed, not_checked, passed

MARK = "limited quantity: a square on its point, black above and below (172.315)"

GROSS_KG = RuleValue(
    30, "kg", "49 CFR 173.150-155", dt.date(2011, 1, 19), compared_with="173.151(b) (stored copy)"
)
"""Heaviest package of limited quantities."""

ORM_D_UNTIL = RuleValue(
    1, "yes", "49 CFR 173.156", dt.date(1990, 12, 21), effective_to=dt.date(2020, 12, 31)
)
"""The time in which a consumer commodity could go as ORM-D. Not compared with the official text."""

_SECTION = {
    "3": "173.150(b)",
    "4.1": "173.151(b)",
    "4.3": "173.151(d)",
    "5.1": "173.152(b)",
    "6.1": "173.153(b)",
    "8": "173.154(b)",
    "9": "173.155(b)",
}

_INNER = {
    ("3", "I", "L"): 0.5,
    ("3", "II", "L"): 1.0,
    ("3", "III", "L"): 5.0,
    ("4.1", "II", "kg"): 1.0,
    ("4.1", "III", "kg"): 5.0,
    ("4.3", "II", "kg"): 0.5,
    ("4.3", "III", "kg"): 1.0,
    ("5.1", "II", "L"): 1.0,
    ("5.1", "II", "kg"): 1.0,
    ("5.1", "III", "L"): 5.0,
    ("5.1", "III", "kg"): 5.0,
    ("6.1", "II", "L"): 0.1,
    ("6.1", "II", "kg"): 0.5,
    ("6.1", "III", "L"): 5.0,
    ("6.1", "III", "kg"): 5.0,
    ("8", "II", "L"): 1.0,
    ("8", "II", "kg"): 1.0,
    ("8", "III", "L"): 5.0,
    ("8", "III", "kg"): 5.0,
    ("9", "II", "L"): 1.0,
    ("9", "II", "kg"): 1.0,
    ("9", "III", "L"): 5.0,
    ("9", "III", "kg"): 5.0,
}

INNER_LIMIT = {
    key: RuleValue(
        value,
        key[2],
        f"49 CFR {_SECTION[key[0]]}",
        dt.date(2011, 1, 19),
        compared_with="173.151(b) (stored copy)" if key == ("4.1", "II", "kg") else "",
    )
    for key, value in _INNER.items()
}
"""Largest inner packaging by class, packing group and unit (``L`` liquid, ``kg`` solid).

Only the value of 4.1, packing group II, was compared with a copy; the others are not compared
with the official text. Gases (173.306) and peroxides (5.2) are not in the table.
"""


@dataclass(frozen=True)
class LimitedQuantity:
    """A package that is offered as a limited quantity.

    Attributes
    ----------
    inner_amount, unit
        Net amount of one inner packaging: ``L`` for a liquid, ``kg`` for a solid.
    waste_reportable_or_pollutant
        Hazardous waste, reportable quantity or marine pollutant: a shipping paper stays needed.
    """

    hazard_class: str
    packing_group: Literal["I", "II", "III"]
    inner_amount: float
    unit: Literal["L", "kg"]
    gross_kg: float
    marked: bool | None = None
    waste_reportable_or_pollutant: bool = False


def limited_quantity(package: LimitedQuantity) -> tuple[Verdict, ...]:
    """Inner packaging, gross weight and mark of a package that goes as a limited quantity."""
    limit = INNER_LIMIT.get((package.hazard_class, package.packing_group, package.unit))
    rule = "hazmat.limited_quantity"
    what = f"class {package.hazard_class} packing group {package.packing_group}"
    if limit is None:
        return (
            not_checked(
                rule, "49 CFR 173.150-155", f"no limit for {what} in {package.unit} is in the table"
            ),
        )
    inner = (
        f"an inner packaging holds {package.inner_amount:g} {package.unit} and {what} may hold "
        f"{limit.value:g}"
    )
    gross = f"the package weighs {package.gross_kg:g} kg and may weigh {GROSS_KG.value:g}"
    return (
        (passed if package.inner_amount <= limit.value else failed)(
            f"{rule}.inner", limit.citation, inner
        ),
        (passed if package.gross_kg <= GROSS_KG.value else failed)(
            f"{rule}.gross", GROSS_KG.citation, gross
        ),
        _mark(package),
        _paper(package),
    )


def orm_d_allowed(on: dt.date) -> bool:
    """Whether a package may still go as ORM-D on a day."""
    return ORM_D_UNTIL.holds_on(on)


def _mark(package: LimitedQuantity) -> Verdict:
    rule, citation = "hazmat.limited_quantity.mark", "49 CFR 172.315"
    if package.marked is None:
        return not_checked(rule, citation, "whether the package bears the mark is not told")
    if package.marked:
        return passed(rule, citation, "the package bears the limited quantity mark")
    return failed(rule, citation, f"the package lacks its mark: {MARK}")


def _paper(package: LimitedQuantity) -> Verdict:
    rule, citation = "hazmat.limited_quantity.paper", "49 CFR 172.200(b)"
    if package.waste_reportable_or_pollutant:
        return not_checked(
            rule, citation, "waste, a reportable quantity or a marine pollutant needs a paper"
        )
    return passed(rule, citation, "no shipping paper is needed by highway")
