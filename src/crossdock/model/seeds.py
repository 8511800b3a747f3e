"""One random-seed rule: named streams grown from one root seed."""

from __future__ import annotations

import hashlib

import numpy as np

DEFAULT_SEED = 20_261_130
"""Root seed where none is given."""


def stream(root_seed: int, *names: str | int) -> np.random.Generator:
    """Random generator of the stream ``names`` under ``root_seed``.

    Streams of different names are independent; a stream's draws do not depend on how many workers
    run or on which other streams exist.

    Parameters
    ----------
    root_seed
        The run's seed.
    names
        Path of the stream, for example ``("orders", "2026-11-30")``.
    """
    return np.random.default_rng(stream_seed(root_seed, *names))


def stream_seed(root_seed: int, *names: str | int) -> int:
    """63-bit integer seed of the same stream, for solvers that take a plain integer."""
    text = "/".join([str(root_seed), *map(str, names)])
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
