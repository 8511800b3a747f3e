"""The vehicles that a facility can send on a delivery day, each with its driver for the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import InvalidValueError, Network, NotFoundError
from crossdock.model.tables import FLEET, empty
from crossdock.plan.lastmile.drivers import Driver, hired_drivers, listed_drivers, shift
from crossdock.plan.lastmile.hours import regulated_shift
from crossdock.plan.lastmile.prices import LastMileRates, Prices, own_prices
from crossdock.plan.lastmile.problem import LONGEST_DUTY_S
from crossdock.plan.lastmile.vehicles import (
    Vehicle,
    insured_until,
    invented_vehicles,
    listed_vehicles,
    types_sold,
    usable_types,
)

_BLOCK_S = 4 * 3600  # † a crowd driver's block
_DRIVER_KINDS = {"own": "last_mile", "crowd": "crowd", "3pl": "last_mile"}


def last_mile_fleet(
    network: Network,
    facility_id: str,
    delivery_date: dt.date,
    mode: str,
    *,
    parcels: int,
    volume_m3: float = 0.0,
    carrier_id: str | None = None,
) -> pl.DataFrame:
    """Vehicles of ``mode`` at ``facility_id`` on ``delivery_date``: see `FleetYard`.

    Parameters
    ----------
    network
        In force on the date (`Network.on`).
    mode
        ``own``, or ``crowd`` (or another bought mode): carriers of that kind.
    parcels, volume_m3
        What is to be delivered: sizes a fleet that no file limits.
    carrier_id
        Only this carrier; None: all of the kind.

    Returns
    -------
    polars.DataFrame
        Schema ``FLEET``, sorted by vehicle id.

    Raises
    ------
    InvalidValueError
        No fleet delivers by ``mode``.
    NotFoundError
        The facility does not exist.
    """
    yard = FleetYard(network, mode)
    return yard.fleet(
        facility_id, delivery_date, parcels=parcels, volume_m3=volume_m3, carrier_id=carrier_id
    )


class FleetYard:
    """What the carriers of one mode have at every facility, read from the network once.

    One driver a vehicle and day, cheapest vehicles first. Where the network has a vehicles file the
    fleet is the rows it lists for the carriers; else vehicles are hired as needed, of the types
    that the carriers' last-mile rates name (own: every van and truck type). Where it has no driver
    of the kind, drivers are hired at `HIRED_USD_H`. Capacity is nominal x stow factor; a duty is
    the driver's ``max_h``, at most 10 h. Bought vehicles carry their rate, the most specific row
    that fits: a block or a load is its ``fixed_usd_day``, an hour its ``cost_usd_h``.
    In a vehicle that is a commercial motor vehicle (10,001 lb and more), the driver starts rested
    after the ``duty_log`` and has what the 60 or 70 hours leave.

    Parameters
    ----------
    network
        In force on the dates that are asked for (`Network.on`).
    mode
        ``own``, or ``crowd`` (or another bought mode): carriers of that kind.

    Raises
    ------
    InvalidValueError
        No fleet delivers by ``mode``.
    """

    def __init__(self, network: Network, mode: str) -> None:
        if mode not in _DRIVER_KINDS:
            raise InvalidValueError(
                f"no fleet delivers by mode {mode!r}",
                remedy=f"use one of {', '.join(_DRIVER_KINDS)}",
            )
        self._mode = mode
        self._timezones = network.timezones
        self._insured_until = insured_until(network, mode)
        types, carriers = usable_types(network), list(self._insured_until)
        own = mode == "own"
        self._types = (
            dict.fromkeys(carriers, types) if own else types_sold(network, carriers, types)
        )
        self._listed = listed_vehicles(network, types)
        self._drivers = listed_drivers(network, _DRIVER_KINDS[mode])
        self._rates = LastMileRates(network)

    def fleet(
        self,
        facility_id: str,
        delivery_date: dt.date,
        *,
        parcels: int,
        volume_m3: float = 0.0,
        carrier_id: str | None = None,
    ) -> pl.DataFrame:
        """Vehicles that ``facility_id`` can send on ``delivery_date``, paired with drivers.

        Parameters and answer as of `last_mile_fleet`.

        Raises
        ------
        NotFoundError
            The facility does not exist.
        """
        carriers = [
            carrier
            for carrier, until in self._insured_until.items()
            if (until is None or until >= delivery_date) and carrier_id in {None, carrier}
        ]
        vehicles = self._vehicles(facility_id, carriers, parcels, volume_m3)
        if not vehicles:
            return empty(FLEET)
        zone = self._zone(facility_id)
        manned: list[_Manned] = []
        for vehicle, driver in self._pairs(facility_id, vehicles):
            prices = self._prices(facility_id, vehicle, driver)
            starts_at, ends_at = shift(driver, vehicle, delivery_date, zone)
            usual_s = LONGEST_DUTY_S if self._mode == "own" else _BLOCK_S
            duty_s = min(driver.longest_duty_s or usual_s, LONGEST_DUTY_S)
            ruleset = None
            if vehicle.type.regulated:
                legal = regulated_shift(driver, starts_at, self._timezones[facility_id])
                ruleset, starts_at = legal.ruleset, legal.starts_at
                duty_s = min(duty_s, legal.most_duty_s)
            if prices is not None and starts_at < ends_at and duty_s > 0:
                manned.append(_Manned(vehicle, driver, prices, starts_at, ends_at, duty_s, ruleset))
        return _fleet_frame(facility_id, delivery_date, manned)

    def _vehicles(
        self, facility_id: str, carriers: Sequence[str], parcels: int, volume_m3: float
    ) -> list[Vehicle]:
        if self._listed is None:
            types_of = {carrier: self._types.get(carrier, []) for carrier in carriers}
            return invented_vehicles(facility_id, types_of, parcels, volume_m3)
        parked = self._listed.get(facility_id, [])
        return [vehicle for vehicle in parked if vehicle.carrier_id in carriers]

    def _zone(self, facility_id: str) -> ZoneInfo:
        if facility_id not in self._timezones:
            raise NotFoundError(
                f"facility {facility_id!r} is not in the network",
                remedy="name a facility of facilities.csv",
            )
        return ZoneInfo(self._timezones[facility_id])

    def _pairs(
        self, facility_id: str, vehicles: Sequence[Vehicle]
    ) -> Iterator[tuple[Vehicle, Driver]]:
        """Each carrier's i-th cheapest vehicle with its i-th driver; the others stay home."""
        of_carrier: dict[str, list[Vehicle]] = {}
        for vehicle in sorted(vehicles, key=lambda each: each.cheapness):
            of_carrier.setdefault(vehicle.carrier_id, []).append(vehicle)
        for carrier, own in of_carrier.items():
            if self._drivers is None:
                crew = hired_drivers(facility_id, carrier, len(own))
            else:
                crew = self._drivers.get((carrier, facility_id), [])
            yield from zip(own, crew, strict=False)

    def _prices(self, facility_id: str, vehicle: Vehicle, driver: Driver) -> Prices | None:
        if self._mode == "own":
            return own_prices(vehicle.type, driver)
        return self._rates.prices(vehicle.carrier_id, vehicle.type.name, facility_id)


@dataclass(frozen=True, slots=True)
class _Manned:
    """A vehicle with its driver, prices and shift; the rule set only where the law asks."""

    vehicle: Vehicle
    driver: Driver
    prices: Prices
    starts_at: dt.datetime
    ends_at: dt.datetime
    max_duty_s: int
    hos_ruleset: str | None


def _fleet_frame(facility_id: str, date: dt.date, manned: Sequence[_Manned]) -> pl.DataFrame:
    rows = [
        {
            "vehicle_id": each.vehicle.vehicle_id,
            "vehicle_type": each.vehicle.type.name,
            "facility_id": facility_id,
            "carrier_id": each.vehicle.carrier_id,
            "driver_id": each.driver.driver_id,
            "delivery_date": date,
            "capacity_m3": each.vehicle.type.capacity_m3,
            "capacity_kg": each.vehicle.type.capacity_kg,
            "shift_starts_at": each.starts_at,
            "shift_ends_at": each.ends_at,
            "max_duty_s": each.max_duty_s,
            "hos_ruleset": each.hos_ruleset,
            **vars(each.prices),
            "invented": each.vehicle.invented,
        }
        for each in sorted(manned, key=lambda each: each.vehicle.vehicle_id)
    ]
    return pl.DataFrame(rows, schema=pl.Schema(FLEET))
