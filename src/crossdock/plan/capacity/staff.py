"""Named drivers for the own trips of a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.plan.capacity.choose import domiciles
from crossdock.plan.capacity.options import Movement
from crossdock.plan.capacity.trips import TakenTrip, named
from crossdock.plan.duties import Assignment, OwnRoster, Seat

CDL_B_KG = 11_793.4
"""26,001 lb: a single vehicle from here on needs a class B licence (49 CFR 383.91)."""


@dataclass(frozen=True)
class StaffedTrip:
    """A trip with its own drivers, one assignment a vehicle (none for a carrier's trip)."""

    trip: TakenTrip
    crews: tuple[Assignment, ...]
    back_usd: float


def staff(
    trip: TakenTrip,
    movements: Sequence[Movement],
    roster: OwnRoster,
    vehicle_types: Mapping[str, Mapping[str, Any]],
) -> StaffedTrip | None:
    """The trip with drivers from the roster, priced with their wages; None: too few are free."""
    option = trip.option
    if option.kind != "own":
        return StaffedTrip(trip, (), 0.0)
    living = domiciles(trip, movements)
    seats = [
        Seat(facility, segments) for facility, segments in zip(living, trip.duty.seats, strict=True)
    ]
    terms = vehicle_types[option.vehicle_type]
    crews: list[Assignment] = []
    for _ in range(option.vehicles):
        crew = roster.assign(
            option.carrier_id,
            seats,
            team=option.driver_mode == "team",
            licence=_licence(terms),
            doubles=option.units > option.vehicles,
        )
        if crew is None:
            roster.release(crews, seats)
            return None
        crews.append(crew)
    priced, back_usd = named(trip, [crew.usd_h for crew in crews])
    return StaffedTrip(priced, tuple(crews), back_usd)


def staff_all(
    trips: Sequence[TakenTrip],
    movements: Sequence[Movement],
    roster: OwnRoster,
    vehicle_types: Mapping[str, Mapping[str, Any]],
) -> tuple[list[StaffedTrip], list[TakenTrip]]:
    """Staff the trips in the order in which they start; second: those that nobody can drive."""
    staffed: list[StaffedTrip] = []
    failed: list[TakenTrip] = []
    for trip in sorted(trips, key=lambda each: (each.duty.starts_s, each.option.movement)):
        done = staff(trip, movements, roster, vehicle_types)
        if done is None:
            failed.append(trip)
        else:
            staffed.append(done)
    return staffed, failed


def _licence(terms: Mapping[str, Any]) -> str:
    if terms["class"] == "trailer":
        return "A"
    return "B" if (terms["gvwr_kg"] or 0.0) >= CDL_B_KG else ""
