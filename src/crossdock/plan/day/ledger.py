"""Every dollar is a ledger row, and every row finds its parcels."""

from __future__ import annotations

import polars as pl

from crossdock.model import Prefix, sequential_ids
from crossdock.model.tables import LEDGER, conform

SHARES = ("pickup", "handling", "linehaul", "lastmile", "injection")


def build_ledger(
    loads: pl.DataFrame,
    tours: pl.DataFrame,
    handling: pl.DataFrame,
    pickup: pl.DataFrame,
    handoffs: pl.DataFrame,
) -> pl.DataFrame:
    """Ledger of the plan: one row a load, a route, and a parcel's touch, pick-up or injection.

    Parameters
    ----------
    loads, tours, handoffs
        Schemas ``LOADS``, ``TOURS``, ``HANDOFFS``.
    handling, pickup
        ``parcel_id, cost_usd``.

    Returns
    -------
    polars.DataFrame
        Schema ``LEDGER``.
    """
    rows = pl.concat(
        [
            pickup.select(kind=pl.lit("pickup"), parcel_id="parcel_id", cost_usd="cost_usd"),
            handling.select(kind=pl.lit("handling"), parcel_id="parcel_id", cost_usd="cost_usd"),
            loads.select(
                kind=pl.when(pl.col("kind").is_in(["empty", "bobtail"]))
                .then(pl.lit("linehaul_empty"))
                .otherwise(pl.lit("linehaul")),
                load_id="load_id",
                cost_usd="cost_usd",
            ),
            tours.select(kind=pl.lit("lastmile"), route_id="route_id", cost_usd="cost_usd"),
            handoffs.select(kind=pl.lit("injection"), parcel_id="parcel_id", cost_usd="cost_usd"),
        ],
        how="diagonal",
    ).filter(pl.col("cost_usd") != 0.0)
    return conform(
        rows.with_columns(entry_id=pl.Series(sequential_ids(Prefix.LEDGER, rows.height))), LEDGER
    )


def parcel_shares(
    ledger: pl.DataFrame,
    parcels: pl.DataFrame,
    legs: pl.DataFrame,
    loads: pl.DataFrame,
    routes: pl.DataFrame,
) -> pl.DataFrame:
    """What each parcel bears of the ledger, by kind; the shares sum to the ledger.

    A load's cost falls on its parcels by cube, an empty way back on the parcels of the load whose
    equipment it returns, a route's on its stops alike and within a stop on its parcels alike. A
    movement that serves no parcel of the plan falls on all parcels alike.

    Parameters
    ----------
    parcels
        ``parcel_id, volume_m3``.

    Returns
    -------
    polars.DataFrame
        ``parcel_id`` and ``<kind>_usd`` for each kind of `SHARES`, in the order of ``parcels``.
    """
    direct = ledger.filter(pl.col("parcel_id").is_not_null()).select(
        "parcel_id", "kind", "cost_usd"
    )
    shares = pl.concat(
        [direct, _load_shares(ledger, parcels, legs, loads), _route_shares(ledger, routes)]
    )
    borne = shares.group_by("parcel_id", "kind", maintain_order=True).agg(pl.col("cost_usd").sum())
    wide = parcels.select("parcel_id")
    for kind in SHARES:
        wide = wide.join(
            borne.filter(pl.col("kind") == kind).select(
                "parcel_id", pl.col("cost_usd").alias(f"{kind}_usd")
            ),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
    unborne = float(ledger["cost_usd"].sum()) - float(borne["cost_usd"].sum())
    return wide.with_columns(pl.col(f"{kind}_usd").fill_null(0.0) for kind in SHARES).with_columns(
        linehaul_usd=pl.col("linehaul_usd") + unborne / max(parcels.height, 1)
    )


def split_ledger(
    ledger: pl.DataFrame,
    parcels: pl.DataFrame,
    others: pl.Series,
    legs: pl.DataFrame,
    loads: pl.DataFrame,
    routes: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ledger in two: what the day's own parcels bear, and what ``others`` bear.

    Each row is cut as `parcel_shares` spreads it, so that both parts sum to it.

    Parameters
    ----------
    others
        Parcel ids of the background.
    """
    if others.is_empty():
        return ledger, ledger.clear()
    is_other = pl.col("parcel_id").is_in(others.implode())
    cube = legs.join(parcels.select("parcel_id", "volume_m3"), on="parcel_id")
    by_load = cube.group_by("load_id").agg(
        load_share=(pl.col("volume_m3") * is_other).sum() / pl.col("volume_m3").sum()
    )
    payer = loads.select("load_id", payer=pl.coalesce(pl.col("returns_load_id"), pl.col("load_id")))
    of_load = (
        payer.join(by_load, on="load_id", how="left")
        .join(by_load.rename({"load_id": "payer", "load_share": "paid"}), on="payer", how="left")
        .select("load_id", load_share=pl.coalesce("load_share", "paid"))
    )
    stops = routes.with_columns(at_stop=pl.len().over("route_id", "sequence"))
    of_route = stops.group_by("route_id").agg(
        route_share=(is_other / pl.col("at_stop")).sum() / (1.0 / pl.col("at_stop")).sum()
    )
    everywhere = others.len() / max(parcels.height, 1)
    cut = (
        ledger.join(of_load, on="load_id", how="left", maintain_order="left")
        .join(of_route, on="route_id", how="left", maintain_order="left")
        .with_columns(
            share=pl.when(pl.col("parcel_id").is_not_null())
            .then(is_other.cast(pl.Float64))
            .otherwise(pl.coalesce("load_share", "route_share", pl.lit(everywhere)))
            .round(12)  # sums of parts of one are not exactly one
        )
    )
    rest = cut.with_columns(cost_usd=pl.col("cost_usd") * pl.col("share"))
    own = cut.with_columns(cost_usd=pl.col("cost_usd") * (1.0 - pl.col("share")))
    return tuple(  # pyright: ignore[reportReturnType] two parts
        conform(part.filter(pl.col("cost_usd") != 0.0), LEDGER) for part in (own, rest)
    )


def _load_shares(
    ledger: pl.DataFrame, parcels: pl.DataFrame, legs: pl.DataFrame, loads: pl.DataFrame
) -> pl.DataFrame:
    cost = ledger.filter(pl.col("load_id").is_not_null()).select("load_id", "cost_usd")
    carried_for = loads.select(
        "load_id", payer=pl.coalesce(pl.col("returns_load_id"), pl.col("load_id"))
    )
    # A loaded backhaul carries parcels of its own: they pay for it, not those of the way out.
    loaded = legs.select("load_id").unique().with_columns(own_parcels=pl.lit(value=True))
    payers = (
        carried_for.join(loaded, on="load_id", how="left")
        .with_columns(
            payer=pl.when(pl.col("own_parcels")).then(pl.col("load_id")).otherwise(pl.col("payer"))
        )
        .join(cost, on="load_id")
        .group_by("payer")
        .agg(pl.col("cost_usd").sum())
    )
    riders = legs.select("parcel_id", "load_id").join(
        parcels.select("parcel_id", "volume_m3"), on="parcel_id", maintain_order="left"
    )
    return (
        riders.join(payers, left_on="load_id", right_on="payer", maintain_order="left")
        .with_columns(
            cost_usd=pl.col("cost_usd")
            * pl.col("volume_m3")
            / pl.col("volume_m3").sum().over("load_id")
        )
        .select("parcel_id", kind=pl.lit("linehaul"), cost_usd="cost_usd")
    )


def _route_shares(ledger: pl.DataFrame, routes: pl.DataFrame) -> pl.DataFrame:
    cost = ledger.filter(pl.col("route_id").is_not_null()).select("route_id", "cost_usd")
    stops = routes.select("route_id", "sequence", "parcel_id").with_columns(
        stops=pl.col("sequence").n_unique().over("route_id"),
        parcels_at_stop=pl.len().over("route_id", "sequence"),
    )
    return stops.join(cost, on="route_id", maintain_order="left").select(
        "parcel_id",
        kind=pl.lit("lastmile"),
        cost_usd=pl.col("cost_usd") / (pl.col("stops") * pl.col("parcels_at_stop")),
    )
