"""The queue of jobs: who asks puts one in, workers take leases of them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, tuple_, update

from crossdock.model import NotFoundError, stream_seed
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.insert_new import insert_if_new
from crossdock.platform.store.database.instants import microseconds
from crossdock.platform.store.database.jobs.job import ENDED, Job, Lease, LeaseLostError, job_of
from crossdock.platform.store.database.tables import JOBS
from crossdock.platform.store.database.texts import can_be_kept

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0
"""Before the second attempt, doubled at each; spread by half around it."""

_MICROSECONDS = 1_000_000
_JOB = JOBS.c


class Jobs:
    """The jobs of all tenants in one store.

    Parameters
    ----------
    now
        Tells the time.
    lease_s
        A worker that is silent for so long loses its job to the next.
    most_attempts
        Of jobs put in here; then they are dead.
    """

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], dt.datetime],
        *,
        lease_s: float = 60.0,
        most_attempts: int = 3,
    ) -> None:
        self._backend = backend
        self._now = now
        self._most_attempts = most_attempts
        self.lease_s = lease_s

    def enqueue(
        self,
        tenant: str,
        kind: str,
        request: Mapping[str, Any],
        *,
        created_by: str,
        job_id: str | None = None,
        within: Connection | None = None,
    ) -> str:
        """Put in a job that is due at once; returns its id.

        Parameters
        ----------
        job_id
            A job of this id that is there already stays as it is; None: a new id.
        within
            Transaction that the job comes into being with; None: one of its own.
        """
        now = self._now_us()
        row = {
            "job_id": job_id or f"job_{uuid.uuid4().hex}",
            "tenant": tenant,
            "kind": kind,
            "state": "waiting",
            "request": json.dumps(request),
            "stage": "",
            "share_done": 0.0,
            "attempts": 0,
            "most_attempts": self._most_attempts,
            "next_at": now,
            "wants_cancel": False,
            "wants_end": False,
            "created_at": now,
            "created_by": created_by,
            "updated_at": now,
        }
        transaction = writing(self._backend) if within is None else nullcontext(within)
        with transaction as connection:
            insert_if_new(connection, JOBS, row)
        return str(row["job_id"])

    def claim(self, worker: str, kinds: Sequence[str]) -> Job | None:
        """Lease the job of ``kinds`` that is due longest; None where none is.

        A running job whose lease ran out is due again; one that has used up its attempts is dead.
        """
        now = self._now_us()
        waits = _JOB.state.in_(("waiting", "failed")) & (_JOB.next_at <= now)
        fell_silent = (_JOB.state == "running") & (_JOB.lease_until <= now)
        due = select(JOBS).where(_JOB.kind.in_(kinds), waits | fell_silent)
        with reading(self._backend) as connection:  # nobody is locked out where nothing is due
            if connection.execute(due.limit(1)).first() is None:
                return None
        longest = due.order_by(_JOB.next_at, _JOB.created_at, _JOB.job_id).limit(1)
        with writing(self._backend) as connection:
            while found := connection.execute(longest.with_for_update(skip_locked=True)).first():
                if found.wants_cancel:
                    self._set(connection, found, state="cancelled")
                elif found.attempts >= found.most_attempts:
                    self._set(connection, found, state="dead", error="its worker fell silent")
                else:
                    return self._lease(connection, found, worker)
        return None

    def heartbeat(
        self,
        lease: Lease,
        stage: str,
        share_done: float,
        search: Mapping[str, Any] | None = None,
    ) -> bool:
        """Extend the lease and tell how far the work is; returns whether a user cancelled it.

        Parameters
        ----------
        search
            How a search goes, as plain JSON data; None: nothing new.

        Raises
        ------
        LeaseLostError
            The job is another's by now.
        """
        beat = update(JOBS).where(_held(lease)).returning(_JOB.wants_cancel)
        if search is not None:
            beat = beat.values(search=json.dumps(search))
        now = self._now_us()
        with writing(self._backend) as connection:
            found = connection.execute(
                beat.values(
                    stage=stage,
                    share_done=share_done,
                    lease_until=self._lease_ends(now),
                    updated_at=now,
                )
            ).first()
        if found is None:
            raise _lost(lease)
        return bool(found.wants_cancel)

    def finish(
        self,
        lease: Lease,
        result: Mapping[str, Any],
        effect: Callable[[Connection], None] | None = None,
        search: Mapping[str, Any] | None = None,
    ) -> None:
        """End the job as done.

        Parameters
        ----------
        search
            How its search went; None: as last told.
        effect
            What else the job changes in the database, in the same transaction: it happens if and
            only if this lease ends the job.

        Raises
        ------
        LeaseLostError
            The job is another's by now, or a user cancelled it; nothing was changed.
        """
        mine = _held(lease) & _JOB.wants_cancel.is_(False)
        told = {} if search is None else {"search": json.dumps(search)}
        with writing(self._backend) as connection:
            self._end(
                connection,
                lease,
                mine,
                state="done",
                stage="done",
                share_done=1.0,
                result=json.dumps(result),
                error=None,
                **told,
            )
            if effect is not None:
                effect(connection)

    def fail(self, lease: Lease, error: str, *, again: bool = True) -> None:
        """End an attempt; the job is tried again after a pause, or dead.

        Parameters
        ----------
        again
            Whether another attempt could end better.

        Raises
        ------
        LeaseLostError
            The job is another's by now.
        """
        with writing(self._backend) as connection:
            most = connection.execute(select(_JOB.most_attempts).where(_held(lease))).scalar()
            if again and most is not None and lease.attempt < most:
                next_at = self._now_us() + round(_pause_s(lease) * _MICROSECONDS)
                self._end(connection, lease, state="failed", error=error, next_at=next_at)
            else:
                self._end(connection, lease, state="dead", error=error)

    def give_back(self, lease: Lease) -> None:
        """End an attempt that is nobody's fault: the job waits, and may be tried once more for it.

        Raises
        ------
        LeaseLostError
            The job is another's by now.
        """
        with writing(self._backend) as connection:
            self._end(
                connection,
                lease,
                state="waiting",
                next_at=self._now_us(),
                most_attempts=_JOB.most_attempts + 1,
            )

    def end_cancelled(self, lease: Lease) -> None:
        """End a job whose work was stopped because a user cancelled it.

        Raises
        ------
        LeaseLostError
            The job is another's by now.
        """
        with writing(self._backend) as connection:
            self._end(connection, lease, state="cancelled")

    def cancel(self, tenant: str, job_id: str) -> Job:
        """Cancel a job: at once where it waits; one that runs is stopped by its worker.

        A job that has ended stays as it is.

        Raises
        ------
        NotFoundError
            The tenant has no such job.
        """
        return self._settle(tenant, job_id, wants_cancel=True)

    def end_early(self, tenant: str, job_id: str) -> Job:
        """Have a search that runs end with what it has found; one that waits found nothing.

        A job that has ended stays as it is.

        Raises
        ------
        NotFoundError
            The tenant has no such job.
        """
        return self._settle(tenant, job_id, wants_end=True)

    def read(self, tenant: str, job_id: str) -> Job:
        """One job of a tenant.

        Raises
        ------
        NotFoundError
            The tenant has no such job.
        """
        if not can_be_kept(job_id):
            raise _unknown(job_id)
        mine = (_JOB.tenant == tenant) & (_JOB.job_id == job_id)
        with reading(self._backend) as connection:
            found = connection.execute(select(JOBS).where(mine)).first()
        if found is None:
            raise _unknown(job_id)
        return job_of(found)

    def of_tenant(
        self,
        tenant: str,
        *,
        state: str | None = None,
        before: tuple[int, str] | None = None,
        limit: int = 100,
    ) -> list[Job]:
        """Jobs of a tenant, the newest first.

        Parameters
        ----------
        before
            `Job.position` of the last job of the page before.
        """
        mine = select(JOBS).where(_JOB.tenant == tenant)
        if state is not None:
            mine = mine.where(_JOB.state == state)
        if before is not None:
            mine = mine.where(tuple_(_JOB.created_at, _JOB.job_id) < before)
        newest = mine.order_by(_JOB.created_at.desc(), _JOB.job_id.desc()).limit(limit)
        with reading(self._backend) as connection:
            return [job_of(row) for row in connection.execute(newest)]

    def _settle(self, tenant: str, job_id: str, **wanted: bool) -> Job:
        """Tell a running job what a user wants; one that has not begun is cancelled."""
        if not can_be_kept(job_id):
            raise _unknown(job_id)
        mine = select(JOBS).where(_JOB.tenant == tenant, _JOB.job_id == job_id)
        with writing(self._backend) as connection:
            found = connection.execute(mine.with_for_update()).first()
            if found is None:
                raise _unknown(job_id)
            if found.state == "running":
                self._set(connection, found, **wanted)
            elif found.state not in ENDED:
                self._set(connection, found, state="cancelled", wants_cancel=True)
            return job_of(connection.execute(mine).one())

    def _lease(self, connection: Connection, found: Row[Any], worker: str) -> Job:
        self._set(
            connection,
            found,
            state="running",
            stage="",
            share_done=0.0,
            search=None,
            attempts=found.attempts + 1,
            leased_by=worker,
            lease_until=self._lease_ends(self._now_us()),
        )
        return job_of(connection.execute(select(JOBS).where(_JOB.job_id == found.job_id)).one())

    def _end(
        self,
        connection: Connection,
        lease: Lease,
        mine: ColumnElement[bool] | None = None,
        **values: object,
    ) -> None:
        ended = update(JOBS).where(_held(lease) if mine is None else mine)
        changed = connection.execute(
            ended.values(**values, leased_by=None, lease_until=None, updated_at=self._now_us())
        )
        if changed.rowcount == 0:
            raise _lost(lease)

    def _set(self, connection: Connection, found: Row[Any], **values: object) -> None:
        this = update(JOBS).where(_JOB.job_id == found.job_id)
        connection.execute(this.values(**values, updated_at=self._now_us()))

    def _lease_ends(self, now_us: int) -> int:
        return now_us + round(self.lease_s * _MICROSECONDS)

    def _now_us(self) -> int:
        return microseconds(self._now())


def _held(lease: Lease) -> ColumnElement[bool]:
    return (
        (_JOB.job_id == lease.job_id)
        & (_JOB.state == "running")
        & (_JOB.leased_by == lease.worker)
        & (_JOB.attempts == lease.attempt)
    )


def _pause_s(lease: Lease) -> float:
    """Doubled at each attempt, and spread so that jobs that failed together come back apart."""
    pause_s = min(FIRST_PAUSE_S * 2 ** (lease.attempt - 1), LONGEST_PAUSE_S)
    spread = stream_seed(0, "job pause", lease.job_id, lease.attempt) / 2**63
    return pause_s * (0.5 + spread)


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(f"the job {lease.job_id} is no longer run by {lease.worker}")


def _unknown(job_id: str) -> NotFoundError:
    return NotFoundError(f"no job {job_id}", remedy="list the jobs: GET /v1/jobs")
