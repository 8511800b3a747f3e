"""Network folders: reading what a user hands over, writing the same format."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import polars as pl

from crossdock.locate.zips import place_of_address
from crossdock.model import InputUnusableError, Network, UsageError
from crossdock.model.network import (
    NETWORK_FILES,
    REQUIRED_FILES,
    NetworkReading,
    RawTable,
    check_network,
    examine_network,
    one_fault,
)
from crossdock.model.tables import NETWORK_REJECTS, conform, empty
from crossdock.platform.store.network_text import CSV_SUFFIXES, read_csv_text, read_parquet_text

SUFFIXES = (*CSV_SUFFIXES, ".parquet")
_NOT_NETWORK = ("network_rejects",)


def read_network(directory: Path) -> NetworkReading:
    """Read and check the network files of ``directory``: CSV, gzipped CSV or Parquet.

    Raises
    ------
    InputUnusableError
        There is no such folder, or its files make no network.
    """
    raw, warnings = _read_files(directory)
    return _with_warnings(check_network(raw, geocode=place_of_address), warnings)


def examine_network_files(directory: Path) -> NetworkReading:
    """As `read_network`, but what makes the files unusable is listed instead of raised.

    Raises
    ------
    InputUnusableError
        There is no such folder.
    """
    raw, warnings = _read_files(directory)
    return _with_warnings(examine_network(raw, geocode=place_of_address), warnings)


def write_network(network: Network, directory: Path, *, force: bool = False) -> None:
    """Write ``network`` as CSV files, whole or not at all; tables without rows are left out.

    Parameters
    ----------
    directory
        A new or empty folder.
    force
        Write into a folder that holds files: its network files are replaced or, where the network
        has no such table, removed; other files stay.

    Raises
    ------
    UsageError
        ``directory`` holds files and ``force`` is not set, or cannot be written.
    """
    _check_place(directory, force=force)
    place = directory.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise _unwritable(directory, error) from error
    try:
        for name, table in network.tables.items():
            if not table.is_empty() or name in REQUIRED_FILES:
                _as_csv(name, table).write_csv(draft / f"{name}.csv")
        _publish(draft, place)
    except OSError as error:
        raise _unwritable(directory, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_network_rejects(rejects: pl.DataFrame, path: Path) -> None:
    """Write rejected rows (`NETWORK_REJECTS`) as CSV, whole or not at all.

    Raises
    ------
    UsageError
        ``path`` cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        conform(rejects, NETWORK_REJECTS).write_csv(draft)
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _read_files(directory: Path) -> tuple[dict[str, RawTable], list[str]]:
    if not directory.is_dir():
        raise InputUnusableError(
            f"no network folder {directory}",
            remedy="name a folder of network files; `crossdock network init DIR` writes one",
        )
    found: dict[str, list[Path]] = {}
    warnings: list[str] = []
    for path in _listing(directory):
        name = _stem(path)
        if name in NETWORK_FILES:
            found.setdefault(name, []).append(path)
        elif name and name not in _NOT_NETWORK:
            warnings.append(f"{path.name}: not a network file, left out")
    return {name: _read_file(name, paths) for name, paths in found.items()}, warnings


def _listing(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError as error:
        raise InputUnusableError(
            f"cannot read {directory}: {error.strerror or error}", remedy="check its permissions"
        ) from error


def _read_file(name: str, paths: list[Path]) -> RawTable:
    if len(paths) > 1:
        given = ", ".join(path.name for path in paths)
        return RawTable(
            pl.DataFrame(),
            faults=one_fault(
                name, "", reason=f"given more than once: {given}", remedy="keep one of them"
            ),
        )
    path = paths[0]
    return read_parquet_text(name, path) if _is_parquet(path) else read_csv_text(name, path)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _stem(path: Path) -> str:
    """Name of the table that ``path`` holds by its suffix, empty for any other file."""
    if path.name.startswith(".") or not path.is_file():
        return ""
    suffix = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    return path.name[: -len(suffix)].lower() if suffix else ""


def _with_warnings(reading: NetworkReading, warnings: list[str]) -> NetworkReading:
    return NetworkReading(
        reading.network, reading.rejects, (*warnings, *reading.warnings), reading.unusable
    )


def _check_place(directory: Path, *, force: bool) -> None:
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file, not a folder", remedy="name another folder")
    if directory.is_dir() and any(directory.iterdir()) and not force:
        raise UsageError(
            f"{directory} holds files already",
            remedy="name a new folder, or add --force to replace its network files",
        )


def _publish(draft: Path, place: Path) -> None:
    """Put the files of ``draft`` at ``place``: as a folder, or into the folder that is there."""
    if not place.exists() or not any(place.iterdir()):
        draft.chmod(0o755)  # mkdtemp makes it private
        draft.rename(place)
        return
    stale = [path for path in sorted(place.iterdir()) if _stem(path) in NETWORK_FILES]
    written = sorted(draft.iterdir())
    for path in written:
        path.replace(place / path.name)
    kept = {path.name for path in written}
    for path in stale:
        if path.name not in kept:
            path.unlink()


def _as_csv(name: str, table: pl.DataFrame) -> pl.DataFrame:
    """``table`` with every cell as its file holds it; unused effective dates are left out."""
    spec = NETWORK_FILES[name]
    own = {column.name for column in spec.columns}
    columns = [
        column for column in spec.schema if column in own or table[column].null_count() < len(table)
    ]
    if table.is_empty():
        return empty(spec.schema).select(pl.col(columns).cast(pl.String))
    return table.select(_cell(table.schema[column], column) for column in columns)


def _cell(dtype: pl.DataType, name: str) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        return column.list.join(";")
    if dtype == pl.Time:
        seconds = column.dt.second() != 0
        return (
            pl.when(seconds)
            .then(column.dt.to_string("%H:%M:%S"))
            .otherwise(column.dt.to_string("%H:%M"))
        )
    if dtype == pl.Boolean:
        return column.cast(pl.Int8)
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    return column


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot write {path}: {error.strerror or error}", remedy="choose another place"
    )
