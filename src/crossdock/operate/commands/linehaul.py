"""Commands on loads: hold one at the dock, cancel one, send one elsewhere."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from crossdock.locate.roads import road_miles
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.commands.command import (
    CancelLoad,
    DivertLoad,
    HoldDeparture,
    instant_text,
)
from crossdock.operate.commands.hours import OWN_KINDS, hold_drivers, longer_drive
from crossdock.operate.commands.outlook import ROAD_MPH, Change, Outlook, waits
from crossdock.operate.commands.rides import Ride
from crossdock.operate.commands.verdict import Findings, counted, span
from crossdock.plan.duties import DOCK_S

LONGEST_HOLD = dt.timedelta(hours=12)
_NOT_USED_CODES = ("tonu", "cancellation")

Load = Mapping[str, Any]


def hold_departure(command: HoldDeparture, outlook: Outlook) -> Findings:
    """Keep a load at the dock: riders may still come, and may miss what follows."""
    load = outlook.load(command.load_id)
    found = Findings(load_id=command.load_id, load=load)
    _must_wait(outlook, load, found)
    ride = outlook.rides.by_id.get(command.load_id)
    if ride is None and not found.barred:
        found.bar("when it leaves is not known")
    if ride is None or found.barred:
        return found
    planned: dt.datetime = load["departs_at"]
    if command.until <= outlook.at:
        found.bar("the instant is past")
    if command.until < planned:
        found.bar(f"it leaves at {_at(outlook, ride.origin, planned)}: a hold makes it no earlier")
    if command.until > planned + LONGEST_HOLD:
        found.bar(f"that is {span((command.until - planned).total_seconds())} after its plan; "
                  f"the longest hold is {LONGEST_HOLD.total_seconds() / 3600:.0f} h")  # fmt: skip
    if found.barred:
        return found
    held = outlook.rides.delayed(command.load_id, int(command.until.timestamp()))
    back = _back_later(outlook, held)
    _tell_of_back(outlook, back, found)
    concerned = [held, *back]
    lanes = [(each.origin, each.to) for each in concerned]
    found.changes = outlook.changes(
        outlook.lane_parcels(lanes),
        outlook.rides.with_rides(concerned),
        [each.load_id for each in concerned],
    )
    _tell_of_riders(outlook, held, found)
    waits_s = held.departs_s - ride.departs_s  # beyond a hold that is in force
    if load["kind"] in OWN_KINDS:
        hold_drivers(outlook, load, held.departs_s, waits_s, found)
    else:
        _pay_carrier(outlook, load, waits_s, found)
    return found


def cancel_load(command: CancelLoad, outlook: Outlook) -> Findings:
    """Do not run a load: its riders need another way; its equipment stays where it is."""
    load = outlook.load(command.load_id)
    found = Findings(load_id=command.load_id, load=load)
    _must_wait(outlook, load, found)
    if found.barred:
        return found
    backs = [
        each
        for each in outlook.loads.values()
        if each["returns_load_id"] == command.load_id and waits(each)
    ]
    called_off = [load, *backs]
    for each in called_off:
        found.cost_usd += _not_used_usd(outlook, each) - (each["cost_usd"] or 0.0)
    for each in backs:
        found.note(f"{each['load_id']} does not run either: it brings the same vehicle back")
    if load["returns_load_id"] is not None:
        found.note(
            f"the vehicle of {load['returns_load_id']} stays at {load['from']} with its driver"
        )
    rides = [
        replace(ride, waits=False, cancelled=True)
        for each in called_off
        if (ride := outlook.rides.by_id.get(each["load_id"])) is not None
    ]
    found.changes = outlook.changes(
        outlook.lane_parcels([(ride.origin, ride.to) for ride in rides]),
        outlook.rides.with_rides(rides),
        [ride.load_id for ride in rides],
    )
    _tell_of_other_ways(found, {ride.load_id for ride in rides})
    return found


def divert_load(command: DivertLoad, outlook: Outlook) -> Findings:
    """Send a load that is on the road to another facility, from where it is."""
    load = outlook.load(command.load_id)
    outlook.facility(command.to_facility_id)
    found = Findings(load_id=command.load_id, load=load)
    ride = outlook.rides.by_id.get(command.load_id)
    if load["state"] != "departed" or ride is None:
        found.bar(f"it is not on the road: it is {load['state']}")
        return found
    if command.to_facility_id == ride.to:
        found.bar(f"it is on its way to {ride.to} already")
        return found
    miles = _miles_from_here(outlook, load, command.to_facility_id)
    left = _miles_from_here(outlook, load, ride.to)
    if miles is None or left is None:
        found.bar("the coordinates of a facility are not known")
        return found
    arrives_s = outlook.at_s + round(miles / ROAD_MPH * SECONDS_PER_HOUR)
    diverted = replace(ride, to=command.to_facility_id, arrives_s=arrives_s)
    usd_mile = (load["cost_usd"] or 0.0) / load["miles"] if load["miles"] else 0.0
    found.cost_usd = (miles - left) * usd_mile
    found.note(
        f"{miles:,.0f} miles from here: there at {outlook.clock(diverted.to, arrives_s)} "
        f"instead of {ride.to} at {outlook.clock(ride.to, ride.arrives_s)}"
    )
    _tell_of_drive(outlook, load, ride.arrives_s, arrives_s, found)
    aboard = outlook.scene.present.parcels.filter(
        (pl.col("custody_kind") == "load") & (pl.col("custody_id") == command.load_id)
    )["parcel_id"]
    found.changes = outlook.changes(
        pl.concat([aboard, outlook.lane_parcels([(ride.origin, ride.to)])]),
        outlook.rides.with_rides([diverted]),
        [command.load_id],
    )
    found.told["arrives_at"] = instant_text(dt.datetime.fromtimestamp(arrives_s, dt.UTC))
    _tell_of_other_ways(found, {command.load_id})
    return found


def _must_wait(outlook: Outlook, load: Load, found: Findings) -> None:
    if waits(load):
        return
    when = load["departed_at"]
    said = f" at {_at(outlook, load['from'], when)}" if when is not None else ""
    found.bar({"departed": f"it left{said}", "arrived": "it has arrived"}.get(
        load["state"], "it is cancelled"))  # fmt: skip


def _back_later(outlook: Outlook, held: Ride) -> list[Ride]:
    """Loads that wait for the vehicle of a held one to come."""
    turned_s = held.arrives_s + DOCK_S
    return [
        outlook.rides.delayed(load_id, turned_s)
        for load_id, load in outlook.loads.items()
        if load["returns_load_id"] == held.load_id
        and waits(load)
        and load_id in outlook.rides.by_id
        and outlook.rides.by_id[load_id].departs_s < turned_s
    ]


def _tell_of_back(outlook: Outlook, back: Sequence[Ride], found: Findings) -> None:
    for ride in back:
        was_s = outlook.rides.by_id[ride.load_id].departs_s
        found.note(
            f"{ride.load_id} waits for its vehicle: it leaves {ride.origin} at "
            f"{outlook.clock(ride.origin, ride.departs_s)}, {span(ride.departs_s - was_s)} later"
        )


def _tell_of_riders(outlook: Outlook, held: Ride, found: Findings) -> None:
    was_s = outlook.rides.by_id[held.load_id].departs_s
    gained = [
        each.after.boards[held.load_id]
        for each in found.changes
        if held.load_id in each.after.boards and held.load_id not in each.before.boards
    ]
    for ready_s, count in sorted(Counter(gained).items()):
        found.note(
            f"{counted(count, 'parcel is', 'parcels are')} sorted only at "
            f"{outlook.clock(held.origin, ready_s)}, {span(ready_s - was_s)} after the departure: "
            "with the hold they ride"
        )
    still = Counter(
        each.after.missed[held.load_id][0]
        for each in found.changes
        if held.load_id in each.after.missed
    )
    for ready_s, count in sorted(still.items()):
        found.note(
            f"{counted(count, 'parcel is', 'parcels are')} sorted only at "
            f"{outlook.clock(held.origin, ready_s)} and miss it all the same"
        )
    _tell_of_missed_connections(outlook, found, held.load_id)


def _tell_of_missed_connections(outlook: Outlook, found: Findings, load_id: str) -> None:
    next_loads: Counter[str] = Counter()
    last_steps = 0
    for each in found.changes:
        next_loads.update(
            load for load in each.after.missed if load != load_id and load in each.before.boards
        )
        last_steps += each.after.misses_last is not None and each.before.misses_last is None
    for load, count in sorted(next_loads.items()):
        ride = outlook.rides.by_id.get(load)
        when = "" if ride is None else f" at {outlook.clock(ride.origin, ride.departs_s)}"
        found.note(f"{counted(count, 'parcel')} then miss {load}{when}")
    if last_steps:
        found.note(f"{counted(last_steps, 'parcel')} then come after their route or partner left")


def _tell_of_other_ways(found: Findings, loads: set[str]) -> None:
    lost = sum(_later(each) for each in found.changes)
    kept = len(found.changes) - lost
    concerned = [each for each in found.changes if loads & set(each.after.missed)]
    if kept and concerned:
        found.note(f"{counted(kept, 'parcel')} keep their day by another way")
    if lost:
        found.note(f"{counted(lost, 'parcel')} lose a delivery day or more")
    if not found.changes:
        found.note("no parcel is to ride on it")


def _later(change: Change) -> bool:
    before, after = change.before.eta_s, change.after.eta_s
    return before is not None and after is not None and after > before


def _pay_carrier(outlook: Outlook, load: Load, waits_s: int, found: Findings) -> None:
    carrier = load["carrier_id"] or "the carrier"
    rate = outlook.scene.means.network["accessorials"].filter(
        (pl.col("carrier_id") == load["carrier_id"])
        & (pl.col("code").str.to_lowercase() == "detention")
        & (pl.col("basis") == "hour")
    )
    if rate.is_empty():
        found.note(f"{carrier} names no price for waiting: it is not counted")
    else:
        found.cost_usd += waits_s / SECONDS_PER_HOUR * float(rate["rate_usd"][0])
    found.note(f"drivers of {carrier}: their hours are not checked here")


def _not_used_usd(outlook: Outlook, load: Load) -> float:
    """What the carrier of a load charges where it does not run."""
    charged = outlook.scene.means.network["accessorials"].filter(
        (pl.col("carrier_id") == load["carrier_id"])
        & pl.col("code").str.to_lowercase().is_in(_NOT_USED_CODES)
        & (pl.col("basis") == "load")
    )
    return float(charged["rate_usd"].max() or 0.0)  # pyright: ignore[reportArgumentType]


def _miles_from_here(outlook: Outlook, load: Load, to: str) -> float | None:
    """Road miles from where a load is: on its way in proportion to the time."""
    start, end, there = (outlook.place(each) for each in (load["from"], load["to"], to))
    if start is None or end is None or there is None:
        return None
    left, comes = load["departed_at"], load["expected_arrives_at"]
    share = (outlook.at - left) / (comes - left) if comes > left else 1.0
    latitude, longitude = (a * (1 - share) + b * share for a, b in zip(start, end, strict=True))
    return float(road_miles(latitude, longitude, *there))


def _tell_of_drive(
    outlook: Outlook, load: Load, was_s: int, arrives_s: int, found: Findings
) -> None:
    """Whether own drivers may drive on; a carrier's are the carrier's."""
    if load["kind"] not in OWN_KINDS:
        found.note(f"drivers of {load['carrier_id'] or 'the carrier'}: their hours are not checked")
        return
    if arrives_s > was_s:
        longer_drive(outlook, load, arrives_s - was_s, found)


def _at(outlook: Outlook, facility_id: str, instant: dt.datetime) -> str:
    return outlook.clock(facility_id, int(instant.timestamp()))
