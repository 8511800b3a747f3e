"""Tables of places and of speeds by the hour, as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads.streets import TRAFFIC_COLUMNS, Traffic, traffic_of, usual_traffic
from crossdock.model import InputUnusableError, InvalidValueError
from crossdock.platform.store import open_records

MOST_BYTES = 64 * 1024**2
MOST_PLACES = 5_000
"""Of one matrix: all pairs of them are 25 million rows."""
PLACE_COLUMNS = ("id", "latitude", "longitude")
USUAL = "usual"


@dataclass(frozen=True, eq=False)
class Places:
    """Places of a table.

    Attributes
    ----------
    degrees
        Latitudes and longitudes, (places, 2).
    """

    names: list[str]
    degrees: NDArray[np.float64]


def read_places(path: Path) -> Places:
    """Places of a CSV with the columns ``id, latitude, longitude``.

    Raises
    ------
    InputUnusableError
        The file, or a row of it, cannot be used.
    """
    names: list[str] = []
    degrees: list[tuple[float, float]] = []
    for number, row in _rows(path, PLACE_COLUMNS):
        try:
            latitude, longitude = float(row["latitude"]), float(row["longitude"])
        except ValueError:
            latitude = longitude = float("nan")
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise InputUnusableError(
                f"{path.name}, row {number}: {row['latitude']!r}, {row['longitude']!r} is no place",
                remedy="give degrees: latitude from -90 to 90, longitude from -180 to 180",
            )
        names.append(row["id"].strip())
        degrees.append((latitude, longitude))
        if len(names) > MOST_PLACES:
            raise InputUnusableError(
                f"{path.name} has more than {MOST_PLACES:,} places", remedy="split the table"
            )
    _check_names(path, names)
    return Places(names, np.array(degrees, dtype=np.float64).reshape(-1, 2))


def read_traffic(path: Path) -> Traffic:
    """Speeds by class of road and hour: a CSV, or ``usual`` for the plain week.

    Raises
    ------
    InputUnusableError
        The file, or a row of it, cannot be used.
    """
    if str(path) == USUAL:
        return usual_traffic()
    try:
        return traffic_of(row for _, row in _rows(path, TRAFFIC_COLUMNS))
    except InvalidValueError as error:
        raise InputUnusableError(f"{path.name}, {error}", remedy=error.remedy) from error


def _check_names(path: Path, names: list[str]) -> None:
    if not names:
        raise InputUnusableError(f"{path.name} has no places", remedy="give a row a place")
    if "" in names:
        raise InputUnusableError(
            f"{path.name}, row {names.index('') + 1}: the id is empty", remedy="give each an id"
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputUnusableError(
            f"{path.name}: the id {twice!r} is there twice", remedy="give each place its own id"
        )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Numbered rows by column; other columns are passed over."""
    with open_records(path, MOST_BYTES) as records:
        header = [name.strip() for name in records.header]
        missing = [name for name in columns if name not in header]
        if missing:
            raise InputUnusableError(
                f"{path.name} has no column {', '.join(missing)}",
                remedy=f"give a header with {', '.join(columns)}",
            )
        for number, record in enumerate(records, start=1):
            if not isinstance(record, list):
                raise InputUnusableError(
                    f"{path.name}, row {number}: {record.reason}", remedy=record.remedy
                )
            yield number, dict(zip(header, record, strict=True))
