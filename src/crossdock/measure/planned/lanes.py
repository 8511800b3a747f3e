"""Lanes of a plan: what moves on each, how full, at what cost, and how that was chosen."""

from __future__ import annotations

import polars as pl

from crossdock.measure.decisions import subject_key
from crossdock.measure.frames import LADDER_NAMES, Tables, ladder_steps, lane, table
from crossdock.model.network import Network

_PATH = "linehaul_path"
_WAY = ("kind", "step", "driver_mode", "carrier_id")


def plan_lanes(tables: Tables, network: Network) -> pl.DataFrame:
    """One row a lane that loads run on, by its ends.

    Returns
    -------
    polars.DataFrame
        ``from, to, miles, loads, units, parcels, volume_m3, space_m3`` (usable and paid for),
        ``fill`` (volume over that space; null where nothing with freight runs), ``cost_usd,
        usd_per_parcel, first_departs_at, last_departs_at, last_arrives_at``; ``ways``: a struct for
        each ``kind`` (loaded, empty, bobtail: own; bought; pooled), ``step`` of the capacity
        ladder, ``driver_mode`` and ``carrier_id``, the costliest first; ``path`` and ``reason``:
        the decision on parcels from the one end to the other, null where there are none.
    """
    loads = loads_with_space(tables, network)
    ways = (
        loads.group_by("from", "to", *_WAY)
        .agg(*_sums())
        .with_columns(fill=_ratio("volume_m3", "space_m3"))
        .sort("cost_usd", *_WAY, descending=[True, False, False, False, False], nulls_last=True)
        .group_by("from", "to", maintain_order=True)
        .agg(ways=pl.struct(*_WAY, "loads", "units", "parcels", "volume_m3", "fill", "cost_usd"))
    )
    lanes = loads.group_by("from", "to").agg(
        pl.col("miles").max(),
        *_sums(),
        first_departs_at=pl.col("departs_at").min(),
        last_departs_at=pl.col("departs_at").max(),
        last_arrives_at=pl.col("arrives_at").max(),
    )
    return (
        lanes.with_columns(
            lane(),
            fill=_ratio("volume_m3", "space_m3"),
            usd_per_parcel=_ratio("cost_usd", "parcels"),
        )
        .join(ways, on=["from", "to"], how="left")
        .join(_paths(tables), on="lane", how="left")
        .drop("lane")
        .sort("from", "to")
    )


def loads_with_space(tables: Tables, network: Network) -> pl.DataFrame:
    """``LOADS`` with ``space_m3``, null of what carries no freight, and the name of ``step``."""
    paid = pl.when(pl.col("cube_share") > 0).then(pl.col("volume_m3") / pl.col("cube_share"))
    return ladder_steps(table(tables, "loads"), network).with_columns(
        space_m3=paid, step=pl.col("step").replace(LADDER_NAMES)
    )


def _sums() -> list[pl.Expr]:
    return [
        pl.len().cast(pl.Int64).alias("loads"),
        pl.col("units", "parcels", "volume_m3", "space_m3", "cost_usd").sum(),
    ]


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))


def _paths(tables: Tables) -> pl.DataFrame:
    decided = table(tables, "decisions").filter(pl.col("question") == _PATH)
    return decided.select(subject_key().alias("lane"), path="chosen", reason="reason").unique(
        "lane", keep="first", maintain_order=True
    )
