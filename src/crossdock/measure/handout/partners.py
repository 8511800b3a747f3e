"""What each partner takes over: a manifest a partner, facility and entry level."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.handout.manifests import order_texts
from crossdock.measure.handout.paper import Paper, file_stem, local_texts, neutral_csv
from crossdock.model.network import Network

MEASURES = ("pieces", "length_cm", "width_cm", "height_cm", "declared_value_usd")


def partner_manifests(tables: Tables, orders: pl.DataFrame, network: Network) -> Iterator[Paper]:
    """``handoffs/<partner>_<facility>_<entry>.csv``, a row a parcel, earliest handoff first."""
    parcels = table(tables, "parcels").select("parcel_id", "order_id", "service", "weight_kg")
    measures = orders.select("order_id", *MEASURES).unique("order_id", keep="first")
    rows = (
        table(tables, "handoffs")
        .join(parcels, on="parcel_id", how="left")
        .join(measures, on="order_id", how="left")
        .join(order_texts(tables, orders), on="parcel_id", how="left")
        .sort("carrier_id", "facility_id", "entry_level", "handoff_at", "parcel_id")
    )
    instants = ["manifest_due_at", "handoff_at", "critical_entry_at"]
    told = local_texts(rows, instants, network, place="facility_id")
    keys = ["carrier_id", "facility_id", "entry_level"]
    for key, part in told.group_by(keys, maintain_order=True):
        stem = file_stem(*(str(name or "any") for name in key))
        yield Paper(f"handoffs/{stem}.csv", neutral_csv(_rows(part)))


def _rows(part: pl.DataFrame) -> pl.DataFrame:
    return part.select(
        "parcel_id",
        "order_id",
        "service",
        "carrier_id",
        "facility_id",
        "entry_level",
        "manifest_due_at",
        pl.col("handoff_at").alias("entry_at"),
        "critical_entry_at",
        "weight_kg",
        *MEASURES,
        "recipient",
        "line1",
        "line2",
        "city",
        "state",
        "zip5",
    )
