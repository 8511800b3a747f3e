"""What a run was asked for, kept in its folder from the first moment, so that it can go on."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from crossdock.model import InputUnusableError, NotFoundError
from crossdock.platform.planning import PlanRequest
from crossdock.platform.store import RUN_NOTE

_FORMAT = "crossdock-run-note-1"


def note_text(request: PlanRequest) -> str:
    """``request`` as JSON, with absolute paths of what it reads."""
    cells = asdict(request)
    del cells["out"], cells["quiet"]
    for name in ("network_dir", "orders_file"):
        cells[name] = None if cells[name] is None else str(Path(cells[name]).resolve())
    cells["start_date"] = cells["start_date"] and cells["start_date"].isoformat()
    return json.dumps({"format": _FORMAT, "request": cells}, indent=2, sort_keys=True) + "\n"


def read_note(run_path: Path, *, quiet: bool, workers: int | None) -> PlanRequest:
    """The request of the run in ``run_path``.

    Raises
    ------
    NotFoundError
        There is no run that `run` began.
    InputUnusableError
        Its note cannot be read.
    """
    place = run_path / RUN_NOTE
    if not place.is_file():
        raise NotFoundError(
            f"{run_path} is no run that could go on", remedy="start one: crossdock run --out DIR"
        )
    try:
        return request_of(place.read_text(encoding="utf-8"), run_path, quiet=quiet, workers=workers)
    except (ValueError, KeyError, TypeError) as error:
        raise InputUnusableError(
            f"{place} cannot be read: {error}", remedy="start the run anew"
        ) from error


def request_of(
    text: str, run_path: Path, *, quiet: bool, workers: int | None = None
) -> PlanRequest:
    """The request that `note_text` wrote down.

    Raises
    ------
    ValueError, KeyError, TypeError
        ``text`` is no such note.
    """
    note = cast("dict[str, Any]", json.loads(text))
    cells = dict(note["request"])
    if note["format"] != _FORMAT:
        raise ValueError(note["format"])
    for name in ("network_dir", "orders_file"):
        cells[name] = Path(cells[name]) if cells[name] else None
    if cells["start_date"]:
        cells["start_date"] = dt.date.fromisoformat(cells["start_date"])
    if cells["orders_file"] is not None:
        cells["parcels"] = None
    if workers is not None:
        cells["workers"] = workers
    return PlanRequest(out=run_path, quiet=quiet, **cells)
