"""What a lithium battery parcel is, and how it may go (49 CFR 173.185)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.rule_value import RuleValue
from crossdock.model import InvalidValueError

Chemistry = Literal["ion", "metal"]
Packed = Literal["alone", "with_equipment", "in_equipment", "vehicle"]
Mode = Literal["highway", "rail", "vessel", "cargo_aircraft", "passenger_aircraft"]

MODES: tuple[Mode, ...] = ("highway", "rail", "vessel", "cargo_aircraft", "passenger_aircraft")

FORBIDDEN_TEXT = "LITHIUM BATTERIES - FORBIDDEN FOR TRANSPORT ABOARD AIRCRAFT AND VESSEL"
NOT_BY_PASSENGER_AIRCRAFT = {
    "ion": "LITHIUM ION BATTERIES - FORBIDDEN FOR TRANSPORT ABOARD PASSENGER AIRCRAFT",
    "metal": "LITHIUM METAL BATTERIES - FORBIDDEN FOR TRANSPORT ABOARD PASSENGER AIRCRAFT",
}
BATTERY_MARK = "lithium battery mark (173.185(c)(3)(i))"
CLASS_9_LABEL = "class 9 lithium battery label (172.447)"

_SINCE = dt.date(2019, 3, 6)
_SHEET = "DOT's leaflet for shippers (stored copy)"
_TEXT = "173.185(c)(1)(iii)-(iv), quoted in a stored copy"

SMALL = {
    ("ion", "cell"): RuleValue(20, "Wh", "49 CFR 173.185(c)(1)(i)", _SINCE),
    ("ion", "battery"): RuleValue(
        100, "Wh", "49 CFR 173.185(c)(1)(i)", _SINCE, compared_with=_SHEET
    ),
    ("metal", "cell"): RuleValue(1, "g", "49 CFR 173.185(c)(1)(ii)", _SINCE),
    ("metal", "battery"): RuleValue(
        2, "g", "49 CFR 173.185(c)(1)(ii)", _SINCE, compared_with=_SHEET
    ),
}
"""Largest smaller cell or battery. Those of cells are not compared with the official text."""

HIGHWAY_ONLY = {
    ("ion", "cell"): RuleValue(60, "Wh", "49 CFR 173.185(c)(1)(iv)", _SINCE, compared_with=_TEXT),
    ("ion", "battery"): RuleValue(
        300, "Wh", "49 CFR 173.185(c)(1)(iv)", _SINCE, compared_with=_TEXT
    ),
    ("metal", "cell"): RuleValue(5, "g", "49 CFR 173.185(c)(1)(iv)", _SINCE, compared_with=_TEXT),
    ("metal", "battery"): RuleValue(
        25, "g", "49 CFR 173.185(c)(1)(iv)", _SINCE, compared_with=_TEXT
    ),
}
"""Largest that goes as a smaller one by highway and rail alone."""

_MARK_COPY = "a vendor's summary of 173.185(c)(3) (stored copy)"
UNMARKED = {
    "cell": RuleValue(4, "cells", "49 CFR 173.185(c)(3)", _SINCE, compared_with=_MARK_COPY),
    "battery": RuleValue(2, "batteries", "49 CFR 173.185(c)(3)", _SINCE, compared_with=_MARK_COPY),
}
"""Most in the equipment of a package without a mark, in a consignment of `UNMARKED_PACKAGES`."""
UNMARKED_PACKAGES = RuleValue(
    2, "packages", "49 CFR 173.185(c)(3)", _SINCE, compared_with=_MARK_COPY
)

STANDALONE_KG = RuleValue(30, "kg", "49 CFR 173.185(c)(1)(vi)", _SINCE)
"""Heaviest package of smaller batteries packed alone. Not compared with the official text."""

AIR_EQUIPMENT_KG = RuleValue(5, "kg net", "49 CFR 173.185(c)(1)(iii)", _SINCE, compared_with=_TEXT)
"""Most batteries with or in equipment of a package that may go by passenger aircraft."""


@dataclass(frozen=True)
class LithiumPackage:
    """A parcel with lithium cells or batteries.

    Attributes
    ----------
    size
        Wh of each for ``ion`` (see `watt_hours`), grams of lithium in each for ``metal``.
    form
        Whether the parcel holds single cells or batteries of several.
    count
        Cells or batteries in the package.
    packages
        Packages of the consignment.
    net_kg
        Weight of the batteries alone; needed for the air texts of equipment.
    """

    chemistry: Chemistry
    form: Literal["cell", "battery"]
    size: float
    count: int
    packed: Packed
    gross_kg: float
    mode: Mode = "highway"
    packages: int = 1
    net_kg: float | None = None
    button_cells: bool = False
    damaged: bool = False

    def __post_init__(self) -> None:
        numbers = (self.size, self.count, self.gross_kg, self.packages)
        if not all(0 < number < 1e9 for number in numbers):
            raise InvalidValueError(
                f"a lithium package cannot have size {self.size}, count {self.count}, "
                f"{self.gross_kg} kg, {self.packages} packages",
                remedy="give numbers above 0",
            )


@dataclass(frozen=True)
class LithiumAnswer:
    """How a lithium parcel goes.

    Attributes
    ----------
    un
        UN number.
    category
        ``small``, ``highway_only``, ``class_9``, ``vehicle`` or ``refused``.
    modes
        Modes by which a parcel of this category may go.
    refuse
        Whether the parcel is refused in the mode that was asked for.
    """

    un: str
    category: Literal["small", "highway_only", "class_9", "vehicle", "refused"]
    modes: tuple[Mode, ...]
    marks: tuple[str, ...]
    papers: tuple[str, ...]
    refuse: bool
    reason: str
    citation: str


def watt_hours(volts: float, ampere_hours: float) -> float:
    """Energy of a cell or battery."""
    return volts * ampere_hours


def classify_lithium(package: LithiumPackage) -> LithiumAnswer:
    """UN number, category, modes, marks and papers of a lithium parcel.

    Notes
    -----
    State of charge, test reports (UN 38.3) and inner packing are the shipper's to prove; they are
    not judged. Rules of the air (ICAO) can be stricter than the modes named here.
    """
    un = _un_number(package)
    if package.damaged:
        return LithiumAnswer(
            un, "refused", (), (), (), True,
            "damaged, defective or recalled batteries are never taken as a parcel",
            "49 CFR 173.185(f)",
        )  # fmt: skip
    if package.packed == "vehicle":
        return LithiumAnswer(
            un, "vehicle", ("highway", "rail", "vessel", "cargo_aircraft"), (), (),
            package.mode == "passenger_aircraft",
            "a battery-powered vehicle goes under its own rules", "49 CFR 173.220",
        )  # fmt: skip
    key = (package.chemistry, package.form)
    if package.size <= SMALL[key].value and not _too_heavy(package):
        return _small(package, un)
    if package.size <= HIGHWAY_ONLY[key].value and not _too_heavy(package):
        return _highway_only(package, un)
    return _class_9(package, un)


def _small(package: LithiumPackage, un: str) -> LithiumAnswer:
    alone = package.packed == "alone"
    heavy = package.net_kg is not None and package.net_kg > AIR_EQUIPMENT_KG.value
    modes = MODES[:4] if alone or heavy else MODES
    marks = () if _unmarked(package) else (BATTERY_MARK,)
    if alone or heavy:
        marks = (*marks, NOT_BY_PASSENGER_AIRCRAFT[package.chemistry])
    unit = SMALL[package.chemistry, package.form].unit
    return _answer(
        package, un, "small", modes, marks, (),
        f"{package.size:g} {unit} is a smaller {package.form}: no class 9 label or shipping paper "
        "by highway and rail",
        "49 CFR 173.185(c)",
    )  # fmt: skip


def _highway_only(package: LithiumPackage, un: str) -> LithiumAnswer:
    marks = () if _unmarked(package) else (BATTERY_MARK,)
    unit = SMALL[package.chemistry, package.form].unit
    return _answer(
        package, un, "highway_only", ("highway", "rail"), (*marks, FORBIDDEN_TEXT), (),
        f"{package.size:g} {unit} is small enough for highway and rail alone",
        "49 CFR 173.185(c)(1)(iv)",
    )  # fmt: skip


def _class_9(package: LithiumPackage, un: str) -> LithiumAnswer:
    alone = package.packed == "alone"
    why = (
        f"{package.gross_kg:g} kg is over {STANDALONE_KG.value:g} kg for a package of batteries"
        if _too_heavy(package)
        else f"{package.size:g} {SMALL[package.chemistry, package.form].unit} is above every "
        "exception"
    )
    return _answer(
        package, un, "class_9", MODES[:4] if alone else MODES,
        (f"{un} and proper shipping name", CLASS_9_LABEL),
        ("shipping paper", "emergency response information"),
        f"{why}: fully regulated class 9", "49 CFR 173.185(b)",
    )  # fmt: skip


def _answer(
    package: LithiumPackage,
    un: str,
    category: Literal["small", "highway_only", "class_9"],
    modes: tuple[Mode, ...],
    marks: tuple[str, ...],
    papers: tuple[str, ...],
    reason: str,
    citation: str,
) -> LithiumAnswer:
    refuse = package.mode not in modes
    if refuse:
        reason = f"{reason}; not by {package.mode.replace('_', ' ')}"
    return LithiumAnswer(un, category, modes, marks, papers, refuse, reason, citation)


def _un_number(package: LithiumPackage) -> str:
    if package.packed == "vehicle":
        return "UN3171"
    alone = package.packed == "alone"
    if package.chemistry == "ion":
        return "UN3480" if alone else "UN3481"
    return "UN3090" if alone else "UN3091"


def _unmarked(package: LithiumPackage) -> bool:
    """Equipment with button cells, or with few batteries in a small consignment."""
    if package.packed != "in_equipment":
        return False
    few = package.count <= UNMARKED[package.form].value
    return package.button_cells or (few and package.packages <= UNMARKED_PACKAGES.value)


def _too_heavy(package: LithiumPackage) -> bool:
    return package.packed == "alone" and package.gross_kg > STANDALONE_KG.value
