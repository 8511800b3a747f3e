"""``/v1/jobs``: how far long work is, and to stop it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from crossdock.platform.server.idempotency import Idempotency, KeyNeeded
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.principal import PLAN, READ, Principal, Require
from crossdock.platform.store.database.jobs import Job, Jobs

JobState = Literal["waiting", "running", "done", "failed", "dead", "cancelled"]


class CostAt(BaseModel):
    """What had been found by then."""

    elapsed_s: float
    cost_usd: float


class SearchTold(BaseModel):
    """How a search for something cheaper goes, of about ``seconds``.

    ``standing_usd``: what stands costs; ``trace`` begins with it and has every improvement.
    """

    seconds: float
    elapsed_s: float
    standing_usd: float
    trace: list[CostAt]


class JobAnswer(BaseModel):
    """A job: failed is tried again at ``next_at``, dead is not.

    ``wants_end``: its search is to end with what it has found.
    """

    job_id: str
    kind: str
    state: JobState
    stage: str
    share_done: float
    result: dict[str, Any] | None
    error: str | None
    attempts: int
    most_attempts: int
    wants_cancel: bool
    wants_end: bool
    search: SearchTold | None
    next_at: dt.datetime
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime


class JobPage(BaseModel):
    """Some jobs, the newest first."""

    items: list[JobAnswer]
    next_cursor: str | None


def jobs_router(
    jobs: Jobs,
    idempotency: Idempotency,
    require: Require,
    *,
    on_cancel: Callable[[], None],
) -> APIRouter:
    """The routes of jobs.

    Parameters
    ----------
    on_cancel
        Called after a job was cancelled: wakes its runner.
    """
    router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    reader, planner = Depends(require(READ)), Depends(require(PLAN))

    @router.get("")
    def list_jobs(
        principal: Principal = reader,
        state: JobState | None = None,
        cursor: CursorText = None,
        limit: LimitNumber = USUAL_ROWS,
    ) -> JobPage:
        """Jobs of the tenant, the newest first."""
        scope = f"jobs {state}"
        last = position_of(cursor, scope, (int, str))
        found = jobs.of_tenant(
            principal.tenant,
            state=state,
            before=None if last is None else (int(last[0]), str(last[1])),
            limit=limit + 1,
        )
        items, following = page_of(found, limit, scope, lambda job: job.position)
        return JobPage(items=[_answer(job) for job in items], next_cursor=following)

    @router.get("/{job_id}")
    def read_job(job_id: str, principal: Principal = reader) -> JobAnswer:
        """One job."""
        return _answer(jobs.read(principal.tenant, job_id))

    @router.post("/{job_id}/cancel", response_model=JobAnswer)
    def cancel_job(job_id: str, *, principal: Principal = planner, key: KeyNeeded) -> Response:
        """Cancel a job: at once where it waits, else as soon as its process is ended."""

        def cancel(_: str) -> Response:
            job = jobs.cancel(principal.tenant, job_id)
            on_cancel()
            return JSONResponse(_answer(job).model_dump(mode="json"))

        return idempotency.answer(key, principal, cancel)

    return router


def _answer(job: Job) -> JobAnswer:
    return JobAnswer.model_validate(job, from_attributes=True)
