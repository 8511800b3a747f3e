"""The built-in network, put together."""

from __future__ import annotations

import math

from crossdock.model import Network, UsageError
from crossdock.simulate.builtin.carriers import accessorials, carriers, rates
from crossdock.simulate.builtin.coverage import coverage
from crossdock.simulate.builtin.facilities import (
    appointments,
    calendars,
    facilities,
    services,
    sort_waves,
)
from crossdock.simulate.builtin.fleet import documents, drivers, vehicle_types, vehicles
from crossdock.simulate.builtin.lanes import lanes
from crossdock.simulate.builtin.metros import LARGEST_METROS, PEAK_DAY_PARCELS, metro_table


def builtin_network(metros: int = LARGEST_METROS, *, scale: float = 1.0) -> Network:
    """A parcel network over real US geography (network.md, sections 2 to 6).

    Parameters
    ----------
    metros
        How many of the 45 largest metros have a station, 1 to 45; Los Angeles, Dallas and Newark,
        the origins, come first.
    scale
        Size against a peak day of 20,000 parcels: fleets, drivers, doors, sort rates and carrier
        capacities grow with it.

    Raises
    ------
    UsageError
        ``metros`` is out of range or ``scale`` is not positive.
    """
    if not (math.isfinite(scale) and scale > 0):
        raise UsageError(f"a network cannot have scale {scale}", remedy="use a scale above 0")
    chosen = metro_table(metros)
    fleet_of_vehicles = vehicles(chosen, scale)
    crew = drivers(chosen, scale)
    return Network.of(
        {
            "facilities": facilities(chosen, scale),
            "sort_waves": sort_waves(chosen, scale),
            "coverage": coverage(chosen),
            "services": services(),
            "calendars": calendars(),
            "lanes": lanes(chosen),
            "appointments": appointments(chosen, scale),
            "vehicle_types": vehicle_types(),
            "vehicles": fleet_of_vehicles,
            "drivers": crew,
            "carriers": carriers(scale),
            "rates": rates(),
            "accessorials": accessorials(),
            "documents": documents(crew),
        },
        assumptions=(
            f"built-in network of {chosen.height} metros, sized for a peak day of "
            f"{PEAK_DAY_PARCELS * scale:,.0f} parcels",
            "built-in carriers, rates, fleets and sort waves are examples from trade practice and "
            "published averages (ATRI 2024), not offers of real companies",
        ),
    )
