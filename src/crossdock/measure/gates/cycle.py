"""No driving after 70 hours on duty in 8 days, or 60 in 7 (49 CFR 395.3(b))."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.gates.fault import HOURS_REMEDY, GateFault, faults
from crossdock.model.network import Network

RESTART = dt.timedelta(hours=34)
"""Off duty this long, the cycle begins anew (395.3(c))."""
_WORK = ["D", "ON", "YM"]


def cycle_faults(work: pl.DataFrame, network: Network) -> list[GateFault]:
    """Drivers who drive beyond their cycle, with the hours of their ``duty_log``.

    A cycle's days are those of the home terminal, midnight to midnight (395.8(d)); a driving
    segment is checked at its end and at a midnight within it.

    Parameters
    ----------
    work
        On-duty segments of the plan: ``driver_id, domicile_facility_id, activity, starts_at,
        ends_at``.
    """
    past = network["duty_log"].filter(pl.col("status").is_in(_WORK))
    segments = pl.concat(
        [
            past.select("driver_id", starts_at="from", ends_at="to"),
            work.select("driver_id", "starts_at", "ends_at"),
        ]
    )
    driven = work.filter(pl.col("activity") == "D").select("driver_id", "starts_at", "ends_at")
    checks = _with_window(_check_points(driven, work, network), network)
    # pairs of segments only of those who can be over at all
    busy = segments.group_by("driver_id").agg(
        (pl.col("ends_at") - pl.col("starts_at")).sum().alias("all_work")
    )
    checks = checks.join(busy, on="driver_id").filter(pl.col("all_work") > pl.col("limit"))
    over = (
        checks.join(_by_cycle(segments), on="driver_id")
        .filter((pl.col("starts_at") < pl.col("at")) & (pl.col("restarted_at") <= pl.col("at")))
        .with_columns(newest=pl.col("restarted_at").max().over("driver_id", "at"))
        .filter(pl.col("restarted_at") == pl.col("newest"))
        .with_columns(
            within=pl.min_horizontal("ends_at", "at")
            - pl.max_horizontal("starts_at", "window_from")
        )
        .filter(pl.col("within") > dt.timedelta(0))
        .group_by("driver_id", "at", "limit", "days")
        .agg(pl.col("within").sum())
        .filter(pl.col("within") > pl.col("limit"))
        .group_by("driver_id")
        .agg(pl.col("within").max(), pl.col("limit", "days").first())
    )
    what = pl.format(
        "drives after {} h on duty in {} days, over {} h (395.3(b))",
        _hours("within"),
        "days",
        _hours("limit").cast(pl.Int64),
    )
    return faults("hours", over, "driver_id", what, HOURS_REMEDY)


def cycle_not_checked(tables: Tables, network: Network) -> list[str]:
    """Drivers whose last 8 days are not known."""
    drivers = table(tables, "duties").select("driver_id").unique()
    logged = network["duty_log"].select("driver_id").unique()
    missing = drivers.join(logged, on="driver_id", how="anti").height
    if not missing:
        return []
    return [
        f"hours before the plan: {missing:,} line-haul drivers have no duty_log, taken as rested"
    ]


def _check_points(driven: pl.DataFrame, work: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Ends of driving and midnights within it: ``driver_id, at``, and where 7 and 8 days begin."""
    zones = network["facilities"].select("facility_id", "timezone")
    homes = (
        work.select("driver_id", facility_id="domicile_facility_id")
        .unique("driver_id", keep="first", maintain_order=True)
        .join(zones, on="facility_id", how="left")
        .select("driver_id", zone=pl.col("timezone").fill_null("UTC"))
    )
    parts: list[pl.DataFrame] = []
    for (zone,), part in driven.join(homes, on="driver_id").group_by("zone", maintain_order=True):
        # an instant of midnight itself still belongs to the day that ends
        last = (pl.col("ends_at") - dt.timedelta(microseconds=1)).dt.convert_time_zone(str(zone))
        midnight = last.dt.truncate("1d")
        ends = part.select("driver_id", "starts_at", at="ends_at", midnight=midnight)
        within = ends.filter(
            pl.col("starts_at") < pl.col("midnight").dt.convert_time_zone("UTC")
        ).select(
            "driver_id",
            "starts_at",
            at=pl.col("midnight").dt.convert_time_zone("UTC"),
            midnight=pl.col("midnight").dt.offset_by("-1d"),
        )
        both = pl.concat([ends, within])
        parts.append(
            both.select(
                "driver_id",
                "at",
                *(
                    pl.col("midnight")
                    .dt.offset_by(f"-{days - 1}d")
                    .dt.convert_time_zone("UTC")
                    .alias(f"from_{days}")
                    for days in (7, 8)
                ),
            )
        )
    if not parts:
        return driven.select("driver_id", at="ends_at", from_7="ends_at", from_8="ends_at")
    return pl.concat(parts)


def _with_window(checks: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Limit and first instant of each check's cycle; a rule set naming neither is the stricter."""
    rules = network["drivers"].select("driver_id", "hos_ruleset")
    long_cycle = pl.col("hos_ruleset").is_null() | pl.col("hos_ruleset").str.contains("70")
    return checks.join(rules, on="driver_id", how="left").select(
        "driver_id",
        "at",
        limit=pl.when(long_cycle).then(dt.timedelta(hours=70)).otherwise(dt.timedelta(hours=60)),
        days=pl.when(long_cycle).then(8).otherwise(7),
        window_from=pl.when(long_cycle).then("from_8").otherwise("from_7"),
    )


def _by_cycle(segments: pl.DataFrame) -> pl.DataFrame:
    """Segments with ``restarted_at``, the first work after the restart before them."""
    gap = pl.col("starts_at") - pl.col("ends_at").shift(1).over("driver_id")
    return (
        segments.sort("driver_id", "starts_at")
        .with_columns(cycle=(gap >= RESTART).fill_null(False).cum_sum().over("driver_id"))
        .with_columns(restarted_at=pl.col("starts_at").min().over("driver_id", "cycle"))
        .drop("cycle")
    )


def _hours(column: str) -> pl.Expr:
    return (pl.col(column).dt.total_seconds() / 3600).round(2)
