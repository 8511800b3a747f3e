"""A day in which everything that a document can say is said at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from crossdock.model import stream
from routing.route_documents import ZERO, at


def mixed_day(requests: int, seed: int) -> dict[str, Any]:
    """A document of so many requests from two depots, with a fleet that is a little short."""
    draws = stream(seed, "mixed day")
    made = [_request(number, draws) for number in range(requests)]
    return {
        "starts_at": ZERO.isoformat(),
        "distances": {"kind": "streets"},
        "depots": [
            {"id": "north", "lat": 41.88, "lon": -87.75, "loading_s": 600},
            {"id": "south", "lat": 41.7, "lon": -87.6, "loading_s": 600},
        ],
        "vehicles": [_vehicle(number, draws) for number in range(requests // 45 + 4)],
        "jobs": [each for each in made if "pickup" not in each or "amount" not in each],
        "shipments": [each for each in made if "amount" in each],
        "relations": [
            {"kind": "order", "stops": ["J3", "J4"]},
            {"kind": "same_vehicle", "stops": ["J5", "J6", "S12-up"]},
            {"kind": "sequence", "stops": ["J8", "J9"]},
        ],
        "territory_usd": 1.5,
        "longest_usd_per_h": 3.0,
    }


def _place(draws: np.random.Generator) -> dict[str, float]:
    lat, lon = draws.normal((41.8, -87.7), 0.1)
    return {"lat": round(float(lat), 5), "lon": round(float(lon), 5)}


def _request(number: int, draws: np.random.Generator) -> dict[str, Any]:
    if number % 12 == 0:
        return {
            "id": f"S{number}",
            "amount": {"parcels": 1},
            "pickup": {"id": f"S{number}-up", **_place(draws), "service_s": 120},
            "delivery": {"id": f"S{number}-down", **_place(draws), "service_s": 120},
        }
    parcels = {"parcels": int(draws.integers(1, 4))}
    job: dict[str, Any] = {
        "id": f"J{number}",
        **_place(draws),
        "service_s": int(draws.choice([60, 120, 180])),
        "pickup" if number % 29 == 0 else "delivery": parcels,
        "territory": "ns"[int(draws.integers(2))],
    }
    if number % 7 == 0:
        opens = int(draws.integers(400))
        job["windows"] = [{"opens_at": at(opens), "closes_at": at(opens + 180)}]
    if number % 19 == 0:
        job["pickup"] = {"parcels": 1}
    if number % 17 == 0:
        job["skills"] = ["lift"]
    if number % 23 == 0:
        job["group"] = f"g{number // 69}"
    elif number % 13 == 0:
        job |= {"required": False, "prize_usd": int(draws.integers(2, 20))}
    elif number % 11 == 0:
        job["priority"] = int(draws.integers(1, 4))
    return job


def _vehicle(number: int, draws: np.random.Generator) -> dict[str, Any]:
    depot = ("north", "south")[int(draws.integers(2))]
    vehicle: dict[str, Any] = {
        "id": f"van {number}",
        "count": 1,
        "start": {"depot": depot},
        "end": {"depot": depot} if number % 3 else None,
        "capacity": {"parcels": 90},
        "shift_starts_at": at(0),
        "shift_ends_at": at(600),
        "costs": {"usd_per_h": 24, "usd_per_km": 0.3, "fixed_usd": 30},
        "territory": "ns"[int(draws.integers(2))],
    }
    if number % 2:
        vehicle |= {"reload_depots": [depot], "max_reloads": 2, "capacity": {"parcels": 40}}
    if number % 4:
        vehicle["hos_rules"] = "MEALS_AND_RESTS"
    if number % 5 == 0:
        vehicle["skills"] = ["lift"]
    if number % 6 == 1:
        vehicle["backhauls"] = "last"
    if number % 7 == 2:
        vehicle["max_stops"] = 60
    if number == 1:
        vehicle["pinned"] = ["J1", "J2"]
    return vehicle
