"""The own fleet: where it stands, and what a round trip with it costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from crossdock.model import Network
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.plan.capacity.documents import expired_subjects
from crossdock.plan.capacity.units import vehicle_units
from crossdock.plan.duties import CrewDuty, Trip, crew_duty

DEFAULT_DRIVER_USD_H = 32.0
"""Where no drivers file says otherwise (†)."""

TRIP_KEY = ("from_facility_id", "to_facility_id", "mode")


@dataclass(frozen=True)
class OwnCost:
    """What an own vehicle and a lane there and back charge, apart from its drivers.

    Per mile and day: of the whole combination, with tractor and both pups where it has them.
    """

    loaded_usd_mile: float
    empty_usd_mile: float
    fixed_usd_day: float
    miles: float
    back_miles: float
    toll_usd: float
    back_toll_usd: float

    def round_trip_usd(
        self, duty: CrewDuty, seat_usd_h: tuple[float, ...], *, loaded_back: bool
    ) -> tuple[float, float]:
        """Cost of the way out and of the way back.

        Each way pays its own miles and tolls; the fixed cost of the days used and the drivers'
        paid hours are split by miles. The two sum to network.md's formula.
        """
        paid_usd = sum(
            paid_s / SECONDS_PER_HOUR * usd_h
            for paid_s, usd_h in zip(duty.paid_s, seat_usd_h, strict=True)
        )
        shared_usd = self.fixed_usd_day * duty.days + paid_usd
        both = self.miles + self.back_miles
        out_share = self.miles / both if both > 0 else 0.5
        back_usd_mile = self.loaded_usd_mile if loaded_back else self.empty_usd_mile
        out_usd = self.loaded_usd_mile * self.miles + self.toll_usd
        back_usd = back_usd_mile * self.back_miles + self.back_toll_usd
        return out_usd + shared_usd * out_share, back_usd + shared_usd * (1 - out_share)


def own_offers(
    network: Network, modes: pl.DataFrame, carriers: pl.DataFrame, *, date: dt.date
) -> pl.DataFrame:
    """Offers of the own fleet: out and the empty way back, one row a carrier, type and speed.

    Own vehicles are offered where they stand (anywhere, without a vehicles file) and only with
    line-haul drivers at the start (and at the relay; a pair for a team).
    """
    rolling = modes.filter(pl.col("speed") != "pooled")
    fleet = _fleet(network, rolling, carriers, date)
    staffed = _with_drivers(
        network, rolling.join(fleet, on="from_facility_id", how="inner", maintain_order="left")
    )
    return (
        staffed.join(
            vehicle_costs(network["vehicle_types"]),
            on="vehicle_type",
            how="left",
            maintain_order="left",
        )
        .join(_round_trips(staffed), on=TRIP_KEY, how="left", maintain_order="left")
        .with_columns(
            kind=pl.lit("own"),
            driver_mode="mode",
            cost_usd=pl.col("loaded_usd_mile") * pl.col("miles")
            + pl.col("empty_usd_mile") * pl.col("back_miles")
            + pl.col("toll_usd")
            + pl.col("back_toll_usd")
            + pl.col("fixed_usd_day") * pl.col("days")
            + pl.col("driver_usd_h") * pl.col("paid_h"),
        )
    )


def tractor_type(vehicle_types: pl.DataFrame) -> str | None:
    """The tractor that pulls the trailers: the cheapest type; None: trailers include it."""
    tractors = vehicle_types.filter(pl.col("class") == "tractor").sort(
        pl.col("cost_usd_mile").fill_null(0.0), "vehicle_type"
    )
    return None if tractors.is_empty() else str(tractors["vehicle_type"][0])


def vehicle_costs(vehicle_types: pl.DataFrame) -> pl.DataFrame:
    """Cost of a whole vehicle: ``vehicle_type, loaded_usd_mile, empty_usd_mile, fixed_usd_day``.

    With a tractor type in the files, a trailer's vehicle is the tractor and its trailers (two
    pups); without, a trailer row is the price of the whole combination.
    """
    terms = vehicle_units(vehicle_types.filter(pl.col("class") != "tractor")).select(
        "vehicle_type", "class", "units_per_vehicle", *_cost_terms()
    )
    name = tractor_type(vehicle_types)
    if name is None:
        return terms.drop("class", "units_per_vehicle")
    tractor = vehicle_types.filter(pl.col("vehicle_type") == name).select(_cost_terms())
    trailer = pl.col("class") == "trailer"
    return terms.with_columns(
        pl.when(trailer)
        .then(pl.col(column) * pl.col("units_per_vehicle") + float(tractor[column][0]))
        .otherwise(pl.col(column))
        .alias(column)
        for column in tractor.columns
    ).drop("class", "units_per_vehicle")


def own_vehicles(network: Network, date: dt.date) -> pl.DataFrame | None:
    """Line-haul equipment by ``carrier_id, from_facility_id, vehicle_type``: ``vehicles``.

    None without a vehicles file: as many as needed. Vans of a carrier that also delivers are the
    last mile's where they stand at a delivery station, and a vehicle with a document that has
    expired stays in the yard.
    """
    vehicles = network["vehicles"]
    if vehicles.is_empty():
        return None
    stations = network["facilities"].filter(pl.col("roles").list.contains("destination_station"))
    couriers = network["carriers"].filter(
        pl.col("modes").is_null()
        | (pl.col("modes").list.len() == 0)
        | pl.col("modes").list.contains("lastmile")
    )
    delivers = (
        (pl.col("class") == "van")
        & pl.col("home_facility_id").is_in(stations["facility_id"].implode())
        & pl.col("carrier_id").is_in(couriers["carrier_id"].implode())
    )
    types = network["vehicle_types"].select("vehicle_type", "class")
    unfit = expired_subjects(network["documents"], "vehicle", date)
    return (
        vehicles.filter(~pl.col("vehicle_id").is_in(unfit.implode()))
        .join(types, on="vehicle_type", how="left", maintain_order="left")
        .filter(~delivers)
        .group_by(
            "carrier_id", "vehicle_type", from_facility_id="home_facility_id", maintain_order=True
        )
        .agg(vehicles=pl.len().cast(pl.Int64))
    )


def _cost_terms() -> list[pl.Expr]:
    usd_mile = pl.col("cost_usd_mile").fill_null(0.0)
    return [
        usd_mile.alias("loaded_usd_mile"),
        (usd_mile * pl.col("empty_factor").fill_null(1.0)).alias("empty_usd_mile"),
        pl.col("fixed_usd_day").fill_null(0.0),
    ]


def _fleet(
    network: Network, modes: pl.DataFrame, carriers: pl.DataFrame, date: dt.date
) -> pl.DataFrame:
    """Own carriers' vehicle types by where they can start, with ``max_units`` of them."""
    vehicle_types = network["vehicle_types"]
    types = vehicle_units(vehicle_types.filter(pl.col("class") != "pallet_space")).select(
        "vehicle_type", "class", "unit_m3", "unit_kg", "units_per_vehicle"
    )
    owners = carriers.select("carrier_id", "service_score")
    counted = own_vehicles(network, date)
    if counted is None:
        starts = modes.select("from_facility_id").unique(maintain_order=True)
        fleet = starts.join(owners, how="cross").join(types, how="cross")
        return fleet.with_columns(max_units=pl.lit(None, pl.Int64)).drop("class")
    home = ("carrier_id", "from_facility_id")
    tractor = tractor_type(vehicle_types)
    tractors = counted.filter(
        pl.col("vehicle_type").is_in([] if tractor is None else [tractor])
    ).select(*home, tractors="vehicles")
    pulled = (pl.col("class") == "trailer") & pl.lit(tractor is not None)
    in_yard = pl.col("vehicles") // pl.col("units_per_vehicle")
    return (
        counted.join(owners, on="carrier_id", how="inner", maintain_order="left")
        .join(types, on="vehicle_type", how="inner", maintain_order="left")
        .join(tractors, on=home, how="left", maintain_order="left")
        .with_columns(
            max_units=pl.when(pulled)
            .then(pl.min_horizontal(in_yard, pl.col("tractors").fill_null(0)))
            .otherwise(in_yard)
        )
        .filter(pl.col("max_units") > 0)
        .drop("vehicles", "tractors", "class")
    )


def _with_drivers(network: Network, offers: pl.DataFrame) -> pl.DataFrame:
    """Offers that somebody can drive, with the mean wage of the drivers at the start."""
    if network["drivers"].is_empty():
        return offers.with_columns(driver_usd_h=pl.lit(DEFAULT_DRIVER_USD_H))
    drivers = network["drivers"].filter(pl.col("kind") == "linehaul")
    at_start = drivers.group_by(
        "carrier_id", from_facility_id="domicile_facility_id", maintain_order=True
    ).agg(
        driver_usd_h=pl.col("cost_usd_h").fill_null(DEFAULT_DRIVER_USD_H).mean(),
        paired=pl.col("team_with").is_not_null().any(),
    )
    at_relay = drivers.select(
        "carrier_id", relay_facility_id="domicile_facility_id", relay_staffed=pl.lit(True)
    ).unique(maintain_order=True)
    joined = offers.join(
        at_start, on=("carrier_id", "from_facility_id"), how="inner", maintain_order="left"
    ).join(at_relay, on=("carrier_id", "relay_facility_id"), how="left", maintain_order="left")
    mode = pl.col("mode")
    return joined.filter(
        (mode != "team") | pl.col("paired"),
        (mode != "relay") | pl.col("relay_staffed").fill_null(value=False),
    ).drop("paired", "relay_staffed")


def _round_trips(offers: pl.DataFrame) -> pl.DataFrame:
    """Paid hours and days in use of each lane's trip out and back, by its simulated duty."""
    trips = offers.select(*TRIP_KEY, "drive_s", "back_drive_s", "relay_share").unique(
        TRIP_KEY, maintain_order=True
    )
    duties = [
        crew_duty(Trip(mode, 0, out_s, back_s, relay_share))
        for mode, out_s, back_s, relay_share in trips.select(
            "mode", "drive_s", "back_drive_s", "relay_share"
        ).iter_rows()
    ]
    return trips.select(TRIP_KEY).with_columns(
        pl.Series(
            "paid_h", [sum(duty.paid_s) / SECONDS_PER_HOUR for duty in duties], dtype=pl.Float64
        ),
        pl.Series("days", [duty.days for duty in duties], dtype=pl.Int64),
    )
