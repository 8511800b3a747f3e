"""How soon the network can be anywhere: earliest wave at each facility, by time-expanded search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.predict.eta import p95_of

_NEVER = np.int64(2**62)
_MICROSECONDS = 1_000_000
MOST_TRANSFERS = 2


@dataclass(frozen=True)
class Reach:
    """Earliest wave by origin wave and facility.

    Attributes
    ----------
    frame
        ``origin_wave_index, facility_id, wave_index, arrives_at`` (first arrival there; null with
        ``wave_index`` -1 where nothing leads there within the calendar).
    """

    frame: pl.DataFrame


def earliest_reach(
    waves: pl.DataFrame,
    offers: pl.DataFrame,
    hubs: list[str],
    origin_wave_indices: list[int],
    *,
    cautious: bool,
) -> Reach:
    """Earliest wave that a parcel of each origin wave can make at every facility.

    Parameters
    ----------
    cautious
        True takes every leg at its 95th percentile (is the service sold?), False at its median.
    """
    facilities = waves["facility_id"].unique(maintain_order=True).to_list()
    position = {facility: index for index, facility in enumerate(facilities)}
    transit_us = _fastest_transit(offers, position, cautious=cautious)
    calendars = _Calendars(waves, facilities)
    hub_rows = [position[hub] for hub in hubs if hub in position]
    frames = [
        _from_wave(index, calendars, transit_us, hub_rows, facilities)
        for index in origin_wave_indices
    ]
    return Reach(pl.concat(frames))


class _Calendars:
    """Cut-offs and ready times by facility, ready for binary search."""

    def __init__(self, waves: pl.DataFrame, facilities: list[str]) -> None:
        self.cutoffs: list[NDArray[np.int64]] = []
        self.ready: list[NDArray[np.int64]] = []
        self.indices: list[NDArray[np.int64]] = []
        groups = waves.partition_by("facility_id", as_dict=True, maintain_order=True)
        for facility in facilities:
            own = groups[(facility,)]
            self.cutoffs.append(own["inbound_cutoff_at"].cast(pl.Int64).to_numpy())
            self.ready.append(own["ready_at"].cast(pl.Int64).to_numpy())
            self.indices.append(own["wave_index"].to_numpy())
        by_index = waves.sort("wave_index")
        self.facility_of = by_index["facility_id"].to_list()
        self.ready_of = by_index["ready_at"].cast(pl.Int64).to_numpy()

    def first_wave(self, facility: int, instant: np.int64) -> int:
        """Position of the first wave of the facility at or after ``instant``, -1 for none."""
        place = int(np.searchsorted(self.cutoffs[facility], instant, side="left"))
        return place if place < len(self.cutoffs[facility]) else -1


def _fastest_transit(
    offers: pl.DataFrame, position: dict[str, int], *, cautious: bool
) -> NDArray[np.int64]:
    size = len(position)
    fastest = np.full((size, size), _NEVER, dtype=np.int64)
    known = offers.filter(
        pl.col("from_facility_id").is_in(list(position))
        & pl.col("to_facility_id").is_in(list(position))
    )
    seconds = known["transit_s"].to_numpy().astype(np.float64)
    if cautious:
        seconds = p95_of(seconds, known["transit_p90_s"].to_numpy().astype(np.float64))
    rows = [position[facility] for facility in known["from_facility_id"]]
    columns = [position[facility] for facility in known["to_facility_id"]]
    np.minimum.at(fastest, (rows, columns), (seconds * _MICROSECONDS).astype(np.int64))
    return fastest


def _from_wave(
    origin_wave_index: int,
    calendars: _Calendars,
    transit_us: NDArray[np.int64],
    hub_rows: list[int],
    facilities: list[str],
) -> pl.DataFrame:
    start = facilities.index(calendars.facility_of[origin_wave_index])
    ready = calendars.ready_of[origin_wave_index]
    arrival = np.where(transit_us[start] == _NEVER, _NEVER, ready + transit_us[start])
    arrival[start] = ready
    for _ in range(MOST_TRANSFERS):
        onward = arrival.copy()
        for hub in hub_rows:
            if hub == start or arrival[hub] == _NEVER:
                continue
            place = calendars.first_wave(hub, arrival[hub])
            if place < 0:
                continue
            leaves = calendars.ready[hub][place]
            reached = np.where(transit_us[hub] == _NEVER, _NEVER, leaves + transit_us[hub])
            onward = np.minimum(onward, reached)
        onward[start] = ready
        arrival = onward
    places = [
        -1 if arrival[row] == _NEVER else calendars.first_wave(row, arrival[row])
        for row in range(len(facilities))
    ]
    indices = [
        -1 if place < 0 else int(calendars.indices[row][place]) for row, place in enumerate(places)
    ]
    return pl.DataFrame(
        {
            "origin_wave_index": [origin_wave_index] * len(facilities),
            "facility_id": facilities,
            "wave_index": indices,
            "arrives_at": pl.Series(
                [None if index < 0 else int(arrival[row]) for row, index in enumerate(indices)],
                dtype=pl.Int64,
            ),
        }
    )
