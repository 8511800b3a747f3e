"""When parcels that come to a facility are sorted: the waves of the plan."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import polars as pl

SORTING_S = 3 * 3600
"""From coming in to being sorted where the plan has no wave left: a usual stay at a hub. †"""


class WaveTimes:
    """Cut-offs and ends of the waves (`WAVES`) of each facility, in seconds since 1970."""

    def __init__(self, waves: pl.DataFrame) -> None:
        self._of: dict[str, tuple[list[int], list[int]]] = {}
        rows = (
            waves.filter(pl.col("inbound_cutoff_at").is_not_null())
            .select(
                "facility_id",
                cutoff=pl.col("inbound_cutoff_at").dt.epoch("s"),
                ready=pl.coalesce("ready_at", "ends_at", "inbound_cutoff_at").dt.epoch("s"),
            )
            .sort("facility_id", "cutoff", "ready")
        )
        for facility, cutoff, ready in rows.iter_rows():
            cutoffs, readies = self._of.setdefault(facility, ([], []))
            cutoffs.append(cutoff)
            readies.append(ready)

    def ready_after(self, facility_id: str, comes_s: int) -> int:
        """When what comes at ``comes_s`` is sorted: by the first wave whose cut-off it meets."""
        cutoffs, readies = self._of.get(facility_id, ([], []))
        wave = bisect_left(cutoffs, comes_s)
        return readies[wave] if wave < len(cutoffs) else comes_s + SORTING_S

    def meant_for(self, facility_id: str, departs_s: int) -> tuple[int, int]:
        """Cut-off and end of the wave that a departure waits for: the last that is ready by it.

        Where there is none, both are the departure.
        """
        cutoffs, readies = self._of.get(facility_id, ([], []))
        # Waves end in the order of their cut-offs.
        wave = bisect_right(readies, departs_s) - 1
        return (cutoffs[wave], readies[wave]) if wave >= 0 else (departs_s, departs_s)

    def next_ready(self, facility_id: str, after_s: int) -> int | None:
        """The first end of a wave at or after an instant; None where the plan has none left."""
        _, readies = self._of.get(facility_id, ([], []))
        wave = bisect_left(readies, after_s)
        return readies[wave] if wave < len(readies) else None
