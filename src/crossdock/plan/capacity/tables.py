"""Matched trips as tables: loads out and back, duties, and why each carrier was chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from crossdock.model import Network, Prefix, joined_scope, sequential_ids
from crossdock.model.tables import DECISIONS, DUTIES, LOADS, conform, empty
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.plan.capacity.choose import domiciles
from crossdock.plan.capacity.options import Movement, Option, local_date
from crossdock.plan.capacity.staff import StaffedTrip
from crossdock.plan.duties import CrewDuty, duty_rows, instant

MOST_ALTERNATIVES = 5
_KINDS = {"own": "loaded", "bought": "bought", "pooled": "pooled"}

Row = dict[str, Any]


def load_tables(
    network: Network,
    movements: Sequence[Movement],
    staffed: Sequence[StaffedTrip],
    id_scope: str = "",
) -> tuple[pl.DataFrame, pl.DataFrame, Mapping[int, str]]:
    """``LOADS`` and ``DUTIES`` of the trips, and the load of each movement (by position)."""
    rows: list[Row] = []
    for number, each in enumerate(staffed):
        rows.extend(_load_rows(number, each, movements))
    if not rows:
        return empty(LOADS), empty(DUTIES), {}
    _give_ids(network, rows, id_scope)
    by_way = {(row["trip"], row["way"]): row["load_id"] for row in rows}
    duties: list[Row] = []
    seats_given: dict[str, int] = {}
    for number, each in enumerate(staffed):
        crews = _crews(each, seats_given)
        for row in rows:
            if row["trip"] == number:
                row["driver_ids"] = ";".join(driver for crew in crews for driver in crew)
        for crew in crews:
            duties.extend(
                duty_rows(
                    each.trip.duty,
                    driver_ids=crew,
                    carrier_id=each.trip.option.carrier_id,
                    domiciles=domiciles(each.trip, movements),
                    load_id=by_way[number, "out"],
                    return_load_id=by_way.get((number, "back")),
                )
            )
    for row in rows:
        if row["way"] == "back":
            row["returns_load_id"] = by_way[row["trip"], "out"]
    load_of = {row["movement"]: row["load_id"] for row in rows if row["movement"] is not None}
    loads = conform(pl.DataFrame(rows, infer_schema_length=None), LOADS).sort("load_id")
    return loads, _duty_frame(duties), load_of


def decision_rows(
    movements: Sequence[Movement],
    options: Sequence[Option],
    staffed: Sequence[StaffedTrip],
    load_of: Mapping[int, str],
) -> pl.DataFrame:
    """One decision a load with freight: the option taken, and those it beat or that were barred."""
    of_movement: dict[int, list[Option]] = {}
    for option in options:
        of_movement.setdefault(option.movement, []).append(option)
    rows: list[Row] = []
    for each in staffed:
        for option in _taken(each):
            asked = of_movement.get(option.movement, [])
            others = [other for other in asked if other.name != option.name]
            rows.append(
                {
                    "subject": load_of[option.movement],
                    "question": "Who carries it?",
                    "chosen": option.name,
                    "alternatives": json.dumps(_alternatives(option, others)),
                    "reason": _reason(each, option, others, movements[option.movement]),
                }
            )
    return conform(pl.DataFrame(rows), DECISIONS) if rows else empty(DECISIONS)


def _taken(staffed: StaffedTrip) -> list[Option]:
    """Options of a trip, each with the cost that its way bears."""
    trip = staffed.trip
    out = replace(trip.option, cost_usd=trip.cost_usd - staffed.back_usd)
    back = [] if trip.back is None else [replace(trip.back, cost_usd=staffed.back_usd)]
    return [out if back else trip.option, *back]


def _load_rows(number: int, staffed: StaffedTrip, movements: Sequence[Movement]) -> list[Row]:
    trip = staffed.trip
    option, duty = trip.option, trip.duty
    movement = movements[option.movement]
    out = {
        **_common(number, option),
        "way": "out",
        "kind": _KINDS[option.kind],
        "from": movement.origin,
        "to": movement.destination,
        "departs_at": instant(movement.departs_s),
        "arrives_at": instant(duty.arrives_s),
        "driver_mode": duty.mode if option.kind != "pooled" else _pooled_mode(duty),
        "miles": option.miles,
        "cost_usd": trip.cost_usd - staffed.back_usd,
        "movement": option.movement,
        **_freight(option, movement),
    }
    if option.kind != "own" or duty.back_departs_s is None or duty.back_arrives_s is None:
        return [out]
    back = {
        **out,
        "way": "back",
        "from": movement.destination,
        "to": movement.origin,
        "departs_at": instant(duty.back_departs_s),
        "arrives_at": instant(duty.back_arrives_s),
        "miles": trip.own.back_miles if trip.own else option.miles,
        "cost_usd": staffed.back_usd,
    }
    if trip.back is None:
        nothing = {"parcels": 0, "volume_m3": 0.0, "weight_kg": 0.0}
        empty_way = {"cube_share": 0.0, "weight_share": 0.0, "movement_id": None, "movement": None}
        return [out, {**back, **nothing, **empty_way, "kind": "empty"}]
    loaded = {"movement": trip.back.movement, **_freight(trip.back, movements[trip.back.movement])}
    return [out, {**back, **loaded, "kind": "loaded"}]


def _pooled_mode(duty: CrewDuty) -> str:
    """A scheduled trailer goes from driver to driver, or with one where the lane is short."""
    return "relay" if len(duty.seats) > 1 else "solo_turn"


def _common(number: int, option: Option) -> Row:
    return {
        "trip": number,
        "vehicle_type": option.vehicle_type,
        "units": option.units,
        "carrier_id": option.carrier_id,
        "relay_facility_id": option.relay_facility_id,
        "transit_h_p50": option.transit_s / SECONDS_PER_HOUR,
        "transit_h_p90": option.transit_p90_s / SECONDS_PER_HOUR,
    }


def _freight(option: Option, movement: Movement) -> Row:
    return {
        "movement_id": movement.movement_id,
        "parcels": movement.parcels,
        "volume_m3": movement.volume_m3,
        "weight_kg": movement.weight_kg,
        "cube_share": movement.volume_m3 / (option.units * option.unit_m3),
        "weight_share": movement.weight_kg / (option.units * option.unit_kg),
    }


def _give_ids(network: Network, rows: list[Row], id_scope: str) -> None:
    """Ids in order of departure, numbered within the local date at the start."""
    zones = network.timezones
    rows.sort(
        key=lambda row: (
            row["departs_at"],
            row["from"],
            row["to"],
            row["movement_id"] or "",
            row["trip"],
        )
    )
    given: dict[str, int] = {}
    for row in rows:
        date = local_date(row["departs_at"], zones.get(row["from"], "UTC"))
        scope = joined_scope(id_scope, date.strftime("%Y%m%d"))
        given[scope] = given.get(scope, 0) + 1
        row["load_id"] = sequential_ids(Prefix.LOAD, 1, scope=scope, start=given[scope])[0]


def _crews(staffed: StaffedTrip, seats_given: dict[str, int]) -> list[tuple[str, ...]]:
    """Drivers by vehicle: the own ones by name, a carrier's by seat."""
    if staffed.crews:
        return [crew.driver_ids for crew in staffed.crews]
    option = staffed.trip.option
    crews: list[tuple[str, ...]] = []
    for _ in range(option.vehicles):
        first = seats_given.get(option.carrier_id, 0) + 1
        seats = range(first, first + len(staffed.trip.duty.seats))
        seats_given[option.carrier_id] = seats[-1]
        crews.append(tuple(f"{option.carrier_id}-seat-{seat:04d}" for seat in seats))
    return crews


def _duty_frame(rows: list[Row]) -> pl.DataFrame:
    """Duties with one id a driver and trip."""
    frame = conform(pl.DataFrame(rows), DUTIES)
    return frame.with_columns(duty_id=pl.concat_str("duty_id", "driver_id", separator="-")).sort(
        "duty_id", "seq"
    )


def _alternatives(chosen: Option, others: Sequence[Option]) -> list[Row]:
    ranked = sorted(others, key=lambda option: (bool(option.barred), option.total_usd))
    return [
        _alternative(chosen, "chosen"),
        *(_alternative(option, _why_not(option, chosen)) for option in ranked[:MOST_ALTERNATIVES]),
    ]


def _alternative(option: Option, why_not: str) -> Row:
    return {
        "option": option.name,
        "cost_usd": round(option.cost_usd, 2),
        "service": f"{option.transit_s / SECONDS_PER_HOUR:.1f} h, "
        f"${option.lateness_usd:.2f} expected lateness",
        "why_not": why_not,
    }


def _why_not(option: Option, chosen: Option) -> str:
    if option.barred:
        return option.barred
    more = option.total_usd - chosen.total_usd
    if more >= 0:
        return f"costs ${more:,.2f} more, lateness included"
    return "its capacity, vehicles or drivers do more good on other loads"


def _reason(
    staffed: StaffedTrip, option: Option, others: Sequence[Option], movement: Movement
) -> str:
    free = [other for other in others if not other.barred]
    cheaper = [other for other in free if other.total_usd < option.total_usd]
    head = f"${option.cost_usd:,.2f} for {movement.parcels} parcels"
    if staffed.trip.back is not None:
        return f"{head}: the own vehicle goes out and comes back loaded"
    if not free:
        return f"{head}: nobody else can have it there in time"
    if not cheaper:
        beaten = min(free, key=lambda other: other.total_usd)
        saved = beaten.total_usd - option.total_usd
        return f"{head}: ${saved:,.2f} less than {beaten.name}, the next that arrives in time"
    return f"{head}: {len(cheaper)} cheaper ones are full or needed more elsewhere"
