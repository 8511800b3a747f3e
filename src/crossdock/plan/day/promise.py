"""ETA and promise of every parcel of the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import Network
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.tables import INSTANT
from crossdock.plan.delivery import DeliveryDays
from crossdock.predict.eta import (
    SLIP_PROBABILITY,
    arrival_probability,
    arrival_quantiles,
    promised_at,
)
from crossdock.predict.eta.learned import EtaModel, Paths, forecast

STREET_SPREAD_S = 1_200.0
STREET_SPREAD_SHARE = 0.10
"""A route runs early or late by 20 minutes and a tenth of the time since it left (assumption)."""

PARTNER_DOOR_TIME = dt.time(15, 0)
PARTNER_SPREAD_S = 7_200.0
"""A partner's carrier reaches the door about 15:00, give or take two hours (assumption)."""


Deadlines = Callable[[pl.DataFrame], pl.DataFrame]


class Foretold(Protocol):
    """When parcels will be delivered, by whichever model."""

    def tell(self, deadlines: Deadlines) -> pl.DataFrame:
        """ETAs, and the chances to meet the deadlines that follow from them.

        Parameters
        ----------
        deadlines
            Of ``parcel_id, eta_p50, eta_p80, eta_p95``: ``parcel_id`` and named instants.

        Returns
        -------
        polars.DataFrame
            ``parcel_id, eta_p50, eta_p80, eta_p95`` and ``p_<name>``; parcels without a way are
            absent.
        """
        ...


def promises(network: Network, consignments: pl.DataFrame, foretold: Foretold) -> pl.DataFrame:
    """ETA quantiles and what the buyer is told.

    Parameters
    ----------
    consignments
        Schema ``CONSIGNMENTS`` with ``due_timezone``.
    foretold
        `ByArithmetic` or `ByHistory`.

    Returns
    -------
    polars.DataFrame
        ``parcel_id, eta_p50, eta_p80, eta_p95, promised_at, p_on_time_promise,
        p_on_time_service`` in the order of ``consignments``.
    """
    calendar = OperatingCalendar(network["calendars"])
    sold = consignments.select(
        "parcel_id",
        "service_offered",
        "service_due_at",
        timezone="due_timezone",
        facility_id="destination_facility_id",
    ).join(
        network["facilities"].select("facility_id", "calendar_id"),
        on="facility_id",
        maintain_order="left",
    )

    def deadlines(etas: pl.DataFrame) -> pl.DataFrame:
        asked = etas.join(sold, on="parcel_id", how="left", maintain_order="left").with_columns(
            # Without an ETA there is nothing better to say than what the service says.
            eta_p95=pl.coalesce("eta_p95", "service_due_at")
        )
        return asked.select(
            "parcel_id",
            on_time_promise=promised_at(asked, calendar),
            on_time_service="service_due_at",
        )

    told = sold.select("parcel_id").join(
        foretold.tell(deadlines), on="parcel_id", how="left", maintain_order="left"
    )
    answered = told.with_columns(promised_at=deadlines(told)["on_time_promise"])
    return answered.select(
        "parcel_id",
        *("eta_p50", "eta_p80", "eta_p95"),
        *("promised_at", "p_on_time_promise", "p_on_time_service"),
    )


class ByArithmetic:
    """The planned time, and a delivery day more for each connection that a slow road breaks.

    Parameters
    ----------
    doors
        How each parcel reaches the door: ``parcel_id, planned_at, delivered_on, spread_s,
        facility_id, days, by_partner``; parcels without a way are absent.
    connections
        ``parcel_id, p_connect``; parcels without legs are absent and sure.
    """

    def __init__(self, network: Network, doors: pl.DataFrame, connections: pl.DataFrame) -> None:
        slips = pl.when("by_partner").then(1.0 - SLIP_PROBABILITY).otherwise(1.0)
        known = doors.join(
            connections, on="parcel_id", how="left", maintain_order="left"
        ).with_columns(p_connect=pl.col("p_connect").fill_null(1.0) * slips)
        self._timed = known.with_columns(_slips(network, known))

    def tell(self, deadlines: Deadlines) -> pl.DataFrame:
        """ETAs, and the chances to meet the deadlines that follow from them."""
        etas = pl.concat(
            [self._timed.select("parcel_id"), arrival_quantiles(self._timed)], how="horizontal"
        )
        asked = deadlines(etas) if etas.height else _no_deadlines()
        return etas.with_columns(
            arrival_probability(self._timed, asked[name]).alias(f"p_{name}")
            for name in asked.columns
            if name != "parcel_id"
        )


@dataclass(frozen=True)
class ByHistory:
    """What a model learned from history says of each planned path."""

    model: EtaModel
    paths: Paths
    seed: int

    def tell(self, deadlines: Deadlines) -> pl.DataFrame:
        """ETAs, and the chances to meet the deadlines that follow from them."""
        some = self.paths.parcels.height > 0
        asked = deadlines if some else _no_deadlines()
        return forecast(self.model, self.paths, seed=self.seed, deadlines=asked)


def _no_deadlines() -> pl.DataFrame:
    names = dict.fromkeys(("on_time_promise", "on_time_service"), INSTANT)
    return pl.DataFrame(schema={"parcel_id": pl.String, **names})


def partner_door_times(dates: pl.Series, timezones: pl.Series) -> pl.Series:
    """When a partner is expected at the door on local ``dates``."""
    keys = pl.DataFrame({"date": dates, "timezone": timezones})
    unique = keys.unique(maintain_order=True)
    instants = [
        dt.datetime.combine(date, PARTNER_DOOR_TIME, tzinfo=ZoneInfo(timezone)).astimezone(dt.UTC)
        for date, timezone in unique.iter_rows()
    ]
    known = unique.with_columns(instant=pl.Series(instants, dtype=INSTANT))
    return keys.join(known, on=["date", "timezone"], maintain_order="left")["instant"]


def _slips(network: Network, doors: pl.DataFrame) -> list[pl.Series]:
    """The planned time one and two delivery days later."""
    days = DeliveryDays(network)
    keys = ["facility_id", "days", "delivered_on"]
    unique = doors.select(keys).unique(maintain_order=True)
    slipped = unique.with_columns(
        pl.Series(
            f"slip_{count}",
            [
                (days.after(facility, mask, date, count) - date).days
                for facility, mask, date in unique.iter_rows()
            ],
            dtype=pl.Int64,
        )
        for count in (1, 2)
    )
    found = doors.select(*keys, "planned_at").join(
        slipped, on=keys, nulls_equal=True, maintain_order="left"
    )
    return [
        found.select(
            (pl.col("planned_at") + pl.duration(days=pl.col(f"slip_{count}"))).alias(name)
        ).to_series()
        for count, name in ((1, "next_day_at"), (2, "second_day_at"))
    ]
