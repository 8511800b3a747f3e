"""Vehicles and drivers of the built-in network, sized for its peak day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

import polars as pl

from crossdock.simulate.builtin.carriers import CROWD_PLATFORM, OWN_DELIVERY, OWN_LINEHAUL
from crossdock.simulate.builtin.metros import PEAK_DAY_PARCELS

OWN_SHARE = 0.9  # of a station's peak day that its own vans could take †
PARCELS_PER_VAN_DAY = 85.0  # †
CROWD_SHARE = 0.15  # †
PARCELS_PER_CROWD_BLOCK = 35.0  # †

_STOW = 0.70  # †
# type, class, nominal m3, payload kg, GVWR kg, $ a day, $ a mile, cost factor when empty. †
# Own tractor and 53-ft trailer together: $2.26 a mile (ATRI 2024) less $0.99 of driver wages and
# benefits = $1.27, of which $0.08 is the trailer's. Drivers are paid by the hour.
_VEHICLE_TYPES: tuple[tuple[str, str, float, float, float, float, float, float], ...] = (
    ("tractor", "tractor", 0, 0, 36_287, 0, 1.19, 0.88),
    ("trailer_53", "trailer", 112.0, 20_400, 29_500, 0, 0.08, 1.0),
    ("pup_28", "trailer", 57.0, 10_000, 18_000, 0, 0.06, 1.0),
    ("box_26", "truck", 48.0, 4_500, 11_793, 25, 0.92, 0.92),
    ("step_van", "van", 20.0, 2_700, 7_257, 45, 0.85, 1.0),
    ("cargo_van", "van", 12.0, 1_500, 4_490, 35, 0.70, 1.0),
    ("crowd_car", "van", 1.6, 250, 2_300, 0, 0, 1.0),
    ("pallet_space", "pallet_space", 1.7, 450, 0, 0, 0, 1.0),
)

_ORIGIN_FLEET = {"tractor": 6, "trailer_53": 8, "pup_28": 4, "box_26": 4, "cargo_van": 4}
_HUB_FLEET = {"tractor": 3, "trailer_53": 4, "pup_28": 2, "box_26": 2, "cargo_van": 2}
_SHORT = {"tractor": "TRC", "trailer_53": "T53", "pup_28": "PUP", "box_26": "BOX"}
_ORIGIN_DRIVERS, _ORIGIN_TEAMS = 14, 3
_HUB_DRIVERS, _HUB_TEAMS = 7, 1

_LINEHAUL_USD_H = 32.0
_LAST_MILE_USD_H = 24.0
_VANS_PER_STEP_VAN = 5


def vehicle_types() -> pl.DataFrame:
    """The capacity ladder: pallet position, van, 26-ft box, two pups, 53-ft."""
    names = (
        "vehicle_type", "class", "nominal_m3", "payload_kg", "gvwr_kg", "fixed_usd_day",
        "cost_usd_mile", "empty_factor",
    )  # fmt: skip
    return pl.DataFrame(_VEHICLE_TYPES, schema=names, orient="row", strict=False).with_columns(
        stow_factor=pl.lit(_STOW)
    )


def vehicles(metros: pl.DataFrame, scale: float) -> pl.DataFrame:
    """Vans and crowd cars at every station, line-haul equipment at origins and hubs."""
    rows = [row for metro in _stations(metros, scale) for row in _station_vehicles(*metro)]
    return pl.DataFrame(rows, infer_schema_length=None)


def drivers(metros: pl.DataFrame, scale: float) -> pl.DataFrame:
    """One driver a van and a crowd car; line-haul drivers, some in teams, at origins and hubs."""
    rows = [row for metro in _stations(metros, scale) for row in _station_drivers(*metro)]
    return pl.DataFrame(rows, infer_schema_length=None)


def documents(crew: pl.DataFrame) -> pl.DataFrame:
    """Licences of the line-haul drivers; what else the law asks for is not invented."""
    return crew.filter(pl.col("kind") == "linehaul").select(
        subject_kind=pl.lit("driver"),
        subject_id="driver_id",
        document=pl.lit("licence"),
        expires=pl.lit(dt.date(2035, 12, 31)),
    )


def _stations(metros: pl.DataFrame, scale: float) -> Iterator[tuple[str, list[str], float, float]]:
    """Facility, roles, parcels of its peak day, scale."""
    for facility, roles, share in metros.select("facility_id", "roles", "share").iter_rows():
        yield facility, roles, share * PEAK_DAY_PARCELS * scale, scale


def _vans(parcels: float) -> int:
    return math.ceil(parcels * OWN_SHARE / PARCELS_PER_VAN_DAY)


def _crowd_cars(parcels: float) -> int:
    return math.ceil(parcels * CROWD_SHARE / PARCELS_PER_CROWD_BLOCK)


def _linehaul_size(roles: list[str], origin: int, hub: int, scale: float) -> int:
    if "origin_station" in roles:
        return math.ceil(origin * scale)
    return math.ceil(hub * scale) if "hub" in roles else 0


def _station_vehicles(
    facility: str, roles: list[str], parcels: float, scale: float
) -> Iterator[dict[str, object]]:
    def vehicle(code: str, number: int, vehicle_type: str, carrier: str) -> dict[str, object]:
        return {
            "vehicle_id": f"{facility}-{code}-{number:03d}",
            "vehicle_type": vehicle_type,
            "home_facility_id": facility,
            "carrier_id": carrier,
        }

    for number in range(1, _vans(parcels) + 1):
        kind = "cargo_van" if number % _VANS_PER_STEP_VAN else "step_van"
        yield vehicle("VAN", number, kind, OWN_DELIVERY)
    for number in range(1, _crowd_cars(parcels) + 1):
        yield vehicle("CAR", number, "crowd_car", CROWD_PLATFORM)
    for vehicle_type, count in _ORIGIN_FLEET.items():
        size = _linehaul_size(roles, count, _HUB_FLEET[vehicle_type], scale)
        for number in range(1, size + 1):
            yield vehicle(_SHORT.get(vehicle_type, "LHV"), number, vehicle_type, OWN_LINEHAUL)


def _station_drivers(
    facility: str, roles: list[str], parcels: float, scale: float
) -> Iterator[dict[str, object]]:
    for number in range(1, _vans(parcels) + 1):
        yield {
            "driver_id": f"{facility}-D-{number:03d}",
            "carrier_id": OWN_DELIVERY,
            "domicile_facility_id": facility,
            "kind": "last_mile",
            "licence": "D",
            "shift_start": dt.time(8, 30),
            "shift_end": dt.time(19, 30),
            "max_h": 10.0,
            "cost_usd_h": _LAST_MILE_USD_H,
        }
    for number in range(1, _crowd_cars(parcels) + 1):
        yield {
            "driver_id": f"{facility}-C-{number:03d}",
            "carrier_id": CROWD_PLATFORM,
            "domicile_facility_id": facility,
            "kind": "crowd",
            "licence": "D",
            "shift_start": dt.time(9, 30),
            "shift_end": dt.time(19, 30),
            "max_h": 5.0,
        }
    count = _linehaul_size(roles, _ORIGIN_DRIVERS, _HUB_DRIVERS, scale)
    teams = _linehaul_size(roles, _ORIGIN_TEAMS, _HUB_TEAMS, scale)
    yield from _linehaul_drivers(facility, count, min(teams, count // 2))


def _linehaul_drivers(facility: str, count: int, teams: int) -> Iterator[dict[str, object]]:
    """The first ``2 * teams`` drivers are teams: 1 with 2, 3 with 4, and so on."""
    for number in range(1, count + 1):
        partner = number + 1 if number % 2 else number - 1
        yield {
            "driver_id": f"{facility}-LH-{number:03d}",
            "carrier_id": OWN_LINEHAUL,
            "domicile_facility_id": facility,
            "kind": "linehaul",
            "licence": "CDL-A",
            # T, doubles and triples: two pups on one tractor (49 CFR 383.93).
            "endorsements": ["T"] if number % 3 else None,
            "hos_ruleset": "property_70_8",
            "max_h": 14.0,
            "team_with": f"{facility}-LH-{partner:03d}" if number <= 2 * teams else None,
            "cost_usd_h": _LINEHAUL_USD_H,
        }
