"""Carriers of the built-in network and what they charge. All companies but USPS are made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl

OWN_LINEHAUL = "XD-LINEHAUL"
OWN_DELIVERY = "XD-DELIVERY"
CROWD_PLATFORM = "NEARBY"
PARCEL_PARTNER = "LOCALLINK"
POSTAL_SERVICE = "USPS"
COMMON_CARRIER = "KEYSTONE"

_INSURED_UNTIL = dt.date(2035, 12, 31)

# id, name, kind, modes, daily capacity at scale 1 (vehicles; KEYSTONE: positions; last mile:
# parcels), committed a day, tender lead and answer in minutes, service score. †
_CARRIERS: tuple[
    tuple[str, str, str, str, float | None, float | None, float, float, float], ...
] = (
    (OWN_LINEHAUL, "Own line-haul fleet", "own", "linehaul", None, None, 0, 0, 0.97),
    (OWN_DELIVERY, "Own delivery fleet", "own", "lastmile;pickup", None, None, 0, 0, 0.97),
    ("SUMMIT", "Summit Truckload", "contract", "linehaul", 40, 4, 240, 60, 0.95),
    ("PRAIRIE", "Prairie Freight Lines", "contract", "linehaul", 30, 2, 180, 90, 0.91),
    ("HARBOR", "Harbor Expedite", "contract", "linehaul", 60, 2, 120, 30, 0.94),
    ("OPENROAD", "Open Road Brokers", "broker", "linehaul", 400, None, 120, 120, 0.86),
    (COMMON_CARRIER, "Keystone Common Carrier", "common", "linehaul", 600, None, 240, 60, 0.90),
    (CROWD_PLATFORM, "Nearby Drivers", "crowd", "lastmile", 3_000, None, 60, 15, 0.92),
    (PARCEL_PARTNER, "Local Link Parcel", "3pl", "lastmile", 6_000, None, 120, 30, 0.95),
    (POSTAL_SERVICE, "US Postal Service", "usps", "injection", None, None, 120, 0, 0.94),
)

# carrier, vehicle type, $ a mile, minimum $, fuel %. Pups: a mile of the pair.
# ATRI 2025 (year 2024): $2.26 a mile, $1.779 without fuel; the smaller vehicles are †.
_LINEHAUL_RATES: tuple[tuple[str, str, float, float, float], ...] = (
    ("SUMMIT", "trailer_53", 2.26, 550, 0),
    ("SUMMIT", "pup_28", 2.40, 600, 0),
    ("SUMMIT", "box_26", 1.78, 350, 0),
    ("PRAIRIE", "trailer_53", 1.72, 420, 27),
    ("PRAIRIE", "pup_28", 1.85, 470, 27),
    ("HARBOR", "box_26", 1.75, 350, 0),
    ("HARBOR", "cargo_van", 1.10, 180, 0),
    ("OPENROAD", "trailer_53", 2.75, 700, 0),
    ("OPENROAD", "box_26", 2.15, 450, 0),
    ("OPENROAD", "cargo_van", 1.35, 230, 0),
)

PALLET_MILE_USD = 0.12
PALLET_USD = 35.0
CROWD_STOP_USD = 4.9
PICKUP_PARCEL_USD = 0.30

_WEIGHTS_KG = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 32.0)
"""Upper ends of the weight brackets; USPS takes up to 70 lb."""

_SCF_USD = (4.20, 4.35, 4.60, 5.00, 5.40, 6.00, 6.80, 7.60, 8.40, 9.20)
_PARTNER_USD = (6.00, 6.10, 6.30, 6.60, 6.90, 7.30, 7.80, 8.30, 8.80, 9.40)
_PARTNER_HEAVY_USD = 14.0
_PARTNER_HEAVIEST_KG = 70.0


def carriers(scale: float) -> pl.DataFrame:
    """Who moves parcels; capacities grow with ``scale``."""
    rows = [
        {
            "carrier_id": carrier,
            "name": name,
            "kind": kind,
            "modes": modes.split(";"),
            "daily_capacity": None if capacity is None else float(round(capacity * scale) or 1),
            "commit_min": committed and round(committed * scale),
            "commit_max": committed and round(capacity * scale) if capacity else None,
            "tender_lead_min": lead_min,
            "response_min": response_min,
            "service_score": score,
            "insurance_expires": _INSURED_UNTIL,
        }
        for carrier, name, kind, modes, capacity, committed, lead_min, response_min, score in (
            _CARRIERS
        )
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def rates() -> pl.DataFrame:
    """What they charge: line-haul by the mile, last mile by stop or parcel, USPS by weight."""
    rows = [*_linehaul_rates(), *_delivery_rates(), *_postal_rates()]
    return pl.DataFrame(rows, infer_schema_length=None)


def accessorials() -> pl.DataFrame:
    """Charges beside the rate: the common carrier's handling of each position, detention."""
    return pl.DataFrame(
        {
            "carrier_id": [COMMON_CARRIER, "SUMMIT", "PRAIRIE", "OPENROAD"],
            "code": ["handling", "detention", "detention", "detention"],
            "basis": ["pallet", "hour", "hour", "hour"],
            "rate_usd": [PALLET_USD, 75.0, 65.0, 90.0],
        }
    )


def _linehaul_rates() -> Iterator[dict[str, object]]:
    for carrier, vehicle_type, rate, minimum, fuel_pct in _LINEHAUL_RATES:
        yield {
            "carrier_id": carrier,
            "mode": "linehaul",
            "vehicle_type": vehicle_type,
            "basis": "mile",
            "rate_usd": rate,
            "minimum_usd": float(minimum),
            "fuel_pct": float(fuel_pct),
        }
    yield {
        "carrier_id": COMMON_CARRIER,
        "mode": "linehaul",
        "vehicle_type": "pallet_space",
        "basis": "pallet_mile",
        "rate_usd": PALLET_MILE_USD,
    }


def _delivery_rates() -> Iterator[dict[str, object]]:
    yield {
        "carrier_id": OWN_DELIVERY,
        "mode": "pickup",
        "basis": "parcel",
        "rate_usd": PICKUP_PARCEL_USD,
    }
    yield {
        "carrier_id": CROWD_PLATFORM,
        "mode": "lastmile",
        "basis": "stop",
        "rate_usd": CROWD_STOP_USD,
    }
    for lightest, heaviest, usd in _brackets(_PARTNER_USD):
        yield _by_weight(PARCEL_PARTNER, "lastmile", lightest, heaviest, usd)
    yield _by_weight(
        PARCEL_PARTNER, "lastmile", _WEIGHTS_KG[-1], _PARTNER_HEAVIEST_KG, _PARTNER_HEAVY_USD
    )


def _postal_rates() -> Iterator[dict[str, object]]:
    """Commercial rates in the manner of Ground Advantage (†): zone and weight make them dearer."""
    for lightest, heaviest, usd in _brackets(_SCF_USD):
        yield _by_weight(POSTAL_SERVICE, "injection", lightest, heaviest, usd) | {
            "entry_level": "scf"
        }
    for zone in range(1, 9):
        by_zone = tuple(
            round(6.05 + 0.25 * zone + kg * (0.45 + 0.16 * zone), 2) for kg in _WEIGHTS_KG
        )
        for lightest, heaviest, usd in _brackets(by_zone):
            yield _by_weight(POSTAL_SERVICE, "injection", lightest, heaviest, usd) | {
                "entry_level": "origin",
                "zone": str(zone),
            }


def _by_weight(
    carrier: str, mode: str, lightest: float, heaviest: float, usd: float
) -> dict[str, object]:
    return {
        "carrier_id": carrier,
        "mode": mode,
        "weight_from_kg": lightest,
        "weight_to_kg": heaviest,
        "basis": "parcel",
        "rate_usd": usd,
    }


def _brackets(prices: tuple[float, ...]) -> Iterator[tuple[float, float, float]]:
    return zip((0.0, *_WEIGHTS_KG[:-1]), _WEIGHTS_KG, prices, strict=True)
