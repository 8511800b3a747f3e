"""Random draws inside compiled kernels: SplitMix64, its state one word in an array.

Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA. Numba's own
generator is one for the whole process, so that two searches in it would not be repeatable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossdock.model.compiled import compiled

Words = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53


def seeded(seed: int) -> Words:
    """State of a generator, to be handed to every draw."""
    return np.array([seed % (1 << 64)], dtype=np.uint64)


@compiled
def uniform(state: Words) -> float:
    """A number from 0 up to, not including, 1."""
    state[0] += _STEP
    word = state[0]
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    word = word ^ (word >> _31)
    return float(word >> _11) * _UNIT


@compiled
def below(state: Words, limit: int) -> int:
    """A whole number from 0 up to, not including, ``limit``."""
    return int(uniform(state) * limit)
