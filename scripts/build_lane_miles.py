"""Build the built-in network's lane table: Interstate miles between all pairs of its stations.

Usage: ``python scripts/build_lane_miles.py``; see `crossdock.locate.roads.interstate_miles` for
where the miles come from.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from crossdock.locate.roads import interstate_miles

BUILTIN = Path(__file__).parents[1] / "src/crossdock/simulate/builtin/data"


def main() -> None:
    """Write ``lane_miles.csv``."""
    stations = pl.read_csv(BUILTIN / "stations.csv").sort("facility_id")
    lane_miles(stations).write_csv(BUILTIN / "lane_miles.csv")


def lane_miles(stations: pl.DataFrame) -> pl.DataFrame:
    """Shortest road miles of every unordered pair of ``stations`` (from < to)."""
    miles = interstate_miles(stations["latitude"].to_numpy(), stations["longitude"].to_numpy())
    row, column = np.triu_indices(stations.height, k=1)
    ids = stations["facility_id"]
    return pl.DataFrame(
        {
            "from": ids.gather(row),
            "to": ids.gather(column),
            "miles": np.round(miles[row, column], 1),
        }
    )


if __name__ == "__main__":
    main()
