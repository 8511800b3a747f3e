"""The run folder: everything a plan is, written whole or not at all.

A run is written into a hidden folder beside its place and renamed when it is complete. An
interrupt, a crash or a kill leaves the place as it was: empty, or with the run before.
"""

from __future__ import annotations

import glob
import json
import os
import platform
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import polars as pl

from crossdock.model import InputUnusableError, Network, NotFoundError, UsageError
from crossdock.model.network import NETWORK_FILES
from crossdock.model.tables import REJECTS, RUN_TABLES, conform

MANIFEST = "manifest.json"
NETWORK = "network"
PLAN = "plan"
"""Where a run that is played puts its tables as planned."""
RUN_NOTE = "run.json"
"""What a run was asked for, in its folder from its first moment on."""
FORMAT = "crossdock-run-1"
_MEASURED_LIBRARIES = ("crossdock", "highspy", "numba", "numpy", "polars", "pyvrp")


@dataclass(frozen=True)
class RunFolder:
    """A finished run on disk, for reading. Get one with `open`; write one with `create`."""

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """The run in ``path``.

        Raises
        ------
        NotFoundError
            There is no such folder.
        InputUnusableError
            The folder is not a run, or its manifest cannot be read.
        """
        if not path.is_dir():
            raise NotFoundError(f"no run folder {path}", remedy="make one: crossdock plan --out")
        return cls(path, _read_manifest(path))

    @staticmethod
    def recover(path: Path) -> None:
        """Bring back a run at ``path`` that was moved aside by one that was killed."""
        _clear_leftovers(path.resolve())

    @staticmethod
    @contextmanager
    def create(path: Path) -> Generator[RunDraft]:
        """Write a run that appears at ``path`` when the block ends well, else not at all.

        A run that is at ``path`` already stays until then and is replaced as a whole.

        Raises
        ------
        UsageError
            ``path`` is a file, or a folder with content that is not a run, or cannot be made.
        """
        place = path.resolve()
        check_place(place)
        _clear_leftovers(place)
        draft = RunDraft(_beside(place, "partial"))
        try:
            draft.path.mkdir(parents=True)
        except OSError as error:
            raise UsageError(
                f"cannot write {path}: {error.strerror}", remedy="choose another --out"
            ) from error
        try:
            yield draft
            _publish(draft.path, place)
        finally:
            shutil.rmtree(draft.path, ignore_errors=True)

    def read_table(self, name: str) -> pl.DataFrame:
        """Table ``name`` of the run.

        Raises
        ------
        NotFoundError
            The run has no such table.
        InputUnusableError
            Its file cannot be read, or is not what its schema promises.
        """
        path = self.path / f"{name}.parquet"
        if not path.is_file():
            raise NotFoundError(f"the run {self.path} has no table {name}", remedy="plan it again")
        frame = _read_parquet(path)
        return conform(frame, RUN_TABLES[name]) if name in RUN_TABLES else frame

    def read_tables(self) -> dict[str, pl.DataFrame]:
        """Every table of the run that `crossdock.model.tables.RUN_TABLES` knows, by name."""
        return {
            name: self.read_table(name)
            for name in RUN_TABLES
            if (self.path / f"{name}.parquet").is_file()
        }

    def read_plan(self) -> dict[str, pl.DataFrame]:
        """Tables as planned: those that a run which was played since has put aside, else all."""
        aside = self.path / PLAN
        if not aside.is_dir():
            return self.read_tables()
        return {
            name: conform(_read_parquet(aside / f"{name}.parquet"), schema)
            for name, schema in RUN_TABLES.items()
            if (aside / f"{name}.parquet").is_file()
        }

    def read_network(self) -> Network:
        """The network that the run was planned on, with what was assumed of it."""
        folder = self.path / NETWORK
        tables = {
            name: _read_parquet(folder / f"{name}.parquet")
            for name in NETWORK_FILES
            if (folder / f"{name}.parquet").is_file()
        }
        return Network.of(tables, tuple(self.manifest.get("assumptions", ())))

    def with_manifest(self, changes: Mapping[str, Any]) -> RunFolder:
        """The run with ``changes`` in its manifest, replaced in one step."""
        manifest = {**self.manifest, **changes}
        text = json.dumps(manifest, indent=2, sort_keys=True, allow_nan=False)
        replace_file(self.path / MANIFEST, text.encode())
        return RunFolder(self.path, manifest)

    def read_rejects(self) -> pl.DataFrame:
        """Order rows that were not planned."""
        return pl.read_csv(self.path / "rejects.csv", schema=pl.Schema(REJECTS))


@dataclass(frozen=True)
class RunDraft:
    """A run that is being written; ``path`` is its hidden folder."""

    path: Path

    def write_table(self, name: str, frame: pl.DataFrame) -> None:
        """Write ``frame`` as table ``name``, in the columns and types of its schema.

        A name that `crossdock.model.tables.RUN_TABLES` does not know is written as it is.

        Raises
        ------
        InvalidValueError
            The frame does not fit the schema.
        """
        if name in RUN_TABLES:
            frame = conform(frame, RUN_TABLES[name])
        frame.write_parquet(self.path / f"{name}.parquet", compression="zstd")

    def write_network(self, network: Network) -> None:
        """Keep the network in the run, so that it can be explained and compared on its own."""
        folder = self.path / NETWORK
        folder.mkdir(exist_ok=True)
        for name, frame in network.tables.items():
            frame.write_parquet(folder / f"{name}.parquet", compression="zstd")

    def write_rejects(self, rejects: pl.DataFrame) -> None:
        """Write the order rows that were not planned; without any, the header alone."""
        conform(rejects, REJECTS).write_csv(self.path / "rejects.csv")

    def write_text(self, name: str, text: str) -> None:
        """Write a UTF-8 file, with its folders: ``report.html``, ``manifests/x.csv``."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    def write_manifest(self, content: Mapping[str, Any]) -> None:
        """Write ``content`` with the format and the versions that made the run; keys sorted.

        Parameters
        ----------
        content
            Plain JSON data: seed, options, counts in and out, ``assumptions`` (sentences),
            ``stages`` (`StageMeter.as_records`).
        """
        manifest = {**content, "format": FORMAT, "versions": versions()}
        self.write_text(MANIFEST, json.dumps(manifest, indent=2, sort_keys=True, allow_nan=False))


def versions() -> dict[str, str]:
    """Versions of Crossdock, Python and the libraries that shape a plan."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in _MEASURED_LIBRARIES
    }


def replace_file(place: Path, content: bytes) -> None:
    """Write ``content`` at ``place`` in one step: a reader sees the old file or the new one."""
    draft = place.with_name(f".{place.name}.partial-{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Refuse a place where a run cannot appear, before any work is done for it.

    Raises
    ------
    UsageError
        ``path`` is a file, or a folder with content that is not a run.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file, not a folder", remedy="choose another --out")
    if path.is_dir() and any(path.iterdir()) and not _is_run(path):
        raise UsageError(
            f"{path} holds files that are not a run", remedy="choose a new or empty --out folder"
        )


def _is_run(path: Path) -> bool:
    if (path / RUN_NOTE).is_file():
        return True
    try:
        _read_manifest(path)
    except InputUnusableError:
        return False
    return True


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputUnusableError(
            f"{path} cannot be read: {str(error).splitlines()[0]}", remedy="plan it again"
        ) from error


def _read_manifest(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputUnusableError(
            f"{path} is not a run: its {MANIFEST} cannot be read", remedy="crossdock plan makes one"
        ) from error
    if not isinstance(content, dict) or cast("dict[str, Any]", content).get("format") != FORMAT:
        raise InputUnusableError(
            f"{path} is not a run of this Crossdock ({FORMAT})", remedy="plan it again"
        )
    return cast("dict[str, Any]", content)


def _beside(place: Path, kind: str) -> Path:
    return place.with_name(f".{place.name}.{kind}-{os.getpid()}")


def _publish(draft: Path, place: Path) -> None:
    """Put ``draft`` at ``place``; a run that is there makes way, and comes back if that fails."""
    if not place.exists():
        draft.rename(place)
        return
    previous = _beside(place, "previous")
    place.rename(previous)
    try:
        draft.rename(place)
    except BaseException:
        previous.rename(place)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _clear_leftovers(place: Path) -> None:
    """Clean up after runs that were killed: drop their drafts, bring back the run they moved."""
    for leftover in sorted(place.parent.glob(f".{glob.escape(place.name)}.*-*")):
        kind, _, owner = leftover.name.removeprefix(f".{place.name}.").partition("-")
        if kind not in ("partial", "previous") or not owner.isdigit() or _is_alive(int(owner)):
            continue
        if kind == "previous" and not place.exists():
            leftover.rename(place)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
