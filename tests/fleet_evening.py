"""The evening of `board_evening` with its drivers: logs of nine days, and one of each standing.

``D-101`` takes B1, ``D-103`` B6, ``D-104`` (A1) has 20 minutes left, ``D-105`` drives without the
pause that was due, ``D-106`` has half of a split, ``D-107`` nobody knows of, ``D-108`` rests after
eleven hours, ``D-109`` is rested, ``V-201`` drives a van.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from board_evening import HUB, evening, event_at, told
from crossdock.model import Network
from crossdock.model.event import EVENTS
from crossdock.model.tables import conform
from crossdock.platform.store.database import open_database
from stored_plan import keep_plan
from synthetic_run import SyntheticRun

DRIVERS = ("D-101", "D-103", "D-104", "D-105", "D-106", "D-107", "D-108", "D-109")
_LOGGED = ("D-101", "D-103", "D-104", "D-105", "D-106", "D-108", "D-109")
_DAY_MIN = 1_440
_WORK = ((0, 30, "ON"), (30, 270, "D"), (270, 310, "OFF"), (310, 520, "D"), (520, 550, "ON"))
_DUTIES: tuple[tuple[str, tuple[tuple[float, str], ...], str | None], ...] = (
    ("D-104", ((-690, "ON"), (-680, "D"), (-350, "OFF"), (-310, "D")), "A1"),
    ("D-105", ((-545, "ON"), (-540, "D")), None),
    ("D-106", ((-800, "ON"), (-790, "D"), (-500, "ON"), (-490, "SB"), (-65, "ON")), None),
    ("D-108", ((-1010, "ON"), (-1000, "D"), (-640, "ON"), (-600, "D"), (-300, "OFF")), None),
    ("V-201", ((-200, "D"),), None),
)


def keep_fleet(url: str, tenant: str, folder: Path, now: dt.datetime) -> None:
    """Keep the plan, released, and what happened so far."""
    plan = with_drivers(evening(now), now)
    keep_plan(url, tenant, folder, plan, released=True)
    known = [*told(now, plan.tables["legs"]), *_duty_events(now)]
    events = [each | {"tenant": tenant} for each in known]
    frame = conform(pl.DataFrame(events, infer_schema_length=None), EVENTS).sort("received_at")
    with open_database(url) as store:
        store.log(tenant).append(frame)


def with_drivers(run: SyntheticRun, now: dt.datetime) -> SyntheticRun:
    """The run with drivers, their logs, and what vehicles weigh."""
    rows = [
        {"driver_id": each, "carrier_id": "own", "domicile_facility_id": HUB, "kind": "linehaul"}
        for each in DRIVERS
    ]
    rows.append({**rows[0], "driver_id": "V-201", "kind": "last_mile"})
    weights = {"van": 4_400.0, "box26": 11_793.0, "pup28": 18_000.0, "van53": 29_500.0}
    types = run.network["vehicle_types"].with_columns(
        gvwr_kg=pl.col("vehicle_type").replace_strict(
            weights, default=None, return_dtype=pl.Float64
        )
    )
    vehicles = pl.DataFrame(
        {
            "vehicle_id": ["VAN-1"], "vehicle_type": ["van"], "home_facility_id": [HUB],
            "carrier_id": ["own"],
        }
    )  # fmt: skip
    added = {
        "drivers": pl.DataFrame(rows),
        "duty_log": pl.DataFrame(_logs(now)),
        "vehicle_types": types,
        "vehicles": vehicles,
    }
    network = Network.of({**run.network.tables, **added}, run.network.assumptions)
    duties = run.tables["duties"].with_columns(duty_id=pl.col("driver_id") + "-duty")
    return dataclasses.replace(run, network=network, tables=run.tables | {"duties": duties})


def _logs(now: dt.datetime) -> list[dict[str, Any]]:
    """Nine days up to 18 hours ago, seven of them of the same work."""
    ends = -18 * 60
    found: list[dict[str, Any]] = []
    for driver in _LOGGED:
        for day in range(9):
            begins = ends - (9 - day) * _DAY_MIN
            works = _WORK if day not in (5, 6) else ()
            at = begins
            for start, end, status in works:
                found.append(_entry(driver, status, now, begins + start, begins + end))
                at = begins + end
            found.append(_entry(driver, "OFF", now, at, begins + _DAY_MIN))
    return found


def _entry(driver: str, status: str, now: dt.datetime, start: float, end: float) -> dict[str, Any]:
    return {
        "driver_id": driver,
        "status": status,
        "from": now + dt.timedelta(minutes=start),
        "to": now + dt.timedelta(minutes=end),
    }


def _duty_events(now: dt.datetime) -> list[dict[str, Any]]:
    return [
        event_at(
            now, "duty_changed", minutes, driver_id=driver, activity=activity,
            **({} if load is None else {"load_id": load}),
        )
        for driver, changes, load in _DUTIES
        for minutes, activity in changes
    ]  # fmt: skip
