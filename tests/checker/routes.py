"""Routes: room, hours, order, time at the door, breaks, and parcels that are there to be loaded."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

import polars as pl

from checker.calendars import Calendars, instant, local
from checker.faults import Faults
from checker.paths import ready_at_door
from checker.reading import Run
from checker.waves import Waves
from routing.driver_law import Span, faults_of_day

DELIVERED_BY = dt.time(20, 0)
POLICY_H = 10.0
SECOND = dt.timedelta(seconds=1)
FASTEST_M_S = 36.0
EARTH_M = 6_371_000.0


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    stops = _stops(run)
    _stops_hold_together(run, stops, faults)
    _tours_sum_stops(run, stops, faults)
    _delivered_in_time(run, calendars, faults)
    _loaded_in_time(run, waves, faults)
    _within_vehicle(run, faults)
    _fleet_is_the_files(run, faults)
    _used_once_at_a_time(run, faults)
    _breaks(run, faults)
    _can_be_driven(run, stops, faults)
    _carriers_can(run, faults)


def _stops(run: Run) -> pl.DataFrame:
    return (
        run["routes"]
        .group_by("route_id", "sequence", maintain_order=True)
        .agg(
            pl.col("arrives_at", "departs_at").first(),
            pl.col("latitude", "longitude").first(),
            pl.col("distance_m").sum(),
            times=pl.struct("arrives_at", "departs_at").n_unique(),
            legs=(pl.col("distance_m") > 0).sum(),
            parcels=pl.len(),
        )
        .sort("route_id", "sequence")
    )


def _stops_hold_together(run: Run, stops: pl.DataFrame, faults: Faults) -> None:
    uneven = stops.filter((pl.col("times") > 1) | (pl.col("legs") > 1))
    text = "{route_id} stop {sequence}: its parcels differ in times, or each has a distance"
    faults.add_rows("stops", uneven, text)
    number = pl.int_range(1, pl.len() + 1).over("route_id")
    faults.add_rows(
        "stops", stops.filter(pl.col("sequence") != number), "{route_id}: no stop before {sequence}"
    )
    came = pl.col("departs_at").shift(1).over("route_id")
    back = stops.filter(
        (pl.col("departs_at") < pl.col("arrives_at")) | (pl.col("arrives_at") < came)
    )
    faults.add_rows("stops", back, "{route_id} stop {sequence} goes back in time")
    same = ("facility_id", "vehicle_id", "driver_id", "carrier_id", "delivery_date")
    joined = run["routes"].join(run["tours"], on="route_id", how="left", suffix="_tour")
    other = joined.filter(
        pl.any_horizontal(pl.col(each).ne_missing(pl.col(f"{each}_tour")) for each in same)
    )
    text = "{route_id} with {parcel_id} differs from its tour in place, vehicle, driver or day"
    faults.add_rows("stops", other, text)


def _tours_sum_stops(run: Run, stops: pl.DataFrame, faults: Faults) -> None:
    repeated = run["tours"].filter(pl.col("route_id").is_duplicated())
    faults.add_rows("tours", repeated, "{route_id} repeats")
    loaded = (
        run["routes"]
        .join(run.whole("parcels").select("parcel_id", "volume_m3", "weight_kg"), on="parcel_id")
        .group_by("route_id")
        .agg(own_m3=pl.col("volume_m3").sum(), own_kg=pl.col("weight_kg").sum())
    )
    sums = stops.group_by("route_id").agg(
        own_stops=pl.len(),
        own_parcels=pl.col("parcels").sum(),
        first_at=pl.col("arrives_at").min(),
        last_at=pl.col("departs_at").max(),
        own_m=pl.col("distance_m").sum(),
    )
    joined = (
        run["tours"].join(sums, on="route_id", how="left").join(loaded, on="route_id", how="left")
    )
    far = pl.col("own_m") + pl.col("return_distance_m")
    wrong = joined.filter(
        pl.col("own_stops").is_null()
        | (pl.col("stops") != pl.col("own_stops"))
        | (pl.col("parcels") != pl.col("own_parcels"))
        | ((pl.col("volume_m3") - pl.col("own_m3")).abs() > 1e-6)
        | ((pl.col("weight_kg") - pl.col("own_kg")).abs() > 1e-6)
        | ((pl.col("distance_m") - far).abs() > 1.0)
    )
    text = "{route_id}: {stops} stops, {parcels} parcels, {distance_m} m are not its rows' sums"
    faults.add_rows("tours", wrong, text)
    outside = joined.filter(
        (pl.col("departs_at") > pl.col("first_at")) | (pl.col("returns_at") < pl.col("last_at"))
    )
    faults.add_rows("tours", outside, "{route_id} has stops before it leaves or after it is back")


def _delivered_in_time(run: Run, calendars: Calendars, faults: Faults) -> None:
    zones = (
        run.whole("parcels")
        .select("parcel_id", "order_id", "zip5")
        .join(run.whole("orders").select("order_id", "timezone"), on="order_id")
    )
    rows = run["routes"].join(zones, on="parcel_id")
    days = rows.select("facility_id", "delivery_date", "timezone").unique(maintain_order=True)
    limits = [instant(date, DELIVERED_BY, timezone) for _, date, timezone in days.iter_rows()]
    days = days.with_columns(pl.Series("by", limits, dtype=pl.Datetime("us", "UTC")))
    late = rows.join(days, on=["facility_id", "delivery_date", "timezone"]).filter(
        pl.col("arrives_at") > pl.col("by")
    )
    text = "{parcel_id} on {route_id} at {arrives_at}, after 20:00 in {timezone}"
    faults.add_rows("20:00 at the door", late, text)
    for facility_id, date in days.select("facility_id", "delivery_date").unique().iter_rows():
        calendar = run.facilities[facility_id]["calendar_id"]
        text = f"{facility_id} delivers on {date}, a closed day"
        faults.expect("delivery days", calendars.is_open(calendar, date), text)


def _loaded_in_time(run: Run, waves: Waves, faults: Faults) -> None:
    joined = (
        run["routes"]
        .select("parcel_id", "route_id")
        .join(run["tours"].select("route_id", "departs_at"), on="route_id")
        .join(ready_at_door(run, waves), on="parcel_id", how="left")
    )
    late = joined.filter(pl.col("ready_at").is_null() | (pl.col("ready_at") > pl.col("departs_at")))
    text = "{parcel_id} is sorted at {ready_at}, its route {route_id} leaves at {departs_at}"
    faults.add_rows("ready before the route", late, text)


def _within_vehicle(run: Run, faults: Faults) -> None:
    """Room and shift of the vehicle's own row of the day."""
    fleet = run["fleet"].drop("facility_id", "carrier_id", "cost_usd_h")
    joined = run["tours"].join(fleet, on=["vehicle_id", "delivery_date"], how="left", suffix="_own")
    faults.add_rows(
        "vehicles",
        joined.filter(
            pl.col("vehicle_type_own").ne_missing(pl.col("vehicle_type"))
            | pl.col("driver_id_own").ne_missing(pl.col("driver_id"))
        ),
        "{route_id}: {vehicle_id} with {driver_id} is not in the fleet of {delivery_date}",
    )
    tight = 1 + 1e-9
    full = joined.filter(
        (pl.col("volume_m3") > pl.col("capacity_m3") * tight)
        | (pl.col("weight_kg") > pl.col("capacity_kg") * tight)
        | (pl.col("parcels") > pl.col("capacity_parcels"))
    )
    text = (
        "{route_id}: {volume_m3} m3, {weight_kg} kg, {parcels} in a {vehicle_type} of {capacity_m3}"
    )
    faults.add_rows("vehicle space", full, text)
    shift = joined.filter(
        (pl.col("departs_at") < pl.col("shift_starts_at"))
        | (pl.col("returns_at") > pl.col("shift_ends_at"))
    )
    text = "{route_id}, {departs_at} to {returns_at}: outside {shift_starts_at} to {shift_ends_at}"
    faults.add_rows("shift", shift, text)
    duty = (
        joined.group_by("driver_id", "delivery_date", maintain_order=True)
        .agg(
            start=pl.col("departs_at").min(),
            end=pl.col("returns_at").max(),
            most_s=pl.col("max_duty_s").min(),
        )
        .with_columns(hours=(pl.col("end") - pl.col("start")).dt.total_seconds() / 3600)
        .filter(
            (pl.col("hours") * 3600 > pl.col("most_s") + 1) | (pl.col("hours") > POLICY_H + 1e-3)
        )
    )
    text = "{driver_id} on {delivery_date}: {hours:.2f} h on duty, at most {most_s} s"
    faults.add_rows("duty", duty, text)


def _fleet_is_the_files(run: Run, faults: Faults) -> None:
    """Capacities, shifts and homes as the network files have them."""
    listed = {row["vehicle_id"]: row for row in run.network("vehicles").to_dicts()}
    drivers = {row["driver_id"]: row for row in run.network("drivers").to_dicts()}
    used = run["tours"].select("vehicle_id", "delivery_date").unique(maintain_order=True)
    rows = run["fleet"].join(used, on=["vehicle_id", "delivery_date"], how="semi")
    for row in rows.to_dicts():
        name, kind = row["vehicle_id"], run.vehicle_types[row["vehicle_type"]]
        faults.expect(
            "vehicle space",
            row["capacity_m3"] <= kind["nominal_m3"] * kind["stow_factor"] * (1 + 1e-9)
            and row["capacity_kg"] <= kind["payload_kg"] * (1 + 1e-9),
            f"{name} is given {row['capacity_m3']} m3, {row['capacity_kg']} kg, more than its type",
        )
        vehicle = listed.get(name)
        same = vehicle is None or (
            vehicle["vehicle_type"] == row["vehicle_type"]
            and vehicle["home_facility_id"] == row["facility_id"]
            and vehicle["carrier_id"] == row["carrier_id"]
        )
        faults.expect("vehicles", same, f"{name} is not what vehicles lists")
        bought = run.carriers[row["carrier_id"]]["kind"] not in ("own", "crowd")
        real = vehicle is not None or not listed or bought
        faults.expect("vehicles", real, f"{name} of {row['carrier_id']} is not in vehicles")
        driver = drivers.get(row["driver_id"])
        if driver is None:
            faults.expect("vehicles", not drivers, f"{name}: no driver {row['driver_id']}")
            continue
        _shift_is_the_drivers(run, row, driver, faults)


def _shift_is_the_drivers(run: Run, row: dict, driver: dict, faults: Faults) -> None:
    timezone = run.facilities[row["facility_id"]]["timezone"]
    starts, ends = driver["shift_start"], driver["shift_end"]
    inside = (
        starts is None or row["shift_starts_at"] >= instant(row["delivery_date"], starts, timezone)
    ) and (ends is None or row["shift_ends_at"] <= instant(row["delivery_date"], ends, timezone))
    text = f"{row['vehicle_id']} on {row['delivery_date']}: longer than the shift of its driver"
    faults.expect("shift", inside, text)
    most_h = driver["max_h"]
    text = f"{row['driver_id']} may work {most_h} h, the fleet says {row['max_duty_s']} s"
    faults.expect("duty", most_h is None or row["max_duty_s"] <= most_h * 3600, text)
    home = driver["domicile_facility_id"] == row["facility_id"]
    faults.expect("vehicles", home, f"{row['driver_id']} does not live in {row['facility_id']}")


def _used_once_at_a_time(run: Run, faults: Faults) -> None:
    for what in ("vehicle_id", "driver_id"):
        tours = run["tours"].sort(what, "departs_at")
        free_at = pl.col("returns_at").cum_max().shift(1).over(what)
        twice = tours.filter(pl.col("departs_at") < free_at)
        text = f"{{{what}}} is still out when {{route_id}} leaves at {{departs_at}}"
        faults.add_rows("used once at a time", twice, text)


def _breaks(run: Run, faults: Faults) -> None:
    """The strictest state's meals and rests for every driver, hired by the block or employed, and
    federal hours where they bind."""
    by_route: dict[str, list[dict]] = {}
    for row in run["breaks"].sort("starts_at").to_dicts():
        by_route.setdefault(row["route_id"], []).append(row)
    stops: dict[str, list[tuple]] = {}
    for route_id, *times in (
        run["routes"]
        .select("route_id", "arrives_at", "departs_at", "sequence")
        .unique()
        .sort("route_id", "sequence")
        .drop("sequence")
        .iter_rows()
    ):
        stops.setdefault(route_id, []).append(tuple(times))
    regulated = {
        (each["vehicle_id"], each["delivery_date"])
        for each in run["fleet"].to_dicts()
        if each.get("hos_ruleset") is not None
    }
    for tour in run["tours"].sort("driver_id", "departs_at").to_dicts():
        taken = by_route.pop(tour["route_id"], [])
        for each in taken:
            inside = tour["departs_at"] <= each["starts_at"] < each["ends_at"] <= tour["returns_at"]
            text = f"{tour['route_id']}: a {each['kind']} at {each['starts_at']} is outside of it"
            faults.expect("breaks", inside, text)
            working = any(
                each["starts_at"] < departs and arrives < each["ends_at"]
                for arrives, departs in stops.get(tour["route_id"], [])
            )
            text = (
                f"{tour['route_id']}: the {each['kind']} at {each['starts_at']} is worked through"
            )
            faults.expect("breaks", not working, text)
        day = _day(tour, taken, stops.get(tour["route_id"], []))
        found = faults_of_day("MEALS_AND_RESTS", day)
        if (tour["vehicle_id"], tour["delivery_date"]) in regulated:
            found += faults_of_day("US_70_8", day, work_rules=False)
        for each in found:
            rule = "meals" if "meal" in each else "breaks"
            faults.expect(rule, False, f"{tour['route_id']}: {each}")
    faults.add_each("breaks", (f"a break of {each}, which is no route" for each in by_route))


def _day(tour: dict, breaks: list[dict], stops: list[tuple]) -> list[Span]:
    """What a driver does from gate to gate; what waits at a door counts as driving."""
    pending = [(each["kind"], each["starts_at"], each["ends_at"]) for each in breaks]
    zero, clock, told = tour["departs_at"], tour["departs_at"], list[Span]()

    def add(what: str, ends: dt.datetime) -> None:
        nonlocal clock
        told.append(Span(what, (clock - zero).total_seconds(), (ends - zero).total_seconds()))
        clock = ends

    for arrives, departs in [*stops, (tour["returns_at"], tour["returns_at"])]:
        while pending and clock <= pending[0][1] < arrives:
            kind, begins, ends = pending.pop(0)
            add("driving", begins)
            add(kind, ends)
        add("driving", arrives)
        add("work", departs)
    return told


def _can_be_driven(run: Run, stops: pl.DataFrame, faults: Faults) -> None:
    """No leg is shorter than the great circle, or faster than a van drives with its breaks."""
    resting: dict[str, list[dict]] = {}
    for row in run["breaks"].to_dicts():
        resting.setdefault(row["route_id"], []).append(row)
    by_route = {key[0]: rows.to_dicts() for key, rows in stops.group_by("route_id")}
    for tour in run["tours"].to_dicts():
        home = run.facilities[tour["facility_id"]]
        start = {"departs_at": tour["departs_at"], "sequence": 0} | _place(home)
        end = {
            "arrives_at": tour["returns_at"],
            "distance_m": tour["return_distance_m"],
            "sequence": "home",
        } | _place(home)
        for before, after in pairwise([start, *by_route.get(tour["route_id"], []), end]):
            paused = sum(
                (
                    each["ends_at"] - each["starts_at"]
                    for each in resting.get(tour["route_id"], [])
                    if before["departs_at"] <= each["starts_at"] < after["arrives_at"]
                ),
                dt.timedelta(0),
            )
            rolling = (after["arrives_at"] - before["departs_at"] - paused).total_seconds()
            straight = _great_circle_m(before, after)
            text = (
                f"{tour['route_id']} to stop {after['sequence']}: {after['distance_m']:.0f} m in "
                f"{rolling:.0f} s, {straight:.0f} m as the crow flies"
            )
            possible = after["distance_m"] >= straight * 0.995 - 5
            fast_enough = after["distance_m"] <= FASTEST_M_S * (rolling + 1)
            faults.expect("driving", possible and fast_enough, text)


def _place(facility: dict) -> dict:
    return {"latitude": facility["latitude"], "longitude": facility["longitude"]}


def _great_circle_m(a: dict, b: dict) -> float:
    if None in (a["latitude"], b["latitude"]):
        return 0.0
    lat_a, lat_b = math.radians(a["latitude"]), math.radians(b["latitude"])
    half = math.sin((lat_b - lat_a) / 2) ** 2
    turn = math.sin(math.radians(b["longitude"] - a["longitude"]) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half + math.cos(lat_a) * math.cos(lat_b) * turn))


def _carriers_can(run: Run, faults: Faults) -> None:
    """Parcels a day of each carrier to the door, against its daily capacity and its insurance."""
    handed = run["handoffs"].select("carrier_id", "facility_id", "handoff_at").to_dicts()
    days = [
        (
            row["carrier_id"],
            local(row["handoff_at"], run.facilities[row["facility_id"]]["timezone"]).date(),
        )
        for row in handed
    ]
    days += list(run["routes"].select("carrier_id", "delivery_date").iter_rows())
    counts: dict[tuple[str, dt.date], int] = {}
    for key in days:
        counts[key] = counts.get(key, 0) + 1
    for (carrier_id, date), count in sorted(counts.items()):
        carrier = run.carriers[carrier_id]
        limit, ends = carrier["daily_capacity"], carrier["insurance_expires"]
        text = f"{carrier_id} takes {count} parcels on {date}, it can {limit}"
        faults.expect("carrier capacity", limit is None or count <= limit, text)
        text = f"insurance of {carrier_id} expired on {ends}, it works on {date}"
        faults.expect("insurance", ends is None or ends >= run.first_date, text)
