"""When each option reaches the door, and how late that is."""

from __future__ import annotations

import polars as pl

from crossdock.model import Network
from crossdock.plan.delivery.days import DeliveryDays
from crossdock.plan.delivery.reach import earliest_reach


def with_timing(
    network: Network,
    options: pl.DataFrame,
    waves: pl.DataFrame,
    dated: pl.DataFrame,
    offers: pl.DataFrame,
) -> pl.DataFrame:
    """Date at the door of each option, usual and cautious, and the days it is late."""
    hubs = network["facilities"].filter(pl.col("roles").list.contains("hub"))["facility_id"]
    starts = options["origin_wave_index"].unique(maintain_order=True).to_list()
    days = DeliveryDays(network)
    timed = options
    for name, cautious in (("usual", False), ("cautious", True)):
        reach = earliest_reach(waves, offers, hubs.to_list(), starts, cautious=cautious).frame.join(
            dated.select("wave_index", "delivery_date"),
            on="wave_index",
            how="left",
            maintain_order="left",
        )
        handoffs = timed.join(
            reach.select("origin_wave_index", "facility_id", "delivery_date", pl.col("wave_index")),
            on=["origin_wave_index", "facility_id"],
            how="left",
            maintain_order="left",
        ).with_columns(
            date=pl.when("injects_here").then(pl.col("ship_date")).otherwise("delivery_date")
        )
        timed = timed.with_columns(
            days.delivered_on(handoffs).alias(f"{name}_date"),
            handoffs["wave_index"].alias(f"{name}_wave_index"),
        )
    late = (pl.col("usual_date") - pl.col("due_date")).dt.total_days().clip(lower_bound=0)
    return timed.with_columns(late_days=late.cast(pl.Float64))
