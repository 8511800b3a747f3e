"""How fast everybody drives at which time: legs take longer in the rush hour.

Within a stretch of time a speed holds; who is on the way when it changes goes on at the new one
(Ichoua, Gendreau and Potvin 2003). So who leaves later never arrives earlier, and a departure can
be had from an arrival.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.metric import Floats

_FAR = 1e9
"""Beyond the first and the last change of speed, for whoever asks for all times at once."""


@dataclass(frozen=True)
class Speeds:
    """Speed over the usual by time, piece by piece.

    Parameters
    ----------
    since
        When each factor begins to hold, in the unit of the problem, in order; the first one holds
        before as well, the last one for ever.
    factor
        Speed over that of the problem's metric; above 0.
    """

    since: tuple[float, ...]
    factor: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.since or len(self.since) != len(self.factor):
            raise InvalidValueError(
                f"{len(self.since)} times and {len(self.factor)} factors of speed",
                remedy="give one of each a stretch of time, at least one",
            )
        if any(not 0 < each < float("inf") for each in self.factor):
            raise InvalidValueError("a factor of speed is not above 0", remedy="give one above 0")
        if any(later <= before for before, later in zip(self.since, self.since[1:], strict=False)):
            raise InvalidValueError(
                "changes of speed are out of order", remedy="give them in order"
            )

    @property
    def fastest(self) -> float:
        """Largest factor: no leg takes less than its usual time over this."""
        return max(self.factor)

    def slowest(self, starts: float, ends: float) -> float:
        """Smallest factor between two times: no leg within takes more than its time over this."""
        first = max(bisect_right(self.since, starts) - 1, 0)
        last = max(bisect_left(self.since, ends), first + 1)
        return min(self.factor[first:last])

    def arrives(self, departs: float, usual: float) -> float:
        """When a leg ends that begins at ``departs`` and usually takes ``usual``."""
        if usual <= 0:
            return departs
        since, factor = self.since, self.factor
        at = max(bisect_right(since, departs) - 1, 0)
        clock, left = departs, usual
        while at + 1 < len(since):
            within = (since[at + 1] - clock) * factor[at]
            if within >= left:
                break
            left, clock, at = left - within, since[at + 1], at + 1
        return clock + left / factor[at]

    def leaves(self, arrives: float, usual: float) -> float:
        """When a leg must begin at the latest to end by ``arrives``."""
        if usual <= 0:
            return arrives
        since, factor = self.since, self.factor
        at = max(bisect_left(since, arrives) - 1, 0)
        clock, left = arrives, usual
        while at > 0:
            within = (clock - since[at]) * factor[at]
            if within >= left:
                break
            left, clock, at = left - within, since[at], at - 1
        return clock - left / factor[at]

    def lasts(self, departs: Floats, usual: Floats) -> Floats:
        """How long legs take, many at once; both broadcast together."""
        times, driven = self._driven
        ends = np.interp(np.interp(departs, times, driven) + usual, driven, times)
        return np.where(usual > 0, ends - departs, 0.0)

    @cached_property
    def _driven(self) -> tuple[Floats, Floats]:
        """Times, and what is driven by then, in usual time."""
        times = np.array([self.since[0] - _FAR, *self.since, self.since[-1] + _FAR])
        factor = np.array([self.factor[0], *self.factor])
        driven = np.concatenate([[0.0], np.cumsum(np.diff(times) * factor)])
        return times, driven - driven[1]
