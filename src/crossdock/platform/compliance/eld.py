"""ELD files at the edge: bytes of a path, and logs as cases of the hours-of-service audit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from crossdock.comply.eld import MOST_BYTES, EldRead, read_eld
from crossdock.comply.hos import Timeline
from crossdock.model import InputUnusableError, UsageError
from crossdock.platform.store import replace_file

CYCLES = {7: "US_60_7", 8: "US_70_8"}
"""Rule sets by the days over which a carrier counts (App. A 7.36)."""


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file, and one more than ``most`` at the most.

    Raises
    ------
    InputUnusableError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise InputUnusableError(
            f"{path} cannot be read: {error.strerror}", remedy="check the path"
        ) from error


def read_eld_file(path: Path) -> EldRead:
    """An ELD output file.

    Raises
    ------
    InputUnusableError
        The file cannot be read, is too large or is none.
    """
    return read_eld(read_bytes(path))


def write_text(path: Path, text: str) -> None:
    """Write a file whole, or leave what is there.

    Raises
    ------
    UsageError
        The folder is missing or cannot be written to.
    """
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", remedy="name a file in a writable folder"
        ) from error


def case_of_log(case_id: str, timeline: Timeline, multiday_basis: int | None) -> dict[str, Any]:
    """A log as a case of ``crossdock hos audit``: local times of the home terminal.

    Where its clocks change within the log they have their offset, since an hour comes twice.
    """
    return {
        "id": case_id,
        "title": "",
        "source": "",
        "cycle": CYCLES.get(multiday_basis or 0, CYCLES[8]),
        "timezone": timeline.timezone,
        "segments": [
            {
                "status": each.activity,
                "start": _local(each.start_s, timeline),
                "end": _local(each.end_s, timeline),
            }
            for each in timeline.segments
        ],
    }


def _local(at_s: int, timeline: Timeline) -> str:
    local = dt.datetime.fromtimestamp(at_s, timeline.zone)
    return (local if _changes_clock(timeline) else local.replace(tzinfo=None)).isoformat()


def _changes_clock(timeline: Timeline) -> bool:
    """Whether the clocks of the home terminal change within a log."""
    offsets = {
        dt.datetime.fromtimestamp(at_s, timeline.zone).utcoffset()
        for at_s in (timeline.starts_s, timeline.ends_s)
    }
    return len(offsets) > 1
