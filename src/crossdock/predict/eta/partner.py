"""How many delivery days a partner takes from the handoff, until its scans teach us better.

USPS Ground Advantage is a two- to five-day product by distance; a parcel entered at the destination
plant (SCF) is delivered the next delivery day, one entered at the delivery unit (DDU) the same day.
The split of the days over zones is a trade-practice assumption.
"""

from __future__ import annotations

import polars as pl

_ZONE_EDGES_MILES = (50.0, 150.0, 300.0, 600.0, 1000.0, 1400.0, 1800.0)
"""USPS zones by distance: 1 to 50 miles, 2 to 150, and so on; beyond 1800 miles is zone 8."""

_ORIGIN_DAYS = (2, 2, 2, 3, 3, 4, 4, 5)
SCF_DAYS = 1

SLIP_PROBABILITY = 0.06
"""Share of handed-over parcels that a partner delivers a day later than stated: USPS was on time
for 94.1 % in December 2025 (ShipMatrix, as reported by FreightWaves, January 2026)."""


def partner_days(mode: pl.Expr, entry_level: pl.Expr, distance_miles: pl.Expr) -> pl.Expr:
    """Delivery days from the day of the handoff to the door.

    Parameters
    ----------
    mode
        Coverage mode: own, crowd, 3pl, usps.
    entry_level
        origin, scf, ddu or null (handed over at the last building).
    distance_miles
        Great-circle miles from the facility of the handoff to the ZIP.
    """
    by_distance = pl.lit(_ORIGIN_DAYS[-1])
    for edge, days in reversed(list(zip(_ZONE_EDGES_MILES, _ORIGIN_DAYS, strict=False))):
        by_distance = pl.when(distance_miles <= edge).then(days).otherwise(by_distance)
    return (
        pl.when(mode.is_in(["own", "crowd"]))
        .then(0)
        .when(entry_level == "origin")
        .then(by_distance)
        .when((entry_level == "scf") | ((mode == "usps") & entry_level.is_null()))
        .then(SCF_DAYS)
        .otherwise(0)
        .cast(pl.Int64)
    )
