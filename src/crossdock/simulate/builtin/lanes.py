"""Lanes between the built-in stations: Interstate miles, driving hours, relay points."""

from __future__ import annotations

import polars as pl

from crossdock.simulate.builtin.metros import lane_miles

NET_MPH = 50.0  # fuel stops and traffic included †
SLOW_DRIVE = 1.12  # 90th percentile over the median †
RELAY_REACH_H = 5.0
"""A relay driver turns back within one duty: at most this far from either end."""

_LONGEST_RELAY_DETOUR = 1.08


def lanes(metros: pl.DataFrame) -> pl.DataFrame:
    """Every ordered pair of the chosen stations.

    A lane longer than a driver can turn in one duty names the hub nearest its middle as relay
    point, if the way over it is at most 8 % longer and both halves take at most five hours.
    """
    chosen = metros["facility_id"].to_list()
    one_way = lane_miles().filter(pl.col("from").is_in(chosen) & pl.col("to").is_in(chosen))
    both_ways = pl.concat(
        [one_way, one_way.select(pl.col("to").alias("from"), pl.col("from").alias("to"), "miles")]
    )
    hubs = metros.filter(pl.col("roles").list.contains("hub"))["facility_id"].to_list()
    return (
        both_ways.join(_relay_points(both_ways, hubs), on=["from", "to"], how="left")
        .with_columns(
            transit_h_p50=(pl.col("miles") / NET_MPH).round(2).clip(0.05),
            transit_h_p90=(pl.col("miles") / NET_MPH * SLOW_DRIVE).round(2).clip(0.06),
        )
        .sort("from", "to")
    )


def _relay_points(both_ways: pl.DataFrame, hubs: list[str]) -> pl.DataFrame:
    """``from, to, relay_facility_id`` of the lanes that have one."""
    to_hub = both_ways.filter(pl.col("to").is_in(hubs)).select("from", hub="to", first="miles")
    from_hub = both_ways.filter(pl.col("from").is_in(hubs)).select("to", hub="from", second="miles")
    reach_miles = RELAY_REACH_H * NET_MPH
    return (
        both_ways.filter(pl.col("miles") > reach_miles)
        .join(to_hub, on="from")
        .join(from_hub, on=["to", "hub"])
        .filter(
            (pl.max_horizontal("first", "second") <= reach_miles)
            & (pl.col("first") + pl.col("second") <= _LONGEST_RELAY_DETOUR * pl.col("miles"))
        )
        .with_columns(imbalance=(pl.col("first") - pl.col("second")).abs())
        .sort("from", "to", "imbalance", "hub")
        .unique(["from", "to"], keep="first", maintain_order=True)
        .select("from", "to", relay_facility_id="hub")
    )
