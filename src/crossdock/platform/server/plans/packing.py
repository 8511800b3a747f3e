"""A run folder as one blob in the database, and back as frames."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from crossdock.model import Network
from crossdock.model.tables import RUN_TABLES
from crossdock.platform.store import MANIFEST, NETWORK, PLAN, RunFolder

_PACKED_ALREADY = ".parquet"


@dataclass(frozen=True)
class PlanRecords:
    """Everything that a plan is.

    Attributes
    ----------
    tables
        By the names of `crossdock.model.tables.RUN_TABLES`.
    orders
        The located orders in it.
    """

    tables: Mapping[str, pl.DataFrame]
    orders: pl.DataFrame
    network: Network
    manifest: Mapping[str, Any]


def packed(folder: Path) -> bytes:
    """The plan of a run folder as a zip file: what `unpacked` reads, and nothing else."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(_parts(folder)):
            stored = file.suffix == _PACKED_ALREADY
            method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.write(file, file.relative_to(folder).as_posix(), method)
    return content.getvalue()


def _parts(folder: Path) -> Iterator[Path]:
    """Manifest, orders and network; the tables as planned, where the run was played since."""
    yield folder / MANIFEST
    yield folder / "orders.parquet"
    yield from (folder / NETWORK).glob("*.parquet")
    aside = folder / PLAN
    for name in RUN_TABLES:
        table = (aside if aside.is_dir() else folder) / f"{name}.parquet"
        if table.is_file():
            yield table


def unpacked(content: bytes) -> PlanRecords:
    """What `packed` put into a zip file."""
    with tempfile.TemporaryDirectory(prefix="crossdock-plan-") as place:
        zipfile.ZipFile(io.BytesIO(content)).extractall(place)
        run = RunFolder.open(Path(place))
        return PlanRecords(
            tables=run.read_plan(),
            orders=run.read_table("orders"),
            network=run.read_network(),
            manifest=run.manifest,
        )
