"""The driver vehicle inspection report as a state machine (49 CFR 392.7, 396.11, 396.13).

    clean -> defect_reported -> repaired | not_required -> reviewed -> clean

A defect leaves ``defect_reported`` only by the carrier's signature, and the vehicle moves again
only after the next driver has signed too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from crossdock.model import InvalidValueError

DvirState = Literal["clean", "defect_reported", "repaired", "not_required", "reviewed"]
DvirAction = Literal[
    "report_defects",
    "report_no_defect",
    "certify_repaired",
    "certify_not_required",
    "review",
    "close",
]

_CERTIFIED = ("repaired", "not_required")


@dataclass(frozen=True)
class Dvir:
    """The last inspection report of a vehicle, and who has signed it.

    Attributes
    ----------
    defects
        What is wrong, in words; empty when ``clean``.
    reported_by, certified_by, reviewed_by
        Signatures: of the driver who reported, of the carrier, of the next driver.

    Raises
    ------
    InvalidValueError
        A state without the defects or signatures that lead to it.
    """

    state: DvirState = "clean"
    defects: tuple[str, ...] = ()
    reported_by: str = ""
    certified_by: str = ""
    reviewed_by: str = ""

    def __post_init__(self) -> None:
        if self.state == "clean":
            return
        needs = {"defects": any(text.strip() for text in self.defects)}
        needs["reported_by"] = bool(self.reported_by.strip())
        if self.state in (*_CERTIFIED, "reviewed"):
            needs["certified_by"] = bool(self.certified_by.strip())
        if self.state == "reviewed":
            needs["reviewed_by"] = bool(self.reviewed_by.strip())
        missing = [name for name, there in needs.items() if not there]
        if missing:
            raise InvalidValueError(
                f"an inspection report cannot be {self.state} without {', '.join(missing)}",
                remedy="give them, or the state that the report is really in",
            )

    @property
    def may_dispatch(self) -> bool:
        """Whether the carrier may assign the vehicle: every defect is certified."""
        return self.state != "defect_reported"

    @property
    def may_drive(self) -> bool:
        """Whether it may move: the next driver has signed as well (396.13(c))."""
        return self.state in ("clean", "reviewed")


ACTIONS: dict[DvirAction, tuple[DvirState, ...]] = {
    "report_defects": ("clean", "defect_reported", "repaired", "not_required", "reviewed"),
    "report_no_defect": ("clean", "reviewed"),
    "certify_repaired": ("defect_reported",),
    "certify_not_required": ("defect_reported",),
    "review": ("repaired", "not_required"),
    "close": ("reviewed",),
}
"""The states from which each action is possible."""


def report(dvir: Dvir, defects: tuple[str, ...], *, signed_by: str) -> Dvir:
    """A driver's report after the day's work; without a defect nothing need be written.

    A defect is taken in every state and opens the report again, with what was already listed.

    Raises
    ------
    InvalidValueError
        No defect is listed while one is open or not yet reviewed; the signature is missing.
    """
    _possible(dvir, "report_defects" if defects else "report_no_defect", signed_by)
    if not defects:
        return Dvir()
    known = () if dvir.state == "reviewed" else dvir.defects
    return Dvir("defect_reported", tuple(dict.fromkeys((*known, *defects))), reported_by=signed_by)


def certify(dvir: Dvir, *, repaired: bool, signed_by: str) -> Dvir:
    """The carrier certifies the repair, or that none is needed (396.11(a)(3)).

    Raises
    ------
    InvalidValueError
        No defect is reported, or the signature is missing.
    """
    _possible(dvir, "certify_repaired" if repaired else "certify_not_required", signed_by)
    return replace(dvir, state="repaired" if repaired else "not_required", certified_by=signed_by)


def review(dvir: Dvir, *, signed_by: str) -> Dvir:
    """The next driver has read the report and the certification, and signs (396.13).

    Raises
    ------
    InvalidValueError
        Nothing is certified, or the signature is missing.
    """
    _possible(dvir, "review", signed_by)
    return replace(dvir, state="reviewed", reviewed_by=signed_by)


def close(dvir: Dvir, *, signed_by: str) -> Dvir:
    """The reviewed report is filed; the vehicle is clean.

    Raises
    ------
    InvalidValueError
        The report is not reviewed, or the signature is missing.
    """
    _possible(dvir, "close", signed_by)
    return Dvir()


def _possible(dvir: Dvir, action: DvirAction, signed_by: str) -> None:
    if dvir.state not in ACTIONS[action]:
        able = [name for name, states in ACTIONS.items() if dvir.state in states]
        raise InvalidValueError(
            f"{action} is not possible while the inspection report is {dvir.state}",
            remedy=f"possible now: {', '.join(able)}",
        )
    if not signed_by.strip():
        raise InvalidValueError(f"{action} is not signed", remedy="give the name of who signs")
