"""What the twin tells of its drivers, judged by the hours of service."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import polars as pl

from crossdock.comply.hos import DRIVING, ON_DUTY, Timeline, audit
from crossdock.model import Network


def told_duties(events: pl.DataFrame) -> pl.DataFrame:
    """Each change of duty of line-haul drivers once, in order."""
    return (
        events.filter(pl.col("kind") == "duty_changed")
        .with_columns(
            activity=pl.col("payload").str.json_path_match("$.activity"),
            load=pl.col("payload").str.json_path_match("$.load_id"),
        )
        .filter(pl.col("load").is_not_null())
        .unique(["source", "source_event_id"], keep="first", maintain_order=True)
        .sort("driver_id", "occurred_at")
    )


def drivers_beyond_the_law(
    duties: pl.DataFrame, zones: Mapping[str, str]
) -> list[tuple[str, str, int]]:
    """Driver, rule and seconds of each driving against 49 CFR 395.3.

    Parameters
    ----------
    zones
        Of each driver's home terminal.
    """
    found: list[tuple[str, str, int]] = []
    for (driver_id,), rows in duties.group_by("driver_id", maintain_order=True):
        steps = rows.select("activity", pl.col("occurred_at").dt.epoch("s")).rows()
        # Clocks of logs are off by up to 1.5 s: of driving that is sure, 2 s less at both ends.
        told = [
            (activity, at + 2, until - 2) if activity == DRIVING else (activity, at, until)
            for (activity, at), (_, until) in pairwise(steps)
        ]
        work = [each for each in told if each[0] in (DRIVING, ON_DUTY) and each[1] < each[2]]
        log = Timeline.of(work, timezone=zones[str(driver_id)], gaps_are_rest=True)
        found += [(str(driver_id), each.rule, each.end_s - each.start_s) for each in audit(log)]
    return found


def home_zones(planned: pl.DataFrame, network: Network) -> dict[str, str]:
    """The zone of each driver's home terminal, by the duties of a plan."""
    homes = planned.select("driver_id", "domicile_facility_id").unique("driver_id")
    return {driver: network.timezones[home] for driver, home in homes.iter_rows()}
