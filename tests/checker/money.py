"""What things cost, by the formulas of the written contract, and a ledger that adds up."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl

from checker.calendars import Calendars, local
from checker.faults import Faults
from checker.reading import OWN_KINDS, Run
from checker.waves import Waves

TOLERANCE = 0.005
METERS_PER_MILE = 1609.344
DRIVER_USD_H = 32.0
_BORNE = {
    "linehaul_usd": ("linehaul", "linehaul_empty"),
    "lastmile_usd": ("lastmile", "injection"),
    "handling_usd": ("handling",),
    "pickup_usd": ("pickup",),
}
"""Kinds of the ledger that each part of a parcel's cost is the share of."""
_MATCHED = ("vehicle_type", "from", "to", "zone", "entry_level")


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    _carriers_loads(run, faults)
    _own_trips(run, faults)
    _tours(run, faults)
    _handoffs(run, faults)
    _touches_and_pickups(run, faults)
    _ledger(run, faults)
    _sides(run, faults)
    _parcels(run, faults)


def _near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=0.01)


def _rates(run: Run, carrier_id: str, mode: str, **cells: object) -> list[dict[str, Any]]:
    """Rate rows that match, the most specific ones: an empty cell matches all."""
    fitting = [
        row
        for row in run.network("rates").to_dicts()
        if row["carrier_id"] == carrier_id
        and row["mode"] == mode
        and all(row[each] is None or row[each] == cells.get(each, row[each]) for each in _MATCHED)
    ]
    named = [sum(row[each] is not None for each in _MATCHED) for row in fitting]
    most = max(named, default=0)
    return [row for row, count in zip(fitting, named, strict=True) if count == most]


def _carriers_loads(run: Run, faults: Faults) -> None:
    rates: dict[tuple, list[dict]] = {}
    for load in run["loads"].to_dicts():
        if load["kind"] not in ("bought", "pooled"):
            continue
        key = (load["carrier_id"], load["vehicle_type"], load["from"], load["to"])
        if key not in rates:
            cells = dict(zip(("vehicle_type", "from", "to"), key[1:], strict=True))
            rates[key] = _rates(run, key[0], "linehaul", **cells)
        prices = [_price(run, load, rate) for rate in rates[key]]
        faults.expect(
            "load costs",
            any(_near(load["cost_usd"], price) for price in prices),
            f"{load['load_id']} ({load['carrier_id']} {load['vehicle_type']}, {load['miles']} miles"
            f", {load['units']} units) costs {load['cost_usd']:.2f}, by its rates {prices}",
        )


def _price(run: Run, load: dict, rate: dict) -> float:
    hours = (load["arrives_at"] - load["departs_at"]).total_seconds() / 3600
    units = load["units"]
    quantity = {
        "load": 1.0,
        "mile": load["miles"],
        "m3": load["volume_m3"],
        "pallet_mile": units * load["miles"],
        "parcel": load["parcels"],
        "hour": hours,
        "stop": 1.0,
        "block": 1.0,
    }[rate["basis"]]
    least = (rate["minimum_usd"] or 0.0) * (units if rate["basis"] == "pallet_mile" else 1)
    price = max(rate["rate_usd"] * quantity, least) * (1 + (rate["fuel_pct"] or 0.0) / 100)
    for extra in run.network("accessorials").to_dicts():
        if extra["carrier_id"] == load["carrier_id"] and extra["code"] == "handling":
            per = {"pallet": units, "load": 1, "parcel": load["parcels"]}
            price += extra["rate_usd"] * per.get(extra["basis"], 0)
    return price


def _own_trips(run: Run, faults: Faults) -> None:
    """Miles there and back, the days used, and the hours that its drivers are paid."""
    trips: dict[str, list[dict]] = {}
    for load in run["loads"].to_dicts():
        if load["kind"] in OWN_KINDS:
            trips.setdefault(_root(run, load), []).append(load)
    by_load: dict[str, list[dict]] = {}
    for segment in run["duties"].to_dicts():
        by_load.setdefault(segment["load_id"], []).append(segment)
    for root, loads in trips.items():
        duty = [each for load in loads for each in by_load.get(load["load_id"], [])]
        if not duty:
            continue  # told elsewhere
        low_usd, high_usd = _wages_usd(run, loads, duty)
        miles_usd = sum(_own_miles_usd(run, load) for load in loads)
        day_usd = max(_fixed_usd_day(run, load) for load in loads)
        told = sum(load["cost_usd"] for load in loads)
        # a day used is a local date touched or each 24 hours begun: the contract leaves it open
        fine = any(
            _between(
                told, miles_usd + low_usd + day_usd * days, miles_usd + high_usd + day_usd * days
            )
            for days in _days_used(run, loads, duty)
        )
        faults.expect(
            "own costs",
            fine,
            f"{root} and its way back cost {told:.2f}: {miles_usd:.2f} for miles, {low_usd:.2f} to "
            f"{high_usd:.2f} for drivers, {day_usd:.2f} a day",
        )


def _between(usd: float, low_usd: float, high_usd: float) -> bool:
    return low_usd * (1 - TOLERANCE) - 0.01 <= usd <= high_usd * (1 + TOLERANCE) + 0.01


def _wages_usd(run: Run, loads: list[dict], duty: list[dict]) -> tuple[float, float]:
    """Least and most for a trip's drivers: on duty; a team may be paid while it rides, too."""
    wages = {row["driver_id"]: row["cost_usd_h"] for row in run.network("drivers").to_dicts()}
    low_usd = high_usd = 0.0
    for driver_id in sorted({each["driver_id"] for each in duty}):
        mine = [each for each in duty if each["driver_id"] == driver_id]
        usd_h = wages.get(driver_id) or DRIVER_USD_H
        working = [each for each in mine if each["activity"] in ("D", "ON")]
        worked = sum((each["ends_at"] - each["starts_at"]).total_seconds() for each in working)
        away = max(each["ends_at"] for each in mine) - min(each["starts_at"] for each in mine)
        team = all(load["driver_mode"] == "team" for load in loads)
        low_usd += usd_h * worked / 3600
        high_usd += usd_h * (away.total_seconds() if team else worked) / 3600
    return low_usd, high_usd


def _root(run: Run, load: dict) -> str:
    while load["returns_load_id"] in run.loads_by_id:
        load = run.loads_by_id[load["returns_load_id"]]
    return load["load_id"]


def _parts(run: Run, load: dict) -> list[tuple[dict, int]]:
    """Vehicle types that roll on a load, with their number."""
    kind = run.vehicle_types.get(load["vehicle_type"])
    pulled = load["kind"] == "bobtail" or (kind is not None and kind["class"] == "trailer")
    parts = [(run.tractor, 1)] if run.tractor and pulled else []
    if kind is not None and kind["class"] != "tractor" and load["kind"] != "bobtail":
        parts.append((kind, load["units"]))
    return parts


def _own_miles_usd(run: Run, load: dict) -> float:
    toll = (run.lanes.get((load["from"], load["to"])) or {}).get("toll_usd") or 0.0
    per_mile = 0.0
    for kind, number in _parts(run, load):
        empty = 1.0 if load["kind"] == "loaded" else (kind["empty_factor"] or 1.0)
        per_mile += (kind["cost_usd_mile"] or 0.0) * empty * number
    return per_mile * load["miles"] + toll


def _fixed_usd_day(run: Run, load: dict) -> float:
    return sum((kind["fixed_usd_day"] or 0.0) * number for kind, number in _parts(run, load))


def _days_used(run: Run, loads: list[dict], duty: list[dict]) -> range:
    starts = min(each["starts_at"] for each in duty)
    ends = max(each["ends_at"] for each in duty)
    first, last = (
        min(load["departs_at"] for load in loads),
        max(load["arrives_at"] for load in loads),
    )
    timezone = run.facilities[loads[0]["from"]]["timezone"]
    begun = math.ceil((last - first) / dt.timedelta(days=1))
    touched = (local(ends, timezone).date() - local(starts, timezone).date()).days + 1
    return range(max(1, begun), max(touched, begun) + 1)


def _tours(run: Run, faults: Faults) -> None:
    """Own vehicles by mile, day and paid hour; others by their rate."""
    meals = (
        run["breaks"]
        .filter(pl.col("kind") == "meal")
        .group_by("route_id")
        .agg(meal_s=(pl.col("ends_at") - pl.col("starts_at")).dt.total_seconds().sum())
    )
    wages = {row["driver_id"]: row["cost_usd_h"] for row in run.network("drivers").to_dicts()}
    tours = run["tours"].sort("vehicle_id", "departs_at").join(meals, on="route_id", how="left")
    days: set[tuple] = set()
    for tour in tours.sort("vehicle_id", "departs_at").to_dicts():
        name = tour["route_id"]
        worked = (tour["returns_at"] - tour["departs_at"]).total_seconds() - (tour["meal_s"] or 0)
        text = f"{name}: {tour['paid_s']} s are paid, {worked:.0f} s worked"
        faults.expect("paid hours", abs(tour["paid_s"] - worked) <= 1, text)
        key = (tour["vehicle_id"], tour["delivery_date"])
        first, _ = key not in days, days.add(key)
        if run.carriers[tour["carrier_id"]]["kind"] == "own":
            kind = run.vehicle_types[tour["vehicle_type"]]
            wage = wages.get(tour["driver_id"]) or DRIVER_USD_H
            prices = [
                (kind["cost_usd_mile"] or 0.0) * tour["distance_m"] / METERS_PER_MILE
                + (kind["fixed_usd_day"] or 0.0) * first
                + wage * worked / 3600
            ]
        else:
            prices = [
                _tour_price(tour, rate, worked)
                for rate in _rates(
                    run, tour["carrier_id"], "lastmile", vehicle_type=tour["vehicle_type"]
                )
            ]
        text = f"{name} ({tour['carrier_id']}) costs {tour['cost_usd']:.2f}, by its rates {prices}"
        faults.expect("route costs", any(_near(tour["cost_usd"], usd) for usd in prices), text)


def _tour_price(tour: dict, rate: dict, worked_s: float) -> float:
    quantity = {
        "stop": tour["stops"],
        "parcel": tour["parcels"],
        "block": 1.0,
        "load": 1.0,
        "hour": worked_s / 3600,
        "mile": tour["distance_m"] / METERS_PER_MILE,
        "m3": tour["volume_m3"],
    }[rate["basis"]]
    price = max(rate["rate_usd"] * quantity, rate["minimum_usd"] or 0.0)
    return price * (1 + (rate["fuel_pct"] or 0.0) / 100)


def _handoffs(run: Run, faults: Faults) -> None:
    measures = run.whole("parcels").select("parcel_id", "volume_m3", "weight_kg")
    rates: dict[tuple, list[dict]] = {}
    for row in run["handoffs"].join(measures, on="parcel_id").to_dicts():
        key = (row["carrier_id"], row["mode"], row["entry_level"])
        if key not in rates:
            rates[key] = [
                rate
                for mode in ("injection", "lastmile")
                for rate in _rates(run, row["carrier_id"], mode, entry_level=row["entry_level"])
            ]
        # zones by distance are not in the files: any zone's price of the bracket stands
        prices = [_parcel_price(row, rate) for rate in rates[key] if _in_bracket(row, rate)]
        text = (
            f"{row['parcel_id']} ({key}, {row['weight_kg']} kg) costs {row['cost_usd']}, "
            f"by rates {prices}"
        )
        faults.expect("handoff costs", any(_near(row["cost_usd"], usd) for usd in prices), text)


def _billed_kg(row: dict, rate: dict) -> float:
    divisor = rate["dim_divisor"]
    return max(row["weight_kg"], row["volume_m3"] * 1e6 / divisor if divisor else 0.0)


def _in_bracket(row: dict, rate: dict) -> bool:
    kg = _billed_kg(row, rate)
    low, high = rate["weight_from_kg"], rate["weight_to_kg"]
    return (low is None or kg >= low) and (high is None or kg <= high)


def _parcel_price(row: dict, rate: dict) -> float:
    quantity = {"parcel": 1.0, "stop": 1.0, "m3": row["volume_m3"]}.get(rate["basis"], 1.0)
    price = max(rate["rate_usd"] * quantity, rate["minimum_usd"] or 0.0)
    return price * (1 + (rate["fuel_pct"] or 0.0) / 100)


def _touches_and_pickups(run: Run, faults: Faults) -> None:
    """A touch of each piece in each facility of the path, and one pick-up a parcel."""
    touch = run.network("facilities").select(
        "facility_id", usd=pl.col("handling_usd_parcel").fill_null(0.0)
    )
    parcels, ledger = run.whole("parcels"), run.whole("ledger")
    origins = parcels.select("parcel_id", facility_id="origin_facility_id")
    touched = pl.concat([origins, run["legs"].select("parcel_id", facility_id="to")]).join(
        touch, on="facility_id"
    )
    paths = touched.group_by("parcel_id").agg(path_usd=pl.col("usd").sum())
    pieces = run.whole("orders").select("order_id", pl.col("pieces").fill_null(1))
    joined = parcels.join(paths, on="parcel_id").join(pieces, on="order_id")
    wrong = joined.filter(
        (pl.col("handling_usd") - pl.col("path_usd") * pl.col("pieces")).abs() > 0.005
    )
    text = "{parcel_id}: handling costs {handling_usd}, {pieces} pieces of touches at {path_usd}"
    faults.add_rows("handling", wrong, text)
    booked = ledger.filter(pl.col("parcel_id").is_not_null())
    sums = booked.group_by("parcel_id").agg(
        handling=pl.col("cost_usd").filter(pl.col("kind") == "handling").sum(),
        pickup=pl.col("cost_usd").filter(pl.col("kind") == "pickup").sum(),
    )
    wrong = parcels.join(sums, on="parcel_id", how="left").filter(
        ((pl.col("handling_usd") - pl.col("handling").fill_null(0.0)).abs() > 0.005)
        | ((pl.col("pickup_usd") - pl.col("pickup").fill_null(0.0)).abs() > 0.005)
    )
    text = "{parcel_id}: handling and pick-up differ from their ledger rows"
    faults.add_rows("handling", wrong, text)
    before = run.background("parcels").filter(pl.col("pickup_usd") != 0.0)
    text = "{parcel_id} was picked up before the run, but pays {pickup_usd}"
    faults.add_rows("pick-up", before, text)
    _pickups(run, run["parcels"], faults)


def _pickups(run: Run, parcels: pl.DataFrame, faults: Faults) -> None:
    rates = [row for row in run.network("rates").to_dicts() if row["mode"] == "pickup"]
    if not rates or any(row["basis"] != "parcel" for row in rates):
        return  # by stop or hour: no price a parcel to compare with
    prices = sorted({row["rate_usd"] * (1 + (row["fuel_pct"] or 0) / 100) for row in rates})
    fine = pl.any_horizontal((pl.col("pickup_usd") - usd).abs() < 0.005 for usd in prices)
    text = "{parcel_id}: its pick-up costs {pickup_usd}"
    faults.add_rows("pick-up", parcels.filter(~fine), text)


def _ledger(run: Run, faults: Faults) -> None:
    """One ledger, in two parts after a warm start: an entry may be in both, each with its share."""
    for side, parcels in _parts_of_ledger(run):
        repeated = side.filter(pl.col("entry_id").is_duplicated())
        faults.add_rows("ledger", repeated, "{entry_id} repeats")
        stranger = side.filter(pl.col("parcel_id").is_not_null()).join(
            parcels, on="parcel_id", how="anti"
        )
        text = "{entry_id} is of {parcel_id}, which is no parcel of this ledger"
        faults.add_rows("ledger", stranger, text)
    ledger = run.whole("ledger")
    thing = pl.struct("kind", "load_id", "route_id", "parcel_id").n_unique().over("entry_id")
    torn = ledger.filter(thing > 1)
    faults.add_rows("ledger", torn, "{entry_id} ({kind}) is of something else in the other ledger")
    subjects = pl.sum_horizontal(
        pl.col(each).is_not_null().cast(pl.Int64) for each in ("load_id", "route_id", "parcel_id")
    )
    vague = ledger.filter(subjects != 1)
    faults.add_rows("ledger", vague, "{entry_id} ({kind}) is not of one load, route or parcel")
    _booked(run["loads"], "load_id", ledger, faults)
    _booked(run["tours"], "route_id", ledger, faults)
    _booked(run["handoffs"], "parcel_id", ledger.filter(pl.col("kind") == "injection"), faults)


def _parts_of_ledger(run: Run) -> tuple[tuple[pl.DataFrame, pl.DataFrame], ...]:
    """Each ledger with the parcels that bear it: the day's own, and the background's."""
    return (
        (run["ledger"], run["parcels"]),
        (run.background("ledger"), run.background("parcels")),
    )


def _booked(things: pl.DataFrame, key: str, ledger: pl.DataFrame, faults: Faults) -> None:
    booked = (
        ledger.filter(pl.col(key).is_not_null())
        .group_by(key)
        .agg(booked_usd=pl.col("cost_usd").sum())
    )
    joined = things.select(key, "cost_usd").join(booked, on=key, how="full", coalesce=True)
    wrong = joined.filter(
        (pl.col("cost_usd").fill_null(0.0) - pl.col("booked_usd").fill_null(0.0)).abs() > 0.01
    ).sort(key)
    faults.add_rows(
        "ledger", wrong, f"{{{key}}} costs {{cost_usd}}, its entries say {{booked_usd}}"
    )


def _sides(run: Run, faults: Faults) -> None:
    """Of each entry of a load or route the background bears what its parcels take up.

    A load's by cube, an empty one's by that of the load whose equipment it brings back; a route's
    by stop, and at a stop by parcel; what serves no parcel, by parcel.
    """
    others = run.background("parcels")["parcel_id"]
    count = run.whole("parcels").height
    if others.is_empty():
        return
    is_other = pl.col("parcel_id").is_in(others.implode())
    riders = run["legs"].join(run.whole("parcels").select("parcel_id", "volume_m3"), on="parcel_id")
    cube = pl.col("volume_m3")
    of_load = dict(
        riders.group_by("load_id").agg(share=cube.filter(is_other).sum() / cube.sum()).iter_rows()
    )
    at_stop = run["routes"].group_by("route_id", "sequence").agg(share=is_other.mean())
    of_route = dict(at_stop.group_by("route_id").agg(pl.col("share").mean()).iter_rows())
    borne: dict[str, float] = {}
    for row in run.background("ledger").to_dicts():
        borne[row["entry_id"]] = borne.get(row["entry_id"], 0.0) + row["cost_usd"]
    entries = run.whole("ledger").filter(pl.col("parcel_id").is_null())
    sums = entries.group_by("entry_id", "load_id", "route_id", maintain_order=True).agg(
        pl.col("cost_usd").sum()
    )
    for entry_id, load_id, route_id, cost_usd in sums.iter_rows():
        back = run.loads_by_id.get(load_id, {}).get("returns_load_id")
        found = (of_route.get(route_id), of_load.get(load_id), of_load.get(back))
        share = next((each for each in found if each is not None), others.len() / count)
        told = borne.get(entry_id, 0.0)
        text = (
            f"{entry_id} of {load_id or route_id} costs {cost_usd:.2f}, of which the background "
            f"bears {told:.2f}, not {share * cost_usd:.2f}"
        )
        faults.expect("ledger shares", abs(told - share * cost_usd) <= 0.01, text)


def _parcels(run: Run, faults: Faults) -> None:
    parts = ("linehaul_usd", "lastmile_usd", "handling_usd", "pickup_usd")
    for ledger, parcels in _parts_of_ledger(run):
        torn = parcels.filter(
            ((pl.sum_horizontal(parts) - pl.col("cost_usd")).abs() > 0.01)
            | (pl.col("cost_usd") < 0)
        )
        faults.add_rows("parcel costs", torn, "{parcel_id}: its parts are not its cost {cost_usd}")
        by_kind = dict(ledger.group_by("kind").agg(pl.col("cost_usd").sum()).iter_rows())
        whose = "the day's own parcels" if parcels is run["parcels"] else "those under way"
        for column, kinds in _BORNE.items():
            borne, booked = parcels[column].sum(), sum(by_kind.get(each, 0.0) for each in kinds)
            text = f"{whose} bear {borne:.2f} of {column}, their ledger says {booked:.2f}"
            faults.expect("parcel costs", _same(borne, booked), text)
        in_all, booked = parcels["cost_usd"].sum(), ledger["cost_usd"].sum()
        text = f"{whose} cost {in_all:.2f} in all, their ledger says {booked:.2f}"
        faults.expect("parcel costs", _same(in_all, booked), text)
    loads, share = run["loads"]["cost_usd"].sum(), run.whole("parcels")["linehaul_usd"].sum()
    text = f"parcels share {share:.2f} for line-haul, loads cost {loads:.2f}"
    faults.expect("parcel costs", _near(loads, share), text)


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=0.01)
