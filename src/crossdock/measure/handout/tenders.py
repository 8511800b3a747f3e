"""What is asked of carriers: a row a bought load or block of pallet positions."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.handout.paper import Paper, local_texts, neutral_csv
from crossdock.model.ids import Prefix, sequential_ids
from crossdock.model.network import Network

PICKUP_WINDOW_MIN = 60
DELIVERY_WINDOW_MIN = 60
"""Minutes before the departure, and after the planned arrival, that the dock waits (assumption)."""


def tender_list(tables: Tables, network: Network, *, released_at: dt.datetime) -> Paper:
    """``tenders.csv``, earliest pick-up first.

    A tender goes out at its lead time before the pick-up, or at once where that is past; the
    answer is due ``response_min`` later, and never after the pick-up.
    """
    carriers = network["carriers"].select(
        "carrier_id", "tender_lead_min", "response_min", carrier_name="name"
    )
    pickup, lead = pl.col("departs_at"), pl.col("tender_lead_min").fill_null(0.0)
    sent_at = pl.max_horizontal(pickup - pl.duration(minutes=lead), pl.lit(released_at))
    answered = sent_at + pl.duration(minutes=pl.col("response_min").fill_null(60.0))
    loads = (
        table(tables, "loads")
        .filter(pl.col("kind").is_in(["bought", "pooled"]))
        .join(carriers, on="carrier_id", how="left", maintain_order="left")
        .sort("departs_at", "load_id")
        .with_columns(
            tender_id=pl.Series(sequential_ids(Prefix.TENDER, _tenders(tables)), dtype=pl.String),
            respond_by=pl.min_horizontal(answered, pickup),
            pickup_opens=pickup - pl.duration(minutes=PICKUP_WINDOW_MIN),
            pickup_closes=pickup,
            delivery_opens=pl.col("arrives_at"),
            delivery_closes=pl.col("arrives_at") + pl.duration(minutes=DELIVERY_WINDOW_MIN),
        )
    )
    return Paper("tenders.csv", neutral_csv(_readable(loads, network)))


def _tenders(tables: Tables) -> int:
    return table(tables, "loads").filter(pl.col("kind").is_in(["bought", "pooled"])).height


def _readable(loads: pl.DataFrame, network: Network) -> pl.DataFrame:
    places = network["facilities"].select("facility_id", "name", "address")
    told = local_texts(
        loads, ["respond_by", "pickup_opens", "pickup_closes"], network, place="from"
    )
    told = local_texts(told, ["delivery_opens", "delivery_closes"], network, place="to")
    for end in ("from", "to"):
        named = places.rename(
            {"facility_id": end, "name": f"{end}_name", "address": f"{end}_address"}
        )
        told = told.join(named, on=end, how="left", maintain_order="left")
    return told.select(
        "tender_id",
        "load_id",
        "carrier_id",
        "carrier_name",
        "kind",
        pl.concat_str(["from", "to"], separator="-").alias("lane"),
        "from",
        "from_name",
        "from_address",
        "pickup_opens",
        "pickup_closes",
        "to",
        "to_name",
        "to_address",
        "delivery_opens",
        "delivery_closes",
        pl.col("vehicle_type").alias("equipment"),
        "units",
        "driver_mode",
        "miles",
        "parcels",
        "weight_kg",
        "volume_m3",
        pl.col("cost_usd").round(2).alias("rate_usd"),
        "respond_by",
    )
