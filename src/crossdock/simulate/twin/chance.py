"""Luck without a generator: every draw is a hash of the seed, its purpose and what it is about.

So the same order meets the same customer under every plan (common random numbers), the answer does
not depend on the order in which things are asked, and no generator state has to be saved.

Mixing function: finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import (  # pyright: ignore[reportMissingTypeStubs]
    ndtri,  # pyright: ignore[reportUnknownVariableType]
)

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_LEAST = 1e-12
_MASK = 2**64 - 1
_GOLDEN_ONE, _MIX_1_ONE, _MIX_2_ONE = int(_GOLDEN), int(_MIX_1), int(_MIX_2)
_NORMAL = NormalDist()


def key_of(text: str) -> int:
    """64-bit key of a name."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def keys_of(texts: Sequence[str]) -> Keys:
    """Keys of many names."""
    return np.fromiter((key_of(text) for text in texts), dtype=np.uint64, count=len(texts))


class Chance:
    """Draws of one seed.

    Each method takes a ``purpose`` and ``about``: keys (an array, or one integer) that are mixed
    one after the other; arrays broadcast. Equal arguments give equal draws.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def uniform(self, purpose: str, *about: Keys | NDArray[np.int64] | int) -> Floats:
        """Numbers in [0, 1), with 53 bits each."""
        state: Keys = np.atleast_1d(np.asarray(_purpose_key(self._seed, purpose), dtype=np.uint64))
        for part in about:
            words = np.atleast_1d(np.asarray(part)).astype(np.uint64)
            state = _mixed((state + _GOLDEN) ^ _mixed(words + _GOLDEN))
        return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, purpose: str, *about: Keys | NDArray[np.int64] | int) -> Floats:
        """Standard normal numbers."""
        even = np.clip(self.uniform(purpose, *about), _LEAST, 1.0 - _LEAST)
        return np.asarray(ndtri(even), dtype=np.float64)

    def exponential(self, purpose: str, *about: Keys | NDArray[np.int64] | int) -> Floats:
        """Exponential numbers with mean 1."""
        return -np.log1p(-self.uniform(purpose, *about))

    def between(
        self, low: float, high: float, purpose: str, *about: Keys | NDArray[np.int64] | int
    ) -> Floats:
        """Even numbers from ``low`` to ``high``."""
        return low + (high - low) * self.uniform(purpose, *about)

    def one(self, purpose: str, *about: int) -> float:
        """One even number in [0, 1): what `uniform` draws, without an array."""
        state = _purpose_key(self._seed, purpose)
        for part in about:
            state = _mixed_one((state + _GOLDEN_ONE & _MASK) ^ _mixed_one(part + _GOLDEN_ONE))
        return (state >> 11) * 2.0**-53

    def one_between(self, low: float, high: float, purpose: str, *about: int) -> float:
        """One even number from ``low`` to ``high``."""
        return low + (high - low) * self.one(purpose, *about)

    def one_exponential(self, purpose: str, *about: int) -> float:
        """One exponential number with mean 1."""
        return -math.log1p(-self.one(purpose, *about))

    def one_normal(self, purpose: str, *about: int) -> float:
        """One standard normal number."""
        even = min(max(self.one(purpose, *about), _LEAST), 1.0 - _LEAST)
        return _NORMAL.inv_cdf(even)


@cache
def _purpose_key(seed: int, purpose: str) -> int:
    return key_of(f"{seed}/{purpose}")


def _mixed(words: Keys) -> Keys:
    words = (words ^ (words >> np.uint64(30))) * _MIX_1
    words = (words ^ (words >> np.uint64(27))) * _MIX_2
    return words ^ (words >> np.uint64(31))


def _mixed_one(word: int) -> int:
    word &= _MASK
    word = (word ^ (word >> 30)) * _MIX_1_ONE & _MASK
    word = (word ^ (word >> 27)) * _MIX_2_ONE & _MASK
    return word ^ (word >> 31)
