"""What is known of the parcels of a plan: measures as tables, and as integers to look up by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from crossdock.model.tables import LOCATED_ORDERS, PARCELS, Schema, conform
from crossdock.plan.lastmile.day import Floats, Ints
from crossdock.plan.lastmile.stops import DEMAND

GOODS: Schema = MappingProxyType(
    {
        "parcel_id": pl.String,
        "pieces": pl.Int64,
        "volume_m3": pl.Float64,
        "weight_kg": pl.Float64,
        "zip5": pl.String,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
    }
)
"""Measures and address of a planned parcel."""


@dataclass(frozen=True)
class Goods:
    """Parcels by id: parallel arrays, as `Stops` has them, and the place of each in them."""

    rows: Mapping[str, int]
    latitude: Floats
    longitude: Floats
    litres: Ints
    grams: Ints
    pieces: Ints
    handle_s: Ints
    zip_area: Ints

    @classmethod
    def of(cls, goods: pl.DataFrame) -> Goods:
        """The parcels of a table (`GOODS`).

        What is not known of size or weight counts as none, of pieces as one.
        """
        known = (
            conform(goods, GOODS)
            .with_columns(
                pl.col("volume_m3", "weight_kg").fill_null(0.0), pl.col("pieces").fill_null(1)
            )
            .with_columns(**DEMAND)
        )
        integers = {
            name: known[name].to_numpy().astype(np.int64)
            for name in ("litres", "grams", "pieces", "handle_s", "zip_area")
        }
        return cls(
            {parcel: row for row, parcel in enumerate(known["parcel_id"])},
            known["latitude"].fill_null(np.nan).to_numpy(),
            known["longitude"].fill_null(np.nan).to_numpy(),
            **integers,
        )


def planned_goods(
    tables: Mapping[str, pl.DataFrame], orders: pl.DataFrame | None = None
) -> pl.DataFrame:
    """`GOODS` of all parcels of a plan, those of a warm start too.

    Parameters
    ----------
    tables
        Run tables of the plan; what is absent is empty.
    orders
        Its located orders, which say how many pieces a parcel has; without them, one.
    """
    parcels = _whole(tables.get("parcels"), tables.get("background_parcels"), PARCELS)
    pieces = (
        _whole(orders, tables.get("background_orders"), LOCATED_ORDERS)
        .select("order_id", "pieces")
        .unique("order_id", keep="first")
    )
    return conform(parcels.join(pieces, on="order_id", how="left"), GOODS).with_columns(
        pl.col("pieces").fill_null(1)
    )


def at_stops(goods: pl.DataFrame, routes: pl.DataFrame) -> pl.DataFrame:
    """`GOODS` of the parcels of ``routes`` (``ROUTES``), where their stops are."""
    placed = routes.select("parcel_id", "latitude", "longitude").unique("parcel_id", keep="first")
    known = goods.drop("latitude", "longitude").unique("parcel_id", keep="first")
    return conform(placed.join(known, on="parcel_id", how="left"), GOODS)


def _whole(
    own: pl.DataFrame | None, background: pl.DataFrame | None, schema: Schema
) -> pl.DataFrame:
    given = (pl.DataFrame() if each is None else each for each in (own, background))
    return pl.concat([conform(each, schema) for each in given])
