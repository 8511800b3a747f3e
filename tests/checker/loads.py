"""Loads: what they carry fits, their seats are filled, their shares and speeds are true."""

from __future__ import annotations

import math

import polars as pl

from checker.calendars import Calendars, local
from checker.faults import Faults
from checker.reading import OWN_KINDS, Run
from checker.waves import Waves

SEATS = {"solo_turn": (1, 1), "solo_layover": (1, 1), "team": (2, 2), "relay": (2, 99)}
"""Fewest and most drivers of each driver mode; a pooled relay may change drivers often."""
FASTEST_MPH = 75.0


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    repeated = run.whole("loads").filter(pl.col("load_id").is_duplicated())
    faults.add_rows("loads", repeated, "{load_id} repeats")
    carried = _carried(run)
    for load in run["loads"].to_dicts():
        _known(run, load, faults)
        _fits(run, load, carried.get(load["load_id"], (0, 0.0, 0.0)), faults)
        _manned(load, faults)
        _drives(run, load, faults)
    for load in run.background("loads").to_dicts():
        _known(run, load, faults)
        # who rides it is held against its row where the background is looked at
        _fits(run, load, (load["parcels"], load["volume_m3"], load["weight_kg"]), faults)
        _manned(load, faults)
        _drives(run, load, faults)
    _within_capacity(run, faults)


def _carried(run: Run) -> dict[str, tuple[int, float, float]]:
    measures = run.whole("parcels").select("parcel_id", "volume_m3", "weight_kg")
    sums = (
        run["legs"]
        .join(measures, on="parcel_id")
        .group_by("load_id", maintain_order=True)
        .agg(pl.len(), pl.col("volume_m3").sum(), pl.col("weight_kg").sum())
    )
    return {row[0]: (row[1], row[2], row[3]) for row in sums.iter_rows()}


def _known(run: Run, load: dict, faults: Faults) -> None:
    carrier = run.carriers.get(load["carrier_id"])
    if carrier is None:
        faults.add("loads", f"{load['load_id']}: no carrier {load['carrier_id']}")
        return
    own = carrier["kind"] == "own"
    faults.expect(
        "loads",
        own == (load["kind"] in OWN_KINDS),
        f"{load['load_id']} is {load['kind']}, but {load['carrier_id']} is {carrier['kind']}",
    )
    ends = carrier["insurance_expires"]
    faults.expect(
        "insurance",
        ends is None or ends >= run.first_date,
        f"{load['load_id']}: insurance of {load['carrier_id']} expired on {ends}",
    )


def _fits(run: Run, load: dict, carried: tuple[int, float, float], faults: Faults) -> None:
    name, (parcels, volume_m3, weight_kg) = load["load_id"], carried
    same = (
        load["parcels"] == parcels
        and math.isclose(load["volume_m3"], volume_m3, rel_tol=1e-6, abs_tol=1e-9)
        and math.isclose(load["weight_kg"], weight_kg, rel_tol=1e-6, abs_tol=1e-9)
    )
    faults.expect(
        "loads sum their legs",
        same,
        f"{name} says {load['parcels']} parcels, {load['volume_m3']:.4f} m3, "
        f"{load['weight_kg']:.2f} kg; its legs {parcels}, {volume_m3:.4f}, {weight_kg:.2f}",
    )
    if load["kind"] in ("empty", "bobtail"):
        faults.expect("loads sum their legs", parcels == 0, f"{name} is {load['kind']} but loaded")
        return
    faults.expect("loads sum their legs", parcels > 0, f"{name} carries nothing")
    kind = run.vehicle_types[load["vehicle_type"]]
    usable_m3 = kind["nominal_m3"] * kind["stow_factor"] * load["units"]
    payload_kg = kind["payload_kg"] * load["units"]
    faults.expect(
        "space",
        volume_m3 <= usable_m3 * (1 + 1e-9) and weight_kg <= payload_kg * (1 + 1e-9),
        f"{name}: {volume_m3:.3f} m3, {weight_kg:.1f} kg in {load['units']} {load['vehicle_type']} "
        f"of {usable_m3:.3f} m3, {payload_kg:.1f} kg",
    )
    faults.expect(
        "shares",
        math.isclose(load["cube_share"], volume_m3 / usable_m3, abs_tol=1e-6)
        and math.isclose(load["weight_share"], weight_kg / payload_kg, abs_tol=1e-6),
        f"{name}: shares {load['cube_share']:.4f}, {load['weight_share']:.4f} are not "
        f"{volume_m3 / usable_m3:.4f}, {weight_kg / payload_kg:.4f}",
    )


def _manned(load: dict, faults: Faults) -> None:
    drivers = [each for each in (load["driver_ids"] or "").split(";") if each]
    if load["driver_mode"] not in SEATS:
        faults.add("seats", f"{load['load_id']} has driver mode {load['driver_mode']}")
        return
    fewest, most = SEATS[load["driver_mode"]]
    faults.expect(
        "seats",
        fewest <= len(drivers) <= most and len(set(drivers)) == len(drivers),
        f"{load['load_id']} ({load['driver_mode']}) has drivers {drivers}",
    )


def _drives(run: Run, load: dict, faults: Faults) -> None:
    name, lane = load["load_id"], run.lanes.get((load["from"], load["to"]))
    hours = (load["arrives_at"] - load["departs_at"]).total_seconds() / 3600
    faults.expect(
        "transit",
        load["from"] != load["to"] and hours > 0 and load["miles"] / hours <= FASTEST_MPH,
        f"{name}: {load['from']}-{load['to']}, {load['miles']} miles in {hours:.2f} h",
    )
    if lane is None:
        return
    faults.expect(
        "lane miles",
        math.isclose(load["miles"], lane["miles"], rel_tol=0.005),
        f"{name}: {load['miles']} miles, the lane has {lane['miles']}",
    )
    drive_h = lane["transit_h_p50"]
    if drive_h is not None:
        # 49 CFR 395.3: a solo rests 10 h after each 11 h at the wheel, half an hour after 8 h
        solo = load["driver_mode"] in ("solo_turn", "solo_layover")
        rests = max(0, math.ceil(drive_h / 11 - 1e-9) - 1) if solo else 0
        faults.expect(
            "transit",
            hours >= drive_h + 10 * rests - 0.02,
            f"{name} ({load['driver_mode']}): {drive_h} h at the wheel done in {hours:.2f} h",
        )


def _within_capacity(run: Run, faults: Faults) -> None:
    """Vehicles (pooled: positions) that a carrier sells a day, by local date of departure."""
    taken: dict[tuple[str, object], int] = {}
    for load in run.whole("loads").to_dicts():
        if load["kind"] not in ("pooled", "bought"):
            continue
        date = local(load["departs_at"], run.facilities[load["from"]]["timezone"]).date()
        used = load["units"] if load["kind"] == "pooled" else 1
        key = (load["carrier_id"], date)
        taken[key] = taken.get(key, 0) + used
    for (carrier_id, date), used in taken.items():
        limit = run.carriers[carrier_id]["daily_capacity"] if carrier_id in run.carriers else None
        faults.expect(
            "carrier capacity",
            limit is None or used <= limit,
            f"{carrier_id} carries {used} on {date}, it sells {limit}",
        )
