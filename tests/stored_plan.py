"""A plan in a store without anybody having made it."""

from __future__ import annotations

from pathlib import Path

from crossdock.platform.clock import SystemClock
from crossdock.platform.server.plans.asked import PlanAsked, PlanSummary
from crossdock.platform.server.plans.packing import packed
from crossdock.platform.store import RunFolder
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import PlansStore
from synthetic_run import SyntheticRun

NOW = SystemClock().now


def keep_plan(
    url: str, tenant: str, folder: Path, run: SyntheticRun, *, released: bool = False
) -> dict[str, str]:
    """Keep ``run`` as a draft, or as if it had been released; ids of plan and job."""
    with RunFolder.create(folder) as draft:
        for name, frame in run.tables.items():
            draft.write_table(name, frame)
        draft.write_table("orders", run.orders)
        draft.write_network(run.network)
        draft.write_manifest(run.manifest)
    plan_id, job_id = f"plan_{tenant}", f"job_{tenant}"
    with open_database(url) as store:
        Accounts(store.backend, NOW).make_tenant(tenant, by="test")
        jobs, plans = Jobs(store.backend, NOW), PlansStore(store.backend, NOW)
        plans.ask(jobs, tenant, "plan", {}, plan_id=plan_id, job_id=job_id, asked_by="key:1")
        job = jobs.claim("w", ["plan"])
        assert job is not None
        jobs.finish(
            job.lease,
            {},
            lambda connection: plans.keep_draft(
                connection,
                tenant,
                plan_id,
                summary=_SUMMARY,
                content=packed(folder),
                orders=OrdersStore(store.backend, NOW).open_orders(tenant),
            ),
        )
        if released:
            plans.release(tenant, plan_id, released_by="key:1", record={})
    return {"plan_id": plan_id, "job_id": job_id}


_SUMMARY = PlanSummary(
    asked=PlanAsked(),
    start_date="2026-11-30",
    counts={},
    kpis=[],
    linehaul={},
    baseline=None,
    assumptions=[],
    rejects=[],
    rejects_left_out=0,
).model_dump(mode="json")
