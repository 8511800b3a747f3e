"""Plans in a store without anybody having made them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from sqlalchemy import insert

from crossdock.platform.clock import SystemClock
from crossdock.platform.server.plans.asked import PlanAsked, PlanSummary
from crossdock.platform.server.plans.packing import packed
from crossdock.platform.store import RunFolder
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import PlansStore
from crossdock.platform.store.database.tables import PLAN_EDITS
from synthetic_run import SyntheticRun, build_run

NOW = SystemClock().now
_KIND = "test"
SUMMARY = PlanSummary(
    asked=PlanAsked(),
    start_date="2026-11-30",
    counts={"parcels": 60},
    kpis=[],
    linehaul={},
    baseline=None,
    assumptions=[],
    rejects=[],
    rejects_left_out=0,
).model_dump(mode="json")


def keep_plan(
    url: str,
    tenant: str,
    folder: Path,
    run: SyntheticRun | None = None,
    *,
    released: bool = False,
) -> dict[str, str]:
    """Keep ``run``, or a small one, as a draft or as if it had been released; its ids.

    A server over the store does not make it: its job is of a kind that nobody else takes.
    """
    content = content_of(run or build_run(60), folder)
    plan_id, job_id = f"plan_{tenant}", f"job_{tenant}"
    with open_database(url) as store:
        Accounts(store.backend, NOW).make_tenant(tenant, by="test")
        jobs, plans = Jobs(store.backend, NOW), PlansStore(store.backend, NOW)
        plans.ask(jobs, tenant, _KIND, {}, plan_id=plan_id, job_id=job_id, asked_by="key:1")
        orders = OrdersStore(store.backend, NOW)
        finish_draft(jobs, plans, orders, tenant, plan_id, content, kind=_KIND)
        if released:
            plans.release(tenant, plan_id, released_by="key:1", record={})
    return {"plan_id": plan_id, "job_id": job_id}


def content_of(
    run: SyntheticRun, folder: Path, tables: dict[str, pl.DataFrame] | None = None
) -> bytes:
    """What a plan of ``run`` keeps, or one of other ``tables`` for it."""
    with RunFolder.create(folder) as draft:
        for name, frame in (run.tables if tables is None else tables).items():
            draft.write_table(name, frame)
        draft.write_table("orders", run.orders)
        draft.write_network(run.network)
        draft.write_manifest(run.manifest)
    return packed(folder)


def finish_draft(
    jobs: Jobs,
    plans: PlansStore,
    orders: OrdersStore,
    tenant: str,
    plan_id: str,
    content: bytes,
    *,
    kind: str = "plan",
) -> None:
    """Keep a plan that was asked for as a draft of all open orders, as the worker does."""
    job = jobs.claim("w", [kind])
    assert job is not None
    planned = orders.open_orders(tenant)
    jobs.finish(
        job.lease,
        {},
        lambda connection: plans.keep_draft(
            connection, tenant, plan_id, summary=SUMMARY, content=content, orders=planned
        ),
    )


def keep_edit(url: str, tenant: str, plan_id: str, run: SyntheticRun) -> dict[str, str]:
    """Keep an edit of the first routes of a plan of ``run``; what a path calls it."""
    metro, date = run.tables["tours"].select("facility_id", "delivery_date").row(0)
    row = {
        "tenant": tenant, "plan_id": plan_id, "number": 704_101, "facility_id": metro,
        "delivery_date": date.isoformat(), "kind": "lock", "made_at": 0, "made_by": "key:1",
        "detail": '{"vehicle_ids": [], "parcel_ids": []}',
    }  # fmt: skip
    with open_database(url) as store, store.backend.engine.begin() as connection:
        connection.execute(insert(PLAN_EDITS).values(row))
    return {
        "metro_id": metro,
        "delivery_date": row["delivery_date"],
        "edit_number": str(row["number"]),
    }
