"""The job that makes a plan of stored orders; it runs in a process of its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from crossdock.locate.zips import zip_table
from crossdock.model import Network, NotFoundError
from crossdock.plan.sortation import ship_days
from crossdock.platform.clock import SystemClock
from crossdock.platform.planning import PLAN_STAGES, PlanRequest, plan_to_folder
from crossdock.platform.server.jobs import JobDone, JobWork
from crossdock.platform.server.orders import orders_of
from crossdock.platform.server.plans.asked import BUILT_IN, PlanAsked
from crossdock.platform.server.plans.packing import packed
from crossdock.platform.server.plans.summary import plan_summary
from crossdock.platform.store import RunFolder, read_network
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import PlansStore
from crossdock.simulate.builtin import builtin_network

_READ, _PLANNED = 0.05, 0.95  # shares of the work
_SCOPE = 12


def make_plan(work: JobWork) -> JobDone:
    """Plan the orders that are asked for into a draft.

    Raises
    ------
    NotFoundError
        No stored order waits to be planned.
    InputUnusableError
        None of the orders can be planned.
    """
    plan_id, asked = work.request["plan_id"], PlanAsked.model_validate(work.request["asked"])
    network_dir = None if asked.network == BUILT_IN else Path(work.context[asked.network])
    work.report("reading orders", 0.0)
    orders = _orders(work, asked, network_dir)
    orders_file = work.workspace / "orders.parquet"
    orders.drop("row", "revision").write_parquet(orders_file)
    work.report("planning", _READ)
    request = PlanRequest(
        out=work.workspace / "run",
        network_dir=network_dir,
        orders_file=orders_file,
        start_date=asked.start_date,
        seed=asked.seed,
        policy=asked.policy,
        workers=1,
        quiet=True,
        id_scope=plan_id.rpartition("_")[2][:_SCOPE],  # plans of a tenant share no ids
    )
    run = RunFolder.open(plan_to_folder(request, watcher=_Reporter(work)).run_path)
    work.report("storing the plan", _PLANNED)
    summary = plan_summary(asked, run).model_dump(mode="json")
    content = packed(run.path)
    planned = orders.join(run.read_table("orders"), on="order_id", how="semi")
    plans = PlansStore(work.store.backend, SystemClock().now)

    def keep(connection: Connection) -> None:
        plans.keep_draft(
            connection,
            work.tenant,
            plan_id,
            summary=summary,
            content=content,
            orders=planned,
        )

    return JobDone({"plan_id": plan_id, "counts": summary["counts"]}, keep)


class _Reporter:
    """Reports each stage of the plan as a share of the job."""

    def __init__(self, work: JobWork) -> None:
        self._work = work

    def stage(self, name: str) -> None:
        """A stage begins."""
        share = PLAN_STAGES.get(name, 0.0)
        self._work.report(f"planning: {name}", _READ + share * (_PLANNED - _READ))

    def orders(self, network: Network, located: pl.DataFrame) -> None:
        """Who asked knows the orders."""


def _orders(work: JobWork, asked: PlanAsked, network_dir: Path | None) -> pl.DataFrame:
    """The open orders that are asked for, with their ``revision``."""
    stored = OrdersStore(work.store.backend, SystemClock().now).open_orders(work.tenant)
    if asked.order_ids is not None:
        stored = stored.filter(pl.col("order_id").is_in(asked.order_ids))
    orders = orders_of(stored["body"]).with_columns(stored["revision"])
    if asked.ship_by is not None and orders.height:
        network = builtin_network() if network_dir is None else read_network(network_dir).network
        orders = _shipping_by(asked.ship_by, orders, network, asked.start_date)
    if orders.is_empty():
        raise NotFoundError(
            "no stored order waits to be planned", remedy="send orders: POST /v1/orders"
        )
    return orders


def _shipping_by(
    last: dt.date, orders: pl.DataFrame, network: Network, start_date: dt.date | None
) -> pl.DataFrame:
    """Orders that ship on ``last`` or before; an order of a service not sold here ships never."""
    sold = orders.join(network["services"], on="service", how="semi", maintain_order="left")
    if sold.is_empty():
        return sold
    shipping = ship_days(network, sold, zip_table(), not_before=start_date)
    return sold.join(shipping.filter(pl.col("ship_date") <= last), on="row", how="semi")
