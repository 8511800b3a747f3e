"""Every paper of a plan, in the order in which a night uses them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl

from crossdock.measure.frames import Tables
from crossdock.measure.handout.doors import door_sheets
from crossdock.measure.handout.manifests import driver_manifests
from crossdock.measure.handout.paper import Paper
from crossdock.measure.handout.partners import partner_manifests
from crossdock.measure.handout.tenders import tender_list
from crossdock.model.network import Network


def handout_papers(
    tables: Tables, orders: pl.DataFrame, network: Network, *, released_at: dt.datetime
) -> Iterator[Paper]:
    """Papers that people work from tonight.

    Parameters
    ----------
    tables
        Run tables of a plan whose gates are passed.
    orders
        ``LOCATED_ORDERS`` and, where given, ``phone`` and ``instructions``.
    released_at
        When the plan is released: no tender is answered before it.

    Yields
    ------
    Paper
        ``tenders.csv``; ``door_sheets/<load>.csv`` and ``.html``; ``manifests/<route>.csv`` and
        ``.html``; ``handoffs/<partner>_<facility>_<entry>.csv``.
    """
    yield tender_list(tables, network, released_at=released_at)
    yield from door_sheets(tables, network)
    yield from driver_manifests(tables, orders, network)
    yield from partner_manifests(tables, orders, network)
