"""How long the papers of a driver hold, as dated values."""

from __future__ import annotations

import datetime as dt

from crossdock.comply.rule_value import RuleValue

MEDICAL_MONTHS = RuleValue(24, "months", "49 CFR 391.45(b)", dt.date(1998, 6, 18))
"""Longest life of a medical certificate. Not compared with the official text."""

MVR_MONTHS = RuleValue(12, "months", "49 CFR 391.25(a)", dt.date(1998, 6, 18))
"""Between two reviews of a driving record. Not compared with the official text."""

CLEARINGHOUSE_MONTHS = RuleValue(
    12,
    "months",
    "49 CFR 382.701(b)",
    dt.date(2020, 1, 6),
    compared_with="FMCSA's guidance to 382.701 of 9 March 2023 (stored copy)",
)
"""Between two Clearinghouse queries, on a rolling year."""

HAZMAT_TRAINING_MONTHS = RuleValue(36, "months", "49 CFR 172.704(c)(2)", dt.date(1992, 5, 15))
"""Between two hazmat trainings. Not compared with the official text."""

MINIMUM_AGE = RuleValue(21, "years", "49 CFR 391.11(b)(1)", dt.date(1971, 1, 1))
"""Of a driver in interstate commerce. Not compared with the official text."""

ENGLISH_OUT_OF_SERVICE = RuleValue(
    1,
    "yes",
    "49 CFR 391.11(b)(2)",
    dt.date(2025, 6, 25),
    compared_with="CVSA's criterion as the trade press quotes it (stored copies)",
)
"""Since when a driver who cannot read and speak English enough is put out of service.

Not compared with the official text; drivers in the border zone may be treated otherwise.
"""

PROHIBITED_DOWNGRADE = RuleValue(1, "yes", "49 CFR 383.73(q)", dt.date(2024, 11, 18))
"""Since when a state downgrades the licence of a driver the Clearinghouse prohibits.

Not compared with the official text.
"""

ALERT_DAYS = (90, 60, 30, 7)
"""Days before an expiry at which it is told; a policy of this house, not a rule."""
