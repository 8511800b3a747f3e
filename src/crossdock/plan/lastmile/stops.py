"""Stops: parcels of one address on one facility-day, and how long each takes.

Service time of a stop, exactly: `PARK_S` once for consecutive stops in one parking place, and
`HANDLE_S` a piece, `HEAVY_S` more for a piece over `HEAVY_KG`. Stops within `PLACE_M` of the first
stop of a parking place belong to it (stops taken from south to north); the way between them is
driven like any other leg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.plan.lastmile.near import local_xy, within
from crossdock.plan.lastmile.problem import LastMileProblem

PARK_S = 75  # † 60-90 s: find a place, stop, sort out the next parcels
HANDLE_S = 38  # † 30-45 s a piece: walk, hand over, scan
HEAVY_S = 60  # † hand truck or a second person
HEAVY_KG = 20.0
PLACE_M = 40.0
LONGEST_STOP_S = 3 * 3600
"""A stop that would take longer is split like one over capacity (†)."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_EACH_KG = pl.col("weight_kg") / pl.col("pieces")
DEMAND: Mapping[str, pl.Expr] = MappingProxyType(
    {
        # The epsilon keeps 0.010 m3 at 10 litres; capacities are rounded down by as much.
        "litres": (pl.col("volume_m3") * 1000 - 1e-9).ceil().clip(lower_bound=0).cast(pl.Int64),
        "grams": (pl.col("weight_kg") * 1000 - 1e-6).ceil().clip(lower_bound=0).cast(pl.Int64),
        "handle_s": pl.col("pieces")
        * (HANDLE_S + pl.when(_EACH_KG > HEAVY_KG).then(HEAVY_S).otherwise(0)),
        "zip_area": pl.col("zip5").cast(pl.Int64, strict=False).fill_null(-1),
    }
)
"""Integers of a parcel's measures (`Stops`)."""


@dataclass(frozen=True)
class Stops:
    """Parallel arrays, one entry a stop; times in seconds from local midnight.

    Attributes
    ----------
    place
        Parking place.
    litres, grams, pieces
        Demand, rounded up.
    handle_s
        Service time without parking.
    ready_s
        When its last parcel is sorted: no tour with the stop leaves earlier.
    opens_s, closes_s
        Arrival not before, service done by: the recipient's window within the delivery day.
    due_s
        ``closes_s``, or the earlier service commitment where a direct drive can still meet it.
    zip_area
        The ZIP as a number, -1 where it is unknown.
    parcel_rows, first_row
        Rows of the problem's parcels, grouped by stop; stop ``i`` owns
        ``parcel_rows[first_row[i]:first_row[i + 1]]``.
    """

    latitude: Floats
    longitude: Floats
    place: Ints
    litres: Ints
    grams: Ints
    pieces: Ints
    handle_s: Ints
    ready_s: Ints
    opens_s: Ints
    closes_s: Ints
    due_s: Ints
    zip_area: Ints
    parcel_rows: Ints
    first_row: Ints

    def __len__(self) -> int:
        return len(self.latitude)

    def rows_of(self, stop: int) -> Ints:
        """Parcel rows of ``stop``."""
        return self.parcel_rows[self.first_row[stop] : self.first_row[stop + 1]]


def gather_stops(problem: LastMileProblem, largest: tuple[int, int, int]) -> Stops:
    """Stops of the problem's parcels.

    Parcels of one address whose windows do not meet, or which together exceed ``largest`` (litres,
    grams, pieces of the largest vehicle) or `LONGEST_STOP_S`, become several stops.
    """
    parcels = _with_demand(problem)
    parcels = parcels.with_columns(part=pl.Series(_parts(parcels, largest), dtype=pl.Int64))
    stops = parcels.group_by("address_key", "part", maintain_order=True).agg(
        pl.col("latitude", "longitude", "zip_area").first(),
        pl.col("litres", "grams", "pieces", "handle_s").sum(),
        pl.col("ready_s", "opens_s").max(),
        pl.col("closes_s", "due_s").min(),
        pl.col("row"),
    )
    counts = stops["row"].list.len().to_numpy().astype(np.int64)
    arrays = {
        name: stops[name].to_numpy().astype(np.int64)
        for name in ("litres", "grams", "pieces", "handle_s", "ready_s", "zip_area")
    }
    latitude, longitude = stops["latitude"].to_numpy(), stops["longitude"].to_numpy()
    return Stops(
        latitude=latitude,
        longitude=longitude,
        place=parking_places(latitude, longitude),
        opens_s=stops["opens_s"].to_numpy().astype(np.int64),
        closes_s=stops["closes_s"].to_numpy().astype(np.int64),
        due_s=stops["due_s"].to_numpy().astype(np.int64),
        parcel_rows=stops["row"].explode().to_numpy().astype(np.int64),
        first_row=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        **arrays,
    )


def parking_places(latitude: Floats, longitude: Floats) -> Ints:
    """Parking place of each stop: the southernmost free stop opens a place, those near it join."""
    place = np.full(len(latitude), -1, dtype=np.int64)
    if not len(latitude):
        return place
    points = local_xy(latitude, longitude)
    near = within(points, points, PLACE_M)
    count = 0
    for stop in np.lexsort((longitude, latitude)):
        if place[stop] < 0:
            members = near[int(stop)]
            place[members[place[members] < 0]] = count
            count += 1
    return place


def _with_demand(problem: LastMileProblem) -> pl.DataFrame:
    """Parcels in stop order with integer demands and times in seconds from local midnight."""

    def seconds(column: str) -> pl.Expr:
        micros = pl.col(column).dt.epoch("us") - problem.origin_s * 1_000_000
        return (micros / 1_000_000).ceil().cast(pl.Int64)

    last = problem.latest_delivery_s
    return (
        problem.parcels.with_row_index("row")
        .with_columns(
            **DEMAND,
            ready_s=seconds("ready_at").fill_null(0).clip(lower_bound=0),
            opens_s=seconds("window_opens_at").fill_null(0).clip(lower_bound=0),
            closes_s=seconds("window_closes_at").fill_null(last).clip(upper_bound=last),
        )
        .with_columns(due_s=_due(seconds("due_at")))
        .sort("address_key", "opens_s", "closes_s", "parcel_id")
    )


def _due(due_s: pl.Expr) -> pl.Expr:
    """Commitment within the day that a tour could meet, else the close of the window.

    A commitment under two hours after the parcel is ready (†), or already missed, binds nobody: the
    parcel is late or nearly so, and delivering it comes first.
    """
    binds = (due_s > pl.col("ready_s") + 2 * 3600) & (due_s < pl.col("closes_s"))
    return pl.when(binds).then(due_s).otherwise(pl.col("closes_s"))


def _parts(parcels: pl.DataFrame, largest: tuple[int, int, int]) -> list[int]:
    """Number of the part of its address that each parcel falls into, in the frame's order."""
    columns = ("litres", "grams", "pieces", "handle_s")
    totals = parcels.group_by("address_key", maintain_order=True).agg(
        pl.col(*columns).sum(), pl.len(), pl.col("opens_s").max(), pl.col("closes_s").min()
    )
    limits = (*largest, LONGEST_STOP_S)
    over = pl.any_horizontal(pl.col(c) > limit for c, limit in zip(columns, limits, strict=True))
    split = totals.filter((pl.col("len") > 1) & (over | (pl.col("opens_s") >= pl.col("closes_s"))))
    if split.is_empty():
        return [0] * parcels.height
    to_split = set(split["address_key"])
    parts: list[int] = []
    address, part, load, window = "", 0, [0, 0, 0, 0], (0, 0)
    rows = parcels.select("address_key", "opens_s", "closes_s", *columns).iter_rows()
    for key, opens, closes, *demand in rows:
        if key != address:
            address, part, load, window = key, 0, demand, (opens, closes)
        elif key in to_split:
            joined = [a + b for a, b in zip(load, demand, strict=True)]
            meet = (max(window[0], opens), min(window[1], closes))
            if meet[0] < meet[1] and all(a <= b for a, b in zip(joined, limits, strict=True)):
                load, window = joined, meet
            else:
                part, load, window = part + 1, demand, (opens, closes)
        parts.append(part)
    return parts
