"""The run's tables as every measure reads them: absent is empty, a ladder step has one name."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from crossdock.model.network import Network
from crossdock.model.tables import RUN_TABLES, empty

Tables = Mapping[str, pl.DataFrame]

OWN_KINDS = ("loaded", "empty", "bobtail")
EMPTY_KINDS = ("empty", "bobtail")
LADDER = ("pallet", "van", "box", "pups", "trailer")
"""Steps of the capacity ladder, from the smallest."""

LADDER_NAMES: Mapping[str, str] = {
    "pallet": "Pallet positions",
    "van": "Cargo van",
    "box": "Box truck",
    "pups": "Pups",
    "trailer": "53-ft trailer",
}
PUP_NOMINAL_M3 = 65.0
"""A trailer type up to this nominal space is a pup: two ride on one tractor."""


def table(tables: Tables, name: str) -> pl.DataFrame:
    """Frame of a run table; one without rows where the run has none."""
    frame = tables.get(name)
    return empty(RUN_TABLES[name]) if frame is None else frame


def lane(origin: str = "from", destination: str = "to") -> pl.Expr:
    """Lane key ``LAX-DFW`` of two facility columns."""
    return pl.concat_str([origin, destination], separator="-").alias("lane")


def injected(tables: Tables) -> pl.Expr:
    """Whether a parcel is given to USPS or a 3PL for its last mile, here or at its origin."""
    handed_over = table(tables, "handoffs")["parcel_id"].unique().sort()
    return pl.col("parcel_id").is_in(handed_over.implode()).alias("injected")


def on_time_for_service() -> pl.Expr:
    """Planned on time: the median delivery is at or before what the service says."""
    return (pl.col("eta_p50") <= pl.col("service_due_at")).fill_null(False)


def on_time_for_promise() -> pl.Expr:
    """Probability that the promise is kept, as planned; 0 for a parcel without an ETA."""
    return pl.col("p_on_time_promise").fill_null(0.0)


def ladder_steps(loads: pl.DataFrame, network: Network) -> pl.DataFrame:
    """``loads`` with ``step``, its step of the capacity ladder (null: a type not in the files)."""
    types = network["vehicle_types"].select("vehicle_type", "class", "nominal_m3")
    step = (
        pl.when(pl.col("kind") == "pooled")
        .then(pl.lit("pallet"))
        .when(pl.col("class") == "pallet_space")
        .then(pl.lit("pallet"))
        .when(pl.col("class") == "van")
        .then(pl.lit("van"))
        .when(pl.col("class") == "truck")
        .then(pl.lit("box"))
        .when((pl.col("class") == "trailer") & (pl.col("nominal_m3") <= PUP_NOMINAL_M3))
        .then(pl.lit("pups"))
        .when(pl.col("class") == "trailer")
        .then(pl.lit("trailer"))
    )
    joined = loads.join(types, on="vehicle_type", how="left", maintain_order="left")
    return joined.with_columns(step=step).drop("class", "nominal_m3")
