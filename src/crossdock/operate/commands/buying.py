"""Buy a load beyond the plan: what the lane sells, and whom it saves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import polars as pl

from crossdock.operate.commands.command import AddLoad, instant_text
from crossdock.operate.commands.outlook import Change, Outlook
from crossdock.operate.commands.rides import Ride
from crossdock.operate.commands.verdict import Findings, counted, span

LONGEST_AHEAD_S = 14 * 86_400
NO_WAVE_S = 12 * 3600
"""Where the plan has no wave left, a load leaves after half a day. †"""
LEAST_M3 = 1.0

Offer = Mapping[str, Any]


def add_load(command: AddLoad, outlook: Outlook) -> Findings:
    """Buy the cheapest that the lane sells for the volume; who would miss a load rides on it."""
    start, end = (
        outlook.facility(each) for each in (command.from_facility_id, command.to_facility_id)
    )
    found = Findings()
    departs_s = _departs_s(command, outlook)
    if departs_s < outlook.at_s:
        found.bar("the departure is past")
    if departs_s > outlook.at_s + LONGEST_AHEAD_S:
        found.bar("the departure is more than 14 days away")
    # Imported when it is asked for: a server that only watches starts without the planner.
    from crossdock.operate.commands.lane_offers import lane_offers  # noqa: PLC0415

    offers = lane_offers(outlook.scene.means.network, start, end, outlook.at.date())
    if offers.is_empty():
        found.bar(f"nobody sells {start} → {end}")
    if found.barred:
        return found
    load_id = _new_id(command, departs_s, outlook)
    volume_m3 = command.volume_m3
    if volume_m3 is None:
        fastest = offers.sort("transit_s").row(0, named=True)
        wanted = _ride(command, fastest, departs_s, load_id)
        saved = _on_it(_changes(outlook, wanted), wanted.load_id)
        volume_m3 = max(LEAST_M3, sum(each.journey.volume_m3 for each in saved))
    offer, units = _cheapest(offers, volume_m3)
    space_m3 = units * offer["unit_m3"]
    ride = replace(_ride(command, offer, departs_s, load_id), free_m3=space_m3)
    found.load_id = ride.load_id
    found.changes = _changes(outlook, ride)
    found.cost_usd = _cost_usd(offer, units)
    found.told = _told(ride, offer, units, space_m3, volume_m3)
    found.note(
        f"{offer['carrier_id']} sells {counted(units, 'unit')} of {offer['vehicle_type']} "
        f"({offer['kind']}) for ${found.cost_usd:,.2f}: leaves {start} at "
        f"{outlook.clock(start, departs_s)}, {span(offer['transit_s'])} on the road"
    )
    riders = _on_it(found.changes, ride.load_id)
    if riders:
        used_m3 = sum(each.journey.volume_m3 for each in riders)
        found.note(
            f"{counted(len(riders), 'parcel')} would ride on it: "
            f"{used_m3:,.1f} of {space_m3:,.1f} m³"
        )
    else:
        found.note("no parcel that waits for this lane needs it")
    return found


def _departs_s(command: AddLoad, outlook: Outlook) -> int:
    if command.departs_at is not None:
        return int(command.departs_at.timestamp())
    ready_s = outlook.waves.next_ready(command.from_facility_id, outlook.at_s)
    return outlook.at_s + NO_WAVE_S if ready_s is None else ready_s


def _cheapest(offers: pl.DataFrame, volume_m3: float) -> tuple[Offer, int]:
    """The offer that carries the volume for least, and how many units of it."""
    found: list[tuple[float, int, Offer, int]] = []
    for offer in offers.iter_rows(named=True):
        units = max(1, -(-volume_m3 // offer["unit_m3"]))
        most = offer["max_units"]
        whole = units if offer["kind"] == "pooled" else _vehicles(offer, int(units))
        if most is None or whole <= most:
            found.append((_cost_usd(offer, int(units)), offer["offer_id"], offer, int(units)))
    if not found:  # more than anyone carries at once: as much as the cheapest has
        offer = offers.sort("cost_usd", "offer_id").row(0, named=True)
        per = 1 if offer["kind"] == "pooled" else offer["units_per_vehicle"]
        return offer, max(1, offer["max_units"] * per)
    _, _, offer, units = min(found, key=lambda each: each[:2])
    return offer, units


def _vehicles(offer: Offer, units: int) -> int:
    return -(-units // max(1, offer["units_per_vehicle"]))


def _cost_usd(offer: Offer, units: int) -> float:
    count = units if offer["kind"] == "pooled" else _vehicles(offer, units)
    return float(offer["cost_usd"]) * count


def _new_id(command: AddLoad, departs_s: int, outlook: Outlook) -> str:
    """An id that no load of the day has."""
    start, end = command.from_facility_id, command.to_facility_id
    numbered = (f"L-ADDED-{start}-{end}-{departs_s}-{number}" for number in count(1))
    return next(each for each in numbered if each not in outlook.loads)


def _ride(command: AddLoad, offer: Offer, departs_s: int, load_id: str) -> Ride:
    """The load that an offer would be, whatever its space."""
    return Ride(
        load_id=load_id,
        origin=command.from_facility_id,
        to=command.to_facility_id,
        departs_s=departs_s,
        arrives_s=departs_s + offer["transit_s"],
        waits=True,
    )


def _changes(outlook: Outlook, ride: Ride) -> list[Change]:
    parcels = outlook.lane_parcels([(ride.origin, ride.to)])
    return outlook.changes(parcels, outlook.rides.with_rides([ride]), [ride.load_id])


def _on_it(changes: Sequence[Change], load_id: str) -> list[Change]:
    return [each for each in changes if load_id in each.after.boards]


def _told(
    ride: Ride, offer: Offer, units: int, space_m3: float, volume_m3: float
) -> dict[str, Any]:
    """What is bought, in the words of ``load_added``."""
    return {
        "load_id": ride.load_id,
        "kind": "loaded" if offer["kind"] == "own" else offer["kind"],
        "carrier_id": offer["carrier_id"],
        "vehicle_type": offer["vehicle_type"],
        "units": units,
        "driver_mode": offer["driver_mode"],
        "miles": round(offer["miles"], 1),
        "departs_at": _text(ride.departs_s),
        "arrives_at": _text(ride.arrives_s),
        "cost_usd": round(_cost_usd(offer, units), 2),
        "volume_m3": round(space_m3, 3),
        "weight_kg": round(units * offer["unit_kg"], 1),
        "asked_m3": round(volume_m3, 3),
    }


def _text(instant_s: int) -> str:
    return instant_text(dt.datetime.fromtimestamp(instant_s, dt.UTC))
