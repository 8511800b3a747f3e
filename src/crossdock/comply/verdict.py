"""The one answer of every gate: a rule, whether it is kept, why, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Status(StrEnum):
    """What is known of a rule: kept, broken, or nothing for want of data."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class Verdict:
    """One rule, judged.

    Attributes
    ----------
    rule
        Dotted name, the gate first, such as ``driver.medical_certificate``.
    citation
        Where the rule is written.
    reason
        One plain sentence.
    holds_until
        Instant (UTC) at which a passed verdict stops to hold by what is known now; None: none.
    subject
        Id of the driver, unit or article that was judged, where there can be several.
    """

    rule: str
    citation: str
    status: Status
    reason: str
    holds_until: dt.datetime | None = None
    subject: str = ""


def passed(
    rule: str, citation: str, reason: str, *, holds_until: dt.datetime | None = None
) -> Verdict:
    """A rule that is kept."""
    return Verdict(rule, citation, Status.PASSED, reason, holds_until)


def failed(rule: str, citation: str, reason: str) -> Verdict:
    """A rule that is known to be broken."""
    return Verdict(rule, citation, Status.FAILED, reason)


def not_checked(rule: str, citation: str, reason: str) -> Verdict:
    """A rule of which nothing is known; it does not block."""
    return Verdict(rule, citation, Status.NOT_CHECKED, reason)


def about(subject: str, verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts, each with the id of what was judged."""
    return tuple(replace(verdict, subject=subject) for verdict in verdicts)


def earliest_end(verdicts: Iterable[Verdict]) -> dt.datetime | None:
    """The first instant at which one of the passed verdicts stops to hold."""
    ends = [
        verdict.holds_until
        for verdict in verdicts
        if verdict.status is Status.PASSED and verdict.holds_until is not None
    ]
    return min(ends, default=None)
