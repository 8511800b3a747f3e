"""How sure a share of few is."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""
SURE_FROM = 400
"""Shares of as many or more are told without an interval."""


def wilson(numerator: float, denominator: float) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927); None where the denominator is 0.

    Unlike the normal approximation it stays within 0 and 1 and holds for few cases.
    """
    if denominator <= 0:
        return None
    share, spread = numerator / denominator, Z_95**2 / denominator
    middle = share + spread / 2
    reach = Z_95 * sqrt(max(share * (1 - share), 0.0) / denominator + spread / (4 * denominator))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def share_text(numerator: float, denominator: float) -> str:
    """A share for a reader: ``93.4 %``, of few cases ``92.0 % (85.0-95.9)``, without any ``-``."""
    interval = wilson(numerator, denominator)
    if interval is None:
        return "-"
    text = f"{100 * numerator / denominator:.1f} %"
    if denominator >= SURE_FROM:
        return text
    low, high = (100 * end for end in interval)
    return f"{text} ({low:.1f}-{high:.1f})"
