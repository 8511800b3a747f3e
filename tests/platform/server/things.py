"""A tenant with one thing of each kind that a path of the API may name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from crossdock.platform.client import TowerClient
from crossdock.platform.clock import SystemClock
from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.accounts import Accounts
from crossdock.platform.store.database.tables import ORDER_ROWS

NOW = SystemClock().now
ROUTES: dict[str, Any] = {
    "starts_at": "2026-03-02T08:00:00Z",
    "depots": [{"id": "D", "lat": 41.9, "lon": -87.7}],
    "vehicles": [{"id": "van", "start": {"depot": "D"}}],
    "jobs": [{"id": "J", "lat": 41.91, "lon": -87.7}],
}
ORDER: dict[str, Any] = {
    "order_id": "O-1",
    "created_at": "2026-11-30T09:15:00-05:00",
    "merchant_id": "M-1",
    "ship_from_zip": "07032",
    "recipient": "Ada Lovelace",
    "address": "233 S Wacker Dr, Chicago, IL 60606",
    "service": "2-day",
    "weight_kg": 1.5,
    "length_cm": 30,
    "width_cm": 20,
    "height_cm": 10,
    "declared_value_usd": "49.90",
}


def make_people(store: Store, tenant: str) -> dict[str, str]:
    """A user and a spare key; their ids."""
    accounts = Accounts(store.backend, NOW)
    accounts.make_tenant(tenant, by="test")
    email = f"kim@{tenant}.example"
    user = accounts.users.create(tenant, email, "Kim", "viewer", by="test")
    key = accounts.keys.create(tenant, f"spare of {tenant}", "viewer", by="test").key
    return {"user_id": user.user_id, "key_id": key.key_id}


def bring(tower: TowerClient, tenant: str) -> dict[str, str]:
    """An order, a parcel with an exception, a facility with one, a driver, routes, a shift note."""
    event = {
        "source": f"scanner of {tenant}",
        "source_event_id": "1",
        "kind": "attempt_failed",
        "occurred_at": NOW().isoformat(),
        "parcel_id": f"P-{tenant}",
    }
    stored = event | {
        "source_event_id": "2",
        "kind": "arrived_facility",
        "parcel_id": f"P2-{tenant}",
        "facility_id": f"F-{tenant}",
    }
    duty = {
        "source": event["source"],
        "source_event_id": "3",
        "kind": "duty_changed",
        "occurred_at": event["occurred_at"],
        "driver_id": f"D-{tenant}",
        "payload": {"activity": "D"},
    }
    assert tower.send_events([event, stored, duty])["accepted"] == 3
    order = ORDER | {"order_id": f"O-{tenant}", "merchant_id": f"M-{tenant}"}
    assert tower.send_orders([order])["accepted"] == 1
    exception = next(iter(tower.exceptions(kind="attempt_failed")))
    return {
        "parcel_id": event["parcel_id"],
        "order_id": order["order_id"],
        "exception_id": exception["id"],
        "facility_id": stored["facility_id"],
        "driver_id": duty["driver_id"],
        "route_plan_id": tower.start_routes(ROUTES, iterations=1)["plan_id"],
        "note_id": tower.write_shift_note(f"note of {tenant}")["note_id"],
    }


def carry_orders(store_url: str, plan_id: str) -> None:
    """Leave no order to be planned: a plan that is asked for would take the machine for long."""
    with open_database(store_url) as store, store.backend.engine.begin() as connection:
        connection.execute(update(ORDER_ROWS).values(plan_id=plan_id))
