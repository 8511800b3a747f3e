"""No route over capacity, shift, duty or daylight; a meal in every long day."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.comply.breaks import MEAL_OVER_S, MEAL_S, MEAL_WITHIN_S
from crossdock.measure.frames import Tables, table
from crossdock.measure.gates.fault import GateFault, faults
from crossdock.model.network import Network

MEAL_AFTER = dt.timedelta(seconds=MEAL_OVER_S)
MEAL = dt.timedelta(seconds=MEAL_S)
MEAL_WITHIN = dt.timedelta(seconds=MEAL_WITHIN_S)

_REMEDY = "plan the facility's routes again, or take stops off the route"
_TOLERANCE = 1e-6


def route_gate(tables: Tables, _network: Network) -> list[GateFault]:
    """Capacity, shift and duty of the vehicle; stops in order; nobody in two places."""
    tours = _tours_with_fleet(tables)
    return [
        *faults(
            "route",
            tours.filter(pl.col("shift_starts_at").is_null()),
            "route_id",
            pl.format("vehicle {} is not in the day's fleet", "vehicle_id"),
            _REMEDY,
        ),
        *_over_capacity(tours),
        *faults(
            "route",
            tours.filter(
                (pl.col("departs_at") < pl.col("shift_starts_at"))
                | (pl.col("returns_at") > pl.col("shift_ends_at"))
            ),
            "route_id",
            pl.format("is outside the shift of vehicle {}", "vehicle_id"),
            _REMEDY,
        ),
        *_over_duty(tours),
        *_stops_out_of_order(tables),
        *_double_booked(tours, "vehicle_id"),
        *_double_booked(tours, "driver_id"),
    ]


def meal_gate(tables: Tables, _network: Network) -> list[GateFault]:
    """A day on the road over 6 h holds 30 min off, on the road or between tours, within 5 h."""
    tours = table(tables, "tours").select(
        "route_id", "driver_id", "delivery_date", "departs_at", "returns_at"
    )
    day = ["driver_id", "delivery_date"]
    begins = pl.col("departs_at").min().over(day)
    meals = (
        table(tables, "breaks")
        .filter((pl.col("kind") == "meal") & (pl.col("ends_at") - pl.col("starts_at") >= MEAL))
        .join(tours.with_columns(day_starts=begins), on="route_id")
        .filter(
            (pl.col("starts_at") >= pl.col("departs_at"))
            & (pl.col("ends_at") <= pl.col("returns_at"))
            & (pl.col("starts_at") - pl.col("day_starts") <= MEAL_WITHIN)
        )
        .select(day)
    )
    idle = (
        tours.sort(*day, "departs_at")
        .with_columns(home_at=pl.col("returns_at").shift(1).over(day), day_starts=begins)
        .filter(
            (pl.col("departs_at") - pl.col("home_at") >= MEAL)
            & (pl.col("home_at") - pl.col("day_starts") <= MEAL_WITHIN)
        )
        .select(day)
    )
    days = tours.group_by(day, maintain_order=True).agg(
        route_id=pl.col("route_id").first(),
        span=pl.col("returns_at").max() - pl.col("departs_at").min(),
    )
    hungry = days.filter(pl.col("span") > MEAL_AFTER).join(
        pl.concat([meals, idle]).unique(), on=day, how="anti"
    )
    what = pl.format(
        "driver {} is out {} h without a meal of 30 min within 5 h",
        "driver_id",
        (pl.col("span").dt.total_seconds() / 3600).round(1),
    )
    return faults("meal", hungry, "route_id", what, "place a meal, or shorten the day to 6 h")


def _tours_with_fleet(tables: Tables) -> pl.DataFrame:
    """Tours with their vehicle's room and shift, and their freight summed from the parcels."""
    parcels = table(tables, "parcels").select("parcel_id", "volume_m3", "weight_kg")
    riding = (
        table(tables, "routes")
        .join(parcels, on="parcel_id")
        .group_by("route_id")
        .agg(
            riding_m3=pl.col("volume_m3").sum(),
            riding_kg=pl.col("weight_kg").sum(),
            riding_parcels=pl.len().cast(pl.Int64),
        )
    )
    room = table(tables, "fleet").select(
        "vehicle_id",
        "delivery_date",
        "capacity_m3",
        "capacity_kg",
        "capacity_parcels",
        "shift_starts_at",
        "shift_ends_at",
        "max_duty_s",
    )
    return (
        table(tables, "tours")
        .join(riding, on="route_id", how="left")
        .join(
            room.unique(["vehicle_id", "delivery_date"], maintain_order=True),
            on=["vehicle_id", "delivery_date"],
            how="left",
        )
    )


def _over_capacity(tours: pl.DataFrame) -> list[GateFault]:
    found: list[GateFault] = []
    for stated, riding, room, unit in (
        ("volume_m3", "riding_m3", "capacity_m3", "m3"),
        ("weight_kg", "riding_kg", "capacity_kg", "kg"),
        ("parcels", "riding_parcels", "capacity_parcels", "parcels"),
    ):
        freight = pl.max_horizontal(stated, riding)
        over = tours.filter(freight > pl.col(room) * (1 + _TOLERANCE))
        what = pl.format(
            "carries {} " + unit + " in room for {}", freight.round(2), pl.col(room).round(2)
        )
        found += faults("route", over, "route_id", what, _REMEDY)
    return found


def _over_duty(tours: pl.DataFrame) -> list[GateFault]:
    days = tours.group_by("vehicle_id", "delivery_date", maintain_order=True).agg(
        pl.col("route_id").first(),
        pl.col("max_duty_s").first(),
        span=(pl.col("returns_at").max() - pl.col("departs_at").min()).dt.total_seconds(),
    )
    over = days.filter(pl.col("span") > pl.col("max_duty_s"))
    what = pl.format(
        "the day lasts {} h, over {} h",
        (pl.col("span") / 3600).round(2),
        (pl.col("max_duty_s") / 3600).round(2),
    )
    return faults("route", over, "route_id", what, _REMEDY)


def _stops_out_of_order(tables: Tables) -> list[GateFault]:
    """Stops before gate-out, after gate-in, or that start before the one before has ended."""
    tours = table(tables, "tours").select(
        "route_id", gate_out=pl.col("departs_at"), gate_in=pl.col("returns_at")
    )
    stops = (
        table(tables, "routes")
        .group_by("route_id", "sequence")
        .agg(pl.col("arrives_at").min(), pl.col("departs_at").max())
        .sort("route_id", "sequence")
        .join(tours, on="route_id", how="left")
        .with_columns(left_before=pl.col("departs_at").shift(1).over("route_id"))
    )
    wrong = stops.filter(
        (pl.col("arrives_at") < pl.coalesce("left_before", "gate_out"))
        | (pl.col("departs_at") < pl.col("arrives_at"))
        | (pl.col("departs_at") > pl.col("gate_in"))
        | pl.col("gate_out").is_null()
    )
    what = pl.format("stop {} is not in the order of time", "sequence")
    return faults("route", wrong, "route_id", what, _REMEDY)


def _double_booked(tours: pl.DataFrame, who: str) -> list[GateFault]:
    ordered = (
        tours.filter(pl.col(who).is_not_null())
        .sort(who, "departs_at", "route_id")
        .with_columns(busy_until=pl.col("returns_at").cum_max().shift(1).over(who))
    )
    both = ordered.filter(pl.col("departs_at") < pl.col("busy_until"))
    what = pl.format("{} is still on another route", who)
    return faults("route", both, "route_id", what, _REMEDY)
