"""Line-haul offers: what each carrier and the own fleet can do on each lane, and at what price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from crossdock.model import Network
from crossdock.model.tables import OFFERS, conform
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.plan.capacity.documents import expired_subjects
from crossdock.plan.capacity.own import own_offers
from crossdock.plan.capacity.rates import accessorial_sums, charged_usd, most_specific
from crossdock.plan.capacity.units import vehicle_units
from crossdock.plan.duties import LANE_KEY, lane_modes

VEHICLE_BASES = ("load", "mile", "m3", "hour")
POSITION_BASES = ("pallet_mile", "mile", "load", "m3")
OFFER_KEY = (*LANE_KEY, "kind", "vehicle_type", "carrier_id", "speed")


def linehaul_offers(network: Network, lanes: pl.DataFrame, *, date: dt.date) -> pl.DataFrame:
    """Everything that can be had on each lane on ``date``.

    Parameters
    ----------
    network
        The checked network; rows not in force on ``date`` are left out.
    lanes
        Frame of `crossdock.model.tables.LANES`.
    date
        First operating day of the plan; a carrier whose insurance ends before it offers nothing.

    Returns
    -------
    polars.DataFrame
        Frame of `crossdock.model.tables.OFFERS`, sorted by lane, kind, vehicle type, carrier and
        speed, costs as in network.md "What things cost". ``offer_id`` numbers the rows from 0.
    """
    held = network.on(date)
    modes = lane_modes(lanes)
    units = vehicle_units(held["vehicle_types"])
    carriers = usable_carriers(held, "linehaul", date)
    sold = _sold_offers(held, modes, units, carriers.filter(pl.col("kind") != "own"))
    own = own_offers(held, modes, carriers.filter(pl.col("kind") == "own"), date=date)
    offers = pl.concat([sold, conform(own, OFFERS)]).sort(OFFER_KEY)
    return conform(offers.with_columns(offer_id=pl.int_range(pl.len())), OFFERS)


def usable_carriers(network: Network, mode: str, date: dt.date) -> pl.DataFrame:
    """Carriers whose modes allow ``mode`` and whose insurance and documents hold on ``date``."""
    modes = pl.col("modes")
    expired = expired_subjects(network["documents"], "carrier", date)
    return network["carriers"].filter(
        modes.is_null() | (modes.list.len() == 0) | modes.list.contains(mode),
        pl.col("insurance_expires").is_null() | (pl.col("insurance_expires") >= date),
        ~pl.col("carrier_id").is_in(expired.implode()),
    )


def _sold_offers(
    network: Network, modes: pl.DataFrame, units: pl.DataFrame, carriers: pl.DataFrame
) -> pl.DataFrame:
    """Bought vehicles and pooled positions."""
    rates = network["rates"].filter(
        pl.col("mode") == "linehaul", pl.col("carrier_id").is_in(carriers["carrier_id"].implode())
    )
    position = pl.col("class") == "pallet_space"
    pooled = _priced(
        modes.filter(pl.col("speed") == "pooled"),
        units.filter(position),
        rates.filter(_sells(POSITION_BASES, unnamed=("pallet_mile",))),
    ).with_columns(kind=pl.lit("pooled"))
    bought = _priced(
        modes.filter(pl.col("speed") != "pooled"),
        units.filter(~position),
        rates.filter(_sells(VEHICLE_BASES, unnamed=VEHICLE_BASES)),
    ).with_columns(kind=pl.lit("bought"))
    offers = pl.concat([bought, pooled])
    offers = (
        offers.join(
            carriers.select("carrier_id", "service_score", "daily_capacity"),
            on="carrier_id",
            how="left",
            maintain_order="left",
        )
        .join(
            accessorial_sums(network["accessorials"], ("load", "mile", "pallet")),
            on="carrier_id",
            how="left",
            maintain_order="left",
        )
        .join(_team_charges(network), on="carrier_id", how="left", maintain_order="left")
    )
    return conform(
        offers.with_columns(
            cost_usd=pl.col("cost_usd") + _accessorials(),
            max_units=pl.col("daily_capacity").floor().cast(pl.Int64),
            driver_mode="mode",
        ),
        OFFERS,
    )


def _sells(bases: Sequence[str], unnamed: Sequence[str]) -> pl.Expr:
    """Rows with a basis that prices it; rows that name no vehicle type only with ``unnamed``."""
    return pl.col("basis").is_in(bases) & (
        pl.col("vehicle_type").is_not_null() | pl.col("basis").is_in(unnamed)
    )


def _priced(modes: pl.DataFrame, units: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Lanes x vehicle types x carriers that sell them, priced; what nobody sells is left out."""
    cells = ("from", "to", "vehicle_type")
    lanes = modes.select(LANE_KEY).unique(maintain_order=True)
    sellers = rates.select("carrier_id").unique(maintain_order=True)
    asked = (
        lanes.join(
            units.select("vehicle_type", "unit_m3", "unit_kg", "units_per_vehicle"), how="cross"
        )
        .join(sellers, how="cross")
        .rename({"from_facility_id": "from", "to_facility_id": "to"})
    )
    matched = most_specific(asked, rates, cells).filter(pl.col("rate_usd").is_not_null())
    priced = modes.join(
        matched, left_on=LANE_KEY, right_on=("from", "to"), how="inner", maintain_order="left"
    )
    hours = pl.col("transit_s") / SECONDS_PER_HOUR
    basis = pl.col("basis")
    quantity = (
        pl.when(basis.is_in(["mile", "pallet_mile"]))
        .then("miles")
        .when(basis == "m3")
        .then(pl.col("unit_m3") * pl.col("units_per_vehicle"))
        .when(basis == "hour")
        .then(hours)
        .otherwise(1.0)
    )
    return priced.with_columns(cost_usd=charged_usd(pl.col("rate_usd") * quantity))


def _team_charges(network: Network) -> pl.DataFrame:
    team = network["accessorials"].filter(pl.col("code").str.to_lowercase() == "team")
    return team.group_by("carrier_id", maintain_order=True).agg(
        pl.col("rate_usd").filter(pl.col("basis") == "mile").sum().alias("team_mile_usd"),
        pl.col("rate_usd").filter(pl.col("basis") == "load").sum().alias("team_load_usd"),
    )


def _accessorials() -> pl.Expr:
    def usd(name: str) -> pl.Expr:
        return pl.col(name).fill_null(0.0)

    always = usd("add_mile_usd") * pl.col("miles")
    by_unit = (
        pl.when(pl.col("kind") == "pooled")
        .then(usd("add_pallet_usd"))
        .otherwise(usd("add_load_usd"))
    )
    team = usd("team_load_usd") + usd("team_mile_usd") * pl.col("miles")
    return always + by_unit + pl.when(pl.col("speed") == "team").then(team).otherwise(0.0)
