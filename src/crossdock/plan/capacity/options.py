"""Every way to move each movement, with its price, and why a way is barred."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from crossdock.model import Network
from crossdock.plan.capacity.service import expected_lateness_usd

RELEASE_TIME = dt.time(18)
"""Local time at the start, on the day before the plan's, at which tenders go out (†)."""


@dataclass(frozen=True)
class Movement:
    """One row of MOVEMENTS as an object; times in UTC seconds, the date local to the start."""

    movement_id: str
    origin: str
    destination: str
    departs_s: int
    arrive_by_s: int | None
    date: dt.date
    vehicle_type: str
    units: int
    parcels: int
    volume_m3: float
    weight_kg: float


@dataclass(frozen=True)
class Option:
    """One carrier's (or the own fleet's) way to move one movement, one way.

    ``cost_usd`` of all its vehicles or positions, as offered; ``vehicles``: how many are driven
    (of a pooled trailer: one); ``barred``: why it cannot be taken, empty where it can.
    """

    movement: int
    kind: str
    carrier_id: str
    vehicle_type: str
    speed: str
    driver_mode: str
    relay_facility_id: str | None
    seats: int
    units: int
    vehicles: int
    unit_m3: float
    unit_kg: float
    miles: float
    transit_s: int
    transit_p90_s: int
    cost_usd: float
    lateness_usd: float
    service_score: float | None
    barred: str

    @property
    def total_usd(self) -> float:
        """Price and expected lateness."""
        return self.cost_usd + self.lateness_usd

    @property
    def name(self) -> str:
        """What a planner calls it."""
        count = f"{self.units} x " if self.units > 1 else ""
        if self.kind == "pooled":
            return f"{self.carrier_id} {count}{self.vehicle_type} (pooled)"
        return f"{self.carrier_id} {count}{self.vehicle_type} {self.driver_mode} ({self.kind})"

    @property
    def used_of_day(self) -> int:
        """What it takes of its carrier's day: vehicles, pooled: positions."""
        return self.units if self.kind == "pooled" else self.vehicles


def movement_list(network: Network, movements: pl.DataFrame) -> list[Movement]:
    """Movements in the order in which they leave."""
    zones = network.timezones
    ordered = movements.sort("departs_at", "from_facility_id", "to_facility_id", "movement_id")
    return [
        Movement(
            movement_id=row["movement_id"],
            origin=row["from_facility_id"],
            destination=row["to_facility_id"],
            departs_s=int(row["departs_at"].timestamp()),
            arrive_by_s=None if row["arrive_by"] is None else int(row["arrive_by"].timestamp()),
            date=local_date(row["departs_at"], zones.get(row["from_facility_id"], "UTC")),
            vehicle_type=row["vehicle_type"],
            units=row["units"],
            parcels=row["parcels"],
            volume_m3=row["volume_m3"],
            weight_kg=row["weight_kg"],
        )
        for row in ordered.iter_rows(named=True)
    ]


def movement_options(
    network: Network,
    movements: list[Movement],
    offers: pl.DataFrame,
    *,
    released_at: dt.datetime | None,
    date: dt.date,
    substitutes: bool = False,
) -> list[Option]:
    """Options by movement, cheapest first, barred ones included.

    Parameters
    ----------
    substitutes
        Offer the other vehicle types, as many as hold the parcels, instead of the wanted one.
    """
    asked = _asked(network, movements, released_at, date)
    joined = asked.join(
        offers,
        on=("from_facility_id", "to_facility_id"),
        how="inner",
        maintain_order="left",
        suffix="_offered",
    )
    wanted = pl.col("vehicle_type") == pl.col("vehicle_type_offered")
    joined = joined.filter(~wanted if substitutes else wanted).with_columns(
        taken_units=_units_needed() if substitutes else pl.col("units")
    )
    carriers = network["carriers"].select("carrier_id", "tender_lead_min")
    joined = joined.join(carriers, on="carrier_id", how="left", maintain_order="left")
    return [Option(**row) for row in _priced(joined).iter_rows(named=True)]


def local_date(instant: dt.datetime, timezone: str) -> dt.date:
    """Calendar date of an instant at a place."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def _asked(
    network: Network, movements: list[Movement], released_at: dt.datetime | None, date: dt.date
) -> pl.DataFrame:
    released = pl.Series(
        [_released_s(network, each.origin, released_at, date) for each in movements], dtype=pl.Int64
    )
    return pl.DataFrame(
        {
            "movement": range(len(movements)),
            "from_facility_id": [each.origin for each in movements],
            "to_facility_id": [each.destination for each in movements],
            "vehicle_type": [each.vehicle_type for each in movements],
            "units": [each.units for each in movements],
            "parcels": [each.parcels for each in movements],
            "volume_m3": [each.volume_m3 for each in movements],
            "weight_kg": [each.weight_kg for each in movements],
            "departs_s": [each.departs_s for each in movements],
            "arrive_by_s": [each.arrive_by_s for each in movements],
        },
        schema={
            "movement": pl.Int64,
            "from_facility_id": pl.String,
            "to_facility_id": pl.String,
            "vehicle_type": pl.String,
            "units": pl.Int64,
            "parcels": pl.Int64,
            "volume_m3": pl.Float64,
            "weight_kg": pl.Float64,
            "departs_s": pl.Int64,
            "arrive_by_s": pl.Int64,
        },
    ).with_columns(released_s=released)


def _released_s(
    network: Network, facility_id: str, released_at: dt.datetime | None, date: dt.date
) -> int:
    if released_at is not None:
        return int(released_at.timestamp())
    zone = ZoneInfo(network.timezones.get(facility_id, "UTC"))
    evening = dt.datetime.combine(date - dt.timedelta(days=1), RELEASE_TIME, zone)
    return int(evening.timestamp())


def _units_needed() -> pl.Expr:
    """Units that hold volume and weight; parcels do not pack to the brim of several vehicles."""
    by_volume = (pl.col("volume_m3") / pl.col("unit_m3") - 1e-9).ceil()
    by_weight = (pl.col("weight_kg") / pl.col("unit_kg") - 1e-9).ceil()
    return pl.max_horizontal(by_volume, by_weight, 1).cast(pl.Int64)


def _priced(joined: pl.DataFrame) -> pl.DataFrame:
    pooled = pl.col("kind") == "pooled"
    units = pl.col("taken_units")
    vehicles = (
        pl.when(pooled)
        .then(1)
        .otherwise((units + pl.col("units_per_vehicle") - 1) // pl.col("units_per_vehicle"))
    )
    slack_s = pl.col("arrive_by_s") - pl.col("departs_s") - pl.col("transit_s")
    lead_s = (pl.col("tender_lead_min").fill_null(0) * 60).cast(pl.Int64)
    priced = joined.with_columns(
        vehicles=vehicles.cast(pl.Int64),
        cost_usd=pl.col("cost_usd") * pl.when(pooled).then(units).otherwise(vehicles),
        slack_s=slack_s,
    ).with_columns(
        barred=pl.when(pl.col("slack_s") < 0)
        .then(pl.format("arrives {} min after the cut-off", -pl.col("slack_s") // 60))
        .when(pl.col("departs_s") - lead_s < pl.col("released_s"))
        .then(pl.format("has to be tendered {} min ahead", lead_s // 60))
        .when(pl.col("max_units") < pl.when(pooled).then(units).otherwise(pl.col("vehicles")))
        .then(pl.format("has only {} a day", pl.col("max_units")))
        .otherwise(pl.lit(""))
    )
    lateness = expected_lateness_usd(
        priced["parcels"].to_numpy(),
        priced["service_score"].to_numpy(),
        priced["slack_s"].cast(pl.Float64).fill_null(np.inf).to_numpy(),
        priced["transit_s"].cast(pl.Float64).to_numpy(),
        priced["transit_p90_s"].cast(pl.Float64).to_numpy(),
    )
    return (
        priced.with_columns(
            lateness_usd=pl.Series(lateness),
            units=units,
            vehicle_type="vehicle_type_offered",
            total_usd=pl.col("cost_usd") + pl.Series(lateness),
        )
        .sort("movement", "total_usd", "transit_s", "kind", "carrier_id", "vehicle_type")
        .select(list(Option.__dataclass_fields__))
    )
