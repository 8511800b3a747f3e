"""What carriers charge for a parcel: last mile, injection, pickup."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from crossdock.model import Network
from crossdock.model.units import CM3_PER_M3, KG_PER_POUND
from crossdock.plan.capacity.rates import DEPENDENT_CODES

STOPS_PER_HOUR = 14.0
HOURS_PER_BLOCK = 4.0
"""Work that an hour and a block are taken to do when a parcel's share is estimated (†)."""

USPS_ZONE_UPPER_MILES = (50, 150, 300, 600, 1000, 1400, 1800)
"""Upper bounds of zones 1 (local) to 7; 8 lies beyond."""

CELLS = ("vehicle_type", "from", "to", "zone", "entry_level", "weight_from_kg", "weight_to_kg")
_EXACT = ("vehicle_type", "from", "to", "zone", "entry_level")
_CM3_PER_CUBIC_INCH = 16.387064
_LARGEST_INCH_DIVISOR = 1000.0


@dataclass(frozen=True)
class Rate:
    """One carrier's price: ``rate_usd`` a ``basis``, at least the minimum, plus fuel."""

    carrier_id: str
    mode: str
    basis: str
    rate_usd: float
    minimum_usd: float
    fuel_pct: float

    def usd(self, quantity: float) -> float:
        """Price of ``quantity`` of the basis."""
        return max(self.rate_usd * quantity, self.minimum_usd) * (1 + self.fuel_pct / 100)


def rate_of(
    network: Network,
    *,
    carrier_id: str,
    mode: str,
    date: dt.date | None = None,
    weight_kg: float | None = None,
    **cells: str | None,
) -> Rate | None:
    """The rate row that holds for one question; None where nothing is sold.

    Parameters
    ----------
    mode
        lastmile, injection, pickup or linehaul.
    date
        Day of the rate; None: the rows as they are.
    weight_kg
        Billable weight, for rows with a weight bracket.
    cells
        Any of ``vehicle_type``, ``from``, ``to`` (as ``from_`` in a call), ``zone``,
        ``entry_level``; a row that names one not asked for does not match.
    """
    asked = {name.rstrip("_"): value for name, value in cells.items()}
    held = network if date is None else network.on(date)
    rows = _ranked(held["rates"].filter(pl.col("mode") == mode, pl.col("carrier_id") == carrier_id))
    for row in rows:
        if _matches(row, asked) and _in_bracket(row, weight_kg):
            return Rate(
                carrier_id,
                mode,
                row["basis"],
                row["rate_usd"],
                row["minimum_usd"] or 0.0,
                row["fuel_pct"] or 0.0,
            )
    return None


def parcel_rates(
    network: Network, parcels: pl.DataFrame, *, date: dt.date | None = None
) -> pl.Series:
    """Price of each parcel, ``usd``; null where its carrier sells nothing for it.

    Parameters
    ----------
    network
        The checked network.
    parcels
        ``carrier_id, mode, entry_level, origin_zip3, dest_zip3, distance_miles, weight_kg,
        volume_m3`` and, where rates name them, ``vehicle_type``, ``from``, ``to``.
    date
        Day of the rates; None: the rows as they are.

    Notes
    -----
    Zone: the carrier's zones file, else USPS zones by distance. Billable weight: the larger of
    weight and volume over ``dim_divisor``, which counts cubic centimetres a kilogram (5000) or,
    below 1000, cubic inches a pound (166, 139) as carriers print it. A weight bracket holds its
    upper bound. Bases: parcel; stop (one stop a parcel); hour and block (a parcel's share at
    14 stops an hour and 4 hours a block, †); m3; mile. Standing accessorials by parcel are added.
    """
    held = network if date is None else network.on(date)
    priced = np.full(parcels.height, np.nan)
    keyed = _with_zone(held, parcels).with_row_index("at")
    weights = parcels["weight_kg"].to_numpy()
    volumes = parcels["volume_m3"].to_numpy()
    miles = parcels["distance_miles"].to_numpy()
    sold: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for key, group in keyed.group_by("carrier_id", "mode", *_EXACT, maintain_order=True):
        names: tuple[str, ...] = ("carrier_id", "mode", *_EXACT)
        asked: dict[str, Any] = dict(zip(names, key, strict=True))
        seller = (str(asked["carrier_id"]), str(asked["mode"]))
        if seller not in sold:
            sold[seller] = _seller_rows(held["rates"], seller)
        at = group["at"].to_numpy()
        priced[at] = _priced_group(
            [row for row in sold[seller] if _matches(row, asked)],
            weights[at],
            volumes[at],
            miles[at],
        )
    extra = _parcel_accessorials(held, parcels["carrier_id"])
    return pl.Series("usd", priced + extra).fill_nan(None)


def usps_zone(distance_miles: pl.Expr) -> pl.Expr:
    """USPS zone of a distance, ``"1"`` (local) to ``"8"``."""
    zone = pl.lit(1)
    for upper in USPS_ZONE_UPPER_MILES:
        zone = zone + (distance_miles > upper).cast(pl.Int32)
    return zone.cast(pl.String)


def _with_zone(network: Network, parcels: pl.DataFrame) -> pl.DataFrame:
    asked = parcels.select(
        "carrier_id",
        "mode",
        "entry_level",
        "origin_zip3",
        "dest_zip3",
        computed_zone=usps_zone(pl.col("distance_miles")),
        **{
            cell: pl.col(cell) if cell in parcels.columns else pl.lit(None, pl.String)
            for cell in ("vehicle_type", "from", "to")
        },
    )
    zones = network["zones"].select("carrier_id", "origin_zip3", "dest_zip3", "zone")
    return asked.join(
        zones.unique(["carrier_id", "origin_zip3", "dest_zip3"], maintain_order=True),
        on=["carrier_id", "origin_zip3", "dest_zip3"],
        how="left",
        maintain_order="left",
    ).with_columns(zone=pl.coalesce("zone", "computed_zone"))


def _seller_rows(rates: pl.DataFrame, seller: tuple[str, str]) -> list[dict[str, Any]]:
    carrier_id, mode = seller
    return _ranked(rates.filter(pl.col("carrier_id") == carrier_id, pl.col("mode") == mode))


def _ranked(rates: pl.DataFrame) -> list[dict[str, Any]]:
    """Rate rows, the most specific first; among equals the earlier row of the file."""
    filled = pl.sum_horizontal(pl.col(cell).is_not_null().cast(pl.Int64) for cell in CELLS)
    return (
        rates.with_columns(specificity=filled)
        .sort("specificity", descending=True, maintain_order=True)
        .to_dicts()
    )


def _matches(row: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return all(row[cell] is None or row[cell] == asked.get(cell) for cell in _EXACT)


def _in_bracket(row: Mapping[str, Any], weight_kg: float | None) -> bool:
    if weight_kg is None:
        return row["weight_from_kg"] is None and row["weight_to_kg"] is None
    return bool(_bracket_mask(row, np.asarray([weight_kg]))[0])


def _bracket_mask(row: Mapping[str, Any], billable_kg: np.ndarray) -> np.ndarray:
    low = row["weight_from_kg"] or 0.0
    high = np.inf if row["weight_to_kg"] is None else row["weight_to_kg"]
    over = billable_kg > low if low > 0 else billable_kg >= 0
    return over & (billable_kg <= high)


def _priced_group(
    rows: Sequence[Mapping[str, Any]],
    weight_kg: np.ndarray,
    volume_m3: np.ndarray,
    miles: np.ndarray,
) -> np.ndarray:
    """Prices of parcels that differ in measures only; the first row that holds prices them."""
    usd = np.full(weight_kg.shape, np.nan)
    for row in rows:
        quantity = _quantity(row["basis"], volume_m3, miles)
        if quantity is None:
            continue
        mask = np.isnan(usd) & _bracket_mask(row, _billable_kg(row, weight_kg, volume_m3))
        charged = np.maximum(row["rate_usd"] * quantity, row["minimum_usd"] or 0.0)
        usd = np.where(mask, charged * (1 + (row["fuel_pct"] or 0.0) / 100), usd)
        if not np.isnan(usd).any():
            break
    return usd


def _billable_kg(
    row: Mapping[str, Any], weight_kg: np.ndarray, volume_m3: np.ndarray
) -> np.ndarray:
    divisor = row["dim_divisor"]
    if divisor is None:
        return weight_kg
    if divisor < _LARGEST_INCH_DIVISOR:
        divisor = divisor * _CM3_PER_CUBIC_INCH / KG_PER_POUND
    return np.maximum(weight_kg, volume_m3 * CM3_PER_M3 / divisor)


def _quantity(basis: str, volume_m3: np.ndarray, miles: np.ndarray) -> np.ndarray | None:
    one = np.ones_like(volume_m3)
    quantities = {
        "parcel": one,
        "stop": one,
        "hour": one / STOPS_PER_HOUR,
        "block": one / (STOPS_PER_HOUR * HOURS_PER_BLOCK),
        "m3": volume_m3,
        "mile": miles,
    }
    return quantities.get(basis)


def _parcel_accessorials(network: Network, carrier_ids: pl.Series) -> np.ndarray:
    added = (
        network["accessorials"]
        .filter(
            pl.col("basis") == "parcel", ~pl.col("code").str.to_lowercase().is_in(DEPENDENT_CODES)
        )
        .group_by("carrier_id")
        .agg(pl.col("rate_usd").sum())
    )
    by_carrier = dict(zip(added["carrier_id"], added["rate_usd"], strict=True))
    return carrier_ids.replace_strict(by_carrier, default=0.0, return_dtype=pl.Float64).to_numpy()
