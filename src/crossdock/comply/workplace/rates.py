"""Injury rates of a workplace: TRIR and DART (29 CFR 1904, BLS incidence rates)."""

from __future__ import annotations

import datetime as dt

from crossdock.comply.rule_value import RuleValue
from crossdock.model import InvalidValueError

CITATION = "29 CFR 1904; BLS incidence rate = cases x 200,000 / hours"

HOURS_OF_100 = RuleValue(200_000, "h", CITATION, dt.date(2002, 1, 1))
"""Hours that 100 people work full time in a year. Not compared with the official text."""


def incidence_rate(cases: float, hours_worked: float) -> float:
    """Cases of 100 people in a year: with recordable cases the TRIR, with DART cases the DART rate.

    Raises
    ------
    InvalidValueError
        No hours, or a negative number of cases.
    """
    if hours_worked <= 0 or cases < 0:
        raise InvalidValueError(
            f"{cases} cases in {hours_worked} hours have no rate",
            remedy="give hours above 0 and cases of 0 or more",
        )
    return cases * HOURS_OF_100.value / hours_worked
