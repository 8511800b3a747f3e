"""What can be bought on a lane."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.locate.roads import lane_table
from crossdock.model import Network
from crossdock.plan.capacity import linehaul_offers


def lane_offers(network: Network, start: str, end: str, date: dt.date) -> pl.DataFrame:
    """`OFFERS` from one facility to another on a day; none where nobody sells the lane."""
    here = (pl.col("from_facility_id") == start) & (pl.col("to_facility_id") == end)
    back = (pl.col("from_facility_id") == end) & (pl.col("to_facility_id") == start)
    # Of own vehicles the way back is part of the price.
    lanes = lane_table(network.on(date)).filter(here | back)
    offers = linehaul_offers(network, lanes, date=date)
    return offers.filter(here, pl.col("cost_usd").is_not_null(), pl.col("transit_s") > 0)
