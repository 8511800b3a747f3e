"""Overrides: a fault of a plan that somebody answers for by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.measure.gates.fault import GateFault
from crossdock.model.errors import InvalidValueError

OVERRIDABLE = ("hours", "documents", "meal")
"""Gates of rules for which a person can answer. The others find plans that are not whole: nobody
can answer for a parcel that is in no load."""
LEAST_REASON, MOST_REASON = 4, 500


@dataclass(frozen=True)
class Override:
    """Lets a plan go out in spite of what a gate found of a subject.

    Attributes
    ----------
    by
        Who answers for it.
    reason
        Why it is right all the same.
    """

    gate: str
    subject: str
    by: str
    reason: str


@dataclass(frozen=True)
class Overridden:
    """A fault that a plan went out with."""

    fault: GateFault
    override: Override

    def record(self) -> dict[str, str]:
        """What is kept of it."""
        return {
            "gate": self.fault.gate,
            "subject": self.fault.subject,
            "what": self.fault.what,
            "by": self.override.by,
            "reason": self.override.reason,
        }


def apart(
    faults: Sequence[GateFault], overrides: Sequence[Override]
) -> tuple[list[GateFault], list[Overridden]]:
    """The faults that still stand, and those that somebody answers for.

    Raises
    ------
    InvalidValueError
        An override is of a gate that cannot be, says too little, or meets no fault.
    """
    by_place: dict[tuple[str, str], Override] = {}
    for override in overrides:
        _check(override)
        by_place[override.gate, override.subject] = override
    left: list[GateFault] = []
    answered: list[Overridden] = []
    for fault in faults:
        override = by_place.get((fault.gate, fault.subject))
        if override is None:
            left.append(fault)
        else:
            answered.append(Overridden(fault, override))
    met = {(each.fault.gate, each.fault.subject) for each in answered}
    idle = [place for place in by_place if place not in met]
    if idle:
        gate, subject = idle[0]
        raise InvalidValueError(
            f"the override of {gate}:{subject} meets no fault of this plan",
            remedy="override what the gates list, by its gate and subject, or leave it out",
        )
    return left, answered


def _check(override: Override) -> None:
    if override.gate not in OVERRIDABLE:
        raise InvalidValueError(
            f"the gate {override.gate!r} cannot be overridden",
            remedy=f"those that can are {', '.join(OVERRIDABLE)}; mend the others and plan again",
        )
    if not LEAST_REASON <= len(override.reason.strip()) <= MOST_REASON:
        raise InvalidValueError(
            f"the reason of the override of {override.gate}:{override.subject} has not "
            f"{LEAST_REASON} to {MOST_REASON} characters",
            remedy="say why it is right all the same, so that an auditor understands it",
        )
    if not override.by.strip():
        raise InvalidValueError(
            f"nobody answers for the override of {override.gate}:{override.subject}",
            remedy="name who answers for it",
        )
