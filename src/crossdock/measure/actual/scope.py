"""Of a log that tells of many plans, what is about one of them."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table


def events_of_plan(events: pl.DataFrame, plan_tables: Tables) -> pl.DataFrame:
    """Events of the parcels, loads and routes of a plan, and of what else carried its parcels.

    What is about neither a parcel, a load nor a route, such as a wave of a sort, stays: it is of
    the facility that the plan shares with others. Positions are left out: no measure reads them.

    Parameters
    ----------
    events
        Schema ``EVENTS``, or with more columns.
    plan_tables
        Tables of the released plan.
    """
    parcels = pl.concat(
        [table(plan_tables, name)["parcel_id"] for name in ("parcels", "background_parcels")]
    )
    loads = pl.concat(
        [table(plan_tables, name)["load_id"] for name in ("loads", "background_loads")]
    )
    told = events.filter(pl.col("kind") != "position").with_columns(
        _load=_word("load_id"), _route=_word("route_id")
    )
    of_parcel = told["parcel_id"].is_in(parcels.implode())
    mine = told.filter(of_parcel)
    of_load = pl.concat([loads, mine["_load"].drop_nulls()]).unique()
    of_route = pl.concat([table(plan_tables, "tours")["route_id"], mine["_route"].drop_nulls()])
    about_nobody = pl.col("parcel_id").is_null()
    belongs = (
        pl.when(pl.col("_load").is_not_null())
        .then(pl.col("_load").is_in(of_load.implode()))
        .when(pl.col("_route").is_not_null())
        .then(pl.col("_route").is_in(of_route.unique().implode()))
        .otherwise(pl.lit(value=True))
    )
    return told.filter(of_parcel | (about_nobody & belongs)).drop("_load", "_route")


def _word(name: str) -> pl.Expr:
    """A word of the payload, null where it has none; most payloads need not be parsed."""
    payload = pl.col("payload")
    said = payload.str.contains(f'"{name}"', literal=True)
    return pl.when(said).then(payload).str.json_path_match(f"$.{name}")
