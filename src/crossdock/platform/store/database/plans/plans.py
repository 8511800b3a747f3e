"""One tenant's plans, from the request to the release."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    delete,
    insert,
    null,
    or_,
    select,
    tuple_,
    update,
)

from crossdock.model import CrossdockError, NotFoundError
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.insert_new import insert_if_new
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import orders_lock
from crossdock.platform.store.database.plans.edits import EditNotMadeError, last_edit
from crossdock.platform.store.database.tables import JOBS, ORDER_ROWS, PLAN_ORDERS, PLANS
from crossdock.platform.store.database.texts import can_be_kept

TAKEN_SHOWN = 100

_PLAN = PLANS.c
_STATE = case(
    (and_(_PLAN.state == "planning", JOBS.c.state.in_(("dead", "cancelled"))), "failed"),
    else_=_PLAN.state,
)


class OrdersTakenError(CrossdockError):
    """A plan is not released, since orders of it changed or are carried by another by now.

    Attributes
    ----------
    taken
        Order id and what became of it; at most `TAKEN_SHOWN`.
    """

    def __init__(self, taken: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            f"{len(taken)} orders of the plan are no longer as it has them",
            remedy="plan the open orders again",
        )
        self.taken = tuple(taken)


@dataclass(frozen=True)
class StoredPlan:
    """A plan without its tables.

    Attributes
    ----------
    state
        planning, draft, released, or failed: its job is dead or cancelled.
    stage, share_done, error
        Of its job.
    summary
        Of a plan that is made; what its release found is in it under ``release``.
    """

    plan_id: str
    state: str
    job_id: str
    created_at: dt.datetime
    created_by: str
    released_at: dt.datetime | None
    released_by: str | None
    stage: str
    share_done: float
    error: str | None
    summary: Mapping[str, Any] | None

    @property
    def position(self) -> tuple[int, str]:
        """Where it stands in the list of its tenant."""
        return microseconds(self.created_at), self.plan_id


class PlansStore:
    """The plans of all tenants in one store.

    Parameters
    ----------
    now
        Tells the time.
    """

    def __init__(self, backend: Backend, now: Callable[[], dt.datetime]) -> None:
        self._backend = backend
        self._now = now

    def ask(
        self,
        jobs: Jobs,
        tenant: str,
        kind: str,
        request: Mapping[str, Any],
        *,
        plan_id: str,
        job_id: str,
        asked_by: str,
    ) -> None:
        """Put in the job of ``kind`` that makes a plan; what is there already stays as it is."""
        row = {
            "tenant": tenant,
            "plan_id": plan_id,
            "state": "planning",
            "job_id": job_id,
            "created_at": microseconds(self._now()),
            "created_by": asked_by,
        }
        with writing(self._backend) as connection:
            jobs.enqueue(
                tenant, kind, request, created_by=asked_by, job_id=job_id, within=connection
            )
            insert_if_new(connection, PLANS, row)

    def keep_draft(
        self,
        connection: Connection,
        tenant: str,
        plan_id: str,
        *,
        summary: Mapping[str, Any],
        content: bytes,
        orders: pl.DataFrame,
    ) -> None:
        """Keep what the job made.

        Parameters
        ----------
        orders
            ``order_id`` and ``revision`` of the orders in the plan.
        """
        connection.execute(
            update(PLANS)
            .where(_named(tenant, plan_id))
            .values(state="draft", summary=json.dumps(summary), content=content)
        )
        rows = orders.select("order_id", "revision").to_dicts()
        if rows:
            named = {"tenant": tenant, "plan_id": plan_id}
            connection.execute(insert(PLAN_ORDERS), [named | row for row in rows])

    def read(self, tenant: str, plan_id: str) -> StoredPlan:
        """One plan of a tenant.

        Raises
        ------
        NotFoundError
            The tenant has no such plan.
        """
        with reading(self._backend) as connection:
            return self._read(connection, tenant, plan_id)

    def content(self, tenant: str, plan_id: str) -> bytes:
        """The run folder of a plan as a zip file.

        Raises
        ------
        NotFoundError
            The tenant has no such plan, or it is not made yet.
        """
        with reading(self._backend) as connection:
            plan = self._read(connection, tenant, plan_id)
            found = connection.execute(
                select(_PLAN.content).where(_named(tenant, plan_id))
            ).scalar()
        if found is None:
            raise NotFoundError(
                f"the plan {plan_id} is {plan.state} and has no tables",
                remedy="wait for its job, or plan again",
            )
        return bytes(found)

    def of_tenant(
        self, tenant: str, *, before: tuple[int, str] | None = None, limit: int = 100
    ) -> list[StoredPlan]:
        """Plans of a tenant without their summaries, the newest first.

        Parameters
        ----------
        before
            `StoredPlan.position` of the last plan of the page before.
        """
        mine = _plans(with_summary=False).where(_PLAN.tenant == tenant)
        if before is not None:
            mine = mine.where(tuple_(_PLAN.created_at, _PLAN.plan_id) < before)
        newest = mine.order_by(_PLAN.created_at.desc(), _PLAN.plan_id.desc()).limit(limit)
        with reading(self._backend) as connection:
            return [_plan_of(row) for row in connection.execute(newest)]

    def released(self, tenant: str) -> list[tuple[str, dt.datetime]]:
        """The released plans of a tenant and when each was, the newest first."""
        mine = (_PLAN.tenant == tenant) & (_PLAN.state == "released")
        query = select(_PLAN.plan_id, _PLAN.released_at).where(mine)
        newest = query.order_by(_PLAN.released_at.desc(), _PLAN.plan_id)
        with reading(self._backend) as connection:
            rows = connection.execute(newest).all()
        return [(plan_id, instant_of(int(released_at))) for plan_id, released_at in rows]

    def release(
        self,
        tenant: str,
        plan_id: str,
        *,
        released_by: str,
        record: Mapping[str, Any],
        edits: int = 0,
    ) -> StoredPlan:
        """Release a draft: from now on it carries its orders. A released plan stays as it is.

        Parameters
        ----------
        record
            What the release found; kept in the summary, with the number of ``orders``.
        edits
            Number of the last edit in what was found.

        Raises
        ------
        NotFoundError
            The tenant has no such plan.
        OrdersTakenError
            Orders of it changed or are carried by another plan by now; nothing was changed.
        EditNotMadeError
            The plan was edited since; nothing was changed.
        """
        with writing(self._backend, lock=orders_lock(tenant)) as connection:
            plan = self._read(connection, tenant, plan_id)
            if plan.state != "draft":
                return plan
            if last_edit(connection, tenant, plan_id) != edits:
                raise EditNotMadeError(
                    "the plan was changed while it was being checked", remedy="release it again"
                )
            taken = _taken(connection, tenant, plan_id)
            if taken:
                raise OrdersTakenError(taken)
            carried = _carry(connection, tenant, plan_id)
            summary = {**(plan.summary or {}), "release": {**record, "orders": carried}}
            connection.execute(
                update(PLANS)
                .where(_named(tenant, plan_id))
                .values(
                    state="released",
                    released_at=microseconds(self._now()),
                    released_by=released_by,
                    summary=json.dumps(summary),
                )
            )
            return self._read(connection, tenant, plan_id)

    def _read(self, connection: Connection, tenant: str, plan_id: str) -> StoredPlan:
        one = _plans(with_summary=True).where(_named(tenant, plan_id))
        found = connection.execute(one).first() if can_be_kept(plan_id) else None
        if found is None:
            raise NotFoundError(f"no plan {plan_id}", remedy="list the plans: GET /v1/plans")
        return _plan_of(found)


def _plans(*, with_summary: bool) -> Select[tuple[Any, ...]]:
    columns = [column for column in _PLAN if column.name not in ("state", "summary", "content")]
    job = (JOBS.c.stage, JOBS.c.share_done, JOBS.c.error)
    summary = _PLAN.summary if with_summary else null().label("summary")
    return select(*columns, _STATE.label("state"), *job, summary).join_from(
        PLANS, JOBS, JOBS.c.job_id == _PLAN.job_id
    )


def _plan_of(row: Row[Any]) -> StoredPlan:
    return StoredPlan(
        plan_id=row.plan_id,
        state=row.state,
        job_id=row.job_id,
        created_at=instant_of(int(row.created_at)),
        created_by=row.created_by,
        released_at=instant_of(row.released_at),
        released_by=row.released_by,
        stage=row.stage,
        share_done=row.share_done,
        error=row.error,
        summary=None if row.summary is None else json.loads(row.summary),
    )


def _taken(connection: Connection, tenant: str, plan_id: str) -> list[tuple[str, str]]:
    of_plan, order = PLAN_ORDERS.c, ORDER_ROWS.c
    other = or_(order.plan_id.is_not(None), order.revision != of_plan.revision)
    found = connection.execute(
        select(order.order_id, order.plan_id)
        .join_from(PLAN_ORDERS, ORDER_ROWS, _same_order())
        .where(of_plan.tenant == tenant, of_plan.plan_id == plan_id, other)
        .order_by(order.order_id)
        .limit(TAKEN_SHOWN)
    )
    return [
        (row.order_id, f"is carried by {row.plan_id}" if row.plan_id else "has other values now")
        for row in found
    ]


def _carry(connection: Connection, tenant: str, plan_id: str) -> int:
    of_plan = (PLAN_ORDERS.c.tenant == tenant) & (PLAN_ORDERS.c.plan_id == plan_id)
    ids = select(PLAN_ORDERS.c.order_id).where(of_plan)
    carried = connection.execute(
        update(ORDER_ROWS)
        .where(ORDER_ROWS.c.tenant == tenant, ORDER_ROWS.c.order_id.in_(ids))
        .values(plan_id=plan_id)
    ).rowcount
    connection.execute(delete(PLAN_ORDERS).where(of_plan))
    return carried


def _same_order() -> ColumnElement[bool]:
    return (PLAN_ORDERS.c.tenant == ORDER_ROWS.c.tenant) & (
        PLAN_ORDERS.c.order_id == ORDER_ROWS.c.order_id
    )


def _named(tenant: str, plan_id: str) -> ColumnElement[bool]:
    return (_PLAN.tenant == tenant) & (_PLAN.plan_id == plan_id)
