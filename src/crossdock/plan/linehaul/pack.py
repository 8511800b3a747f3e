"""Whole parcels into single vehicles: the last step from volumes to load sheets.

A chunk stays together while a vehicle has room for all of it, else its parcels fill what is left,
first fit. Where whole parcels need more than the volume said, a unit is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from crossdock.model.compiled import compiled
from crossdock.model.tables import MOVEMENTS, PARCEL_MOVEMENTS, conform
from crossdock.plan.linehaul.ladder import (
    MAX_RUNGS,
    MOST,
    USD,
    VEHICLE,
    FloatArray,
    IntArray,
    capacity_cm3,
    capacity_g,
    cover,
)
from crossdock.plan.linehaul.prepare import Prepared

BoolArray = npt.NDArray[np.bool_]

TOO_LARGE = "larger or heavier than every vehicle on offer for its path"
NO_UNIT_LEFT = "every vehicle on offer for its departure is full"


@dataclass(frozen=True)
class Routing:
    """Where chunks go, and with what.

    Attributes
    ----------
    arcs
        Departures of each chunk in order, -1 after the last; all -1: injected.
    late_days
        Days each chunk lands after its due wave.
    units
        Units of each rung of its ladder, for every departure used.
    """

    arcs: IntArray
    late_days: FloatArray
    units: dict[int, IntArray]


@dataclass(frozen=True)
class Packed:
    """Frames of schemas `MOVEMENTS` and `PARCEL_MOVEMENTS`, and what did not fit anywhere.

    ``movement_rungs``: ``movement_id, arc, rung`` (the row of the network's rungs);
    ``left_behind``: ``parcel_id, reason``.
    """

    movements: pl.DataFrame
    parcel_movements: pl.DataFrame
    movement_rungs: pl.DataFrame
    left_behind: pl.DataFrame


@dataclass(frozen=True)
class _Bins:
    """Spaces of one departure: vehicle, rung and capacity of each; a pair of pups is two bins."""

    vehicle: IntArray
    rung: IntArray
    cm3: IntArray
    grams: IntArray


def pack(prepared: Prepared, routing: Routing) -> Packed:
    """Put every travelling parcel into one vehicle on each leg, never over cube or weight."""
    parcels = prepared.demand.parcels
    cm3 = np.array(parcels["cm3"].to_numpy(), dtype=np.int64)
    grams = np.array(parcels["grams"].to_numpy(), dtype=np.int64)
    chunk = np.array(parcels["chunk"].to_numpy(), dtype=np.int64)
    parcel, leg, arc = _rides(prepared, routing, chunk)
    vehicle = np.full(parcel.size, -1, dtype=np.int64)
    box = np.zeros(parcel.size, dtype=np.int64)
    rung = np.full(parcel.size, -1, dtype=np.int64)
    reason: dict[int, str] = {}
    first_vehicle = 0
    for low, high in _runs(arc):
        riders = parcel[low:high]
        bins, bin_of = _pack_departure(
            prepared, int(arc[low]), routing, cm3[riders], grams[riders], chunk[riders]
        )
        seated = bin_of >= 0
        vehicle[low:high] = np.where(seated, first_vehicle + bins.vehicle[bin_of], -1)
        rung[low:high] = bins.rung[bin_of]
        box[low:high] = bin_of
        first_vehicle += int(bins.vehicle.max()) + 1
        for rider in riders[~seated].tolist():
            fits = (cm3[rider] <= bins.cm3) & (grams[rider] <= bins.grams)
            reason[rider] = NO_UNIT_LEFT if fits.any() else TOO_LARGE
    rides = pl.DataFrame(
        {"parcel": parcel, "leg": leg, "arc": arc, "vehicle": vehicle, "rung": rung, "bin": box}
    ).filter(~pl.col("parcel").is_in(sorted(reason)))
    left = sorted(reason)
    left_behind = pl.DataFrame(
        {
            "parcel_id": parcels["parcel_id"].gather(left),
            "reason": pl.Series([reason[rider] for rider in left], dtype=pl.String),
        }
    )
    return _frames(prepared, rides, left_behind)


def _rides(
    prepared: Prepared, routing: Routing, chunk: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Parcel, leg and departure of every ride, by departure, large chunks first."""
    of_parcel = routing.arcs[chunk]
    parcel, leg = np.nonzero(of_parcel >= 0)
    arc = of_parcel[parcel, leg]
    size = prepared.demand.chunk_cm3[chunk[parcel]]
    order = np.lexsort((parcel, chunk[parcel], -size, arc))
    return parcel[order], leg[order], arc[order]


def _runs(arc: IntArray) -> list[tuple[int, int]]:
    starts = np.flatnonzero(np.diff(arc, prepend=-1)).tolist()
    return list(pairwise([*starts, arc.size]))


def _pack_departure(
    prepared: Prepared,
    arc: int,
    routing: Routing,
    cm3: IntArray,
    grams: IntArray,
    chunk: IntArray,
) -> tuple[_Bins, IntArray]:
    """Bins of a departure and the bin of each parcel; units are added while parcels are left."""
    ladders = prepared.network.ladders
    ladder = int(prepared.network.timetable.arc_ladder[arc])
    limits = ladders.space[ladders.start[ladder] : ladders.start[ladder + 1], MOST]
    units = routing.units[arc][: limits.size].copy()
    largest_cm3, largest_g = _largest_spaces(prepared, ladder, limits)
    fits = (cm3[:, None] <= largest_cm3) & (grams[:, None] <= largest_g)
    more = np.zeros(MAX_RUNGS, dtype=np.int64)
    left_before = cm3.size + 1
    while True:
        bins = _bins(prepared, ladder, units)
        bin_of = np.full(cm3.size, -1, dtype=np.int64)
        fill_bins(cm3, grams, chunk, bins.cm3.copy(), bins.grams.copy(), bin_of)
        # What is larger than every space stays: no number of units would take it.
        left = (bin_of < 0) & fits.any(axis=1)
        if not left.any():
            return bins, bin_of
        cover(ladders, ladder, int(cm3[left].sum()), int(grams[left].sum()), more)
        grown = np.minimum(units + more[: limits.size], limits)
        # Enough by volume may be too small for one large parcel, however often it is added.
        if (grown == units).all() or left.sum() >= left_before:
            grown = _one_more_fitting(prepared, ladder, units, limits, fits[left])
        if (grown == units).all():
            return bins, bin_of
        left_before = int(left.sum())
        units = grown


def _largest_spaces(prepared: Prepared, ladder: int, limits: IntArray) -> tuple[IntArray, IntArray]:
    """Space of each rung that one parcel may use: a unit, or all pooled positions of a kind."""
    rungs, ladders = prepared.network.rungs, prepared.network.ladders
    of_ladder = slice(int(ladders.start[ladder]), int(ladders.start[ladder + 1]))
    common = np.where(ladders.limit[ladder, VEHICLE] > 0, 1, limits)
    return (
        capacity_cm3(rungs["unit_m3"].to_numpy()[of_ladder]) * common,
        capacity_g(rungs["unit_kg"].to_numpy()[of_ladder]) * common,
    )


def _one_more_fitting(
    prepared: Prepared, ladder: int, units: IntArray, limits: IntArray, fits: BoolArray
) -> IntArray:
    """One more of the cheapest unit that takes a parcel left, if there is one to be had.

    ``fits``: a row a parcel left, a column a rung.
    """
    ladders = prepared.network.ladders
    usd = ladders.price[ladders.start[ladder] : ladders.start[ladder + 1], USD]
    grown = units.copy()
    for index in np.argsort(usd, kind="stable").tolist():
        if fits[:, index].any() and units[index] < limits[index]:
            grown[index] += 1
            return grown
    return grown


def _bins(prepared: Prepared, ladder: int, units: IntArray) -> _Bins:
    """Largest space first; pooled positions of one kind are one common space."""
    network = prepared.network
    first = int(network.ladders.start[ladder])
    unit_cm3 = capacity_cm3(network.rungs["unit_m3"].to_numpy()[first : first + units.size])
    unit_g = capacity_g(network.rungs["unit_kg"].to_numpy()[first : first + units.size])
    per_vehicle = network.rungs["units_per_vehicle"].to_numpy()[first : first + units.size]
    pooled = not network.ladders.limit[ladder, VEHICLE]
    rows: list[tuple[int, int, int, int]] = []
    vehicle = 0
    for index in np.argsort(-unit_cm3, kind="stable").tolist():
        count = int(units[index])
        if pooled and count:
            rows.append((vehicle, index, int(unit_cm3[index]) * count, int(unit_g[index]) * count))
            vehicle += 1
        for _ in range(0 if pooled else count):
            bins = int(per_vehicle[index])
            rows += [(vehicle, index, int(unit_cm3[index]), int(unit_g[index]))] * bins
            vehicle += 1
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return _Bins(table[:, 0], first + table[:, 1], table[:, 2], table[:, 3])


@compiled
def fill_bins(
    cm3: IntArray,
    grams: IntArray,
    chunk: IntArray,
    room_cm3: IntArray,
    room_g: IntArray,
    bin_of: IntArray,
) -> None:
    """Bin of each parcel (-1: none has room), chunks whole where they fit.

    Parameters
    ----------
    cm3, grams, chunk
        Of each parcel; parcels of a chunk are adjacent.
    room_cm3, room_g
        Space of each bin; used up.
    bin_of
        Filled.
    """
    low = 0
    while low < cm3.size:
        high = low
        chunk_cm3 = chunk_g = 0
        while high < cm3.size and chunk[high] == chunk[low]:
            chunk_cm3 += cm3[high]
            chunk_g += grams[high]
            high += 1
        whole = _first_fit(chunk_cm3, chunk_g, room_cm3, room_g)
        for parcel in range(low, high):
            place = whole
            if whole < 0:
                place = _first_fit(cm3[parcel], grams[parcel], room_cm3, room_g)
            bin_of[parcel] = place
            if place >= 0:
                room_cm3[place] -= cm3[parcel]
                room_g[place] -= grams[parcel]
        low = high


@compiled
def _first_fit(cm3: int, grams: int, room_cm3: IntArray, room_g: IntArray) -> int:
    for place in range(room_cm3.size):
        if cm3 <= room_cm3[place] and grams <= room_g[place]:
            return place
    return -1


def _frames(prepared: Prepared, rides: pl.DataFrame, left_behind: pl.DataFrame) -> Packed:
    rungs = prepared.network.rungs.with_row_index("rung").select(
        pl.col("rung").cast(pl.Int64),
        "from_facility_id",
        "to_facility_id",
        "speed",
        "vehicle_type",
        "unit_m3",
        "unit_kg",
        "cost_usd",
    )
    measures = prepared.demand.parcels.select("parcel_id", "volume_m3", "weight_kg").with_row_index(
        "parcel"
    )
    seated = rides.join(
        measures.with_columns(pl.col("parcel").cast(pl.Int64)),
        on="parcel",
        how="left",
        maintain_order="left",
    )
    movements = (
        seated.group_by("vehicle", maintain_order=True)
        .agg(
            pl.col("arc", "rung").first(),
            parcels=pl.len().cast(pl.Int64),
            boxes=pl.col("bin").n_unique().cast(pl.Int64),
            volume_m3=pl.col("volume_m3").sum(),
            weight_kg=pl.col("weight_kg").sum(),
        )
        .join(_departures(prepared), on="arc", how="left", maintain_order="left")
        .join(rungs, on="rung", how="left", maintain_order="left")
        .with_columns(_units())
        .with_columns(
            planned_cost_usd=pl.when(pl.col("speed") == "pooled")
            .then(pl.col("units") * pl.col("cost_usd"))
            .otherwise(pl.col("cost_usd"))
        )
        .sort(
            "departs_at", "from_facility_id", "to_facility_id", "speed", "vehicle_type", "vehicle"
        )
        .with_columns(movement_id=pl.format("M-{}", _seven_digits()))
    )
    ridden = (
        seated.join(movements.select("vehicle", "movement_id"), on="vehicle", how="left")
        .with_columns(seq=pl.col("leg") + 1)
        .sort("parcel_id", "seq")
    )
    return Packed(
        conform(movements, MOVEMENTS),
        conform(ridden, PARCEL_MOVEMENTS),
        movements.select("movement_id", "arc", "rung"),
        left_behind,
    )


def _seven_digits() -> pl.Expr:
    return (pl.int_range(pl.len()) + 1).cast(pl.String).str.zfill(7)


def _units() -> pl.Expr:
    """Pooled: positions that the load needs; else the trailers of the vehicle that are in use."""
    positions = pl.max_horizontal(
        (pl.col("volume_m3") / pl.col("unit_m3") - 1e-9).ceil(),
        (pl.col("weight_kg") / pl.col("unit_kg") - 1e-9).ceil(),
        pl.lit(1.0),
    ).cast(pl.Int64)
    return (
        pl.when(pl.col("speed") == "pooled")
        .then(positions)
        .otherwise(pl.col("boxes"))
        .alias("units")
    )


def _departures(prepared: Prepared) -> pl.DataFrame:
    """Times and wave of every departure, by arc."""
    timetable, waves = prepared.network.timetable, prepared.network.waves
    lands = np.maximum(timetable.arc_to_wave, 0)
    return pl.DataFrame(
        {
            "arc": np.arange(timetable.arc_ladder.size),
            "from_wave_index": waves["wave_index"].to_numpy()[timetable.arc_from_wave],
            "departs_at": timetable.arc_departs_s * 1_000_000,
            "arrive_by": timetable.wave_cutoff_s[lands] * 1_000_000,
        }
    ).with_columns(
        pl.col("departs_at", "arrive_by").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )
