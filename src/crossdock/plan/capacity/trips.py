"""Takeable trips: an option with its duty, for the own fleet also with what it brings back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from crossdock.model import Network
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.plan.capacity.options import Movement, Option
from crossdock.plan.capacity.own import DEFAULT_DRIVER_USD_H, OwnCost, vehicle_costs
from crossdock.plan.capacity.service import expected_lateness_usd
from crossdock.plan.duties import DOCK_S, CrewDuty, Trip, crew_duty, lane_modes

MAX_BACKHAUL_WAIT_S = 14 * SECONDS_PER_HOUR
BACKHAULS_TRIED = 4


@dataclass(frozen=True)
class TakenTrip:
    """An option as it would be driven.

    Attributes
    ----------
    back
        The option of another movement that the same vehicle carries home (own fleet only).
    cost_usd, lateness_usd
        Of both ways; the drivers' wages are those of the start's mean until somebody is named.
    own
        Own vehicles' cost terms; None for a carrier's.
    """

    option: Option
    back: Option | None
    duty: CrewDuty
    cost_usd: float
    lateness_usd: float
    own: OwnCost | None

    @property
    def total_usd(self) -> float:
        """Price and expected lateness."""
        return self.cost_usd + self.lateness_usd

    @property
    def covers(self) -> tuple[int, ...]:
        """Movements that it takes."""
        if self.back is None:
            return (self.option.movement,)
        return (self.option.movement, self.back.movement)


class TripBuilder:
    """Knows the lanes, vehicle types and wages that turn options into trips."""

    def __init__(
        self, network: Network, movements: Sequence[Movement], lanes: pl.DataFrame
    ) -> None:
        self._movements = movements
        self._lanes = {
            (row["from_facility_id"], row["to_facility_id"], row["speed"]): row
            for row in _used_lanes(movements, lanes).iter_rows(named=True)
        }
        self._costs = {
            row["vehicle_type"]: row for row in vehicle_costs(network["vehicle_types"]).to_dicts()
        }
        self._usd_h = _mean_wages(network)

    def trip(self, option: Option) -> TakenTrip:
        """The option driven one way, or out and back empty with own equipment."""
        lane = self._lane(option)
        movement = self._movements[option.movement]
        if option.kind != "own":
            mode = "pooled" if option.kind == "pooled" else option.driver_mode
            duty = crew_duty(
                Trip(mode, movement.departs_s, lane["drive_s"], None, lane["relay_share"])
            )
            return TakenTrip(option, None, duty, option.cost_usd, option.lateness_usd, None)
        return self._round_trip(option, None)

    def with_backhauls(self, option: Option, returning: Sequence[int]) -> list[TakenTrip]:
        """The own option with each movement home that its vehicle reaches and brings in time.

        Parameters
        ----------
        returning
            Movements (by position) of the lane back, in order of departure.
        """
        movement = self._movements[option.movement]
        ready_s = movement.departs_s + option.transit_s + DOCK_S
        fitting = [
            index
            for index in returning
            if 0 <= self._movements[index].departs_s - ready_s <= MAX_BACKHAUL_WAIT_S
            and self._movements[index].vehicle_type == option.vehicle_type
            and self._movements[index].units == option.units
        ]
        backs = [self._back(option, index) for index in fitting[:BACKHAULS_TRIED]]
        trips = [self._round_trip(option, back) for back in backs if back is not None]
        return [trip for trip in trips if self._back_in_time(trip)]

    def _back(self, option: Option, index: int) -> Option | None:
        """The vehicle of ``option`` carrying another movement home; its cost is the trip's."""
        movement = self._movements[index]
        lane = self._lanes.get((movement.origin, movement.destination, option.speed))
        if lane is None:
            return None
        slack_s = (
            np.inf
            if movement.arrive_by_s is None
            else float(movement.arrive_by_s - movement.departs_s - lane["transit_s"])
        )
        lateness_usd = expected_lateness_usd(
            np.array([float(movement.parcels)]),
            np.array([np.nan if option.service_score is None else option.service_score]),
            np.array([slack_s]),
            np.array([float(lane["transit_s"])]),
            np.array([float(lane["transit_p90_s"])]),
        )
        return replace(
            option,
            movement=index,
            miles=lane["miles"],
            transit_s=lane["transit_s"],
            transit_p90_s=lane["transit_p90_s"],
            cost_usd=0.0,
            lateness_usd=float(lateness_usd[0]),
        )

    def _back_in_time(self, trip: TakenTrip) -> bool:
        if trip.back is None or trip.duty.back_arrives_s is None:
            return False
        back = self._movements[trip.back.movement]
        return trip.duty.back_departs_s == back.departs_s and (
            back.arrive_by_s is None or trip.duty.back_arrives_s <= back.arrive_by_s
        )

    def _round_trip(self, option: Option, back: Option | None) -> TakenTrip:
        lane = self._lane(option)
        departs_s = self._movements[option.movement].departs_s
        duty = crew_duty(
            Trip(
                option.driver_mode,
                departs_s,
                lane["drive_s"],
                lane["back_drive_s"],
                lane["relay_share"],
                None if back is None else self._movements[back.movement].departs_s,
            )
        )
        own = self._own_cost(option.vehicle_type, lane)
        usd_h = self._usd_h.get((option.carrier_id, self._movements[option.movement].origin))
        wages = (DEFAULT_DRIVER_USD_H if usd_h is None else usd_h,) * len(duty.seats)
        each_usd = sum(own.round_trip_usd(duty, wages, loaded_back=back is not None))
        lateness_usd = option.lateness_usd + (back.lateness_usd if back is not None else 0.0)
        return TakenTrip(option, back, duty, each_usd * option.vehicles, lateness_usd, own)

    def _lane(self, option: Option) -> dict[str, Any]:
        movement = self._movements[option.movement]
        return self._lanes[movement.origin, movement.destination, option.speed]

    def _own_cost(self, vehicle_type: str, lane: dict[str, Any]) -> OwnCost:
        terms = self._costs[vehicle_type]
        return OwnCost(
            loaded_usd_mile=terms["loaded_usd_mile"],
            empty_usd_mile=terms["empty_usd_mile"],
            fixed_usd_day=terms["fixed_usd_day"],
            miles=lane["miles"],
            back_miles=lane["back_miles"],
            toll_usd=lane["toll_usd"],
            back_toll_usd=lane["back_toll_usd"],
        )


def takeable_trips(
    builder: TripBuilder,
    movements: Sequence[Movement],
    options: Sequence[Option],
    *,
    backhauls: bool,
) -> list[TakenTrip]:
    """Trips for every option that is not barred; of a carrier's speeds the best one only."""
    best = _best_by_carrier([option for option in options if not option.barred])
    trips = [builder.trip(option) for option in best]
    if not backhauls:
        return trips
    returning: dict[tuple[str, str], list[int]] = {}
    for index in sorted(range(len(movements)), key=lambda each: movements[each].departs_s):
        lane = (movements[index].origin, movements[index].destination)
        returning.setdefault(lane, []).append(index)
    for option in best:
        if option.kind == "own":
            movement = movements[option.movement]
            home = (movement.destination, movement.origin)
            trips += builder.with_backhauls(option, returning.get(home, ()))
    return trips


def named(trip: TakenTrip, seat_usd_h: Sequence[tuple[float, ...]]) -> tuple[TakenTrip, float]:
    """The own trip priced with the wages of its drivers, and its way back's part of the cost.

    ``seat_usd_h`` has one tuple a vehicle.
    """
    if trip.own is None:
        return trip, 0.0
    ways = [
        trip.own.round_trip_usd(trip.duty, usd_h, loaded_back=trip.back is not None)
        for usd_h in seat_usd_h
    ]
    out_usd, back_usd = (sum(way[part] for way in ways) for part in (0, 1))
    return replace(trip, cost_usd=out_usd + back_usd), back_usd


def _best_by_carrier(options: Sequence[Option]) -> list[Option]:
    # Options come cheapest first; a carrier's other speed uses the same capacity for more money.
    # The own fleet keeps both: a team needs other drivers than a solo.
    seen: set[tuple[int, str, str, str, str]] = set()
    best: list[Option] = []
    for option in options:
        speed = option.speed if option.kind == "own" else ""
        key = (option.movement, option.kind, option.carrier_id, option.vehicle_type, speed)
        if key not in seen:
            seen.add(key)
            best.append(option)
    return best


def _used_lanes(movements: Sequence[Movement], lanes: pl.DataFrame) -> pl.DataFrame:
    modes = lane_modes(lanes)
    used = pl.DataFrame(
        {
            "from_facility_id": [each.origin for each in movements],
            "to_facility_id": [each.destination for each in movements],
        },
        schema={"from_facility_id": pl.String, "to_facility_id": pl.String},
    ).unique()
    return modes.join(used, on=("from_facility_id", "to_facility_id"), how="semi")


def _mean_wages(network: Network) -> dict[tuple[str, str], float]:
    wages = (
        network["drivers"]
        .filter(pl.col("kind") == "linehaul")
        .group_by("carrier_id", "domicile_facility_id")
        .agg(pl.col("cost_usd_h").fill_null(DEFAULT_DRIVER_USD_H).mean())
    )
    return {(carrier, facility): usd_h for carrier, facility, usd_h in wages.iter_rows()}
