"""Writes a folder of papers that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from crossdock.measure.handout import Paper
from crossdock.model import UsageError


def check_export(place: Path, receipt: str) -> None:
    """Refuse a place that holds something else than an earlier release.

    Raises
    ------
    UsageError
        ``place`` is a file, or a folder with content but no ``receipt``.
    """
    if place.exists() and not place.is_dir():
        raise UsageError(f"{place} is a file, not a folder", remedy="choose another --out")
    if place.is_dir() and any(place.iterdir()) and not (place / receipt).is_file():
        raise UsageError(
            f"{place} holds files that are not a release",
            remedy="choose a new or empty --out folder",
        )


def write_export(place: Path, papers: Iterable[Paper]) -> None:
    """Write ``papers`` beside ``place`` and move them there when all are written.

    Raises
    ------
    UsageError
        The folder cannot be written.
    """
    target = place.resolve()
    draft = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for paper in papers:
            path = draft / paper.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(paper.text, encoding="utf-8", newline="\n")
        _swap(draft, target)
    except OSError as error:
        raise UsageError(
            f"cannot write {place}: {error.strerror}", remedy="choose another --out"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, target: Path) -> None:
    """Put ``draft`` at ``target``; a release that is there comes back if that fails."""
    if not target.exists():
        draft.rename(target)
        return
    previous = target.with_name(f".{target.name}.previous-{os.getpid()}")
    target.rename(previous)
    try:
        draft.rename(target)
    except BaseException:
        previous.rename(target)
        raise
    shutil.rmtree(previous, ignore_errors=True)
