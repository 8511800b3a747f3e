"""The day's question as data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import polars as pl

from crossdock.model import InvalidValueError, Network
from crossdock.predict.eta.learned import EtaModel

Policy = Literal["crossdock", "baseline"]


@dataclass(frozen=True)
class DayQuestion:
    """Orders to plan over a network.

    Attributes
    ----------
    network
        Checked network files.
    orders
        Schema ``LOCATED_ORDERS``; every ZIP is covered (see `plan.delivery.uncovered_orders`).
    zips
        ZIP table of `locate.zips`.
    seed
        Root seed.
    policy
        ``crossdock``, or ``baseline``: the written-down habit of a good spreadsheet planner.
    start_date
        First ship date; orders ready before it ship on it. None: as they come.
    effort
        Scales every solver's iteration budget.
    background
        Parcels that are in the network already (`plan.day.under_way`): planned with the others,
        and kept apart in the answer. None: the network is empty.
    eta_model
        Learned from the network's history; None: ETAs and promises come from transit arithmetic.
    id_scope
        Goes into every id of a parcel, load and route, so that several plans are told apart.
    """

    network: Network
    orders: pl.DataFrame
    zips: pl.DataFrame
    seed: int
    policy: Policy = "crossdock"
    start_date: dt.date | None = None
    effort: float = 1.0
    background: pl.DataFrame | None = None
    eta_model: EtaModel | None = None
    id_scope: str = ""

    def __post_init__(self) -> None:
        if self.orders.is_empty():
            raise InvalidValueError(
                "there is no order to plan", remedy="see rejects.csv for why each row was refused"
            )
