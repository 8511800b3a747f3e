"""A team goes live over the API alone: orders, a plan, its release, events of its parcels."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

from crossdock.locate.zips import zip_table
from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import ServerRefusedError, TowerClient
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders

MONDAY = dt.date(2026, 11, 30)


def orders(date: dt.date, count: int, seed: int) -> list[dict]:
    """Orders of the built-in network as a store would send them."""
    made = generate_orders(
        builtin_network(metros=3), parcels=count, start_date=date, seed=seed, zips=zip_table()
    )
    rows = made.frame.to_dicts()
    return [
        {
            name: value.isoformat() if isinstance(value, dt.datetime) else value
            for name, value in row.items()
            if value is not None
        }
        | {"order_id": f"{date:%m%d}-{row['order_id']}"}
        for row in rows
    ]


def planned(tower: TowerClient) -> str:
    """The plan of what waits, once it is made."""
    started = tower.start_plan()
    ends_s = time.monotonic() + 60
    while time.monotonic() < ends_s:
        job = tower.job(started["job_id"])
        if job["state"] == "done":
            return started["plan_id"]
        assert job["state"] in ("waiting", "running"), job
        time.sleep(0.2)
    raise AssertionError("the plan was not made")


def test_two_days_of_a_team(tmp_path: Path) -> None:
    server = ServerProcess(f"sqlite:///{tmp_path}/store.db", tmp_path / "log").start()
    with TowerClient(server.url, make_key(server.store_url, "planner")) as tower:
        monday = orders(MONDAY, 60, seed=1)
        assert tower.send_orders(monday)["accepted"] == 60
        assert tower.send_orders(monday)["duplicates"] == 60
        first = planned(tower)
        assert tower.plan(first)["state"] == "draft"
        assert list(tower.parcels()) == []
        assert tower.release(first)["state"] == "released"

        parcels = list(tower.parcels())
        assert len(parcels) == 60
        assert all(p["planned"] and p["promised_at"] and p["eta"]["p50"] for p in parcels)
        loads = {load["load_id"] for load in tower.plan_loads(first)}
        one = tower.parcel(parcels[0]["parcel_id"])
        assert {step["load_id"] for step in one["path"]} <= loads

        tower.send_events(
            [
                {
                    "source": "station", "source_event_id": "1", "kind": "arrived_facility",
                    "occurred_at": "2026-11-30T22:00:00Z", "parcel_id": one["parcel_id"],
                    "facility_id": one["origin_facility_id"],
                },
                {
                    "source": "truck", "source_event_id": "1", "kind": "position",
                    "occurred_at": "2026-11-30T23:00:00Z", "vehicle_id": "T1",
                    "latitude": 34.0, "longitude": -118.0,
                    "payload": {"route_id": "R-1"},
                },
            ]
        )  # fmt: skip
        assert tower.parcel(one["parcel_id"])["status"] == "arrived_facility"
        shown = tower.map()
        place = next(
            each for each in shown["facilities"] if each["facility_id"] == one["origin_facility_id"]
        )
        assert (place["queue"], place["timezone"] != "") == (1, True)
        assert [each["vehicle_id"] for each in shown["vehicles"]] == ["T1"]
        assert sum(lane["loads"] for lane in shown["lanes"]) == len(loads)

        with pytest.raises(ServerRefusedError) as refused:
            tower.start_plan()
        assert refused.value.status == 409  # nothing waits
        tower.send_orders(orders(MONDAY + dt.timedelta(days=1), 30, seed=2))
        second = planned(tower)
        tower.release(second)
        both = [p["parcel_id"] for p in tower.parcels()]
        assert len(set(both)) == 90
        assert tower.parcel(one["parcel_id"])["status"] == "arrived_facility"
        server.kill()
        server.start()
        assert [p["parcel_id"] for p in tower.parcels()] == both
    assert server.stop() == 0
