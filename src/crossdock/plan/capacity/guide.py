"""The baseline's choice of carriers: a routing guide, as a good spreadsheet planner keeps it.

Each lane's carriers stand in order of price. A movement goes to the first whose day is not full;
own equipment stands last, and is never sent for a load home.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.plan.capacity.choose import Day, uses
from crossdock.plan.capacity.limits import Limits
from crossdock.plan.capacity.options import Movement
from crossdock.plan.capacity.trips import TakenTrip
from crossdock.plan.duties import OwnRoster


def follow_guide(
    movements: Sequence[Movement],
    trips: Sequence[TakenTrip],
    limits: Limits,
    roster: OwnRoster,
) -> list[TakenTrip]:
    """The first carrier of the guide with room, movement by movement in order of departure.

    Own drivers are looked for afterwards, as for any choice; ``roster`` is not asked here.
    """
    del roster
    of_movement: dict[int, list[TakenTrip]] = {}
    for trip in trips:
        of_movement.setdefault(trip.option.movement, []).append(trip)
    used: dict[Day, float] = {}
    out: dict[tuple[str, str, str], list[tuple[int, int, int]]] = {}
    taken: list[TakenTrip] = []
    for index in range(len(movements)):
        guide = sorted(of_movement.get(index, ()), key=_guide_order)
        for trip in guide:
            if _has_room(trip, movements, limits, used, out):
                _book(trip, movements, limits, used, out)
                taken.append(trip)
                break
    return taken


def _guide_order(trip: TakenTrip) -> tuple[bool, float, str]:
    option = trip.option
    return option.kind == "own", option.cost_usd, option.carrier_id


def _has_room(
    trip: TakenTrip,
    movements: Sequence[Movement],
    limits: Limits,
    used: dict[Day, float],
    out: dict[tuple[str, str, str], list[tuple[int, int, int]]],
) -> bool:
    for day, amount in uses(trip, movements).items():
        most = limits.per_day.get(day[0])
        if most is not None and used.get(day, 0.0) + amount > most:
            return False
    for key, count in _equipment(trip, movements, limits).items():
        standing = limits.standing(*key)
        busy = sum(
            units
            for units, start_s, end_s in out.get(key, ())
            if start_s < trip.duty.ends_s and trip.duty.starts_s < end_s
        )
        if standing is not None and busy + count > standing:
            return False
    return True


def _book(
    trip: TakenTrip,
    movements: Sequence[Movement],
    limits: Limits,
    used: dict[Day, float],
    out: dict[tuple[str, str, str], list[tuple[int, int, int]]],
) -> None:
    for day, amount in uses(trip, movements).items():
        used[day] = used.get(day, 0.0) + amount
    for key, count in _equipment(trip, movements, limits).items():
        out.setdefault(key, []).append((count, trip.duty.starts_s, trip.duty.ends_s))


def _equipment(
    trip: TakenTrip, movements: Sequence[Movement], limits: Limits
) -> dict[tuple[str, str, str], int]:
    option = trip.option
    if option.kind != "own":
        return {}
    home = movements[option.movement].origin
    needed = limits.equipment(option.vehicle_type, option.units, option.vehicles)
    return {(option.carrier_id, home, kind): count for kind, count in needed.items()}
