"""The shared routing instances, unpacked once a test run from their zip files."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from crossdock.platform.store.reference_data import data_root

ROOT = data_root() / "routing"
SETS = {
    "cvrp_x": "cvrp_x.zip",
    "cvrp_belgium_xxl": "cvrp_belgium_xxl.zip",
    "vrptw_gh1000": "vrptw_gh1000.zip",
    "vrptw_ortec_realroad": "vrptw_ortec_realroad.zip",
    "vrptw_solomon_gh200_800": "vrptw_solomon_gh200_800.zip",
    "pdptw_lilim": "pdptw_lilim.zip",
    "amazon_routes": "amazon_routes.zip",
    **{
        name: f"variants/{name}.zip"
        for name in ("gvrp", "hfvrp", "mdvrptw", "mtvrptwr", "pcvrptw", "sdvrptw", "vrpb")
    },
}
HAVE_DATA = (ROOT / "cvrp_x.zip").is_file()
needs_data = pytest.mark.skipif(not HAVE_DATA, reason="CROSSDOCK_DATA has no routing instances")


@cache
def folder(name: str) -> Path:
    """Where a set is unpacked."""
    place = Path(mkdtemp(prefix=f"routing-{name}-"))
    with zipfile.ZipFile(ROOT / SETS[name]) as packed:
        packed.extractall(place)
    return place


def instance(name: str, file: str) -> Path:
    """One file of a set."""
    return folder(name) / file


def instances(name: str) -> list[Path]:
    """Every instance of a set."""
    return sorted(
        path
        for path in folder(name).rglob("*")
        if path.suffix in {".vrp", ".txt", ".json"} and "README" not in path.name
    )
