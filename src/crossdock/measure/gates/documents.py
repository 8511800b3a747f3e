"""Documents that are known to be invalid block; those without data are listed as not checked."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.gates.fault import GateFault, faults
from crossdock.model.network import Network

_REMEDY = "renew it and enter the new date, or plan without"


def documents_gate(tables: Tables, network: Network) -> list[GateFault]:
    """Licence, medical card, inspection, insurance valid through the last day of use."""
    used = _used(tables)
    documents = network["documents"].join(used, on=["subject_kind", "subject_id"], how="inner")
    expired = documents.filter(pl.col("expires") < pl.col("last_day"))
    early = documents.filter(pl.col("issued") > pl.col("first_day"))
    what = pl.format("{} {} expired on {}", "subject_kind", "document", "expires")
    not_yet = pl.format("{} {} is valid only from {}", "subject_kind", "document", "issued")
    return [
        *faults("documents", expired, "subject_id", what, _REMEDY),
        *faults("documents", early, "subject_id", not_yet, _REMEDY),
        *_uninsured_carriers(used, network),
    ]


def documents_not_checked(tables: Tables, network: Network) -> list[str]:
    """How many drivers, vehicles and carriers in use have no document on file."""
    used = _used(tables)
    insured = network["carriers"].filter(pl.col("insurance_expires").is_not_null())
    known = pl.concat(
        [
            network["documents"].select("subject_kind", "subject_id"),
            insured.select(subject_kind=pl.lit("carrier"), subject_id="carrier_id"),
        ]
    )
    bare = used.join(known, on=["subject_kind", "subject_id"], how="anti")
    counts = bare.group_by("subject_kind").len().sort("subject_kind")
    return [
        f"documents: {row['len']:,} {row['subject_kind']}s in use have none on file"
        for row in counts.to_dicts()
    ]


def _uninsured_carriers(used: pl.DataFrame, network: Network) -> list[GateFault]:
    carriers = used.filter(pl.col("subject_kind") == "carrier").join(
        network["carriers"], left_on="subject_id", right_on="carrier_id"
    )
    lapsed = carriers.filter(pl.col("insurance_expires") < pl.col("last_day"))
    what = pl.format("carrier insurance expired on {}", "insurance_expires")
    return faults("documents", lapsed, "subject_id", what, _REMEDY)


def _used(tables: Tables) -> pl.DataFrame:
    """Drivers, vehicles and carriers in the plan with their first and last day of use."""
    duties, tours, loads = (table(tables, name) for name in ("duties", "tours", "loads"))
    handoffs = table(tables, "handoffs")
    parts = [
        _use("driver", duties, "driver_id", "starts_at", "ends_at"),
        _use("driver", tours, "driver_id", "departs_at", "returns_at"),
        _use("vehicle", tours, "vehicle_id", "departs_at", "returns_at"),
        _use("carrier", tours, "carrier_id", "departs_at", "returns_at"),
        _use("carrier", loads, "carrier_id", "departs_at", "arrives_at"),
        _use("carrier", handoffs, "carrier_id", "handoff_at", "handoff_at"),
    ]
    return (
        pl.concat(parts)
        .group_by("subject_kind", "subject_id", maintain_order=True)
        .agg(pl.col("first_day").min(), pl.col("last_day").max())
    )


def _use(kind: str, frame: pl.DataFrame, who: str, first: str, last: str) -> pl.DataFrame:
    # six hours back: an evening in any state of the 48 is not yet the next UTC day
    local = dt.timedelta(hours=6)
    return (
        frame.filter(pl.col(who).is_not_null())
        .group_by(pl.lit(kind).alias("subject_kind"), pl.col(who).alias("subject_id"))
        .agg(
            first_day=(pl.col(first).min() - local).dt.date(),
            last_day=(pl.col(last).max() - local).dt.date(),
        )
        .sort("subject_id")
    )
