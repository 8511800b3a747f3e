"""One number of a rule: where it is written, since when, and whether that was looked up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class RuleValue:
    """A dated number of a rule.

    Attributes
    ----------
    value, unit
        The number as the rule states it: pounds and feet where the rule is in pounds and feet.
    citation
        Where it is written.
    effective_from, effective_to
        First and last day on which it holds; no last day: it still does. A first day is the day
        from which the number is used here, at the latest the day of its publication.
    compared_with
        The copy or quotation of the official text with which the number was compared. Empty: not
        compared with the official text.
    """

    value: float
    unit: str
    citation: str
    effective_from: dt.date
    effective_to: dt.date | None = None
    compared_with: str = ""

    def holds_on(self, day: dt.date) -> bool:
        """Whether the number is in force on ``day``."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )
