"""Doors for the departures of a facility, since a plan names none."""

from __future__ import annotations

import datetime as dt

import polars as pl

AT_DOOR = dt.timedelta(hours=2)
"""A trailer stands at its door so long before its planned departure."""


def doors(loads: pl.DataFrame) -> pl.DataFrame:
    """``load_id``, ``door``: each load gets the first door, from 1, that is free for it.

    Planned loads come first, in the order of their departure, then those that were bought later:
    a load that is added, held or cancelled moves no other to another door.

    Parameters
    ----------
    loads
        Every departure of one facility: ``load_id``, ``departs_at``, ``added``.
    """
    taken: list[list[dt.datetime]] = []
    assigned: list[int] = []
    ordered = loads.sort("added", "departs_at", "load_id")
    for departs_at in ordered["departs_at"]:
        door = next(
            (
                place
                for place, times in enumerate(taken)
                if all(abs(departs_at - other) >= AT_DOOR for other in times)
            ),
            len(taken),
        )
        if door == len(taken):
            taken.append([])
        taken[door].append(departs_at)
        assigned.append(door + 1)
    return ordered.select("load_id", door=pl.Series(assigned, dtype=pl.Int64))
