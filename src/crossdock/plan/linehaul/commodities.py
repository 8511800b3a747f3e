"""Parcels that want the same journey, and the chunks in which the search moves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.plan.linehaul.ladder import (
    CM3_PER_M3,
    GRAMS_PER_KG,
    FloatArray,
    IntArray,
)
from crossdock.plan.linehaul.problem import LinehaulProblem

CHUNKS_WANTED = 1_500
"""Search work grows with the chunks: a large day is cut less finely."""
SMALLEST_CHUNK_M3 = 2.0
"""About the usable space of two pallet positions; splitting finer moves nothing."""
CHUNK_KG_PER_M3 = 250.0
"""A chunk is full by weight at this density, a loaded 53-ft trailer's."""

JOURNEY = (
    "origin_facility_id",
    "origin_wave_index",
    "destination_facility_id",
    "arrive_by_wave_index",
    "service",
    "injectable",
)


@dataclass(frozen=True)
class Demand:
    """What must travel, as arrays.

    Attributes
    ----------
    parcels
        Travelling consignments with ``cm3``, ``grams``, ``chunk`` in the order of ``chunk``.
    commodities
        One row a journey: the columns of `JOURNEY`, ``parcels``, ``pieces``, ``cm3``, ``grams``,
        ``inject_usd`` (origin injection less the delivery it replaces, its lateness included; null
        where a parcel has no such entry).
    chunk_*
        One entry a chunk; chunks of a commodity are adjacent, commodities in their order.
    """

    parcels: pl.DataFrame
    commodities: pl.DataFrame
    chunk_commodity: IntArray
    chunk_cm3: IntArray
    chunk_g: IntArray
    chunk_pieces: IntArray
    chunk_parcels: IntArray
    chunk_inject_usd: FloatArray


def build_demand(problem: LinehaulProblem) -> Demand:
    """Group the parcels that leave their origin into commodities and chunks."""
    travelling = _measured(problem)
    travelling = travelling.with_columns(
        commodity=pl.struct(JOURNEY).rle_id().cast(pl.Int64)
    ).with_columns(_chunk_within_commodity(travelling))
    parcels = travelling.with_columns(
        chunk=pl.struct("commodity", "part").rle_id().cast(pl.Int64)
    ).drop("part")
    totals = (
        pl.len().alias("parcels").cast(pl.Int64),
        pl.col("pieces", "cm3", "grams").sum(),
        pl.when(pl.col("injectable").first()).then(pl.col("inject_usd").sum()).alias("inject_usd"),
    )
    commodities = parcels.group_by("commodity", *JOURNEY, maintain_order=True).agg(
        *(total for total in totals)
    )
    chunks = parcels.group_by("commodity", "chunk", maintain_order=True).agg(*totals)
    return Demand(
        parcels=parcels,
        commodities=commodities,
        chunk_commodity=_integers(chunks["commodity"]),
        chunk_cm3=_integers(chunks["cm3"]),
        chunk_g=_integers(chunks["grams"]),
        chunk_pieces=_integers(chunks["pieces"]),
        chunk_parcels=_integers(chunks["parcels"]),
        chunk_inject_usd=chunks["inject_usd"].fill_null(np.inf).to_numpy().astype(np.float64),
    )


def _measured(problem: LinehaulProblem) -> pl.DataFrame:
    late_usd = problem.late_usd_parcel_day * pl.col("origin_injection_late_days").fill_null(0.0)
    return (
        problem.consignments.filter(
            pl.col("origin_facility_id") != pl.col("destination_facility_id")
        )
        .with_columns(
            # Rounded up, so that whole-number space is never exceeded in real space.
            cm3=(pl.col("volume_m3") * CM3_PER_M3 - 1e-6).ceil().cast(pl.Int64).clip(1),
            grams=(pl.col("weight_kg") * GRAMS_PER_KG - 1e-6).ceil().cast(pl.Int64).clip(0),
            injectable=pl.col("origin_injection_usd").is_not_null(),
            inject_usd=pl.col("origin_injection_usd")
            - pl.col("delivery_cost_usd").fill_null(0.0)
            + late_usd,
        )
        .sort([*JOURNEY, "zip5", "parcel_id"], nulls_last=True)
    )


def _chunk_within_commodity(travelling: pl.DataFrame) -> pl.Expr:
    """Equal parts by volume (or weight where that fills first) along the ZIP order."""
    total_m3 = float(travelling["cm3"].sum()) / CM3_PER_M3
    part_m3 = max(SMALLEST_CHUNK_M3, total_m3 / CHUNKS_WANTED)
    size = pl.max_horizontal(
        pl.col("cm3") / (part_m3 * CM3_PER_M3),
        pl.col("grams") / (part_m3 * CHUNK_KG_PER_M3 * GRAMS_PER_KG),
    )
    journey = pl.struct(JOURNEY).rle_id()
    whole = size.sum().over(journey)
    before = size.cum_sum().over(journey) - size
    return ((before / whole * whole.ceil()).floor().cast(pl.Int64)).alias("part")


def _integers(column: pl.Series) -> IntArray:
    return np.ascontiguousarray(column.to_numpy(), dtype=np.int64).copy()
