"""Numbers of cargo securement, 49 CFR 393 subpart I and 392.9, as dated values."""

from __future__ import annotations

import datetime as dt

from crossdock.comply.rule_value import RuleValue

_SINCE = dt.date(2002, 12, 26)
"""67 FR 61212 took effect."""
_COUNT_COPY = "FMCSA's cargo securement page, quoted in a stored copy"
_WLL_COPY = "tables to 393.108 (stored vendor copy)"


def _count(value: float, unit: str) -> RuleValue:
    return RuleValue(value, unit, "49 CFR 393.110", _SINCE, compared_with=_COUNT_COPY)


SHORT_FT = _count(5, "ft")
"""Longest article that one tiedown may hold."""
SHORT_LB = _count(1_100, "lb")
"""Heaviest short article that one tiedown may hold."""
PER_TIEDOWN_FT = _count(10, "ft")
"""Length, or fraction of it, that needs another tiedown."""

WLL_SHARE = RuleValue(
    0.5,
    "of the weight",
    "49 CFR 393.106(d)",
    _SINCE,
    compared_with="the final rule of 6 July 1994 and FMCSA's guidance (stored copies)",
)
"""Aggregate working load limit against the article's weight."""

HALF_WLL = RuleValue(0.5, "of the working load limit", "49 CFR 393.106(d)(1)", _SINCE)
"""What counts of a tiedown from an anchor to the article, or looped back to the same side.

Compared only with a vendor's summary; not compared with the official text.
"""

WEBBING_WLL_LB = {
    width_in: RuleValue(wll, "lb", "49 CFR 393.108", _SINCE, compared_with=_WLL_COPY)
    for width_in, wll in ((1.75, 1_750), (2.0, 2_000), (3.0, 3_000), (4.0, 4_000))
}
"""Working load limit of unmarked synthetic webbing by its width in inches."""

CHAIN_WLL_LB = {
    size_in: RuleValue(wll, "lb", "49 CFR 393.108", _SINCE, compared_with=_WLL_COPY)
    for size_in, wll in (
        (0.25, 1_300),
        (0.3125, 1_900),
        (0.375, 2_650),
        (0.4375, 3_700),
        (0.5, 4_500),
        (0.625, 6_900),
    )
}
"""Working load limit of unmarked chain, taken as grade 30, by its size in inches."""

FIRST_CHECK_MI = RuleValue(50, "mi", "49 CFR 392.9(b)(2)", dt.date(1998, 7, 22))
"""Distance within which the load is checked first. Not compared with the official text."""
CHECK_MI = RuleValue(150, "mi", "49 CFR 392.9(b)(3)", dt.date(1998, 7, 22))
"""Distance after which it is checked again. Not compared with the official text."""
CHECK_H = RuleValue(3, "h", "49 CFR 392.9(b)(3)", dt.date(1998, 7, 22))
"""Time after which it is checked again. Not compared with the official text."""
