"""One tenant's orders, each once by its id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from crossdock.model import NotFoundError
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.tables import ORDER_ROWS
from crossdock.platform.store.database.texts import can_be_kept

_AT_ONCE = 10_000  # values of one statement: SQLite takes 32,766, PostgreSQL 65,535
_ORDER = ORDER_ROWS.c
_OPEN_ORDERS = {"order_id": pl.String, "revision": pl.Int64, "body": pl.String}


class Verdict(StrEnum):
    """What became of an order that was sent."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    """Its id is taken by an order with other values."""
    CARRIED = "carried"
    """It would replace one that a released plan carries."""


@dataclass(frozen=True)
class StoredOrder:
    """An order as it is kept.

    Attributes
    ----------
    body
        JSON of its checked fields.
    plan_id
        The released plan that carries it.
    """

    order_id: str
    body: str
    received_at: dt.datetime
    plan_id: str | None


class OrdersStore:
    """The orders of all tenants in one store.

    Parameters
    ----------
    now
        Tells the time.
    """

    def __init__(self, backend: Backend, now: Callable[[], dt.datetime]) -> None:
        self._backend = backend
        self._now = now

    def put(
        self, tenant: str, bodies: Mapping[str, str], *, replace: bool = False
    ) -> dict[str, Verdict]:
        """Store the orders that are new, in one durable transaction.

        Parameters
        ----------
        bodies
            JSON of the checked fields by order id; equal orders have equal text.
        replace
            Let an order take the place of one with its id, unless a released plan carries that.

        Returns
        -------
        dict[str, Verdict]
            By order id; what is not accepted changed nothing.
        """
        with writing(self._backend, lock=orders_lock(tenant)) as connection:
            known = self._known(connection, tenant, list(bodies))
            verdicts = {
                order_id: _verdict(known.get(order_id), body, replace=replace)
                for order_id, body in bodies.items()
            }
            accepted = [each for each, said in verdicts.items() if said is Verdict.ACCEPTED]
            self._insert(connection, tenant, bodies, [e for e in accepted if e not in known])
            self._replace(connection, tenant, bodies, [e for e in accepted if e in known])
        return verdicts

    def read(self, tenant: str, order_id: str) -> StoredOrder:
        """One order of a tenant.

        Raises
        ------
        NotFoundError
            The tenant has no such order.
        """
        with reading(self._backend) as connection:
            asked = [order_id] if can_be_kept(order_id) else []
            found = self._known(connection, tenant, asked).get(order_id)
            if found is None:
                raise NotFoundError(f"no order {order_id}", remedy="send it: POST /v1/orders")
            return StoredOrder(
                order_id, found.body, instant_of(int(found.received_at)), found.plan_id
            )

    def open_ids(self, tenant: str, order_ids: Collection[str]) -> set[str]:
        """Those of ``order_ids`` that are stored and that no released plan carries."""
        with reading(self._backend) as connection:
            known = self._known(connection, tenant, [*filter(can_be_kept, order_ids)])
        return {order_id for order_id, row in known.items() if row.plan_id is None}

    def any_open(self, tenant: str) -> bool:
        """Whether an order waits that no released plan carries."""
        mine = select(_ORDER.order_id).where(_ORDER.tenant == tenant, _ORDER.plan_id.is_(None))
        with reading(self._backend) as connection:
            return connection.execute(mine.limit(1)).first() is not None

    def open_orders(self, tenant: str) -> pl.DataFrame:
        """Orders that no released plan carries: ``order_id, revision, body``, by id."""
        mine = (
            select(_ORDER.order_id, _ORDER.revision, _ORDER.body)
            .where(_ORDER.tenant == tenant, _ORDER.plan_id.is_(None))
            .order_by(_ORDER.order_id)
        )
        with reading(self._backend) as connection:
            rows = [tuple(row) for row in connection.execute(mine)]
        return pl.DataFrame(rows, schema=_OPEN_ORDERS, orient="row").sort("order_id")

    def _known(
        self, connection: Connection, tenant: str, order_ids: Sequence[str]
    ) -> dict[str, Row[tuple[object, ...]]]:
        found: dict[str, Row[tuple[object, ...]]] = {}
        for start in range(0, len(order_ids), _AT_ONCE):
            some = order_ids[start : start + _AT_ONCE]
            mine = select(ORDER_ROWS).where(_ORDER.tenant == tenant, _ORDER.order_id.in_(some))
            found |= {row.order_id: row for row in connection.execute(mine)}
        return found

    def _insert(
        self, connection: Connection, tenant: str, bodies: Mapping[str, str], new: Sequence[str]
    ) -> None:
        if not new:
            return
        received_at = microseconds(self._now())
        connection.execute(
            insert(ORDER_ROWS),
            [
                {
                    "tenant": tenant,
                    "order_id": order_id,
                    "body": bodies[order_id],
                    "revision": 1,
                    "received_at": received_at,
                }
                for order_id in new
            ],
        )

    def _replace(
        self, connection: Connection, tenant: str, bodies: Mapping[str, str], old: Sequence[str]
    ) -> None:
        if not old:
            return
        received_at = microseconds(self._now())
        this = (_ORDER.tenant == tenant) & (_ORDER.order_id == bindparam("which"))
        connection.execute(
            update(ORDER_ROWS)
            .where(this)
            .values(body=bindparam("text"), revision=_ORDER.revision + 1, received_at=received_at),
            [{"which": order_id, "text": bodies[order_id]} for order_id in old],
        )


def orders_lock(tenant: str) -> str:
    """The lock under which a tenant's orders change, and are carried by a plan."""
    return f"orders of {tenant}"


def _verdict(known: Row[tuple[object, ...]] | None, body: str, *, replace: bool) -> Verdict:
    if known is None:
        return Verdict.ACCEPTED
    if known.body == body:
        return Verdict.DUPLICATE
    if known.plan_id is not None:
        return Verdict.CARRIED
    return Verdict.ACCEPTED if replace else Verdict.CHANGED
