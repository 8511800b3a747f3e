"""What a search goes over: arcs between states, and where ways begin and end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Flags = NDArray[np.uint8]


class Arcs(NamedTuple):
    """Arcs by the state that they leave, as compressed sparse rows.

    Attributes
    ----------
    bucket_s, buckets
        Seconds of a bucket, and how many there are in the circle: a power of 2, so many that one
        round takes longer than any arc.
    """

    first: I64
    head: I32
    seconds: F32
    metres: F32
    bucket_s: float
    buckets: int


class Ends(NamedTuple):
    """Where the ways of each point begin, or from where it is reached, as compressed rows.

    Attributes
    ----------
    seconds, metres
        Of the way between the point and the state.
    waits
        Whether a search for this point waits for the state. It does not for one that only those
        can reach who start beside it.
    slack_s
        How long a search goes on after all it waits for, for such states.
    """

    first: I64
    state: I32
    seconds: F64
    metres: F64
    waits: Flags
    slack_s: float
