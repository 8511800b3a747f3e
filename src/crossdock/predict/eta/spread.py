"""Spread of a transit time that is known by its median and its 90th percentile.

Road transit is right-skewed: the logarithm is taken as normal, so that
``sigma = ln(p90 / p50) / z90``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

_Z90 = 1.2815515655446004
_Z95 = 1.6448536269514722
_LEAST_SIGMA = 0.02

FloatArray = NDArray[np.float64]


def log_sigma(p50: FloatArray, p90: FloatArray) -> FloatArray:
    """Standard deviation of the logarithm; at least 0.02 (no road is exact)."""
    return np.maximum(np.log(np.maximum(p90, p50) / p50) / _Z90, _LEAST_SIGMA)


def p95_of(p50: FloatArray, p90: FloatArray) -> FloatArray:
    """95th percentile of a transit time from its median and 90th percentile, same unit."""
    return p50 * np.exp(_Z95 * log_sigma(p50, p90))


def probability_within(p50: FloatArray, p90: FloatArray, allowed: FloatArray) -> FloatArray:
    """Probability that the transit takes at most ``allowed`` (same unit; at most 0: never)."""
    ratio = np.log(np.maximum(allowed, 1e-9) / p50)
    reached: FloatArray = np.asarray(ndtr(ratio / log_sigma(p50, p90)), dtype=np.float64)
    return reached
