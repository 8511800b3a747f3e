"""Three places, two loads, one van and a partner: small enough to tell a day by hand.

Parcels P1 to P4 go from A over the hub H to B and out with the van on R1; U1 is given to the
partner at B. All is well unless a story leaves out or adds an event.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

import polars as pl

from crossdock.model import Network
from crossdock.model.event import EVENTS
from crossdock.model.network import NETWORK_FILES
from crossdock.model.tables import (
    FLEET,
    HANDOFFS,
    LEDGER,
    LEGS,
    LOADS,
    PARCELS,
    ROUTES,
    TOURS,
    WAVES,
    conform,
)

T0 = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
"""Noon on the first day, UTC: the afternoon in which everything begins."""
DOOR = dt.date(2026, 12, 2)
CREW = ("P1", "P2", "P3", "P4")
EVERYONE = (*CREW, "U1")
VALUES = {"P1": 250.0, "P2": 40.0, "P3": 80.0, "P4": 10.0, "U1": 60.0}
HOURS_OF_ROUTE, METERS_OF_ROUTE = 2.0, 16_093.44
VAN_DAY, VAN_MILE, VAN_HOUR = 35.0, 0.7, 32.0
LOAD_USD = {"L1": 60.0, "L2": 40.0}
HANDLING_USD, PICKUP_USD, PARTNER_USD = 0.5, 0.3, 4.0
ROUTE_USD = VAN_DAY + VAN_MILE * METERS_OF_ROUTE / 1609.344 + VAN_HOUR * HOURS_OF_ROUTE


def at(hours: float) -> dt.datetime:
    return T0 + dt.timedelta(hours=hours)


def network(accessorials: Iterable[dict] = ()) -> Network:
    zones = {"A": "America/New_York", "H": "America/Chicago", "B": "America/Chicago"}
    tables = {
        "facilities": [
            {"facility_id": name, "timezone": zone, "handling_usd_parcel": HANDLING_USD}
            for name, zone in zones.items()
        ],
        "carriers": [
            {"carrier_id": "VANS", "kind": "own"}, {"carrier_id": "TRUCKS", "kind": "contract"},
            {"carrier_id": "MAIL", "kind": "3pl"},
        ],
        "accessorials": list(accessorials),
    }  # fmt: skip
    frames = {
        name: conform(pl.DataFrame(rows, infer_schema_length=None), NETWORK_FILES[name].schema)
        for name, rows in tables.items()
        if rows
    }
    return Network.of(frames)


def plan() -> dict[str, pl.DataFrame]:
    """The plan and what it costs."""
    return {
        "parcels": conform(_parcels(), PARCELS),
        "loads": conform(_loads(), LOADS),
        "legs": conform(_legs(), LEGS),
        "routes": conform(_routes(), ROUTES),
        "tours": conform(_tours(), TOURS),
        "fleet": conform(_fleet(), FLEET),
        "handoffs": conform(_handoffs(), HANDOFFS),
        "waves": conform(_waves(), WAVES),
        "ledger": conform(_ledger(), LEDGER),
        "orders": pl.DataFrame(
            {
                "order_id": [f"O-{each}" for each in EVERYONE],
                "declared_value_usd": [VALUES[each] for each in EVERYONE],
            }
        ),
    }


def _parcels() -> pl.DataFrame:
    rows = [
        {
            "parcel_id": each,
            "order_id": f"O-{each}",
            "origin_facility_id": "A",
            "destination_facility_id": "B",
            "delivery_mode": "3pl" if each == "U1" else "own",
            "delivery_carrier_id": "MAIL" if each == "U1" else "VANS",
            "service": "2-day",
            "service_offered": True,
            "volume_m3": 0.1 * (number + 1),
            "weight_kg": 1.0 + number,
            "promised_at": at(36),
            "service_due_at": at(36),
            "eta_p50": at(26),
            "eta_p80": at(28),
            "eta_p95": at(32),
            "latitude": 41.0,
            "longitude": -90.0,
            "cost_usd": 0.0,
        }
        for number, each in enumerate(EVERYONE)
    ]
    return pl.DataFrame(rows)


def _loads() -> pl.DataFrame:
    rows = [
        {
            "load_id": name, "kind": "bought", "from": start, "to": end, "departs_at": at(leaves),
            "arrives_at": at(comes), "vehicle_type": "van", "units": 1, "parcels": 5,
            "volume_m3": 1.5, "weight_kg": 15.0, "cube_share": 0.5, "weight_share": 0.1,
            "miles": 100.0, "cost_usd": LOAD_USD[name], "carrier_id": "TRUCKS",
        }
        for name, start, end, leaves, comes in (("L1", "A", "H", 6, 10), ("L2", "H", "B", 14, 18))
    ]  # fmt: skip
    return pl.DataFrame(rows)


def _legs() -> pl.DataFrame:
    loads = _loads().select("load_id", "from", "to", "departs_at", "arrives_at")
    seq = loads.with_columns(seq=pl.int_range(1, 3, eager=True))
    return pl.DataFrame({"parcel_id": EVERYONE}).join(seq, how="cross")


_VAN = {"route_id": "R1", "facility_id": "B", "vehicle_id": "VAN-1", "driver_id": "DAN",
        "carrier_id": "VANS", "delivery_date": DOOR}  # fmt: skip


def _routes() -> pl.DataFrame:
    return pl.DataFrame(
        [
            _VAN
            | {
                "sequence": number, "parcel_id": each, "arrives_at": at(25 + 0.25 * number),
                "departs_at": at(25.1 + 0.25 * number), "distance_m": 4000.0,
            }
            for number, each in enumerate(CREW, 1)
        ]
    )  # fmt: skip


def _tours() -> pl.DataFrame:
    return pl.DataFrame(
        [
            _VAN
            | {
                "vehicle_type": "van", "departs_at": at(25), "returns_at": at(27), "stops": 4,
                "parcels": 4, "volume_m3": 1.0, "weight_kg": 10.0, "distance_m": METERS_OF_ROUTE,
                "return_distance_m": 0.0, "paid_s": int(HOURS_OF_ROUTE * 3600),
                "cost_usd": ROUTE_USD,
            }
        ]
    )  # fmt: skip


def _fleet() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {key: value for key, value in _VAN.items() if key != "route_id"}
            | {
                "vehicle_type": "van", "fixed_usd_day": VAN_DAY, "cost_usd_mile": VAN_MILE,
                "cost_usd_h": VAN_HOUR, "usd_stop": 0.0, "usd_parcel": 0.0, "minimum_usd": 0.0,
                "fuel_pct": 0.0,
            }
        ]
    )  # fmt: skip


def _handoffs() -> pl.DataFrame:
    cells = {"facility_id": "B", "carrier_id": "MAIL", "mode": "3pl", "handoff_at": at(25)}
    return pl.DataFrame([{"parcel_id": "U1", **cells, "cost_usd": PARTNER_USD}])


def _waves() -> pl.DataFrame:
    cuts = (("A", 5), ("H", 11), ("B", 20))
    rows = [{"facility_id": place, "inbound_cutoff_at": at(hour)} for place, hour in cuts]
    return pl.DataFrame(rows)


def _ledger() -> pl.DataFrame:
    direct = {"pickup": PICKUP_USD, "handling": 3 * HANDLING_USD}
    rows: list[dict] = [
        {"kind": kind, "parcel_id": each, "cost_usd": usd}
        for kind, usd in direct.items()
        for each in EVERYONE
    ]
    rows += [
        {"kind": "linehaul", "load_id": name, "cost_usd": usd} for name, usd in LOAD_USD.items()
    ]
    rows.append({"kind": "lastmile", "route_id": "R1", "cost_usd": ROUTE_USD})
    rows.append({"kind": "injection", "parcel_id": "U1", "cost_usd": PARTNER_USD})
    return pl.DataFrame(rows, infer_schema_length=None)


Told = tuple[str, float, dict]
"""Kind, hours after `T0`, and the cells that are not payload: parcel, place, source, driver; what
else is given is payload."""


def tell(kind: str, hours: float, /, **cells: object) -> Told:
    return kind, hours, {name.rstrip("_"): value for name, value in cells.items()}


_COLUMNS = {
    "parcel": "parcel_id", "place": "facility_id", "vehicle": "vehicle_id", "driver": "driver_id",
}  # fmt: skip


def log(told: Iterable[Told]) -> pl.DataFrame:
    """Events of what is told, each received a minute later."""
    rows = []
    for number, (kind, hours, cells) in enumerate(told):
        columns = {_COLUMNS[name]: cells[name] for name in cells if name in _COLUMNS}
        words = {
            name: value
            for name, value in cells.items()
            if name not in _COLUMNS and name not in ("source", "event")
        }
        rows.append(
            columns
            | {
                "tenant": "t", "source": cells.get("source", "test"), "kind": kind,
                "source_event_id": cells.get("event", f"{number}"), "occurred_at": at(hours),
                "received_at": at(hours + 1 / 60), "payload": json.dumps(words, sort_keys=True),
            }
        )  # fmt: skip
    return conform(pl.DataFrame(rows, infer_schema_length=None), EVENTS)


def line_haul(parcels: Iterable[str] = EVERYONE, *, loads: bool = True) -> list[Told]:
    """The two loads run as planned, with every scan of ``parcels``."""
    told: list[Told] = []
    if loads:
        for name, start, end, leaves, comes in (("L1", "A", "H", 6, 10), ("L2", "H", "B", 14, 18)):
            told.append(tell("load_departed", leaves, load_id=name, from_=start, place=start))
            told.append(tell("load_arrived", comes, load_id=name, to=end, place=end))
    for each in parcels:
        told += [
            tell("picked_up", 2, parcel=each),
            tell("arrived_facility", 3, parcel=each, place="A"),
            tell("departed_facility", 5.95, parcel=each, place="A", load_id="L1", to="H"),
            tell("arrived_facility", 10.2, parcel=each, place="H", load_id="L1"),
            tell("departed_facility", 13.95, parcel=each, place="H", load_id="L2", to="B"),
            tell("arrived_facility", 18.2, parcel=each, place="B", load_id="L2"),
        ]
    return told


def van(route: str = "R1", leaves: float = 25.0, *, parcels: Iterable[str] = CREW) -> list[Told]:
    """A route leaves with ``parcels`` and is back as planned; nothing is said of its doors."""
    told = [
        tell("route_departed", leaves, route_id=route, place="B", vehicle="VAN-1"),
        tell(
            "route_returned", leaves + HOURS_OF_ROUTE, route_id=route, place="B", vehicle="VAN-1",
            paid_s=HOURS_OF_ROUTE * 3600, distance_m=METERS_OF_ROUTE,
        ),
    ]  # fmt: skip
    return told + [
        tell("out_for_delivery", leaves, parcel=each, place="B", route_id=route) for each in parcels
    ]


def door(
    parcel: str, hours: float, *, route: str = "R1", sequence: int = 1, **failed: object
) -> list[Told]:
    """A stop with its scan: delivered, or failed with ``reason`` and ``owner``."""
    cells = {"route_id": route, "sequence": sequence}
    kind = "attempt_failed" if failed else "delivered"
    return [
        tell("stop_arrived", hours - 0.05, **cells),
        tell(kind, hours, parcel=parcel, **cells, **failed),
        tell("stop_departed", hours + 0.05, **cells),
    ]


def partner(delivered: float = 30.0, handed: float = 25.0) -> list[Told]:
    return [
        tell("handed_to_partner", handed, parcel="U1", place="B", carrier_id="MAIL"),
        tell("delivered", delivered, parcel="U1", source="partner:MAIL"),
    ]


def delivered(parcels: Iterable[str] = CREW) -> list[Told]:
    return [
        event
        for number, each in enumerate(parcels, 1)
        for event in door(each, 25 + 0.25 * number, sequence=number)
    ]


def all_well() -> list[Told]:
    """The day as planned."""
    return [*line_haul(), *van(), *delivered(), *partner()]


def without(told: Iterable[Told], **cells: object) -> list[Told]:
    """What is told but the events with these cells (``kind`` among them)."""
    return [
        event
        for event in told
        if not all({**event[2], "kind": event[0]}.get(name) == want for name, want in cells.items())
    ]


def extra_load(parcel: str) -> list[Told]:
    """A load X bought from the hub to B, with one parcel on it."""
    return [
        tell(
            "load_added", 14, load_id="X", from_="H", to="B", kind="pooled", carrier_id="TRUCKS",
            vehicle_type="pallet", units=1, driver_mode="relay", miles=100.0,
            departs_at=int(at(20).timestamp()), arrives_at=int(at(24).timestamp()),
            cost_usd=55.0, volume_m3=1.0, weight_kg=400.0,
        ),
        tell("load_departed", 20, load_id="X", place="H"),
        tell("load_arrived", 24, load_id="X", place="B"),
        tell("departed_facility", 19.9, parcel=parcel, place="H", load_id="X"),
        tell("arrived_facility", 24.1, parcel=parcel, place="B", load_id="X"),
    ]  # fmt: skip


def rerouted() -> list[Told]:
    """P1 misses L2 and rides X, bought for it."""
    return [*without(all_well(), parcel="P1", load_id="L2"), *extra_load("P1")]
