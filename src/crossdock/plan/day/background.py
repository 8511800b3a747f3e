"""A network that is already moving: where the parcels of a day before are at an instant.

Their plan is taken as it was made: what happened before the instant is not replayed. Parcels that
reached their door, or a partner, by then are out of the network's hands and left out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from crossdock.model.tables import INSTANT, LOADS, conform, empty
from crossdock.plan.day.answer import DayPlan

_UNLOADED = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class UnderWay:
    """What a day's plan still has in the network at an instant.

    Attributes
    ----------
    parcels
        Parcels as the planner takes them, with ``origin_facility_id`` where they are or are about
        to arrive, ``available_at``, and ``load_id`` of the load that they are on, if any.
    loads
        Loads on the road, schema ``LOADS``.
    """

    parcels: pl.DataFrame
    loads: pl.DataFrame


def under_way(plan: DayPlan, at: dt.datetime, *, ships_by: dt.date, scope: str) -> UnderWay:
    """Where the parcels of ``plan`` are at ``at``.

    Parameters
    ----------
    ships_by
        Parcels that ship later are still with their merchant: they are left out.
    scope
        Goes into the ids of parcels and loads, which are numbered anew in every plan:
        ``20261127``.
    """
    tables = plan.tables
    gone = pl.concat(
        [
            tables["routes"].filter(pl.col("arrives_at") <= at).select("parcel_id"),
            tables["handoffs"].filter(pl.col("handoff_at") <= at).select("parcel_id"),
        ]
    )
    last = (
        tables["legs"]
        .filter(pl.col("departs_at") <= at)
        .sort("parcel_id", "seq")
        .group_by("parcel_id", maintain_order=True)
        .last()
        .select("parcel_id", "load_id", reached="to", arrives_at="arrives_at")
    )
    placed = (
        plan.ground.parcels.filter(pl.col("ship_date") <= pl.lit(ships_by))
        .join(gone, on="parcel_id", how="anti")
        .join(last, on="parcel_id", how="left", maintain_order="left")
        .with_columns(on_road=(pl.col("arrives_at") > at).fill_null(value=False))
        .with_columns(
            origin_facility_id=pl.coalesce("reached", "origin_facility_id"),
            available_at=pl.when("on_road")
            .then(pl.col("arrives_at") + _UNLOADED)
            .otherwise(pl.lit(at, INSTANT)),
            load_id=pl.when("on_road").then(_scoped("load_id", "L-", scope)),
            parcel_id=_scoped("parcel_id", "P-", scope),
        )
        .drop("reached", "arrives_at", "on_road", "origin_wave_index")
    )
    riding = placed["load_id"].drop_nulls().unique().implode()
    loads = tables["loads"].with_columns(_scoped("load_id", "L-", scope))
    return UnderWay(placed, loads.filter(pl.col("load_id").is_in(riding)))


def _scoped(column: str, prefix: str, scope: str) -> pl.Expr:
    """Ids of another plan: they are numbered anew in each."""
    return pl.col(column).str.replace(prefix, f"{prefix}{scope}-", literal=True)


def joined(days: list[UnderWay]) -> UnderWay:
    """Several days together."""
    if not days:
        return UnderWay(pl.DataFrame(), empty(LOADS))
    return UnderWay(
        pl.concat([day.parcels for day in days], how="diagonal_relaxed"),
        conform(pl.concat([day.loads for day in days]), LOADS),
    )
