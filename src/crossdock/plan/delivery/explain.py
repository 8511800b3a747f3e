"""Why a parcel is delivered as it is, and what a lane's service is worth: decisions as data."""

from __future__ import annotations

import polars as pl

from crossdock.model.tables import DECISIONS, conform, empty
from crossdock.plan.delivery.groups import GROUP

MOST_ALTERNATIVES = 4


def delivery_decisions(consignments: pl.DataFrame, weighed: pl.DataFrame) -> pl.DataFrame:
    """One decision a parcel: who takes it to the door, and which rows that beat.

    Costs are dollars a parcel from origin to door, lateness priced, as they were weighed before
    the line-haul was planned.
    """
    if consignments.is_empty():
        return empty(DECISIONS)
    usd = pl.col("score_usd") / pl.col("parcels")
    late = (
        pl.when(pl.col("usual_date").is_null())
        .then(pl.lit("cannot be reached"))
        .when(pl.col("late_days") > 0)
        .then(pl.format("{} days late", pl.col("late_days").cast(pl.Int64)))
        .otherwise(pl.lit("on time"))
    )
    option = pl.concat_str(
        pl.col("mode"),
        pl.lit(" by "),
        pl.col("carrier_id"),
        pl.lit(" from "),
        pl.col("facility_id"),
        pl.when(pl.col("entry_level").is_null())
        .then(pl.lit(""))
        .otherwise(pl.format(", entry {}", pl.col("entry_level"))),
    )
    why_not = (
        pl.when(pl.col("delivery_usd").is_null())
        .then(pl.lit("nobody sells it"))
        .when(pl.col("injects_here"))
        .then(pl.lit("weighed against the whole lane by the line-haul planner"))
        .otherwise(pl.format("costs ${} a parcel more", _cents(usd - usd.first().over(GROUP))))
    )
    told = weighed.sort(*GROUP, "rank").with_columns(
        option=option, usd=usd.round(4), service_word=late, why_not=why_not
    )
    answers = told.group_by(GROUP, maintain_order=True).agg(
        chosen=pl.col("option").first(),
        first_usd=pl.col("usd").first(),
        first_word=pl.col("service_word").first(),
        rows=pl.len(),
        alternatives=pl.struct(
            option="option", cost_usd="usd", service="service_word", why_not="why_not"
        )
        .struct.json_encode()
        .slice(1, MOST_ALTERNATIVES),
    )
    said = answers.with_columns(
        alternatives=pl.format("[{}]", pl.col("alternatives").list.join(",")),
        reason=pl.format(
            "cheapest of {} coverage rows of its ZIP: ${} a parcel from origin to door, {}",
            pl.col("rows"),
            _cents(pl.col("first_usd")),
            pl.col("first_word"),
        ),
    )
    return conform(
        consignments.select("parcel_id", *GROUP)
        .join(said, on=GROUP, maintain_order="left")
        .with_columns(subject="parcel_id", question=pl.lit("Who takes it to the door?")),
        DECISIONS,
    )


def _cents(usd: pl.Expr) -> pl.Expr:
    """Dollars with two decimals, as text."""
    cents = (usd * 100).round().cast(pl.Int64)
    return pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.zfill(2))


def service_decisions(lanes: pl.DataFrame) -> pl.DataFrame:
    """One decision a lane and service that is not sold on all its ZIPs, with what would fix it."""
    unsold = lanes.filter(pl.col("offered_parcels") < pl.col("parcels"))
    missed = pl.col("days_missed")
    fix = (
        pl.when(missed.is_null())
        .then(pl.lit("no carrier sells the lane: add a rate or a partner"))
        .when(missed <= 1)
        .then(pl.lit("a team or an earlier departure, a partner at the origin, or stock nearer"))
        .otherwise(pl.lit("air, or stock nearer to the buyer"))
    )
    return conform(
        unsold.with_columns(
            subject=pl.format("{}-{}", "origin_facility_id", "destination_facility_id"),
            question=pl.format("Is {} offered?", "service"),
            chosen=pl.when(pl.col("offered_parcels") == 0)
            .then(pl.lit("no"))
            .otherwise(pl.lit("to a part of its ZIPs")),
            alternatives=pl.format("[{}]", pl.struct(option=fix).struct.json_encode()),
            reason=pl.format(
                "{} of {} parcels cannot be promised on 95 % of days; fix: {}",
                pl.col("parcels") - pl.col("offered_parcels"),
                "parcels",
                fix,
            ),
        ),
        DECISIONS,
    )
