"""Who drives a load, and how many hours the law leaves them."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.comply.hos import DRIVING, RESTING, US_70_8, Clocks, Since, clocks
from crossdock.model import Network
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.board.frames import ON_DUTY
from crossdock.operate.duty_logs import KnownLog, Terms, known_logs, rested_until, terms_of
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView


def drivers(
    present: Present, plan: PlanView, network: Network, departures: pl.DataFrame, at: dt.datetime
) -> pl.DataFrame:
    """``load_id``, ``drivers`` (list of `ON_DUTY`), ``hours_spare_h`` of who has the fewest."""
    planned = _planned(plan, departures)
    ids = planned["driver_id"].unique().to_list()
    logs = known_logs(present, plan, network, ids, at)
    terms = terms_of(network, plan, ids)
    hours = pl.DataFrame(
        [
            _hours(logs[driver_id], terms[driver_id], leaves_at)
            for driver_id, leaves_at in planned.select("driver_id", "leaves_at").iter_rows()
        ],
        schema={name: ON_DUTY[name] for name in ("activity", "driving_left_h", "drive_now_h")},
        orient="row",
    )
    return (
        pl.concat([planned, hours], how="horizontal")
        .group_by("load_id", maintain_order=True)
        .agg(
            drivers=pl.struct(list(ON_DUTY)),
            # Of one whose planned driving nobody knows, nobody knows what is to spare.
            hours_spare_h=(pl.col("driving_left_h") - pl.col("to_drive_h")).min(),
        )
    )


def _hours(
    known: KnownLog, terms: Terms, leaves_at: dt.datetime
) -> tuple[str | None, float | None, float | None]:
    """Activity and hours left; of a driver who rests, as they will be at the departure."""
    if not known.past:
        return None, None, None
    log = known.timeline(terms.timezone)
    activity = known.past[-1].activity
    if activity in RESTING:
        log = rested_until(log, int(leaves_at.timestamp()))
    found = clocks(log, log.ends_s, terms.rules)
    left_s = _driving_left_s(found, terms)
    return activity, left_s / SECONDS_PER_HOUR, found.drive_now_s / SECONDS_PER_HOUR


def _driving_left_s(found: Clocks, terms: Terms) -> int:
    """What every limit leaves but that of a pause, after which the driver goes on."""
    pauses = {limit.rule for limit in terms.rules.limits if limit.since is Since.PAUSE}
    return min((left_s for rule, left_s in found.left if rule not in pauses), default=0)


def _planned(plan: PlanView, departures: pl.DataFrame) -> pl.DataFrame:
    """Drivers of each load in the order in which they start, with their driving to the first rest.

    By the planned duties; of a load without any, those that its row names.
    """
    loads = departures.select("load_id", "leaves_at", "driver_ids")
    driven = _driving(plan, departures["load_id"])
    named = (
        loads.filter(pl.col("driver_ids").fill_null("") != "")
        .join(driven, on="load_id", how="anti")
        .select("load_id", driver_id=pl.col("driver_ids").str.split(";"))
        .explode("driver_id")
        .with_columns(to_drive_h=pl.lit(None, pl.Float64))
    )
    return pl.concat([driven, named]).join(
        loads.drop("driver_ids"), on="load_id", how="left", maintain_order="left"
    )


def _driving(plan: PlanView, load_ids: pl.Series) -> pl.DataFrame:
    """``load_id``, ``driver_id``, ``to_drive_h``: up to the first rest of ten hours on the way."""
    key = ("load_id", "driver_id")
    lasts_s = (pl.col("ends_at") - pl.col("starts_at")).dt.total_seconds()
    rests, drives = pl.col("activity").is_in(list(RESTING)), pl.col("activity") == DRIVING
    return (
        plan.duties.filter(
            pl.col("load_id").is_in(load_ids.implode()) & pl.col("driver_id").is_not_null()
        )
        .sort("starts_at", "driver_id")
        .with_columns(
            lasts_s=lasts_s, rests=rests, drives=drives, stretch=rests.rle_id().over(*key)
        )
        .with_columns(
            rested_s=pl.col("lasts_s").sum().over(*key, "stretch"),
            began=pl.col("drives").cum_max().over(*key),
        )
        .with_columns(
            over=(pl.col("rests") & pl.col("began") & (pl.col("rested_s") >= US_70_8.reset_s))
            .cum_max()
            .over(*key)
        )
        .group_by(*key, maintain_order=True)
        .agg(
            to_drive_h=pl.col("lasts_s").filter(pl.col("drives") & ~pl.col("over")).sum()
            / SECONDS_PER_HOUR
        )
    )
