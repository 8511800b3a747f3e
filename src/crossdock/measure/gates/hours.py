"""Line-haul drivers within 49 CFR 395.3, from the duty segments alone."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.measure.frames import OWN_KINDS, Tables, table
from crossdock.measure.gates.cycle import cycle_faults
from crossdock.measure.gates.fault import HOURS_REMEDY, GateFault, faults
from crossdock.model.network import Network

DRIVING_LIMIT = dt.timedelta(hours=11)
WINDOW_LIMIT = dt.timedelta(hours=14)
DRIVING_BEFORE_BREAK = dt.timedelta(hours=8)
BREAK = dt.timedelta(minutes=30)
REST = dt.timedelta(hours=10)


def hours_gate(tables: Tables, network: Network) -> list[GateFault]:
    """11 h at the wheel, 14 h window, 30 min after 8 h, 10 h rest, 70 h in 8 days, no overlap.

    A rest is 10 h in which a driver is neither driving nor on duty, whatever the rows call it
    (49 CFR 395.3(a)(1)); split sleeper berth periods are not credited.
    """
    duties = table(tables, "duties")
    work = _shifts(duties.filter(pl.col("activity").is_in(["D", "ON"])))
    return [
        *_own_loads_without_driver(tables, duties),
        *_overlaps(duties),
        *_over_driving(work),
        *_over_window(work),
        *_no_break(work),
        *cycle_faults(work, network),
    ]


def _shifts(work: pl.DataFrame) -> pl.DataFrame:
    """On-duty segments numbered by shift: a new one begins after 10 h off."""
    gap = pl.col("starts_at") - pl.col("ends_at").shift(1).over("driver_id")
    return work.sort("driver_id", "starts_at").with_columns(
        shift=(gap >= REST).fill_null(False).cum_sum().over("driver_id"),
        length=pl.col("ends_at") - pl.col("starts_at"),
    )


def _over_driving(work: pl.DataFrame) -> list[GateFault]:
    driven = (
        work.filter(pl.col("activity") == "D")
        .group_by("driver_id", "shift")
        .agg(pl.col("length").sum())
        .filter(pl.col("length") > DRIVING_LIMIT)
    )
    what = pl.format("drives {} h between rests, over 11 h (395.3(a)(3)(i))", _h("length"))
    return faults("hours", driven, "driver_id", what, HOURS_REMEDY)


def _over_window(work: pl.DataFrame) -> list[GateFault]:
    began = work.group_by("driver_id", "shift").agg(began=pl.col("starts_at").min())
    ended = (
        work.filter(pl.col("activity") == "D")
        .group_by("driver_id", "shift")
        .agg(ended=pl.col("ends_at").max())
    )
    window = (
        ended.join(began, on=["driver_id", "shift"])
        .with_columns(span=pl.col("ended") - pl.col("began"))
        .filter(pl.col("span") > WINDOW_LIMIT)
    )
    what = pl.format("drives {} h after coming on duty, over 14 h (395.3(a)(2))", _h("span"))
    return faults("hours", window, "driver_id", what, HOURS_REMEDY)


def _no_break(work: pl.DataFrame) -> list[GateFault]:
    # 49 CFR 395.3(a)(3)(ii): any 30 consecutive minutes not driving, on duty or off
    driving = work.filter(pl.col("activity") == "D")
    gap = pl.col("starts_at") - pl.col("ends_at").shift(1).over("driver_id", "shift")
    stints = (
        driving.with_columns(stint=(gap >= BREAK).fill_null(False).cum_sum().over("driver_id"))
        .group_by("driver_id", "shift", "stint")
        .agg(pl.col("length").sum())
        .filter(pl.col("length") > DRIVING_BEFORE_BREAK)
    )
    what = pl.format("drives {} h without 30 min off the wheel (395.3(a)(3)(ii))", _h("length"))
    return faults("hours", stints, "driver_id", what, HOURS_REMEDY)


def _overlaps(duties: pl.DataFrame) -> list[GateFault]:
    ordered = duties.sort("driver_id", "starts_at", "ends_at").with_columns(
        busy_until=pl.col("ends_at").cum_max().shift(1).over("driver_id"),
        other=pl.col("load_id").shift(1).over("driver_id"),
    )
    both = ordered.filter(pl.col("starts_at") < pl.col("busy_until"))
    what = pl.format(
        "is on {} and {} at once", pl.col("other").fill_null("-"), pl.col("load_id").fill_null("-")
    )
    return faults(
        "hours", both.unique("driver_id", maintain_order=True), "driver_id", what, HOURS_REMEDY
    )


def _own_loads_without_driver(tables: Tables, duties: pl.DataFrame) -> list[GateFault]:
    driven = duties.filter(pl.col("activity") == "D").select("load_id").unique()
    own = table(tables, "loads").filter(pl.col("kind").is_in(OWN_KINDS))
    nobody = own.join(driven, on="load_id", how="anti")
    return faults(
        "hours", nobody, "load_id", "no driver's duty drives it", "plan again with more drivers"
    )


def _h(column: str) -> pl.Expr:
    return (pl.col(column).dt.total_seconds() / 3600).round(2)
