"""The capacity ladder of a lane: which vehicles carry a volume and a weight for the least money.

All offers of one lane and speed form a ladder; each is a rung. A departure that carries ``v`` cm3
and ``w`` grams is covered by whole units of rungs: a small two-dimensional covering problem, solved
exactly here. Integers keep sums exact whatever the order in which parcels come and go.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from crossdock.model.compiled import compiled
from crossdock.plan.linehaul.problem import SPEEDS

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

CM3_PER_M3 = 1_000_000
GRAMS_PER_KG = 1_000
UNLIMITED = 1_000_000
"""Units of a rung without ``max_units``."""
MAX_RUNGS = 12
OVERFLOW_USD_PER_M3 = 5_000.0
"""Price of space that no offer of the lane has left: dearer than anything real, still finite."""
OVERFLOW_USD_PER_KG = 50.0


class Ladders(NamedTuple):
    """Rungs of all ladders, those of ladder ``i`` at ``start[i]:start[i + 1]``, best rate first.

    ``rung_cm3``, ``rung_g``, ``rung_usd``: one vehicle (a pooled rung: one position);
    ``rate_cm3``, ``rate_g``: least dollars a cm3 and a gram of this rung and those after it;
    ``limit_*``: space of all units together; ``vehicle``: 0 for pooled positions.
    """

    start: IntArray
    rung_cm3: IntArray
    rung_g: IntArray
    rung_usd: FloatArray
    rung_max: IntArray
    rate_cm3: FloatArray
    rate_g: FloatArray
    limit_cm3: IntArray
    limit_g: IntArray
    vehicle: IntArray


def build_ladders(offers: pl.DataFrame) -> tuple[Ladders, pl.DataFrame]:
    """Ladders of ``offers`` and their rungs as a frame.

    Parameters
    ----------
    offers
        Frame of schema `OFFERS`.

    Returns
    -------
    tuple
        The ladders in the order of (from, to, speed class), and a frame of the rungs in the same
        order: the offers' columns with ``ladder`` and ``speed_code``.

    Notes
    -----
    Of offers alike in vehicle type, the dearer ones stay only behind a limit of the cheaper ones.
    """
    key = ["from_facility_id", "to_facility_id", "speed_code"]
    usable = (pl.col("unit_m3") * pl.col("units_per_vehicle") * CM3_PER_M3).floor()
    rungs = (
        offers.with_columns(
            speed_code=pl.col("speed").replace_strict(
                list(SPEEDS), list(range(len(SPEEDS))), return_dtype=pl.Int64
            ),
            limit=pl.col("max_units").fill_null(UNLIMITED).clip(0, UNLIMITED),
        )
        .filter(pl.col("limit") > 0)
        .sort([*key, "vehicle_type", "cost_usd", "service_score", "offer_id"], nulls_last=True)
        .with_columns(
            cheaper=pl.col("limit").cum_sum().over([*key, "vehicle_type"]) - pl.col("limit")
        )
        .filter(pl.col("cheaper") < UNLIMITED)
        .with_columns(rate=pl.col("cost_usd") / usable)
        .sort([*key, "rate", "offer_id"])
        .filter(pl.int_range(pl.len()).over(key) < MAX_RUNGS)
        .with_columns(ladder=pl.struct(key).rle_id().cast(pl.Int64))
        .drop("cheaper", "rate")
    )
    return _ladders(rungs), rungs


def _ladders(rungs: pl.DataFrame) -> Ladders:
    ladder = rungs["ladder"].to_numpy().astype(np.int64)
    count = int(ladder.max()) + 1 if ladder.size else 0
    start = np.searchsorted(ladder, np.arange(count + 1)).astype(np.int64)
    per_vehicle = rungs["units_per_vehicle"].to_numpy()
    cm3 = capacity_cm3(rungs["unit_m3"].to_numpy()) * per_vehicle
    grams = capacity_g(rungs["unit_kg"].to_numpy()) * per_vehicle
    usd = rungs["cost_usd"].to_numpy().astype(np.float64)
    limit = rungs["limit"].to_numpy().astype(np.int64)
    rate_cm3, rate_g = usd / cm3, usd / grams
    for first, last in pairwise(start.tolist()):
        rate_cm3[first:last] = np.minimum.accumulate(rate_cm3[first:last][::-1])[::-1]
        rate_g[first:last] = np.minimum.accumulate(rate_g[first:last][::-1])[::-1]
    return Ladders(
        start=start,
        rung_cm3=cm3,
        rung_g=grams,
        rung_usd=usd,
        rung_max=limit,
        rate_cm3=rate_cm3,
        rate_g=rate_g,
        limit_cm3=np.bincount(ladder, cm3 * limit, minlength=count).astype(np.int64),
        limit_g=np.bincount(ladder, grams * limit, minlength=count).astype(np.int64),
        vehicle=(rungs["speed_code"].to_numpy()[start[:-1]] != 0).astype(np.int64),
    )


def capacity_cm3(unit_m3: npt.NDArray[np.float64]) -> IntArray:
    """Usable space in whole cm3, rounded down."""
    return np.floor(unit_m3 * CM3_PER_M3 + 1e-6).astype(np.int64)


def capacity_g(unit_kg: npt.NDArray[np.float64]) -> IntArray:
    """Payload in whole grams, rounded down."""
    return np.floor(unit_kg * GRAMS_PER_KG + 1e-6).astype(np.int64)


@compiled
def cover(
    ladders: Ladders, ladder: int, cm3: int, grams: int, counts: IntArray
) -> tuple[float, int]:
    """Cheapest whole units of a ladder that hold a volume and a weight.

    Depth-first over the rungs, best rate first and most units first, cut by the least that the
    rest can still cost by volume or by weight: exact, and a handful of nodes in practice.

    Parameters
    ----------
    ladders, ladder
        All ladders, and the index of the one to use.
    cm3, grams
        What must fit.
    counts
        Filled with the units of each rung; at least `MAX_RUNGS` long.

    Returns
    -------
    tuple
        Dollars, and vehicles at the dock (a block of pooled positions is one).
    """
    first = ladders.start[ladder]
    rungs = ladders.start[ladder + 1] - first
    for rung in range(rungs):
        counts[rung] = 0
    if cm3 <= 0 and grams <= 0:
        return 0.0, 0
    over_cm3 = cm3 - ladders.limit_cm3[ladder]
    over_g = grams - ladders.limit_g[ladder]
    if over_cm3 > 0 or over_g > 0:
        return _cover_all(ladders, ladder, over_cm3, over_g, counts)
    usd = _cover_exact(ladders, first, rungs, cm3, grams, counts)
    units = 0
    for rung in range(rungs):
        units += counts[rung]
    return usd, (units if ladders.vehicle[ladder] else 1)


@compiled
def cover_loads(
    ladders: Ladders,
    arc_ladder: IntArray,
    cm3: IntArray,
    grams: IntArray,
    usd: FloatArray,
    vehicles: IntArray,
) -> None:
    """`cover` of many loads: fills ``usd`` and ``vehicles``, one each."""
    counts = np.zeros(MAX_RUNGS, np.int64)
    for arc in range(arc_ladder.size):
        if cm3[arc] > 0 or grams[arc] > 0:
            usd[arc], vehicles[arc] = cover(ladders, arc_ladder[arc], cm3[arc], grams[arc], counts)


@compiled
def _cover_all(
    ladders: Ladders, ladder: int, over_cm3: int, over_g: int, counts: IntArray
) -> tuple[float, int]:
    """Every unit there is, and the overflow at its deterrent price."""
    first = ladders.start[ladder]
    usd = max(over_cm3, 0) * 1e-6 * OVERFLOW_USD_PER_M3 + max(over_g, 0) * 1e-3 * (
        OVERFLOW_USD_PER_KG
    )
    units = 0
    for rung in range(ladders.start[ladder + 1] - first):
        counts[rung] = ladders.rung_max[first + rung]
        units += counts[rung]
        usd += counts[rung] * ladders.rung_usd[first + rung]
    return usd, (units if ladders.vehicle[ladder] else 1)


@compiled
def _cover_exact(
    ladders: Ladders, first: int, rungs: int, cm3: int, grams: int, counts: IntArray
) -> float:
    taken = np.zeros(MAX_RUNGS, np.int64)
    best = np.inf
    usd = 0.0
    rung = 0
    descending = True
    while rung >= 0:
        at = first + rung
        if descending:
            # Round up in each dimension: more units of this rung can never be needed.
            by_cm3 = -(-max(cm3, 0) // ladders.rung_cm3[at])
            by_g = -(-max(grams, 0) // ladders.rung_g[at])
            taken[rung] = min(ladders.rung_max[at], max(by_cm3, by_g))
            step = taken[rung]
        elif taken[rung] > 0:
            taken[rung] -= 1
            step = -1
        else:
            rung -= 1
            continue
        cm3 -= step * ladders.rung_cm3[at]
        grams -= step * ladders.rung_g[at]
        usd += step * ladders.rung_usd[at]
        descending = False
        if cm3 <= 0 and grams <= 0:
            if usd < best - 1e-9:
                best = usd
                for index in range(rungs):
                    counts[index] = taken[index] if index <= rung else 0
            continue
        if rung + 1 == rungs:
            # The last rung alone must cover; fewer of it never will.
            cm3 += taken[rung] * ladders.rung_cm3[at]
            grams += taken[rung] * ladders.rung_g[at]
            usd -= taken[rung] * ladders.rung_usd[at]
            taken[rung] = 0
            continue
        rest = max(max(cm3, 0) * ladders.rate_cm3[at + 1], max(grams, 0) * ladders.rate_g[at + 1])
        if usd + rest < best - 1e-9:
            rung += 1
            descending = True
        elif rest > 0 and ladders.rate_cm3[at] <= ladders.rate_cm3[at + 1] and grams <= 0:
            # Giving back units of a better rate only widens the gap that the rest must fill.
            cm3 += taken[rung] * ladders.rung_cm3[at]
            grams += taken[rung] * ladders.rung_g[at]
            usd -= taken[rung] * ladders.rung_usd[at]
            taken[rung] = 0
    return best
