"""Matrices that were found before, in a folder: what was not asked for longest goes first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.streets import RoadMatrix
from crossdock.model import UsageError

Floats = NDArray[np.float64]

_FORMAT = "crossdock-matrix-1"
_SUFFIX = ".npy"
_DRAFT = ".partial"
_STALE_S = 3600.0
_GRID_DEGREES = 1e-7


@dataclass(frozen=True)
class MatrixStore:
    """Matrices by what they follow from.

    A file is written aside and renamed, never changed, so that any number of processes may read
    and write the same folder at once; a file that is broken counts as missing.

    Parameters
    ----------
    folder
        Made when it is first written to.
    most_bytes
        Of all matrices together.
    """

    folder: Path
    most_bytes: int = 2 * 1024**3

    def matrix(self, key: str, find: Callable[[], RoadMatrix]) -> RoadMatrix:
        """The matrix of ``key``: that of the folder, else found and kept."""
        kept = self.get(key)
        if kept is not None:
            return kept
        found = find()
        self.put(key, found)
        return found

    def get(self, key: str) -> RoadMatrix | None:
        """The matrix of ``key``, mapped into memory; None where there is none."""
        path = self._path(key)
        try:
            both = np.load(path, mmap_mode="r", allow_pickle=False)
            if both.ndim != 3 or len(both) != 2 or both.dtype != np.float32:
                raise ValueError("not a matrix of seconds and metres")
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        return RoadMatrix(both[0], both[1])

    def put(self, key: str, matrix: RoadMatrix) -> None:
        """Keep a matrix; one that is larger than the whole bound is not kept.

        Raises
        ------
        UsageError
            The folder cannot be written to.
        """
        both = np.stack([matrix.duration_s, matrix.distance_m]).astype(np.float32, copy=False)
        if both.nbytes > self.most_bytes:
            return
        path = self._path(key)
        draft = path.with_name(f".{key}-{uuid.uuid4().hex}{_DRAFT}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                np.save(file, both, allow_pickle=False)
            draft.replace(path)
        except OSError as error:
            raise UsageError(
                f"{self.folder} cannot be written to: {error.strerror}",
                remedy="name a folder that can be written to",
            ) from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        self._evict(path)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _evict(self, newest: Path) -> None:
        """Take away what was not asked for longest, and drafts that nobody finished."""
        held: list[tuple[float, int, Path]] = []
        for path in self.folder.iterdir():
            # Another process may take a file away at any moment.
            with contextlib.suppress(OSError):
                state = path.stat()
                if path.suffix == _DRAFT and time.time() - state.st_mtime > _STALE_S:
                    path.unlink(missing_ok=True)
                elif path.suffix == _SUFFIX:
                    held.append((state.st_mtime, state.st_size, path))
        total = sum(size for _, size, _ in held)
        for _, size, path in sorted(held):
            if total <= self.most_bytes:
                break
            if path != newest:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                total -= size


def matrix_key(*parts: str, places: Sequence[Floats]) -> str:
    """Key of a matrix.

    Parameters
    ----------
    parts
        All else that it follows from: version of a graph or address of a server, vehicle, limits.
    places
        Latitudes and longitudes of sources, targets; they count to a ten-millionth of a degree.
    """
    digest = hashlib.blake2b(digest_size=20)
    for part in (_FORMAT, *parts):
        digest.update(f"{len(part)}:{part};".encode())
    for column in places:
        cells = np.rint(np.asarray(column) / _GRID_DEGREES).astype("<i8")
        digest.update(f"{cells.shape};".encode())
        digest.update(np.ascontiguousarray(cells).data)
    return digest.hexdigest()
