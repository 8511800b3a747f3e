"""Build the Interstate network that `crossdock.locate.roads.interstate_miles` reads.

Usage: ``python scripts/build_interstates.py DATA`` where DATA (default: the environment variable
``CROSSDOCK_DATA``) holds ``routing/highway/us_interstate_{nodes,edges}.csv.gz``, which are the
Interstates of Natural Earth's 10m roads (public domain).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import polars as pl

PLACE = Path(__file__).parents[1] / "src/crossdock/locate/data"


def main() -> None:
    """Read the graph, number its points from 0, write both tables."""
    parser = argparse.ArgumentParser(description="The Interstate network of the locate wing.")
    parser.add_argument("data", nargs="?", default=os.environ.get("CROSSDOCK_DATA"), type=Path)
    data: Path | None = parser.parse_args().data
    if data is None:
        parser.error("name the data folder or set CROSSDOCK_DATA")
    highway = Path(data) / "routing" / "highway"
    nodes = pl.read_csv(highway / "us_interstate_nodes.csv.gz").sort("node").with_row_index("at")
    edges = pl.read_csv(highway / "us_interstate_edges.csv.gz", columns=["u", "v", "miles"])
    number = nodes.select("node", pl.col("at").cast(pl.Int64))
    for end in ("u", "v"):
        edges = edges.with_columns(
            edges.select(pl.col(end).alias("node"))
            .join(number, on="node", maintain_order="left")["at"]
            .alias(end)
        )
    places = nodes.select(pl.col("lat").alias("latitude"), pl.col("lon").alias("longitude"))
    places.write_parquet(PLACE / "interstate_nodes.parquet", compression_level=19)
    edges.write_parquet(PLACE / "interstate_edges.parquet", compression_level=19)


if __name__ == "__main__":
    main()
