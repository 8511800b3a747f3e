"""Orders become parcels: sizes, ids, and what their address asks for."""

from __future__ import annotations

import polars as pl

from crossdock.model import Prefix, sequential_ids
from crossdock.model.units import CM3_PER_M3

POST_OFFICE = "POST OFFICE|"
"""Start of the address key of a post-office box (see `locate.address`)."""


def as_parcels(orders: pl.DataFrame, id_scope: str = "") -> pl.DataFrame:
    """Located orders as parcels, one an order; measures are those of all its pieces together."""
    count = pl.col("pieces")
    return orders.with_columns(
        parcel_id=pl.Series(sequential_ids(Prefix.PARCEL, orders.height, scope=id_scope)),
        volume_m3=pl.col("length_cm")
        * pl.col("width_cm")
        * pl.col("height_cm")
        / CM3_PER_M3
        * count,
        weight_kg=pl.col("weight_kg") * count,
        post_office=pl.col("address_key").str.starts_with(POST_OFFICE).fill_null(value=False),
    )
