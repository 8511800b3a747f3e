"""A small plan and a way to tell what happened, hour by hour."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import polars as pl

from crossdock.model.event import EVENTS
from crossdock.model.tables import DUTIES, HANDOFFS, LEGS, LOADS, ROUTES, WAVES, conform
from crossdock.operate.folded import Folded
from crossdock.operate.tracking import PlanView

START = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


def hour(hours: float) -> dt.datetime:
    """Instant that many hours after the start."""
    return START + dt.timedelta(hours=hours)


def event(kind: str, at: float, *, received: float | None = None, **fields: object) -> dict:
    """One event; fields that are no column of `EVENTS` go to the payload."""
    columns = {name: fields.pop(name) for name in list(fields) if name in EVENTS}
    fields = {name.rstrip("_"): value for name, value in fields.items()}
    key = json.dumps([kind, at, received, fields, columns], sort_keys=True, default=str)
    return {
        "tenant": "acme",
        "source": "twin",
        "source_event_id": key,
        "kind": kind,
        "occurred_at": hour(at),
        "received_at": hour(at if received is None else received),
        "payload": json.dumps(fields, sort_keys=True) if fields else None,
        **columns,
    }


def frame(*events: dict) -> pl.DataFrame:
    """Events as the log holds them."""
    return conform(pl.DataFrame(list(events), infer_schema_length=None), EVENTS)


def folded(*events: dict) -> Folded:
    """The states after ``events``."""
    return Folded().after(frame(*events)) if events else Folded()


def journey(parcel_id: str = "P1") -> list[dict]:
    """A parcel's way as planned, from the label to the door."""
    p = {"parcel_id": parcel_id}
    return [
        event("label_created", 10, merchant_id="M1", **p),
        event("picked_up", 17, facility_id="LAX", merchant_id="M1", **p),
        event("arrived_facility", 18, facility_id="LAX", **p),
        event("departed_facility", 24, facility_id="LAX", load_id="L1", to="PHX", **p),
        event("arrived_facility", 32, facility_id="PHX", load_id="L1", **p),
        event("departed_facility", 36, facility_id="PHX", load_id="L2", to="DAL", **p),
        event("arrived_facility", 52, facility_id="DAL", load_id="L2", **p),
        event("out_for_delivery", 60, facility_id="DAL", route_id="R1", **p),
        event("delivered", 64, route_id="R1", **p),
    ]


def until(events: list[dict], at: float) -> list[dict]:
    """Those that happened until then."""
    return [each for each in events if each["occurred_at"] <= hour(at)]


def plan(*parcel_ids: str, **tables: pl.DataFrame) -> PlanView:
    """The plan of ``parcel_ids`` (P1), all alike: LAX, PHX, DAL, the door by hour 80."""
    ids = list(parcel_ids) or ["P1"]
    parcels = pl.DataFrame(
        {
            "parcel_id": ids,
            "order_id": [f"O-{each}" for each in ids],
            "merchant_id": "M1",
            "origin_facility_id": "LAX",
            "destination_facility_id": "DAL",
            "delivery_mode": "own",
            "promised_at": hour(80),
            "service_due_at": hour(80),
            "eta_p80": hour(66),
            "declared_value_usd": 100.0,
        }
    )
    loads = pl.DataFrame(
        {
            "load_id": ["L1", "L2"],
            "kind": "loaded",
            "from": ["LAX", "PHX"],
            "to": ["PHX", "DAL"],
            "departs_at": [hour(24), hour(36)],
            "arrives_at": [hour(32), hour(52)],
        }
    )
    legs = parcels.select("parcel_id").join(
        loads.select("load_id", "from", "to", "departs_at", "arrives_at"), how="cross"
    )
    routes = parcels.select(
        "parcel_id",
        route_id=pl.lit("R1"),
        facility_id=pl.lit("DAL"),
        arrives_at=pl.lit(hour(64)),
    )
    waves = pl.DataFrame(
        {
            "facility_id": ["PHX", "PHX", "DAL"],
            "wave": ["night", "day", "day"],
            "inbound_cutoff_at": [hour(33), hour(45), hour(55)],
            "ends_at": [hour(35), hour(47), hour(57)],
        }
    )
    known = {
        "parcels": parcels,
        "loads": conform(loads, LOADS),
        "legs": conform(legs, LEGS),
        "routes": conform(routes, ROUTES),
        "handoffs": conform(pl.DataFrame(), HANDOFFS),
        "waves": conform(waves, WAVES),
        "duties": conform(pl.DataFrame(), DUTIES),
    }
    return PlanView.of({**known, **tables})


def many(count: int) -> list[str]:
    """That many parcel ids."""
    return [f"P{number:04d}" for number in itertools.islice(itertools.count(1), count)]
