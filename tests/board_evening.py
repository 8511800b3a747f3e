"""An evening at the hub in Dallas, around an instant of the tests' choice: plan and events.

Its board: ``B1`` waits for a wave, ``B2`` is ready, ``B3`` waits for what is on the road, ``B4``
left, ``B5`` is cancelled, ``B6`` is held; ``A1`` comes late, ``A2`` in time, ``A3`` is there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl

from crossdock.model.event import EVENTS
from crossdock.model.tables import DUTIES, LEGS, LOADS, PARCELS, RUN_TABLES, WAVES, conform, empty
from crossdock.platform.store.database import open_database
from stored_plan import keep_plan
from synthetic_run import SyntheticRun, build_run

HUB = "DFW"
_LOADS = (
    # id, kind, from, to, leaves in minutes, drives hours, parcels, cube share, carrier, vehicle
    ("A1", "loaded", "LAX", HUB, -1100, 18, 25, 0.71, "own", "van53"),
    ("A2", "bought", "EWR", HUB, -1000, 18.5, 40, 0.62, "freightco", "van53"),
    ("A3", "loaded", "DEN", HUB, -750, 12, 20, 0.33, "own", "pup28"),
    ("B1", "loaded", HUB, "DEN", 25, 14, 120, 0.82, "own", "van53"),
    ("B2", "bought", HUB, "EWR", 70, 26, 60, 0.94, "freightco", "van53"),
    ("B3", "pooled", HUB, "MIA", 200, 22, 40, 0.41, "freightco", "pallet"),
    ("B4", "loaded", HUB, "LAX", -20, 24, 30, 0.55, "own", "van53"),
    ("B5", "bought", HUB, "SEA", 120, 36, 15, 0.22, "freightco", "van53"),
    ("B6", "loaded", HUB, "LAX", -5, 24, 50, 0.63, "own", "pup28"),
    ("B7", "empty", HUB, "DEN", 230, 14, 0, 0.0, "own", "pup28"),
)
_WAVES = (
    # facility, name, cut-off, start, end, ready in minutes
    (HUB, "day", -300, -300, -120, -110),
    (HUB, "evening", -30, -30, 30, 37),
    (HUB, "night", 130, 130, 175, 185),
    ("DEN", "morning", 900, 900, 960, 970),
    ("EWR", "noon", 1700, 1700, 1800, 1810),
    ("LAX", "night", 1500, 1500, 1600, 1610),
)
_DRIVERS = {"B1": "D-101", "B6": "D-103", "A1": "D-104"}


def keep_evening(url: str, tenant: str, folder: Path, now: dt.datetime) -> None:
    """Keep the plan, released, and what happened so far."""
    plan = evening(now)
    keep_plan(url, tenant, folder, plan, released=True)
    events = [each | {"tenant": tenant} for each in told(now, plan.tables["legs"])]
    frame = conform(pl.DataFrame(events, infer_schema_length=None), EVENTS).sort("received_at")
    with open_database(url) as store:
        store.log(tenant).append(frame)


def evening(now: dt.datetime) -> SyntheticRun:
    """The plan."""
    run = build_run(60)

    def at(minutes: float) -> dt.datetime:
        return now + dt.timedelta(minutes=minutes)

    loads = pl.DataFrame(
        [
            {
                "load_id": name, "kind": kind, "from": start, "to": end, "departs_at": at(leaves),
                "arrives_at": at(leaves + 60 * hours), "parcels": parcels, "cube_share": share,
                "volume_m3": 0.04 * parcels, "weight_kg": 2.0 * parcels, "units": 1,
                "carrier_id": carrier, "vehicle_type": vehicle, "driver_mode": "solo",
                "driver_ids": _DRIVERS.get(name),
            }
            for name, kind, start, end, leaves, hours, parcels, share, carrier, vehicle in _LOADS
        ],
        infer_schema_length=None,
    )  # fmt: skip
    legs = pl.DataFrame(_legs(), infer_schema_length=None).join(
        loads.select("load_id", "from", "to", "departs_at", "arrives_at"), on="load_id"
    )
    waves = pl.DataFrame(
        [
            {
                "facility_id": facility, "wave": wave, "date": now.date(),
                "inbound_cutoff_at": at(cutoff), "starts_at": at(starts), "ends_at": at(ends),
                "ready_at": at(ready), "capacity_parcels": 4_000.0,
            }
            for facility, wave, cutoff, starts, ends, ready in _WAVES
        ]
    )  # fmt: skip
    duties = pl.DataFrame(
        [
            {
                "duty_id": f"{driver}/{seq}", "driver_id": driver, "load_id": load_id, "seq": seq,
                "activity": activity, "starts_at": at(starts), "ends_at": at(ends),
            }
            for load_id, driver in _DRIVERS.items()
            if load_id != "A1"
            for seq, (activity, starts, ends) in enumerate(
                [("ON", -5, 25), ("D", 25, 445), ("OFF", 445, 1045), ("D", 1045, 1200)]
            )
        ]
    )  # fmt: skip
    parcels = pl.DataFrame({"parcel_id": legs["parcel_id"].unique().sort()}).with_columns(
        order_id="parcel_id",
        origin_facility_id=pl.lit(HUB),
        destination_facility_id=pl.lit("DEN"),
        delivery_mode=pl.lit("own"),
        volume_m3=pl.lit(0.04),
        eta_p50=pl.lit(now + dt.timedelta(hours=30)),
        promised_at=pl.lit(now + dt.timedelta(hours=36)),
    )
    orders = parcels.select("order_id", declared_value_usd=pl.lit(500.0))
    tables = {
        "loads": conform(loads, LOADS),
        "legs": conform(legs, LEGS),
        "waves": conform(waves, WAVES),
        "duties": conform(duties, DUTIES),
        "parcels": conform(parcels, PARCELS),
    }
    nothing = {name: empty(schema) for name, schema in RUN_TABLES.items()}
    return dataclasses.replace(run, tables=nothing | tables, orders=orders)


def _legs() -> list[dict[str, Any]]:
    """The first ten parcels of B1 and all of B3 come with other loads."""
    direct = [
        (f"{load_id}-{number:03}", load_id)
        for load_id, *_, parcels, _, _, _ in _LOADS
        for number in range(parcels)
        if load_id.startswith("B")
    ]
    brought = {f"B1-{number:03}": "A1" for number in range(10)}
    brought |= {f"B3-{number:03}": "A2" for number in range(40)}
    found: list[dict[str, Any]] = []
    for parcel_id, load_id in direct:
        way = [brought[parcel_id], load_id] if parcel_id in brought else [load_id]
        found += [
            {"parcel_id": parcel_id, "seq": seq, "load_id": each} for seq, each in enumerate(way, 1)
        ]
    return found


def told(now: dt.datetime, legs: pl.DataFrame) -> list[dict[str, Any]]:
    """What happened so far, and what the desk decided."""
    on = {
        str(load_id): sorted(rows["parcel_id"].to_list())
        for (load_id,), rows in legs.group_by("load_id")
    }
    events = [
        event_at(now, "load_departed", -1075, load_id="A1"),
        event_at(now, "load_departed", -1000, load_id="A2"),
        event_at(now, "load_departed", -750, load_id="A3"),
        event_at(now, "load_arrived", -28, load_id="A3"),
        event_at(now, "wave_started", -300, facility_id=HUB, wave="day"),
        event_at(now, "wave_ended", -118, facility_id=HUB, wave="day", sorted=310, left=0),
        event_at(now, "wave_started", -30, facility_id=HUB, wave="evening"),
        event_at(now, "load_departed", -18, load_id="B4"),
        event_at(now, "load_cancelled", -40, load_id="B5", reason="the carrier has no tractor"),
        event_at(now, "duty_changed", -30, driver_id="D-101", activity="ON", load_id="B1"),
        event_at(now, "duty_changed", -400, driver_id="D-103", activity="D"),
        event_at(now, "duty_changed", -100, driver_id="D-103", activity="ON", load_id="B6"),
        event_at(now, "command_hold_departure", -12, source="desk", load_id="B6", by="Ruiz",
               until=(now + dt.timedelta(minutes=40)).isoformat()),
    ]  # fmt: skip
    for load_id in ("A1", "A2"):
        events += [
            event_at(now, "departed_facility", -1000, parcel_id=each, load_id=load_id, to=HUB)
            for each in on[load_id]
        ]
    early = [*on["B2"], *on["B1"][40:], *on["B4"], *on["B5"], *on["B6"][:31]]
    late = [*on["B1"][10:40], *on["B6"][31:]]
    for minutes, parcels in ((-330, early), (-45, late)):
        events += [
            event_at(now, "arrived_facility", minutes, parcel_id=each, facility_id=HUB)
            for each in parcels
        ]
    events += [
        event_at(now, "departed_facility", -19, parcel_id=each, facility_id=HUB, load_id="B4")
        for each in on["B4"]
    ]
    return events


def event_at(
    now: dt.datetime, kind: str, minutes: float, *, source: str = "twin", **fields: Any
) -> dict[str, Any]:
    """An event so many minutes after ``now``."""
    columns = {name: fields.pop(name) for name in list(fields) if name in EVENTS}
    at = now + dt.timedelta(minutes=minutes)
    return {
        "source": source,
        "source_event_id": json.dumps([kind, minutes, fields, columns], sort_keys=True),
        "kind": kind,
        "occurred_at": at,
        "received_at": at,
        "payload": json.dumps(fields, sort_keys=True) if fields else None,
        **columns,
    }
