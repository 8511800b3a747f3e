"""Road graphs on disk: one file, checked against its hash when it is read."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from crossdock.locate.roads.streets import COLUMNS, FORMAT, RoadGraph
from crossdock.model import CrossdockError, InputUnusableError, UsageError
from crossdock.platform.store import replace_file

MOST_BYTES = 4 * 1024**3
_HEADER = "header"
_AGAIN = "build it again: crossdock roads build EXTRACT.osm.pbf --out GRAPH"


def write_roads(graph: RoadGraph, path: Path) -> None:
    """Write a graph whole, or leave what is there.

    Raises
    ------
    UsageError
        The folder is missing or cannot be written to.
    """
    header = {
        "format": FORMAT,
        "version": graph.version,
        "source": graph.source,
        "source_hash": graph.source_hash,
        "attribution": graph.attribution,
        "remarks": graph.remarks,
    }
    packed = io.BytesIO()
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    columns = {name: getattr(graph, name) for name, _, _ in COLUMNS}
    np.savez(packed, allow_pickle=False, **{_HEADER: text}, **columns)
    try:
        replace_file(path, packed.getvalue())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", remedy="name a file in a writable folder"
        ) from error


def read_roads(path: Path) -> RoadGraph:
    """The graph of a file.

    Raises
    ------
    InputUnusableError
        The file is missing, no graph of this version of Crossdock, or not what was written.
    """
    try:
        header, columns = _read(path)
        graph = RoadGraph(
            **columns,
            source=str(header["source"]),
            source_hash=str(header["source_hash"]),
            attribution=str(header["attribution"]),
            remarks=tuple((str(what), int(count)) for what, count in header["remarks"]),
        )
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, CrossdockError) as error:
        if isinstance(error, InputUnusableError):
            raise
        raise InputUnusableError(f"{path} is no road graph: {error}", remedy=_AGAIN) from error
    except OSError as error:
        raise InputUnusableError(
            f"cannot read {path}: {error.strerror or error}", remedy="name a file that can be read"
        ) from error
    if graph.version != header["version"]:
        raise InputUnusableError(f"{path} has been changed or damaged", remedy=_AGAIN)
    return graph


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    with zipfile.ZipFile(path) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
    if unpacked > MOST_BYTES:
        raise InputUnusableError(
            f"{path} unpacks to {unpacked:,} bytes, more than {MOST_BYTES:,}", remedy=_AGAIN
        )
    with np.load(path, allow_pickle=False) as file:
        header: dict[str, Any] = json.loads(file[_HEADER].tobytes())
        if header["format"] != FORMAT:
            raise InputUnusableError(
                f"{path} is of the format {header['format']}, not {FORMAT}", remedy=_AGAIN
            )
        return header, {name: file[name] for name, _, _ in COLUMNS}
