"""One tenant's route plans: each the answer of a job to a question."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select, update

from crossdock.model import NotFoundError
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.insert_new import insert_if_new
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.tables import JOBS, ROUTE_PLANS
from crossdock.platform.store.database.texts import can_be_kept

_PLAN = ROUTE_PLANS.c


@dataclass(frozen=True)
class StoredRoutePlan:
    """A plan without its routes.

    Attributes
    ----------
    state, stage, share_done, error
        Of its job.
    trace
        Seconds and cost at each improvement so far.
    """

    plan_id: str
    job_id: str
    state: str
    stage: str
    share_done: float
    error: str | None
    trace: Sequence[Sequence[float]]
    created_at: dt.datetime
    created_by: str


class RoutePlans:
    """The route plans of all tenants in one store.

    Parameters
    ----------
    now
        Tells the time.
    """

    def __init__(self, backend: Backend, now: Callable[[], dt.datetime]) -> None:
        self._backend, self._now = backend, now

    def ask(
        self,
        jobs: Jobs,
        tenant: str,
        kind: str,
        asked: Mapping[str, Any],
        *,
        plan_id: str,
        job_id: str,
        asked_by: str,
    ) -> None:
        """Have a job of ``kind`` plan what is asked; one of this id stays as it is."""
        row = {
            "tenant": tenant,
            "plan_id": plan_id,
            "job_id": job_id,
            "created_at": microseconds(self._now()),
            "created_by": asked_by,
            "asked": _packed(asked),
            "trace": "[]",
        }
        with writing(self._backend) as connection:
            insert_if_new(connection, ROUTE_PLANS, row)
            jobs.enqueue(
                tenant, kind, {"plan_id": plan_id}, created_by=asked_by, job_id=job_id,
                within=connection,
            )  # fmt: skip

    def read(self, tenant: str, plan_id: str) -> StoredRoutePlan:
        """How far a plan is.

        Raises
        ------
        NotFoundError
            The tenant has no such plan.
        """
        job = JOBS.c
        columns = (
            _PLAN.plan_id, _PLAN.job_id, _PLAN.trace, _PLAN.created_at, _PLAN.created_by,
            job.state, job.stage, job.share_done, job.error,
        )  # fmt: skip
        asked = select(*columns).join(JOBS, job.job_id == _PLAN.job_id)
        row = self._one(asked, tenant, plan_id)
        return StoredRoutePlan(
            plan_id=row.plan_id,
            job_id=row.job_id,
            state=row.state,
            stage=row.stage,
            share_done=row.share_done,
            error=row.error,
            trace=json.loads(row.trace),
            created_at=instant_of(int(row.created_at)),
            created_by=row.created_by,
        )

    def asked(self, tenant: str, plan_id: str) -> dict[str, Any]:
        """What was asked."""
        return _unpacked(self._one(select(_PLAN.asked), tenant, plan_id).asked)

    def plan(self, tenant: str, plan_id: str) -> dict[str, Any] | None:
        """The plan itself; None until it is made."""
        content = self._one(select(_PLAN.content), tenant, plan_id).content
        return None if content is None else _unpacked(content)

    def tell(self, tenant: str, plan_id: str, trace: Sequence[Sequence[float]]) -> None:
        """Note how the search goes."""
        with writing(self._backend) as connection:
            connection.execute(_this(tenant, plan_id).values(trace=json.dumps(trace)))

    def keep(
        self, connection: Connection, tenant: str, plan_id: str, plan: Mapping[str, Any]
    ) -> None:
        """Keep the plan that was made, with its trace."""
        kept = {"content": _packed(plan), "trace": json.dumps(plan["trace"])}
        connection.execute(_this(tenant, plan_id).values(**kept))

    def _one(self, asked: Select[*tuple[Any, ...]], tenant: str, plan_id: str) -> Any:
        found = None
        if can_be_kept(plan_id):
            mine = (_PLAN.tenant == tenant) & (_PLAN.plan_id == plan_id)
            with reading(self._backend) as connection:
                found = connection.execute(asked.where(mine)).first()
        if found is None:
            raise NotFoundError(
                f"no route plan {plan_id}", remedy="ask for one: POST /v1/routes/plans"
            )
        return found


def _this(tenant: str, plan_id: str) -> Any:
    return update(ROUTE_PLANS).where(_PLAN.tenant == tenant, _PLAN.plan_id == plan_id)


def _packed(told: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode())


def _unpacked(content: bytes) -> dict[str, Any]:
    return json.loads(zlib.decompress(content))
