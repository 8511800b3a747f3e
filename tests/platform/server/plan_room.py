"""Rooms that plans live in: their stores, a worker that makes drafts, the API over them."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from typing import Any

from crossdock.platform.server.idempotency import Idempotency
from crossdock.platform.server.orders import OrderIntake, orders_router
from crossdock.platform.server.plans import (
    Plans,
    plan_reading_router,
    plans_router,
)
from crossdock.platform.server.plans.editing import PlanEditing, plan_editing_router
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.idempotency import KeptAnswers
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import PlanEdits, PlansStore
from served_api import Client, app_of, require
from stored_plan import finish_draft


@dataclass
class Room:
    """The stores that a plan lives in, and a worker that makes drafts of what it is given."""

    store: Store
    now: Any
    jobs: Jobs = field(init=False)
    orders: OrdersStore = field(init=False)
    plans: PlansStore = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.store.backend, self.now)
        self.orders = OrdersStore(self.store.backend, self.now)
        self.plans = PlansStore(self.store.backend, self.now)

    def ask(self, plan_id: str, tenant: str = "acme") -> None:
        self.plans.ask(
            self.jobs, tenant, "plan", {}, plan_id=plan_id, job_id=f"job of {plan_id}",
            asked_by="user:1",
        )  # fmt: skip

    def draft(self, plan_id: str, content: bytes = b"", tenant: str = "acme") -> None:
        """A draft of all open orders."""
        self.ask(plan_id, tenant)
        finish_draft(self.jobs, self.plans, self.orders, tenant, plan_id, content)

    def release(self, plan_id: str):
        return self.plans.release("acme", plan_id, released_by="user:1", record={"not_checked": []})


@dataclass
class Served:
    """The API over a room on SQLite; what it calls is noted."""

    room: Room
    client: Client = field(init=False)
    service: Plans = field(init=False)
    released: list[tuple[str, str]] = field(default_factory=list)
    overridden: list[tuple[str, str, str]] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        room = self.room
        once = Idempotency(KeptAnswers(room.store.backend, room.now, kept=dt.timedelta(hours=24)))
        edits = PlanEdits(room.store.backend, room.now)
        self.service = Plans(
            room.plans,
            room.jobs,
            room.orders,
            edits=edits,
            networks=["west"],
            on_asked=self.asked.set,
            on_release=lambda tenant, plan_id: self.released.append((tenant, plan_id)),
            on_override=lambda who, plan_id, told: self.overridden.append(
                (who.actor, plan_id, told["subject"])
            ),
        )
        editing = PlanEditing(self.service, edits, room.jobs, self.asked.set)
        intake = OrderIntake(room.orders, services=lambda: ["2-day", "3-day"], most_items=1_000)
        self.client = Client(
            app_of(
                plans_router(self.service, once, require),
                plan_reading_router(self.service, require),
                plan_editing_router(editing, once, require),
                orders_router(intake, once, require),
            )
        )

    def post(self, path: str, key: str, **options: Any):
        headers = {"Idempotency-Key": key, **options.pop("headers", {})}
        return self.client.post(path, headers=headers, **options)
