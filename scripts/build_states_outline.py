"""Build the outline of the lower-48 states that `report.html` draws.

Source: `us-atlas` 3 (npm, ISC licence; the geometry is the Census Bureau's cartographic boundary
files, public domain), file ``states-albers-10m.json``: already in the Albers projection of
`crossdock.measure.report.projection`, 975 x 610 units.

    npm pack us-atlas@3 && tar xzf us-atlas-3*.tgz
    python scripts/build_states_outline.py package/states-albers-10m.json \
        src/crossdock/measure/report/assets/us_states.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

NOT_LOWER_48 = {"02", "15", "60", "66", "69", "72", "78"}
TOLERANCE = 0.9
"""Units of the 975-wide map: under one pixel of a 1,440 px page."""

Line = list[tuple[float, float]]


def main() -> None:
    """Read the topology named on the command line, write the outline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topology", type=Path)
    parser.add_argument("outline", type=Path)
    options = parser.parse_args()
    topology = json.loads(options.topology.read_text())
    arcs = [simplified(arc) for arc in absolute_arcs(topology)]
    paths = {
        state["properties"]["name"]: outline_path(state, arcs)
        for state in topology["objects"]["states"]["geometries"]
        if state["id"] not in NOT_LOWER_48
    }
    document = {
        "source": "us-atlas 3, states-albers-10m (ISC, Copyright 2013-2019 Michael Bostock); "
        "geometry: U.S. Census Bureau cartographic boundary files, public domain; simplified "
        "by scripts/build_states_outline.py",
        "width": 975,
        "height": 610,
        "states": dict(sorted(paths.items())),
    }
    options.outline.write_text(json.dumps(document, separators=(",", ":")) + "\n")


def absolute_arcs(topology: dict[str, Any]) -> list[np.ndarray]:
    """Arcs as points, undoing the delta coding and the quantisation of TopoJSON."""
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]


def simplified(points: np.ndarray) -> Line:
    """Douglas-Peucker; both ends stay, so states that share an arc still meet."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        inside = points[first + 1 : last]
        distance = distance_to_chord(inside, points[first], points[last])
        farthest = int(np.argmax(distance))
        if distance[farthest] > TOLERANCE:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return [(float(x), float(y)) for x, y in points[keep]]


def distance_to_chord(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of each point to the chord; to ``start`` where the arc is a closed ring."""
    chord, offset = end - start, points - start
    length = float(np.hypot(*chord))
    if length == 0.0:
        return np.hypot(offset[:, 0], offset[:, 1])
    return np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / length


def outline_path(state: dict[str, Any], arcs: list[Line]) -> str:
    """SVG path of a state's rings; islets of less than two square units are left out."""
    polygons = state["arcs"] if state["type"] == "MultiPolygon" else [state["arcs"]]
    rings = [ring_points(ring, arcs) for polygon in polygons for ring in polygon]
    return "".join(ring_path(ring) for ring in rings if area(ring) > 2.0)


def ring_points(ring: list[int], arcs: list[Line]) -> Line:
    """Points of a ring; a negative index walks its arc backwards (TopoJSON)."""
    points: Line = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc if not points else arc[1:]
    return points


def area(ring: Line) -> float:
    """Area inside a ring (shoelace)."""
    x, y = np.array(ring).T
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def ring_path(ring: Line) -> str:
    """Relative SVG path with one decimal."""
    grid = np.round(np.array(ring) * 10).astype(int)
    steps = np.diff(grid, axis=0)
    start = f"M{grid[0, 0] / 10:g},{grid[0, 1] / 10:g}l"
    return start + " ".join(f"{x / 10:g},{y / 10:g}" for x, y in steps) + "z"


if __name__ == "__main__":
    main()
