"""What every detector looks at, and the spans that it gives: from when to when what was wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from crossdock.model.event import TERMINAL_STATUSES
from crossdock.model.tables import INSTANT, Schema, conform, empty
from crossdock.operate.exceptions.rules import Rules
from crossdock.operate.exceptions.state import ExceptionState
from crossdock.operate.tracking import (
    Holding,
    Indices,
    Mask,
    PlanView,
    TrackingState,
    Trail,
    holdings,
    load_progress,
    trail,
)

SPANS: Schema = {
    "kind": pl.String,
    "subject": pl.String,
    "parcel_id": pl.String,
    "load_id": pl.String,
    "route_id": pl.String,
    "vehicle_id": pl.String,
    "facility_id": pl.String,
    "carrier_id": pl.String,
    "opened_at": INSTANT,
    "closed_at": INSTANT,
    "first_event": pl.String,
    "events": pl.List(pl.String),
    "numbers": pl.String,
    "severity": pl.String,
    "owner": pl.String,
}
"""``first_event``: what an exception's id is made of: an event, or ``plan`` or ``forecast``;
``numbers``: JSON object; ``severity``, ``owner``: null for the kind's own."""

EVENT = pl.format("{}/{}", "source", "source_event_id")
"""An event as evidence names it."""

OVER = ("delivered", "returning", *(name for name in TERMINAL_STATUSES if name != "delivered"))
"""Statuses that stop the clock against the promise."""


@dataclass(frozen=True)
class Scene:
    """All that is known at an instant: events that happened until then, and the plan."""

    state: ExceptionState
    tracking: TrackingState
    plan: PlanView
    at: dt.datetime
    rules: Rules
    etas: pl.DataFrame | None

    @cached_property
    def trail(self) -> Trail:
        """Status events until the instant."""
        return trail(self.tracking, self.at)

    @cached_property
    def held(self) -> Holding:
        """Who holds each parcel of the trail."""
        return holdings(self.trail)

    @cached_property
    def evidence(self) -> pl.DataFrame:
        """Evidence until the instant, in event time, with ``event``."""
        known = self.state.evidence.whole.filter(pl.col("at") <= self.at)
        return known.sort("at", "source", "source_event_id").with_columns(event=EVENT)

    @cached_property
    def loads(self) -> pl.DataFrame:
        """Progress of each load until the instant, beside its plan."""
        progress = load_progress(self.tracking, self.at).rename({"from": "sent", "to": "aim"})
        planned = self.plan.loads.select(
            "load_id", "kind", "from", "to", "departs_at", "arrives_at"
        ).unique("load_id", keep="first", maintain_order=True)
        return planned.join(progress, on="load_id", how="full", coalesce=True).with_columns(
            pl.coalesce("from", "sent").alias("from"), pl.coalesce("to", "aim").alias("to")
        )

    def of_kind(self, *kinds: str) -> pl.DataFrame:
        """Evidence of ``kinds``."""
        return self.evidence.filter(pl.col("kind").is_in(kinds))

    def clipped(self, spans: pl.DataFrame) -> pl.DataFrame:
        """Spans that have begun; what ends after the instant is open."""
        return spans.filter(pl.col("opened_at") <= self.at).with_columns(
            closed_at=pl.when(pl.col("closed_at") <= self.at).then("closed_at")
        )


NO_SPANS = empty(SPANS)
"""What a detector gives where nothing can be wrong."""


def spans(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """``rows`` as `SPANS` of ``kind``."""
    return conform(rows.with_columns(kind=pl.lit(kind)), SPANS)


def next_place(steps: Trail, places: Indices, closers: Mask) -> Indices:
    """For each of ``places`` the next event of its parcel among ``closers``; -1 without one."""
    closing = np.flatnonzero(closers)
    found = np.searchsorted(closing, places, side="right")
    within = found < len(closing)
    after = np.full(len(places), -1, dtype=np.int64)
    after[within] = closing[found[within]]
    same = (after >= 0) & (steps.parcel[after] == steps.parcel[places])
    return np.where(same, after, -1)


def numbers(*columns: str) -> pl.Expr:
    """JSON object of ``columns``; instants as ISO text."""
    return pl.struct(columns).struct.json_encode().alias("numbers")


def iso(column: str) -> pl.Expr:
    """An instant as ISO text."""
    return pl.col(column).dt.to_string("%Y-%m-%dT%H:%M:%SZ")


def one_open_each(found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Spans joined where they overlap or touch, so that a subject has one open one of a kind."""
    rows = pl.concat(found).sort("kind", "subject", "opened_at", "first_event")
    never = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
    key = ["kind", "subject"]
    ends = pl.col("closed_at").fill_null(never)
    rows = rows.with_columns(until=ends.cum_max().over(key)).with_columns(
        run=(pl.col("opened_at") > pl.col("until").shift().over(key))
        .fill_null(value=False)
        .cum_sum()
        .over(key)
    )
    alone = pl.len().over([*key, "run"]) == 1
    single, several = rows.filter(alone), rows.filter(~alone)
    joined = several.group_by([*key, "run"], maintain_order=True).agg(
        *(
            pl.col(name).drop_nulls().first()
            for name in SPANS
            if name not in {*key, "closed_at", "events", "severity"}
        ),
        pl.col("severity").drop_nulls().min(),
        pl.col("events").explode().drop_nulls().unique(maintain_order=True),
        closed_at=pl.when(pl.col("closed_at").is_not_null().all()).then(pl.col("closed_at").max()),
    )
    return pl.concat([single.select(list(SPANS)), joined.select(list(SPANS))])
