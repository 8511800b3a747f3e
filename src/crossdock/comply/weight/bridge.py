"""The bridge formula: what a group of axles may carry for its length."""

from __future__ import annotations

import math

from crossdock.model import InvalidValueError

_STEP_LB = 500
_ROUNDING = 1e-6
"""Feet and pounds below which a difference is a rounding error of the input."""


def bridge_formula_lb(length_ft: float, axles: int) -> int:
    """``500 (L N / (N - 1) + 12 N + 36)``, to the nearest 500 lb.

    Parameters
    ----------
    length_ft
        Between the outer axles of the group; counted to the nearest foot, a half upwards.
    axles
        Number of axles of the group, 2 or more.

    Notes
    -----
    This is the formula alone: before the gross limit, the tandem limit of short groups and the
    exception for two tandems. A result halfway between two steps goes down, as in the federal
    table (3 axles over 9 ft: 42,500 lb); some states' tables go up.

    Raises
    ------
    InvalidValueError
        Fewer than 2 axles, or a negative length.
    """
    if axles < 2 or not 0 <= length_ft < 1e6:
        raise InvalidValueError(
            f"the bridge formula has no answer for {axles} axles over {length_ft} ft",
            remedy="give 2 or more axles and a length that is not negative",
        )
    feet = math.floor(length_ft + 0.5 + _ROUNDING)
    raw_lb = 500 * (feet * axles / (axles - 1) + 12 * axles + 36)
    return math.ceil(raw_lb / _STEP_LB - 0.5 - _ROUNDING) * _STEP_LB
