"""The draws of a Monte Carlo forecast: one stratified column for each thing that is left to luck.

Every parcel meets the same columns (a Latin hypercube of the whole path). So a parcel's forecast
depends on its path alone, not on which others are asked with it or in which order; two parcels with
the same path get the same ETA; and each single cause is met exactly as often as it is likely, to
within one draw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossdock.model import stream

Floats = NDArray[np.float64]


class Luck:
    """Columns of even numbers in (0, 1), by purpose.

    Parameters
    ----------
    seed
        Root seed.
    draws
        Length of a column.
    """

    def __init__(self, seed: int, draws: int) -> None:
        self._seed = seed
        self.draws = draws
        self._columns: dict[tuple[str | int, ...], Floats] = {}

    def column(self, *purpose: str | int) -> Floats:
        """The draws of one purpose: one in each of ``draws`` equal parts, in a random order."""
        if purpose not in self._columns:
            rng = stream(self._seed, "eta", *purpose)
            places = rng.permutation(self.draws) + rng.random(self.draws)
            self._columns[purpose] = places / self.draws
        return self._columns[purpose]
