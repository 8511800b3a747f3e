"""A facility-day in integers: stops, vehicles and street legs, ready for the solvers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossdock.comply.breaks import breaks_at_most_s, longest_work_s
from crossdock.locate.roads import drive_seconds, street_distance_m
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.plan.lastmile.problem import LastMileProblem
from crossdock.plan.lastmile.stops import PARK_S, Stops, gather_stops

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Route = tuple[int, list[int]]
"""A vehicle (or vehicle kind) and the stops it serves, in order."""

NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class VehicleKind:
    """Vehicles that differ in nothing but their names. Times: seconds from local midnight."""

    litres: int
    grams: int
    pieces: int
    starts_s: int
    ends_s: int
    max_duty_s: int
    hos_ruleset: str | None
    fixed_usd: float
    usd_mile: float
    usd_h: float
    usd_stop: float
    usd_parcel: float
    minimum_usd: float
    fuel_pct: float

    @property
    def work_s(self) -> int:
        """Longest drive and service time that leaves room for the breaks it brings."""
        return longest_work_s(self.max_duty_s)

    @property
    def break_reserve_s(self) -> int:
        """Breaks of the longest duty."""
        return breaks_at_most_s(self.max_duty_s)

    @property
    def last_return_s(self) -> int:
        """Latest return before breaks are put in."""
        return self.ends_s - self.break_reserve_s

    def cost_usd(self, distance_m: float, paid_s: float, stops: int, pieces: int) -> float:
        """Cost of one tour: own vehicles by mile, day and hour; bought ones by their rates.

        Paid hours run from gate out to gate in without the meal: rest breaks are paid, the meal is
        not (29 CFR 785.18 and 785.19).
        """
        charged = (
            self.fixed_usd
            + self.usd_mile * distance_m / METERS_PER_MILE
            + self.usd_h * paid_s / SECONDS_PER_HOUR
            + self.usd_stop * stops
            + self.usd_parcel * pieces
        )
        return max(charged, self.minimum_usd) * (1 + self.fuel_pct / 100)


@dataclass(frozen=True)
class FacilityDay:
    """One `LastMileProblem` as arrays.

    Attributes
    ----------
    latitude, longitude
        Degrees; entry 0 is the depot, entry ``i + 1`` stop ``i``.
    kinds, kind_of
        Vehicle kinds, and the kind of each vehicle in the order of the problem's fleet.
    depot_m, depot_s
        Street distance and driving time between the depot and each stop.
    """

    name: str
    facility_id: str
    stops: Stops
    latitude: Floats
    longitude: Floats
    kinds: tuple[VehicleKind, ...]
    kind_of: Ints
    depot_m: Floats
    depot_s: Ints
    latest_delivery_s: int
    origin_s: int

    @property
    def available(self) -> Ints:
        """Vehicles of each kind."""
        return np.bincount(self.kind_of, minlength=len(self.kinds)).astype(np.int64)


def compile_day(problem: LastMileProblem, *, apart: bool = False) -> FacilityDay:
    """Integers of ``problem``: demands are rounded up, capacities down, times in seconds.

    Parameters
    ----------
    apart
        Let each vehicle be a kind of its own, in the order of the problem's fleet.
    """
    kinds, kind_of = _vehicle_kinds(problem, apart)
    largest = (
        max((kind.litres for kind in kinds), default=NO_LIMIT),
        max((kind.grams for kind in kinds), default=NO_LIMIT),
        max((kind.pieces for kind in kinds), default=NO_LIMIT),
    )
    stops = gather_stops(problem, largest)
    return facility_day(
        problem.name,
        problem.facility_id,
        (problem.latitude, problem.longitude),
        stops,
        (kinds, kind_of),
        (problem.origin_s, problem.latest_delivery_s),
    )


def facility_day(
    name: str,
    facility_id: str,
    depot: tuple[float, float],
    stops: Stops,
    fleet: tuple[tuple[VehicleKind, ...], Ints],
    times_s: tuple[int, int],
) -> FacilityDay:
    """A day of stops and vehicles that are integers already.

    Parameters
    ----------
    fleet
        Vehicle kinds, and the kind of each vehicle.
    times_s
        UTC second of local midnight; from there, the last delivery.
    """
    depot_m = street_distance_m(*depot, stops.latitude, stops.longitude)
    return FacilityDay(
        name=name,
        facility_id=facility_id,
        stops=stops,
        latitude=np.concatenate([[depot[0]], stops.latitude]),
        longitude=np.concatenate([[depot[1]], stops.longitude]),
        kinds=fleet[0],
        kind_of=fleet[1],
        depot_m=depot_m,
        depot_s=whole_seconds(depot_m),
        latest_delivery_s=times_s[1],
        origin_s=times_s[0],
    )


def whole_seconds(distance_m: Floats) -> Ints:
    """Driving time of street distances, rounded up to seconds."""
    return np.ceil(drive_seconds(distance_m)).astype(np.int64)


def tour_legs(day: FacilityDay, sequence: list[int]) -> tuple[Floats, Ints, Ints]:
    """Legs of the tour depot, ``sequence``, depot.

    Returns
    -------
    tuple
        Metres and driving seconds of the ``n + 1`` legs, and the parking seconds at the ``n``
        stops: 0 where the stop before stands in the same parking place.
    """
    nodes = np.array([0, *(stop + 1 for stop in sequence), 0])
    latitude, longitude = day.latitude[nodes], day.longitude[nodes]
    distance_m = street_distance_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])
    place = day.stops.place[nodes[1:-1] - 1]
    shares = np.concatenate([[False], place[1:] == place[:-1]])
    return distance_m, whole_seconds(distance_m), np.where(shares, 0, PARK_S).astype(np.int64)


def _vehicle_kinds(problem: LastMileProblem, apart: bool) -> tuple[tuple[VehicleKind, ...], Ints]:
    """Kinds in order of first appearance; the fleet is sorted by vehicle id."""
    kinds: list[VehicleKind] = []
    number: dict[VehicleKind, int] = {}
    kind_of: list[int] = []
    for row in problem.fleet.iter_rows(named=True):
        kind = vehicle_kind(row, problem.origin_s)
        if apart or kind not in number:
            number[kind] = len(kinds)
            kinds.append(kind)
        kind_of.append(number[kind])
    return tuple(kinds), np.array(kind_of, dtype=np.int64)


def vehicle_kind(row: Mapping[str, Any], origin_s: int) -> VehicleKind:
    """A row of ``FLEET`` whose prices are filled in."""
    return VehicleKind(
        litres=int(row["capacity_m3"] * 1000 + 1e-9),
        grams=NO_LIMIT if row["capacity_kg"] is None else int(row["capacity_kg"] * 1000 + 1e-6),
        pieces=NO_LIMIT if row["capacity_parcels"] is None else int(row["capacity_parcels"]),
        starts_s=int(row["shift_starts_at"].timestamp()) - origin_s,
        ends_s=int(row["shift_ends_at"].timestamp()) - origin_s,
        max_duty_s=int(row["max_duty_s"]),
        hos_ruleset=row["hos_ruleset"],
        fixed_usd=row["fixed_usd_day"],
        usd_mile=row["cost_usd_mile"],
        usd_h=row["cost_usd_h"],
        usd_stop=row["usd_stop"],
        usd_parcel=row["usd_parcel"],
        minimum_usd=row["minimum_usd"],
        fuel_pct=row["fuel_pct"],
    )
