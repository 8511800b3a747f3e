"""How long questions to an own road graph take: a list of measured rows, in CPU seconds."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.streets import (
    CAR,
    RoadGraph,
    RoadPoints,
    RoadSearch,
    RoadSnapper,
    VehicleRoads,
    grid_of_streets,
)
from crossdock.model import Progress, stream
from crossdock.platform.roads import read_osm, read_roads, write_roads

Answer = TypeVar("Answer")
Floats = NDArray[np.float64]

SIDE = 317
"""Junctions of a side of the synthetic city: 100,489 in all."""
PLACES = 500
NEIGHBOURS = 20
_LIBRARIES = ("numba", "numpy", "osmium", "scipy")
_LIMIT_S = 900.0


@dataclass(frozen=True)
class RoadsRow:
    """One thing that was measured.

    Attributes
    ----------
    what
        In words.
    cpu_s
        Processor time.
    """

    map: str
    what: str
    cpu_s: float


def measure_roads(seed: int, extract: Path | None, progress: Progress) -> list[RoadsRow]:
    """Measure a synthetic city, and the map of a file if there is one."""
    rows: list[RoadsRow] = []
    with progress.task("bench roads", 1 if extract is None else 2) as task:
        _warm_up()
        graph = grid_of_streets(SIDE, seed)
        rows += _measured(f"grid of {graph.nodes:,} junctions", graph, seed)
        task.advance(1)
        if extract is not None:
            name = f"{extract.name.partition('.')[0]}"
            graph, cpu_s = _timed(lambda: read_osm(extract))
            name += f", {graph.nodes:,} junctions"
            rows.append(RoadsRow(name, f"read {extract.stat().st_size:,} bytes", cpu_s))
            rows += _measured(name, graph, seed)
            task.advance(1)
    return rows


def write_roads_page(rows: Sequence[RoadsRow], folder: Path) -> Path:
    """Write ``roads.md`` into ``folder``; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = [
        "# Roads: how long an answer takes",
        "",
        f"Made by `crossdock bench roads` on one of {os.cpu_count()} cores with "
        f"Python {platform.python_version()}, {libraries}.",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} (1 is one busy core).",
        "",
        "| map | what | CPU seconds |",
        "| --- | --- | ---: |",
        *(f"| {row.map} | {row.what} | {row.cpu_s:,.3f} |" for row in rows),
        "",
        f"System: {platform.system()} {platform.machine()}.",
        "",
    ]
    page = folder / "roads.md"
    page.write_text("\n".join(lines), encoding="utf-8")
    return page


def _measured(name: str, graph: RoadGraph, seed: int) -> Iterator[RoadsRow]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.roads"
        _, cpu_s = _timed(lambda: write_roads(graph, path))
        yield RoadsRow(name, f"write {path.stat().st_size:,} bytes", cpu_s)
        graph, cpu_s = _timed(lambda: read_roads(path))
        yield RoadsRow(name, "load and check", cpu_s)
    roads, cpu_s = _timed(lambda: VehicleRoads.of(graph, CAR))
    yield RoadsRow(name, "the roads of a vehicle", cpu_s)
    snapper, cpu_s = _timed(lambda: RoadSnapper(roads))
    yield RoadsRow(name, "index for places", cpu_s)
    latitude, longitude = _places(graph, seed)
    points, cpu_s = _timed(lambda: snapper.snap(latitude, longitude, limit_m=np.inf))
    yield RoadsRow(name, f"{PLACES} places to their roads", cpu_s)
    search, cpu_s = _timed(lambda: RoadSearch(roads))
    yield RoadsRow(name, "ready to search", cpu_s)
    yield from _searched(name, search, points)


def _searched(name: str, search: RoadSearch, points: RoadPoints) -> Iterator[RoadsRow]:
    whole, cpu_s = _timed(lambda: search.matrix(points, points))
    yield RoadsRow(
        name,
        f"{PLACES} x {PLACES} matrix, seconds and metres "
        f"({whole.duration_s.size / cpu_s:,.0f} pairs a second)",
        cpu_s,
    )
    _, cpu_s = _timed(lambda: search.matrix(points, points, limit_s=_LIMIT_S))
    yield RoadsRow(name, f"the same up to {_LIMIT_S / 60:g} minutes", cpu_s)
    nearest = np.argsort(whole.duration_s, axis=1)[:, :NEIGHBOURS]
    start = np.repeat(np.arange(PLACES), NEIGHBOURS)
    _, cpu_s = _timed(lambda: search.pairs(points, start, nearest.ravel()))
    yield RoadsRow(name, f"from each place to its {NEIGHBOURS} nearest", cpu_s)


def _places(graph: RoadGraph, seed: int) -> tuple[Floats, Floats]:
    """Places some metres off the roads, everywhere on the map."""
    draw = stream(seed, "bench", "roads")
    chosen = draw.integers(len(graph.shape_latitude_e7), size=PLACES)
    off = draw.normal(0, 2e-4, (2, PLACES))
    return graph.shape_latitude[chosen] + off[0], graph.shape_longitude[chosen] + off[1]


def _warm_up() -> None:
    """Compile or load the search: what a process pays once."""
    search = RoadSearch(VehicleRoads.of(grid_of_streets(3, 0), CAR))
    points = RoadSnapper(search.roads).snap([0.0, 0.001], [0.0, 0.001], limit_m=np.inf)
    search.matrix(points, points)
    search.pairs(points, np.array([0]), np.array([1]))


def _timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    began_s = time.process_time()
    answer = work()
    return answer, time.process_time() - began_s
