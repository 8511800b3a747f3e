"""The vehicles of the carriers that deliver: those that files list, or as many as needed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crossdock.comply.coverage import VehicleRating, regulated
from crossdock.model import Network
from crossdock.model.units import KG_PER_POUND

_FEWEST_STOPS_A_VAN = 30  # † sizes a fleet that no file limits
_USABLE_CLASSES = ("van", "truck")


@dataclass(frozen=True, slots=True)
class VehicleType:
    """A type that can deliver. Capacity is nominal x stow factor."""

    name: str
    capacity_m3: float
    capacity_kg: float | None
    fixed_usd_day: float
    cost_usd_mile: float
    gvwr_kg: float | None = None

    @property
    def regulated(self) -> bool:
        """Whether Parts 390-399 are known to apply: parcels cross state lines, whatever it does."""
        weight_lb = None if not self.gvwr_kg else self.gvwr_kg / KG_PER_POUND
        rating = VehicleRating(gvwr_lb=weight_lb)
        return regulated(rating, placarded=False, commerce="interstate").regulated is True

    def enough(self, parcels: int, volume_m3: float) -> int:
        """Vehicles that certainly suffice: by stops and by cube."""
        by_cube = math.ceil(2 * volume_m3 / max(self.capacity_m3, 0.1))
        return math.ceil(parcels / _FEWEST_STOPS_A_VAN) + by_cube + 2


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle; ``invented`` where no file lists it. Empty hours: the whole day."""

    vehicle_id: str
    carrier_id: str
    type: VehicleType
    available_from: dt.time | None = None
    available_to: dt.time | None = None
    invented: bool = False

    @property
    def cheapness(self) -> tuple[float, float, str]:
        """Sorts vehicles by what a day of theirs costs."""
        return (self.type.fixed_usd_day, self.type.cost_usd_mile, self.vehicle_id)


def usable_types(network: Network) -> list[VehicleType]:
    """Types that can deliver, in the order of the file."""
    rows = network["vehicle_types"].filter(
        pl.col("class").is_in(_USABLE_CLASSES) & (pl.col("nominal_m3") > 0)
    )
    return [
        VehicleType(name, nominal_m3 * stow_factor, *terms)
        for name, nominal_m3, stow_factor, *terms in rows.select(
            "vehicle_type",
            "nominal_m3",
            pl.col("stow_factor").fill_null(1.0),
            "payload_kg",
            pl.col("fixed_usd_day", "cost_usd_mile").fill_null(0.0),
            "gvwr_kg",
        ).iter_rows()
    ]


def insured_until(network: Network, kind: str) -> dict[str, dt.date | None]:
    """Carriers of ``kind`` that deliver, with the day their insurance ends (None: none known).

    A carrier without modes does everything.
    """
    modes = pl.col("modes").fill_null([])
    delivers = (modes.list.len() == 0) | modes.list.contains("lastmile")
    found = network["carriers"].filter(pl.col("kind").eq_missing(kind) & delivers)
    return dict(found.select("carrier_id", "insurance_expires").iter_rows())


def listed_vehicles(
    network: Network, types: Sequence[VehicleType]
) -> Mapping[str, list[Vehicle]] | None:
    """Vehicles of the file by home facility; None where no file lists any."""
    listed = network["vehicles"]
    if listed.is_empty():
        return None
    type_of = {each.name: each for each in types}
    parked: dict[str, list[Vehicle]] = {}
    for vehicle_id, name, facility_id, carrier_id, *hours in listed.select(
        "vehicle_id",
        "vehicle_type",
        "home_facility_id",
        "carrier_id",
        "available_from",
        "available_to",
    ).iter_rows():
        if name in type_of:
            vehicle = Vehicle(vehicle_id, carrier_id, type_of[name], *hours)
            parked.setdefault(facility_id, []).append(vehicle)
    return parked


def invented_vehicles(
    facility_id: str,
    types_of: Mapping[str, Sequence[VehicleType]],
    parcels: int,
    volume_m3: float,
) -> list[Vehicle]:
    """As many vehicles of each carrier's types as certainly suffice."""
    return [
        Vehicle(f"{facility_id}-{carrier}-{each.name}-{i:04d}", carrier, each, invented=True)
        for carrier, types in types_of.items()
        for each in types
        for i in range(1, each.enough(parcels, volume_m3) + 1)
    ]


def types_sold(
    network: Network, carriers: Sequence[str], types: Sequence[VehicleType]
) -> dict[str, list[VehicleType]]:
    """Types that the last-mile rates of each carrier name; a row without type: the smallest."""
    if not types:
        return {}
    smallest = min(types, key=lambda each: (each.capacity_m3, each.name)).name
    named: dict[str, set[str]] = {carrier: set() for carrier in carriers}
    rates = network["rates"].filter(pl.col("mode") == "lastmile")
    for carrier, vehicle_type in rates.select("carrier_id", "vehicle_type").iter_rows():
        if carrier in named:
            named[carrier].add(vehicle_type or smallest)
    return {
        carrier: [each for each in types if each.name in (names or {smallest})]
        for carrier, names in named.items()
    }
