"""What planners change on drafts. A row a change, in order; none is ever changed or taken out.

Only what follows from a change is noted on its row later: the figures of the plan after it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, literal, select, update

from crossdock.model import CrossdockError
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.orders import orders_lock
from crossdock.platform.store.database.tables import PLAN_EDITS, PLANS

_EDIT = PLAN_EDITS.c
_ACT = "plan.edit"


class EditNotMadeError(CrossdockError):
    """The plan is no draft, or somebody else changed its facility-day first."""


@dataclass(frozen=True)
class PlanEdit:
    """One change.

    Attributes
    ----------
    number
        1, 2, ... within the plan.
    kind
        move, optimise, undo, lock or unlock.
    detail
        What was asked and what it came to.
    content
        Routes that it took out and put in, empty where they were not asked for; None where it
        changed none.
    """

    number: int
    facility_id: str
    delivery_date: dt.date
    kind: str
    made_at: dt.datetime
    made_by: str
    detail: Mapping[str, Any]
    content: bytes | None


@dataclass(frozen=True)
class NewEdit:
    """A change that is to be made.

    Attributes
    ----------
    version
        Number of the last change of its facility-day that was known to who asked; 0: of none.
    """

    facility_id: str
    delivery_date: dt.date
    version: int
    kind: str
    made_by: str
    detail: Mapping[str, Any]
    content: bytes | None = None


class PlanEdits:
    """The changes of the plans of all tenants in one store.

    Parameters
    ----------
    now
        Tells the time.
    """

    def __init__(self, backend: Backend, now: Callable[[], dt.datetime]) -> None:
        self._backend, self._now = backend, now
        self._audit = AuditLog(backend, now)

    def last(self, tenant: str, plan_id: str) -> int:
        """Number of the last change of a plan; 0: it is as it was made."""
        with reading(self._backend) as connection:
            return last_edit(connection, tenant, plan_id)

    def of_plan(
        self,
        tenant: str,
        plan_id: str,
        *,
        after: int = 0,
        until: int | None = None,
        of: tuple[str, dt.date] | None = None,
        contents: bool = True,
    ) -> list[PlanEdit]:
        """Changes of a plan in order, of those after one number up to another.

        Parameters
        ----------
        of
            Those of one facility-day only.
        contents
            Whether the routes are wanted: a search brings megabytes of them.
        """
        which = _of(tenant, plan_id) & (_EDIT.number > after)
        if until is not None:
            which &= _EDIT.number <= until
        if of is not None:
            which &= _here(*of)
        named = [column for column in _EDIT if column.name != "content"]
        content = _EDIT.content
        if not contents:
            content = case((content.is_not(None), literal(b"")), else_=None)
        query = select(*named, content.label("content")).where(which).order_by(_EDIT.number)
        with reading(self._backend) as connection:
            return [_edit(row) for row in connection.execute(query)]

    def version(self, tenant: str, plan_id: str, facility_id: str, date: dt.date) -> int:
        """Number of the last change of a facility-day; 0: of none."""
        with reading(self._backend) as connection:
            return _version(connection, tenant, plan_id, facility_id, date)

    def figures(self, tenant: str, plan_id: str) -> tuple[int, Sequence[Mapping[str, Any]] | None]:
        """Number of the last change of routes, 0 for none; the plan's figures after it, if kept."""
        last = (
            select(_EDIT.number, _EDIT.figures)
            .where(_of(tenant, plan_id) & _EDIT.content.is_not(None))
            .order_by(_EDIT.number.desc())
            .limit(1)
        )
        with reading(self._backend) as connection:
            found = connection.execute(last).first()
        if found is None:
            return 0, None
        return found.number, None if found.figures is None else json.loads(found.figures)

    def keep_figures(
        self, tenant: str, plan_id: str, until: int, figures: Sequence[Mapping[str, Any]]
    ) -> None:
        """Note the figures of a plan with its changes up to a number."""
        changed = select(func.max(_EDIT.number)).where(
            _of(tenant, plan_id) & _EDIT.content.is_not(None) & (_EDIT.number <= until)
        )
        with writing(self._backend) as connection:
            number = connection.execute(changed).scalar()
            if number is not None:
                this = update(PLAN_EDITS).where(_of(tenant, plan_id), _EDIT.number == number)
                connection.execute(this.values(figures=json.dumps(figures)))

    def append(self, tenant: str, plan_id: str, edit: NewEdit) -> PlanEdit:
        """Make a change in a transaction of its own; see `append_within`."""
        with writing(self._backend, lock=orders_lock(tenant)) as connection:
            return self._append(connection, tenant, plan_id, edit)

    def append_within(
        self, connection: Connection, tenant: str, plan_id: str, edit: NewEdit
    ) -> PlanEdit:
        """Make a change, and write it into the audit log.

        Raises
        ------
        EditNotMadeError
            The plan is no draft (any more), or its facility-day has changed since ``version``.
        """
        self._backend.lock(connection, orders_lock(tenant))
        return self._append(connection, tenant, plan_id, edit)

    def _append(self, connection: Connection, tenant: str, plan_id: str, edit: NewEdit) -> PlanEdit:
        named = (PLANS.c.tenant == tenant) & (PLANS.c.plan_id == plan_id)
        state = connection.execute(select(PLANS.c.state).where(named)).scalar()
        if state != "draft":
            raise EditNotMadeError(
                f"the plan is {state or 'not there'}; only a draft is changed",
                remedy="have the open orders planned again and change that draft",
            )
        current = _version(connection, tenant, plan_id, edit.facility_id, edit.delivery_date)
        if current != edit.version:
            raise EditNotMadeError(
                f"{edit.facility_id} on {edit.delivery_date} was changed by somebody else: it is "
                f"at version {current}, not {edit.version}",
                remedy="read the routes again and repeat what is still right",
            )
        row = {
            "tenant": tenant,
            "plan_id": plan_id,
            "number": last_edit(connection, tenant, plan_id) + 1,
            "facility_id": edit.facility_id,
            "delivery_date": edit.delivery_date.isoformat(),
            "kind": edit.kind,
            "made_at": microseconds(self._now()),
            "made_by": edit.made_by,
            "detail": json.dumps(edit.detail),
            "content": edit.content,
        }
        connection.execute(insert(PLAN_EDITS).values(row))
        told = {
            "number": row["number"],
            "kind": edit.kind,
            "facility_id": edit.facility_id,
            "delivery_date": row["delivery_date"],
            **edit.detail,
        }
        self._audit.append_within(connection, tenant, edit.made_by, _ACT, plan_id, told)
        found = connection.execute(
            select(PLAN_EDITS).where(_of(tenant, plan_id), _EDIT.number == row["number"])
        ).one()
        return _edit(found)


def last_edit(connection: Connection, tenant: str, plan_id: str) -> int:
    """Number of the last change of a plan; 0: it is as it was made."""
    query = select(func.max(_EDIT.number)).where(_of(tenant, plan_id))
    return int(connection.execute(query).scalar() or 0)


def _version(
    connection: Connection, tenant: str, plan_id: str, facility_id: str, date: dt.date
) -> int:
    which = _of(tenant, plan_id) & _here(facility_id, date)
    query = select(func.max(_EDIT.number)).where(which)
    return int(connection.execute(query).scalar() or 0)


def _here(facility_id: str, date: dt.date) -> ColumnElement[bool]:
    return (_EDIT.facility_id == facility_id) & (_EDIT.delivery_date == date.isoformat())


def _of(tenant: str, plan_id: str) -> ColumnElement[bool]:
    return (_EDIT.tenant == tenant) & (_EDIT.plan_id == plan_id)


def _edit(row: Row[Any]) -> PlanEdit:
    return PlanEdit(
        number=row.number,
        facility_id=row.facility_id,
        delivery_date=dt.date.fromisoformat(row.delivery_date),
        kind=row.kind,
        made_at=instant_of(int(row.made_at)),
        made_by=row.made_by,
        detail=json.loads(row.detail),
        content=None if row.content is None else bytes(row.content),
    )
