"""Every parcel is in exactly one path, and each path connects in place and time."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.gates.fault import GateFault, faults
from crossdock.model.network import Network

_REPLAN = "plan the run again, or take the order out of the file"
_RECONNECT = "plan the parcel on a later departure"


def path_gate(tables: Tables, _network: Network) -> list[GateFault]:
    """One delivery or one capacity shortfall a parcel; legs run from origin to where it ends."""
    paths = _paths(tables)
    duplicated = paths.filter(pl.col("parcel_id").is_duplicated()).unique("parcel_id")
    ends = pl.col("stops") + pl.col("handovers")
    wrong_count = paths.filter(pl.col("short").not_() & (ends != 1))
    short_and_served = paths.filter(pl.col("short") & (ends > 0))
    unknown = _unknown_parcels(tables)
    return [
        *faults("path", duplicated, "parcel_id", "is in the parcels table twice", _REPLAN),
        *faults("path", unknown, "parcel_id", "has a path but is no parcel of the plan", _REPLAN),
        *faults(
            "path",
            wrong_count,
            "parcel_id",
            pl.format("has {} deliveries planned, not one", ends),
            _REPLAN,
        ),
        *faults(
            "path",
            short_and_served,
            "parcel_id",
            "is a capacity shortfall and yet is delivered",
            "close the exception or take the delivery out",
        ),
        *_broken_chains(tables, paths),
    ]


def connection_gate(tables: Tables, _network: Network) -> list[GateFault]:
    """Parcels leave a facility only after the wave that their arrival makes."""
    legs = table(tables, "legs").sort("parcel_id", "seq")
    moves = legs.select(
        "parcel_id",
        facility_id=pl.col("to"),
        arrives_at="arrives_at",
        leaves_at=pl.col("departs_at").shift(-1).over("parcel_id"),
        next_place=pl.col("from").shift(-1).over("parcel_id"),
    )
    transfers = moves.filter(pl.col("next_place") == pl.col("facility_id"))
    handed_on = moves.filter(pl.col("next_place").is_null()).drop("leaves_at")
    last = handed_on.join(_departures_to_the_door(tables), on=["parcel_id", "facility_id"])
    checked = _caught_wave(tables, pl.concat([transfers, last], how="diagonal"))
    too_early = checked.filter(pl.col("leaves_at") < pl.coalesce("ready_at", "arrives_at"))
    return [
        *faults(
            "connection",
            too_early,
            "parcel_id",
            pl.format(
                "leaves {} at {} but is sorted only at {}",
                "facility_id",
                _clock("leaves_at"),
                _clock(pl.coalesce("ready_at", "arrives_at")),
            ),
            _RECONNECT,
        ),
        *_leaves_before_sort(tables, legs),
        *_leg_differs_from_load(tables, legs),
    ]


def _paths(tables: Tables) -> pl.DataFrame:
    """Parcels with the number of stops and handovers that end them, and where they end."""
    stops = (
        table(tables, "routes")
        .group_by("parcel_id")
        .agg(pl.len().alias("stops"), pl.col("facility_id").first().alias("stop_place"))
    )
    handed = (
        table(tables, "handoffs")
        .group_by("parcel_id")
        .agg(pl.len().alias("handovers"), pl.col("facility_id").first().alias("handover_place"))
    )
    short = (
        table(tables, "exceptions")
        .filter(pl.col("kind") == "capacity_shortfall")
        .select("parcel_id", short=True)
        .unique("parcel_id")
    )
    parcels = table(tables, "parcels").select(
        "parcel_id", "origin_facility_id", "destination_facility_id"
    )
    joined = parcels
    for ends in (stops, handed, short):
        joined = joined.join(ends, on="parcel_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("stops", "handovers").fill_null(0),
        pl.col("short").fill_null(False),
        end=pl.coalesce("stop_place", "handover_place"),
    )


def _unknown_parcels(tables: Tables) -> pl.DataFrame:
    parcels = table(tables, "parcels").select("parcel_id")
    travelling = pl.concat(
        [table(tables, name).select("parcel_id") for name in ("legs", "routes", "handoffs")]
    ).unique()
    return travelling.join(parcels, on="parcel_id", how="anti")


def _broken_chains(tables: Tables, paths: pl.DataFrame) -> list[GateFault]:
    legs = table(tables, "legs").sort("parcel_id", "seq")
    chains = legs.group_by("parcel_id", maintain_order=True).agg(
        first=pl.col("from").first(),
        last=pl.col("to").last(),
        whole=(pl.col("from").slice(1) == pl.col("to").head(pl.len() - 1)).all(),
        numbered=(pl.col("seq") == pl.int_range(1, pl.len() + 1)).all(),
    )
    walked = paths.join(chains, on="parcel_id", how="left").with_columns(
        first=pl.coalesce("first", "origin_facility_id"),
        last=pl.coalesce("last", "origin_facility_id"),
    )
    return [
        *faults(
            "path",
            walked.filter(~(pl.col("whole") & pl.col("numbered"))),
            "parcel_id",
            "its legs do not follow each other",
            _REPLAN,
        ),
        *faults(
            "path",
            walked.filter(pl.col("first") != pl.col("origin_facility_id")),
            "parcel_id",
            pl.format("starts at {}, not at its origin {}", "first", "origin_facility_id"),
            _REPLAN,
        ),
        *faults(
            "path",
            walked.filter(pl.col("last") != pl.col("end")),
            "parcel_id",
            pl.format("its line-haul ends at {} but it is delivered from {}", "last", "end"),
            _REPLAN,
        ),
    ]


def _departures_to_the_door(tables: Tables) -> pl.DataFrame:
    """When each parcel leaves its last facility: its tour's gate-out or its handoff."""
    tours = table(tables, "tours").select("route_id", leaves_at="departs_at")
    routed = table(tables, "routes").join(tours, on="route_id")
    handed = table(tables, "handoffs").with_columns(leaves_at=pl.col("handoff_at"))
    columns = ["parcel_id", "facility_id", "leaves_at"]
    return pl.concat([routed.select(columns), handed.select(columns)])


def _caught_wave(tables: Tables, moves: pl.DataFrame) -> pl.DataFrame:
    """``moves`` with ``ready_at`` of the first wave whose cut-off is not before the arrival."""
    waves = table(tables, "waves").select("facility_id", "inbound_cutoff_at", "ready_at")
    return moves.sort("arrives_at").join_asof(
        waves.sort("inbound_cutoff_at"),
        left_on="arrives_at",
        right_on="inbound_cutoff_at",
        by="facility_id",
        strategy="forward",
        check_sortedness=False,
    )


def _leaves_before_sort(tables: Tables, legs: pl.DataFrame) -> list[GateFault]:
    """First legs that leave before any wave of the ship day is sorted at the origin."""
    sorted_at = (
        table(tables, "waves")
        .group_by("facility_id", "date")
        .agg(ready_at=pl.col("ready_at").min())
    )
    first = (
        legs.unique("parcel_id", keep="first", maintain_order=True)
        .join(table(tables, "parcels").select("parcel_id", "ship_date"), on="parcel_id")
        .join(sorted_at, left_on=["from", "ship_date"], right_on=["facility_id", "date"])
        .filter(pl.col("departs_at") < pl.col("ready_at"))
    )
    what = pl.format(
        "leaves {} at {} before its sort is ready at {}",
        "from",
        _clock("departs_at"),
        _clock("ready_at"),
    )
    return faults("connection", first, "parcel_id", what, _RECONNECT)


def _leg_differs_from_load(tables: Tables, legs: pl.DataFrame) -> list[GateFault]:
    columns = ("from", "to", "departs_at", "arrives_at")
    loads = table(tables, "loads").select("load_id", *columns)
    both = legs.join(loads, on="load_id", how="left", suffix="_load")
    same = pl.all_horizontal(*(pl.col(name).eq_missing(pl.col(f"{name}_load")) for name in columns))
    what = pl.format("its leg {} is not that of load {}", "seq", "load_id")
    return faults("connection", both.filter(~same), "parcel_id", what, _REPLAN)


def _clock(instant: str | pl.Expr) -> pl.Expr:
    column = pl.col(instant) if isinstance(instant, str) else instant
    return column.dt.strftime("%Y-%m-%d %H:%M UTC")
