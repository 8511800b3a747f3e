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

    Few wide arrays, because compiled code counts references to each of them at every call.

    ``space``: a row a rung, the columns `CM3`, `GRAMS` and `MOST` (units to be had) of one vehicle
    (a pooled rung: one position); ``price``: the columns `USD`, and `USD_CM3` and `USD_GRAM`, the
    least dollars a cm3 and a gram of this rung and those after it; ``limit``: a row a ladder, the
    `CM3` and `GRAMS` of all units together, and 0 in `VEHICLE` for pooled positions.
    """

    start: IntArray
    space: IntArray
    price: FloatArray
    limit: IntArray


CM3, GRAMS, MOST = 0, 1, 2
USD, USD_CM3, USD_GRAM = 0, 1, 2
VEHICLE = 2


def build_ladders(
    offers: pl.DataFrame, freight_m3: float, freight_kg: float
) -> tuple[Ladders, pl.DataFrame]:
    """Ladders of ``offers`` and their rungs as a frame.

    Parameters
    ----------
    offers
        Frame of schema `OFFERS`.
    freight_m3, freight_kg
        All that may ever ride together.

    Returns
    -------
    tuple
        The ladders in the order of (from, to, speed class), and a frame of the rungs in the same
        order: the offers' columns with ``ladder``, ``speed_code`` and ``slowest_s``, the longest
        transit among all offers of the ladder.

    Notes
    -----
    Of offers alike in vehicle type a dearer one stays only where the cheaper ones do not hold twice
    the freight (parcels are not liquid). Of more than `MAX_RUNGS`, the cheapest of every type stay
    before the second cheapest of any.
    """
    key = ["from_facility_id", "to_facility_id", "speed_code"]
    alike = [*key, "vehicle_type"]
    rungs = (
        offers.with_columns(
            speed_code=pl.col("speed").replace_strict(
                list(SPEEDS), list(range(len(SPEEDS))), return_dtype=pl.Int64
            ),
            limit=pl.col("max_units").fill_null(UNLIMITED).clip(0, UNLIMITED),
            vehicle_m3=pl.col("unit_m3") * pl.col("units_per_vehicle"),
            vehicle_kg=pl.col("unit_kg") * pl.col("units_per_vehicle"),
        )
        .with_columns(
            rate=pl.col("cost_usd") / pl.col("vehicle_m3"),
            slowest_s=pl.col("transit_s").max().over(key),
        )
        .filter(pl.col("limit") > 0)
        .sort([*alike, "cost_usd", "service_score", "offer_id"], nulls_last=True)
        .with_columns(
            nth=pl.int_range(pl.len()).over(alike),
            cheaper_m3=_before(pl.col("limit") * pl.col("vehicle_m3"), alike),
            cheaper_kg=_before(pl.col("limit") * pl.col("vehicle_kg"), alike),
        )
        .filter(
            (pl.col("cheaper_m3") < 2 * freight_m3)
            | (pl.col("cheaper_kg") < 2 * freight_kg)
            | (pl.col("nth") == 0)
        )
        .sort([*key, "nth", "rate", "offer_id"])
        .filter(pl.int_range(pl.len()).over(key) < MAX_RUNGS)
        .sort([*key, "rate", "offer_id"])
        .with_columns(ladder=pl.struct(key).rle_id().cast(pl.Int64))
        .drop("rate", "nth", "vehicle_m3", "vehicle_kg", "cheaper_m3", "cheaper_kg")
    )
    return _ladders(rungs), rungs


def _before(amount: pl.Expr, group: list[str]) -> pl.Expr:
    """Sum of ``amount`` over the rows of the group above this one."""
    return amount.cum_sum().over(group) - amount


def _ladders(rungs: pl.DataFrame) -> Ladders:
    ladder = rungs["ladder"].to_numpy().astype(np.int64)
    count = int(ladder.max()) + 1 if ladder.size else 0
    start = np.searchsorted(ladder, np.arange(count + 1)).astype(np.int64)
    per_vehicle = rungs["units_per_vehicle"].to_numpy()
    limit = rungs["limit"].to_numpy().astype(np.int64)
    cm3 = capacity_cm3(rungs["unit_m3"].to_numpy()) * per_vehicle
    grams = capacity_g(rungs["unit_kg"].to_numpy()) * per_vehicle
    usd = rungs["cost_usd"].to_numpy().astype(np.float64)
    price = np.stack([usd, usd / cm3, usd / grams], axis=1)
    for first, last in pairwise(start.tolist()):
        price[first:last, 1:] = np.minimum.accumulate(price[first:last, 1:][::-1])[::-1]
    return Ladders(
        start=start,
        space=np.ascontiguousarray(np.stack([cm3, grams, limit], axis=1)).astype(np.int64),
        price=price,
        limit=np.stack(
            [
                np.bincount(ladder, cm3 * limit, minlength=count),
                np.bincount(ladder, grams * limit, minlength=count),
                rungs["speed_code"].to_numpy()[start[:-1]] != 0,
            ],
            axis=1,
        ).astype(np.int64),
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
    if cm3 > ladders.limit[ladder, CM3] or grams > ladders.limit[ladder, GRAMS]:
        usd = _cover_all(ladders, ladder, cm3, grams, counts)
    elif rungs == 1:
        counts[0] = max(
            -(-cm3 // ladders.space[first, CM3]), -(-grams // ladders.space[first, GRAMS])
        )
        usd = counts[0] * ladders.price[first, USD]
    else:
        usd = _cover_exact(ladders, first, rungs, cm3, grams, counts)
    if not ladders.limit[ladder, VEHICLE]:
        return usd, 1
    vehicles = 0
    for rung in range(rungs):
        vehicles += counts[rung]
    return usd, vehicles


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
def _cover_all(ladders: Ladders, ladder: int, cm3: int, grams: int, counts: IntArray) -> float:
    """Every unit there is, and the overflow at its deterrent price."""
    first = ladders.start[ladder]
    over_m3 = max(cm3 - ladders.limit[ladder, CM3], 0) / CM3_PER_M3
    over_kg = max(grams - ladders.limit[ladder, GRAMS], 0) / GRAMS_PER_KG
    usd = over_m3 * OVERFLOW_USD_PER_M3 + over_kg * OVERFLOW_USD_PER_KG
    for rung in range(ladders.start[ladder + 1] - first):
        counts[rung] = ladders.space[first + rung, MOST]
        usd += counts[rung] * ladders.price[first + rung, USD]
    return usd


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
            by_cm3 = -(-max(cm3, 0) // ladders.space[at, CM3])
            by_g = -(-max(grams, 0) // ladders.space[at, GRAMS])
            taken[rung] = min(ladders.space[at, MOST], max(by_cm3, by_g))
            step = taken[rung]
        elif taken[rung] > 0:
            taken[rung] -= 1
            step = -1
        else:
            rung -= 1
            continue
        cm3 -= step * ladders.space[at, CM3]
        grams -= step * ladders.space[at, GRAMS]
        usd += step * ladders.price[at, USD]
        descending = False
        if cm3 <= 0 and grams <= 0:
            if usd < best - 1e-9:
                best = usd
                for index in range(rungs):
                    counts[index] = taken[index] if index <= rung else 0
            continue
        if rung + 1 == rungs:
            # The last rung alone must cover; fewer of it never will.
            cm3 += taken[rung] * ladders.space[at, CM3]
            grams += taken[rung] * ladders.space[at, GRAMS]
            usd -= taken[rung] * ladders.price[at, USD]
            taken[rung] = 0
            continue
        rest = max(
            max(cm3, 0) * ladders.price[at + 1, USD_CM3],
            max(grams, 0) * ladders.price[at + 1, USD_GRAM],
        )
        if usd + rest < best - 1e-9:
            rung += 1
            descending = True
        elif (
            rest > 0 and ladders.price[at, USD_CM3] <= ladders.price[at + 1, USD_CM3] and grams <= 0
        ):
            # Giving back units of a better rate only widens the gap that the rest must fill.
            cm3 += taken[rung] * ladders.space[at, CM3]
            grams += taken[rung] * ladders.space[at, GRAMS]
            usd -= taken[rung] * ladders.price[at, USD]
            taken[rung] = 0
    return best
