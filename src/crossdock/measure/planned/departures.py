"""Departures of a lane in time and space: when each load leaves, lands and must have landed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from crossdock.measure.decisions import Decision, read_decision
from crossdock.measure.frames import Tables, table
from crossdock.measure.planned.lanes import loads_with_space
from crossdock.model.network import Network

_AROUND = dt.timedelta(hours=12)
MOST_ALTERNATIVES = 5


def lane_departures(
    tables: Tables,
    network: Network,
    origin: str | None = None,
    destination: str | None = None,
) -> pl.DataFrame:
    """Loads of a lane by departure; without an end, of every lane that has the other.

    They have the columns of ``LOADS`` that a plan fills, ``step``, and ``cutoff_at``: inbound
    cut-off of the first wave where it ends that it comes in time for; null where none is left.
    """
    ends = {"from": origin, "to": destination}
    loads = (
        loads_with_space(tables, network)
        .filter(*(pl.col(end) == asked for end, asked in ends.items() if asked is not None))
        .sort("arrives_at")
    )
    waves = _waves(tables).select(
        "inbound_cutoff_at", to="facility_id", cutoff_at="inbound_cutoff_at"
    )
    timed = loads.join_asof(
        waves,
        left_on="arrives_at",
        right_on="inbound_cutoff_at",
        by="to",
        strategy="forward",
        check_sortedness=False,
    )
    return timed.sort("departs_at", "load_id").select(_SHOWN)


def load_decisions(tables: Tables, loads: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Decisions on loads by id: on who carries each, and on its vehicle.

    Parameters
    ----------
    loads
        ``load_id, movement_id``.
    """
    subjects = pl.concat([loads["load_id"], loads["movement_id"]]).drop_nulls()
    found: dict[str, list[dict[str, Any]]] = {}
    about = table(tables, "decisions").filter(pl.col("subject").is_in(subjects.implode()))
    for row in about.to_dicts():
        decision = read_decision(row)
        found.setdefault(decision.subject, []).append(_told(decision))
    return {
        load_id: [*found.get(load_id, []), *found.get(movement_id, [])]
        for load_id, movement_id in loads.select("load_id", "movement_id").iter_rows()
    }


def lane_cutoffs(
    tables: Tables, destination: str, first: dt.datetime, last: dt.datetime
) -> list[dt.datetime]:
    """Inbound cut-offs of the waves at ``destination`` around some departures and arrivals."""
    here = _waves(tables).filter(pl.col("facility_id") == destination)
    waves = here["inbound_cutoff_at"].unique().sort()
    return waves.filter((waves >= first) & (waves <= last + _AROUND)).to_list()


def _waves(tables: Tables) -> pl.DataFrame:
    return table(tables, "waves").drop_nulls("inbound_cutoff_at").sort("inbound_cutoff_at")


def _told(decision: Decision) -> dict[str, Any]:
    return {
        "question": decision.question,
        "chosen": decision.chosen,
        "reason": decision.reason,
        "saved_usd": decision.saved_usd,
        "alternatives": [
            {
                "option": each.option,
                "cost_usd": each.cost_usd,
                "service": each.service,
                "why_not": each.why_not,
            }
            for each in decision.alternatives[:MOST_ALTERNATIVES]
        ],
    }


_SHOWN = [
    "load_id",
    "from",
    "to",
    "kind",
    "departs_at",
    "arrives_at",
    "cutoff_at",
    "vehicle_type",
    "units",
    "step",
    "driver_mode",
    "driver_ids",
    "carrier_id",
    "relay_facility_id",
    "parcels",
    "volume_m3",
    "weight_kg",
    "cube_share",
    "weight_share",
    "miles",
    "cost_usd",
    "transit_h_p50",
    "transit_h_p90",
    "movement_id",
]
