"""How each parcel ended, and the marks of its way that KPIs and causes are read from."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from crossdock.measure.actual.doors import Doors
from crossdock.measure.actual.log import DayLog
from crossdock.measure.actual.places import local_date
from crossdock.model.tables import INSTANT, Schema, conform

FINAL_STATES = ("delivered", "returned", "lost", "destroyed", "open_exception")

JOURNEYS: Schema = {
    "parcel_id": pl.String(),
    "due_date": pl.Date(),
    "taken_at": INSTANT,
    "picked_up_at": INSTANT,
    "handed_over_at": INSTANT,
    "first_attempt_at": INSTANT,
    "first_attempt": pl.String(),
    "damaged": pl.Boolean(),
    "rides": pl.Int64(),
    "rides_scanned_out": pl.Int64(),
    "rides_scanned_in": pl.Int64(),
    "scanned_at_origin": pl.Boolean(),
    "planned_usd": pl.Float64(),
    "recovery_usd": pl.Float64(),
    "injection_usd": pl.Float64(),
    "return_usd": pl.Float64(),
    "claim_usd": pl.Float64(),
}
"""One row a parcel. ``due_date``: local date of the promise at the destination. ``taken_at``: the
first scan in anybody's custody. ``first_attempt``: its outcome. ``rides_scanned_*``: loads that it
rode and has a scan of. ``planned_usd``: its cost by the plan. The others: what of its real cost is
none of the plan's columns; ``recovery_usd`` is a part of ``parcels.linehaul_usd``,
``injection_usd`` of ``parcels.lastmile_usd``."""

_UNTAKEN = ("label_created", "pickup_failed", "cancelled", "unknown", "lost", "delayed")


def final_states(parcels: pl.DataFrame, doors: Doors, log: DayLog) -> pl.DataFrame:
    """``parcel_id, final_state, final_at, attempts`` in the order of ``parcels``.

    A parcel that is back with its shipper is ``returned`` (so is a cancelled one, which never left
    or goes back); else the first delivery in event time counts, even of a parcel that had been
    declared lost; else it is ``destroyed`` or ``lost``; else an ``open_exception`` without end.
    """
    ends = (("returned", ("returned", "cancelled")), ("delivered", ("delivered",)),
            ("destroyed", ("destroyed",)), ("lost", ("lost",)))  # fmt: skip
    found = parcels.select("parcel_id")
    for state, kinds in ends:
        at = (
            log.scans.filter(pl.col("kind").is_in(kinds))
            .group_by("parcel_id")
            .agg(pl.col("at").min().alias(state))
        )
        found = found.join(at, on="parcel_id", how="left", maintain_order="left")
    tries = doors.attempts.group_by("parcel_id").agg(attempts=pl.len().cast(pl.Int64))
    names = [state for state, _ in ends]
    return (
        found.join(tries, on="parcel_id", how="left", maintain_order="left")
        .with_columns(
            final_state=pl.coalesce(
                *(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in names),
                pl.lit("open_exception"),
            ),
            final_at=pl.coalesce(names),
            attempts=pl.col("attempts").fill_null(0),
        )
        .select("parcel_id", "final_state", "final_at", "attempts")
    )


def journeys(
    parcels: pl.DataFrame,
    rides: pl.DataFrame,
    doors: Doors,
    log: DayLog,
    timezones: Mapping[str, str],
) -> pl.DataFrame:
    """`JOURNEYS` without the money, in the order of ``parcels``.

    Parameters
    ----------
    rides
        ``parcel_id, load_id``.
    """
    scans = log.scans
    marks = {
        "taken_at": _when(scans.filter(~pl.col("kind").is_in(_UNTAKEN))),
        "picked_up_at": _when(scans.filter(pl.col("kind") == "picked_up")),
        "handed_over_at": _when(scans.filter(pl.col("kind") == "handed_to_partner")),
        "damaged_at": _when(scans.filter(pl.col("kind") == "damaged")),
    }
    told = parcels.select("parcel_id", "origin_facility_id", planned_usd="cost_usd").with_columns(
        due_date=parcels.select(
            local_date("promised_at", parcels["destination_facility_id"], timezones).alias("date")
        )["date"]
    )
    for name, at in marks.items():
        told = told.join(at.rename({"at": name}), on="parcel_id", how="left", maintain_order="left")
    first = doors.attempts.filter(pl.col("attempt") == 1).select(
        "parcel_id", first_attempt_at="at", first_attempt="outcome"
    )
    return conform(
        told.join(first, on="parcel_id", how="left", maintain_order="left")
        .join(_scanned(rides, scans), on="parcel_id", how="left", maintain_order="left")
        .join(_seen_at_origin(parcels, scans), on="parcel_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("rides", "rides_scanned_out", "rides_scanned_in").fill_null(0),
            pl.col("scanned_at_origin").fill_null(value=False),
            damaged=pl.col("damaged_at").is_not_null(),
        ),
        JOURNEYS,
    )


def _when(scans: pl.DataFrame) -> pl.DataFrame:
    return scans.group_by("parcel_id").agg(pl.col("at").min())


def _scanned(rides: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """How many rides each parcel has, and how many have a scan at their start and at their end."""
    pair = ["parcel_id", "load_id"]
    counted = rides.select(pair)
    for kind, name in (("departed_facility", "out"), ("arrived_facility", "in")):
        seen = scans.filter((pl.col("kind") == kind) & pl.col("load_id").is_not_null())
        counted = counted.join(
            seen.select(*pair, pl.lit(value=True).alias(name)).unique(), on=pair, how="left"
        )
    return counted.group_by("parcel_id").agg(
        rides=pl.len().cast(pl.Int64),
        rides_scanned_out=pl.col("out").sum().cast(pl.Int64),
        rides_scanned_in=pl.col("in").sum().cast(pl.Int64),
    )


def _seen_at_origin(parcels: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    came = scans.filter((pl.col("kind") == "arrived_facility") & pl.col("load_id").is_null())
    origins = parcels.select("parcel_id", facility_id="origin_facility_id")
    return (
        came.join(origins, on=["parcel_id", "facility_id"])
        .select("parcel_id", scanned_at_origin=pl.lit(value=True))
        .unique()
    )
