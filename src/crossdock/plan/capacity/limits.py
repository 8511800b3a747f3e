"""What a plan may use: carriers' days and commitments, the own yard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crossdock.model import Network
from crossdock.plan.capacity.own import own_vehicles, tractor_type


@dataclass(frozen=True)
class Limits:
    """Limits of the carriers and the own fleet.

    Attributes
    ----------
    per_day
        Most that a carrier takes a day: ``daily_capacity``, and no more than ``commit_max``.
    least_per_day
        ``commit_min``: less is paid for.
    yard
        Own units by carrier, facility and vehicle type; None: as many as needed.
    tractor, trailers
        The type that pulls trailers (None: a trailer row includes it), and the trailer types.
    """

    per_day: Mapping[str, float]
    least_per_day: Mapping[str, float]
    yard: Mapping[tuple[str, str, str], int] | None
    tractor: str | None
    trailers: frozenset[str]

    def equipment(self, vehicle_type: str, units: int, vehicles: int) -> dict[str, int]:
        """Own units that leave the yard with so many vehicles: trailers take their tractors."""
        if self.tractor is None or vehicle_type not in self.trailers:
            return {vehicle_type: units}
        return {vehicle_type: units, self.tractor: vehicles}

    def standing(self, carrier_id: str, facility_id: str, vehicle_type: str) -> int | None:
        """Own units of a type at a facility; None without limit."""
        if self.yard is None:
            return None
        return self.yard.get((carrier_id, facility_id, vehicle_type), 0)


def network_limits(network: Network, date: dt.date) -> Limits:
    """Limits that the network files set on ``date``."""
    carriers = network["carriers"].select(
        "carrier_id", "commit_min", most=pl.min_horizontal("daily_capacity", "commit_max")
    )
    types = network["vehicle_types"]
    return Limits(
        per_day={carrier: most for carrier, _, most in carriers.iter_rows() if most is not None},
        least_per_day={carrier: least for carrier, least, _ in carriers.iter_rows() if least},
        yard=_yard(network, date),
        tractor=tractor_type(types),
        trailers=frozenset(types.filter(pl.col("class") == "trailer")["vehicle_type"]),
    )


def _yard(network: Network, date: dt.date) -> dict[tuple[str, str, str], int] | None:
    counted = own_vehicles(network, date)
    if counted is None:
        return None
    return {
        (carrier, facility, vehicle_type): count
        for carrier, facility, vehicle_type, count in counted.select(
            "carrier_id", "from_facility_id", "vehicle_type", "vehicles"
        ).iter_rows()
    }
