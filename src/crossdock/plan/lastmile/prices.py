"""What a tour of a vehicle is charged by: own costs, or a carrier's last-mile rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from crossdock.model import Network
from crossdock.plan.lastmile.drivers import HIRED_USD_H, Driver
from crossdock.plan.lastmile.vehicles import VehicleType

_BASIS_PRICE: Mapping[str, str] = MappingProxyType(
    {
        "block": "fixed_usd_day",
        "load": "fixed_usd_day",
        "mile": "cost_usd_mile",
        "hour": "cost_usd_h",
        "stop": "usd_stop",
        "parcel": "usd_parcel",
    }
)
_RATE_CELLS = ("vehicle_type", "from")


@dataclass(frozen=True)
class Prices:
    """Prices of a vehicle, named as in ``FLEET``."""

    fixed_usd_day: float = 0.0
    cost_usd_mile: float = 0.0
    cost_usd_h: float = 0.0
    usd_stop: float = 0.0
    usd_parcel: float = 0.0
    minimum_usd: float = 0.0
    fuel_pct: float = 0.0


class LastMileRates:
    """The last-mile rates of every carrier."""

    def __init__(self, network: Network) -> None:
        self._of_carrier: dict[str, list[dict[str, Any]]] = {}
        rows = network["rates"].filter(
            (pl.col("mode") == "lastmile") & pl.col("basis").is_in(list(_BASIS_PRICE))
        )
        for row in rows.iter_rows(named=True):
            self._of_carrier.setdefault(row["carrier_id"], []).append(row)

    def prices(self, carrier_id: str, vehicle_type: str, facility_id: str) -> Prices | None:
        """Prices of the most specific row, the first of equals; None: the carrier sells nothing."""
        asked = {"vehicle_type": vehicle_type, "from": facility_id}
        fits = [row for row in self._of_carrier.get(carrier_id, []) if _fits(row, asked)]
        return _prices(max(fits, key=_filled_cells)) if fits else None


def own_prices(vehicle_type: VehicleType, driver: Driver) -> Prices:
    """Own costs by the formula of network.md."""
    return Prices(
        fixed_usd_day=vehicle_type.fixed_usd_day,
        cost_usd_mile=vehicle_type.cost_usd_mile,
        cost_usd_h=HIRED_USD_H if driver.cost_usd_h is None else driver.cost_usd_h,
    )


def _fits(row: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    return all(row[cell] is None or row[cell] == asked[cell] for cell in _RATE_CELLS)


def _filled_cells(row: Mapping[str, Any]) -> int:
    return sum(row[cell] is not None for cell in _RATE_CELLS)


def _prices(row: Mapping[str, Any]) -> Prices:
    charged = {_BASIS_PRICE[row["basis"]]: float(row["rate_usd"])}
    return Prices(**charged, minimum_usd=row["minimum_usd"] or 0.0, fuel_pct=row["fuel_pct"] or 0.0)
