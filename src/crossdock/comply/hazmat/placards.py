"""Which placards a vehicle needs for its packages (49 CFR 172 subpart F).

Packages only: a bulk packaging or a tank is placarded for any quantity and is not judged here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.rule_value import RuleValue
from crossdock.model import InvalidValueError

TABLE_2_LB = RuleValue(
    1_001,
    "lb",
    "49 CFR 172.504(c)",
    dt.date(1992, 10, 1),
    compared_with="quotations of 172.504(c) in stored copies",
)
"""Aggregate gross weight of Table 2 materials from which they are placarded."""

ONE_CATEGORY_LB = RuleValue(2_205, "lb", "49 CFR 172.504(b)", dt.date(1992, 10, 1))
"""Weight of one category loaded at one place from which DANGEROUS may not stand for it.

Not compared with the official text.
"""

_TABLE_1 = {
    "1.1": "EXPLOSIVES 1.1",
    "1.2": "EXPLOSIVES 1.2",
    "1.3": "EXPLOSIVES 1.3",
    "2.3": "POISON GAS",
    "4.3": "DANGEROUS WHEN WET",
}
"""Placarded for any amount. Not compared with the official text."""

_TABLE_2 = {
    "1.4": "EXPLOSIVES 1.4",
    "1.5": "EXPLOSIVES 1.5",
    "1.6": "EXPLOSIVES 1.6",
    "2.1": "FLAMMABLE GAS",
    "2.2": "NON-FLAMMABLE GAS",
    "3": "FLAMMABLE",
    "4.1": "FLAMMABLE SOLID",
    "4.2": "SPONTANEOUSLY COMBUSTIBLE",
    "5.1": "OXIDIZER",
    "5.2": "ORGANIC PEROXIDE",
    "6.1": "POISON",
    "8": "CORROSIVE",
    "9": "CLASS 9",
}
"""Placarded from `TABLE_2_LB` on. Not compared with the official text."""

_NOT_NEEDED = ("9", "6.2", "7")
"""Class 9 on domestic highways (172.504(f)(9)), infectious substances, class 7 below Yellow-III."""

HAZARD_CLASSES = tuple(sorted({*_TABLE_1, *_TABLE_2, *_NOT_NEEDED}))


@dataclass(frozen=True)
class HazmatPackage:
    """A package of hazardous material.

    Attributes
    ----------
    hazard_class
        Class or division, such as ``3`` or ``5.1``.
    limited_quantity
        Packed, marked and offered as a limited quantity: outside the placarding rules.
    inhalation_hazard, temperature_controlled, yellow_iii
        What makes 6.1, 5.2 (type B) and 7 materials of Table 1.
    """

    hazard_class: str
    gross_lb: float
    packing_group: Literal["I", "II", "III"] | None = None
    limited_quantity: bool = False
    inhalation_hazard: bool = False
    temperature_controlled: bool = False
    yellow_iii: bool = False

    def __post_init__(self) -> None:
        if self.hazard_class not in HAZARD_CLASSES:
            raise InvalidValueError(
                f"hazard class {self.hazard_class!r} is unknown",
                remedy=f"use one of: {', '.join(HAZARD_CLASSES)}",
            )
        if not 0 <= self.gross_lb < 1e9:
            raise InvalidValueError(
                f"a package cannot weigh {self.gross_lb} lb",
                remedy="give a gross weight that is not negative",
            )


@dataclass(frozen=True)
class Placards:
    """The placards of a vehicle.

    Attributes
    ----------
    names
        Words of the placards; empty: none is needed.
    dangerous_instead
        Those for which one DANGEROUS placard may stand.
    """

    names: tuple[str, ...]
    dangerous_instead: tuple[str, ...]
    reason: str
    citation: str = "49 CFR 172.500, 172.504"

    @property
    def needed(self) -> bool:
        """Whether any placard is needed: then a commercial licence with H is, too."""
        return bool(self.names)


def placards(packages: Sequence[HazmatPackage]) -> Placards:
    """The placards that these packages need together on one vehicle."""
    judged = [package for package in packages if not package.limited_quantity]
    first = {name for package in judged if (name := _table_1(package))}
    weights: dict[str, float] = {}
    for package in judged:
        if not _table_1(package) and package.hazard_class in _TABLE_2:
            name = _TABLE_2[package.hazard_class]
            weights[name] = weights.get(name, 0.0) + package.gross_lb
    total_lb = sum(weights.values())
    domestic = {name: lb for name, lb in weights.items() if name != _TABLE_2["9"]}
    if not first and total_lb < TABLE_2_LB.value:
        return Placards(
            (), (), f"no Table 1 material, and {total_lb:,.0f} lb of Table 2 is under 1,001 lb"
        )
    second = domestic if total_lb >= TABLE_2_LB.value else {}
    light = tuple(sorted(name for name, lb in second.items() if lb < ONE_CATEGORY_LB.value))
    names = tuple(sorted({*first, *second}))
    if not names:
        return Placards((), (), "class 9 needs no placard on a domestic highway")
    return Placards(names, light if len(second) > 1 else (), _why(first, second, total_lb))


def _table_1(package: HazmatPackage) -> str | None:
    if package.hazard_class == "6.1" and package.inhalation_hazard:
        return "POISON INHALATION HAZARD"
    if package.hazard_class == "5.2" and package.temperature_controlled:
        return "ORGANIC PEROXIDE"
    if package.hazard_class == "7" and package.yellow_iii:
        return "RADIOACTIVE"
    return _TABLE_1.get(package.hazard_class)


def _why(first: set[str], second: dict[str, float], total_lb: float) -> str:
    reasons: list[str] = []
    if first:
        reasons.append(f"any amount of {', '.join(sorted(first))} is placarded")
    if second:
        reasons.append(f"{total_lb:,.0f} lb of Table 2 materials reach 1,001 lb")
    return "; ".join(reasons)
