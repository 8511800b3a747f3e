"""Line-haul as it was: when loads ran, and which of them each parcel rode."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crossdock.measure.actual.log import DayLog, instants
from crossdock.measure.actual.places import local_date
from crossdock.model.tables import LEGS, LOADS, Schema, conform

CLOCK_ERROR = dt.timedelta(minutes=10)
"""Two clocks of a log may differ by this much: a later scan may say so much earlier."""

_LOAD_CELLS = [name for name in LEGS if name in LOADS]


LOAD_RUNS: Schema = {
    "load_id": pl.String(),
    "added": pl.Boolean(),
    "cancelled": pl.Boolean(),
    "departure_date": pl.Date(),
    "riders": pl.Int64(),
    "ridden_m3": pl.Float64(),
    "ridden_kg": pl.Float64(),
    "paid_m3": pl.Float64(),
    "paid_kg": pl.Float64(),
}
"""One row a load: whether it was added beyond the plan or cancelled, the local date of its planned
departure, what really rode, and the usable space and payload that are paid for (null where the plan
has no share to tell it)."""


@dataclass(frozen=True)
class Linehaul:
    """Loads with their actual times, and who rode them.

    Attributes
    ----------
    loads
        ``LOADS``: the plan's, then those added; ``departs_at`` and ``arrives_at`` are the plan.
    runs
        `LOAD_RUNS`.
    rides
        Columns of ``LEGS`` without ``seq``: every ride of every parcel, whether it was planned or
        not.
    legs
        ``LEGS`` of the plan; ``actual_*`` null where the parcel did not ride.
    reroutes
        ``LEGS``: the rides that no leg of the parcel had planned, in order.
    """

    loads: pl.DataFrame
    runs: pl.DataFrame
    rides: pl.DataFrame
    legs: pl.DataFrame
    reroutes: pl.DataFrame


def linehaul_as_it_was(
    planned_loads: pl.DataFrame,
    planned_legs: pl.DataFrame,
    parcels: pl.DataFrame,
    log: DayLog,
    timezones: Mapping[str, str],
    *,
    before: pl.Series | None = None,
) -> Linehaul:
    """What became of the loads and legs of a plan.

    A parcel rode a load if a departed or arrived scan names both. Where both scans were missed, it
    rode its planned load all the same if that load ran from and to the leg's facilities, a scan at
    the leg's ``to`` or at a later facility of the path follows the load's arrival, no scan names
    another load that it took from the leg's ``from`` or came with to the leg's ``to``, and while
    the load ran it was neither on another one nor seen anywhere.

    Parameters
    ----------
    parcels
        ``parcel_id, volume_m3, weight_kg``: every parcel whose rides are told.
    before
        Ids of loads that left before the run began: a ride on them is none of the run's.
    """
    loads = _run_times(pl.concat([conform(planned_loads, LOADS), _added_loads(log)]), log)
    own = parcels.select("parcel_id")
    seen = _seen_rides(loads, log).join(own, on="parcel_id", how="semi", maintain_order="left")
    if before is not None:
        seen = seen.filter(~pl.col("load_id").is_in(before.implode()))
    legs = planned_legs.join(
        seen.select("parcel_id", "load_id", "to", hit=pl.lit(value=True)),
        on=["parcel_id", "load_id", "to"],
        how="left",
        maintain_order="left",
    )
    implied = _implied_legs(legs, loads, seen, log)
    times = loads.select("load_id", "actual_departs_at", "actual_arrives_at")
    ridden = (
        legs.join(
            implied.with_columns(implied=pl.lit(value=True)),
            on=["parcel_id", "load_id"],
            how="left",
            maintain_order="left",
        )
        .drop("actual_departs_at", "actual_arrives_at")
        .join(times, on="load_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("hit") | pl.col("implied")).then(column).alias(column)
            for column in ("actual_departs_at", "actual_arrives_at")
        )
    )
    on_path = ridden.filter(pl.col("actual_departs_at").is_not_null())
    beside = seen.join(on_path, on=["parcel_id", "load_id"], how="anti")
    reroutes = beside.sort("parcel_id", "actual_departs_at", "load_id").with_columns(
        seq=pl.int_range(pl.len(), dtype=pl.Int64).over("parcel_id") + 1
    )
    missed = ridden.join(implied, on=["parcel_id", "load_id"], how="semi")
    columns = [name for name in LEGS if name != "seq"]
    rides = pl.concat([seen.select(columns), missed.select(columns)])
    runs = _runs(loads, planned_loads, rides, parcels, log, timezones)
    return Linehaul(
        _with_riders(loads, runs),
        runs,
        rides,
        conform(ridden, LEGS),
        conform(reroutes, LEGS),
    )


def _added_loads(log: DayLog) -> pl.DataFrame:
    """Rows of loads bought beyond the plan; shares are still those of the paid space."""
    number = [
        pl.col(word).cast(pl.Float64, strict=False).alias(word)
        for word in ("miles", "cost_usd", "volume_m3", "weight_kg")
    ]
    return conform(
        log.added.with_columns(
            *number,
            units=pl.col("units").cast(pl.Float64, strict=False).cast(pl.Int64),
            departs_at=instants("departs_at"),
            arrives_at=instants("arrives_at"),
        ),
        LOADS,
    )


def _run_times(loads: pl.DataFrame, log: DayLog) -> pl.DataFrame:
    """Actual times: the load's first departure and arrival told, else its parcels' scans."""
    told = log.loads
    scans = log.scans.filter(pl.col("load_id").is_not_null())
    sources = {
        "departed": _first(told, "load_departed", pl.col("at").min()),
        "arrived": _first(told, "load_arrived", pl.col("at").min()),
        "scanned_out": _first(scans, "departed_facility", pl.col("at").max()),
        "scanned_in": _first(scans, "arrived_facility", pl.col("at").min()),
    }
    timed = loads.drop("actual_departs_at", "actual_arrives_at")
    for name, times in sources.items():
        timed = timed.join(
            times.rename({"at": name}), on="load_id", how="left", maintain_order="left"
        )
    return conform(
        timed.with_columns(
            actual_departs_at=pl.coalesce("departed", "scanned_out"),
            actual_arrives_at=pl.coalesce("arrived", "scanned_in"),
        ),
        LOADS,
    )


def _first(rows: pl.DataFrame, kind: str, at: pl.Expr) -> pl.DataFrame:
    return rows.filter(pl.col("kind") == kind).group_by("load_id").agg(at)


def _seen_rides(loads: pl.DataFrame, log: DayLog) -> pl.DataFrame:
    """A row a parcel and load that a scan names together; ``to`` is where the load really came."""
    scans = log.scans.filter(pl.col("load_id").is_not_null())
    pair = ["parcel_id", "load_id"]
    left = (
        scans.filter(pl.col("kind") == "departed_facility")
        .group_by(pair)
        .agg(pl.col("at").first(), pl.col("facility_id").first(), pl.col("to").first())
    ).rename({"at": "left_at", "facility_id": "left", "to": "told_to"})
    came = (
        scans.filter(pl.col("kind") == "arrived_facility")
        .group_by(pair)
        .agg(pl.col("at").first(), pl.col("facility_id").first())
    ).rename({"at": "came_at", "facility_id": "came"})
    reached = (
        log.loads.filter(pl.col("kind") == "load_arrived")
        .group_by("load_id")
        .agg(reached=pl.col("facility_id").drop_nulls().first())
    )
    rides = (
        left.join(came, on=pair, how="full", coalesce=True)
        .join(loads.select(_LOAD_CELLS), on="load_id", how="left")
        .join(reached, on="load_id", how="left")
    )
    return rides.select(
        *pair,
        pl.coalesce("from", "left").alias("from"),
        pl.coalesce("came", "reached", "to", "told_to").alias("to"),
        "departs_at",
        "arrives_at",
        pl.coalesce("actual_departs_at", "left_at").alias("actual_departs_at"),
        pl.coalesce("actual_arrives_at", "came_at").alias("actual_arrives_at"),
    ).sort(pair)


def _implied_legs(
    legs: pl.DataFrame, loads: pl.DataFrame, seen: pl.DataFrame, log: DayLog
) -> pl.DataFrame:
    """``parcel_id, load_id`` of legs that nobody scanned and that the trail implies."""
    reached = (
        log.loads.filter(pl.col("kind") == "load_arrived")
        .group_by("load_id")
        .agg(reached=pl.col("facility_id").drop_nulls().first())
    )
    ran = loads.select("load_id", "actual_departs_at", "actual_arrives_at").join(
        reached, on="load_id", how="left"
    )
    silent = (
        legs.filter(pl.col("hit").is_null())
        .drop("actual_departs_at", "actual_arrives_at")
        .join(ran, on="load_id")
        .filter(
            pl.col("actual_departs_at").is_not_null(),
            pl.col("reached").is_null() | (pl.col("reached") == pl.col("to")),
        )
        .join(seen, on=["parcel_id", "from"], how="anti")
        .join(seen, on=["parcel_id", "to"], how="anti")
    )
    places = log.scans.filter(pl.col("facility_id").is_not_null()).select(
        "parcel_id", "at", to="facility_id"
    )
    free = silent.join(_elsewhere(silent, seen, places), on=["parcel_id", "load_id"], how="anti")
    ahead = free.select(
        "parcel_id", "load_id", "seq", "actual_departs_at", "actual_arrives_at"
    ).join(legs.select("parcel_id", "to", later="seq"), on="parcel_id")
    since = pl.coalesce("actual_arrives_at", "actual_departs_at") - CLOCK_ERROR
    return (
        ahead.filter(pl.col("later") >= pl.col("seq"))
        .join(places, on=["parcel_id", "to"])
        .filter(pl.col("at") >= since)
        .select("parcel_id", "load_id")
        .unique()
    )


def _elsewhere(silent: pl.DataFrame, seen: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Legs while whose load ran the parcel was on another load, or seen at a facility."""
    ends = pl.coalesce("actual_arrives_at", "actual_departs_at") - CLOCK_ERROR
    runs = silent.select(
        "parcel_id", "load_id", begins=pl.col("actual_departs_at") + CLOCK_ERROR, ends=ends
    )
    others = seen.select(
        "parcel_id",
        on="actual_departs_at",
        off=pl.coalesce("actual_arrives_at", "actual_departs_at"),
    )
    stood = places.select("parcel_id", on="at", off="at")
    return (
        runs.join(pl.concat([others, stood]), on="parcel_id")
        .filter((pl.col("on") < pl.col("ends")) & (pl.col("off") > pl.col("begins")))
        .select("parcel_id", "load_id")
        .unique()
    )


def _runs(
    loads: pl.DataFrame,
    planned: pl.DataFrame,
    rides: pl.DataFrame,
    parcels: pl.DataFrame,
    log: DayLog,
    timezones: Mapping[str, str],
) -> pl.DataFrame:
    carried = (
        rides.select("parcel_id", "load_id")
        .join(parcels.select("parcel_id", "volume_m3", "weight_kg"), on="parcel_id")
        .sort("load_id", "parcel_id")
        .group_by("load_id")
        .agg(
            riders=pl.len().cast(pl.Int64),
            ridden_m3=pl.col("volume_m3").sum(),
            ridden_kg=pl.col("weight_kg").sum(),
        )
    )
    called_off = log.loads.filter(pl.col("kind") == "load_cancelled")["load_id"].unique()
    added = ~pl.col("load_id").is_in(planned["load_id"].implode())
    joined = loads.join(carried, on="load_id", how="left", maintain_order="left").with_columns(
        pl.col("riders", "ridden_m3", "ridden_kg").fill_null(0)
    )
    return conform(
        joined.with_columns(
            added=added,
            cancelled=pl.col("load_id").is_in(called_off.implode()),
            departure_date=local_date("departs_at", joined["from"], timezones),
            # an added load tells the space itself; the plan's tell what is in it and its share
            paid_m3=pl.when(added).then("volume_m3").otherwise(_over("volume_m3", "cube_share")),
            paid_kg=pl.when(added).then("weight_kg").otherwise(_over("weight_kg", "weight_share")),
        ),
        LOAD_RUNS,
    )


def _over(amount: str, share: str) -> pl.Expr:
    return pl.when(pl.col(share) > 0).then(pl.col(amount) / pl.col(share))


def _with_riders(loads: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Added loads with what really rode; the plan's loads keep the figures of the plan."""
    joined = loads.join(runs, on="load_id", how="left", maintain_order="left")
    return conform(
        joined.with_columns(
            pl.when("added").then(now).otherwise(name).alias(name)
            for name, now in {
                "parcels": pl.col("riders"),
                "volume_m3": pl.col("ridden_m3"),
                "weight_kg": pl.col("ridden_kg"),
                "cube_share": pl.when(pl.col("paid_m3") > 0).then(
                    pl.col("ridden_m3") / pl.col("paid_m3")
                ),
                "weight_share": pl.when(pl.col("paid_kg") > 0).then(
                    pl.col("ridden_kg") / pl.col("paid_kg")
                ),
            }.items()
        ),
        LOADS,
    )
