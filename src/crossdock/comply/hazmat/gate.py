"""The hazardous materials of a trip, judged together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.hazmat.limited_quantity import LimitedQuantity, limited_quantity
from crossdock.comply.hazmat.lithium import LithiumPackage, classify_lithium
from crossdock.comply.hazmat.placards import HazmatPackage, Placards, placards
from crossdock.comply.verdict import Verdict, failed, not_checked, passed


@dataclass(frozen=True)
class Hazmat:
    """Hazardous materials of a load.

    Attributes
    ----------
    packages
        What counts for placards.
    limited_quantities, lithium
        Packages whose exceptions are to be judged.
    placards_shown
        Whether the placards that are needed are on the vehicle; None: not known.
    """

    packages: tuple[HazmatPackage, ...] = ()
    limited_quantities: tuple[LimitedQuantity, ...] = ()
    lithium: tuple[LithiumPackage, ...] = ()
    placards_shown: bool | None = None

    @property
    def carried(self) -> bool:
        """Whether any hazardous material is carried."""
        return bool(self.packages or self.limited_quantities or self.lithium)

    @property
    def training_needed(self) -> bool:
        """Whether who handles it needs hazmat training; smaller lithium batteries spare it."""
        regulated = (classify_lithium(package).category == "class_9" for package in self.lithium)
        return bool(self.packages or self.limited_quantities) or any(regulated)


def hazmat_verdicts(hazmat: Hazmat) -> tuple[Verdict, ...]:
    """Placards, limited quantities and lithium parcels of a load."""
    judged: list[Verdict] = []
    if hazmat.packages:
        judged.append(_placarding(placards(hazmat.packages), hazmat.placards_shown))
    for package in hazmat.limited_quantities:
        judged.extend(limited_quantity(package))
    judged.extend(_lithium(hazmat.lithium))
    return tuple(judged)


def _placarding(needed: Placards, shown: bool | None) -> Verdict:
    rule = "hazmat.placards"
    if not needed.needed:
        return passed(rule, needed.citation, f"no placard is needed: {needed.reason}")
    names = ", ".join(needed.names)
    if shown is None:
        return not_checked(
            rule, needed.citation, f"whether {names} is shown is not told; {needed.reason}"
        )
    if shown:
        return passed(rule, needed.citation, f"{names} is shown; {needed.reason}")
    return failed(rule, needed.citation, f"{names} is not shown; {needed.reason}")


def _lithium(packages: Sequence[LithiumPackage]) -> list[Verdict]:
    judged: list[Verdict] = []
    for package in packages:
        answer = classify_lithium(package)
        judge = failed if answer.refuse else passed
        needs = "; ".join((*answer.marks, *answer.papers))
        told = f"{answer.un}: {answer.reason}" + (f"; needs {needs}" if needs else "")
        judged.append(judge("hazmat.lithium", answer.citation, told))
    return judged
