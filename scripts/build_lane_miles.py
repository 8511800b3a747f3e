"""Build the built-in network's lane table: Interstate miles between all pairs of its stations.

Usage: ``python scripts/build_lane_miles.py DATA`` where DATA (default: the environment variable
``CROSSDOCK_DATA``) holds ``routing/highway/us_interstate_{nodes,edges}.csv.gz``.

Shortest paths over the Interstate graph of Natural Earth (public domain); each station joins its
nearest nodes by a straight access road of 1.25 times the great circle. Where the Interstates alone
make a detour of more than 1.3 times the great circle (Las Vegas to Phoenix), trucks take US
highways: the pair gets 1.3 times the great circle (assumption).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from crossdock.locate.roads import great_circle_m
from crossdock.model.units import METERS_PER_MILE

ACCESS_CIRCUITY = 1.25
ACCESS_NODES = 3
WORST_DETOUR = 1.3
BUILTIN = Path(__file__).parents[1] / "src/crossdock/simulate/builtin/data"


def main() -> None:
    """Read the graph, join the stations, write ``lane_miles.csv``."""
    parser = argparse.ArgumentParser(description="Interstate miles between the built-in stations.")
    parser.add_argument("data", nargs="?", default=os.environ.get("CROSSDOCK_DATA"), type=Path)
    data: Path | None = parser.parse_args().data
    if data is None:
        parser.error("name the data folder or set CROSSDOCK_DATA")
    highway = Path(data) / "routing" / "highway"
    nodes = pl.read_csv(highway / "us_interstate_nodes.csv.gz").sort("node")
    edges = pl.read_csv(highway / "us_interstate_edges.csv.gz", columns=["u", "v", "miles"])
    stations = pl.read_csv(BUILTIN / "stations.csv").sort("facility_id")
    lane_miles(nodes, edges, stations).write_csv(BUILTIN / "lane_miles.csv")


def lane_miles(nodes: pl.DataFrame, edges: pl.DataFrame, stations: pl.DataFrame) -> pl.DataFrame:
    """Shortest road miles of every unordered pair of ``stations`` (from < to)."""
    access_start, access_end, access_miles = _access(nodes, stations)
    index = {node: position for position, node in enumerate(nodes["node"])}
    start = np.array([index[node] for node in edges["u"]] + access_start)
    end = np.array([index[node] for node in edges["v"]] + access_end)
    miles = np.array([*edges["miles"], *access_miles])
    order = np.argsort(miles, kind="stable")
    _, first = np.unique(np.stack([start, end])[:, order], axis=1, return_index=True)
    shortest = order[first]
    size = nodes.height + stations.height
    graph = coo_matrix(
        (miles[shortest], (start[shortest], end[shortest])), shape=(size, size)
    ).tocsr()
    ends = np.arange(nodes.height, size)
    interstate = dijkstra(graph, directed=False, indices=ends)[:, ends]
    distance = np.minimum(interstate, WORST_DETOUR * _straight_miles(stations, stations))
    row, column = np.triu_indices(stations.height, k=1)
    ids = stations["facility_id"]
    return pl.DataFrame(
        {
            "from": ids.gather(row),
            "to": ids.gather(column),
            "miles": np.round(distance[row, column], 1),
        }
    )


def _access(
    nodes: pl.DataFrame, stations: pl.DataFrame
) -> tuple[list[int], list[int], list[float]]:
    """Access roads: graph indices of their ends and their miles."""
    places = nodes.rename({"lat": "latitude", "lon": "longitude"})
    miles = _straight_miles(stations, places) * ACCESS_CIRCUITY
    nearest = np.argsort(miles, axis=1, kind="stable")[:, :ACCESS_NODES]
    station = np.repeat(np.arange(stations.height), ACCESS_NODES)
    reached = nearest.ravel()
    return (
        [int(index) + nodes.height for index in station],
        [int(index) for index in reached],
        [float(value) for value in miles[station, reached]],
    )


def _straight_miles(starts: pl.DataFrame, ends: pl.DataFrame) -> NDArray[np.float64]:
    return (
        great_circle_m(
            starts["latitude"].to_numpy()[:, None],
            starts["longitude"].to_numpy()[:, None],
            ends["latitude"].to_numpy()[None, :],
            ends["longitude"].to_numpy()[None, :],
        )
        / METERS_PER_MILE
    )


if __name__ == "__main__":
    main()
