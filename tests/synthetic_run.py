"""A small run whose every figure hangs together: six metros, 300 parcels, built without planners.

Its plan is legal and whole, so that a test can break exactly one thing and see it found.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from crossdock.model.network import Network
from crossdock.model.tables import LOCATED_ORDERS, RUN_TABLES, conform, empty

SHIP_DATE = dt.date(2026, 11, 30)
UTC = dt.UTC
PLACES = {
    "LAX": ("Los Angeles", 34.05, -118.29, "America/Los_Angeles", "900"),
    "DFW": ("Dallas", 32.80, -96.80, "America/Chicago", "752"),
    "EWR": ("Newark", 40.74, -74.17, "America/New_York", "071"),
    "DEN": ("Denver", 39.74, -104.99, "America/Denver", "802"),
    "SEA": ("Seattle", 47.61, -122.33, "America/Los_Angeles", "981"),
    "MIA": ("Miami", 25.76, -80.19, "America/New_York", "331"),
}
ORIGINS = ("LAX", "DFW", "EWR")
MILES_PER_HOUR = 50.0
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
PICKUP_USD, HANDLING_USD = 0.20, 0.30


@dataclass
class SyntheticRun:
    """Tables, network, orders and manifest of a run."""

    tables: dict[str, pl.DataFrame]
    network: Network
    orders: pl.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)


def build_run(parcels: int = 300, seed: int = 7, *, own_rate_usd: float = 2.26) -> SyntheticRun:
    """A legal plan of ``parcels`` orders."""
    network = build_network(own_rate_usd)
    builder = _Builder(np.random.default_rng(seed), network)
    orders = builder.orders(parcels)
    builder.linehaul()
    builder.last_mile()
    builder.money()
    tables = {name: empty(schema) for name, schema in RUN_TABLES.items()} | builder.frames()
    return SyntheticRun(tables, network, orders, manifest(parcels, seed))


def manifest(parcels: int, seed: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "policy": "crossdock",
        "counts": {"orders_read": parcels + 2, "rejected": 2, "planned": parcels},
        "assumptions": ["no vehicles file: own vehicles as the rates name them"],
        "linehaul": {
            "cost_usd": 5000.0,
            "bound_usd": 4600.0,
            "gap": 0.08,
            "stopped_by": "iterations",
        },
        "stages": [
            {"stage": "orders", "seconds": 0.4, "peak_mb": 180.0},
            {"stage": "line-haul", "seconds": 21.5, "peak_mb": 640.0},
            {"stage": "last mile", "seconds": 33.1, "peak_mb": 720.0},
        ],
        "versions": {"crossdock": "0.1.0"},
    }


def at(place: str, days: int, hour: float) -> dt.datetime:
    """Instant of a local clock time ``days`` after the ship date."""
    local = dt.datetime.combine(SHIP_DATE, dt.time(), ZoneInfo(PLACES[place][3]))
    return (local + dt.timedelta(days=days, hours=hour)).astimezone(UTC)


def road_miles(one: str, other: str) -> float:
    a, b = (np.radians(PLACES[place][1:3]) for place in (one, other))
    half = np.sin((b - a) / 2) ** 2
    angle = 2 * np.arcsin(np.sqrt(half[0] + np.cos(a[0]) * np.cos(b[0]) * half[1]))
    return round(float(angle) * 3958.8 * 1.19, 1)


def build_network(own_rate_usd: float = 2.26) -> Network:
    facilities = pl.DataFrame(
        [
            {
                "facility_id": place,
                "name": f"{name} station",
                "roles": ["destination_station"]
                + (["origin_station"] if place in ORIGINS else [])
                + (["hub"] if place == "DFW" else []),
                "address": f"1 Dock Road, {name}",
                "latitude": latitude,
                "longitude": longitude,
                "timezone": zone,
                "doors": 4,
                "handling_usd_parcel": HANDLING_USD,
            }
            for place, (name, latitude, longitude, zone, _) in PLACES.items()
        ]
    )
    vehicle_types = pl.DataFrame(
        [
            ("pallet", "pallet_space", 1.7, 0.7, 450.0, 0.0, 0.0),
            ("van", "van", 12.0, 0.7, 1500.0, 60.0, 0.55),
            ("box26", "truck", 45.0, 0.7, 4500.0, 90.0, own_rate_usd),
            ("pup28", "trailer", 60.0, 0.7, 9000.0, 50.0, own_rate_usd),
            ("van53", "trailer", 110.0, 0.7, 20000.0, 60.0, own_rate_usd),
        ],
        schema=[
            "vehicle_type",
            "class",
            "nominal_m3",
            "stow_factor",
            "payload_kg",
            "fixed_usd_day",
            "cost_usd_mile",
        ],
        orient="row",
    )
    carriers = pl.DataFrame(
        [
            ("own", "House fleet", "own", None, None, dt.date(2027, 6, 1)),
            ("freightco", "Freight Co", "common", 240.0, 60.0, dt.date(2027, 6, 1)),
            ("usps", "USPS", "usps", None, None, None),
        ],
        schema=[
            "carrier_id",
            "name",
            "kind",
            "tender_lead_min",
            "response_min",
            "insurance_expires",
        ],
        orient="row",
    )
    rates = pl.DataFrame(
        [
            {"carrier_id": "own", "mode": "linehaul", "basis": "mile", "rate_usd": own_rate_usd},
            {"carrier_id": "freightco", "mode": "linehaul", "basis": "mile", "rate_usd": 1.9},
            {"carrier_id": "usps", "mode": "injection", "basis": "parcel", "rate_usd": 3.8},
        ]
    )
    appointments = pl.DataFrame(
        [
            {
                "facility_id": place,
                "partner_id": "usps",
                "days": "MTWTFS-",
                "opens": dt.time(0, 0),
                "closes": dt.time(12, 0),
                "critical_entry": dt.time(10, 0),
            }
            for place in ("SEA", "EWR")
        ]
    )
    return Network.of(
        {
            "facilities": facilities,
            "vehicle_types": vehicle_types,
            "carriers": carriers,
            "rates": rates,
            "appointments": appointments,
        }
    )


class _Builder:
    """Grows the tables of a run row by row."""

    def __init__(self, random: np.random.Generator, network: Network) -> None:
        self.random = random
        self.network = network
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in RUN_TABLES}
        self.at_door: dict[str, tuple[str, dt.datetime]] = {}
        self.waves()

    def frames(self) -> dict[str, pl.DataFrame]:
        return {
            name: conform(pl.DataFrame(rows, infer_schema_length=None), RUN_TABLES[name])
            for name, rows in self.rows.items()
            if rows
        }

    def waves(self) -> None:
        for place in PLACES:
            for day in range(8):
                self._wave(place, "preload", day, (5.0, 4.0, 8.0, 8.25))
                if place in ORIGINS:
                    self._wave(place, "twilight", day, (20.0, 18.0, 22.5, 23.0))
                if place == "DFW":
                    self._wave(place, "night", day, (2.0, -1.0, 3.5, 4.0))

    def _wave(self, place: str, wave: str, day: int, hours: tuple[float, ...]) -> None:
        cutoff, starts, ends, ready = (at(place, day, hour) for hour in hours)
        self.rows["waves"].append(
            {
                "wave_index": len(self.rows["waves"]),
                "facility_id": place,
                "wave": wave,
                "date": SHIP_DATE + dt.timedelta(days=day),
                "inbound_cutoff_at": cutoff,
                "starts_at": starts,
                "ends_at": ends,
                "ready_at": ready,
                "capacity_parcels": 10_000.0,
            }
        )

    def ready_after(self, place: str, instant: dt.datetime) -> dt.datetime:
        """When what arrives at ``instant`` is sorted."""
        caught = [
            wave
            for wave in self.rows["waves"]
            if wave["facility_id"] == place and wave["inbound_cutoff_at"] >= instant
        ]
        return min(caught, key=lambda wave: wave["inbound_cutoff_at"])["ready_at"]

    def orders(self, count: int) -> pl.DataFrame:
        names = list(PLACES)
        origin = self.random.choice(ORIGINS, count, p=[0.4, 0.35, 0.25])
        destination = self.random.choice(names, count, p=[0.25, 0.2, 0.25, 0.1, 0.08, 0.12])
        service = self.random.choice(["2-day", "3-day"], count, p=[0.4, 0.6])
        scatter = self.random.normal(0, 0.08, (count, 2))
        volume = np.round(self.random.lognormal(-1.6, 0.5, count), 4)
        weight = np.round(self.random.lognormal(0.6, 0.7, count), 2)
        orders = []
        for number in range(count):
            place = str(destination[number])
            city, latitude, longitude, zone, zip3 = PLACES[place]
            order = {
                "row": number + 1,
                "order_id": f"O{number + 1:05d}",
                "created_at": at(str(origin[number]), 0, 10),
                "merchant_id": f"M{number % 7}",
                "ship_from_zip": f"{PLACES[str(origin[number])][4]}01",
                "recipient": f"Recipient {number + 1}",
                "line1": f"{100 + number} Main Street",
                "city": city,
                "zip5": f"{zip3}{number % 90 + 10}",
                "service": str(service[number]),
                "weight_kg": float(weight[number]),
                "length_cm": 30.0,
                "width_cm": 20.0,
                "height_cm": 15.0,
                "pieces": 1,
                "latitude": latitude + float(scatter[number, 0]),
                "longitude": longitude + float(scatter[number, 1]),
                "precision": "premise" if number % 3 else "zip",
                "timezone": zone,
                "phone": "+1 555 0100",
                "email": f"r{number + 1}@example.org",
                "instructions": "Ring twice" if number % 5 == 0 else None,
            }
            orders.append(order)
            self._parcel(order, str(origin[number]), place, float(volume[number]))
        extra = pl.DataFrame(orders).select("phone", "email", "instructions")
        return pl.concat([conform(pl.DataFrame(orders), LOCATED_ORDERS), extra], how="horizontal")

    def _parcel(self, order: dict[str, Any], origin: str, destination: str, volume: float) -> None:
        days = int(order["service"][0])
        injected_early = origin == "EWR" and destination == "SEA"
        handed_over = destination == "SEA"
        self.rows["parcels"].append(
            {
                "parcel_id": f"P-{order['row']:07d}",
                "order_id": order["order_id"],
                "origin_facility_id": origin,
                "destination_facility_id": destination,
                "delivery_mode": "usps" if handed_over else "own",
                "precision": order["precision"],
                "volume_m3": volume,
                "weight_kg": order["weight_kg"],
                "service": order["service"],
                "service_due_at": at(destination, days, 20),
                "delivery_carrier_id": "usps" if handed_over else "own",
                "entry_level": ("origin" if injected_early else "ddu") if handed_over else None,
                "merchant_id": order["merchant_id"],
                "zip5": order["zip5"],
                "latitude": order["latitude"],
                "longitude": order["longitude"],
                "ship_date": SHIP_DATE,
                "linehaul_choice": None,
            }
        )

    def linehaul(self) -> None:
        groups: dict[tuple[str, str, dt.datetime], list[dict[str, Any]]] = {}
        for parcel in self.rows["parcels"]:
            origin, destination = parcel["origin_facility_id"], parcel["destination_facility_id"]
            if origin == destination or parcel["entry_level"] == "origin":
                self.at_door[parcel["parcel_id"]] = (origin, at(origin, 0, 23))
                parcel["linehaul_choice"] = "local" if origin == destination else "injected"
                continue
            first = "DFW" if destination == "MIA" and origin != "DFW" else destination
            groups.setdefault((origin, first, at(origin, 0, 23)), []).append(parcel)
        onward: dict[tuple[str, str, dt.datetime], list[dict[str, Any]]] = {}
        for key, riders in sorted(groups.items()):
            arrives = self._load(*key, riders, 1)
            ready = self.ready_after(key[1], arrives)
            for parcel in riders:
                if parcel["destination_facility_id"] == key[1]:
                    self.at_door[parcel["parcel_id"]] = (key[1], ready)
                else:
                    onward.setdefault(("DFW", "MIA", ready), []).append(parcel)
        for key, riders in sorted(onward.items()):
            ready = self.ready_after(key[1], self._load(*key, riders, 2))
            for parcel in riders:
                self.at_door[parcel["parcel_id"]] = (key[1], ready)

    def _load(
        self,
        origin: str,
        destination: str,
        departs: dt.datetime,
        riders: list[dict[str, Any]],
        seq: int,
    ) -> dt.datetime:
        miles = road_miles(origin, destination)
        kind = "own" if miles < 1200 else ("bought" if len(riders) > 15 else "pooled")
        volume = sum(parcel["volume_m3"] for parcel in riders)
        vehicle = {"own": "box26", "bought": "van53", "pooled": "pallet"}[kind]
        usable = {"own": 31.5, "bought": 77.0, "pooled": 1.19}[kind]
        payload = {"own": 4500.0, "bought": 20000.0, "pooled": 450.0}[kind]
        units = max(1, int(np.ceil(volume / usable))) if kind == "pooled" else 1
        load_id = f"L-{len(self.rows['loads']) + 1:07d}"
        drivers, arrives = "", departs + dt.timedelta(hours=miles / MILES_PER_HOUR + 2)
        if kind == "own":
            drivers = f"{origin}-driver-{len(self.rows['loads']) + 1:04d}"
            arrives = self._drive(load_id, drivers, origin, departs, miles / MILES_PER_HOUR)
        cost = miles * {"own": 2.26, "bought": 1.9, "pooled": 0.12 * units}[kind] + 35
        weight = sum(parcel["weight_kg"] for parcel in riders)
        load = {
            "load_id": load_id,
            "kind": "loaded" if kind == "own" else kind,
            "from": origin,
            "to": destination,
            "departs_at": departs,
            "arrives_at": arrives,
            "vehicle_type": vehicle,
            "units": units,
            "driver_mode": "solo_layover" if kind == "own" else "team",
            "driver_ids": drivers,
            "parcels": len(riders),
            "volume_m3": volume,
            "weight_kg": weight,
            "cube_share": volume / (usable * units),
            "weight_share": weight / (payload * units),
            "miles": miles,
            "cost_usd": cost,
            "carrier_id": "own" if kind == "own" else "freightco",
        }
        self.rows["loads"].append(load)
        self._decide(load, kind)
        if kind == "own":
            self._return(load)
        for parcel in riders:
            parcel["linehaul_choice"] = kind
            keys = ("load_id", "from", "to", "departs_at", "arrives_at")
            leg = {"parcel_id": parcel["parcel_id"], "seq": seq} | {key: load[key] for key in keys}
            self.rows["legs"].append(leg)
        return arrives

    def _return(self, out: dict[str, Any]) -> None:
        load_id = f"L-{len(self.rows['loads']) + 1:07d}"
        departs = out["arrives_at"] + 10 * HOUR
        arrives = self._drive(
            load_id, out["driver_ids"], out["from"], departs, out["miles"] / MILES_PER_HOUR
        )
        self.rows["loads"].append(
            out
            | {
                "load_id": load_id,
                "kind": "empty",
                "from": out["to"],
                "to": out["from"],
                "departs_at": departs,
                "arrives_at": arrives,
                "parcels": 0,
                "volume_m3": 0.0,
                "weight_kg": 0.0,
                "cube_share": 0.0,
                "weight_share": 0.0,
                "cost_usd": 0.9 * out["miles"] * 2.26,
                "returns_load_id": out["load_id"],
            }
        )

    def _drive(
        self, load_id: str, driver: str, home: str, departs: dt.datetime, drive_h: float
    ) -> dt.datetime:
        """Segments of a legal solo: 8 h, 30 min, 3 h, 10 h off, and again."""
        clock, left, seq = departs, drive_h, 1
        plan = [(8.0, 0.5), (3.0, 10.0)]
        while left > 1e-9:
            stint, pause = plan[(seq - 1) % 2]
            drive = min(stint, left)
            left -= drive
            steps = [("D", drive)] + ([("OFF", pause)] if left > 1e-9 else [])
            for activity, length in steps:
                ends = clock + dt.timedelta(hours=length)
                self.rows["duties"].append(
                    {
                        "duty_id": f"DUTY-{load_id}",
                        "driver_id": driver,
                        "carrier_id": "own",
                        "domicile_facility_id": home,
                        "load_id": load_id,
                        "seq": seq,
                        "activity": activity,
                        "starts_at": clock,
                        "ends_at": ends,
                    }
                )
                clock = ends
            seq += 1
        return clock

    def _decide(self, load: dict[str, Any], kind: str) -> None:
        options = [
            {"option": kind, "cost_usd": load["cost_usd"], "service": "arrives in time"},
            {
                "option": "bought van53" if kind != "bought" else "own van53",
                "cost_usd": load["cost_usd"] * 1.3,
                "service": "arrives in time",
                "why_not": "costs more for this volume",
            },
        ]
        self.rows["decisions"].append(
            {
                "subject": f"{load['from']}-{load['to']}",
                "question": "ladder step",
                "chosen": kind,
                "alternatives": json.dumps(options),
                "reason": f"{load['volume_m3']:.1f} m3 pay for {load['vehicle_type']}; "
                f"break-even to the next step at {load['volume_m3'] * 1.6:.1f} m3",
            }
        )

    def last_mile(self) -> None:
        doors: dict[tuple[str, dt.date, dt.datetime], list[dict[str, Any]]] = {}
        short = 0
        for parcel in self.rows["parcels"]:
            place, ready = self.at_door[parcel["parcel_id"]]
            if parcel["delivery_mode"] == "usps":
                self._hand_over(parcel, place, ready)
            elif place == "MIA" and short < 2:
                short += 1
                self._shortfall(parcel, place, ready)
            else:
                zone = ZoneInfo(PLACES[place][3])
                day = ready.astimezone(zone)
                offset = (day.date() - SHIP_DATE).days + (1 if day.hour > 12 else 0)
                start = at(place, offset, 8.5)
                date = SHIP_DATE + dt.timedelta(days=offset)
                doors.setdefault((place, date, start), []).append(parcel)
        for (place, date, start), riders in sorted(doors.items(), key=lambda item: item[0]):
            for first in range(0, len(riders), 15):
                self._tour(place, date, start, riders[first : first + 15], first // 15)

    def _tour(
        self,
        place: str,
        date: dt.date,
        start: dt.datetime,
        riders: list[dict[str, Any]],
        number: int,
    ) -> None:
        route_id = f"R-{len(self.rows['tours']) + 1:07d}"
        vehicle = f"{place}-van-{number + 1:02d}-{date:%d}"
        riders = sorted(
            riders,
            key=lambda each: np.arctan2(
                each["latitude"] - PLACES[place][1], each["longitude"] - PLACES[place][2]
            ),
        )
        ids = {
            "route_id": route_id,
            "facility_id": place,
            "vehicle_id": vehicle,
            "driver_id": f"{vehicle}-driver",
            "carrier_id": "own",
            "delivery_date": date,
        }
        clock, meal_at = start, len(riders) // 2
        for sequence, parcel in enumerate(riders, 1):
            clock += 22 * MINUTE
            if sequence == meal_at + 1:
                self.rows["breaks"].append(
                    {
                        "route_id": route_id,
                        "kind": "meal",
                        "starts_at": clock,
                        "ends_at": clock + 30 * MINUTE,
                    }
                )
                clock += 30 * MINUTE
            self.rows["routes"].append(
                ids
                | {
                    "sequence": sequence,
                    "parcel_id": parcel["parcel_id"],
                    "arrives_at": clock,
                    "departs_at": clock + 3 * MINUTE,
                    "distance_m": 5000.0,
                    "latitude": parcel["latitude"],
                    "longitude": parcel["longitude"],
                }
            )
            self._promise(parcel, clock)
            clock += 3 * MINUTE
        returns = clock + 20 * MINUTE
        paid = (returns - start).total_seconds()
        distance = 5000.0 * (len(riders) + 1)
        self.rows["tours"].append(
            ids
            | {
                "vehicle_type": "van",
                "departs_at": start,
                "returns_at": returns,
                "stops": len(riders),
                "parcels": len(riders),
                "volume_m3": sum(each["volume_m3"] for each in riders),
                "weight_kg": sum(each["weight_kg"] for each in riders),
                "distance_m": distance,
                "return_distance_m": 5000.0,
                "paid_s": int(paid),
                "cost_usd": 60 + 0.55 * distance / 1609.344 + 32 * paid / 3600,
            }
        )
        self.rows["fleet"].append(
            {key: ids[key] for key in ids if key != "route_id"}
            | {
                "vehicle_type": "van",
                "capacity_m3": 8.4,
                "capacity_kg": 1500.0,
                "capacity_parcels": 200,
                "shift_starts_at": start - HOUR,
                "shift_ends_at": start + 11 * HOUR,
                "max_duty_s": 36_000,
            }
        )

    def _hand_over(self, parcel: dict[str, Any], place: str, ready: dt.datetime) -> None:
        zone = ZoneInfo(PLACES[place][3])
        local = ready.astimezone(zone)
        days = (local.date() - SHIP_DATE).days + (1 if local.hour > 12 else 0)
        self.rows["handoffs"].append(
            {
                "parcel_id": parcel["parcel_id"],
                "facility_id": place,
                "carrier_id": "usps",
                "mode": "usps",
                "entry_level": parcel["entry_level"],
                "ready_at": ready,
                "handoff_at": at(place, days, 9),
                "critical_entry_at": at(place, days, 10),
                "manifest_due_at": at(place, days, 7),
                "cost_usd": 3.8,
                "reason": "the ZIP has one coverage row: USPS",
            }
        )
        later = 3 if parcel["entry_level"] == "origin" else 1
        self._promise(parcel, at("SEA", days + later, 15))

    def _shortfall(self, parcel: dict[str, Any], place: str, ready: dt.datetime) -> None:
        self.rows["exceptions"].append(
            {
                "exception_id": f"X-{len(self.rows['exceptions']) + 1:07d}",
                "kind": "capacity_shortfall",
                "subject": parcel["parcel_id"],
                "parcel_id": parcel["parcel_id"],
                "facility_id": place,
                "opened_at": ready,
                "evidence": "no vehicle of the fleet has room on the delivery day",
            }
        )
        parcel["service_offered"] = True
        parcel["promised_at"] = parcel["service_due_at"]

    def _promise(self, parcel: dict[str, Any], arrives: dt.datetime) -> None:
        due = parcel["service_due_at"]
        late = arrives + 3 * HOUR
        parcel |= {"eta_p50": arrives, "eta_p80": arrives + HOUR, "eta_p95": late}
        parcel["service_offered"] = arrives <= due
        place = parcel["destination_facility_id"]
        day = (late.astimezone(ZoneInfo(PLACES[place][3])).date() - SHIP_DATE).days
        parcel["promised_at"] = due if arrives <= due else max(due, at(place, day, 20))
        parcel["p_on_time_promise"] = 0.95 if late <= parcel["promised_at"] else 0.6
        parcel["p_on_time_service"] = 0.95 if late <= due else 0.3

    def money(self) -> None:
        cost = {
            parcel["parcel_id"]: dict.fromkeys(
                ("pickup_usd", "handling_usd", "linehaul_usd", "lastmile_usd"), 0.0
            )
            for parcel in self.rows["parcels"]
        }
        volume = {each["parcel_id"]: each["volume_m3"] for each in self.rows["parcels"]}
        hops = Counter(leg["parcel_id"] for leg in self.rows["legs"])
        riders: dict[str, list[str]] = {}
        for leg in self.rows["legs"]:
            riders.setdefault(leg["load_id"], []).append(leg["parcel_id"])
        for parcel_id, shares in cost.items():
            self._charge("pickup", PICKUP_USD, parcel_id=parcel_id)
            touches = 1 + hops[parcel_id]
            self._charge("handling", HANDLING_USD * touches, parcel_id=parcel_id)
            shares["pickup_usd"] = PICKUP_USD
            shares["handling_usd"] = HANDLING_USD * touches
        for load in self.rows["loads"]:
            kind = "linehaul_empty" if load["kind"] == "empty" else "linehaul"
            self._charge(kind, load["cost_usd"], load_id=load["load_id"])
            payers = riders[load.get("returns_load_id") or load["load_id"]]
            whole = sum(volume[each] for each in payers)
            for each in payers:
                cost[each]["linehaul_usd"] += load["cost_usd"] * volume[each] / whole
        on_route: dict[str, list[str]] = {}
        for stop in self.rows["routes"]:
            on_route.setdefault(stop["route_id"], []).append(stop["parcel_id"])
        for tour in self.rows["tours"]:
            self._charge("lastmile", tour["cost_usd"], route_id=tour["route_id"])
            for parcel_id in on_route[tour["route_id"]]:
                cost[parcel_id]["lastmile_usd"] += tour["cost_usd"] / tour["parcels"]
        for handoff in self.rows["handoffs"]:
            self._charge("injection", handoff["cost_usd"], parcel_id=handoff["parcel_id"])
            cost[handoff["parcel_id"]]["lastmile_usd"] += handoff["cost_usd"]
        for parcel in self.rows["parcels"]:
            parcel.update(cost[parcel["parcel_id"]])
            parcel["cost_usd"] = sum(cost[parcel["parcel_id"]].values())

    def _charge(self, kind: str, amount: float, **subject: str) -> None:
        entry = {"entry_id": f"G-{len(self.rows['ledger']) + 1:07d}", "kind": kind}
        empty_ids: dict[str, Any] = {"load_id": None, "route_id": None, "parcel_id": None}
        self.rows["ledger"].append(entry | empty_ids | subject | {"cost_usd": amount})
