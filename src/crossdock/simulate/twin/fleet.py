"""The own line-haul fleet in the plan: what rolls with a load, who drives it, what comes after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crossdock.model import Network
from crossdock.plan.capacity import Limits, network_limits

OWN_KINDS = ("loaded", "empty", "bobtail")


@dataclass(frozen=True)
class OwnFleet:
    """What the plan says of equipment and drivers beyond single loads. Loads are numbers.

    Attributes
    ----------
    limits
        What stands in the yards, and what a load takes with it.
    returned_by
        The load that brings each one's equipment back.
    crew_before
        Loads that the drivers of a load drive just before it.
    going_on
        Drivers whose duty goes on with another load, by load.
    """

    limits: Limits
    returned_by: Mapping[int, int]
    crew_before: Mapping[int, tuple[int, ...]]
    going_on: Mapping[int, frozenset[str]]


def own_fleet(
    network: Network, loads: pl.DataFrame, duties: pl.DataFrame, date: dt.date
) -> OwnFleet:
    """Read the plan's loads and duties.

    Parameters
    ----------
    loads
        Schema ``LOADS``; a row's place is the load's number.
    date
        Vehicles with documents that hold on it stand in the yards.
    """
    number = {name: at for at, name in enumerate(loads["load_id"])}
    back = loads.filter(pl.col("returns_load_id").is_in(loads["load_id"].implode()))
    own = loads.filter(pl.col("kind").is_in(OWN_KINDS))["load_id"]
    parts = (
        duties.filter(pl.col("load_id").is_in(own.implode()))
        .group_by("driver_id", "duty_id", "load_id")
        .agg(starts_at=pl.col("starts_at").min())
        .sort("driver_id", "starts_at", "load_id")
        .with_columns(
            earlier=pl.col("load_id").shift(1).over("driver_id"),
            later=pl.col("load_id").shift(-1).over("driver_id", "duty_id"),
        )
    )
    before: dict[int, set[int]] = {}
    for load_id, earlier in parts.select("load_id", "earlier").drop_nulls().iter_rows():
        before.setdefault(number[load_id], set()).add(number[earlier])
    going_on: dict[int, set[str]] = {}
    for load_id, driver in (
        parts.filter(pl.col("later").is_not_null()).select("load_id", "driver_id").iter_rows()
    ):
        going_on.setdefault(number[load_id], set()).add(driver)
    return OwnFleet(
        limits=network_limits(network, date),
        returned_by={
            number[out]: number[name]
            for name, out in back.select("load_id", "returns_load_id").iter_rows()
        },
        crew_before={load: tuple(sorted(loads)) for load, loads in before.items()},
        going_on={load: frozenset(drivers) for load, drivers in going_on.items()},
    )
