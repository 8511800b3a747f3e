"""Warm start: the orders of the two operating days before are in the network already."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from crossdock.locate.address import locate_orders
from crossdock.locate.zips import zip_table
from crossdock.model import Engine, Network, Progress
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.order import check_orders, order_text
from crossdock.plan.day import DayQuestion, UnderWay, joined, plan_day, under_way
from crossdock.plan.delivery import uncovered_orders
from crossdock.platform.planning.request import PlanRequest
from crossdock.simulate.orders import generate_orders

DAYS_BEFORE = 2
_LONGEST_GAP_DAYS = 10


@dataclass(frozen=True)
class Background:
    """What is under way at the first order of the day.

    Attributes
    ----------
    under_way
        Parcels and the loads that they are on.
    orders
        Their located orders.
    """

    under_way: UnderWay
    orders: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """As the run keeps it: orders, loads on the road, and where each parcel is."""
        return {
            "background_orders": self.orders,
            "background_loads": self.under_way.loads,
            "background_state": self.under_way.parcels.select(
                "parcel_id", "order_id", "origin_facility_id", "available_at", "load_id"
            ),
        }


def background(
    request: PlanRequest,
    network: Network,
    at: dt.datetime,
    reference: pl.DataFrame | None,
    engine: Engine,
    progress: Progress,
) -> Background:
    """Plan the days before by habit, without improvement; see what is left of them at ``at``."""
    days: list[UnderWay] = []
    orders: list[pl.DataFrame] = []
    assert request.start_date is not None
    for date in _days_before(network, request.start_date):
        located = _orders(request, network, date, reference, engine, progress)
        question = DayQuestion(
            network=network,
            orders=located,
            zips=zip_table(),
            seed=request.seed,
            policy="baseline",
            start_date=date,
        )
        plan = plan_day(question, engine=engine, progress=progress)
        day = under_way(plan, at, ships_by=date, scope=f"{date:%Y%m%d}")
        days.append(day)
        orders.append(located.join(day.parcels.select("order_id"), on="order_id", how="semi"))
    return Background(joined(days), pl.concat(orders))


def _days_before(network: Network, start_date: dt.date) -> list[dt.date]:
    """The operating days before, earliest first: days on which the first origin is open."""
    origins = network["facilities"].filter(pl.col("roles").list.contains("origin_station"))
    calendar_id = origins.sort("facility_id")["calendar_id"][0]
    calendar = OperatingCalendar(network["calendars"])
    before = (start_date - dt.timedelta(days=back) for back in range(1, _LONGEST_GAP_DAYS))
    found = [date for date in before if calendar.is_open([calendar_id], date)]
    return sorted(found[:DAYS_BEFORE])


def _orders(
    request: PlanRequest,
    network: Network,
    date: dt.date,
    reference: pl.DataFrame | None,
    engine: Engine,
    progress: Progress,
) -> pl.DataFrame:
    """Located orders of a day before, of the same generator."""
    assert request.parcels is not None
    made = generate_orders(
        network,
        parcels=request.parcels,
        start_date=date,
        seed=request.seed,
        zips=zip_table(),
        reference=reference,
    )
    services = network["services"]["service"].to_list()
    checked, _ = check_orders(
        order_text(made.frame), services=services, known_zips=zip_table()["zip5"]
    )
    located, _ = locate_orders(
        checked, zips=zip_table(), reference=reference, engine=engine, progress=progress
    )
    uncovered = uncovered_orders(network, located)
    return located.join(uncovered, on="row", how="anti", maintain_order="left")
