"""Routes of a finished plan, put in place of others that bring the same parcels to the same doors.

Whatever the plan says of them is told anew: dollars, who delivers, when each parcel comes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtr  # pyright: ignore[reportMissingTypeStubs]

from crossdock.model import InvalidValueError, Network
from crossdock.model.tables import LEDGER, RUN_TABLES, conform, empty
from crossdock.plan.day.ledger import split_ledger
from crossdock.plan.day.promise import STREET_SPREAD_S, STREET_SPREAD_SHARE
from crossdock.plan.day.standing import Tables
from crossdock.plan.lastmile import RouteRows

_ETAS = ("eta_p50", "eta_p80", "eta_p95")
_DEADLINES = {"p_on_time_promise": "promised_at", "p_on_time_service": "service_due_at"}
_LEAST = 1e-9


@dataclass(frozen=True)
class RouteExchange:
    """``rows`` instead of the routes that are ``gone``."""

    gone: tuple[str, ...]
    rows: RouteRows


def exchange_routes(
    tables: Tables, network: Network, exchange: RouteExchange
) -> dict[str, pl.DataFrame]:
    """Run tables after an exchange. KPIs are left as they are.

    The ETA of a parcel moves with its planned arrival, and the chance that the street is in time
    is told anew; what was promised stays.

    Raises
    ------
    InvalidValueError
        The new routes do not carry exactly the parcels of the old ones.
    """
    gone, rows = exchange.gone, exchange.rows
    before = _table(tables, "routes").filter(pl.col("route_id").is_in(list(gone)))
    if set(before["parcel_id"]) != set(rows.routes["parcel_id"]):
        raise InvalidValueError(
            "the new routes do not carry the parcels of the old ones",
            remedy="give each parcel of a route that is changed a place on another",
        )
    changed = dict(tables)
    for name, order in (
        ("tours", ["route_id"]),
        ("routes", ["route_id", "sequence", "parcel_id"]),
        ("breaks", ["route_id", "starts_at"]),
    ):
        kept = _table(tables, name).filter(~pl.col("route_id").is_in(list(gone)))
        changed[name] = pl.concat([kept, getattr(rows, name)]).sort(order)
    changed["decisions"] = _with_decisions(_table(tables, "decisions"), gone, rows.decisions)
    doors = _doors(tables, changed, network, before, rows.routes)
    for name in ("parcels", "background_parcels"):
        if name in tables:
            changed[name] = _told_anew(tables[name], doors)
    changed["predictions"] = _foretold(_table(tables, "predictions"), changed["parcels"], doors)
    return changed | _ledgers(tables, changed, gone, rows)


def _with_decisions(
    decisions: pl.DataFrame, gone: Collection[str], rows: pl.DataFrame
) -> pl.DataFrame:
    kept = decisions.filter(~pl.col("subject").is_in(list(gone)))
    return pl.concat([kept, rows])


def _doors(
    tables: Tables,
    changed: Tables,
    network: Network,
    before: pl.DataFrame,
    after: pl.DataFrame,
) -> pl.DataFrame:
    """How each parcel of the routes came to its door, and how it comes there now."""
    kinds = network["carriers"].select("carrier_id", mode="kind")
    was = before.select("parcel_id", "route_id", was_at="arrives_at").join(
        _table(tables, "tours").select("route_id", was_left_at="departs_at"), on="route_id"
    )
    tours = _table(changed, "tours").select("route_id", "stops", "cost_usd", left_at="departs_at")
    return (
        after.select(
            "parcel_id", "route_id", "carrier_id", now_at="arrives_at",
            at_stop=pl.len().over("route_id", "sequence"),
        )
        .join(tours, on="route_id")
        .join(kinds, on="carrier_id", how="left")
        .join(was.drop("route_id"), on="parcel_id")
        .select(
            "parcel_id", "carrier_id", "mode", "was_at", "was_left_at", "now_at", "left_at",
            share_usd=pl.col("cost_usd") / (pl.col("stops") * pl.col("at_stop")),
        )
    )  # fmt: skip


def _told_anew(parcels: pl.DataFrame, doors: pl.DataFrame) -> pl.DataFrame:
    """Parcels with the carrier, dollars, ETA and chances of their new routes."""
    touched = parcels.with_row_index("place").join(doors, on="parcel_id")
    if touched.is_empty():
        return parcels
    others = parcels.with_row_index("place").join(doors, on="parcel_id", how="anti")
    moved = pl.col("now_at") - pl.col("was_at")
    chances = {
        name: pl.Series(
            np.clip(
                touched[name].to_numpy()
                * _in_time(touched, deadline, "now_at", "left_at")
                / np.maximum(_in_time(touched, deadline, "was_at", "was_left_at"), _LEAST),
                0.0,
                1.0,
            )
        ).fill_nan(None)
        for name, deadline in _DEADLINES.items()
    }
    told = touched.with_columns(
        *(pl.col(name) + moved for name in _ETAS),
        delivery_mode=pl.coalesce("mode", "delivery_mode"),
        delivery_carrier_id=pl.col("carrier_id"),
        lastmile_usd=pl.col("share_usd"),
        cost_usd=pl.col("cost_usd") - pl.col("lastmile_usd") + pl.col("share_usd"),
        **chances,
    )
    columns = ["place", *parcels.columns]
    return pl.concat([others.select(columns), told.select(columns)]).sort("place").drop("place")


def _in_time(
    parcels: pl.DataFrame, deadline: str, arrives: str, left: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Chance that the street alone keeps the deadline, as `promise` spreads it."""
    spare_s = (parcels[deadline] - parcels[arrives]).dt.total_seconds().to_numpy()
    out_s = (parcels[arrives] - parcels[left]).dt.total_seconds().to_numpy()
    spread_s = STREET_SPREAD_S + STREET_SPREAD_SHARE * out_s
    return np.asarray(ndtr(spare_s / spread_s), dtype=np.float64)


def _foretold(
    predictions: pl.DataFrame, parcels: pl.DataFrame, doors: pl.DataFrame
) -> pl.DataFrame:
    names = {"p50": "eta_p50", "p80": "eta_p80", "p95": "eta_p95"}
    anew = parcels.join(doors, on="parcel_id", how="semi").select(
        subject="parcel_id",
        anew=pl.struct(
            [pl.col(eta).dt.to_string("iso").alias(name) for name, eta in names.items()]
        ).struct.json_encode(),
    )
    return (
        predictions.join(anew, on="subject", how="left", maintain_order="left")
        .with_columns(
            quantiles=pl.when(pl.col("target") == "delivered_at")
            .then(pl.coalesce("anew", "quantiles"))
            .otherwise("quantiles")
        )
        .drop("anew")
    )


def _ledgers(
    tables: Tables, changed: Tables, gone: Collection[str], rows: RouteRows
) -> dict[str, pl.DataFrame]:
    """Ledgers with a row a new route, cut between the plan's own parcels and the background."""
    is_gone = (pl.col("kind") == "lastmile") & pl.col("route_id").is_in(list(gone))
    booked = _table(tables, "ledger").filter(is_gone)
    entries: Mapping[str, str] = dict(booked.select("route_id", "entry_id").iter_rows())
    new = conform(
        rows.tours.select(
            entry_id=pl.col("route_id").replace_strict(
                entries, default=pl.format("G-{}", "route_id"), return_dtype=pl.String
            ),
            kind=pl.lit("lastmile"),
            route_id="route_id",
            cost_usd="cost_usd",
        ),
        LEDGER,
    )
    others = _table(changed, "background_parcels")
    everyone = pl.concat([changed["parcels"], others])
    empty_legs, empty_loads = empty(RUN_TABLES["legs"]), empty(RUN_TABLES["loads"])
    own, rest = split_ledger(
        new, everyone, others["parcel_id"], empty_legs, empty_loads, rows.routes
    )
    told = {"ledger": pl.concat([_table(tables, "ledger").filter(~is_gone), own])}
    if "background_ledger" in tables:
        kept = tables["background_ledger"].filter(~is_gone)
        told["background_ledger"] = pl.concat([kept, rest])
    return told


def _table(tables: Tables, name: str) -> pl.DataFrame:
    frame = tables.get(name)
    return empty(RUN_TABLES[name]) if frame is None else frame
