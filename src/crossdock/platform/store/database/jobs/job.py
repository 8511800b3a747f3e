"""A job as it stands, and the lease of the worker that runs it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from crossdock.model import CrossdockError
from crossdock.platform.store.database.instants import instant_of, microseconds

ENDED = ("done", "dead", "cancelled")


class LeaseLostError(CrossdockError):
    """The job is no longer this worker's: its lease ran out, or a user cancelled it."""


@dataclass(frozen=True)
class Lease:
    """The right to run one attempt of a job.

    Attributes
    ----------
    worker
        Who holds it.
    attempt
        The how manieth; with ``worker`` it tells this lease from every other of the job.
    """

    job_id: str
    worker: str
    attempt: int


@dataclass(frozen=True)
class Job:
    """One row of the table ``jobs``.

    Attributes
    ----------
    state
        waiting, running, done, failed (is tried again at ``next_at``), dead (is not), cancelled.
    share_done
        From 0 to 1.
    result
        What a done job answered.
    error
        What went wrong at the last attempt.
    wants_end
        Whether the search is to end with what it has found so far.
    search
        How a search goes while it runs, and how it went.
    """

    job_id: str
    tenant: str
    kind: str
    state: str
    request: Mapping[str, Any]
    stage: str
    share_done: float
    result: Mapping[str, Any] | None
    error: str | None
    attempts: int
    most_attempts: int
    next_at: dt.datetime
    leased_by: str | None
    wants_cancel: bool
    wants_end: bool
    search: Mapping[str, Any] | None
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime

    @property
    def lease(self) -> Lease:
        """The lease of a running job."""
        return Lease(self.job_id, self.leased_by or "", self.attempts)

    @property
    def position(self) -> tuple[int, str]:
        """Where it stands in the list of its tenant."""
        return microseconds(self.created_at), self.job_id


def job_of(row: Row[Any]) -> Job:
    """A row of the table as a job."""
    return Job(
        job_id=row.job_id,
        tenant=row.tenant,
        kind=row.kind,
        state=row.state,
        request=json.loads(row.request),
        stage=row.stage,
        share_done=row.share_done,
        result=None if row.result is None else json.loads(row.result),
        error=row.error,
        attempts=row.attempts,
        most_attempts=row.most_attempts,
        next_at=instant_of(int(row.next_at)),
        leased_by=row.leased_by,
        wants_cancel=row.wants_cancel,
        wants_end=row.wants_end,
        search=None if row.search is None else json.loads(row.search),
        created_at=instant_of(int(row.created_at)),
        created_by=row.created_by,
        updated_at=instant_of(int(row.updated_at)),
    )
