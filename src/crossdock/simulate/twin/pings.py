"""Positions of a vehicle that goes from one place to another, told on a grid of time."""

from __future__ import annotations

import numpy as np

from crossdock.simulate.twin.journal import Journal, payload

Place = tuple[float, float]


def tell_way(
    journal: Journal,
    vehicle: str,
    between: tuple[int, int],
    ends: tuple[Place, Place],
    every_s: int,
    **about: str,
) -> None:
    """Tell a vehicle's position every ``every_s`` seconds of its way.

    Parameters
    ----------
    between
        Departure and arrival, seconds since the epoch.
    ends
        Where it leaves from and goes to, in degrees; it moves evenly on the straight line.
    about
        ``load_id`` or ``route_id`` of the payload.
    """
    starts, arrives = between
    first = starts - starts % every_s + every_s
    instants = np.arange(first, arrives, every_s)
    if not len(instants):
        return
    share = (instants - starts) / max(arrives - starts, 1)
    (latitude, longitude), (to_latitude, to_longitude) = ends
    for at, north, east in zip(
        instants.tolist(),
        (latitude + share * (to_latitude - latitude)).round(5).tolist(),
        (longitude + share * (to_longitude - longitude)).round(5).tolist(),
        strict=True,
    ):
        journal.tell(
            "position",
            f"vehicle:{vehicle}",
            at,
            vehicle,
            vehicle=vehicle,
            told=payload(latitude=north, longitude=east, **about),
        )
