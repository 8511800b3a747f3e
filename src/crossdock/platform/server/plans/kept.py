"""The plan of a run folder, kept in a store: as a draft, or released, for a tower to stand on."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from crossdock.platform.clock import SystemClock
from crossdock.platform.server.plans.asked import PlanAsked
from crossdock.platform.server.plans.packing import packed
from crossdock.platform.server.plans.summary import plan_summary
from crossdock.platform.store import RunFolder
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.plans import PlansStore

_KIND = "run"  # of a job that nobody claims but this
_LEASE_S = 600.0
_NO_ORDERS = pl.DataFrame(schema={"order_id": pl.String, "revision": pl.Int64})


def keep_released(store: Store, tenant: str, run_path: Path, *, by: str) -> str:
    """Keep the plan of a released run; returns its plan id. One that is kept stays as it is.

    Its orders came with the run, not over the API: it carries none of those.
    """
    plans = PlansStore(store.backend, SystemClock().now)
    kept = plans.released(tenant)
    if kept:
        return kept[0][0]
    plan_id = keep_draft(store, tenant, run_path, by=by)
    told = RunFolder.open(run_path).manifest["release"]
    record = {"not_checked": list(told.get("not_checked", ()))}
    plans.release(tenant, plan_id, released_by=by, record=record)
    return plan_id


def keep_draft(store: Store, tenant: str, run_path: Path, *, by: str) -> str:
    """Keep the plan of a run as a draft; returns its plan id."""
    now = SystemClock().now
    jobs, plans = Jobs(store.backend, now, lease_s=_LEASE_S), PlansStore(store.backend, now)
    run = RunFolder.open(run_path)
    asked = PlanAsked(seed=int(run.manifest["seed"]), policy=run.manifest["policy"])
    plan_id, job_id = f"plan_{_KIND}", f"job_{_KIND}"
    plans.ask(jobs, tenant, _KIND, {}, plan_id=plan_id, job_id=job_id, asked_by=by)
    job = jobs.claim(by, [_KIND])
    if job is not None:
        summary = plan_summary(asked, run).model_dump(mode="json")
        content = packed(run_path)

        def keep(connection: Connection) -> None:
            plans.keep_draft(
                connection, tenant, plan_id, summary=summary, content=content, orders=_NO_ORDERS
            )

        jobs.finish(job.lease, {"plan_id": plan_id}, keep)
    return plan_id
