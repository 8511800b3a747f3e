"""The process of one job: ``python -m``."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from crossdock.platform.child import Report, run_errand
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.jobs.work import JobFunction, JobWork
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.jobs import Jobs, Lease, LeaseLostError


def main() -> None:
    """Run the job of the errand on stdin."""
    run_errand(_run, lost=(LeaseLostError,))


def _run(errand: Mapping[str, Any], report: Report) -> None:
    with open_database(errand["store"]) as store:
        lease = Lease(**errand["lease"])
        jobs = Jobs(store.backend, SystemClock().now)
        job = jobs.read(errand["tenant"], lease.job_id)
        done = _function(errand["function"])(
            JobWork(
                tenant=job.tenant,
                job_id=job.job_id,
                request=job.request,
                context=errand["context"],
                store=store,
                workspace=Path(errand["workspace"]),
                report=report,
            )
        )
        jobs.finish(lease, done.result, done.effect, done.search)


def _function(name: str) -> JobFunction:
    module, _, function = name.partition(":")
    return cast("JobFunction", getattr(importlib.import_module(module), function))


if __name__ == "__main__":
    main()
