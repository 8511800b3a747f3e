"""What every part of the page about the days reads: what happened, beside the plan of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from crossdock.measure import frames
from crossdock.measure.actual import (
    JOURNEYS,
    LATENESS,
    LOAD_RUNS,
    SURE_FROM,
    is_due,
    wilson,
)
from crossdock.measure.frames import Tables
from crossdock.measure.report.page import Page
from crossdock.model.event import EVENTS
from crossdock.model.tables import Schema, empty
from crossdock.operate.exceptions import INCIDENTS

_BESIDE_THE_PLAN: Mapping[str, Schema] = {
    "journeys": JOURNEYS,
    "lateness": LATENESS,
    "load_runs": LOAD_RUNS,
    "incidents": INCIDENTS,
}


@dataclass(frozen=True)
class Lived:
    """What happened to a plan.

    Attributes
    ----------
    tables
        Of `crossdock.measure.actual.actual_tables`, with ``lateness``, ``kpis``, and, where the log
        was folded, ``exceptions`` and ``incidents``.
    events
        The log, schema ``EVENTS``.
    at
        The instant up to which the log tells; None: the days are over. While they last, what is
        neither due nor done is not late yet.
    """

    tables: Tables
    events: pl.DataFrame
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Ratio:
    """A figure with what it is made of.

    Attributes
    ----------
    value
        Null where nothing is below the line.
    """

    numerator: float
    denominator: float
    value: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval as a share, where it is one of few."""
        few = 0 < self.denominator < SURE_FROM
        return wilson(self.numerator, self.denominator) if few else None

    @classmethod
    def of(cls, numerator: float, denominator: float) -> Ratio:
        """``numerator / denominator``."""
        return cls(numerator, denominator, numerator / denominator if denominator else None)


NOTHING = Ratio(0.0, 0.0, None)


@dataclass(frozen=True)
class Days:
    """A plan's page with what happened."""

    page: Page
    lived: Lived

    def table(self, name: str) -> pl.DataFrame:
        """Table ``name`` of what happened; one without rows where there is none."""
        schema = _BESIDE_THE_PLAN.get(name)
        if schema is None:
            return frames.table(self.lived.tables, name)
        found = self.lived.tables.get(name)
        return empty(schema) if found is None else found

    def kpi(self, name: str, grain: str = "network", key: str = "all") -> Ratio:
        """A KPI of what happened; null where it is not there."""
        return self._kpis.get((name, grain, key), NOTHING)

    def planned(self, name: str) -> float | None:
        """The plan's network KPI."""
        return self.page.kpi(name)

    @cached_property
    def parcels(self) -> pl.DataFrame:
        """Parcels due or delivered: with ``lane``, ``kept`` (delivered when promised), ``cause``.

        Once the days are over that is every parcel.
        """
        delivered = pl.col("final_state") == "delivered"
        kept = delivered & (pl.col("final_at") <= pl.col("promised_at"))
        causes = self.table("lateness").select("parcel_id", "cause", "owner", "excused")
        return (
            self.table("parcels")
            .filter(delivered | is_due("promised_at", self.lived.at))
            .with_columns(
                frames.lane("origin_facility_id", "destination_facility_id"),
                kept=kept.fill_null(value=False),
                expected=frames.on_time_for_promise(),
            )
            .join(causes, on="parcel_id", how="left", maintain_order="left")
        )

    def told(self, *kinds: str) -> pl.DataFrame:
        """Events of some kinds, each once, by instant."""
        events = self.lived.events
        if not events.columns:
            return empty(EVENTS)
        return (
            events.filter(pl.col("kind").is_in(kinds))
            .sort("received_at", "source", "source_event_id")
            .unique(["tenant", "source", "source_event_id"], keep="first", maintain_order=True)
            .sort("occurred_at", maintain_order=True)
        )

    def place(self, facility_id: str | None) -> str:
        """Name of a facility; its id where it has none."""
        return self._names.get(facility_id or "", facility_id or "–")

    def zone(self, facility_id: str | None) -> str:
        """Time zone of a facility."""
        return self._zones.get(facility_id or "", "UTC")

    @cached_property
    def _names(self) -> dict[str, str]:
        return self.page.names

    @cached_property
    def _zones(self) -> Mapping[str, str]:
        return self.page.network.timezones

    @cached_property
    def _kpis(self) -> dict[tuple[str, str, str], Ratio]:
        rows = self.table("kpis").select(
            "name", "grain", "key", pl.col("numerator", "denominator").fill_null(0.0), "value"
        )
        return {
            (name, grain, key): Ratio(above, below, value)
            for name, grain, key, above, below, value in rows.iter_rows()
        }


def word(payload: str, name: str) -> pl.Expr:
    """A word of an event's payload."""
    return pl.col(payload).str.json_path_match(f"$.{name}").alias(name)


def widths(rows: list[dict[str, Any]], of: str) -> None:
    """Give each row ``width``: its ``of`` as per cent of the largest."""
    widest = max((abs(row[of]) for row in rows), default=0.0) or 1.0
    for row in rows:
        row["width"] = 100 * abs(row[of]) / widest
