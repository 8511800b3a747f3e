"""The vehicles that a facility can send on a delivery day, each with its driver for the day."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import InvalidValueError, Network, NotFoundError
from crossdock.model.tables import FLEET, conform, empty
from crossdock.plan.lastmile.problem import LONGEST_DUTY_S

HIRED_USD_H = 32.0
"""Hourly cost of a driver whom no file names."""

_SHIFT = (dt.time(8), dt.time(20, 30))  # † where no file says
_BLOCK_S = 4 * 3600  # † a crowd driver's block
_FEWEST_STOPS_A_VAN = 30  # † sizes a fleet that no file limits
_USABLE_CLASSES = ("van", "truck")
_RATE_CELLS = ("vehicle_type", "from")
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
    """Vehicles of ``mode`` at ``facility_id`` on ``delivery_date``, paired with drivers.

    One driver a vehicle and day, cheapest vehicles first. Where the network has a vehicles file the
    fleet is the rows it lists for the carriers; else vehicles are hired as needed, of the types
    that the carriers' last-mile rates name (own: every van and truck type). Where it has no driver
    of the kind, drivers are hired at `HIRED_USD_H`. Capacity is nominal x stow factor; a duty is
    the driver's ``max_h``, at most 10 h.

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
        Schema ``FLEET``, sorted by vehicle id. Bought vehicles carry their rate, the most specific
        row that fits: a block or a load is its ``fixed_usd_day``, an hour its ``cost_usd_h``.

    Raises
    ------
    NotFoundError
        The facility does not exist.
    """
    site = _Site(network, facility_id, delivery_date)
    carriers = _carriers(network, delivery_date, mode, carrier_id)
    vehicles = _vehicles(site, carriers, mode, parcels, volume_m3)
    if vehicles.is_empty():
        return empty(FLEET)
    staffed = _with_drivers(site, vehicles, mode)
    return conform(_with_prices(site, staffed, mode), FLEET).sort("vehicle_id")


@dataclass(frozen=True)
class _Site:
    network: Network
    facility_id: str
    date: dt.date

    @property
    def timezone(self) -> ZoneInfo:
        name = self.network.timezones.get(self.facility_id)
        if name is None:
            raise NotFoundError(
                f"facility {self.facility_id!r} is not in the network",
                remedy="name a facility of facilities.csv",
            )
        return ZoneInfo(name)

    def instant(self, time: dt.time, *, next_day: bool = False) -> dt.datetime:
        date = self.date + dt.timedelta(days=int(next_day))
        return dt.datetime.combine(date, time, self.timezone).astimezone(dt.UTC)


def _carriers(network: Network, date: dt.date, mode: str, carrier_id: str | None) -> pl.DataFrame:
    """Insured carriers of the kind that deliver; a carrier without modes does everything."""
    if mode not in _DRIVER_KINDS:
        raise InvalidValueError(
            f"no fleet delivers by mode {mode!r}", remedy=f"use one of {', '.join(_DRIVER_KINDS)}"
        )
    modes = pl.col("modes").fill_null([])
    delivers = (modes.list.len() == 0) | modes.list.contains("lastmile")
    insured = pl.col("insurance_expires").is_null() | (pl.col("insurance_expires") >= date)
    found = network["carriers"].filter(pl.col("kind").eq_missing(mode) & delivers & insured)
    return found if carrier_id is None else found.filter(pl.col("carrier_id") == carrier_id)


def _vehicles(
    site: _Site, carriers: pl.DataFrame, mode: str, parcels: int, volume_m3: float
) -> pl.DataFrame:
    """Vehicles with the columns of their type; ``invented`` where no file lists any."""
    types = site.network["vehicle_types"].filter(
        pl.col("class").is_in(_USABLE_CLASSES) & (pl.col("nominal_m3") > 0)
    )
    types = types.drop("effective_from", "effective_to").with_columns(
        capacity_m3=pl.col("nominal_m3") * pl.col("stow_factor").fill_null(1.0),
        capacity_kg=pl.col("payload_kg"),
    )
    listed = site.network["vehicles"]
    if listed.height:
        return (
            listed.filter(pl.col("home_facility_id") == site.facility_id)
            .join(carriers.select("carrier_id"), on="carrier_id", maintain_order="left")
            .join(types, on="vehicle_type", maintain_order="left")
            .with_columns(invented=pl.lit(value=False))
        )
    sold = _types_sold(site.network, carriers, types, mode)
    rows = [
        {
            **row,
            "vehicle_id": f"{site.facility_id}-{row['carrier_id']}-{row['vehicle_type']}-{i:04d}",
        }
        for row in sold.iter_rows(named=True)
        for i in range(1, _enough(parcels, volume_m3, row["capacity_m3"]) + 1)
    ]
    if not rows:
        return pl.DataFrame()
    none = pl.lit(None, pl.Time)
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        available_from=none, available_to=none, invented=pl.lit(value=True)
    )


def _types_sold(
    network: Network, carriers: pl.DataFrame, types: pl.DataFrame, mode: str
) -> pl.DataFrame:
    """Carrier and type: own carriers every type; others what rates name, else the smallest."""
    owners = carriers.select("carrier_id")
    if mode == "own":
        return owners.join(types, how="cross")
    rates = network["rates"].filter(pl.col("mode") == "lastmile")
    named = owners.join(rates.select("carrier_id", "vehicle_type"), on="carrier_id", how="left")
    smallest = types.sort("capacity_m3", "vehicle_type")["vehicle_type"].first()
    named = named.with_columns(pl.col("vehicle_type").fill_null(pl.lit(smallest, pl.String)))
    return (
        named.unique(maintain_order=True)
        .join(types, on="vehicle_type", maintain_order="left")
        .sort("carrier_id", "vehicle_type")
    )


def _enough(parcels: int, volume_m3: float, capacity_m3: float) -> int:
    """Vehicles that certainly suffice: by stops and by cube."""
    by_cube = math.ceil(2 * volume_m3 / max(capacity_m3, 0.1))
    return math.ceil(parcels / _FEWEST_STOPS_A_VAN) + by_cube + 2


def _with_drivers(site: _Site, vehicles: pl.DataFrame, mode: str) -> pl.DataFrame:
    """Each vehicle with its driver of the day and the shift; vehicles without driver stay home."""
    cheapest = vehicles.sort(
        pl.col("fixed_usd_day").fill_null(0.0),
        pl.col("cost_usd_mile").fill_null(0.0),
        "vehicle_id",
    )
    kind = _DRIVER_KINDS[mode]
    listed = site.network["drivers"].filter(pl.col("kind") == kind)
    paired = [
        _paired(rows, listed.filter(pl.col("carrier_id") == carrier), site, bool(listed.height))
        for (carrier,), rows in cheapest.group_by("carrier_id", maintain_order=True)
    ]
    staffed = pl.concat(paired)
    longest = LONGEST_DUTY_S if mode == "own" else _BLOCK_S
    duty_s = (pl.col("max_h") * 3600).fill_null(longest).clip(upper_bound=LONGEST_DUTY_S)
    shifts = [_shift(site, row) for row in staffed.iter_rows(named=True)]
    return staffed.with_columns(
        facility_id=pl.lit(site.facility_id),
        delivery_date=pl.lit(site.date),
        capacity_parcels=pl.lit(None, pl.Int64),
        max_duty_s=duty_s.cast(pl.Int64),
        shift_starts_at=pl.Series([start for start, _ in shifts], dtype=pl.Datetime("us", "UTC")),
        shift_ends_at=pl.Series([end for _, end in shifts], dtype=pl.Datetime("us", "UTC")),
    ).filter(pl.col("shift_starts_at") < pl.col("shift_ends_at"))


def _paired(
    vehicles: pl.DataFrame, drivers: pl.DataFrame, site: _Site, listed: bool
) -> pl.DataFrame:
    """The i-th vehicle with the i-th driver domiciled here; hired ones if no file lists any."""
    columns = ("driver_id", "shift_start", "shift_end", "max_h", "cost_usd_h")
    if listed:
        here = drivers.filter(pl.col("domicile_facility_id") == site.facility_id)
        crew = here.sort("driver_id").select(columns)
    else:
        carrier = vehicles["carrier_id"][0]
        crew = pl.DataFrame(
            {
                "driver_id": [
                    f"{site.facility_id}-{carrier}-driver-{number:04d}"
                    for number in range(1, vehicles.height + 1)
                ]
            }
        ).with_columns(
            shift_start=pl.lit(None, pl.Time),
            shift_end=pl.lit(None, pl.Time),
            max_h=pl.lit(None, pl.Float64),
            cost_usd_h=pl.lit(HIRED_USD_H),
        )
    pairs = min(vehicles.height, crew.height)
    crew = crew.rename({"cost_usd_h": "driver_usd_h"})
    return pl.concat([vehicles.head(pairs), crew.head(pairs)], how="horizontal")


def _shift(site: _Site, row: dict[str, object]) -> tuple[dt.datetime, dt.datetime]:
    """Shift of the driver within the hours of the vehicle; one that ends earlier ends next day."""

    def local(column: str, default: dt.time) -> dt.time:
        value = row[column]
        return value if isinstance(value, dt.time) else default

    begin, end = local("shift_start", _SHIFT[0]), local("shift_end", _SHIFT[1])
    starts, ends = site.instant(begin), site.instant(end, next_day=end <= begin)
    open_from = site.instant(local("available_from", dt.time(0)))
    until = local("available_to", dt.time(0))
    open_to = site.instant(until, next_day=until <= local("available_from", dt.time(0)))
    return max(starts, open_from), min(ends, open_to)


def _with_prices(site: _Site, staffed: pl.DataFrame, mode: str) -> pl.DataFrame:
    """Own costs by the formula of network.md; bought ones from the carrier's last-mile rates."""
    zero = pl.lit(0.0)
    if mode == "own":
        return staffed.with_columns(
            pl.col("fixed_usd_day", "cost_usd_mile").fill_null(0.0),
            cost_usd_h=pl.col("driver_usd_h").fill_null(HIRED_USD_H),
            usd_stop=zero,
            usd_parcel=zero,
            minimum_usd=zero,
            fuel_pct=zero,
        )
    rates = site.network["rates"].filter(
        (pl.col("mode") == "lastmile")
        & (pl.col("from").is_null() | (pl.col("from") == site.facility_id))
    )
    priced = [
        _priced(rows, rates.filter(pl.col("carrier_id") == carrier), str(vehicle_type))
        for (carrier, vehicle_type), rows in staffed.group_by(
            "carrier_id", "vehicle_type", maintain_order=True
        )
    ]
    return pl.concat([rows for rows in priced if rows.height]) if priced else staffed


_BASIS_COLUMN = {
    "block": "fixed_usd_day",
    "load": "fixed_usd_day",
    "mile": "cost_usd_mile",
    "hour": "cost_usd_h",
    "stop": "usd_stop",
    "parcel": "usd_parcel",
}


def _priced(vehicles: pl.DataFrame, rates: pl.DataFrame, vehicle_type: str) -> pl.DataFrame:
    """``vehicles`` with the most specific rate; none where the carrier sells nothing for them."""
    fits = rates.filter(
        (pl.col("vehicle_type").is_null() | (pl.col("vehicle_type") == vehicle_type))
        & pl.col("basis").is_in(list(_BASIS_COLUMN))
    )
    if fits.is_empty():
        return vehicles.clear().with_columns(_price_columns({}))
    filled = pl.sum_horizontal(pl.col(cell).is_not_null() for cell in _RATE_CELLS)
    best = fits.with_row_index("order").sort(filled, "order", descending=[True, False])
    rate = best.row(0, named=True)
    return vehicles.with_columns(
        _price_columns(
            {
                _BASIS_COLUMN[rate["basis"]]: rate["rate_usd"],
                "minimum_usd": rate["minimum_usd"] or 0.0,
                "fuel_pct": rate["fuel_pct"] or 0.0,
            }
        )
    )


def _price_columns(prices: dict[str, float]) -> list[pl.Expr]:
    names = (*dict.fromkeys(_BASIS_COLUMN.values()), "minimum_usd", "fuel_pct")
    return [pl.lit(float(prices.get(name, 0.0))).alias(name) for name in names]
