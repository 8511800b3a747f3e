"""The board of one facility at an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import polars as pl

from crossdock.model import Network
from crossdock.model.tables import conform
from crossdock.operate.board.advice import Advice, Standing, advise
from crossdock.operate.board.contents import PLACES, contents
from crossdock.operate.board.doors import doors
from crossdock.operate.board.drivers import drivers
from crossdock.operate.board.frames import ADVICE, ARRIVALS, BOARD_WAVES, DEPARTURES
from crossdock.operate.board.loads import coming, facility_loads, leaving
from crossdock.operate.board.waves import waves
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, facility_queues

_OVER = ("departed", "cancelled")


@dataclass(frozen=True)
class Board:
    """What leaves and comes, what is sorted, what waits.

    Attributes
    ----------
    departures, arrivals, waves
        `DEPARTURES` by departure, `ARRIVALS` by expected arrival, `BOARD_WAVES` by cut-off.
    queue
        The row of `facility_queues`; None where nothing waits.
    """

    facility_id: str
    at: dt.datetime
    departures: pl.DataFrame
    arrivals: pl.DataFrame
    waves: pl.DataFrame
    queue: dict[str, Any] | None


def board(
    present: Present,
    plan: PlanView,
    network: Network,
    facility_id: str,
    at: dt.datetime,
    *,
    hours: float = 6.0,
) -> Board:
    """The board of a facility: the last hour, and the ``hours`` from ``at`` on."""
    at = at.astimezone(dt.UTC)
    until = at + dt.timedelta(hours=hours)
    loads = facility_loads(present, plan, facility_id, at)
    outbound = loads.filter(pl.col("from") == facility_id)
    shown = leaving(loads, facility_id, at, until)
    rows = contents(present, plan, facility_id, at, shown, loads)
    here = present.parcels.filter(
        (pl.col("custody_kind") == "facility") & (pl.col("custody_id") == facility_id)
    )
    aside = [doors(outbound), drivers(present, plan, network, shown, at)]
    queues = facility_queues(present.folded.tracking, plan, here)
    return Board(
        facility_id,
        at,
        _departures(plan, at, shown, rows, aside),
        _arrivals(plan, coming(loads, facility_id, at, until)),
        conform(waves(present, plan, facility_id, here, at, until), BOARD_WAVES),
        queues.row(0, named=True) if queues.height else None,
    )


def _departures(
    plan: PlanView,
    at: dt.datetime,
    shown: pl.DataFrame,
    rows: pl.DataFrame,
    aside: Sequence[pl.DataFrame],
) -> pl.DataFrame:
    """`DEPARTURES`; ``aside``: what is known of a load besides, such as its door."""
    there = pl.col("place").is_in(["loaded", "ready"])
    counts = rows.group_by("load_id").agg(
        *((pl.col("place") == place).sum().cast(pl.Int64).alias(place) for place in PLACES),
        known_m3=pl.col("volume_m3").filter(there).sum(),
        unknown=(pl.col("volume_m3").is_null() & there).any(),
        planned=pl.len().cast(pl.Int64),
    )
    left = pl.col("state").is_in(["departed", "arrived"])
    each_m3 = pl.col("volume_m3") / pl.col("parcels")
    on_it = pl.col("loaded") + pl.col("ready")
    table = (
        reduce(partial(pl.DataFrame.join, on="load_id", how="left"), [counts, *aside], shown)
        .with_columns(pl.col(*PLACES).fill_null(0), pl.col("planned").fill_null(pl.col("parcels")))
        .with_columns(loaded=pl.when(left).then("scanned_out").otherwise("loaded"))
        .with_columns(
            # Whose volume nobody knows counts as the mean of the load.
            now_m3=pl.when(left | pl.col("unknown").fill_null(value=True))
            .then(pl.when(left).then("loaded").otherwise(on_it) * each_m3)
            .otherwise("known_m3"),
        )
    )
    table = _with_cutoffs(plan, table).with_columns(
        state=pl.when(left).then(pl.lit("departed")).otherwise("state"),
        planned_m3="volume_m3",
        late_s=(pl.col("leaves_at") - pl.col("departs_at")).dt.total_seconds(),
        planned_share=pl.col("volume_m3") / pl.col("space_m3"),
        now_share=pl.col("now_m3") / pl.col("space_m3"),
    )
    advised = _advised(table, rows, at)
    return conform(table.with_columns(advice=advised), DEPARTURES).sort("leaves_at", "load_id")


def _arrivals(plan: PlanView, shown: pl.DataFrame) -> pl.DataFrame:
    table = _with_cutoffs(plan, shown).with_columns(
        pl.col("state").replace({"departed": "rolling"}),
        late_s=(pl.col("comes_at") - pl.col("arrives_at")).dt.total_seconds(),
        parcels=pl.when(pl.col("scanned_out") > 0)
        .then("scanned_out")
        .when(pl.col("scanned_in") > 0)
        .then("scanned_in")
        .otherwise("parcels"),
    )
    return conform(table, ARRIVALS).sort("comes_at", "load_id")


def _with_cutoffs(plan: PlanView, table: pl.DataFrame) -> pl.DataFrame:
    """``cutoff_at`` of the wave at the other end that the planned arrival meets, ``slack_s``."""
    cutoffs = (
        plan.waves.filter(pl.col("inbound_cutoff_at").is_not_null())
        .select("facility_id", cutoff_at="inbound_cutoff_at")
        .sort("cutoff_at")
    )
    return (
        table.sort("arrives_at")
        .join_asof(
            cutoffs,
            left_on="arrives_at",
            right_on="cutoff_at",
            by_left="to",
            by_right="facility_id",
            strategy="forward",
            check_sortedness=False,
            coalesce=False,
        )
        .with_columns(slack_s=(pl.col("cutoff_at") - pl.col("comes_at")).dt.total_seconds())
    )


def _advised(table: pl.DataFrame, rows: pl.DataFrame, at: dt.datetime) -> pl.Series:
    waiting = (
        rows.filter(pl.col("ready_at").is_not_null())
        .group_by("load_id", "ready_at")
        .len()
        .sort("load_id", "ready_at")
    )
    ready: dict[str, list[tuple[dt.datetime, int]]] = {}
    for load_id, ready_at, count in waiting.iter_rows():
        ready.setdefault(load_id, []).append((ready_at, count))
    advices = [
        _nothing_to_decide(row)
        if row["state"] in _OVER
        else advise(_standing(row, ready.get(row["load_id"], []), at))
        for row in table.iter_rows(named=True)
    ]
    return pl.Series(
        [{name: getattr(advice, name) for name in ADVICE} for advice in advices],
        dtype=pl.Struct(ADVICE),
    )


def _standing(
    row: dict[str, Any], ready: list[tuple[dt.datetime, int]], at: dt.datetime
) -> Standing:
    held = row["held_until"] if row["state"] == "held" else None
    base_at = max(at, row["departs_at"] if held is not None else row["leaves_at"])
    slack_s = row["slack_s"]
    if slack_s is not None and held is not None:
        slack_s += int((row["leaves_at"] - base_at).total_seconds())
    return Standing(
        base_at=base_at,
        held_until=held,
        planned=row["planned"],
        in_sort=row["in_sort"],
        to_come=row["to_come"],
        ready=ready,
        slack_s=slack_s,
        hours_spare_h=row["hours_spare_h"],
    )


def _nothing_to_decide(row: dict[str, Any]) -> Advice:
    if row["state"] == "cancelled":
        behind = row["ready"] + row["in_sort"] + row["to_come"]
        said = f"cancelled; {behind:,} parcels need another way" if behind else "cancelled"
        return Advice("none", 0, 0, said)
    left = row["ready"] + row["in_sort"]
    return Advice("none", 0, 0, f"left {left:,} parcels behind" if left else "left nobody behind")
