"""Another way for parcels that missed their connection: the next departure that leads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BETWEEN_S = 3 * 3600
"""Least time at a hub between two departures: unloading, a wave, loading. †"""

LONGEST_WAIT_S = 36 * 3600
"""Habit buys positions rather than wait longer for a departure that was planned anyway. †"""


@dataclass(frozen=True)
class Departure:
    """One load that is still to leave, with the space that nobody has booked."""

    load: int
    origin: int
    to: int
    departs_at: int
    arrives_at: int
    free_m3: float


def choose_way(
    departures: Sequence[Departure], origin: int, to: int, ready_at: int, volume_m3: float
) -> tuple[int, ...] | None:
    """Loads that bring parcels from ``origin`` to ``to``: one, or two over a hub.

    Parameters
    ----------
    departures
        Loads still to leave.
    ready_at
        Seconds since the epoch; parcels can be loaded from then on.
    volume_m3
        Space that all of them need.

    Returns
    -------
    tuple of int or None
        The loads of the way that arrives first; None where none leads there within
        `LONGEST_WAIT_S`.
    """
    usable = [d for d in departures if d.free_m3 >= volume_m3]
    last = ready_at + LONGEST_WAIT_S
    first = [d for d in usable if d.origin == origin and ready_at <= d.departs_at <= last]
    ways = [(d.arrives_at, (d.load,)) for d in first if d.to == to]
    second = [d for d in usable if d.to == to]
    ways += [
        (later.arrives_at, (d.load, later.load))
        for d in first
        for later in second
        if later.origin == d.to and later.departs_at >= d.arrives_at + BETWEEN_S
    ]
    return min(ways)[1] if ways else None
