"""A small made-up parcel network for line-haul tests: stations on a map, waves, offers, parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from crossdock.model.tables import CONSIGNMENTS, LANES, OFFERS, WAVES, Schema, conform
from crossdock.plan.linehaul import LinehaulProblem

MONDAY = date(2026, 11, 30)
# name, offset of the cut-off, of ready_at, in hours from local midnight
DAY_WAVES = (("day", 11, 15), ("twilight", 20, 23), ("night", 25.5, 28), ("preload", 29, 32.5))
# vehicle type, speeds, m3, kg, units a vehicle, usd a mile, fixed usd
VEHICLES = (
    ("pallet_space", ("pooled",), 1.19, 450.0, 1, 0.12, 35.0),
    ("cargo_van", ("solo",), 8.4, 1400.0, 1, 1.10, 60.0),
    ("box_26ft", ("solo",), 33.6, 4500.0, 1, 1.85, 120.0),
    ("pup_28ft", ("solo",), 35.0, 9000.0, 2, 2.40, 200.0),
    ("van_53ft", ("solo", "team"), 77.0, 19500.0, 1, 2.26, 150.0),
)


def make_world(
    *,
    stations: int = 12,
    hubs: int = 3,
    origins: int = 3,
    parcels: int = 1_500,
    days: int = 8,
    seed: int = 1,
    capacity_parcels: float | None = None,
    doors: int = 40,
    injectable: float = 0.4,
    **problem: object,
) -> LinehaulProblem:
    """Stations spread over a continent; the first are hubs, origins spread among all."""
    rng = np.random.default_rng(seed)
    ids = [f"S{number:02d}" for number in range(stations)]
    place = np.column_stack([rng.uniform(0, 2400, stations), rng.uniform(0, 1300, stations)])
    roles = [["destination_station"] for _ in ids]
    for number in range(hubs):
        roles[number].append("hub")
    sources = np.linspace(0, stations - 1, origins).round().astype(int)
    for number in sources:
        roles[number].append("origin_station")
    facilities = pl.DataFrame(
        {
            "facility_id": ids,
            "roles": roles,
            "doors": [doors] * stations,
            "handling_usd_parcel": [0.15] * stations,
        }
    )
    lanes = _lanes(ids, place)
    waves = _waves(ids, days, capacity_parcels)
    return LinehaulProblem(
        facilities=facilities,
        waves=waves,
        consignments=_consignments(rng, ids, sources, place, waves, parcels, injectable),
        lanes=lanes,
        offers=_offers(lanes),
        **problem,
    )


def _lanes(ids: list[str], place: np.ndarray) -> pl.DataFrame:
    sender, taker = np.nonzero(~np.eye(len(ids), dtype=bool))
    miles = 1.19 * np.hypot(*(place[sender] - place[taker]).T) + 5
    frame = pl.DataFrame(
        {
            "from_facility_id": [ids[i] for i in sender],
            "to_facility_id": [ids[i] for i in taker],
            "miles": miles,
            "drive_h_p50": miles / 50,
            "drive_h_p90": miles / 50 * 1.12,
            "source": "computed",
        }
    )
    return conform(frame, LANES)


def _offers(lanes: pl.DataFrame) -> pl.DataFrame:
    drive_h = pl.col("drive_h_p50")
    rests = pl.when(drive_h > 11).then((drive_h / 11).floor() * 10).otherwise(0.0)
    hours = {"pooled": drive_h * 1.15 + 2, "solo": drive_h + rests, "team": drive_h * 1.05}
    rows = [
        lanes.select(
            "from_facility_id",
            "to_facility_id",
            "miles",
            kind=pl.lit("pooled" if speed == "pooled" else "bought"),
            carrier_id=pl.lit("carrier"),
            vehicle_type=pl.lit(name),
            speed=pl.lit(speed),
            driver_mode=pl.lit("team" if speed == "team" else "solo_layover"),
            transit_s=(hours[speed] * 3600).round().cast(pl.Int64),
            transit_p90_s=(hours[speed] * 4000).round().cast(pl.Int64),
            unit_m3=pl.lit(m3),
            unit_kg=pl.lit(kg),
            units_per_vehicle=pl.lit(units),
            max_units=pl.lit(30 if speed == "pooled" else None, dtype=pl.Int64),
            cost_usd=fixed + pl.col("miles") * mile * (1.35 if speed == "team" else 1.0),
            service_score=pl.lit(0.95),
        )
        for name, speeds, m3, kg, units, mile, fixed in VEHICLES
        for speed in speeds
    ]
    return conform(pl.concat(rows).with_row_index("offer_id"), OFFERS)


def _waves(ids: list[str], days: int, capacity_parcels: float | None) -> pl.DataFrame:
    rows = []
    for number, facility in enumerate(ids):
        for day in range(days):
            local = datetime(2026, 11, 30, 5 + number % 4, tzinfo=UTC) + timedelta(days=day)
            for name, cutoff, ready in DAY_WAVES:
                rows.append(
                    {
                        "wave_index": len(rows),
                        "facility_id": facility,
                        "wave": name,
                        "date": MONDAY + timedelta(days=day),
                        "inbound_cutoff_at": local + timedelta(hours=cutoff),
                        "starts_at": local + timedelta(hours=cutoff - 1),
                        "ends_at": local + timedelta(hours=ready - 0.5),
                        "ready_at": local + timedelta(hours=ready),
                        "capacity_parcels": capacity_parcels,
                    }
                )
    return conform(pl.DataFrame(rows), WAVES)


def _consignments(rng, ids, sources, place, waves, parcels, injectable) -> pl.DataFrame:
    destination = rng.integers(len(ids), size=parcels)
    near = np.array(
        [[np.hypot(*(place[d] - place[s])) for s in sources] for d in range(len(ids))]
    ).argmin(axis=1)
    origin = np.where(
        rng.random(parcels) < 0.8, near[destination], rng.integers(len(sources), size=parcels)
    )
    origin = np.asarray(sources)[origin]
    days = rng.choice([2, 3], size=parcels)
    wave_of = {
        (facility, name, day): index
        for index, facility, name, day in waves.select(
            "wave_index", "facility_id", "wave", "date"
        ).iter_rows()
    }
    sold = rng.random(parcels) < injectable
    frame = pl.DataFrame(
        {
            "parcel_id": [f"P-{number:07d}" for number in range(parcels)],
            "order_id": [f"O-{number:07d}" for number in range(parcels)],
            "origin_facility_id": [ids[i] for i in origin],
            "origin_wave_index": [wave_of[ids[i], "twilight", MONDAY] for i in origin],
            "ship_date": MONDAY,
            "zip5": [
                f"{d:03d}{z:02d}"
                for d, z in zip(destination, rng.integers(20, size=parcels), strict=True)
            ],
            "pieces": 1,
            "volume_m3": rng.lognormal(-4.0, 0.8, parcels).clip(0.0005, 0.4),
            "weight_kg": rng.lognormal(0.7, 0.9, parcels).clip(0.05, 60),
            "service": [f"{n}-day" for n in days],
            "destination_facility_id": [ids[i] for i in destination],
            "arrive_by_wave_index": [
                wave_of[ids[d], "preload", MONDAY + timedelta(days=int(n) - 1)]
                for d, n in zip(destination, days, strict=True)
            ],
            "delivery_cost_usd": 2.5,
            "origin_injection_usd": np.where(sold, rng.uniform(5, 9, parcels), np.nan),
            "origin_injection_carrier_id": ["usps" if s else None for s in sold],
            "origin_injection_late_days": 1.0,
        }
    ).with_columns(pl.col("origin_injection_usd").fill_nan(None))
    return conform(frame, CONSIGNMENTS)


@dataclass(frozen=True)
class Truck:
    """One offer of a hand-made network."""

    sender: str
    taker: str
    usd: float
    m3: float = 10.0
    kg: float = 10_000.0
    hours: float = 10.0
    speed: str = "solo"
    vehicle: str = "truck"
    units: int = 1
    most: int | None = None
    miles: float = 100.0


@dataclass(frozen=True)
class Freight:
    """Parcels of equal size; ``due`` is the day of the wave that keeps the promise."""

    origin: str
    destination: str
    parcels: int
    m3: float
    kg: float = 1.0
    due: int | None = 3
    inject_usd: float | None = None
    pieces: int = 1


NIGHT_CUTOFF_H, NIGHT_READY_H = 24, 26


def make_by_hand(
    trucks: list[Truck],
    freight: list[Freight],
    *,
    hubs: str = "",
    days: int = 7,
    doors: dict[str, int] | None = None,
    sorts: dict[str, float] | None = None,
    handling: dict[str, float] | None = None,
    without_waves: str = "",
    **problem: object,
) -> LinehaulProblem:
    """One-letter facilities with one wave a night: in by 24:00, out at 02:00.

    Freight is inducted in the wave of day 0. Ten hours on the road reach the wave of day 1.
    """
    ends = {end for truck in trucks for end in (truck.sender, truck.taker)}
    ids = sorted(ends | {end for row in freight for end in (row.origin, row.destination)})
    midnight = datetime(2026, 11, 30, tzinfo=UTC)
    waves = [
        {
            "wave_index": night_wave(facility, day),
            "facility_id": facility,
            "wave": "night",
            "date": MONDAY + timedelta(days=day),
            "inbound_cutoff_at": midnight + timedelta(days=day, hours=NIGHT_CUTOFF_H),
            "starts_at": midnight + timedelta(days=day, hours=NIGHT_CUTOFF_H - 2),
            "ends_at": midnight + timedelta(days=day, hours=NIGHT_READY_H - 1),
            "ready_at": midnight + timedelta(days=day, hours=NIGHT_READY_H),
            "capacity_parcels": (sorts or {}).get(facility),
        }
        for facility in ids
        if facility not in without_waves
        for day in range(days)
    ]
    offers = [
        {
            "offer_id": number,
            "from_facility_id": truck.sender,
            "to_facility_id": truck.taker,
            "miles": truck.miles,
            "kind": "pooled" if truck.speed == "pooled" else "bought",
            "carrier_id": "carrier",
            "vehicle_type": truck.vehicle,
            "speed": truck.speed,
            "transit_s": round(truck.hours * 3600),
            "transit_p90_s": round(truck.hours * 4000),
            "unit_m3": truck.m3,
            "unit_kg": truck.kg,
            "units_per_vehicle": truck.units,
            "max_units": truck.most,
            "cost_usd": truck.usd,
        }
        for number, truck in enumerate(trucks)
    ]
    rows = [row for row in freight for _ in range(row.parcels)]
    consignments = [
        {
            "parcel_id": f"P-{number:04d}",
            "order_id": f"O-{number:04d}",
            "origin_facility_id": row.origin,
            "origin_wave_index": night_wave(row.origin, 0),
            "ship_date": MONDAY,
            "zip5": f"{number:05d}",
            "pieces": row.pieces,
            "volume_m3": row.m3,
            "weight_kg": row.kg,
            "service": "2-day",
            "destination_facility_id": row.destination,
            "arrive_by_wave_index": (
                None if row.due is None else night_wave(row.destination, row.due)
            ),
            "delivery_cost_usd": 0.0,
            "origin_injection_usd": row.inject_usd,
            "origin_injection_carrier_id": None if row.inject_usd is None else "usps",
            "origin_injection_late_days": 0.0,
        }
        for number, row in enumerate(rows)
    ]
    facilities = pl.DataFrame(
        {
            "facility_id": ids,
            "roles": [["hub"] if facility in hubs else ["station"] for facility in ids],
            "doors": pl.Series([(doors or {}).get(facility) for facility in ids], dtype=pl.Int64),
            "handling_usd_parcel": [(handling or {}).get(facility, 0.0) for facility in ids],
        }
    )
    return LinehaulProblem(
        facilities=facilities,
        waves=_typed(waves, WAVES),
        consignments=_typed(consignments, CONSIGNMENTS),
        lanes=pl.DataFrame(schema=LANES),
        offers=_typed(offers, OFFERS),
        **problem,
    )


def night_wave(facility: str, day: int) -> int:
    """The wave of a facility of `make_by_hand` on a day."""
    return ord(facility) * 100 + day


def _typed(rows: list[dict[str, object]], schema: Schema) -> pl.DataFrame:
    names = list(rows[0]) if rows else []
    return conform(
        pl.DataFrame(rows, schema={name: schema[name] for name in names}, orient="row"), schema
    )
